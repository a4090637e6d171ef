package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
)

// Bounds of what is recorded.
const (
	MaxBatch      = 1000     // documents or enrolments in one call
	MaxPreference = 16 << 10 // bytes of a patient's document
	// MaxDaily are the documents of one patient within a day after which only those
	// are taken that permit nothing: each may be a class that all decisions look at,
	// whoever waits. It counts documents and not classes that are new, which would
	// tell her whether somebody has said the same before.
	MaxDaily = 16
)

// PreferenceStatement is what a patient signs: which hospital, and what it may
// release. Naming the hospital keeps a signature from being used at another.
// For a patient who told the hospital in another way, the hospital signs.
type PreferenceStatement struct {
	Provider   ledger.Address           `json:"provider"`
	Grantor    Grantor                  `json:"grantor"`
	Preference policy.ReleasePreference `json:"preference"`
}

// EnrolmentStatement is what a steward signs to bind keys to patients.
type EnrolmentStatement struct {
	Provider   ledger.Address `json:"provider"`
	Enrolments []Enrolment    `json:"enrolments"`
}

// Enrol binds patients' keys, all or none; guardians of theirs have no mandate from
// then on. Errors: ErrMalformed, ErrSignature,
// ErrExpired, ErrUnknownPatient, ErrAlreadyEnrolled.
func (n *Node) Enrol(ctx context.Context, signed ledger.SignedDocument) error {
	var s EnrolmentStatement
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Provider != n.Address() || len(s.Enrolments) == 0 || len(s.Enrolments) > MaxBatch {
		return fmt.Errorf("%w: wants this hospital and 1 to %d enrolments", ErrMalformed, MaxBatch)
	}
	if _, err := n.bySteward(ctx, signed, ledger.KindEnrolment); err != nil {
		return err
	}
	for _, e := range s.Enrolments {
		if !n.inRecords(e.Patient) {
			return ErrUnknownPatient
		}
	}
	return n.cfg.Store.Enrol(ctx, s.Enrolments, n.cfg.Now().Unix())
}

// SetPreferences records preferences signed by patients, all or none, and
// returns the log index at which they are in force. Each document speaks for the
// patient of the key that signed it, or of its mandate; mayBring says whether the caller may bring a document
// of that key. Errors: ErrMalformed, ErrSignature, ErrExpired, ErrNotEnrolled,
// ErrStaleRevision, ErrNoMandate, ErrCapRaised, ErrWidens, ErrTooManyChanges.
func (n *Node) SetPreferences(ctx context.Context, docs []ledger.SignedDocument, mayBring func(signer ledger.Address) bool) (token uint64, err error) {
	if len(docs) == 0 || len(docs) > MaxBatch {
		return 0, fmt.Errorf("%w: wants 1 to %d documents", ErrMalformed, MaxBatch)
	}
	events := make([]Event, len(docs))
	for i, d := range docs {
		if events[i], err = n.event(ctx, d); err != nil {
			return 0, err
		}
		if !mayBring(events[i].Key) {
			return 0, fmt.Errorf("%w: the caller may not bring another's preference", ErrSignature)
		}
	}
	return n.cfg.Store.Record(ctx, events)
}

func (n *Node) event(ctx context.Context, d ledger.SignedDocument) (Event, error) {
	var s PreferenceStatement
	if err := ledger.ParseCanonical(d.Content, &s); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Provider != n.Address() || s.Grantor.Mandate == nil && s.Grantor != Self() {
		return Event{}, fmt.Errorf("%w: names another hospital, or the grantor is neither the patient herself nor has a mandate", ErrMalformed)
	}
	if err := s.Preference.Validate(); err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := n.holdsShare(s.Preference); err != nil {
		return Event{}, err
	}
	signer, err := n.fresh(d, ledger.KindReleasePreference)
	if err == nil && s.Grantor.Mandate != nil {
		err = n.mandated(ctx, signer, d, s)
	}
	if err != nil {
		return Event{}, err
	}
	e, err := n.eventOf(signer, d, s.Preference)
	e.Mandate = s.Grantor.Mandate
	return e, err
}

// eventOf is the event of a document that has been checked.
func (n *Node) eventOf(signer ledger.Address, d ledger.SignedDocument, p policy.ReleasePreference) (Event, error) {
	if len(d.Content) > MaxPreference {
		return Event{}, fmt.Errorf("%w: a preference has at most %d bytes", ErrMalformed, MaxPreference)
	}
	class, until, ownCap := p.Class()
	document, err := ledger.Canonical(class)
	if err != nil {
		return Event{}, err
	}
	salt, hash := NewSalt(), d.Hash()
	return Event{
		Key: signer, Document: d, ClassHash: ledger.HashBytes(document), ClassDocument: document, Permits: p.MayPermit(), Until: until, Cap: CapOf(ownCap),
		Salt: salt, Leaf: ledger.LeafHash(ledger.SaltedLeaf(salt, hash[:])), At: n.cfg.Now().Unix(),
	}, nil
}

// CapOf is a patient's own cap, nil if she has none. It counts in zCDP, as her scope does.
func CapOf(own *policy.Loss) *accountant.Cost {
	if own == nil {
		return nil
	}
	return &accountant.Cost{NanoRho: own.NanoRho, Delta: own.Delta}
}

// Preference returns the latest document of a key and what its patient has
// lost. Errors: ErrNotEnrolled, ErrNoPreference.
func (n *Node) Preference(ctx context.Context, key ledger.Address) (Standing, error) {
	return n.cfg.Store.Preference(ctx, key)
}

// SetPolicy records the next revision of the dataset policy, signed by a
// steward of this hospital. Its accounting stays what the first revision says.
func (n *Node) SetPolicy(ctx context.Context, signed ledger.SignedDocument) error {
	p, err := ParsePolicy(signed)
	if err != nil {
		return err
	}
	if p.Dataset != n.cfg.Metadata.Dataset || p.Revision != signed.Revision {
		return fmt.Errorf("%w: names another dataset or revision", ErrMalformed)
	}
	if _, err := n.bySteward(ctx, signed, ledger.KindDatasetPolicy); err != nil {
		return err
	}
	if err := n.sameAccounting(ctx, p); err != nil {
		return err
	}
	hash := signed.Hash() // a policy is public: its leaf needs no salt
	return n.cfg.Store.SetPolicy(ctx, signed, ledger.LeafHash(hash[:]), n.cfg.Now().Unix())
}

// sameAccounting refuses a policy that would turn what was spent under one kind of accounting into another. Two
// revisions set at once may pass it; then the store refuses every charge under the second kind.
func (n *Node) sameAccounting(ctx context.Context, p policy.DatasetPolicy) error {
	signed, err := n.cfg.Store.Policy(ctx)
	if errors.Is(err, ErrNoPolicy) {
		return nil
	}
	if err != nil {
		return err
	}
	before, err := n.policies.of(signed)
	if err != nil {
		return fmt.Errorf("policy on record: %w", err)
	}
	if before.Accounting != p.Accounting {
		return fmt.Errorf("%w: the accounting cannot change", ErrMalformed)
	}
	return nil
}

// ParsePolicy reads a signed policy; ErrMalformed.
func ParsePolicy(signed ledger.SignedDocument) (policy.DatasetPolicy, error) {
	var p policy.DatasetPolicy
	if err := ledger.ParseCanonical(signed.Content, &p); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := p.Validate(); err != nil {
		return p, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return p, nil
}
