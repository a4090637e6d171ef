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

// Allow raises the spend allowance of the key's provider for a dataset: the privacy
// loss it may spend there in all, in nano-rho. The same again changes nothing.
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

// Allowance returns the privacy loss that a provider may spend at a dataset in all,
// in nano-rho. Any account of the provider names it, a retired one too.
func (c *Client) Allowance(ctx context.Context, provider ledger.Address, dataset string) (nanoRho int64, err error) {
	allowed, err := callFinal(ctx, c, c.cfg.Addresses.Anchors,
		c.anchors.PackAllowance(common.Address(provider), ledger.DatasetID(dataset)), c.anchors.UnpackAllowance)
	if err == nil && allowed > math.MaxInt64 {
		err = ErrRange
	}
	if err != nil {
		return 0, fmt.Errorf("reading the allowance of %s at %s: %w", provider, dataset, err)
	}
	return int64(allowed), nil
}
