package provider_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// G2: what the committee does of a running study counts at the hospital, by the chain's word alone.
func TestG2RunningStudies(t *testing.T) {
	const later = providertest.Start + 100
	reviewed := func(w *world) { w.regrant(func(g *policy.Grant) { g.ReviewBy = later }) }
	for name, c := range map[string]struct {
		arrange func(*world)
		want    policy.ReasonCode // empty: answered
	}{
		"superseded": {func(w *world) { w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantSuperseded }) }, policy.ReasonGrantSuperseded},
		"closed":     {func(w *world) { w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantClosed }) }, policy.ReasonGrantClosed},
		"before its review": {func(w *world) {
			reviewed(w)
			w.Clock.Advance(99)
		}, ""},
		"when its review is due": {func(w *world) {
			reviewed(w)
			w.Clock.Advance(100)
		}, policy.ReasonGrantReviewDue},
		"when the review was put off": {func(w *world) {
			reviewed(w)
			w.record(func(r *ledger.GrantRecord) { r.ReviewBy = later + 50 })
			w.Clock.Advance(149)
		}, ""},
		"until then": {func(w *world) {
			reviewed(w)
			w.record(func(r *ledger.GrantRecord) { r.ReviewBy = later + 50 })
			w.Clock.Advance(150)
		}, policy.ReasonGrantReviewDue},
		"approved without the review that the document has": {func(w *world) {
			reviewed(w)
			w.record(func(r *ledger.GrantRecord) { r.ReviewBy = 0 })
		}, policy.ReasonGrantMissing},
		"approved with an earlier review": {func(w *world) {
			reviewed(w)
			w.record(func(r *ledger.GrantRecord) { r.ReviewBy-- })
		}, policy.ReasonGrantMissing},
		"approved with a review that the document has not": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.ReviewBy = later })
		}, policy.ReasonGrantMissing},
		"approved as an amendment that it is not": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Amends = ledger.Hash{1} })
		}, policy.ReasonGrantMissing},
	} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			c.arrange(w)
			if c.want == "" {
				w.release(w.ask("one"))
				return
			}
			w.refusedFor(w.ask("one"), c.want)
		})
	}
}

// What was spent before an amendment is spent after it, whatever the ceiling is now.
func TestG2AnAmendmentGivesNothingBack(t *testing.T) {
	w := openExact(t)
	w.regrant(func(g *policy.Grant) { g.Datasets[0].NanoRho = 2 * w.cost })
	first := w.grant
	w.release(w.ask("before"))
	amend := func(change func(*policy.Grant)) {
		w.regrant(func(g *policy.Grant) {
			g.Amends, g.Datasets[0].NanoRho = first.Hash().String(), 2*w.cost
			change(g)
		})
	}
	amend(func(g *policy.Grant) { g.Datasets[0].NanoRho = w.cost })
	w.refusedFor(w.ask("under a lower ceiling"), policy.ReasonGrantEpsilon)
	amend(func(g *policy.Grant) { g.Protocol = "the same ceiling" })
	w.release(w.ask("after"))
	w.refusedFor(w.ask("more"), policy.ReasonGrantEpsilon)
	amend(func(g *policy.Grant) { g.Datasets[0].NanoRho = 3 * w.cost })
	w.release(w.ask("under a higher ceiling"))
	scope := w.observe().Scopes[studyScope(first)]
	equal(t, "spent by the study", scope.Spent.NanoRho, 3*w.cost)
}

// G2: what a study may spend is of the organisation whose committee approved it: an amendment that another's approved, which the
// contract keeps apart, uses none of it up.
func TestG2AnotherOrganisationsAmendmentSpendsNothingOfAStudy(t *testing.T) {
	w := openExact(t)
	w.regrant(func(g *policy.Grant) { g.Datasets[0].NanoRho = w.cost })
	first := w.grant
	w.regrant(func(g *policy.Grant) {
		g.Protocol, g.Amends, g.Datasets[0].NanoRho = "theirs", first.Hash().String(), w.cost
	})
	w.record(func(r *ledger.GrantRecord) { r.Organisation = providertest.Organisation })
	w.release(w.ask("theirs"))
	w.grant = first
	w.release(w.ask("hers"))
	w.refusedFor(w.ask("more"), policy.ReasonGrantEpsilon)
}

