package eth_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// TestAmendment: an amendment takes the place of what it amends when enough have approved it, once, and both are of
// one study.
func TestAmendment(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	member, other := keyOf(t, "member"), keyOf(t, "other committee")
	w.register(t, member.Address(), ledger.RoleCommittee, hospitalOrg)
	w.register(t, other.Address(), ledger.RoleCommittee, otherOrg)
	approve := func(key *ledger.Key, g ledger.GrantRecord) error {
		return w.marketplace.ApproveGrant(ctx, g, w.sign(t, key, g))
	}
	amends := func(name string, before ledger.GrantRecord) ledger.GrantRecord {
		g := w.grant(name)
		g.Amends, g.Study, g.Since = before.Document, before.Study, before.Since
		g.NotBefore++ // later than the study
		return g
	}
	first := w.grant("first")
	second, rival := amends("second", first), amends("rival", first)
	refused(t, approve(w.committee, second), eth.WrongStatus) // of nothing
	must(t, approve(w.committee, first))
	refused(t, approve(other, second), eth.WrongStatus) // of another organisation's
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))
	must(t, approve(w.committee, second))
	must(t, approve(w.committee, rival))
	w.wantGrant(t, first, true) // one signature changes nothing
	w.wantGrant(t, second, false)
	must(t, approve(member, second))
	first.Status = ledger.GrantSuperseded
	w.wantGrant(t, first, true)
	w.wantGrant(t, second, true)
	refused(t, approve(member, rival), eth.WrongStatus) // its place is taken
	refused(t, w.marketplace.ResumeGrant(ctx, first.Document, 0, member.Sign(w.domain.GrantResumptionDigest(first.Document, 0))), eth.WrongStatus)
	refused(t, w.marketplace.RevokeGrant(ctx, first.Document, member.Sign(w.domain.GrantRevocationDigest(first.Document))), eth.WrongStatus)
	refused(t, approve(w.committee, amends("late", first)), eth.WrongStatus)

	third := amends("third", second) // of the second, and of the study of the first
	third.Study = first.Document
	must(t, approve(w.committee, third))
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 1))
	must(t, w.researcher.ConcludeGrant(ctx, third.Document, hospitalOrg))
	second.Status = ledger.GrantSuperseded
	w.wantGrant(t, second, true)
	w.wantGrant(t, third, true)
}

// TestContinuingReview: as many as must approve put the review off, for the same date, later and within the period; no
// signature counts twice.
func TestContinuingReview(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	member := keyOf(t, "member")
	w.register(t, member.Address(), ledger.RoleCommittee, hospitalOrg)
	g, never := w.grant("study"), w.grant("never reviewed")
	g.ReviewBy = w.now() + 1000
	due := g.ReviewBy
	renew := func(key *ledger.Key, document ledger.Hash, reviewBy int64) error {
		return w.marketplace.RenewGrant(ctx, document, reviewBy, key.Sign(w.domain.GrantReviewDigest(document, reviewBy)))
	}
	refused(t, renew(w.committee, g.Document, due+1), eth.WrongStatus)
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, w.committee, g)))
	must(t, w.marketplace.ApproveGrant(ctx, never, w.sign(t, w.committee, never)))
	w.wantGrant(t, g, true)
	refused(t, renew(w.committee, never.Document, due), eth.BadReview)
	refused(t, renew(w.committee, g.Document, due), eth.BadReview)
	refused(t, renew(w.committee, g.Document, g.Expiry+1), eth.BadReview)
	refused(t, renew(keyOf(t, "stranger"), g.Document, due+1), eth.NotCommittee)

	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))
	must(t, renew(w.committee, g.Document, due+10))
	must(t, renew(w.committee, g.Document, due+10)) // the same member again
	must(t, renew(member, g.Document, due+20))      // another date
	w.wantGrant(t, g, true)
	must(t, renew(w.committee, g.Document, due+20))
	g.ReviewBy = due + 20
	w.wantGrant(t, g, true)
	refused(t, renew(member, g.Document, due+20), eth.BadReview) // it is at that date already

	must(t, renew(member, g.Document, due+30))
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 1))
	must(t, w.marketplace.SuspendGrant(ctx, g.Document, 0, member.Sign(w.domain.GrantSuspensionDigest(g.Document, 0))))
	must(t, renew(member, g.Document, due+30)) // carried again, now that it suffices
	g.ReviewBy, g.Status, g.Suspensions = due+30, ledger.GrantSuspended, 1
	w.wantGrant(t, g, true)
}

