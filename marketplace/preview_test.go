package marketplace_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// G1: precision is estimated from what was declared or released before; the hospital counts nothing for it.
func TestG1SizesAreNeverLookedUp(t *testing.T) {
	w := open(t)
	planned := func(q dp.Query) dp.Plan {
		t.Helper()
		quote, err := w.market.Quote(t.Context(), w.Researcher.Address(), q, nil)
		ok(t, err)
		return quote.Plan
	}
	ages := w.query("census") // of the same groups as the answer below
	ages.Measures = []dp.Measure{{Kind: dp.Mean, Value: &dp.Value{Field: dp.FieldAge}, High: 110}}
	size := func(what string, grant ledger.Hash, q dp.Query, asked float64, want marketplace.Size) {
		t.Helper()
		got, found, err := w.market.Size(t.Context(), w.Researcher.Address(), grant, planned(q), asked)
		ok(t, err)
		equal(t, what, got, want)
		equal(t, what+" found", found, want.Basis != "")
	}
	size("nothing known", w.grant, ages, 0, marketplace.Size{})
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, provider.DatasetProfile{
		Dataset: providertest.Dataset, Revision: 1, Title: "A hospital", Patients: 300, Domains: []cohort.Domain{}, Bounds: []dp.Bound{},
	}, 1)))
	declared := marketplace.Size{Patients: 300, Basis: marketplace.SizeDeclared}
	size("declared", w.grant, ages, 0, declared)
	answer := w.answered(w.same("one", nil)) // no noise: groups of one and of nobody
	released := marketplace.Size{Patients: 1, Basis: marketplace.SizeReleased, Request: answer.Statement.Ask.RequestID}
	size("released", w.grant, ages, 0, released)
	size("asked", w.grant, ages, 50, marketplace.Size{Patients: 50, Basis: marketplace.SizeAsked})
	size("no study", ledger.Hash{}, ages, 0, declared)
	others := ages
	others.Cohort = cohort.Recorded(cohort.Drug, false, 1)
	size("other patients", w.grant, others, 0, declared)
	appearing := ages
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	appearing.GroupBy, appearing.MaxGroups = []dp.Group{{Kind: dp.Concept, Events: conditions}}, 2
	least := planned(appearing).Threshold
	size("keys that are not named", w.grant, appearing, 0, marketplace.Size{Patients: float64(least), Basis: marketplace.SizeThreshold})
	whole := ages
	whole.GroupBy = nil
	size("other groups", w.grant, whole, 0, declared)
	equal(t, "counted", len(w.Engine.Counted()), 1)

	// An answer that shows no size is passed over.
	w.policy(func(p *policy.DatasetPolicy) { p.Disclosure = policy.Disclosure{MinCount: 20} })
	w.Metadata.Disclosure = dp.Disclosure{MinCount: 20}
	w.answered(w.same("two", nil))
	size("suppressed since", w.grant, ages, 0, released)

	stranger := providertest.NewKey(t)
	for name, c := range map[string]struct {
		who   *ledger.Key
		grant ledger.Hash
	}{"not on the study": {stranger, w.grant}, "no study": {w.Researcher, ledger.Hash{1}}} {
		if got, found, err := w.market.Size(t.Context(), c.who.Address(), c.grant, planned(ages), 0); !errors.Is(err, marketplace.ErrUnknownGrant) || found {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
