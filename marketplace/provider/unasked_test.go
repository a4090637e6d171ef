package provider_test

import (
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// openEHDS is a hospital whose records are used on a legal basis that counts those who were never asked: patient 8.
func openEHDS(t *testing.T) *world {
	t.Helper()
	w := openExact(t)
	w.repolicy(func(p *policy.DatasetPolicy) { p.LegalBasis, p.Jurisdiction = policy.EHDS, "DE" })
	return w
}

// Who was never asked is counted where the law says so, and charged like a class of her own, until she says anything; and
// never falls back to it.
func TestG2NeverAsked(t *testing.T) {
	without := openExact(t)
	equal(t, "without a legal basis", without.release(without.ask("one")).Release.Vector, []int64{1, 2, 1, 3})
	equal(t, "what they were charged", without.observe().Unasked, accountant.Cost{})

	w := openEHDS(t)
	equal(t, "with one", w.release(w.ask("one")).Release.Vector, []int64{1, 3, 1, 3})
	equal(t, "what they were charged", w.observe().Unasked, accountant.Cost{NanoRho: w.cost})
	exact := w.Question("exact", w.grant, w.Query(loss), nil)
	w.release(exact)
	w.Prefer(policy.Nothing(), 8)
	equal(t, "she has opted out", w.release(w.ask("two")).Release.Vector, []int64{1, 2, 1, 3})
	s, err := w.Node.Preference(t.Context(), w.Patient(8).Address())
	ok(t, err)
	equal(t, "what she has lost", s.Lost, accountant.Cost{NanoRho: 2 * w.cost})
	past, err := w.Exposures(t.Context(), w.Patient(8).Address(), 0)
	ok(t, err)
	if len(past) != 2 || past[0].Revision != 0 || past[1].Lost != s.Lost {
		t.Errorf("could have been in %+v", past)
	}
	ended := providertest.Anything()
	ended.Period.End = w.Clock.Now().Unix() + 5
	w.Prefer(ended, 8)
	equal(t, "she permits it herself", w.release(w.ask("three")).Release.Vector, []int64{1, 3, 1, 3})
	w.Clock.Advance(5)
	equal(t, "no longer", w.release(w.ask("four")).Release.Vector, []int64{1, 2, 1, 3})
	all, err := w.Decisions(t.Context(), 0, 0, 1<<40)
	ok(t, err)
	for _, d := range all {
		again, err := w.Replay(t.Context(), d.Request, true)
		if err != nil || again.Difference != "" {
			t.Errorf("made again: %+v, %v", again, err)
		}
	}
	why, err := w.Explain(t.Context(), all[0].Request, nil)
	ok(t, err)
	if c := why.Classes[0]; c.Reason != policy.PatientEligibleDefault || !c.Document.IsZero() || c.Default.Row != "eu-ehds" {
		t.Errorf("never asked: %+v", c)
	}
	kinds := []ledger.Kind{}
	for _, d := range why.Documents {
		kinds = append(kinds, d.Kind)
		if d.Signer.IsZero() || d.Hash.IsZero() || (d.Kind == ledger.KindDataGrant) == d.Approved.IsZero() {
			t.Errorf("document %+v", d)
		}
	}
	equal(t, "documents", kinds, []ledger.Kind{ledger.KindAsk, ledger.KindDatasetPolicy, ledger.KindDataGrant})
	for _, c := range why.Classes[1:] {
		if c.Content != nil || c.Default.Row != "" {
			t.Errorf("a class among all: %+v", c)
		}
		one, err := w.Explain(t.Context(), all[0].Request, &c.Document)
		ok(t, err)
		if len(one.Classes) != 1 || ledger.HashBytes(one.Classes[0].Content) != c.Document || one.Classes[0].Reason != c.Reason {
			t.Errorf("a class by itself: %+v", one.Classes)
		}
	}
}

// Whoever was never asked and opts out while a question is counted is not in its answer, and an answer that she may be in
// is not handed over again.
func TestG8NeverAskedOptsOutMeanwhile(t *testing.T) {
	w := openEHDS(t)
	q := w.ask("one")
	w.Engine.After = once(func() { w.Prefer(policy.Nothing(), 8) })
	equal(t, "vector", w.release(q).Release.Vector, []int64{1, 2, 1, 3})
	equal(t, "counts", len(w.Engine.Counted()), 2)

	w = openEHDS(t)
	q = w.ask("one")
	w.release(q)
	w.Prefer(policy.Nothing(), 8)
	if _, err := w.Release(t.Context(), q); err == nil {
		t.Error("an answer that includes her is handed over again")
	}
}

// Her own cap is held against what she lost before she said anything.
func TestNeverAskedLossCountsAgainstACap(t *testing.T) {
	w := openEHDS(t)
	w.release(w.ask("one"))
	capped := providertest.Anything()
	capped.OwnCap = &policy.Loss{NanoRho: 2*w.cost - 1}
	w.Prefer(capped, 8)
	equal(t, "one more would pass it", w.release(w.ask("two")).Release.Vector, []int64{1, 2, 1, 3})
	capped.OwnCap.NanoRho = 3 * w.cost // what her class was charged meanwhile counts up to her cap
	w.Prefer(capped, 8)
	equal(t, "one more is within it", w.release(w.ask("three")).Release.Vector, []int64{1, 3, 1, 3})
}
