package ledger_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
)

func TestRole(t *testing.T) {
	both := ledger.RoleCommittee | ledger.RoleSteward
	for _, c := range []struct {
		have, want ledger.Role
		has        bool
	}{
		{both, ledger.RoleCommittee, true},
		{both, both, true},
		{both, ledger.RoleProvider, false},
		{ledger.RoleCommittee, both, false},
		{both, 0, false},
		{0, 0, false},
		{math.MaxUint64, ledger.RoleOperator, true},
	} {
		if got := c.have.Has(c.want); got != c.has {
			t.Errorf("%b has %b: %t", c.have, c.want, got)
		}
	}
	// The contract knows the roles by their bits.
	roles := []ledger.Role{ledger.RoleResearcher, ledger.RoleCommittee, ledger.RoleProvider, ledger.RoleMarketplace, ledger.RoleSteward, ledger.RoleOperator}
	for bit, r := range roles {
		if r != 1<<bit {
			t.Errorf("role %d is bit %b", bit, r)
		}
	}
}

func TestGrantCeiling(t *testing.T) {
	g := ledger.GrantRecord{
		Datasets: []ledger.Hash{ledger.DatasetID("a"), ledger.DatasetID("b"), ledger.DatasetID("c"), ledger.DatasetID("d"), ledger.DatasetID("no ceiling")},
		Ceilings: []uint64{5, 0, 1<<53 - 1, 1 << 53},
	}
	for dataset, want := range map[string]int64{"a": 5, "b": 0, "c": 1<<53 - 1, "d": -1, "no ceiling": -1, "stranger": -1, "": -1} {
		got, ok := g.Ceiling(dataset)
		if ok != (want >= 0) || ok && got != want || !ok && got != 0 {
			t.Errorf("ceiling of %q: %d, %t; want %d", dataset, got, ok, want)
		}
	}
}

func TestSignedDocument(t *testing.T) {
	k := keyOf(t, 5)
	s, err := ledger.NewSignedDocument(k, domain, ledger.KindDataGrant, map[string]int{"b": 1, "a": 2}, 4, 99)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"a":2,"b":1}`, string(s.Content)); diff != "" {
		t.Errorf("content (-want +got):\n%s", diff)
	}
	if s.Hash() != ledger.HashBytes(s.Content) {
		t.Errorf("hash %s", s.Hash())
	}
	if by, err := s.Signer(domain, ledger.KindDataGrant); err != nil || by != k.Address() {
		t.Errorf("signed by %s (%v), want %s", by, err, k.Address())
	}
	for name, change := range map[string]func(*ledger.SignedDocument, *ledger.Domain, *ledger.Kind){
		"content":   func(s *ledger.SignedDocument, _ *ledger.Domain, _ *ledger.Kind) { s.Content = []byte(`{"a":2,"b":2}`) },
		"revision":  func(s *ledger.SignedDocument, _ *ledger.Domain, _ *ledger.Kind) { s.Revision++ },
		"expiry":    func(s *ledger.SignedDocument, _ *ledger.Domain, _ *ledger.Kind) { s.Expiry = 0 },
		"signature": func(s *ledger.SignedDocument, _ *ledger.Domain, _ *ledger.Kind) { s.Signature[40] ^= 1 },
		"chain":     func(_ *ledger.SignedDocument, d *ledger.Domain, _ *ledger.Kind) { d.ChainID++ },
		"genesis":   func(_ *ledger.SignedDocument, d *ledger.Domain, _ *ledger.Kind) { d.Genesis[0] ^= 1 },
		"kind":      func(_ *ledger.SignedDocument, _ *ledger.Domain, k *ledger.Kind) { *k = ledger.KindEnrolment },
	} {
		changed, d, kind := s, domain, ledger.KindDataGrant
		change(&changed, &d, &kind)
		by, err := changed.Signer(d, kind)
		if err == nil && by == k.Address() || err != nil && !errors.Is(err, ledger.ErrBadSignature) {
			t.Errorf("with another %s it is still signed by %s (%v)", name, by, err)
		}
	}
	if _, err := ledger.NewSignedDocument(k, domain, ledger.KindDataGrant, int64(1<<53), 1, 0); !errors.Is(err, ledger.ErrInexact) {
		t.Errorf("a document that has no form: %v", err)
	}
	if _, err := ledger.SignDocument(k, domain, ledger.KindDataGrant, math.Inf(1), 1, 0); err == nil {
		t.Error("a document that has no form was signed")
	}
	again, err := ledger.SignDocument(k, domain, ledger.KindDataGrant, map[string]int{"a": 2, "b": 1}, 4, 99)
	if err != nil || again != s.Signature {
		t.Errorf("SignDocument signs otherwise than NewSignedDocument (%v)", err)
	}
}
