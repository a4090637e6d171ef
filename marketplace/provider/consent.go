package provider

import (
	"context"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// ConsentProof proves to a patient what the hospital was committed to for her
// at the end of an interval: her preference, and what its class had been charged. It
// is hers alone, and leaves at a slot, since making it takes longer the more classes
// there are. Errors: ErrNotEnrolled, ErrNoInterval, ErrNotReached, and ErrNoEntry if
// nothing was recorded of her by then.
func (n *Node) ConsentProof(ctx context.Context, key ledger.Address, asOf uint64) (consent.Proof, error) {
	admitted := time.Now()
	p, err := n.consentProof(ctx, key, asOf)
	if late := n.slot(ctx, admitted); late != nil {
		return consent.Proof{}, late
	}
	return p, err
}

func (n *Node) consentProof(ctx context.Context, key ledger.Address, asOf uint64) (consent.Proof, error) {
	patient, err := n.cfg.Store.Patient(ctx, key)
	if err != nil {
		return consent.Proof{}, err
	}
	p, err := n.cfg.Store.Consent(ctx, patient, asOf)
	if err != nil {
		return consent.Proof{}, err
	}
	if p.Present == nil { // a proof of absence shows the map around her, and is for stewards
		return consent.Proof{}, ErrNoEntry
	}
	return n.complete(ctx, p)
}

// ConsentProofOf proves to a steward what the hospital was committed to for a
// patient, or that she was not in its map. The caller has checked that a steward
// of this hospital asks. Errors: ErrNoInterval, ErrNotReached.
func (n *Node) ConsentProofOf(ctx context.Context, patient int64, asOf uint64) (consent.Proof, error) {
	p, err := n.cfg.Store.Consent(ctx, patient, asOf)
	if err != nil {
		return consent.Proof{}, err
	}
	return n.complete(ctx, p)
}

// AbsenceProof proves to a steward that nothing was at an index of the map. The
// caller has checked that a steward of this hospital asks. Errors:
// consent.ErrPresent, ErrNoInterval, ErrNotReached.
func (n *Node) AbsenceProof(ctx context.Context, index ledger.Hash, asOf uint64) (consent.Proof, error) {
	p, err := n.cfg.Store.Absence(ctx, index, asOf)
	if err != nil {
		return consent.Proof{}, err
	}
	return n.complete(ctx, p)
}

// complete adds whose log it is, that the checkpoint is in it and, once that is
// final, that the log is on the chain.
func (n *Node) complete(ctx context.Context, p consent.Proof) (_ consent.Proof, err error) {
	p.Provider = n.Address()
	if p.Inclusion, p.Anchor, err = n.log.Prove(ctx, p.Checkpoint.Size-1, 0); err != nil {
		return consent.Proof{}, err
	}
	return p, nil
}
