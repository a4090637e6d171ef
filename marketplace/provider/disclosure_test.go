package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// rule sets the policy's second revision, with a disclosure rule.
func (w *world) rule(d policy.Disclosure) {
	w.t.Helper()
	w.repolicy(func(p *policy.DatasetPolicy) { p.Disclosure = d })
}

// quoted plans under the rule that the policy has now.
func (w *world) quoted(name string) provider.Question {
	w.t.Helper()
	d, err := w.Describe(w.t.Context())
	ok(w.t, err)
	w.Metadata.Disclosure = d.Metadata.Disclosure
	return w.ask(name)
}

// G2: what leaves the hospital keeps to the rule that the policy has; small counts can be told from zero.
func TestG2DisclosureRule(t *testing.T) {
	w := openExact(t)
	w.rule(policy.Disclosure{MinCount: 2, RoundTo: 2})
	released := w.release(w.quoted("one"))
	equal(t, "vector", released.Release.Vector, []int64{dp.Suppressed, 2, dp.Suppressed, 4})
	dataset, _ := w.spent()
	equal(t, "spent", dataset, w.cost)
}

// G2: of too few patients in all nothing leaves the hospital; of enough, their number is beside the others.
func TestG2MinimumCohort(t *testing.T) {
	for least, want := range map[int64][]int64{7: {1, 2, 1, 3, 7}, 8: {dp.Suppressed, dp.Suppressed, dp.Suppressed, dp.Suppressed, dp.Suppressed}} {
		w := openExact(t)
		w.rule(policy.Disclosure{MinCohort: least})
		released := w.release(w.quoted("one"))
		equal(t, "vector", released.Release.Vector, want)
		dataset, _ := w.spent()
		equal(t, "spent", dataset, released.Release.NanoRho)
	}
}

// G2: a rule that has changed since the quote is seen before anything is charged, whether it shows more or less.
func TestG2DisclosureRuleChangesAfterTheQuote(t *testing.T) {
	for name, c := range map[string]struct{ before, after policy.Disclosure }{
		"a rule":    {policy.Disclosure{}, policy.Disclosure{MinCount: 20}},
		"another":   {policy.Disclosure{MinCount: 20}, policy.Disclosure{MinCount: 20, RoundTo: 5}},
		"a cohort":  {policy.Disclosure{MinCount: 20}, policy.Disclosure{MinCount: 20, MinCohort: 50}},
		"no longer": {policy.Disclosure{MinCount: 20}, policy.Disclosure{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			w.rule(c.before)
			q := w.quoted("one")
			p := w.Policy()
			p.Revision, p.Disclosure = 3, c.after
			ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
			w.refused(provider.ErrPlanMismatch, func(ctx context.Context) error {
				_, err := w.Release(ctx, q)
				return err
			})
			w.release(w.quoted("two"))
		})
	}
}

// An answer keeps the rule that it was made with; what was charged and not answered is not answered under another.
func TestG2DisclosureRuleChangesAfterTheCharge(t *testing.T) {
	w := openExact(t)
	answered, broken := w.ask("one"), w.ask("two")
	before := w.release(answered)
	w.Engine.Before = fails(errors.New("broken"))
	if _, err := w.Release(t.Context(), broken); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.Before = nil
	w.rule(policy.Disclosure{MinCount: 20})
	equal(t, "the answer again", w.release(answered), before)
	w.refused(provider.ErrFailed, func(ctx context.Context) error {
		_, err := w.Release(ctx, broken)
		return err
	})
}

// What a policy may say, plans take.
func TestDisclosureBoundsAgree(t *testing.T) {
	if policy.MaxMinCount != dp.MaxMinCount || policy.MaxRoundTo != dp.MaxRoundTo || policy.MaxMinCohort != dp.MaxMinCohort {
		t.Error("a policy may have a rule for which no question can be planned, or the other way round")
	}
}
