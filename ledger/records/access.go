package records

import (
	"fmt"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// MaxLife bounds how long an access lasts.
const MaxLife = 2 * 366 * 24 * time.Hour

// Access is what a patient signs to let a reader see pointers to her records at one hospital, as a
// [ledger.KindRecordAccess] whose expiry is Until. It is known by its document hash.
type Access struct {
	Provider ledger.Address `json:"provider"`
	Reader   ledger.Address `json:"reader"`  // the key of a doctor, or one that a group has
	Kinds    []Kind         `json:"kinds"`   // rising
	From     Month          `json:"from"`    // of the care
	To       Month          `json:"to"`      // included
	Until    int64          `json:"until"`   // Unix seconds
	Records  bool           `json:"records"` // the records too, not pointers only
	// Mandate is that of the guardian who signs in her place; nil: she does.
	Mandate *ledger.Hash `json:"mandate,omitempty"`
	Nonce   ledger.Hash  `json:"nonce"` // random, so that no two are one
}

// Check returns ErrMalformed unless a has its form.
func (a Access) Check() error {
	switch {
	case a.Provider.IsZero() || a.Reader.IsZero() || a.Nonce.IsZero():
		return fmt.Errorf("%w: an access wants a hospital, a reader and a nonce", ErrMalformed)
	case len(a.Kinds) == 0 || len(a.Kinds) > MaxKinds || a.From > a.To || a.Until < 1:
		return fmt.Errorf("%w: an access wants 1 to %d kinds, months and an end", ErrMalformed, MaxKinds)
	}
	for i, k := range a.Kinds {
		if !k.Valid() || i > 0 && a.Kinds[i-1] >= k {
			return fmt.Errorf("%w: kinds are in rising order", ErrMalformed)
		}
	}
	return nil
}

// Admits reports whether the reader may see pointers of a kind and month.
func (a Access) Admits(k Kind, m Month) bool {
	return slices.Contains(a.Kinds, k) && a.From <= m && m <= a.To
}

// Read checks a document for the hospital it was brought to, at a time in Unix seconds, and returns
// who signed it; whether that is the patient, and whether she took it back, is the hospital's to know.
// ErrMalformed, [ledger.ErrBadSignature], ErrEnded.
func Read(d ledger.SignedDocument, domain ledger.Domain, hospital ledger.Address, now int64) (a Access, signer ledger.Address, err error) {
	if err := ledger.ParseCanonical(d.Content, &a); err != nil {
		return a, signer, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := a.Check(); err != nil {
		return a, signer, err
	}
	if a.Provider != hospital || d.Expiry != a.Until {
		return a, signer, fmt.Errorf("%w: the access is for another hospital, or its signature ends at another time", ErrMalformed)
	}
	if now >= a.Until || a.Until > now+int64(MaxLife/time.Second) {
		return a, signer, ErrEnded
	}
	signer, err = d.Signer(domain, ledger.KindRecordAccess)
	return a, signer, err
}

// ErrEnded: the access has ended, or would last longer than any may.
var ErrEnded = fmt.Errorf("the access has ended, or lasts longer than %d days", MaxLife/(24*time.Hour))

// Revocation is what a patient, or the guardian who signed it, signs to take an access back, as a
// [ledger.KindRecordRevocation].
type Revocation struct {
	Provider ledger.Address `json:"provider"`
	Access   ledger.Hash    `json:"access"` // document hash
	Mandate  *ledger.Hash   `json:"mandate,omitempty"`
}
