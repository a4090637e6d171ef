package marketplace

import (
	"context"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Reply is what an ask gets.
type Reply struct {
	// Receipt is without the proof of its anchor, which grows with the chain; [Market.ReceiptFor] has it. It is included under
	// the root that the log has now.
	Receipt  ledger.Receipt
	Repeated bool // an earlier ask's receipt, shown again: nothing was charged or drawn
}

// Question names what an ask asks: of which hospitals, by which plans (the
// dataset and its version are in them), under which grant and for which purpose,
// which decides who is counted. Who asks, when, and at which cost is not in
// it. Error: [ledger.ErrInexact].
func Question(a ledger.Ask) (ledger.Hash, error) {
	type at struct {
		Provider ledger.Address `json:"provider"`
		Plan     ledger.Hash    `json:"plan"`
	}
	var also []at
	for _, o := range a.Also {
		also = append(also, at{o.Provider, o.PlanHash})
	}
	p := a.Purpose
	p.Diseases = slices.Compact(slices.Sorted(slices.Values(p.Diseases)))
	return ledger.HashOf(struct {
		Provider ledger.Address `json:"provider"`
		Plan     ledger.Hash    `json:"plan"`
		Grant    ledger.Hash    `json:"grant"`
		Purpose  ledger.Purpose `json:"purpose"`
		Also     []at           `json:"also,omitempty"`
	}{a.Provider, a.PlanHash, a.Grant, p, also})
}

// repeat returns the first answer that there is to the question, of those that
// stand on the log index that the ask names.
func (m *Market) repeat(ctx context.Context, o order) (Entry, bool, error) {
	question, err := Question(o.Ask)
	if err != nil {
		return Entry{}, false, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return m.cfg.Store.Answered(ctx, question, o.Ask.AtLeastAsOf)
}

// budgetReasons say that something would be overspent.
var budgetReasons = []policy.ReasonCode{
	policy.ReasonGrantEpsilon, policy.ReasonEpsilonQueryCap, policy.ReasonEpsilonOrganisationCap, policy.ReasonEpsilonDatasetBudget,
}

// onlyBudgets reports whether nothing but budgets stands against an ask: what is
// shown again spends nothing.
func onlyBudgets(d policy.Decision) bool {
	return len(d.Reasons) > 0 &&
		!slices.ContainsFunc(d.Reasons, func(r policy.ReasonCode) bool { return !slices.Contains(budgetReasons, r) })
}
