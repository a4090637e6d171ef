package provider_test

import (
	"context"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

func TestPriceRises(t *testing.T) {
	p := provider.Price{WorkPerNanoRho: 3, Rises: []provider.PriceRise{{SpentPercent: 50, WorkPerNanoRho: 5}, {SpentPercent: 90, WorkPerNanoRho: 40}}}
	budget := accountant.Cost{NanoRho: 1000, Delta: 200}
	for name, c := range map[string]struct {
		spent accountant.Cost
		price int64
		next  int64 // percent; 0: none
	}{
		"nothing":                  {accountant.Cost{}, 3, 50},
		"just below":               {accountant.Cost{NanoRho: 499, Delta: 99}, 3, 50},
		"half":                     {accountant.Cost{NanoRho: 500}, 5, 90},
		"half of the delta":        {accountant.Cost{NanoRho: 1, Delta: 100}, 5, 90},
		"all":                      {accountant.Cost{NanoRho: 1000}, 40, 0},
		"what there is no such of": {accountant.Cost{NanoEpsilon: math.MaxInt64}, 3, 50},
	} {
		price, next := p.At(c.spent, budget)
		var percent int64
		if next != nil {
			percent = next.SpentPercent
		}
		equal(t, name, []int64{price, percent}, []int64{c.price, c.next})
	}
}

// The price never falls while a budget is spent, and rises exactly at the share named, at any size of budget.
func TestPriceIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percent := rapid.Int64Range(1, 99).Draw(t, "percent")
		budget := rapid.Int64Range(1, math.MaxInt64).Draw(t, "budget")
		spent := rapid.Int64Range(0, budget).Draw(t, "spent")
		p := provider.Price{WorkPerNanoRho: 1, Rises: []provider.PriceRise{{SpentPercent: percent, WorkPerNanoRho: 2}}}
		price, _ := p.At(accountant.Cost{NanoRho: spent}, accountant.Cost{NanoRho: budget})
		share := new(big.Rat).SetFrac(big.NewInt(spent), big.NewInt(budget))
		if want := share.Cmp(big.NewRat(percent, 100)) >= 0; (price == 2) != want {
			t.Fatalf("%d of %d spent: price %d", spent, budget, price)
		}
	})
}

func TestPriceRefusals(t *testing.T) {
	rises := func(r ...provider.PriceRise) *provider.Price { return &provider.Price{WorkPerNanoRho: 3, Rises: r} }
	for name, c := range map[string]struct {
		price *provider.Price
		part  string
	}{
		"nothing to pay":   {&provider.Price{}, "price.work_per_nano_rho"},
		"out of range":     {&provider.Price{WorkPerNanoRho: 1<<40 + 1}, "price.work_per_nano_rho"},
		"a price falls":    {rises(provider.PriceRise{SpentPercent: 10, WorkPerNanoRho: 2}), "price.rises[0]"},
		"shares out order": {rises(provider.PriceRise{SpentPercent: 20, WorkPerNanoRho: 4}, provider.PriceRise{SpentPercent: 10, WorkPerNanoRho: 5}), "price.rises[1]"},
		"when all is gone": {rises(provider.PriceRise{SpentPercent: 100, WorkPerNanoRho: 4}), "price.rises[0]"},
		"too many":         {rises(make([]provider.PriceRise, 17)...), "price.rises"},
	} {
		err := profile(func(p *provider.DatasetProfile) { p.Price = c.price }).Validate()
		if err == nil || !strings.Contains(err.Error(), "profile."+c.part+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A hospital's price is its steward's rule at what is spent, all of it public; and nothing is sold for more than its researcher signed.
func TestPriceOfADatasetRises(t *testing.T) {
	w := openExact(t)
	grant := w.Approve(w.Grant())
	cost := w.Query(1000).NanoRho
	p := w.Policy()
	p.Revision, p.TotalNanoRho, p.MaxNanoRhoPerOrganisation, p.MaxNanoRhoPerQuery = 2, 2*cost, 2*cost, cost
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	rule := &provider.Price{WorkPerNanoRho: 7, Rises: []provider.PriceRise{{SpentPercent: 49, WorkPerNanoRho: 20}}}
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, profile(func(p *provider.DatasetProfile) { p.Price = rule }), 1)))
	before, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "price before", []any{before.WorkPerNanoRho, before.NextRise}, []any{int64(7), &rule.Rises[0]})
	loss := w.Plan(w.Query(1000)).Cost.NanoRho
	half := func(work int64) provider.Question {
		return w.Question("nearly half of it", grant, w.Query(1000), func(a *ledger.Ask) { a.MaxWork = work })
	}
	w.refused(provider.ErrPrice, func(ctx context.Context) error {
		_, err := w.Release(ctx, half(7*loss-1))
		return err
	})
	w.release(half(7 * loss))
	after, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "price after", []any{after.WorkPerNanoRho, after.NextRise}, []any{int64(20), (*provider.PriceRise)(nil)})
	w.refused(provider.ErrPrice, func(ctx context.Context) error {
		_, err := w.Release(ctx, w.Question("the other", grant, w.Query(1000), func(a *ledger.Ask) { a.MaxWork = 20*loss - 1 }))
		return err
	})
	if before.WorkPerNanoRho == providertest.Price {
		t.Error("the rule names the price that there is without one")
	}
}
