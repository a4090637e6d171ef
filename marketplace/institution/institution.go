package institution

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/medmarket/medmarket/ledger/signin"
)

// MaxToken bounds an ID token, in bytes.
const MaxToken = 16 << 10

// algorithms are those that an ID token may be signed with: no secret is shared with an institution.
var algorithms = []string{oidc.RS256, oidc.PS256, oidc.ES256, oidc.EdDSA}

// Institutions are those whose people may sign in here. It is safe for concurrent use.
type Institutions struct {
	now func() time.Time
	of  map[string]*institution
	all []signin.Client
}

// institution is one of them.
type institution struct {
	Issuer
	keys     *keys
	verifier *oidc.IDTokenVerifier
}

// New asks nobody: an institution that is down holds up nothing but its own people.
func New(cfg Config) (*Institutions, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	client := newClient(cfg.Base)
	all := &Institutions{now: cfg.Now, of: map[string]*institution{}}
	for _, i := range cfg.Issuers {
		k := newKeys(i.URL, client, cfg.Now)
		all.of[i.URL] = &institution{i, k, oidc.NewVerifier(i.URL, k, &oidc.Config{
			ClientID: i.ClientID, SupportedSigningAlgs: algorithms, Now: cfg.Now,
		})}
		all.all = append(all.all, signin.Client{Issuer: i.URL, ID: i.ClientID})
	}
	return all, nil
}

// Clients are what we are registered as, at each of the institutions.
func (a *Institutions) Clients() []signin.Client { return a.all }

// Identify returns whom a token is about. Its nonce is the caller's to check. Errors: signin.ErrPerson; signin.ErrNoAnswer
// if the institution's keys cannot be had.
func (a *Institutions) Identify(ctx context.Context, token string) (signin.Person, error) {
	said, err := unverified(token) // which chooses the institution, that must have signed the same bytes
	if err != nil {
		return signin.Person{}, fmt.Errorf("%w: %w", signin.ErrPerson, err)
	}
	i, trusted := a.of[said.Issuer]
	if !trusted {
		return signin.Person{}, signin.ErrPerson
	}
	t, err := i.verifier.Verify(ctx, token)
	if err != nil {
		if ctx.Err() != nil { // go-oidc does not wrap it
			return signin.Person{}, ctx.Err()
		}
		if cause := i.keys.failed(); cause != nil {
			return signin.Person{}, fmt.Errorf("%w: %w", signin.ErrNoAnswer, cause)
		}
		return signin.Person{}, fmt.Errorf("%w: %w", signin.ErrPerson, err)
	}
	return i.person(t, a.now())
}

// person reads a token that the institution signed for us.
func (i *institution) person(t *oidc.IDToken, now time.Time) (p signin.Person, err error) {
	var all map[string]json.RawMessage
	if err := t.Claims(&all); err != nil {
		return p, fmt.Errorf("%w: %w", signin.ErrPerson, err)
	}
	azp, names := all["azp"]
	switch {
	case t.Subject == "" || len(t.Subject) > maxText || len(t.Nonce) > maxText:
		return p, fmt.Errorf("%w: sub and nonce have at most %d bytes", signin.ErrPerson, maxText)
	case names && !has(azp, i.ClientID): // section 3.1.3.7, 4 and 5
		return p, fmt.Errorf("%w: the token was issued to another client", signin.ErrPerson)
	case !t.Expiry.After(now):
		return p, fmt.Errorf("%w: the token has expired", signin.ErrPerson)
	}
	return signin.Person{
		Issuer: t.Issuer, Subject: t.Subject, Nonce: t.Nonce, Expires: t.Expiry, Vouched: i.vouched(all), Key: i.People[t.Subject],
	}, nil
}

// vouched is what the rules make of claims.
func (i *institution) vouched(all map[string]json.RawMessage) signin.Vouched {
	v := signin.Vouched{}
	for _, r := range i.Rules {
		if has(all[r.Claim], r.Value) {
			v[r.Organisation] |= r.Role
		}
	}
	return v
}

// has reports whether a claim is a text, or has it in a list of texts.
func has(claim json.RawMessage, value string) bool {
	var one string
	if json.Unmarshal(claim, &one) == nil {
		return one == value
	}
	var list []string
	return json.Unmarshal(claim, &list) == nil && slices.Contains(list, value)
}

// Subject is whom a token says that it is about. Nobody has checked it: it is for its holder, who has it from the institution.
func Subject(token string) (string, error) {
	said, err := unverified(token)
	if err == nil && said.Subject == "" {
		err = errors.New("a token about nobody")
	}
	return said.Subject, err
}

// said is what is read of a token before its signature is checked.
type said struct {
	Issuer  string `json:"iss"`
	Subject string `json:"sub"`
}

func unverified(token string) (s said, err error) {
	if len(token) > MaxToken {
		return s, fmt.Errorf("a token has at most %d bytes", MaxToken)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return s, errors.New("no compact JWS")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return s, errors.New("the payload is not base64url")
	}
	if err := json.Unmarshal(payload, &s); err != nil {
		return s, errors.New("the payload is not JSON")
	}
	return s, nil
}
