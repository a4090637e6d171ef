package marketplace_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/policy"
)

// G2: when the steward changes the disclosure rule, what was quoted before is refused for nothing; what is quoted after is
// another question, whose answer keeps to the rule; and answers on record stay what they were.
func TestG2DisclosureRuleIsPartOfTheQuestion(t *testing.T) {
	w := open(t)
	before := w.same("one", nil)
	first := w.answered(before)
	w.policy(func(p *policy.DatasetPolicy) { p.Disclosure = policy.Disclosure{MinCount: 20} })
	w.refusedAsk(t, marketplace.ErrPlanMismatch, w.same("two", nil))
	w.Metadata.Disclosure = dp.Disclosure{MinCount: 20} // as Quote has it from now on
	q, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(loss), nil)
	ok(t, err)
	equal(t, "metadata", q.Plan.Metadata, w.Metadata)
	second := w.answered(w.same("three", nil))
	for _, g := range second.Statement.Answer {
		equal(t, "answer", g.Estimates, []ledger.Estimate{{Suppressed: true}})
	}
	w.repeated(w.Researcher, w.same("four", nil), second)
	again, err := w.market.Ask(t.Context(), w.Researcher.Address(), before)
	ok(t, err)
	equal(t, "answer", again.Receipt.Statement, first.Statement)
}

// A hospital that signs numbers which its own rule suppresses is not believed; the ask stays open.
func TestG2AnswerBesideTheRule(t *testing.T) {
	w := open(t)
	w.policy(func(p *policy.DatasetPolicy) { p.Disclosure = policy.Disclosure{MinCount: 20} })
	w.Metadata.Disclosure = dp.Disclosure{MinCount: 20}
	o := w.same("one", nil)
	w.wire.onReturn = func(r ledger.SignedRelease, err error) (ledger.SignedRelease, error) {
		ok(t, err)
		r.Release.Vector = []int64{1, 0, 0, 1}
		r.Signature, err = ledger.SignDocument(w.Key, w.Domain, ledger.KindRelease, r.Release, 0, 0)
		return r, err
	}
	if _, err := w.market.Ask(t.Context(), w.Researcher.Address(), o); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Fatalf("error %v", err)
	}
	w.wire.onReturn = nil
	w.answered(o)
}
