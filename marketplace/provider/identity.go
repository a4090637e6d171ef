package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds of what binds keys to patients.
const (
	MaxInvited  = 1000                // patients in one invitation
	MaxTries    = 10                  // of one code
	MaxCodeLife = 90 * 24 * time.Hour // of a code
	NoticeLife  = 30 * 24 * time.Hour // for so long a notice is shown
	MaxContacts = 20                  // other hospitals that a patient names
	MaxNotices  = 64                  // of one other hospital, kept for one patient
)

// Invitation is what a steward signs to have codes made for patients, whom she
// has seen, each to be given to its patient in person. Their numbers stay in this
// statement, which never leaves the hospital.
type Invitation struct {
	Provider ledger.Address `json:"provider"`
	Patients []int64        `json:"patients"`
	// Recovery: a patient who has a key gets a code too, whose use ends that key.
	Recovery bool  `json:"recovery"`
	Until    int64 `json:"until"` // Unix seconds until which the codes are good
}

// Invited is the code of one patient. It is shown once.
type Invited struct {
	Patient int64
	Code    Code
}

// Invitations are codes to keep, all for one term.
type Invitations struct {
	Codes    []Invited
	Recovery bool
	Until    int64
	Now      int64
	Steward  ledger.Address
}

// KeyChange is what a patient signs with the key she has and with the one that
// is to take its place.
type KeyChange struct {
	Provider ledger.Address `json:"provider"`
	Key      ledger.Address `json:"key"`
	Next     ledger.Address `json:"next"`
}

// Contacts are the hospitals that a patient wants told when her key changes here.
type Contacts struct {
	Provider  ledger.Address   `json:"provider"`
	Hospitals []ledger.Address `json:"hospitals"`
}

// NoticeKind says what a notice is about.
type NoticeKind string

// The notices.
const (
	NoticeEnrolled  NoticeKind = "enrolled"  // a code bound the key
	NoticeRotated   NoticeKind = "rotated"   // the former key named this one
	NoticeRecovered NoticeKind = "recovered" // a recovery code ended the former key
	NoticeElsewhere NoticeKind = "elsewhere" // another hospital says that its patient of the former key now has this one
	NoticeDelegate  NoticeKind = "delegate"  // the key may speak for her
	NoticeRevoked   NoticeKind = "revoked"   // the key may no longer speak for her
	NoticeEmergency NoticeKind = "emergency" // the key, of a clinician, sees her records without her access: her log says why
)

// Notice tells a patient what happened to who speaks for her, or who saw her records in an emergency.
type Notice struct {
	At     int64 // Unix seconds
	Kind   NoticeKind
	Key    ledger.Address
	Former ledger.Address // that Key took the place of; zero if none
	From   ledger.Address // the other hospital of NoticeElsewhere
}

// KeyNotice is what a hospital signs for another one: a patient's key was
// replaced here. Her app carries it; it changes nothing there and is shown to her.
type KeyNotice struct {
	Provider ledger.Address `json:"provider"` // who says it
	To       ledger.Address `json:"to"`       // whom it is for
	Key      ledger.Address `json:"key"`
	Former   ledger.Address `json:"former"`
	At       int64          `json:"at"`
}

