package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// byCondition asks for the conditions that enough patients have.
func byCondition() dp.Query {
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	return dp.Query{Dataset: providertest.Dataset, NanoRho: loss, MaxGroups: 1, GroupBy: []dp.Group{{Kind: dp.Concept, Events: conditions}}}
}

// G2, G5: a question by private keys is charged its delta, in every scope and every class, and a dataset takes it only for as long as
// it has delta to spend.
func TestG2PrivateKeysAreChargedTheirDelta(t *testing.T) {
	w := open(t, shift{noisetest.None(t)})
	w.refusedFor(w.Question("no delta at all", w.grant, byCondition(), nil), policy.ReasonEpsilonDatasetBudget)
	p := w.Policy()
	p.Revision, p.TotalDelta = 2, dp.DefaultDelta*2
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))

	plan := w.Plan(byCondition())
	r := w.release(w.Question("one", w.grant, byCondition(), nil)).Release
	equal(t, "vector", r.Vector, []int64{providertest.Diabetes, 0, 1002})
	equal(t, "delta of the release", r.Delta, int64(dp.DefaultDelta))
	equal(t, "the plan's", plan.Cost, accountant.Cost{NanoRho: r.NanoRho, Delta: r.Delta})
	seen := w.observe()
	for _, scope := range []string{"dataset/" + providertest.Dataset, studyScope(w.grant)} {
		equal(t, "spent by "+scope, seen.Scopes[scope].Spent, plan.Cost)
	}
	for _, c := range seen.Classes {
		equal(t, "charged", c.Charged(), plan.Cost)
	}

	// What does not appear is charged all the same, and the last delta can be spent.
	w.Noise = noisetest.None(t)
	w.Restart()
	equal(t, "vector", w.release(w.Question("nothing appears", w.grant, byCondition(), nil)).Release.Vector, []int64{})
	w.refusedFor(w.Question("spent", w.grant, byCondition(), nil), policy.ReasonEpsilonDatasetBudget)
	w.release(w.ask("without keys"))
}

// G2: a patient with a cap of her own is in no answer once the delta of her class is beyond her cap's.
func TestG2OwnCapsHaveADelta(t *testing.T) {
	w := open(t, shift{noisetest.None(t)})
	p := w.Policy()
	p.Revision, p.TotalDelta = 2, 3*dp.DefaultDelta
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	capped := providertest.Anything()
	capped.OwnCap = &policy.Loss{NanoRho: 100 * loss}
	w.Prefer(capped, 3) // with diabetes, as 6
	capped.OwnCap = &policy.Loss{NanoRho: 100 * loss, Delta: dp.DefaultDelta}
	w.Prefer(capped, 6)
	asked := func(q provider.Question) []int64 { return w.release(q).Release.Vector }
	equal(t, "both", asked(w.ask("before")), []int64{1001, 1002, 1001, 1003})
	equal(t, "6 alone", asked(w.Question("first", w.grant, byCondition(), nil)), []int64{providertest.Diabetes, 0, 1001})
	equal(t, "6 alone later", asked(w.ask("after")), []int64{1001, 1002, 1000, 1003})
	equal(t, "nobody", asked(w.Question("second", w.grant, byCondition(), nil)), []int64{})
	equal(t, "nobody later", asked(w.ask("last")), []int64{1000, 1002, 1000, 1003})
}

// G2: which concepts the answer will name nobody knows, so it counts as naming each that is sensitive.
func TestG2PrivateKeysNameEveryConcept(t *testing.T) {
	w := open(t, shift{noisetest.None(t)})
	p := w.Policy()
	p.Revision, p.TotalDelta = 2, dp.DefaultDelta
	p.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{1_710_281}}} // of which nobody has a record
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.release(w.ask("other concepts"))
	w.refusedFor(w.Question("any", w.grant, byCondition(), nil), policy.ReasonDatasetSensitiveClass)
}

// G2: a question that takes all that lies below a concept is held to touch what is sensitive there, though it does not
// name it.
func TestG2SensitiveConceptsAreReachedFromAbove(t *testing.T) {
	const hiv, viral = 439727, 432250
	below := func(id int64) dp.Query {
		return dp.Query{Dataset: providertest.Dataset, NanoRho: loss, GroupBy: []dp.Group{{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Condition, true, id)}}}
	}
	w := open(t, noisetest.None(t))
	p := w.Policy()
	p.Revision, p.LabelledConcepts = 2, []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{hiv}}}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.refusedFor(w.Question("not looked up", w.grant, below(providertest.Diabetes), nil), policy.ReasonDatasetSensitiveClass)
	p.Revision, p.LabelledConcepts[0].Ancestors = 3, []int64{viral, hiv}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.refusedFor(w.Question("from above", w.grant, below(viral), nil), policy.ReasonDatasetSensitiveClass)
	w.release(w.Question("elsewhere", w.grant, below(providertest.Diabetes), nil))
}

// G2: a dataset whose accounting takes no delta has none to spend: there is no plan, and one for another accounting is not answered.
func TestG2NoPrivateKeysWithoutADelta(t *testing.T) {
	for _, accounting := range []policy.Accounting{policy.GaussianOnly, policy.Pure} {
		w := openAt(t, accounting)
		var invalid *dp.InvalidQueryError
		if _, err := dp.NewPlan(byCondition(), w.Metadata); !errors.As(err, &invalid) || invalid.Field != "group_by" {
			t.Errorf("%s: a plan, %v", accounting, err)
		}
		w.Metadata.Accounting = ""
		one := w.Question("one", w.grant, byCondition(), nil)
		w.refused(provider.ErrPlanMismatch, func(ctx context.Context) error { _, err := w.Release(ctx, one); return err })
		w.Metadata.Accounting = accountant.Kind(accounting)
		w.release(w.ask("public keys"))
	}
}
