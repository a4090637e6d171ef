package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

var errDecided = errors.New("decided against it")

func testCharge(t *testing.T, w *ward) {
	ctx, cost := t.Context(), accountant.Cost{NanoRho: 30, Delta: 2}
	w.refused(t, provider.ErrNoPolicy, func(ctx context.Context) error {
		_, err := w.Charge(ctx, w.request("too early"), w.charge(t, cost, 2000))
		return err
	})
	w.enrol(t, 1, 2, 3)
	w.record(t, w.event(1, "yes", 0), w.event(2, "no", 0), w.recordedEvent(9, "maybe", 0), w.event(3, "yes", 0))
	policy := w.policy(t, 1)

	s := w.snapshot(t)
	equal(t, "snapshot", s, provider.Snapshot{
		AsOf: 64, LastEvent: 4, Policy: policy,
		Classes: []provider.Class{begun(s, 1), begun(s, 2), begun(s, 3)},
	})
	equal(t, "documents", w.documents(t, s.Classes), []string{"yes", "no", "maybe"})

	request := w.request("first")
	c, err := w.Charge(ctx, request, w.charge(t, cost, 2000, "maybe", "yes"))
	ok(t, err)
	root := w.root(t)
	after := accountant.Scope{Kind: accountant.ZCDP, Budget: budget, Spent: cost}
	want := provider.Charged{
		Charge: provider.Charge{
			Ask: name("ask"), Cost: cost, Scopes: map[string]accountant.Scope{scopeName: after}, Classes: []provider.Permitted{permitted(s.Classes[0], cost), permitted(s.Classes[2], cost)},
			Policy: policy.Hash(), Now: 2000,
		},
		AsOf: 64, Root: root, MapRoot: w.consent(t, 1, 64).Checkpoint.MapRoot, LastEvent: 4,
	}
	equal(t, "charge", c, want)
	_, err = w.Charge(ctx, w.request("second"), w.charge(t, cost, 2001)) // no class at all
	ok(t, err)
	c, found, err := w.Charged(ctx, request)
	ok(t, err)
	equal(t, "found", found, true)
	equal(t, "charge on record", c, want) // its scopes are as they were then

	spent, err := w.Spent(ctx, scopeName)
	ok(t, err)
	equal(t, "spent", spent, accountant.Scope{Kind: accountant.ZCDP, Budget: budget, Spent: accountant.Cost{NanoRho: 60, Delta: 4}})
	equal(t, "scopes in the snapshot", w.snapshot(t).Scopes, map[string]accountant.Scope{scopeName: spent})
	for i, want := range []accountant.Cost{cost, {}, cost} {
		equal(t, "charged in the snapshot", w.snapshot(t).Classes[i].Charged(), want)
	}
	none, err := w.Spent(ctx, "never charged")
	ok(t, err)
	equal(t, "never charged", none, accountant.Scope{})
	w.logged(t)
	w.survives(t)
}

// Each scope counts its own part of a cost that has an epsilon, and classes count what it is in zCDP.
func testChargeEpsilon(t *testing.T, w *ward) {
	w.enrol(t, 1)
	w.record(t, w.event(1, "yes", 0))
	w.policy(t, 1)
	cost := accountant.Cost{NanoRho: 30, NanoEpsilon: 11}
	scopes := func(spent accountant.Cost, pure accountant.Cost) map[string]accountant.Scope {
		return map[string]accountant.Scope{
			scopeName: {Kind: accountant.ZCDP, Budget: budget, Spent: spent},
			"pure":    {Kind: accountant.Pure, Budget: accountant.Cost{NanoEpsilon: 20}, Spent: pure},
		}
	}
	spend := func(after map[string]accountant.Scope) func(provider.Snapshot) (provider.Charge, error) {
		return func(s provider.Snapshot) (provider.Charge, error) {
			c, err := w.free(t, cost, 2000)(s)
			c.Scopes, c.Classes = after, []provider.Permitted{permitted(s.Classes[0], accountant.Cost{NanoRho: 30})}
			return c, err
		}
	}
	for _, pure := range []accountant.Cost{cost, {NanoEpsilon: 10}, {NanoEpsilon: 12}, {}} {
		w.refused(t, nil, func(ctx context.Context) error {
			_, err := w.Charge(ctx, w.request("%v", pure), spend(scopes(accountant.Cost{NanoRho: 30}, pure)))
			return err
		})
	}
	w.refused(t, nil, func(ctx context.Context) error {
		_, err := w.Charge(ctx, w.request("an epsilon in zCDP"), spend(scopes(cost, accountant.Cost{NanoEpsilon: 11})))
		return err
	})
	want := scopes(accountant.Cost{NanoRho: 30}, accountant.Cost{NanoEpsilon: 11})
	request := w.request("first")
	_, err := w.Charge(t.Context(), request, spend(want))
	ok(t, err)
	c, _, err := w.Charged(t.Context(), request)
	ok(t, err)
	equal(t, "cost on record", c.Cost, cost)
	equal(t, "scopes on record", c.Scopes, want)
	spent, err := w.Spent(t.Context(), "pure")
	ok(t, err)
	equal(t, "pure scope", spent, want["pure"])
	equal(t, "scopes in the snapshot", w.snapshot(t).Scopes, want)
	w.refused(t, nil, func(ctx context.Context) error { // beyond the budget
		_, err := w.Charge(ctx, w.request("second"), spend(scopes(accountant.Cost{NanoRho: 60}, accountant.Cost{NanoEpsilon: 22})))
		return err
	})
}