// TestClose: any one member closes, for good.
func TestClose(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	g, report := w.grant("study"), ledger.Hash{5}
	closing := func(key *ledger.Key, signed, sent ledger.Hash) error {
		return w.researcher.CloseGrant(ctx, g.Document, sent, key.Sign(w.domain.GrantClosureDigest(g.Document, signed)))
	}
	refused(t, closing(w.committee, report, report), eth.WrongStatus)
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, w.committee, g)))
	refused(t, closing(w.committee, report, ledger.Hash{6}), eth.NotCommittee) // another report than was signed for
	refused(t, closing(keyOf(t, "stranger"), report, report), eth.NotCommittee)
	must(t, closing(w.committee, report, report))
	g.Status = ledger.GrantClosed
	w.wantGrant(t, g, true)
	refused(t, closing(w.committee, report, report), eth.WrongStatus)
	refused(t, w.marketplace.RevokeGrant(ctx, g.Document, w.committee.Sign(w.domain.GrantRevocationDigest(g.Document))), eth.WrongStatus)
	refused(t, w.marketplace.RenewGrant(ctx, g.Document, g.Expiry, w.committee.Sign(w.domain.GrantReviewDigest(g.Document, g.Expiry))), eth.WrongStatus)
}

// TestRecordedSteps: each marketplace records under its own name, in one order, each step once.
func TestRecordedSteps(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	study, one, two, three := ledger.Hash{9}, ledger.Hash{1}, ledger.Hash{2}, ledger.Hash{3}
	head := ledger.StepsHead(ledger.StepsHead(ledger.Hash{}, one), two)
	wantHead := func(want ledger.Hash) {
		t.Helper()
		w.finalise(t)
		if got, err := w.client.StepsHead(ctx, w.marketplace.Address(), study); err != nil || got != want {
			t.Errorf("head %s, %v; want %s", got, err, want)
		}
	}
	refused(t, w.researcher.RecordSteps(ctx, study, ledger.Hash{}, []ledger.Hash{one}), eth.NotMarketplace)
	refused(t, w.marketplace.RecordSteps(ctx, study, ledger.Hash{7}, []ledger.Hash{one}), eth.OtherHead)
	must(t, w.marketplace.RecordSteps(ctx, study, ledger.Hash{}, []ledger.Hash{one}))
	must(t, w.marketplace.RecordSteps(ctx, study, ledger.Hash{}, []ledger.Hash{one, two})) // of which the newest block has one
	wantHead(head)
	before := w.lastGas()
	must(t, w.marketplace.RecordSteps(ctx, study, ledger.Hash{}, []ledger.Hash{one, two})) // there already: nothing is sent
	if w.lastGas() != before {
		t.Error("steps were sent twice")
	}
	refused(t, w.marketplace.RecordSteps(ctx, study, ledger.Hash{}, []ledger.Hash{three}), eth.OtherHead)
	must(t, w.marketplace.RecordSteps(ctx, study, head, []ledger.Hash{three}))
	wantHead(ledger.StepsHead(head, three))
	many := make([]ledger.Hash, eth.MaxSteps+1)
	must(t, w.marketplace.RecordSteps(ctx, ledger.Hash{8}, ledger.Hash{}, many))
	must(t, w.marketplace.RecordSteps(ctx, ledger.Hash{8}, ledger.Hash{}, many)) // the one that was left
	must(t, w.marketplace.RecordSteps(ctx, ledger.Hash{8}, ledger.Hash{}, many))
	if other, err := w.client.StepsHead(ctx, w.hospital.Address(), study); err != nil || !other.IsZero() {
		t.Errorf("another's head: %s, %v", other, err)
	}
}
