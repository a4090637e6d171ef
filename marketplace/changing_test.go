package marketplace_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
)

// signedChange is a change of the world's grant by somebody, as of so many suspensions.
func (w *world) signedChange(by *ledger.Key, a review.Action, suspensions uint64, reviewBy int64) marketplace.Change {
	digest := map[review.Action]ledger.Hash{
		review.Suspend: w.Domain.GrantSuspensionDigest(w.grant, suspensions), review.Resume: w.Domain.GrantResumptionDigest(w.grant, suspensions),
		review.Renew: w.Domain.GrantReviewDigest(w.grant, reviewBy), review.Revoke: w.Domain.GrantRevocationDigest(w.grant),
		review.Close: w.Domain.GrantClosureDigest(w.grant, ledger.Hash{}),
	}[a]
	return marketplace.Change{Action: a, ReviewBy: reviewBy, Signature: by.Sign(digest)}
}

// G2: what a committee decides on a running grant takes hold, once, by a member's signature and nobody else's.
func TestG2ChangesOfAGrant(t *testing.T) {
	w := open(t)
	first := w.grant
	until := w.Clock.Now().Unix() + 100
	w.grant = w.file("reviewed", func(g *policy.Grant) { g.ReviewBy = until })
	suspended := w.signedChange(w.Committee, review.Suspend, 0, 0)
	change := func(c marketplace.Change) func() error {
		return func() error { return w.market.ChangeGrant(t.Context(), w.grant, c) }
	}
	w.refused(t, review.ErrNotNow, change(suspended)) // it is not approved
	ok(t, w.market.ApproveGrant(t.Context(), w.grant, w.approval(w.Committee)))
	colleague := w.person(ledger.RoleCommittee, w.organisation())
	stranger := w.person(ledger.RoleCommittee, ledger.Hash{9})
	w.refused(t, marketplace.ErrUnknownGrant, func() error { return w.market.ChangeGrant(t.Context(), ledger.Hash{1}, suspended) })
	w.refused(t, marketplace.ErrSignature, func() error { return w.market.ChangeGrant(t.Context(), first, suspended) })
	for _, by := range []*ledger.Key{w.Researcher, stranger} {
		w.refused(t, marketplace.ErrSignature, change(w.signedChange(by, review.Suspend, 0, 0)))
	}
	w.refused(t, marketplace.ErrSignature, change(w.signedChange(w.Committee, review.Suspend, 1, 0)))
	w.refused(t, review.ErrNotNow, change(w.signedChange(w.Committee, review.Resume, 0, 0)))
	w.refused(t, marketplace.ErrMalformed, change(marketplace.Change{Action: review.Approve, Signature: suspended.Signature}))

	stands := func(want ledger.GrantStatus) {
		t.Helper()
		study, err := w.market.Review(t.Context(), w.Researcher.Address(), w.grant)
		ok(t, err)
		equal(t, "status", study.Status, want)
	}
	makes := func(want ledger.GrantStatus, c marketplace.Change) {
		t.Helper()
		ok(t, change(c)())
		stands(want)
	}
	makes(ledger.GrantSuspended, suspended)
	makes(ledger.GrantSuspended, suspended)                                                           // carried again: no error
	w.refused(t, marketplace.ErrSignature, change(w.signedChange(w.Committee, review.Suspend, 7, 0))) // of another time
	makes(ledger.GrantActive, w.signedChange(colleague, review.Resume, 1, 0))
	w.refused(t, marketplace.ErrSignature, change(suspended)) // of the time before
	makes(ledger.GrantActive, w.signedChange(colleague, review.Renew, 0, until+1))
	w.refused(t, review.ErrNotNow, change(w.signedChange(colleague, review.Renew, 0, until)))
	down := errors.New("chain is down")
	w.Chain.Fail = func(method string) error {
		if method == "RevokeGrant" {
			return down
		}
		return nil
	}
	w.refused(t, down, change(w.signedChange(w.Committee, review.Revoke, 0, 0)))
	w.Chain.Fail = nil
	makes(ledger.GrantRevoked, w.signedChange(w.Committee, review.Revoke, 0, 0))
	makes(ledger.GrantRevoked, w.signedChange(w.Committee, review.Revoke, 0, 0))
	w.refused(t, review.ErrNotNow, change(w.signedChange(w.Committee, review.Close, 0, 0)))
	w.grant = first
	makes(ledger.GrantClosed, w.signedChange(w.Committee, review.Close, 0, 0))
}

func (w *world) organisation() ledger.Hash {
	w.t.Helper()
	p, err := w.Chain.Participant(w.t.Context(), w.Committee.Address())
	ok(w.t, err)
	return p.Organisation
}