// G2: a dataset's time limit is a study's: it runs from the first grant, whatever amends it.
func TestG2AnAmendmentRestartsNoTimeLimit(t *testing.T) {
	const old = providertest.Start - 32*24*3600
	for name, c := range map[string]struct {
		first int64
		want  policy.ReasonCode // empty: answered
	}{"long ago": {old, policy.ReasonDatasetTimeLimit}, "just now": {providertest.Start - 3600, ""}} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			w.repolicy(func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.TS, Months: 1}} })
			w.regrant(func(g *policy.Grant) { g.Period.Start = c.first })
			first := w.grant
			for _, protocol := range []string{"amended", "amended again"} {
				w.regrant(func(g *policy.Grant) {
					g.Protocol, g.Amends, g.Period.Start = protocol, first.Hash().String(), providertest.Start-60
				})
				if c.want == "" {
					w.release(w.ask(protocol))
					continue
				}
				w.refusedFor(w.ask(protocol), c.want)
			}
		})
	}
}

// G2: the hospital wants the researcher's own signature of its present terms with each ask.
func TestG2TermsAreSignedFirst(t *testing.T) {
	terms := policy.DatasetTerms{Revision: 2, Text: "Answers are not put together with other data."}
	a := provider.AcceptanceOf(providertest.Dataset, terms)
	for name, c := range map[string]struct {
		sign func(w *world) *ledger.SignedDocument
		ok   bool
	}{
		"signed": {func(w *world) *ledger.SignedDocument { return w.accept(w.Researcher, a, 2, 0) }, true},
		"signed for a time": {func(w *world) *ledger.SignedDocument {
			return w.accept(w.Researcher, a, 2, providertest.Start+1)
		}, true},
		"not signed": {func(*world) *ledger.SignedDocument { return nil }, false},
		"no longer":  {func(w *world) *ledger.SignedDocument { return w.accept(w.Researcher, a, 2, providertest.Start) }, false},
		"by another": {func(w *world) *ledger.SignedDocument { return w.accept(w.Committee, a, 2, 0) }, false},
		"another kind": {func(w *world) *ledger.SignedDocument {
			d := w.Sign(w.Researcher, ledger.KindDataGrant, a, 2)
			return &d
		}, false},
		"of another dataset": {func(w *world) *ledger.SignedDocument {
			return w.accept(w.Researcher, provider.AcceptanceOf("hospital-b", terms), 2, 0)
		}, false},
		"of the terms before": {func(w *world) *ledger.SignedDocument {
			return w.accept(w.Researcher, provider.AcceptanceOf(providertest.Dataset, policy.DatasetTerms{Revision: 1, Text: terms.Text}), 1, 0)
		}, false},
		"of another text": {func(w *world) *ledger.SignedDocument {
			return w.accept(w.Researcher, provider.AcceptanceOf(providertest.Dataset, policy.DatasetTerms{Revision: 2, Text: "Do as you like."}), 2, 0)
		}, false},
		"signed under another revision": {func(w *world) *ledger.SignedDocument { return w.accept(w.Researcher, a, 1, 0) }, false},
		"no document":                   {func(*world) *ledger.SignedDocument { return &ledger.SignedDocument{Content: []byte("yes")} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			w.repolicy(func(p *policy.DatasetPolicy) { p.Terms = &terms })
			q := w.ask("one")
			q.Acceptance = c.sign(w)
			if c.ok {
				w.release(q)
				return
			}
			w.refusedFor(q, policy.ReasonTermsNotAccepted)
		})
	}
}

func (w *world) accept(k *ledger.Key, a provider.TermsAcceptance, revision uint64, expiry int64) *ledger.SignedDocument {
	w.t.Helper()
	d, err := ledger.NewSignedDocument(k, w.Domain, ledger.KindTermsAcceptance, a, revision, expiry)
	ok(w.t, err)
	return &d
}
