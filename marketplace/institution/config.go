package institution

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Bounds of what an operator may name.
const (
	MaxIssuers = 32
	MaxRules   = 256    // of an issuer
	MaxPeople  = 10_000 // of an issuer
	maxText    = 255    // bytes of what a token says, as iss, sub and nonce
)

// Vouchable are the roles that an institution may vouch for. Those of machines and of the operator stay with their keys.
const Vouchable = ledger.RoleResearcher | ledger.RoleCommittee | ledger.RoleSteward

// Config configures Institutions.
type Config struct {
	Issuers []Issuer          // required, MaxIssuers at most, each once
	Base    http.RoundTripper // default http.DefaultTransport
	Now     func() time.Time  // default time.Now
}

// Issuer is an institution's OpenID provider.
type Issuer struct {
	URL      string                    // required: as its tokens say it, https, without query
	ClientID string                    // required: what we are registered there as; tokens must be for it
	Rules    []Rule                    // required: what its claims mean
	People   map[string]ledger.Address // default none: keys of those who need no link, by subject
}

// Rule makes of one value of one claim a role in an organisation. A claim is a text or a list of them.
type Rule struct {
	Claim, Value string      // required
	Role         ledger.Role // required, of Vouchable
	Organisation ledger.Hash // required
}

func (c Config) check() error {
	if len(c.Issuers) < 1 || len(c.Issuers) > MaxIssuers {
		return fmt.Errorf("institution: 1 to %d issuers are wanted", MaxIssuers)
	}
	seen := map[string]bool{}
	for _, i := range c.Issuers {
		if seen[i.URL] {
			return fmt.Errorf("institution: %s is named twice", i.URL)
		}
		seen[i.URL] = true
		if err := i.check(); err != nil {
			return fmt.Errorf("institution: %q: %w", i.URL, err)
		}
	}
	return nil
}

func (i Issuer) check() error {
	switch {
	case !isIssuer(i.URL):
		return errors.New("an issuer is a URL that begins with https, without query and fragment")
	case i.ClientID == "" || len(i.ClientID) > maxText:
		return errors.New("a client id of 1 to 255 bytes is wanted")
	case len(i.Rules) < 1 || len(i.Rules) > MaxRules:
		return fmt.Errorf("1 to %d rules are wanted", MaxRules)
	case len(i.People) > MaxPeople:
		return fmt.Errorf("%d people at most", MaxPeople)
	}
	for _, r := range i.Rules {
		if err := r.check(); err != nil {
			return err
		}
	}
	for subject, key := range i.People {
		if subject == "" || len(subject) > maxText || key.IsZero() {
			return fmt.Errorf("of %q the subject or the key is missing", subject)
		}
	}
	return nil
}

func isIssuer(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil && len(s) <= maxText
}

func (r Rule) check() error {
	switch {
	case r.Claim == "" || r.Value == "" || r.Organisation.IsZero():
		return errors.New("a rule names a claim, a value and an organisation")
	case r.Role == 0 || r.Role&^Vouchable != 0:
		return errors.New("an institution vouches for researchers, committees and stewards")
	}
	return nil
}
