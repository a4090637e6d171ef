package marketplace

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
)

// Change is what a member of a committee has signed of an approved grant, for the chain.
type Change struct {
	Action    review.Action // Suspend, Resume, Renew, Revoke or Close
	ReviewBy  int64         // of a Renew: when the next review is due, Unix seconds
	Report    ledger.Hash   // of a Close: the final report; zero: none
	Signature ledger.Signature
}

// ChangeGrant carries a change to the chain and returns once it is in a block. The signature is by any member of the committee that
// the study is before; anybody could carry it there, so that no marketplace decides. What the newest block says already is no error. Errors:
// ErrUnknownGrant, ErrSignature, ErrMalformed, review.ErrNotNow.
func (m *Market) ChangeGrant(ctx context.Context, grant ledger.Hash, c Change) error {
	r, g, err := m.review(ctx, grant)
	if err != nil {
		return err
	}
	if r.Grant != grant {
		return fmt.Errorf("%w: another document has taken its place", review.ErrNotNow)
	}
	unlock, err := m.reviewing.Take(ctx, r.Study)
	if err != nil {
		return err
	}
	defer unlock()
	record, found, err := m.recordNow(ctx, grant, g)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: the chain has no approval of it", review.ErrNotNow)
	}
	made, digest, err := c.on(m.cfg.Domain, record)
	if err != nil {
		return err
	}
	signer, err := ledger.Recover(digest, c.Signature)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	role, err := m.role(ctx, r, g, signer)
	if errors.Is(err, ErrUnknownGrant) || err == nil && role != review.Committee {
		return fmt.Errorf("%w: it is of no member of the committee, or of what is not so now", ErrSignature)
	}
	if err != nil || made {
		return err
	}
	return m.carry(ctx, grant, record, c)
}

// on is what a change is of a grant as the newest block has it: whether it is made already, and what its signature is over. Error:
// review.ErrNotNow, ErrMalformed.
func (c Change) on(d ledger.Domain, r ledger.GrantRecord) (made bool, digest ledger.Hash, err error) {
	running := r.Status == ledger.GrantActive || r.Status == ledger.GrantSuspended
	possible := running
	switch c.Action {
	case review.Suspend:
		made = r.Status == ledger.GrantSuspended
		times := r.Suspensions
		if made {
			times-- // it was signed for the suspension that there is
		}
		digest = d.GrantSuspensionDigest(r.Document, times)
	case review.Resume:
		possible = r.Status == ledger.GrantSuspended
		digest = d.GrantResumptionDigest(r.Document, r.Suspensions)
	case review.Renew:
		made = running && c.ReviewBy == r.ReviewBy
		possible = running && c.later(r)
		digest = d.GrantReviewDigest(r.Document, c.ReviewBy)
	case review.Revoke:
		made = r.Status == ledger.GrantRevoked
		digest = d.GrantRevocationDigest(r.Document)
	case review.Close:
		made = r.Status == ledger.GrantClosed
		digest = d.GrantClosureDigest(r.Document, c.Report)
	default: // no other is one on the chain
		return false, digest, fmt.Errorf("%w: %q is no change of a grant", ErrMalformed, string(c.Action))
	}
	if !made && !possible {
		return false, digest, fmt.Errorf("%w: %s, as the chain has it", review.ErrNotNow, c.Action)
	}
	return made, digest, nil
}

// later says whether a renewal puts the review of a grant off, within its period.
func (c Change) later(r ledger.GrantRecord) bool {
	return r.ReviewBy != 0 && c.ReviewBy > r.ReviewBy && c.ReviewBy <= r.Expiry
}

// carry sends a change that has been checked.
func (m *Market) carry(ctx context.Context, grant ledger.Hash, r ledger.GrantRecord, c Change) (err error) {
	switch c.Action {
	case review.Suspend:
		err = m.cfg.Chain.SuspendGrant(ctx, grant, r.Suspensions, c.Signature)
	case review.Resume:
		err = m.cfg.Chain.ResumeGrant(ctx, grant, r.Suspensions, c.Signature)
	case review.Renew:
		err = m.cfg.Chain.RenewGrant(ctx, grant, c.ReviewBy, c.Signature)
	case review.Revoke:
		err = m.cfg.Chain.RevokeGrant(ctx, grant, c.Signature)
	case review.Close:
		err = m.cfg.Chain.CloseGrant(ctx, grant, c.Report, c.Signature)
	default:
		err = ErrMalformed // Change.on lets none pass
	}
	if err != nil {
		return fmt.Errorf("carrying a change to the chain: %w", err)
	}
	return nil
}
