package eth

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/contracts"
)

// ApproveGrant records a committee's approval: sig is its signature of the
// record's [ledger.GrantTerms], by a member of a committee. Datasets must rise
// strictly. The fields Committee, Status, Suspensions, Study and Since are not sent. An
// approval that is on record already is no error: anybody may have carried it there. The
// grant is active once as many members have approved as must ([Client.Approvals]).
func (t *Transactor) ApproveGrant(ctx context.Context, g ledger.GrantRecord, sig ledger.Signature) error {
	wrap := func(err error) error { return fmt.Errorf("approving grant %s: %w", g.Document, err) }
	if g.NotBefore < 0 || g.Expiry < 0 || g.ReviewBy < 0 {
		return wrap(fmt.Errorf("period: %w", ErrRange))
	}
	datasets := make([][32]byte, len(g.Datasets))
	for i, d := range g.Datasets {
		datasets[i] = d
	}
	_, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackApprove(g.Document, contracts.GrantsTerms{
		Revision: g.Revision, NotBefore: uint64(g.NotBefore), Expiry: uint64(g.Expiry), ReviewBy: uint64(g.ReviewBy), Amends: g.Amends,
		Datasets: datasets, NanoRhoCeilings: g.Ceilings,
	}, sig[:]))
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
// ([ledger.Domain.GrantResumptionDigest]). As many are needed as to approve. One that is on record already is no error.
func (t *Transactor) ResumeGrant(ctx context.Context, document ledger.Hash, suspensions uint64, sig ledger.Signature) error {
	_, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackResume(document, suspensions, sig[:]))
	if err != nil && !errors.Is(err, AlreadySigned) {
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

// RenewGrant records one member's signature that the continuing review is done and the next
// is due at reviewBy, Unix seconds ([ledger.Domain.GrantReviewDigest]). As many are needed as
// to approve, for the same date.
func (t *Transactor) RenewGrant(ctx context.Context, document ledger.Hash, reviewBy int64, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackRenew(document, uint64(reviewBy), sig[:])); err != nil {
		return fmt.Errorf("renewing grant %s: %w", document, err)
	}
	return nil
}

// CloseGrant closes a grant, for good: sig is the signature of its digest
// ([ledger.Domain.GrantClosureDigest]) by any one member of the committee, or one who approved
// it. Report is the hash of the final report, zero if there is none.
func (t *Transactor) CloseGrant(ctx context.Context, document, report ledger.Hash, sig ledger.Signature) error {
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackClose(document, report, sig[:])); err != nil {
		return fmt.Errorf("closing grant %s: %w", document, err)
	}
	return nil
}

// MaxSteps is how many steps are recorded in one transaction at most.
const MaxSteps = 64

// RecordSteps records the hashes of further steps of a study's review under the key's own
// name, after those whose head is before ([ledger.StepsHead]; zero: none). It sends those that the
// newest block does not have, MaxSteps of them at most.
func (t *Transactor) RecordSteps(ctx context.Context, study, before ledger.Hash, steps []ledger.Hash) error {
	wrap := func(err error) error { return fmt.Errorf("recording steps of %s: %w", study, err) }
	newest, err := t.Head(ctx)
	if err != nil {
		return wrap(err)
	}
	onRecord, err := t.stepsAt(ctx, t.Address(), study, newest)
	if err != nil {
		return err
	}
	head := before
	for i, s := range steps {
		if head = ledger.StepsHead(head, s); head == onRecord {
			before, steps = head, steps[i+1:]
			break
		}
	}
	if len(steps) == 0 {
		return nil
	}
	plain := make([][32]byte, min(len(steps), MaxSteps))
	for i := range plain {
		plain[i] = steps[i]
	}
	if _, err := t.send(ctx, t.cfg.Addresses.Grants, t.grants.PackRecord(study, before, plain)); err != nil {
		return wrap(err)
	}
	return nil
}
