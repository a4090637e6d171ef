package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Bounds of mandates.
const (
	MaxMandates    = 16                        // of one patient, that run
	MaxMandateLife = 20 * 365 * 24 * time.Hour // a minority
)

// MandateKind says what its holder may do for the patient.
type MandateKind string

// The mandates. A guardian says what she could, and his word lapses when his mandate
// ends. A delegate narrows or withdraws, and what he says stays.
const (
	Guardian MandateKind = "guardian"
	Delegate MandateKind = "delegate"
)

// Delegation is what a patient signs to have another key speak for her, or a steward
// for a patient who cannot sign: that one ends when she gets a key.
type Delegation struct {
	Provider ledger.Address `json:"provider"`
	Patient  *int64         `json:"patient,omitempty"` // of whom the steward says it; nil: of who signs
	Key      ledger.Address `json:"key"`               // who may speak for her
	Kind     MandateKind    `json:"kind"`
	Until    int64          `json:"until"` // Unix seconds
	Nonce    ledger.Hash    `json:"nonce"` // random: the mandate is known by the hash of this document
}

// Revocation is what a patient or a steward signs to end a mandate.
type Revocation struct {
	Provider ledger.Address `json:"provider"`
	Mandate  ledger.Hash    `json:"mandate"`
}

// Mandate is a delegation on record.
type Mandate struct {
	ID      ledger.Hash // document hash of the delegation
	Patient int64       // never shown
	Key     ledger.Address
	Kind    MandateKind
	Until   int64 // Unix seconds
	Revoked int64 // when, Unix seconds; 0: it was not
}

// Runs reports whether key speaks by m at a time.
func (m Mandate) Runs(key ledger.Address, at int64) bool {
	return m.Key == key && at < m.Until && m.Revoked == 0
}

// Mandates is what a [Store] keeps of who else speaks for patients. All that Store
// says of its methods holds here.
type Mandates interface {
	// Delegate keeps a mandate and tells its patient. If by is set she is the patient
	// of that key (ErrNotEnrolled), else of m, and must have none (ErrHasKey).
	// ErrTooManyMandates beyond MaxMandates that run; nothing happens if it is on record.
	Delegate(ctx context.Context, m Mandate, by *ledger.Address, now int64) error
	// Revoke ends a mandate at once and tells its patient; by, unless nil, must be
	// her key. ErrNoMandate.
	Revoke(ctx context.Context, id ledger.Hash, by *ledger.Address, now int64) error
	// MandatesOf returns those that a key holds, and those of its patient if it has one.
	MandatesOf(ctx context.Context, key ledger.Address) ([]Mandate, error)
	// Mandate returns one; ErrNoMandate.
	Mandate(ctx context.Context, id ledger.Hash) (Mandate, error)
	// PreferenceOf returns the standing of a mandate's patient; ErrNoMandate, ErrNoPreference.
	PreferenceOf(ctx context.Context, id ledger.Hash) (Standing, error)
}

