package eth

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

// ApproveGrant records a committee's approval: sig is its signature of the
// record's [ledger.GrantTerms], by a member of a committee. Datasets must rise
// strictly. The fields Committee, Status and Suspensions are not sent. An approval
// that is on record already is no error: anybody may have carried it there. The grant
// is active once as many members have approved as must ([Client.Approvals]).
func (t *Transactor) ApproveGrant(ctx context.Context, g ledger.GrantRecord, sig ledger.Signature) error {
	wrap := func(err error) error { return fmt.Errorf("approving grant %s: %w", g.Document, err) }
	if g.NotBefore < 0 || g.Expiry < 0 {
		return wrap(fmt.Errorf("period: %w", ErrRange))
	}
	datasets := make([][32]byte, len(g.Datasets))
	for i, d := range g.Datasets {
		datasets[i] = d
	}
	_, err := t.send(ctx, t.cfg.Addresses.Grants,
		t.grants.PackApprove(g.Document, g.Revision, datasets, g.Ceilings, uint64(g.NotBefore), uint64(g.Expiry), sig[:]))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, AlreadySigned): // the terms are the same, or it would be OtherTerms
		return nil
	}
	return wrap(err)
}

// SuspendGrant suspends an active grant: sig is the signature of its digest
// ([ledger.Domain.GrantSuspensionDigest]) by any one member of the committee, and
// suspensions how often it was suspended before.
func (t *Transactor) SuspendGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackSuspend(document, suspensions, sig[:])); err != nil {
		return fmt.Errorf("suspending grant %s: %w", document, err)
	}
	return nil
}

// ResumeGrant records one member's signature of the resumption
// ([ledger.Domain.GrantResumptionDigest]). As many are needed as to approve.
func (t *Transactor) ResumeGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackResume(document, suspensions, sig[:])); err != nil {
		return fmt.Errorf("resuming grant %s: %w", document, err)
	}
	return nil
}

// ConcludeGrant makes a grant active, or active again, that as many members of the
// organisation's committee have signed as must by now: the number may have been lowered
// since ([Transactor.SetApprovals]). Any key may.
func (t *Transactor) ConcludeGrant(ctx context.Context, document, organisation ledger.Hash) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackConclude(document, organisation)); err != nil {
		return fmt.Errorf("concluding grant %s: %w", document, err)
	}
	return nil
}

// RevokeGrant records a revocation, for good: sig is the signature of its digest
// ([ledger.Domain.GrantRevocationDigest]) by any one member of the committee, or one
// who approved it.
func (t *Transactor) RevokeGrant(ctx context.Context, document ledger.Hash, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackRevoke(document, sig[:])); err != nil {
		return fmt.Errorf("revoking grant %s: %w", document, err)
	}
	return nil
}
