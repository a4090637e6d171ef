package eth

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"sync"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger/pow"
)

const (
	// claimWindow is how many blocks back work can be claimed: the 8,191 of
	// EIP-2935 less some blocks for the transaction to get into one.
	claimWindow = 8_191 - 64
	// claimBatch is how many blocks one transaction claims.
	claimBatch = 32
)

// claims remembers which blocks need no second look.
type claims struct {
	mu      sync.Mutex // one Claim at a time
	scanned uint64     // all blocks below are final, and claimed as of a final block or another's
}

// Claimed is what a [Transactor.Claim] brought.
type Claimed struct {
	Blocks int
	Work   uint64 // expected hashes
}

// Claim finds the blocks with enough confirmations that the key's own account sealed
// within the claim window and that nobody has claimed yet, and claims their work. Call it now
// and then: work older than the window, 8,127 blocks, is lost. What was claimed
// before an error is returned with it.
func (t *Transactor) Claim(ctx context.Context) (Claimed, error) {
	t.claims.mu.Lock()
	defer t.claims.mu.Unlock()
	var total Claimed
	head, err := t.Head(ctx)
	if err != nil {
		return total, err
	}
	if head <= t.cfg.Confirmations {
		return total, nil
	}
	// One below what is confirmed: the estimate is made as if in the head itself.
	last := head - t.cfg.Confirmations - 1
	first := max(t.claims.scanned, head-min(head, claimWindow), 1)
	final, err := t.FinalBlock(ctx)
	if err != nil {
		return total, err
	}
	own, scanned, err := t.unclaimed(ctx, first, last, head, final)
	if err != nil {
		return total, err
	}
	for len(own) > 0 {
		batch := own[:min(claimBatch, len(own))]
		if err := t.claimBatch(ctx, batch, &total); err != nil {
			return total, err
		}
		own = own[len(batch):]
	}
	t.claims.scanned = scanned
	return total, nil
}

// unclaimed returns the headers of own blocks without a claim at head, and below
// which block none needs a second look: final is the last final block, and what comes
// after it, blocks and claims, may yet be replaced.
func (t *Transactor) unclaimed(ctx context.Context, first, last, head, final uint64) (own []*types.Header, scanned uint64, err error) {
	scanned = min(last, final) + 1
	err = t.headers(ctx, first, last, func(h *types.Header) error {
		if h.Coinbase != t.sender.from {
			return nil
		}
		claimed, err := t.claimedAt(ctx, h.Number, head)
		if err != nil {
			return err
		}
		if !claimed {
			own = append(own, h)
		} else if claimed, err = t.claimedAt(ctx, h.Number, final); err != nil && !errors.Is(err, ErrNoContract) {
			return err
		}
		if !claimed {
			scanned = min(scanned, h.Number.Uint64())
		}
		return nil
	})
	return own, scanned, err
}

func (c *Client) claimedAt(ctx context.Context, number *big.Int, block uint64) (bool, error) {
	claimed, err := call(ctx, c, c.cfg.Addresses.WorkBudget, block, c.budget.PackClaimed(number), c.budget.UnpackClaimed)
	if err != nil {
		return false, fmt.Errorf("reading the claim of block %s: %w", number, err)
	}
	return claimed, nil
}

func (t *Transactor) claimBatch(ctx context.Context, batch []*types.Header, total *Claimed) error {
	encoded := make([][]byte, len(batch))
	var sum Claimed
	for i, h := range batch {
		seal, err := pow.ParseSeal(h.Extra)
		if err != nil {
			return fmt.Errorf("block %s: %w", h.Number, err)
		}
		if encoded[i], err = rlp.EncodeToBytes(h); err != nil {
			return fmt.Errorf("encoding block %s: %w", h.Number, err)
		}
		sum.Blocks++
		sum.Work += seal.Difficulty
	}
	if err := t.ClaimHeaders(ctx, encoded...); err != nil {
		return err
	}
	total.Blocks += sum.Blocks
	total.Work += sum.Work
	return nil
}

// ClaimHeaders claims the work of the given blocks, all or none, for whoever
// sealed them. Each header is its RLP.
func (t *Transactor) ClaimHeaders(ctx context.Context, headers ...[]byte) error {
	input := t.budget.PackClaimMany(headers)
	if len(headers) == 1 {
		input = t.budget.PackClaim(headers[0])
	}
	if _, err := t.send(ctx, t.cfg.Addresses.WorkBudget, input); err != nil {
		return fmt.Errorf("claiming %d blocks: %w", len(headers), err)
	}
	return nil
}

// IsClaimed reports whether the work of a block was claimed, as of the last final
// block.
func (c *Client) IsClaimed(ctx context.Context, number uint64) (bool, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return false, err
	}
	return c.claimedAt(ctx, new(big.Int).SetUint64(number), block)
}
