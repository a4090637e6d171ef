package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

func testStudies(t *testing.T, b *bench) {
	ctx := t.Context()
	young := marketplace.Study{Request: document(2, "young"), CreatedAt: 20}
	old := marketplace.Study{Request: document(1, "old"), CreatedAt: 10}
	twin := marketplace.Study{Request: document(1, "twin of old"), CreatedAt: 10}
	for _, s := range []marketplace.Study{young, old, twin} {
		ok(t, b.file(t, s))
	}
	again := old
	again.CreatedAt, again.Request.Signature = 99, signature("somebody else")
	ok(t, b.file(t, again))
	_, err := b.Study(ctx, name("no study"))
	b.refused(t, marketplace.ErrUnknownGrant, func(context.Context) error { return err })
	b.refused(t, marketplace.ErrUnknownGrant, func(ctx context.Context) error {
		return b.SaveApproval(ctx, name("no study"), signature("committee"))
	})

	sig := signature("committee")
	ok(t, b.SaveApproval(ctx, young.Request.Hash(), sig))
	young.Approval = &sig
	got, err := b.Studies(ctx)
	ok(t, err)
	equal(t, "studies", got, []marketplace.Study{old, twin, young})
	one, err := b.Study(ctx, young.Request.Hash())
	ok(t, err)
	equal(t, "study", one, young)
	b.survives(t)
}

func testReserve(t *testing.T, b *bench) {
	grant, ada := b.study(t, "study"), person("ada")
	fits := b.reservation("first", ada, grant, 600, 600, 600)
	e, err := b.Reserve(t.Context(), fits)
	ok(t, err)
	equal(t, "entry", e, marketplace.Entry{AskHash: fits.AskHash, Work: 600})

	for _, c := range []struct {
		name string
		want error
		edit func(*marketplace.Reservation)
	}{
		{"no such study", marketplace.ErrUnknownGrant, func(r *marketplace.Reservation) { r.Ask.Grant = name("no study") }},
		{"one nano-rho too many", marketplace.ErrGrantBudget, func(r *marketplace.Reservation) { r.Takings[0].NanoRho = 401 }},
		{"a lower allocation", marketplace.ErrGrantBudget, func(r *marketplace.Reservation) { r.Takings[0].Allocation = 999 }},
		{"one hash too many", marketplace.ErrNoCredit, func(r *marketplace.Reservation) { r.Takings[0].Work, r.Voucher.Cumulative = 401, 1001 }},
		{"a lower escrow", marketplace.ErrNoCredit, func(r *marketplace.Reservation) { r.Escrow = 999 }},
		{"budget before credit", marketplace.ErrGrantBudget, func(r *marketplace.Reservation) { r.Takings[0].NanoRho, r.Takings[0].Work = 401, 401 }},
		{"voucher too low", marketplace.ErrVoucher, func(r *marketplace.Reservation) { r.Voucher.Cumulative = 999 }},
		{"voucher too high", marketplace.ErrVoucher, func(r *marketplace.Reservation) { r.Voucher.Cumulative = 1001 }},
		{"voucher beyond int64", marketplace.ErrVoucher, func(r *marketplace.Reservation) { r.Voucher.Cumulative = 1 << 63 }},
		{"voucher of another", marketplace.ErrVoucher, func(r *marketplace.Reservation) { r.Voucher.Researcher = person("bob") }},
		{"negative cost", nil, func(r *marketplace.Reservation) { r.Takings[0].NanoRho = -1 }},
		{"negative price", nil, func(r *marketplace.Reservation) { r.Takings[0].Work, r.Voucher.Cumulative = -1, 599 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := b.reservation("second", ada, grant, 400, 400, 1000)
			c.edit(&r)
			b.refused(t, c.want, func(ctx context.Context) error { _, err := b.Reserve(ctx, r); return err })
		})
	}

	_, err = b.Reserve(t.Context(), b.reservation("second", ada, grant, 400, 400, 1000)) // to the last unit
	ok(t, err)
	other := b.reservation("elsewhere", person("bob"), grant, 1000, 5, 5) // each dataset has its own allocation
	other.Takings[0].Dataset = "hospital-b"
	_, err = b.Reserve(t.Context(), other)
	ok(t, err)
	b.survives(t)
}