// Keys is what a [Store] keeps of whose key is whose. All that Store says of its
// methods holds here.
type Keys interface {
	// Invite keeps codes as their marks, each in place of an earlier one of its
	// patient, and forgets expired ones. ErrAlreadyEnrolled for a patient with a
	// key unless it is a recovery.
	Invite(ctx context.Context, i Invitations) error
	// Redeem binds key to the patient of a code and uses the code up; good is
	// false, and nothing told apart, if there is no such code, or it has expired,
	// was tried MaxTries times, or is no recovery and its patient has a key.
	// A wrong code with the name of one that is there costs that one a try. A
	// recovery retires the key that she had. Either way all mandates for her end,
	// and she is told. ErrAlreadyEnrolled, whatever the code, if key is or ever was a patient's.
	Redeem(ctx context.Context, c Code, key ledger.Address, now int64) (good bool, err error)
	// ChangeKey has next take the place of key, which is retired. ErrNotEnrolled,
	// ErrAlreadyEnrolled if next is or ever was a patient's.
	ChangeKey(ctx context.Context, key, next ledger.Address, now int64) error
	// SetContacts replaces the hospitals that a patient wants told; ErrNotEnrolled,
	// ErrStaleRevision unless the revision is above the last.
	SetContacts(ctx context.Context, key ledger.Address, hospitals []ledger.Address, revision uint64) error
	// Notices returns those of the patient of a key since a time, oldest first, and
	// whom she wants told. A retired key sees those up to its end, and no contacts.
	// ErrNotEnrolled, also for one retired before since.
	Notices(ctx context.Context, key ledger.Address, since int64) ([]Notice, []ledger.Address, error)
	// Knows reports whether a key is a patient's, was until since or later, or has a mandate that runs at now.
	Knows(ctx context.Context, key ledger.Address, since, now int64) (bool, error)
	// Tell keeps a notice of another hospital for the patient whose key is
	// n.Former, once, MaxNotices at most of n.From within NoticeLife; nothing happens
	// if there is none.
	Tell(ctx context.Context, n Notice) error
}

// Invite makes a code for each patient of an invitation, to be shown once.
// Errors: ErrMalformed, ErrSignature, ErrExpired, ErrUnknownPatient,
// ErrAlreadyEnrolled.
func (n *Node) Invite(ctx context.Context, signed ledger.SignedDocument) ([]Invited, error) {
	var s Invitation
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	now := n.cfg.Now()
	if s.Provider != n.Address() || len(s.Patients) == 0 || len(s.Patients) > MaxInvited {
		return nil, fmt.Errorf("%w: wants this hospital and 1 to %d patients", ErrMalformed, MaxInvited)
	}
	if s.Until <= now.Unix() || s.Until > now.Add(MaxCodeLife).Unix() {
		return nil, fmt.Errorf("%w: codes are good for %s at most", ErrMalformed, MaxCodeLife)
	}
	signer, err := n.bySteward(ctx, signed, ledger.KindInvitation)
	if err != nil {
		return nil, err
	}
	i := Invitations{Recovery: s.Recovery, Until: s.Until, Now: now.Unix(), Steward: signer}
	seen := make(map[int64]bool, len(s.Patients))
	for _, p := range s.Patients {
		if !n.inRecords(p) {
			return nil, ErrUnknownPatient
		}
		if seen[p] {
			return nil, fmt.Errorf("%w: a patient is named twice", ErrMalformed)
		}
		seen[p] = true
		i.Codes = append(i.Codes, Invited{p, NewCode()})
	}
	if err := n.cfg.Store.Invite(ctx, i); err != nil {
		return nil, err
	}
	return i.Codes, nil
}

// Redeem binds key to the patient of a code. Errors: ErrTooOften, ErrCode
// whatever is wrong with the code, ErrAlreadyEnrolled whatever the code.
func (n *Node) Redeem(ctx context.Context, code string, key ledger.Address) error {
	c, err := ParseCode(code)
	if err != nil {
		return err
	}
	now := n.cfg.Now()
	if !n.tries.admit(key, now) {
		return ErrTooOften
	}
	good, err := n.cfg.Store.Redeem(ctx, c, key, now.Unix())
	if err == nil && !good {
		return ErrCode
	}
	return err
}

// ChangeKey has a patient's next key take the place of the one that signed it;
// both sign the same. Preference, odometers, caps and delegations stay: they are
// of her number. mayBring says whether the caller may bring the change. Errors:
// ErrMalformed, ErrSignature, ErrExpired, ErrNotEnrolled, ErrAlreadyEnrolled.
func (n *Node) ChangeKey(ctx context.Context, signed ledger.SignedDocument, next ledger.Signature, mayBring func(KeyChange) bool) error {
	var s KeyChange
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Provider != n.Address() || s.Key == s.Next {
		return fmt.Errorf("%w: names another hospital, or one key twice", ErrMalformed)
	}
	signer, err := n.fresh(signed, ledger.KindKeyChange)
	if err != nil {
		return err
	}
	signed.Signature = next
	accepts, err := n.fresh(signed, ledger.KindKeyChange)
	if err != nil {
		return err
	}
	if signer != s.Key || accepts != s.Next || !mayBring(s) {
		return fmt.Errorf("%w: both keys sign a change, and one of them brings it", ErrSignature)
	}
	return n.cfg.Store.ChangeKey(ctx, s.Key, s.Next, n.cfg.Now().Unix())
}

