package marketplace

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Receipt returns a receipt by request id, with the proof of its anchor once
// that is final; until then Anchor is nil ("pending").
func (m *Market) Receipt(ctx context.Context, request ledger.Hash) (ledger.Receipt, error) {
	e, err := m.answered(ctx, request)
	if err != nil {
		return ledger.Receipt{}, err
	}
	return m.withProof(ctx, e, 0)
}

// ReceiptFor is Receipt for a researcher whom the grant names that it was asked under, and for members of the study's committee; to
// others, whose business it is not that there is one, ErrUnknownReceipt. The headers of its anchor begin with the block whose number known is, 0 for
// the genesis block; nil: it comes without the proof of an anchor, included under the present root of the log.
func (m *Market) ReceiptFor(ctx context.Context, who ledger.Address, request ledger.Hash, known *uint64) (ledger.Receipt, error) {
	e, err := m.answered(ctx, request)
	if err != nil {
		return ledger.Receipt{}, err
	}
	if err := m.mayRead(ctx, who, e.Receipt.Statement.Ask.Grant); err != nil {
		return ledger.Receipt{}, err
	}
	if known == nil {
		return m.unproven(ctx, e)
	}
	return m.withProof(ctx, e, *known)
}

// answered is an ask that has its receipt; ErrUnknownReceipt.
func (m *Market) answered(ctx context.Context, request ledger.Hash) (Entry, error) {
	e, ok, err := m.cfg.Store.Entry(ctx, request)
	if err == nil && (!ok || e.Receipt == nil) {
		err = ErrUnknownReceipt
	}
	return e, err
}

// mayRead is ErrUnknownReceipt for whom the receipts of a grant are not.
func (m *Market) mayRead(ctx context.Context, who ledger.Address, grant ledger.Hash) error {
	hers, err := m.Named(ctx, grant, who)
	if err != nil || hers {
		return err
	}
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return err
	}
	if _, err = m.role(ctx, r, g, who); errors.Is(err, ErrUnknownGrant) {
		return ErrUnknownReceipt
	}
	return err
}

// unproven completes a stored receipt with its inclusion under the present root.
func (m *Market) unproven(ctx context.Context, e Entry) (_ ledger.Receipt, err error) {
	r := *e.Receipt
	r.Inclusion = ledger.LogProof{Log: m.log.ID(), Index: e.Index}
	if r.Inclusion.Size, _, err = m.cfg.Store.LogRoot(ctx); err != nil {
		return r, err
	}
	r.Inclusion.Path, r.Inclusion.Root, err = m.cfg.Store.Inclusion(ctx, r.Inclusion.Size, e.Index)
	return r, err
}

// withProof completes a stored receipt with its inclusion and its anchor.
func (m *Market) withProof(ctx context.Context, e Entry, known uint64) (_ ledger.Receipt, err error) {
	r := *e.Receipt
	r.Inclusion, r.Anchor, err = m.log.Prove(ctx, e.Index, known)
	return r, err
}

// Record writes to the chain what waits to be recorded, the root of the
// receipts log if it grew, vouchers to settle and steps of studies' reviews, and takes note
// of what has become final of it. It may be called again after any failure.
func (m *Market) Record(ctx context.Context) error {
	if err := m.known(ctx); err != nil {
		return err
	}
	return errors.Join(m.log.Anchor(ctx), m.settle(ctx), m.recordSteps(ctx))
}

// settle burns what vouchers promise, each by itself: one that the chain refuses
// must not hold up the others. Settled is what is burnt in a final block: until then
// each round sees to it that the chain still has it.
func (m *Market) settle(ctx context.Context) error {
	vouchers, err := m.cfg.Store.Unsettled(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, v := range vouchers {
		errs = append(errs, m.settleOne(ctx, v))
	}
	return errors.Join(errs...)
}

func (m *Market) settleOne(ctx context.Context, v SignedVoucher) error {
	burnt, err := m.cfg.Chain.Burnt(ctx, v.Voucher.Researcher, v.Voucher.Marketplace)
	if err != nil {
		return err
	}
	if burnt >= 0 && uint64(burnt) >= v.Voucher.Cumulative {
		return m.cfg.Store.SaveSettled(ctx, v.Voucher.Researcher, int64(v.Voucher.Cumulative))
	}
	return m.cfg.Chain.Settle(ctx, []SignedVoucher{v})
}

// Run calls Record every interval until ctx ends, and asks hospitals of which nothing was heard what they have. Failures are logged and
// tried again; no ask waits for them.
func (m *Market) Run(ctx context.Context, interval time.Duration) {
	var hearing sync.WaitGroup
	defer hearing.Wait()
	hearing.Go(func() {
		late := func(err error) { m.cfg.Log.WarnContext(ctx, "a hospital has not said what it has", "err", err) }
		if err := m.hear(ctx); err != nil && ctx.Err() == nil {
			late(err)
		}
		provider.Every(ctx, hearEvery, m.hear, late)
	})
	failed := func(err error) { m.cfg.Log.WarnContext(ctx, "recording on the chain", "err", err) }
	if err := m.known(ctx); err != nil && ctx.Err() == nil {
		failed(err)
	}
	provider.Every(ctx, interval, m.Record, failed)
}
