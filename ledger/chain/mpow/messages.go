package mpow

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
)

// Name and Version are what peers negotiate.
const (
	Name    = "mpow"
	Version = 1
)

// Codes of the messages.
const (
	StatusCode uint64 = iota
	AnnounceCode
	GetHeadersCode
	HeadersCode
	GetBodiesCode
	BodiesCode
	VotesCode
	GetLinksCode
	LinksCode
	Codes // how many there are
)

// Bounds of the messages.
const (
	// MaxLocator is the most hashes in a GetHeaders.
	MaxLocator = 64
	// MaxHeaders is the most headers in one answer. A shorter answer is the end of
	// what the peer has.
	MaxHeaders = 512
	// MaxBodies is the most hashes in a GetBodies.
	MaxBodies = 128
	// SoftBodies is the size in bytes after which a sender of Bodies stops, whole
	// bodies counted. A shorter answer that is also smaller withholds something.
	SoftBodies = 1 << 20
	// MaxVotes is the most votes in a Votes.
	MaxVotes = 64
	// MaxLinkVotes is the most votes in a Links: four links of as many signers as there
	// may be.
	MaxLinkVotes = 1024
	// maxBlock is what EIP-7934 allows an encoded block, in bytes.
	maxBlock = 8 << 20
	// maxWork bounds a claim of work, in bits. Real sums stay far below.
	maxWork = 128
)

// ErrMessage refuses a message; the text says why.
var ErrMessage = errors.New("mpow message")

// Message is one of the message types of this package, by pointer.
type Message interface {
	// Code is the message's code in the protocol.
	Code() uint64
	// check looks at what the types leave open.
	check() error
}

// Status opens the conversation.
type Status struct {
	Genesis common.Hash
	Rule    []byte // extraData of the genesis header, 32 bytes
	// Finality is a hash of who signs first and how far apart checkpoints are; zero
	// where nobody signs.
	Finality  common.Hash
	Head      common.Hash
	Work      *big.Int // of the chain up to the head, in expected hashes
	Justified uint64   // number of the highest justified checkpoint
}

// Announce says that the sender has a new head.
type Announce struct {
	Header *types.Header
	Work   *big.Int // of the chain up to and with Header, in expected hashes
	// Justified is the number of the highest justified checkpoint.
	Justified uint64
}

// GetHeaders asks for the headers, ascending, of the receiver's canonical chain
// after the first block of Locator that is on it.
type GetHeaders struct {
	ID      uint64 // repeated in the answer
	Locator []common.Hash
}

// Headers answers a GetHeaders. None means that no block of the locator is known,
// or that nothing follows it.
type Headers struct {
	ID      uint64
	Headers []*types.Header
}

// GetBodies asks for the bodies of blocks.
type GetBodies struct {
	ID     uint64
	Hashes []common.Hash
}

// Body is a block without its header.
type Body struct {
	Transactions []*types.Transaction
	Withdrawals  []*types.Withdrawal
}

// Bodies answers a GetBodies.
type Bodies struct {
	ID     uint64
	Bodies []Body
}

// Votes are votes that the sender counts since a short while. Unasked.
type Votes struct {
	Votes []ledger.SignedCheckpointVote
}

// GetLinks asks for the votes that justified the checkpoints of the receiver's chain
// whose numbers are above After.
type GetLinks struct {
	ID    uint64
	After uint64
}

// Links answers a GetLinks: the votes by ascending target, those for one target all
// or none.
type Links struct {
	ID    uint64
	Votes []ledger.SignedCheckpointVote
}

// Code implements Message.
func (*Status) Code() uint64 { return StatusCode }

// Code implements Message.
func (*Announce) Code() uint64 { return AnnounceCode }

// Code implements Message.
func (*GetHeaders) Code() uint64 { return GetHeadersCode }

// Code implements Message.
func (*Headers) Code() uint64 { return HeadersCode }

// Code implements Message.
func (*GetBodies) Code() uint64 { return GetBodiesCode }

// Code implements Message.
func (*Bodies) Code() uint64 { return BodiesCode }

// Code implements Message.
func (*Votes) Code() uint64 { return VotesCode }

// Code implements Message.
func (*GetLinks) Code() uint64 { return GetLinksCode }

// Code implements Message.
func (*Links) Code() uint64 { return LinksCode }

func (m *Status) check() error {
	if len(m.Rule) != 32 {
		return fmt.Errorf("rule of %d bytes", len(m.Rule))
	}
	return checkWork(m.Work)
}

func (m *Announce) check() error {
	if m.Header == nil || m.Header.Number == nil {
		return errors.New("no header")
	}
	return checkWork(m.Work)
}

func (m *GetHeaders) check() error {
	if len(m.Locator) == 0 || len(m.Locator) > MaxLocator {
		return fmt.Errorf("locator of %d hashes", len(m.Locator))
	}
	return nil
}

func (m *Headers) check() error {
	if len(m.Headers) > MaxHeaders {
		return fmt.Errorf("%d headers", len(m.Headers))
	}
	for i, h := range m.Headers {
		if h == nil || h.Number == nil {
			return fmt.Errorf("header %d is missing", i)
		}
	}
	return nil
}

func (m *GetBodies) check() error {
	if len(m.Hashes) == 0 || len(m.Hashes) > MaxBodies {
		return fmt.Errorf("%d hashes", len(m.Hashes))
	}
	return nil
}

func (m *Bodies) check() error {
	if len(m.Bodies) > MaxBodies {
		return fmt.Errorf("%d bodies", len(m.Bodies))
	}
	for i, b := range m.Bodies {
		for _, tx := range b.Transactions {
			if tx == nil || tx.BlobTxSidecar() != nil {
				return fmt.Errorf("body %d holds a blob or nothing", i)
			}
		}
		for _, w := range b.Withdrawals {
			if w == nil {
				return fmt.Errorf("body %d holds nothing", i)
			}
		}
	}
	return nil
}

func (m *Votes) check() error {
	if len(m.Votes) == 0 || len(m.Votes) > MaxVotes {
		return fmt.Errorf("%d votes", len(m.Votes))
	}
	return nil
}

func (m *GetLinks) check() error { return nil }

func (m *Links) check() error {
	if len(m.Votes) > MaxLinkVotes {
		return fmt.Errorf("%d votes", len(m.Votes))
	}
	return nil
}

func checkWork(w *big.Int) error {
	if w == nil || w.Sign() < 0 || w.BitLen() > maxWork {
		return fmt.Errorf("work of more than %d bits", maxWork)
	}
	return nil
}