// contactsAhead is how far the clock of whoever sets contacts may be ahead.
const contactsAhead = time.Hour

// SetContacts records whom a patient wants told when her key changes. Its revision is
// Unix milliseconds, or less: one that was far ahead would shut out all later ones.
// mayBring says whether the caller may bring what the signer says. Errors:
// ErrMalformed, ErrSignature, ErrExpired, ErrNotEnrolled, ErrStaleRevision.
func (n *Node) SetContacts(ctx context.Context, signed ledger.SignedDocument, mayBring func(signer ledger.Address) bool) error {
	var s Contacts
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.Provider != n.Address() || len(s.Hospitals) > MaxContacts {
		return fmt.Errorf("%w: wants this hospital and %d others at most", ErrMalformed, MaxContacts)
	}
	if signed.Revision > uint64(n.cfg.Now().Add(contactsAhead).UnixMilli()) {
		return fmt.Errorf("%w: the revision of contacts is a time in milliseconds that has come, or less", ErrMalformed)
	}
	signer, err := n.fresh(signed, ledger.KindContacts)
	if err != nil {
		return err
	}
	if !mayBring(signer) {
		return fmt.Errorf("%w: the caller may not bring another's contacts", ErrSignature)
	}
	return n.cfg.Store.SetContacts(ctx, signer, s.Hospitals, signed.Revision)
}

// Notices returns what happened to who speaks for the patient of a key within
// [NoticeLife], and of each change of her key a signed notice for each hospital
// that she wants told, for her to carry there. A key that was replaced sees it
// too. Errors: ErrNotEnrolled.
func (n *Node) Notices(ctx context.Context, key ledger.Address) ([]Notice, []ledger.SignedDocument, error) {
	all, contacts, err := n.cfg.Store.Notices(ctx, key, n.cfg.Now().Add(-NoticeLife).Unix())
	if err != nil {
		return nil, nil, err
	}
	var carry []ledger.SignedDocument
	for _, notice := range all {
		if notice.Kind != NoticeRotated && notice.Kind != NoticeRecovered {
			continue
		}
		for _, to := range contacts {
			s := KeyNotice{Provider: n.Address(), To: to, Key: notice.Key, Former: notice.Former, At: notice.At}
			d, err := ledger.NewSignedDocument(n.cfg.Key, n.cfg.Domain, ledger.KindKeyNotice, s, 1, notice.At+int64(NoticeLife/time.Second))
			if err != nil {
				return nil, nil, err
			}
			carry = append(carry, d)
		}
	}
	return all, carry, nil
}

// Knows reports whether a key is a patient's, was lately, or speaks for one by a mandate.
func (n *Node) Knows(ctx context.Context, key ledger.Address) (bool, error) {
	now := n.cfg.Now()
	return n.cfg.Store.Knows(ctx, key, now.Add(-NoticeLife).Unix(), now.Unix())
}

// Tell keeps another hospital's notice for the patient whose key it names, if
// she is one here; whoever brings it does not learn whether she is. Errors:
// ErrMalformed, ErrSignature, ErrExpired.
func (n *Node) Tell(ctx context.Context, signed ledger.SignedDocument) error {
	var s KeyNotice
	if err := ledger.ParseCanonical(signed.Content, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if s.To != n.Address() || s.Provider == s.To {
		return fmt.Errorf("%w: is for another hospital", ErrMalformed)
	}
	signer, err := n.fresh(signed, ledger.KindKeyNotice)
	if err != nil {
		return err
	}
	p, err := n.cfg.Chain.Participant(ctx, signer)
	if err != nil {
		return err
	}
	if signer != s.Provider || !p.Roles.Has(ledger.RoleProvider) {
		return fmt.Errorf("%w: not by the hospital it names", ErrSignature)
	}
	return n.cfg.Store.Tell(ctx, Notice{At: n.cfg.Now().Unix(), Kind: NoticeElsewhere, Key: s.Key, Former: s.Former, From: s.Provider})
}
