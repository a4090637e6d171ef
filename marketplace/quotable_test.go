package marketplace_test

import (
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// A quote is made of what a hospital said a moment ago, an ask of what it says now: one at a price that has risen is refused,
// costs nothing, and is quoted anew.
func TestQuotesOfAMoment(t *testing.T) {
	w := open(t)
	c := w.config()
	c.QuoteFor = time.Hour
	var err error
	w.market, err = marketplace.New(c)
	ok(t, err)
	asked := 0
	w.wire.describe = func(d provider.Description, err error) (provider.Description, error) {
		asked++
		return d, err
	}
	quoted := func() int64 {
		q, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(loss), nil)
		ok(t, err)
		return q.Work
	}
	equal(t, "prices, and how often the hospital was asked", []int64{quoted(), quoted(), int64(asked)}, []int64{w.price, w.price, 1})
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, provider.DatasetProfile{
		Dataset: providertest.Dataset, Revision: 1, Title: "A hospital", Domains: []cohort.Domain{}, Price: &provider.Price{WorkPerNanoRho: 2 * providertest.Price},
	}, 1)))
	equal(t, "quoted just before", []int64{quoted(), int64(asked)}, []int64{w.price, 1})
	w.refusedAsk(t, marketplace.ErrPrice, w.order("one", nil))
	equal(t, "quoted anew", []int64{quoted(), int64(asked)}, []int64{2 * w.price, 2})
	if _, err := w.market.Dataset(t.Context(), providertest.Dataset); err != nil || asked != 3 {
		t.Errorf("a dataset is shown as the hospital says now: %v, asked %d times", err, asked)
	}
}
