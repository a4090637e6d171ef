package mpow

import (
	"fmt"
	"io"

	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rlp"
)

// kinds holds, by code, the most bytes a message may have, and an empty one. A
// header has less than 1 KiB, a hash 33 bytes, a vote less than 176.
var kinds = [Codes]struct {
	most uint32
	make func() Message
}{
	StatusCode:     {256, func() Message { return new(Status) }},
	AnnounceCode:   {1 << 11, func() Message { return new(Announce) }},
	GetHeadersCode: {MaxLocator*33 + 32, func() Message { return new(GetHeaders) }},
	HeadersCode:    {MaxHeaders << 10, func() Message { return new(Headers) }},
	GetBodiesCode:  {MaxBodies*33 + 32, func() Message { return new(GetBodies) }},
	BodiesCode:     {SoftBodies + maxBlock, func() Message { return new(Bodies) }},
	VotesCode:      {MaxVotes*176 + 32, func() Message { return new(Votes) }},
	GetLinksCode:   {32, func() Message { return new(GetLinks) }},
	LinksCode:      {MaxLinkVotes*176 + 32, func() Message { return new(Links) }},
}

// Read decodes what a peer sent. Refusals wrap [ErrMessage].
func Read(msg p2p.Msg) (Message, error) {
	if msg.Code >= Codes {
		return nil, fmt.Errorf("%w: unknown code %d", ErrMessage, msg.Code)
	}
	if most := kinds[msg.Code].most; msg.Size > most {
		return nil, fmt.Errorf("%w: code %d with %d bytes, the most is %d", ErrMessage, msg.Code, msg.Size, most)
	}
	payload := make([]byte, msg.Size)
	if _, err := io.ReadFull(msg.Payload, payload); err != nil {
		return nil, fmt.Errorf("%w: code %d: %w", ErrMessage, msg.Code, err)
	}
	return Decode(msg.Code, payload)
}

// Decode is Read for bytes in hand.
func Decode(code uint64, payload []byte) (Message, error) {
	if code >= Codes || uint64(len(payload)) > uint64(kinds[code].most) {
		return nil, fmt.Errorf("%w: code %d with %d bytes", ErrMessage, code, len(payload))
	}
	m := kinds[code].make()
	if err := rlp.DecodeBytes(payload, m); err != nil {
		return nil, fmt.Errorf("%w: code %d: %w", ErrMessage, code, err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%w: code %d: %w", ErrMessage, code, err)
	}
	return m, nil
}

// Write sends m and waits until it is written.
func Write(w p2p.MsgWriter, m Message) error { return p2p.Send(w, m.Code(), m) }
