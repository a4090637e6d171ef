package chain

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/medmarket/medmarket/ledger/chain/mpow"
	"github.com/medmarket/medmarket/ledger/pow"
)

// maxFork bounds the headers held for a peer whose chain does not outweigh ours yet,
// about 1 KiB each. A longer fork is not followed.
const maxFork = 16_384

// session brings in one claim: headers first, bodies once the headers outweigh our
// chain.
type session struct {
	*peer
	node   *Node
	claim  claim
	work   *big.Int        // of the chain up to parent or the last of headers
	parent *types.Header   // before the first of headers
	fresh  []*types.Header // verified, their bodies still to be fetched
	gained bool            // votes of the peer led to something since barren was asked
}

func (s *session) run(ctx context.Context) error {
	if s.node.extends(s.claim) {
		if err := s.link([]*types.Header{s.claim.header}); err != nil {
			return err
		}
		return s.use(ctx)
	}
	locator := s.node.locator()
	for {
		m, err := s.ask(ctx, mpow.HeadersCode, func(id uint64) mpow.Message {
			return &mpow.GetHeaders{ID: id, Locator: locator}
		})
		if err != nil {
			return err
		}
		headers := m.(*mpow.Headers).Headers
		if len(headers) == 0 {
			return s.certify(ctx)
		}
		if s.parent == nil && !slices.Contains(locator, headers[0].ParentHash) {
			return offend(longBan, "headers do not follow the locator")
		}
		if err := s.link(headers); err != nil {
			return err
		}
		if err := s.use(ctx); err != nil {
			return err
		}
		if len(headers) < mpow.MaxHeaders {
			return nil
		}
		locator = []Hash{headers[len(headers)-1].Hash()}
	}
}

// use brings in the blocks of the headers in hand if they outweigh our chain, or as
// far as signers stand behind them.
func (s *session) use(ctx context.Context) error {
	heavy, err := s.heavy()
	if err == nil && !heavy && s.ahead() {
		heavy, err = s.prove(ctx)
	}
	if err != nil || !heavy {
		return err
	}
	if err := s.bring(ctx); err != nil {
		return err
	}
	return s.certify(ctx)
}

// heavy says whether the fork choice would take the last header.
func (s *session) heavy() (bool, error) {
	s.node.mu.Lock()
	justified := s.node.justified.Hash()
	follows := s.node.follows(s.parent)
	s.node.mu.Unlock()
	follows = follows || slices.ContainsFunc(s.fresh, func(h *types.Header) bool { return h.Hash() == justified })
	if !follows {
		return false, nil
	}
	return s.node.outweighed(s.work)
}

// link verifies headers as the continuation of what the session has.
func (s *session) link(headers []*types.Header) error {
	parent := s.parent
	if n := len(s.fresh); n > 0 {
		parent = s.fresh[n-1]
	}
	if parent == nil {
		var err error
		if parent, err = s.root(headers[0]); err != nil {
			return err
		}
		s.parent = parent
	}
	for _, h := range headers {
		if s.node.offPin(h) {
			return ErrCheckpoint
		}
		if err := pow.VerifySeal(s.node.genesis.Rule, parent, h, s.node.unix()); err != nil {
			return fmt.Errorf("%w: %d: %w", errHeader, h.Number, err)
		}
		s.work.Add(s.work, difficulty(h))
		s.fresh, parent = append(s.fresh, h), h
	}
	if len(s.fresh) > maxFork {
		return offend(shortBan, "a fork of more than %d blocks is too light to follow", maxFork)
	}
	return nil
}

