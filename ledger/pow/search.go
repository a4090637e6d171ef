package pow

import (
	"context"
	"encoding"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"sync"
	"sync/atomic"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"
	"golang.org/x/crypto/sha3"
)

// keccakRate is how many bytes one permutation of Keccak-256 absorbs.
const keccakRate = 136

// batch is how many hashes a thread does between two looks at the stop flag:
// about a millisecond.
const batch = 1024

// sponge is what sha3.NewLegacyKeccak256 returns, the fastest Keccak-256 to be had
// here (make bench-ledger): its state can be saved, and its hash read without a copy.
type sponge interface {
	hash.Hash
	io.Reader
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// Search looks for a nonce that makes header meet its difficulty, with so many
// threads (at least 1). The header's extraData must be a [Seal] with difficulty
// and extra nonce set; sealers who share a coinbase need different extra nonces.
// It returns a sealed copy and the number of hashes done, also when ctx ends
// first, whose cause is then the error. No goroutine outlives the call, and an
// interrupted search loses nothing: every hash has the same chance.
func Search(ctx context.Context, header *types.Header, threads int) (*types.Header, uint64, error) {
	seal, err := ParseSeal(header.Extra)
	if err != nil {
		return nil, 0, err
	}
	tmpl, err := newTemplate(header, seal)
	if err != nil {
		return nil, 0, err
	}
	if ctx.Err() != nil {
		return nil, 0, context.Cause(ctx)
	}
	s := &searchers{template: tmpl, step: uint64(max(threads, 1))}
	defer context.AfterFunc(ctx, func() { s.stop.Store(true) })()
	var group sync.WaitGroup
	for t := range s.step {
		group.Go(func() { s.run(t) })
	}
	group.Wait()
	if failure := s.failure.Load(); failure != nil {
		return nil, s.hashes.Load(), fmt.Errorf("hashing: %w", *failure)
	}
	if !s.found.Load() {
		return nil, s.hashes.Load(), context.Cause(ctx)
	}
	sealed := types.CopyHeader(header)
	seal.Nonce = s.nonce.Load()
	sealed.Extra = seal.Bytes()
	return sealed, s.hashes.Load(), nil
}

// template is a header encoded once. The sponge has absorbed all whole blocks
// before the nonce; what a thread repeats is the tail.
type template struct {
	sponge []byte // marshalled state of the hash
	tail   []byte // encoding after the absorbed blocks
	nonce  int    // where the nonce starts in the tail
	target common.Hash
}

func newTemplate(header *types.Header, seal Seal) (*template, error) {
	enc, nonce, err := encode(header, seal)
	if err != nil {
		return nil, err
	}
	absorbed := nonce / keccakRate * keccakRate
	keccak := sha3.NewLegacyKeccak256().(sponge)
	keccak.Write(enc[:absorbed])
	state, err := keccak.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("saving the hash state: %w", err)
	}
	return &template{state, enc[absorbed:], nonce - absorbed, Target(seal.Difficulty)}, nil
}

// encode returns the header's RLP and the place of the nonce in it: the first
// byte that differs between two encodings whose nonces differ in every bit.
func encode(header *types.Header, seal Seal) (enc []byte, nonce int, err error) {
	h := types.CopyHeader(header)
	var encs [2][]byte
	for i, n := range []uint64{0, ^uint64(0)} {
		seal.Nonce = n
		h.Extra = seal.Bytes()
		if encs[i], err = rlp.EncodeToBytes(h); err != nil {
			return nil, 0, fmt.Errorf("encoding the header: %w", err)
		}
	}
	for encs[0][nonce] == encs[1][nonce] {
		nonce++
	}
	return encs[0], nonce, nil
}

// searchers share one search; thread t tries nonces t, t+step, t+2*step, ...
type searchers struct {
	*template
	step    uint64
	stop    atomic.Bool // set by the context or by whoever finds
	found   atomic.Bool
	nonce   atomic.Uint64 // valid once found
	hashes  atomic.Uint64
	failure atomic.Pointer[error]
}

func (s *searchers) run(nonce uint64) {
	tail := append([]byte(nil), s.tail...)
	keccak := sha3.NewLegacyKeccak256().(sponge)
	var hash common.Hash
	for !s.stop.Load() {
		for i := range uint64(batch) {
			binary.BigEndian.PutUint64(tail[s.template.nonce:], nonce)
			err := keccak.UnmarshalBinary(s.sponge)
			if err == nil {
				keccak.Write(tail)
				_, err = keccak.Read(hash[:])
			}
			if err != nil {
				s.failure.Store(&err)
				s.stop.Store(true)
				return
			}
			if hash.Cmp(s.target) <= 0 {
				s.hashes.Add(i + 1)
				s.stop.Store(true)
				if s.found.CompareAndSwap(false, true) {
					s.nonce.Store(nonce)
				}
				return
			}
			nonce += s.step
		}
		s.hashes.Add(batch)
	}
}
