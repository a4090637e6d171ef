package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func (w *ward) extent(t tb) provider.Extent {
	t.Helper()
	e, err := w.Extent(t.Context())
	ok(t, err)
	return e
}

// testExtent: what all charges cost is added up, and what was asked for never falls.
func testExtent(t *testing.T, w *ward) {
	w.policy(t, 1)
	equal(t, "at first", w.extent(t), provider.Extent{})
	for i, cost := range []accountant.Cost{{NanoRho: 30, Delta: 2}, {NanoRho: 4, NanoEpsilon: 5}} {
		_, err := w.Charge(t.Context(), w.request("charge %d", i), w.free(t, cost, 2000))
		ok(t, err)
	}
	_, err := w.Charge(t.Context(), name("charge 0"), w.free(t, accountant.Cost{NanoRho: 1}, 2000)) // again
	ok(t, err)
	for _, asked := range []ledger.Allowance{{NanoRho: 7, Delta: 8, NanoEpsilon: 9, Size: 64}, {NanoRho: 8, Size: 1}} {
		ok(t, w.AskAllowance(t.Context(), asked))
	}
	equal(t, "then", w.extent(t), provider.Extent{
		Used: ledger.Allowance{NanoRho: 34, Delta: 2, NanoEpsilon: 5, Size: 128}, Asked: ledger.Allowance{NanoRho: 8, Delta: 8, NanoEpsilon: 9, Size: 64},
	})
	equal(t, "used in a snapshot", w.snapshot(t).Used, accountant.Cost{NanoRho: 34, Delta: 2, NanoEpsilon: 5})
	w.survives(t)
}

// testRestore: G5, all that was allowed counts as spent, in every scope, to every class and so to every patient, and to whoever comes.
func testRestore(t *testing.T, w *ward) {
	ctx := t.Context()
	w.enrol(t, 1, 2)
	w.policy(t, 1)
	w.record(t, w.capped(1, "a", 1000, 500), w.event(2, "b", 0))
	_, err := w.Charge(ctx, w.request("before"), w.charge(t, accountant.Cost{NanoRho: 30, Delta: 2}, 2000, "a"))
	ok(t, err)
	allowed := ledger.Allowance{NanoRho: 100, Delta: 50, NanoEpsilon: 9, Size: 320}
	before := w.snapshot(t)

	missing, err := w.Restore(ctx, allowed, 3000)
	ok(t, err)
	lost := accountant.Cost{NanoRho: 70, Delta: 48, NanoEpsilon: 9}
	equal(t, "missing", missing, lost)
	after := w.snapshot(t)
	equal(t, "lost", []any{after.Lost, after.LostAt}, []any{lost, int64(3000)})
	equal(t, "scope", after.Scopes[scopeName].Spent, accountant.Cost{NanoRho: 100, Delta: 50})
	for i, c := range append(after.Classes, provider.Class{Odometer: after.Unasked}) {
		was := before.Unasked
		if i < len(before.Classes) {
			was = before.Classes[i].Odometer
		}
		equal(t, "class", c.Odometer, accountant.Cost{NanoRho: was.NanoRho + 70, Delta: was.Delta + 48})
	}
	s, err := w.Preference(ctx, key(1))
	ok(t, err)
	equal(t, "patient 1 has lost", s.Lost, nano(100, 50))
	e := w.extent(t)
	equal(t, "extent", e, provider.Extent{Used: ledger.Allowance{NanoRho: 100, Delta: 50, NanoEpsilon: 9, Size: 448}, Asked: allowed})
	w.log.size = uint64(e.Used.Size)
	for patient := range int64(2) { // the map and the odometers prove what they say, at every interval
		for asOf := uint64(64); asOf <= w.log.size; asOf += 64 {
			w.consent(t, patient+1, asOf)
		}
	}
	equal(t, "what patient 1 was in", len(w.exposed(t, 1)), 2)
	all, err := w.Decisions(ctx, 0, 0, 1<<40)
	ok(t, err)
	equal(t, "decisions", len(all), 1)

	again, err := w.Restore(ctx, allowed, 3001)
	ok(t, err)
	equal(t, "again", []any{again, w.extent(t)}, []any{accountant.Cost{}, e})

	// A scope that was not on record may have spent what was lost, or not.
	first := func(spent int64) func(provider.Snapshot) (provider.Charge, error) {
		return func(s provider.Snapshot) (provider.Charge, error) {
			c, err := w.free(t, accountant.Cost{NanoRho: 5}, 4000)(s)
			c.Scopes = map[string]accountant.Scope{"new": {Kind: accountant.GaussianOnly, Budget: accountant.Cost{NanoRho: 60}, Spent: accountant.Cost{NanoRho: spent}}}
			return c, err
		}
	}
	for _, spent := range []int64{4, 6, 60, 64, 75} { // all of 60 were lost
		w.refused(t, nil, func(ctx context.Context) error {
			_, err := w.Charge(ctx, w.request("new %d", spent), first(spent))
			return err
		})
	}
	_, err = w.Charge(ctx, w.request("new"), first(5))
	ok(t, err)
	w.survives(t)
}

func (w *ward) exposed(t tb, patient int64) []provider.Exposure {
	t.Helper()
	all, err := w.Exposures(t.Context(), key(patient), 0)
	ok(t, err)
	return all
}

// testMarketRestore: what is burnt counts as drawn, and whoever is not known has drawn what is said of her.
func testMarketRestore(t *testing.T, b *bench) {
	ctx := t.Context()
	grant, ada, bea, eve := b.study(t, "study"), person("ada"), person("bea"), person("eve")
	b.take(t, b.reservation("one", ada, grant, 1, 10, 10), true)
	b.take(t, b.reservation("two", bea, grant, 1, 10, 10), true)
	from, err := b.Origin(ctx)
	ok(t, err)
	equal(t, "origin at first", from, marketplace.Origin{Size: 2})
	all, err := b.Researchers(ctx)
	ok(t, err)
	equal(t, "researchers", len(all), 2)

	ok(t, b.Restore(ctx, map[ledger.Address]int64{ada: 40, bea: 5, eve: 7}, 9))
	from, err = b.Origin(ctx)
	ok(t, err)
	equal(t, "origin", from, marketplace.Origin{Ever: true, Size: 9})
	for who, want := range map[ledger.Address]marketplace.Account{ada: {Drawn: 40, Settled: 40}, bea: {Drawn: 10, Settled: 5}, eve: {}} {
		a, err := b.Account(ctx, who)
		ok(t, err)
		equal(t, "account", a, want)
	}
	size, _, err := b.LogRoot(ctx)
	ok(t, err)
	equal(t, "size of the log", size, uint64(9))
	r := b.reservation("three", eve, grant, 1, 10, 17)
	r.Burnt = 7
	b.take(t, r, true)
	a, err := b.Account(ctx, eve)
	ok(t, err)
	equal(t, "account of whom it did not know", a, marketplace.Account{Drawn: 17, Settled: 7})
	b.survives(t)
}
