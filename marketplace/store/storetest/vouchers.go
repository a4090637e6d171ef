package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// take reserves and, if asked to, completes.
func (b *bench) take(t tb, r marketplace.Reservation, complete bool) {
	t.Helper()
	_, err := b.Reserve(t.Context(), r)
	ok(t, err)
	if complete {
		rec, leaf := receipt(t, r)
		_, err = b.Complete(t.Context(), r.Ask.RequestID, rec, leaf)
		ok(t, err)
	}
}

// cumulative lists what is to settle, in the order of addresses.
func (b *bench) cumulative(t tb) map[ledger.Address]uint64 {
	t.Helper()
	all, err := b.Unsettled(t.Context())
	ok(t, err)
	out := map[ledger.Address]uint64{}
	for _, v := range all {
		out[v.Voucher.Researcher] = v.Voucher.Cumulative
	}
	equal(t, "one voucher for each researcher", len(out), len(all))
	return out
}

func testSettle(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada, bob, eve := b.study(t, "study"), person("ada"), person("bob"), person("eve")
	first := b.reservation("a1", ada, grant, 1, 10, 10)
	b.take(t, first, true)
	b.take(t, b.reservation("b1", bob, grant, 1, 7, 7), true)
	b.take(t, b.reservation("a2", ada, grant, 1, 5, 15), true)
	b.take(t, b.reservation("a3", ada, grant, 1, 5, 20), false) // not complete
	b.take(t, b.reservation("e1", eve, grant, 1, 5, 5), false)
	equal(t, "to settle", b.cumulative(t), map[ledger.Address]uint64{ada: 15, bob: 7})

	all, err := b.Unsettled(ctx)
	ok(t, err)
	for _, v := range all {
		if v.Voucher.Researcher == ada {
			want := marketplace.SignedVoucher{
				Voucher:   ledger.Voucher{Researcher: ada, Marketplace: person("market"), Cumulative: 15},
				Signature: signature("voucher a2 15"),
			}
			equal(t, "voucher", v, want)
		}
	}
	ok(t, b.SaveSettled(ctx, ada, 15))
	ok(t, b.SaveSettled(ctx, ada, 12)) // never falls
	equal(t, "to settle", b.cumulative(t), map[ledger.Address]uint64{bob: 7})
	a, err := b.Account(ctx, ada)
	ok(t, err)
	equal(t, "account", a, marketplace.Account{Drawn: 20, Settled: 15})

	stranger := person("stranger") // settled before this store knew of her, as after a restore
	ok(t, b.SaveSettled(ctx, stranger, 4))
	a, err = b.Account(ctx, stranger)
	ok(t, err)
	equal(t, "account", a, marketplace.Account{Settled: 4})
	b.refused(t, nil, func(ctx context.Context) error { return b.SaveSettled(ctx, person("nobody"), -1) })
	b.survives(t)
}

// A voucher above what is drawn must not be settled: the asks it summed up
// with are gone.
func testVouchersAfterCancel(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada := b.study(t, "study"), person("ada")
	gone := b.reservation("refused", ada, grant, 1, 10, 10)
	b.take(t, gone, false)
	b.take(t, b.reservation("answered", ada, grant, 1, 10, 20), true)
	ok(t, b.Cancel(ctx, gone.Ask.RequestID))
	equal(t, "to settle while 10 are drawn", b.cumulative(t), map[ledger.Address]uint64{})
	b.take(t, b.reservation("next", ada, grant, 1, 10, 20), false)
	equal(t, "to settle when 20 are drawn", b.cumulative(t), map[ledger.Address]uint64{ada: 20})
}

func testAnchors(t *testing.T, b *bench) {
	ctx := t.Context()
	_, found, err := b.LastAnchor(ctx)
	ok(t, err)
	equal(t, "found", found, false)

	grant := b.study(t, "study")
	anchors := map[uint64]marketplace.Anchor{}
	for i := range uint64(5) {
		b.take(t, b.reservation(string(rune('a'+i)), person("ada"), grant, 1, 1, i+1), true)
		size, root, err := b.LogRoot(ctx)
		ok(t, err)
		anchors[size] = marketplace.Anchor{Size: size, Root: root, Block: 100 + i}
	}
	ok(t, b.SaveAnchor(ctx, anchors[2]))
	ok(t, b.SaveAnchor(ctx, anchors[4]))
	for _, bad := range []marketplace.Anchor{
		anchors[1], anchors[3], anchors[4], // not rising
		{Size: 0, Root: ledger.HashBytes(nil), Block: 200},
		{Size: 6, Root: anchors[5].Root, Block: 200}, // longer than the log
		{Size: 5, Root: anchors[4].Root, Block: 200}, // another root
	} {
		b.refused(t, nil, func(ctx context.Context) error { return b.SaveAnchor(ctx, bad) })
	}
	for index, size := range []uint64{2, 2, 4, 4, 0, 0} {
		a, found, err := b.Covering(ctx, uint64(index))
		ok(t, err)
		equal(t, "found", found, size != 0)
		equal(t, "covering anchor", a, anchors[size])
	}
	last, found, err := b.LastAnchor(ctx)
	ok(t, err)
	equal(t, "found", found, true)
	equal(t, "last anchor", last, anchors[4])
	b.survives(t)
}