// Delegate records who else may speak for a patient: a steward's word is for one
// without a key only. Errors: ErrMalformed, ErrSignature, ErrExpired, ErrNotEnrolled,
// ErrUnknownPatient, ErrHasKey, ErrTooManyMandates.
func (n *Node) Delegate(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) (ledger.Hash, error) {
	var s Delegation
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return ledger.Hash{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	now := n.cfg.Now()
	switch {
	case s.Provider != n.Address() || s.Key.IsZero() || s.Nonce.IsZero() || s.Kind != Guardian && s.Kind != Delegate:
		return ledger.Hash{}, fmt.Errorf("%w: wants this hospital, a key, a nonce and a guardian or delegate", ErrMalformed)
	case s.Until <= now.Unix() || s.Until > now.Add(MaxMandateLife).Unix():
		return ledger.Hash{}, fmt.Errorf("%w: a mandate ends, within %s", ErrMalformed, MaxMandateLife)
	case s.Patient != nil && s.Kind != Guardian:
		return ledger.Hash{}, fmt.Errorf("%w: a delegate is the patient's to name", ErrMalformed)
	}
	signer, err := n.allowed(ctx, signed, ledger.KindDelegation, s.Patient != nil, mayBring)
	if err != nil {
		return ledger.Hash{}, err
	}
	m, by := Mandate{ID: signed.Hash(), Key: s.Key, Kind: s.Kind, Until: s.Until}, &signer
	if s.Patient != nil {
		if !n.inRecords(*s.Patient) {
			return ledger.Hash{}, ErrUnknownPatient
		}
		m.Patient, by = *s.Patient, nil
	}
	return m.ID, n.cfg.Store.Delegate(ctx, m, by, now.Unix())
}

// allowed returns who signed, who may bring it and is a steward if need be.
func (n *Node) allowed(ctx context.Context, signed ledger.SignedDocument, kind ledger.Kind, steward bool, mayBring func(ledger.Address) bool) (ledger.Address, error) {
	signer, err := n.fresh(signed, kind)
	if err != nil {
		return signer, err
	}
	if !mayBring(signer) {
		return signer, fmt.Errorf("%w: the caller may not bring another's word", ErrSignature)
	}
	if steward {
		err = n.steward(ctx, signer)
	}
	return signer, err
}

// Revoke ends a mandate: its patient's key signs, or a steward. Errors: ErrMalformed,
// ErrSignature, ErrExpired, ErrNoMandate.
func (n *Node) Revoke(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	var s Revocation
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Provider != n.Address() {
		return fmt.Errorf("%w: names another hospital", ErrMalformed)
	}
	signer, err := n.allowed(ctx, signed, ledger.KindRevocation, false, mayBring)
	if err != nil {
		return err
	}
	by := &signer
	switch err := n.steward(ctx, signer); {
	case err == nil:
		by = nil
	case !errors.Is(err, ErrSignature):
		return err
	}
	return n.cfg.Store.Revoke(ctx, s.Mandate, by, n.cfg.Now().Unix())
}

// Mandates returns those that a key holds, and those of its patient.
func (n *Node) Mandates(ctx context.Context, key ledger.Address) ([]Mandate, error) {
	return n.cfg.Store.MandatesOf(ctx, key)
}

// PreferenceBy is [Node.Preference] for the holder of a mandate that runs. Errors:
// ErrNoMandate, ErrNoPreference.
func (n *Node) PreferenceBy(ctx context.Context, key ledger.Address, mandate ledger.Hash) (Standing, error) {
	if _, err := n.running(ctx, key, mandate); err != nil {
		return Standing{}, err
	}
	return n.cfg.Store.PreferenceOf(ctx, mandate)
}

// running returns a mandate if key speaks by it now; ErrNoMandate.
func (n *Node) running(ctx context.Context, key ledger.Address, mandate ledger.Hash) (Mandate, error) {
	m, err := n.cfg.Store.Mandate(ctx, mandate)
	if err == nil && !m.Runs(key, n.cfg.Now().Unix()) {
		err = ErrNoMandate
	}
	return m, err
}

// mandated checks what a guardian or delegate says, whom only the patient's own cap binds alike. That the revision before it is the
// one that it is compared with, and that the mandate still runs, the store sees to again.
func (n *Node) mandated(ctx context.Context, signer ledger.Address, d ledger.SignedDocument, s PreferenceStatement) error {
	m, err := n.running(ctx, signer, *s.Grantor.Mandate)
	if err != nil {
		return err
	}
	until := s.Preference.GuardianUntil
	switch {
	case string(m.Kind) != s.Grantor.By || s.Grantor.Form != "":
		return ErrNoMandate
	case m.Kind == Guardian && (until < 1 || until > m.Until):
		return fmt.Errorf("%w: a guardian's word lapses with his mandate: guardian_until", ErrMalformed)
	}
	standing, err := n.cfg.Store.PreferenceOf(ctx, m.ID)
	before, err := said(standing, err)
	switch {
	case err != nil:
		return err
	case d.Revision != standing.Document.Revision+1:
		return ErrStaleRevision
	case !s.Preference.KeepsCap(before):
		return ErrCapRaised
	case m.Kind == Delegate && !s.Preference.Narrows(before):
		return ErrWidens
	}
	return nil
}

// said is what a standing says, if there is one: of whom nothing is on record, nothing is permitted.
func said(standing Standing, err error) (policy.ReleasePreference, error) {
	s := PreferenceStatement{Preference: policy.ReleasePreference{Decision: policy.Deny, Status: policy.Withdrawn}}
	switch {
	case errors.Is(err, ErrNoPreference):
		err = nil
	case err == nil:
		if err = ledger.ParseCanonical(standing.Document.Content, &s); err != nil {
			err = fmt.Errorf("preference on record: %w", err)
		}
	}
	return s.Preference, err
}
