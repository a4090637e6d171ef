package provider

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// A policy is not read again, and is never taken for the one before it, nor for one that cannot be read.
func TestPoliciesAreReadOnce(t *testing.T) {
	signed := func(dataset string) ledger.SignedDocument {
		p := policy.DatasetPolicy{
			Dataset: dataset, Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.HMB}}, Columns: []policy.Column{},
			MaxNanoRhoPerQuery: 1, MaxNanoRhoPerOrganisation: 1, TotalNanoRho: 1,
		}
		b, err := ledger.Canonical(p)
		if err != nil {
			t.Fatal(err)
		}
		return ledger.SignedDocument{Content: b}
	}
	k := inForce[policy.DatasetPolicy]{parse: ParsePolicy}
	for _, dataset := range []string{"a", "a", "b", "a"} {
		p, err := k.of(signed(dataset))
		if err != nil || p.Dataset != dataset {
			t.Errorf("read %q, want %q: %v", p.Dataset, dataset, err)
		}
		if _, err := k.of(ledger.SignedDocument{}); !errors.Is(err, ErrMalformed) {
			t.Errorf("no document: %v, want %v", err, ErrMalformed)
		}
	}
	first, _ := k.of(signed("a"))
	again, _ := k.of(signed("a"))
	if &first.PermittedUse[0] != &again.PermittedUse[0] {
		t.Error("the same policy was read twice")
	}
}
