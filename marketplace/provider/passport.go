package provider

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
)

// Bounds of what a researcher shows of herself.
const (
	maxLinks = passport.MaxVisas
	maxLink  = 1 << 10 // bytes of a link's document
)

// Passport is what a researcher shows of herself beside an ask. She does not sign it with the ask: each visa is signed by its
// issuer, and each link by her. Whoever decides checks it for himself.
type Passport struct {
	Visas []string                // JWS in compact form (GA4GH Passport v1.2)
	Links []ledger.SignedDocument // each a policy.Identity that she signs is hers
}

// Hash names what was shown; zero for nothing. Error: [ledger.ErrInexact].
func (p Passport) Hash() (ledger.Hash, error) {
	if len(p.Visas) == 0 && len(p.Links) == 0 {
		return ledger.Hash{}, nil
	}
	links := make([]ledger.Hash, len(p.Links))
	for i, l := range p.Links {
		links[i] = l.Hash()
	}
	return ledger.HashOf(struct {
		Visas []string      `json:"visas"`
		Links []ledger.Hash `json:"links"`
	}{p.Visas, links})
}

// Actor is what the passport says of the researcher to whoever trusts the issuers, at a time in Unix seconds. What cannot be
// relied on, or by nobody, is counted and left out. ErrMalformed for more than is read at all.
func (p Passport) Actor(d ledger.Domain, issuers *passport.Issuers, researcher ledger.Address, now int64) (policy.Actor, error) {
	if len(p.Visas) > passport.MaxVisas || len(p.Links) > maxLinks {
		return policy.Actor{}, fmt.Errorf("%w: a passport has at most %d visas and %d links", ErrMalformed, passport.MaxVisas, maxLinks)
	}
	var a policy.Actor
	for _, l := range p.Links {
		if len(l.Content) > maxLink {
			return policy.Actor{}, fmt.Errorf("%w: a link has at most %d bytes", ErrMalformed, maxLink)
		}
		var id policy.Identity
		signer, err := l.Signer(d, ledger.KindIdentityLink)
		if err != nil || signer != researcher || l.Expiry <= now || ledger.ParseCanonical(l.Content, &id) != nil {
			a.Unread++
			continue
		}
		a.Identities = append(a.Identities, id)
	}
	for _, v := range p.Visas {
		visa, err := issuers.Read(v)
		if err != nil {
			a.Unread++
			continue
		}
		a.Visas = append(a.Visas, visa)
	}
	return a, nil
}
