package provider

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Form is how a patient told the hospital what it then recorded.
type Form string

// The forms.
const (
	Paper  Form = "paper"
	Verbal Form = "verbal"
)

// Grantor says who stands for a preference.
type Grantor struct {
	By   string `json:"by"`             // "self", "hospital", "guardian" or "delegate"
	Form Form   `json:"form,omitempty"` // of what the hospital recorded
	// Mandate is the guardian's or delegate's; nil for the others.
	Mandate *ledger.Hash `json:"mandate,omitempty"`
}

// Self is the grantor of what a patient signs herself.
func Self() Grantor { return Grantor{By: "self"} }

// ByHospital is the grantor of what a hospital records.
func ByHospital(f Form) Grantor { return Grantor{By: "hospital", Form: f} }

// RecordedPreferences is what a steward signs: patients told the hospital, on
// paper or in words, what it may release. Their numbers stay in this statement,
// which never leaves the hospital.
type RecordedPreferences struct {
	Provider ledger.Address       `json:"provider"`
	Form     Form                 `json:"form"`
	Recorded []RecordedPreference `json:"recorded"`
}

// RecordedPreference is the next revision of one patient's preference.
type RecordedPreference struct {
	Patient    int64                    `json:"patient"`
	Revision   uint64                   `json:"revision"` // one more than her last, her own included; the first is 1
	Preference policy.ReleasePreference `json:"preference"`
}

// RecordPreferences records what a steward signed that patients said, all or
// none, and returns the token. The node signs each document itself, as the
// grantor. A patient with a key speaks for herself: for her only a withdrawal, or a
// denial without provisions, is recorded, and what permits nothing carries the cap that
// she has, or a lower one. Errors: ErrMalformed, ErrSignature, ErrExpired,
// ErrUnknownPatient, ErrHasKey, ErrStaleRevision, ErrTooManyChanges.
func (n *Node) RecordPreferences(ctx context.Context, signed ledger.SignedDocument) (token uint64, err error) {
	var s RecordedPreferences
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	switch {
	case s.Provider != n.Address() || len(s.Recorded) == 0 || len(s.Recorded) > MaxBatch:
		return 0, fmt.Errorf("%w: wants this hospital and 1 to %d preferences", ErrMalformed, MaxBatch)
	case s.Form != Paper && s.Form != Verbal:
		return 0, fmt.Errorf("%w: the form is %q or %q", ErrMalformed, Paper, Verbal)
	}
	signer, err := n.bySteward(ctx, signed, ledger.KindRecordedPreferences)
	if err != nil {
		return 0, err
	}
	events := make([]Event, len(s.Recorded))
	before := caps{}
	for i, r := range s.Recorded {
		if events[i], err = n.recorded(ctx, r, s.Form, signer, before); err != nil {
			return 0, fmt.Errorf("recording preferences: preference %d of %d: %w", i+1, len(events), err)
		}
	}
	return n.cfg.Store.Record(ctx, events)
}

// recorded is the event of one recorded preference, signed by the node. The
// steward's signature had to be fresh; the hospital's does not expire.
func (n *Node) recorded(ctx context.Context, r RecordedPreference, form Form, steward ledger.Address, before caps) (Event, error) {
	if err := r.Preference.Validate(); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := n.holdsShare(r.Preference); err != nil {
		return Event{}, err
	}
	if !n.inRecords(r.Patient) {
		return Event{}, ErrUnknownPatient
	}
	if err := n.keepCap(ctx, &r, before); err != nil {
		return Event{}, err
	}
	s := PreferenceStatement{Provider: n.Address(), Grantor: ByHospital(form), Preference: r.Preference}
	d, err := ledger.NewSignedDocument(n.cfg.Key, n.cfg.Domain, ledger.KindReleasePreference, s, r.Revision, 0)
	if err != nil {
		return Event{}, err
	}
	e, err := n.eventOf(n.Address(), d, r.Preference)
	e.Recorded = &Recorded{Patient: r.Patient, Steward: steward}
	return e, err
}

// caps are what each patient of one call last said, of which the next revision keeps the cap.
type caps map[int64]struct {
	revision   uint64
	preference policy.ReleasePreference
}

// keepCap has a record that permits nothing carry the patient's cap, which the steward need not know: nobody but she gives it up. What it is
// taken from must be the revision before.
func (n *Node) keepCap(ctx context.Context, r *RecordedPreference, before caps) error {
	p := &r.Preference
	last, known := before[r.Patient]
	if !known && !p.MayPermit() {
		standing, err := n.cfg.Store.Standing(ctx, r.Patient)
		if last.preference, err = said(standing, err); err != nil {
			return err
		}
		last.revision = standing.Document.Revision
	}
	if !p.MayPermit() && r.Revision != last.revision+1 {
		return ErrStaleRevision
	}
	if !p.MayPermit() && !p.KeepsCap(last.preference) {
		p.OwnCap, p.CapSplit, p.CapSalt = last.preference.OwnCap, last.preference.CapSplit, last.preference.CapSalt
	}
	last.revision, last.preference = r.Revision, *p
	before[r.Patient] = last
	return nil
}
