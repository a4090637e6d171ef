package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
)

// Institutions are those that an operator trusts to say who their people are.
type Institutions interface {
	// Identify returns whom an ID token is about, having checked it but for its nonce. Errors: signin.ErrPerson,
	// signin.ErrNoAnswer.
	Identify(ctx context.Context, token string) (signin.Person, error)
	// Clients are what this server is registered as at each of them.
	Clients() []signin.Client
}

// byInstitution is what sessions need for people whom an institution signs in.
type byInstitution struct {
	institutions Institutions // nil: nobody is
	domain       ledger.Domain
	own          ledger.Address // whom links must be for
	participant  participants
}

func (b byInstitution) clients() []signin.Client {
	if b.institutions == nil {
		return nil
	}
	return b.institutions.Clients()
}

// signInBy opens a session for the key that is linked to whom an ID token is about. It ends no later than the token and the
// link. The token is good once, by its nonce.
func (s *sessions) signInBy(ctx context.Context, idToken string, link *ledger.SignedDocument) (token string, until time.Time, err error) {
	b := s.by
	if b.institutions == nil {
		return "", until, fmt.Errorf("%w: %w", errSignIn, signin.ErrPerson)
	}
	person, err := b.institutions.Identify(ctx, idToken)
	if errors.Is(err, signin.ErrPerson) {
		return "", until, fmt.Errorf("%w: %w", errSignIn, err)
	}
	if err != nil {
		return "", until, err
	}
	nonceUntil, ours := s.fresh(person.Nonce)
	if !ours {
		return "", until, fmt.Errorf("%w: the nonce is not of this server, or too old", errSignIn)
	}
	now := s.now()
	key, err := person.KeyOf(link, b.domain, b.own, now)
	if err != nil {
		return "", until, fmt.Errorf("%w: %w", errSignIn, err)
	}
	p, err := b.participant(ctx, key)
	if err != nil {
		return "", until, err
	}
	if !person.Vouched.All(p) {
		return "", until, errNotVouched
	}
	until = earliest(now.Add(sessionLife), person.Expires)
	if link != nil {
		until = earliest(until, time.Unix(link.Expiry, 0))
	}
	token, err = s.begin(session{key: key, until: until, vouched: person.Vouched}, person.Nonce, nonceUntil, now)
	return token, until, err
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
