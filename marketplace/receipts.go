package marketplace

import (
	"context"
	"errors"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Receipt returns a receipt by request id, with the proof of its anchor once
// the anchor has its confirmations; until then Anchor is nil ("pending").
func (m *Market) Receipt(ctx context.Context, request ledger.Hash) (ledger.Receipt, error) {
	e, ok, err := m.cfg.Store.Entry(ctx, request)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if !ok || e.Receipt == nil {
		return ledger.Receipt{}, ErrUnknownReceipt
	}
	return m.withProof(ctx, e)
}

// withProof completes a stored receipt with its inclusion under an anchored
// root if there is one, else under the present root.
func (m *Market) withProof(ctx context.Context, e Entry) (ledger.Receipt, error) {
	r := *e.Receipt
	anchor, ok, err := m.cfg.Store.Covering(ctx, e.Index)
	if err != nil {
		return r, err
	}
	size := anchor.Size
	if !ok {
		if size, _, err = m.cfg.Store.LogRoot(ctx); err != nil {
			return r, err
		}
	}
	r.Inclusion = ledger.LogProof{Log: m.Log(), Index: e.Index, Size: size}
	if r.Inclusion.Path, r.Inclusion.Root, err = m.cfg.Store.Inclusion(ctx, size, e.Index); err != nil {
		return r, err
	}
	if !ok {
		return r, nil
	}
	proof, final, err := m.cfg.Chain.AnchorProof(ctx, m.Log(), size, anchor.Block)
	if err != nil || !final {
		return r, err
	}
	r.Anchor = &proof
	return r, nil
}

// Record writes to the chain what waits to be recorded: the root of the
// receipts log if it grew, and vouchers to settle. It may be called again
// after any failure.
func (m *Market) Record(ctx context.Context) error {
	return errors.Join(m.anchor(ctx), m.settle(ctx))
}

func (m *Market) anchor(ctx context.Context) error {
	size, root, err := m.cfg.Store.LogRoot(ctx)
	if err != nil {
		return err
	}
	last, _, err := m.cfg.Store.LastAnchor(ctx)
	if err != nil || size <= last.Size {
		return err
	}
	block, err := m.cfg.Chain.Anchor(ctx, ledger.LogReceipts, size, root)
	if err != nil {
		return err
	}
	return m.cfg.Store.SaveAnchor(ctx, Anchor{Size: size, Root: root, Block: block})
}

// settle burns what vouchers promise, each by itself: one that the chain refuses
// must not hold up the others.
func (m *Market) settle(ctx context.Context) error {
	vouchers, err := m.cfg.Store.Unsettled(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, v := range vouchers {
		err := m.cfg.Chain.Settle(ctx, []SignedVoucher{v})
		if err == nil {
			err = m.cfg.Store.SaveSettled(ctx, v.Voucher.Researcher, int64(v.Voucher.Cumulative))
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Run calls Record every interval until ctx ends. Failures are logged and
// tried again; no ask waits for them.
func (m *Market) Run(ctx context.Context, interval time.Duration) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := m.recordWithin(ctx, recordTimeout); err != nil && ctx.Err() == nil {
				m.cfg.Log.WarnContext(ctx, "recording on the chain", "err", err)
			}
		}
	}
}

// recordTimeout ends a wait for a transaction that no block takes, so that the
// next try sends it anew.
const recordTimeout = 5 * time.Minute

func (m *Market) recordWithin(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return m.Record(ctx)
}