// What a researcher's charges have drawn is kept for each marketplace, and no charge is made that would draw beyond her escrow.
func testDrawing(t *testing.T, w *ward) {
	w.policy(t, 1)
	her, another, market, elsewhere := person("researcher"), person("colleague"), person("marketplace"), person("another marketplace")
	draw := func(d provider.Drawing) func(provider.Snapshot) (provider.Charge, error) {
		return func(s provider.Snapshot) (provider.Charge, error) {
			c, err := w.free(t, accountant.Cost{NanoRho: 1}, 2000)(s)
			c.Drawing = d
			return c, err
		}
	}
	beyond := func(d provider.Drawing) {
		t.Helper()
		w.refused(t, provider.ErrNoCredit, func(ctx context.Context) error {
			_, err := w.Charge(ctx, w.request("beyond the escrow"), draw(d))
			return err
		})
	}
	drawn := func(want ...int64) {
		t.Helper()
		var got []int64
		for _, pair := range [][2]ledger.Address{{her, market}, {her, elsewhere}, {another, market}} {
			_, work, err := w.Look(t.Context(), pair[0], pair[1])
			ok(t, err)
			got = append(got, work)
		}
		equal(t, "drawn", got, want)
	}
	beyond(provider.Drawing{Researcher: her, Marketplace: market, Work: 7, Escrow: 6})
	beyond(provider.Drawing{Researcher: her, Marketplace: market, Work: 1})
	drawn(0, 0, 0)
	first := provider.Drawing{Researcher: her, Marketplace: market, Work: 7, Escrow: 12}
	for range 2 { // the second time it is on record
		c, err := w.Charge(t.Context(), w.request("first"), draw(first))
		ok(t, err)
		equal(t, "what is known of the drawing", c.Drawing, provider.Drawing{Work: 7})
	}
	drawn(7, 0, 0)
	beyond(provider.Drawing{Researcher: her, Marketplace: market, Work: 6, Escrow: 12})
	for _, d := range []provider.Drawing{
		{Researcher: her, Marketplace: market, Work: 5, Escrow: 12}, {Researcher: her, Marketplace: elsewhere, Work: 3, Escrow: 3},
		{Researcher: another, Marketplace: market, Work: 4, Escrow: 4}, {},
	} {
		_, err := w.Charge(t.Context(), w.request("%v", d), draw(d))
		ok(t, err)
	}
	w.survives(t)
	drawn(12, 3, 4)
	beyond(first)
	beyond(provider.Drawing{Researcher: her, Marketplace: market, Work: 1, Escrow: 11}) // some was taken back
	w.refused(t, nil, func(ctx context.Context) error {
		_, err := w.Charge(ctx, w.request("gives back"), draw(provider.Drawing{Researcher: her, Marketplace: market, Work: -1, Escrow: 100}))
		return err
	})
	drawn(12, 3, 4)
}

// snapshot is what a decision would see now.
func (w *ward) snapshot(t tb) (seen provider.Snapshot) {
	t.Helper()
	w.refused(t, errDecided, func(ctx context.Context) error {
		_, err := w.Charge(ctx, w.request("only looking"), func(s provider.Snapshot) (provider.Charge, error) {
			seen = s
			return provider.Charge{}, errDecided
		})
		return err
	})
	return seen
}

func testChargeAgain(t *testing.T, w *ward) {
	w.policy(t, 1)
	request := w.request("request")
	first, err := w.Charge(t.Context(), request, w.charge(t, accountant.Cost{NanoRho: 7}, 2000))
	ok(t, err)
	before := w.observe(t)
	again, err := w.Charge(t.Context(), request, func(provider.Snapshot) (provider.Charge, error) {
		t.Error("decided twice")
		return provider.Charge{}, errDecided
	})
	ok(t, err)
	equal(t, "charge", again, first)
	equal(t, "state", w.observe(t), before)
}