func testReserveAgain(t *testing.T, b *bench) {
	r := b.reservation("request", person("ada"), b.study(t, "study"), 700, 700, 700)
	first, err := b.Reserve(t.Context(), r)
	ok(t, err)
	before := b.observe(t)
	again, err := b.Reserve(t.Context(), r) // neither budget nor voucher would fit a second time
	ok(t, err)
	equal(t, "entry", again, first)
	equal(t, "state", b.observe(t), before)

	r.AskHash = name("another ask")
	b.refused(t, marketplace.ErrRequestReused, func(ctx context.Context) error { _, err := b.Reserve(ctx, r); return err })
}

func testCancel(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada := b.study(t, "study"), person("ada")
	before := b.observe(t)
	ok(t, b.Cancel(ctx, name("never reserved")))
	equal(t, "state", b.observe(t), before)

	r := b.reservation("request", ada, grant, 1000, 1000, 1000)
	for range 3 { // all of both budgets, given back each time
		_, err := b.Reserve(ctx, r)
		ok(t, err)
		ok(t, b.Cancel(ctx, r.Ask.RequestID))
		_, found, err := b.Entry(ctx, r.Ask.RequestID)
		ok(t, err)
		equal(t, "found after cancelling", found, false)
		a, err := b.Account(ctx, ada)
		ok(t, err)
		equal(t, "account", a, marketplace.Account{})
	}

	_, err := b.Reserve(ctx, r)
	ok(t, err)
	rec, leaf := receipt(t, r)
	_, err = b.Complete(ctx, r.Ask.RequestID, rec, leaf)
	ok(t, err)
	before = b.observe(t)
	ok(t, b.Cancel(ctx, r.Ask.RequestID))
	equal(t, "a complete ask", b.observe(t), before)
	b.survives(t)
}

func testComplete(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada := b.study(t, "study"), person("ada")
	var leaves []ledger.Hash
	for i := range 9 {
		r := b.reservation(string(rune('a'+i)), ada, grant, 1, 1, uint64(i+1))
		_, err := b.Reserve(ctx, r)
		ok(t, err)
		rec, leaf := receipt(t, r)
		e, err := b.Complete(ctx, r.Ask.RequestID, rec, leaf)
		ok(t, err)
		leaves = append(leaves, leaf)
		want := marketplace.Entry{AskHash: r.AskHash, Work: 1, Receipt: &rec, Index: uint64(i)}
		equal(t, "entry", e, want)
		same, err := e.Receipt.Leaf()
		ok(t, err)
		equal(t, "leaf of the stored receipt", same, leaf)

		before := b.observe(t)
		changed := rec
		changed.Statement.Time++
		e, err = b.Complete(ctx, r.Ask.RequestID, changed, name("another leaf"))
		ok(t, err)
		equal(t, "entry again", e, want)
		equal(t, "state", b.observe(t), before)
	}
	b.refused(t, marketplace.ErrUnknownReceipt, func(ctx context.Context) error {
		_, err := b.Complete(ctx, name("never reserved"), ledger.Receipt{Statement: ledger.Statement{Plan: []byte("{}")}}, name("leaf"))
		return err
	})
	b.survives(t)
	proveAll(t, b, leaves)
}

// proveAll proves every leaf under every root.
func proveAll(t *testing.T, b *bench, leaves []ledger.Hash) {
	t.Helper()
	size, last, err := b.LogRoot(t.Context())
	ok(t, err)
	equal(t, "size of the log", size, uint64(len(leaves)))
	for n := uint64(1); n <= size; n++ {
		for i := range n {
			path, root, err := b.Inclusion(t.Context(), n, i)
			ok(t, err)
			inclusion(t, n, i, path, root, leaves[i])
			if n == size {
				equal(t, "root", root, last)
			}
		}
	}
	for _, c := range [][2]uint64{{0, 0}, {size, size}, {size + 1, 0}, {1 << 63, 0}} {
		if _, _, err := b.Inclusion(t.Context(), c[0], c[1]); err == nil {
			t.Errorf("proved leaf %d of %d in a log of %d", c[1], c[0], size)
		}
	}
}
