package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// several is a reservation for three hospitals: 100, 200 and 300 of everything.
func (b *bench) several(request string, grant ledger.Hash, cumulative uint64) marketplace.Reservation {
	r := b.reservation(request, person("ada"), grant, 100, 100, cumulative)
	for i, dataset := range []string{"hospital-b", "hospital-c"} {
		n := int64(200 + 100*i)
		r.Ask.Also = append(r.Ask.Also, ledger.Asked{Provider: person("%s", dataset), Dataset: dataset, MaxWork: n})
		r.Takings = append(r.Takings, marketplace.Taking{Dataset: dataset, NanoRho: n, Allocation: 1000, Work: n})
	}
	return r
}

// An ask of several hospitals takes of each allocation, and its price in all, or nothing. What they answer is kept, the first of each.
func testSeveral(t *testing.T, b *bench) {
	ctx := t.Context()
	grant := b.study(t, "study")
	r := b.several("request", grant, 600)
	for name, edit := range map[string]func(*marketplace.Taking){
		"the last allocation": func(taking *marketplace.Taking) { taking.Allocation = 299 },
		"the last price":      func(taking *marketplace.Taking) { taking.Work = 301 },
	} {
		bad := b.several("request", grant, 600)
		edit(&bad.Takings[2])
		t.Run(name, func(t *testing.T) {
			b.refused(t, nil, func(ctx context.Context) error { _, err := b.Reserve(ctx, bad); return err })
		})
	}
	before := b.observe(t)
	for range 2 {
		e, err := b.Reserve(ctx, r)
		ok(t, err)
		equal(t, "entry", e, marketplace.Entry{AskHash: r.AskHash, Work: 600})
		ok(t, b.Cancel(ctx, r.Ask.RequestID))
		equal(t, "state after cancelling", b.observe(t), before)
	}
	b.refused(t, marketplace.ErrUnknownReceipt, func(ctx context.Context) error { _, err := b.Kept(ctx, r.Ask.RequestID); return err })
	b.refused(t, marketplace.ErrUnknownReceipt, func(ctx context.Context) error {
		return b.Keep(ctx, r.Ask.RequestID, 0, signedRelease(r.Ask.RequestID, 1))
	})
	_, err := b.Reserve(ctx, r)
	ok(t, err)
	first := signedRelease(r.Ask.RequestID, 1, 2)
	ok(t, b.Keep(ctx, r.Ask.RequestID, 1, first))
	ok(t, b.Keep(ctx, r.Ask.RequestID, 1, signedRelease(r.Ask.RequestID, 3, 4)))
	b.refused(t, marketplace.ErrUnknownReceipt, func(ctx context.Context) error { return b.Keep(ctx, r.Ask.RequestID, 3, first) })
	b.survives(t)
	kept, err := b.Kept(ctx, r.Ask.RequestID)
	ok(t, err)
	equal(t, "kept", kept, []marketplace.Kept{{Work: 100}, {Work: 200, Release: &first}, {Work: 300}})
}

// What is not answered is not paid for; what is refused is not taken of the allocation either.
func testPartial(t *testing.T, b *bench) {
	ctx := t.Context()
	grant := b.study(t, "study")
	r := b.several("request", grant, 600)
	_, err := b.Reserve(ctx, r)
	ok(t, err)
	rec, _ := receipt(t, r)
	rec.Statement.Missing = []ledger.Missing{{Provider: person("hospital-b"), State: ledger.MissingRefused}, {Provider: person("hospital-c"), State: ledger.MissingSlow}}
	for _, work := range []int64{-1, 601} {
		bad := rec
		bad.Statement.Work = work
		b.refused(t, nil, func(ctx context.Context) error {
			_, err := b.Complete(ctx, r.Ask.RequestID, bad, name("leaf"))
			return err
		})
	}
	rec.Statement.Work = 100
	leaf, err := rec.Leaf()
	ok(t, err)
	e, err := b.Complete(ctx, r.Ask.RequestID, rec, leaf)
	ok(t, err)
	equal(t, "entry", e, marketplace.Entry{AskHash: r.AskHash, Work: 100, Receipt: &rec})
	a, err := b.Account(ctx, person("ada"))
	ok(t, err)
	equal(t, "account", a, marketplace.Account{Drawn: 100})

	// All of the allocation of the one that refused is there again; of the slow one, which may have charged, it is not.
	next := b.several("next", grant, 700)
	next.Takings[0].NanoRho, next.Takings[1].NanoRho, next.Takings[2].NanoRho = 900, 1000, 700
	_, err = b.Reserve(ctx, next)
	ok(t, err)
	ok(t, b.Cancel(ctx, next.Ask.RequestID))
	next.Takings[2].NanoRho++
	b.refused(t, marketplace.ErrGrantBudget, func(ctx context.Context) error { _, err := b.Reserve(ctx, next); return err })
	b.survives(t)
}
