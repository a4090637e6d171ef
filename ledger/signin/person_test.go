package signin_test

import (
	"errors"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
)

func TestKeyOf(t *testing.T) {
	key, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_800_000_000, 0)
	domain := ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("genesis"))}
	party, registered := ledger.Address{1}, ledger.Address{2}
	anna := signin.Person{Issuer: "https://login.example", Subject: "anna"}
	sign := func(kind ledger.Kind, v any, expiry int64) *ledger.SignedDocument {
		d, err := ledger.NewSignedDocument(key, domain, kind, v, 0, expiry)
		if err != nil {
			t.Fatal(err)
		}
		return &d
	}
	hers := signin.Link{Issuer: anna.Issuer, Subject: anna.Subject, Party: party}
	end := now.Add(time.Hour).Unix()
	link := func(change func(*signin.Link)) *ledger.SignedDocument {
		l := hers
		change(&l)
		return sign(ledger.KindSignInLink, l, end)
	}
	known := anna
	known.Key = registered
	if got, err := known.KeyOf(nil, domain, party, now); err != nil || got != registered {
		t.Errorf("whom the operator registered: %s, %v", got, err)
	}
	for _, p := range []signin.Person{anna, known} {
		if got, err := p.KeyOf(link(func(*signin.Link) {}), domain, party, now); err != nil || got != key.Address() {
			t.Errorf("by a link: %s, %v", got, err)
		}
	}
	changed := link(func(*signin.Link) {})
	changed.Expiry++
	for name, l := range map[string]*ledger.SignedDocument{
		"none":                   nil,
		"of another person":      link(func(l *signin.Link) { l.Subject = "bob" }),
		"of another institution": link(func(l *signin.Link) { l.Issuer += "/" }),
		"for another server":     link(func(l *signin.Link) { l.Party = ledger.Address{3} }),
		"that has ended":         sign(ledger.KindSignInLink, hers, now.Unix()),
		"without an end":         sign(ledger.KindSignInLink, hers, 0),
		"for too long":           sign(ledger.KindSignInLink, hers, now.Add(signin.MaxLinkLife+time.Second).Unix()),
		"that says more": sign(ledger.KindSignInLink, struct {
			signin.Link
			More string
		}{hers, "x"}, end),
		"that is long":            link(func(l *signin.Link) { l.Subject = string(make([]byte, 2<<10)) }),
		"that is no link of this": sign(ledger.KindIdentityLink, hers, end),
		"with its end put off":    changed,
	} {
		got, err := anna.KeyOf(l, domain, party, now)
		if err == nil && got == key.Address() || err != nil && !errors.Is(err, signin.ErrLink) {
			t.Errorf("a link %s: %s, %v", name, got, err)
		}
	}
}

// An institution vouches for all that a key is, or for nothing.
func TestVouched(t *testing.T) {
	here, there := ledger.Hash{1}, ledger.Hash{2}
	v := signin.Vouched{here: ledger.RoleResearcher | ledger.RoleCommittee}
	for name, c := range map[string]struct {
		roles ledger.Role
		org   ledger.Hash
		want  bool
	}{
		"one of them":   {ledger.RoleResearcher, here, true},
		"all":           {ledger.RoleResearcher | ledger.RoleCommittee, here, true},
		"one more":      {ledger.RoleResearcher | ledger.RoleSteward, here, false},
		"another":       {ledger.RoleOperator, here, false},
		"elsewhere":     {ledger.RoleResearcher, there, false},
		"none":          {0, here, false},
		"none anywhere": {0, there, false},
	} {
		if got := v.All(ledger.Participant{Roles: c.roles, Organisation: c.org}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