// The store does not judge, but what a charge writes must add up.
func testChargeRefused(t *testing.T, w *ward) {
	cost := accountant.Cost{NanoRho: 40_000}
	w.enrol(t, 1)
	w.record(t, w.event(1, "yes", 0))
	w.policy(t, 1)
	_, err := w.Charge(t.Context(), w.request("before"), w.charge(t, cost, 2000, "yes"))
	ok(t, err)
	for _, c := range []struct {
		name string
		edit func(*provider.Charge, *accountant.Scope)
	}{
		{"less than the cost", func(_ *provider.Charge, s *accountant.Scope) { s.Spent.NanoRho-- }},
		{"more than the cost", func(_ *provider.Charge, s *accountant.Scope) { s.Spent.NanoRho++ }},
		{"delta for nothing", func(_ *provider.Charge, s *accountant.Scope) { s.Spent.Delta++ }},
		{"as it was", func(_ *provider.Charge, s *accountant.Scope) { s.Spent = cost }},
		{"another kind of accounting", func(_ *provider.Charge, s *accountant.Scope) { s.Kind = accountant.GaussianOnly }},
		{"beyond the budget", func(_ *provider.Charge, s *accountant.Scope) { s.Budget.NanoRho = s.Spent.NanoRho - 1 }},
		{"a class that is not", func(c *provider.Charge, _ *accountant.Scope) {
			c.Classes = append(c.Classes, provider.Permitted{Class: 2, Odometer: c.Cost})
		}},
		{"a class twice", func(c *provider.Charge, _ *accountant.Scope) { c.Classes = append(c.Classes, c.Classes[0]) }},
		{"an odometer that stands still", func(c *provider.Charge, _ *accountant.Scope) { c.Classes[0].Odometer.NanoRho -= cost.NanoRho }},
		{"an odometer that runs ahead", func(c *provider.Charge, _ *accountant.Scope) { c.Classes[0].Odometer.Delta++ }},
		{"negative", func(c *provider.Charge, s *accountant.Scope) { c.Cost.NanoRho, s.Spent.NanoRho = -1, cost.NanoRho-1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.refused(t, nil, func(ctx context.Context) error {
				_, err := w.Charge(ctx, w.request("%s", c.name), func(s provider.Snapshot) (provider.Charge, error) {
					d, err := w.charge(t, cost, 2000, "yes")(s)
					after := d.Scopes[scopeName]
					c.edit(&d, &after)
					clear(s.Scopes) // must not matter
					d.Scopes[scopeName] = after
					return d, err
				})
				return err
			})
		})
	}
	w.refused(t, accountant.ErrBudgetSpent, func(ctx context.Context) error {
		_, err := w.Charge(ctx, w.request("too much"), w.charge(t, accountant.Cost{NanoRho: 60_001}, 2000))
		return err
	})
	_, err = w.Charge(t.Context(), w.request("to the last unit"), w.charge(t, accountant.Cost{NanoRho: 60_000}, 2000, "yes"))
	ok(t, err)
}

func testChargeContention(t *testing.T, w *ward) {
	w.policy(t, 1)
	cost := accountant.Cost{NanoRho: 9000, Delta: 1}
	requests := make([]ledger.Hash, goroutines)
	for i := range requests {
		requests[i] = w.request("request %d", i)
	}
	won := compete(t, func(i int) (bool, error) {
		_, err := w.Store.Charge(t.Context(), requests[i], w.charge(t, cost, 2000))
		if errors.Is(err, accountant.ErrBudgetSpent) {
			return false, nil
		}
		return err == nil, err
	})
	equal(t, "charges of 9000 within 100000", won, 11)
	spent, err := w.Spent(t.Context(), scopeName)
	ok(t, err)
	equal(t, "spent", spent.Spent, accountant.Cost{NanoRho: 99_000, Delta: 11})
	w.survives(t)
}

// testRecordContention records and charges at once: every charge must have seen
// each event whose token it reaches, and must name a root the log had.
func testRecordContention(t *testing.T, w *ward) {
	w.policy(t, 1)
	events, tokens := make([]provider.Event, goroutines), make([]uint64, goroutines)
	charges := make([]provider.Charged, goroutines)
	for i := range events {
		w.enrol(t, int64(i))
		events[i] = w.event(int64(i), fmt.Sprint("class ", i%5), 0)
	}
	compete(t, func(i int) (_ bool, err error) {
		if tokens[i], err = w.Record(t.Context(), events[i:i+1]); err != nil {
			return false, err
		}
		charges[i], err = w.Store.Charge(t.Context(), name("request %d", i), w.charge(t, accountant.Cost{NanoRho: 1}, 2000, "class 1"))
		return true, err
	})
	for i, c := range charges {
		if c.AsOf < tokens[i] {
			t.Errorf("charged as of %d after an event at %d", c.AsOf, tokens[i])
		}
		_, root, err := w.Inclusion(t.Context(), c.AsOf, 0)
		ok(t, err)
		equal(t, "root", c.Root, root)
		counted := w.members(t, c.LastEvent)
		for patient, token := range tokens {
			if token <= c.AsOf && !slices.ContainsFunc(counted, func(m provider.Membership) bool { return m.Patient == int64(patient) }) {
				t.Errorf("charge as of %d has not seen the event at %d", c.AsOf, token)
			}
		}
	}
	w.log.size = goroutines * 64
	w.log.events = nil // in an order that only the store knows
	w.log.published, w.log.hidden = map[uint64]ledger.Hash{0: name("leaf of policy 1")}, nil
	w.logged(t)
	w.survives(t)
}
