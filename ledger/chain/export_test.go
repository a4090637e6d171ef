package chain

import (
	"context"
	"errors"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger"
)

// Pool puts transactions into the pool, as a peer's message does, and waits until
// they may go into a block.
func (n *Node) Pool(txs []*types.Transaction) error {
	return errors.Join(n.eth.TxPool().Add(txs, true)...)
}

// Counted reports whether a vote is among those that wait for more.
func (n *Node) Counted(v ledger.SignedCheckpointVote) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.ballot.engine.Has(v)
}

// ErrStale is what a miner tries again after.
var ErrStale = errStale

// SealLate seals a block and lets something happen before it imports it.
func (m *Miner) SealLate(ctx context.Context, before func()) error {
	block, difficulty, err := m.candidate()
	if err != nil {
		return err
	}
	header, err := m.meter.Search(ctx, block.Header(), difficulty, m.cfg.Threads)
	if err != nil {
		return err
	}
	before()
	_, err = m.finish(block.WithSeal(header))
	return err
}