// root is the block of ours that the first header stands on.
func (s *session) root(first *types.Header) (*types.Header, error) {
	if !first.Number.IsUint64() || first.Number.Sign() == 0 {
		return nil, fmt.Errorf("%w: %w", errHeader, pow.ErrNumber)
	}
	parent := s.node.eth.BlockChain().GetHeader(first.ParentHash, first.Number.Uint64()-1)
	if parent == nil {
		return nil, ErrUnknownParent
	}
	s.node.mu.Lock()
	descends := s.node.descends(parent)
	s.node.mu.Unlock()
	if !descends {
		return nil, ErrBelowFinal
	}
	work, err := s.node.work(parent)
	if err != nil {
		return nil, err
	}
	s.work.Set(work)
	return parent, nil
}

// bring fetches and imports the blocks of the verified headers.
func (s *session) bring(ctx context.Context) error {
	for len(s.fresh) > 0 {
		chunk := s.fresh[:min(len(s.fresh), mpow.MaxBodies)]
		blocks, err := s.known(ctx, chunk)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			if blocks, err = s.fetch(ctx, chunk); err != nil {
				return err
			}
		}
		s.parent, s.fresh = chunk[len(blocks)-1], s.fresh[len(blocks):]
	}
	return nil
}

// known imports the blocks at the start of chunk that are stored already. If the
// next block is on its way from another peer, it waits for that.
func (s *session) known(ctx context.Context, chunk []*types.Header) ([]*types.Block, error) {
	bc := s.node.eth.BlockChain()
	for {
		var blocks []*types.Block
		for _, h := range chunk {
			if !bc.HasBlockAndState(h.Hash(), h.Number.Uint64()) {
				break
			}
			blocks = append(blocks, bc.GetBlock(h.Hash(), h.Number.Uint64()))
		}
		if len(blocks) > 0 {
			return blocks, s.node.importAll(blocks)
		}
		busy := s.net.leases.on(chunk[0].Hash())
		if busy == nil {
			return nil, nil
		}
		if err := busy.wait(ctx); err != nil {
			return nil, err
		}
	}
}

// fetch asks for the bodies of chunk and imports what comes, at least one block.
func (s *session) fetch(ctx context.Context, chunk []*types.Header) ([]*types.Block, error) {
	hashes := make([]Hash, len(chunk))
	for i, h := range chunk {
		hashes[i] = h.Hash()
	}
	release := s.net.leases.take(hashes, time.Now().Add(s.net.timeout/4))
	defer release()
	m, err := s.ask(ctx, mpow.BodiesCode, func(id uint64) mpow.Message {
		return &mpow.GetBodies{ID: id, Hashes: hashes}
	})
	if err != nil {
		return nil, err
	}
	blocks, err := assemble(chunk, m.(*mpow.Bodies).Bodies)
	if err != nil {
		return nil, err
	}
	return blocks, s.node.importAll(blocks)
}

// assemble joins headers and bodies. The answer may be shorter than the question
// only if it is large.
func assemble(headers []*types.Header, bodies []mpow.Body) ([]*types.Block, error) {
	if len(bodies) > len(headers) {
		return nil, offend(longBan, "%d bodies for %d headers", len(bodies), len(headers))
	}
	blocks := make([]*types.Block, len(bodies))
	size := uint64(0)
	hasher := trie.NewStackTrie(nil)
	for i, b := range bodies {
		h := headers[i]
		if types.DeriveSha(types.Transactions(b.Transactions), hasher) != h.TxHash ||
			types.DeriveSha(types.Withdrawals(b.Withdrawals), hasher) != *h.WithdrawalsHash {
			return nil, offend(longBan, "body of block %d is another one's", h.Number)
		}
		withdrawals := b.Withdrawals
		if withdrawals == nil {
			withdrawals = []*types.Withdrawal{}
		}
		blocks[i] = types.NewBlockWithHeader(h).WithBody(types.Body{Transactions: b.Transactions, Withdrawals: withdrawals})
		size += blocks[i].Size()
	}
	if len(bodies) < len(headers) && size < mpow.SoftBodies {
		return nil, offend(shortBan, "%d bodies of %d, %d bytes", len(bodies), len(headers), size)
	}
	return blocks, nil
}
