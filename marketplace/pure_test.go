package marketplace_test

import (
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// A question to a dataset of pure accounting is quoted for the margin that is wanted, with Laplace noise, at a price for its nano-rho; its receipt
// and its line in the register say its epsilon, too; and asked again it is shown again.
func TestPureAccountingFromQuoteToReceipt(t *testing.T) {
	w := openUnder(t, providertest.Pure)
	quote, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(0), &dp.Margin{Half: 20})
	ok(t, err)
	cost := quote.Plan.Cost
	if cost.NanoEpsilon < 150_000_000 || cost.NanoEpsilon > 160_000_000 || quote.Plan.Margin() > 20 {
		t.Errorf("±%v for %+v", quote.Plan.Margin(), cost)
	}
	equal(t, "price", quote.Work, cost.NanoRho*providertest.Price)

	w.price = quote.Work
	r := w.answered(w.orderOf("first", quote.Plan.Query, nil))
	equal(t, "cost on the receipt", []int64{r.Statement.NanoRho, r.Statement.Delta, r.Statement.NanoEpsilon}, []int64{cost.NanoRho, 0, cost.NanoEpsilon})
	equal(t, "cost of the release", marketplace.Cost(r.Statement.Releases[0].Release), cost)
	entry, err := w.market.RegisteredQuery(t.Context(), r.Statement.Ask.RequestID)
	ok(t, err)
	equal(t, "cost in the register", entry.Cost, cost)
	again, err := w.market.Ask(t.Context(), w.Researcher.Address(), w.orderOf("again", quote.Plan.Query, nil))
	ok(t, err)
	equal(t, "repeated", again.Repeated, true)
}
