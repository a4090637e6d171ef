package pow

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"
)

// maxHeaderSize bounds one encoded header in bytes; real ones are below 700.
const maxHeaderSize = 1024

// Refusals of an encoded chain of headers.
var (
	ErrNoHeaders      = errors.New("no headers")
	ErrHeaderEncoding = errors.New("header encoding")
	ErrTrusted        = errors.New("first header is not the trusted one")
	ErrGenesisRule    = errors.New("genesis header was made for another difficulty rule")
)

// BlockError says which block of a chain of headers fails, and wraps the reason.
type BlockError struct {
	Index  int    // position in the given headers
	Number uint64 // block number: as decoded, or counted on from the first header
	Err    error
}

// Error names the block first.
func (e *BlockError) Error() string { return fmt.Sprintf("block %d: %v", e.Number, e.Err) }

// Unwrap returns the reason.
func (e *BlockError) Unwrap() error { return e.Err }

// Trusted names the header a verifier starts from: the genesis block, or a later
// block whose hash it got from someone it trusts.
type Trusted struct {
	Hash   common.Hash
	Number uint64
}

// VerifyHeaders checks consecutive headers in canonical RLP, of which the first
// must be the trusted one, with [VerifySeal] for each of the others. now is the
// verifier's clock in Unix seconds. It returns the decoded headers, or an error
// that wraps a [*BlockError] naming the block and the first fault.
//
// It does not say that these headers belong to the heaviest chain: a verifier
// wants enough work on top of the block it cares about.
func VerifyHeaders(rule Rule, trusted Trusted, headers [][]byte, now uint64) ([]*types.Header, error) {
	if err := rule.Validate(); err != nil {
		return nil, err
	}
	if len(headers) == 0 {
		return nil, ErrNoHeaders
	}
	chain := make([]*types.Header, 0, len(headers))
	var parentHash common.Hash
	for i, enc := range headers {
		h, err := DecodeHeader(enc)
		if err != nil {
			return nil, &BlockError{Index: i, Number: trusted.Number + uint64(i), Err: err}
		}
		hash := crypto.Keccak256Hash(enc)
		if i == 0 {
			err = verifyFirst(rule, trusted, h, hash)
		} else {
			err = verify(rule, chain[i-1], h, parentHash, hash, now)
		}
		if err != nil {
			return nil, &BlockError{Index: i, Number: trusted.Number + uint64(i), Err: err}
		}
		chain, parentHash = append(chain, h), hash
	}
	return chain, nil
}

func verifyFirst(rule Rule, trusted Trusted, h *types.Header, hash common.Hash) error {
	if hash != trusted.Hash {
		return fmt.Errorf("%w: hash %s, want %s", ErrTrusted, hash, trusted.Hash)
	}
	if err := checkShape(h); err != nil {
		return err
	}
	if h.Number.Uint64() != trusted.Number {
		return fmt.Errorf("%w: number %d, want %d", ErrTrusted, h.Number, trusted.Number)
	}
	if trusted.Number == 0 && !bytes.Equal(h.Extra, rule.Extra()) {
		return ErrGenesisRule
	}
	return nil
}

// DecodeHeader reads one header and refuses any encoding but the canonical one,
// so that the bytes and the header have the same hash.
func DecodeHeader(enc []byte) (*types.Header, error) {
	if len(enc) > maxHeaderSize {
		return nil, fmt.Errorf("%w: %d bytes, the most is %d", ErrHeaderEncoding, len(enc), maxHeaderSize)
	}
	h := new(types.Header)
	if err := rlp.DecodeBytes(enc, h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeaderEncoding, err)
	}
	again, err := rlp.EncodeToBytes(h)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeaderEncoding, err)
	}
	if !bytes.Equal(again, enc) {
		return nil, fmt.Errorf("%w: not canonical", ErrHeaderEncoding)
	}
	return h, nil
}
