package storetest

import (
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// testPast: a patient sees her documents, and the charges whose classes include hers
// as of their decision, whose end had not come and whose cost her cap allowed.
func testPast(t *testing.T, w *ward) {
	ctx := t.Context()
	w.policy(t, 1)
	w.enrol(t, 1, 2)
	strangerHasNoPast(t, w)
	cost := accountant.Cost{NanoRho: 40, Delta: 1}
	pay := func(name string, classes ...string) provider.Charged {
		c, err := w.Charge(ctx, w.request("%s", name), w.charge(t, cost, 2000, classes...))
		ok(t, err)
		return c
	}
	yes := w.event(1, "yes", 0)
	w.record(t, w.event(2, "no", 0), yes)
	first := pay("first", "yes")
	pay("of others", "no")
	capped := w.capped(1, "yes", 85, 10) // 40 lost; one more fits
	w.record(t, capped)
	second := pay("second", "yes", "no")
	pay("beyond her cap", "yes")
	ended := w.event(1, "no", 1500)
	w.record(t, ended)
	pay("after her end", "no")
	again := w.event(1, "no", 2500)
	w.record(t, again)
	last := pay("last", "no", "yes")

	exposure := func(c provider.Charged, name string, revision uint64, lost accountant.Cost) provider.Exposure {
		return provider.Exposure{Request: w.request("%s", name), AsOf: c.AsOf, At: 2000, Cost: cost, Policy: c.Policy, Revision: revision, Lost: lost, Grounds: c.Grounds}
	}
	two := exposure(second, "second", 2, accountant.Cost{NanoRho: 80, Delta: 2})
	two.Cap = &accountant.Cost{NanoRho: 85, Delta: 10}
	standing, err := w.Preference(ctx, key(1))
	ok(t, err)
	want := []provider.Exposure{exposure(first, "first", 1, cost), two, exposure(last, "last", 4, standing.Lost)}
	see := func(after uint64, want []provider.Exposure) {
		t.Helper()
		got, err := w.Exposures(ctx, key(1), after)
		ok(t, err)
		equal(t, "exposures", got, want)
		got, err = w.ExposuresOf(ctx, 1, after)
		ok(t, err)
		equal(t, "exposures by number", got, want)
	}
	see(0, want)
	see(first.AsOf, want[1:])
	see(last.AsOf, nil)
	see(1<<63, nil)
	got, err := w.History(ctx, key(1), 1)
	ok(t, err)
	equal(t, "history", len(got), 3)
	equal(t, "history", got[0], provider.PastPreference{Document: capped.Document, AsOf: second.AsOf, At: 1000})
	equal(t, "history", got[2].Document, again.Document)
	w.Store = w.reopen()
	see(0, want)
}

func strangerHasNoPast(t *testing.T, w *ward) {
	t.Helper()
	_, err := w.History(t.Context(), key(9), 0)
	same(t, err, provider.ErrNotEnrolled)
	_, err = w.Exposures(t.Context(), key(9), 0)
	same(t, err, provider.ErrNotEnrolled)
}
