package signin

import (
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Errors about people whom an institution signs in.
var (
	ErrPerson   = errors.New("not signed in by an institution that is trusted here")
	ErrNoAnswer = errors.New("the institution does not answer; try again")
	ErrLink     = errors.New("no key is linked to who signed in")
)

const (
	// MaxLinkLife bounds how long a link is good. It ends before with the roles of the key that signed it.
	MaxLinkLife  = 90 * 24 * time.Hour
	maxLinkBytes = 1 << 10
)

// Link is a key's word, signed as a ledger.KindSignInLink document, that whom Issuer signs in as Subject may open sessions of
// it at Party. Its end is the document's.
type Link struct {
	Issuer  string         `json:"issuer"`
	Subject string         `json:"subject"`
	Party   ledger.Address `json:"party"`
}

// Person is whom an institution signed in.
type Person struct {
	Issuer, Subject string
	Nonce           string // of the server that she signs in to
	Expires         time.Time
	Vouched         Vouched
	Key             ledger.Address // hers, as the operator registered it; zero: a link of hers has to say
}

// Vouched is what an institution says that somebody is: roles, by organisation.
type Vouched map[ledger.Hash]ledger.Role

// All reports whether an institution vouches for all that a participant is, so that what she may read by her roles is never
// more than it knows of. It is false for who is nothing.
func (v Vouched) All(p ledger.Participant) bool {
	return p.Roles != 0 && p.Roles&^v[p.Organisation] == 0
}

// KeyOf returns the key whose sessions p may open at party: the one that signed link, or, without a link, the one that was
// registered. Errors: ErrLink.
func (p Person) KeyOf(link *ledger.SignedDocument, d ledger.Domain, party ledger.Address, now time.Time) (ledger.Address, error) {
	if link == nil {
		if p.Key.IsZero() {
			return p.Key, ErrLink
		}
		return p.Key, nil
	}
	var l Link
	if len(link.Content) > maxLinkBytes {
		return ledger.Address{}, fmt.Errorf("%w: a link has at most %d bytes", ErrLink, maxLinkBytes)
	}
	if err := ledger.ParseCanonical(link.Content, &l); err != nil {
		return ledger.Address{}, fmt.Errorf("%w: %w", ErrLink, err)
	}
	if l.Issuer != p.Issuer || l.Subject != p.Subject || l.Party != party {
		return ledger.Address{}, fmt.Errorf("%w: the link is for another person, or another server", ErrLink)
	}
	if left := time.Unix(link.Expiry, 0).Sub(now); left <= 0 || left > MaxLinkLife {
		return ledger.Address{}, fmt.Errorf("%w: the link has ended, or has no end within 90 days", ErrLink)
	}
	key, err := link.Signer(d, ledger.KindSignInLink)
	if err != nil {
		return ledger.Address{}, fmt.Errorf("%w: %w", ErrLink, err)
	}
	return key, nil
}

// Client is what a server is registered as at an institution.
type Client struct{ Issuer, ID string }
