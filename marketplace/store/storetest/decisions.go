package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// testDecisions: what a charge was decided on is kept as it was, whatever comes later.
func testDecisions(t *testing.T, w *ward) {
	ctx := t.Context()
	w.enrol(t, 1, 2)
	w.record(t, w.event(1, "a", 0), w.event(2, "b", 0))
	first := w.policy(t, 1)
	decided := func(as string, now int64, classes ...string) provider.Charged {
		t.Helper()
		c, err := w.Charge(ctx, w.request("%s", as), func(s provider.Snapshot) (provider.Charge, error) {
			c, err := w.charge(t, accountant.Cost{NanoRho: 30, Delta: 2}, now, classes...)(s)
			c.Decision, c.Salt, c.Grounds = name("decision %s", as), name("salt %s", as), []byte(as)
			return c, err
		})
		ok(t, err)
		equal(t, "what only Decision shows", []any{c.Salt, c.Grounds}, []any{ledger.Hash{}, []byte(nil)})
		return c
	}
	one := decided("one", 2000, "a")
	w.record(t, w.event(1, "c", 0)) // nobody is in a any more
	second := w.policy(t, 2)
	two := decided("two", 2001, "b", "c")
	w.record(t, w.event(2, "a", 0), w.event(1, "b", 0))

	d, err := w.Decision(ctx, name("one"))
	ok(t, err)
	one.Salt, one.Grounds = name("salt one"), []byte("one")
	equal(t, "charge", d.Charged, one)
	g, err := w.Grounds(ctx, name("one"))
	ok(t, err)
	one.Salt = ledger.Hash{}
	equal(t, "grounds", g, one)
	_, err = w.Grounds(ctx, name("none"))
	same(t, err, provider.ErrUnknownRequest)
	d.Before.Classes = charged(d.Before.Classes)
	equal(t, "before", d.Before, provider.Snapshot{
		AsOf: 64, LastEvent: 2, Policy: first, Classes: []provider.Class{{ID: 1}, {ID: 2}},
	})
	equal(t, "documents", d.Hashes, []ledger.Hash{name("a"), name("b")})
	d, err = w.Decision(ctx, name("two"))
	ok(t, err)
	equal(t, "classes before", charged(d.Before.Classes), []provider.Class{{ID: 1, Odometer: accountant.Cost{NanoRho: 30, Delta: 2}}, {ID: 2}, {ID: 3}})
	equal(t, "scopes before", d.Before.Scopes, one.Scopes)
	equal(t, "policy before", d.Before.Policy, second)
	_, err = w.Decision(ctx, name("three"))
	same(t, err, provider.ErrUnknownRequest)

	for _, c := range []struct {
		after       uint64
		from, until int64
		want        []provider.DecisionName
	}{
		{0, 0, 3000, []provider.DecisionName{{Request: name("one"), AsOf: one.AsOf, At: 2000}, {Request: name("two"), AsOf: two.AsOf, At: 2001}}},
		{one.AsOf, 0, 3000, []provider.DecisionName{{Request: name("two"), AsOf: two.AsOf, At: 2001}}},
		{0, 2000, 2001, []provider.DecisionName{{Request: name("one"), AsOf: one.AsOf, At: 2000}}},
		{two.AsOf, 0, 3000, nil},
	} {
		all, err := w.Decisions(ctx, c.after, c.from, c.until)
		ok(t, err)
		equal(t, "decisions", all, c.want)
	}
	w.survives(t)
}

// charged are classes whose odometers begin at zero.
func charged(classes []provider.Class) (all []provider.Class) {
	for _, c := range classes {
		all = append(all, provider.Class{ID: c.ID, Odometer: c.Charged()})
	}
	return all
}

// testRecommit: the root of every interval can be made again from what was recorded.
func testRecommit(t *testing.T, w *ward) {
	w.policy(t, 1)
	w.publish(t)
	w.enrol(t, 1, 2, 3)
	w.publish(t)
	w.record(t, w.event(1, "a", 0), w.capped(2, "b", 7, 1), w.event(1, "b", 9000))
	_, err := w.Charge(t.Context(), w.request("charge"), w.free(t, accountant.Cost{NanoRho: 3}, 2000, "b"))
	ok(t, err)
	w.record(t, w.event(2, "a", 0))
	w.publish(t)
	for asOf := uint64(consent.IntervalLeaves); asOf <= w.log.size; asOf += consent.IntervalLeaves {
		var seen []provider.PastMember
		root, err := w.Recommit(t.Context(), asOf, func(m provider.PastMember) error {
			seen = append(seen, m)
			return nil
		})
		ok(t, err)
		equal(t, "root", root, w.consent(t, 1, asOf).Checkpoint.MapRoot)
		equal(t, "preferences", len(seen), map[uint64]int{64: 0, 128: 0, 192: 2, 256: 2}[asOf])
	}
	stop := errors.New("seen enough")
	w.refused(t, stop, func(ctx context.Context) error {
		_, err := w.Recommit(ctx, 192, func(m provider.PastMember) error {
			if m.Class != name("b") || m.Until != 9000 && m.Cap == nil {
				t.Errorf("%+v", m)
			}
			return stop
		})
		return err
	})
	w.refused(t, provider.ErrNotReached, func(ctx context.Context) error { _, err := w.Recommit(ctx, 640, nil); return err })
}
