package eth

import (
	"context"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
)

// lastFinal is which block the node last called final, and when it was asked. The zero value is ready for use.
type lastFinal struct {
	mu     sync.Mutex
	header *types.Header
	asked  time.Time // by the clock that only measures
}

// since is the block, if the node was asked at a time or later; else nil.
func (l *lastFinal) since(t time.Time) *types.Header {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked.Before(t) {
		return nil
	}
	return l.header
}

// note remembers what the node said when it was asked at a time. What is final never falls, in whichever order answers come.
func (l *lastFinal) note(h *types.Header, asked time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.header == nil || h.Number.Cmp(l.header.Number) >= 0 {
		l.header = h
	}
	if asked.After(l.asked) {
		l.asked = asked
	}
}

// maxSeen bounds what is remembered of one block.
const maxSeen = 4096

// seen is what contracts have said in the state after one block, by its hash: that does not change. It is forgotten when another
// block is asked about. The zero value is ready for use.
type seen struct {
	mu      sync.Mutex
	block   common.Hash
	outputs map[string][]byte // by contract and input
}

func (s *seen) get(block common.Hash, name string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.block != block {
		return nil, false
	}
	output, found := s.outputs[name]
	return output, found
}

func (s *seen) put(block common.Hash, name string, output []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.block != block || len(s.outputs) >= maxSeen {
		s.block, s.outputs = block, map[string][]byte{}
	}
	s.outputs[name] = output
}

// callFinal is call at the last final block, of which it asks the node once for the same view.
func callFinal[T any](ctx context.Context, c *Client, address ledger.Address, input []byte, unpack func([]byte) (T, error)) (T, error) {
	var zero T
	header, err := c.finalHeader(ctx)
	if err != nil {
		return zero, err
	}
	block, name := header.Hash(), string(address[:])+string(input)
	output, known := c.seen.get(block, name)
	if !known {
		if output, err = c.view(ctx, address, header.Number, input); err != nil {
			return zero, err
		}
		c.seen.put(block, name, output)
	}
	return unpack(output)
}

// view is what the contract at address says in the state after block; ErrNoContract.
func (c *Client) view(ctx context.Context, address ledger.Address, block *big.Int, input []byte) ([]byte, error) {
	output, err := c.cfg.Client.CallContract(ctx, ethereum.CallMsg{To: (*common.Address)(&address), Data: input}, block)
	if err != nil {
		return nil, explain(err)
	}
	if len(output) == 0 {
		return nil, fmt.Errorf("%w: %s in block %s", ErrNoContract, address, block)
	}
	return output, nil
}
