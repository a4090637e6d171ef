package chain

import (
	"context"
	"errors"
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

// errIdle ends a session in which a peer had nothing for us although it claimed to.
var errIdle = errors.New("peer did not deliver the work it claims")

// follow brings in what the peer claims to have, for as long as it is more than we
// have.
func (p *peer) follow(ctx context.Context) error {
	for {
		select {
		case <-p.claims:
		case <-ctx.Done():
			return nil
		}
		if err := p.catchUp(ctx); err != nil {
			return err
		}
	}
}

func (p *peer) catchUp(ctx context.Context) error {
	for ctx.Err() == nil {
		c := p.claimed()
		if wanted, err := p.net.node.outweighed(c.work); err != nil || !wanted {
			return err
		}
		release, err := p.slot(ctx, c)
		if err != nil {
			return err
		}
		s := &session{peer: p, node: p.net.node, work: new(big.Int)}
		err = s.run(ctx, c)
		release()
		if ban, fault := faulty(err); fault && ctx.Err() == nil {
			return &offence{err, ban}
		}
		if s.work.Cmp(c.work) >= 0 || !p.forget(c) {
			continue
		}
		if err == nil {
			err = errIdle
		}
		if err := p.strike(err); err != nil {
			return err
		}
	}
	return nil
}

// slot waits until a session with the peer may begin. Peers of our own choice, and
// single blocks on a block we have, need not wait, so that strangers who dawdle
// cannot stop us.
func (p *peer) slot(ctx context.Context, c claim) (release func(), err error) {
	if p.conn.Trusted() || p.net.node.extends(c) {
		return func() {}, nil
	}
	select {
	case p.net.slots <- struct{}{}:
		return func() { <-p.net.slots }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// extends says whether the claimed head is announced and its parent ours.
func (n *Node) extends(c claim) bool {
	return c.header != nil && n.eth.BlockChain().HasHeader(c.header.ParentHash, c.header.Number.Uint64()-1)
}

// session brings in one claim: headers first, bodies once the headers outweigh our
// chain.
type session struct {
	*peer
	node   *Node
	work   *big.Int        // of the chain up to parent or the last of headers
	parent *types.Header   // before the first of headers
	fresh  []*types.Header // verified, their bodies still to be fetched
}

func (s *session) run(ctx context.Context, c claim) error {
	if s.node.extends(c) {
		if err := s.link([]*types.Header{c.header}); err != nil {
			return err
		}
		return s.bring(ctx)
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
			return nil
		}
		if s.parent == nil && !slices.Contains(locator, headers[0].ParentHash) {
			return offend(longBan, "headers do not follow the locator")
		}
		if err := s.link(headers); err != nil {
			return err
		}
		if enough, err := s.node.outweighed(s.work); err != nil {
			return err
		} else if enough {
			if err := s.bring(ctx); err != nil {
				return err
			}
		}
		if len(headers) < mpow.MaxHeaders {
			return nil
		}
		locator = []Hash{headers[len(headers)-1].Hash()}
	}
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
