package eth

import (
	"context"
	"fmt"
	"math"

	"github.com/ethereum/go-ethereum/common"

	"github.com/medmarket/medmarket/ledger"
)

// Anchor records a root of the log of that kind that the key keeps, the one named
// [ledger.LogID], and returns the block of the transaction. Anchoring the newest
// root again changes nothing.
func (t *Transactor) Anchor(ctx context.Context, kind string, size uint64, root ledger.Hash) (block uint64, err error) {
	input := t.anchors.PackAnchor(ledger.LogKindHash(kind), size, root)
	receipt, err := t.send(ctx, t.cfg.Addresses.Anchors, input)
	if err != nil {
		return 0, fmt.Errorf("anchoring log %q at %d: %w", kind, size, err)
	}
	return receipt.BlockNumber.Uint64(), nil
}

// Allow raises one number of the allowance of the key's provider: of a dataset, the privacy
// loss it may spend there in all, in nano-rho; the others are [ledger.AllowanceNames]. The same again changes nothing.
func (t *Transactor) Allow(ctx context.Context, dataset string, nanoRho int64) error {
	if nanoRho < 0 {
		return fmt.Errorf("allowing %d at %s: %w", nanoRho, dataset, ErrRange)
	}
	input := t.anchors.PackAllow(ledger.DatasetID(dataset), uint64(nanoRho))
	if _, err := t.send(ctx, t.cfg.Addresses.Anchors, input); err != nil {
		return fmt.Errorf("allowing %d at %s: %w", nanoRho, dataset, err)
	}
	return nil
}

// Allowance returns what [Transactor.Allow] set, of a dataset the privacy loss that a provider may spend there in all,
// in nano-rho, as of the last final block. Any account of the provider names it, a retired one too.
func (c *Client) Allowance(ctx context.Context, provider ledger.Address, dataset string) (nanoRho int64, err error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return 0, err
	}
	return c.allowanceAt(ctx, provider, dataset, block)
}

func (c *Client) allowanceAt(ctx context.Context, provider ledger.Address, dataset string, block uint64) (nanoRho int64, err error) {
	allowed, err := call(ctx, c, c.cfg.Addresses.Anchors, block,
		c.anchors.PackAllowance(common.Address(provider), ledger.DatasetID(dataset)), c.anchors.UnpackAllowance)
	if err == nil && allowed > math.MaxInt64 {
		err = ErrRange
	}
	if err != nil {
		return 0, fmt.Errorf("reading the allowance of %s at %s: %w", provider, dataset, err)
	}
	return int64(allowed), nil
}

// RaiseAllowance raises the allowance of the key's provider at a dataset, by a transaction for each part of which the newest
// block has less.
func (t *Transactor) RaiseAllowance(ctx context.Context, dataset string, a ledger.Allowance) error {
	head, err := t.Head(ctx)
	if err != nil {
		return err
	}
	parts := a.Parts()
	for i, name := range ledger.AllowanceNames(dataset) {
		newest, err := t.allowanceAt(ctx, ledger.Address(t.sender.from), name, head)
		if err != nil {
			return err
		}
		if parts[i] <= newest {
			continue
		}
		if err := t.Allow(ctx, name, parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// FinalAllowance returns all parts of a provider's allowance at a dataset, as of the last final block.
func (c *Client) FinalAllowance(ctx context.Context, provider ledger.Address, dataset string) (ledger.Allowance, error) {
	block, err := c.FinalBlock(ctx)
	if err != nil {
		return ledger.Allowance{}, err
	}
	var parts [4]int64
	for i, name := range ledger.AllowanceNames(dataset) {
		if parts[i], err = c.allowanceAt(ctx, provider, name, block); err != nil {
			return ledger.Allowance{}, err
		}
	}
	return ledger.AllowanceOf(parts), nil
}

// NewestAnchor is the greatest size at which a log was anchored, as of the last final block; 0 if it was not.
func (c *Client) NewestAnchor(ctx context.Context, log ledger.Hash) (size uint64, err error) {
	size, err = callFinal(ctx, c, c.cfg.Addresses.Anchors, c.anchors.PackNewest(log), c.anchors.UnpackNewest)
	if err != nil {
		return 0, fmt.Errorf("reading the newest anchor of %s: %w", log, err)
	}
	return size, nil
}
