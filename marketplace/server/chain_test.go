package server_test

import (
	"context"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// escrow is what every researcher has put into escrow, in expected hashes.
const escrow = 1 << 40

// chain is a chain in memory on which everything is final at once. It
// implements [marketplace.Chain].
type chain struct {
	*providertest.Chain

	mu     sync.Mutex
	writes int
	anchor marketplace.Anchor
}

func (c *chain) write(method string) error {
	if err := c.Failing(method); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	return nil
}

func (c *chain) written() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.writes
}

func (c *chain) Credit(context.Context, ledger.Address) (int64, error) { return 7, c.Failing("Credit") }

func (c *chain) Register(_ context.Context, p ledger.Participant) error {
	if err := c.write("Register"); err != nil {
		return err
	}
	c.Enter(p)
	return nil
}

func (c *chain) ApproveGrant(_ context.Context, g ledger.GrantRecord, _ ledger.Signature) error {
	if err := c.write("ApproveGrant"); err != nil {
		return err
	}
	g.Status = ledger.GrantActive
	c.Put(g)
	return nil
}

func (c *chain) SuspendGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error {
	if err := c.write("SuspendGrant"); err != nil {
		return err
	}
	return c.Chain.SuspendGrant(ctx, document, suspensions, sig)
}

func (c *chain) Burnt(context.Context, ledger.Address, ledger.Address) (int64, error) {
	return 0, c.Failing("Burnt")
}

func (c *chain) Settle(context.Context, []marketplace.SignedVoucher) error { return c.write("Settle") }

func (c *chain) Anchor(_ context.Context, _ string, size uint64, root ledger.Hash) (uint64, error) {
	if err := c.write("Anchor"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.anchor = marketplace.Anchor{Size: size, Root: root, Block: 1}
	return 1, nil
}

func (c *chain) FinalBlock(context.Context) (uint64, error) { return 1, c.Failing("FinalBlock") }

func (c *chain) AnchorRoot(_ context.Context, _ ledger.Hash, size uint64) (ledger.Hash, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.anchor.Size != size {
		return ledger.Hash{}, c.Failing("AnchorRoot")
	}
	return c.anchor.Root, c.Failing("AnchorRoot")
}

func (c *chain) AnchorProof(_ context.Context, _ ledger.Hash, size, _, known uint64) (ledger.AnchorProof, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return ledger.AnchorProof{Block: known}, c.anchor.Size == size, c.Failing("AnchorProof")
}

func (c *chain) AnchorProvable(ctx context.Context, log ledger.Hash, size uint64, block uint64) (bool, error) {
	_, provable, err := c.AnchorProof(ctx, log, size, block, 0)
	return provable, err
}
