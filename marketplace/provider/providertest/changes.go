package providertest

import (
	"context"
	"errors"

	"github.com/medmarket/medmarket/ledger"
)

// errRefused is what contracts say to what is not so now.
var errRefused = errors.New("contract refused the change of a grant")

// change changes a grant as the contract does, which takes it of one that runs, or of one in the state from.
func (c *Chain) change(method string, document ledger.Hash, from ledger.GrantStatus, change func(*ledger.GrantRecord) bool) error {
	if err := c.Failing(method); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g, known := c.grants[document]
	running := g.Status == ledger.GrantActive || g.Status == ledger.GrantSuspended
	if !known || !running || from != 0 && g.Status != from || !change(&g) {
		return errRefused
	}
	c.grants[document] = g
	return nil
}

// SuspendGrant implements [marketplace.Chain], as all that follow.
func (c *Chain) SuspendGrant(_ context.Context, document ledger.Hash, suspensions uint64, _ ledger.Signature) error {
	return c.change("SuspendGrant", document, ledger.GrantActive, func(g *ledger.GrantRecord) bool {
		right := g.Suspensions == suspensions
		g.Status, g.Suspensions = ledger.GrantSuspended, suspensions+1
		return right
	})
}

// ResumeGrant takes one signature for enough.
func (c *Chain) ResumeGrant(_ context.Context, document ledger.Hash, suspensions uint64, _ ledger.Signature) error {
	return c.change("ResumeGrant", document, ledger.GrantSuspended, func(g *ledger.GrantRecord) bool {
		g.Status = ledger.GrantActive
		return g.Suspensions == suspensions
	})
}

// RenewGrant takes one signature for enough.
func (c *Chain) RenewGrant(_ context.Context, document ledger.Hash, reviewBy int64, _ ledger.Signature) error {
	return c.change("RenewGrant", document, 0, func(g *ledger.GrantRecord) bool {
		later := reviewBy > g.ReviewBy && reviewBy <= g.Expiry && g.ReviewBy != 0
		g.ReviewBy = reviewBy
		return later
	})
}

// RevokeGrant implements [marketplace.Chain].
func (c *Chain) RevokeGrant(_ context.Context, document ledger.Hash, _ ledger.Signature) error {
	return c.change("RevokeGrant", document, 0, func(g *ledger.GrantRecord) bool {
		g.Status = ledger.GrantRevoked
		return true
	})
}

// CloseGrant implements [marketplace.Chain].
func (c *Chain) CloseGrant(_ context.Context, document, _ ledger.Hash, _ ledger.Signature) error {
	return c.change("CloseGrant", document, 0, func(g *ledger.GrantRecord) bool {
		g.Status = ledger.GrantClosed
		return true
	})
}

// Seal adds an empty block.
func (c *Chain) Seal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.block++
}

// Blocks are one a second, sealed by nobody.
func (c *Chain) Blocks(_ context.Context, before uint64, limit int) (all []ledger.Block, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.block + 1
	if before > 0 {
		end = min(end, before)
	}
	for n := end; n > 0 && len(all) < limit; n-- {
		all = append(all, ledger.Block{Number: n - 1, Time: int64(n - 1), Difficulty: 1 << 20})
	}
	return all, c.Failing("Blocks")
}
