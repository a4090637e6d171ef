package policy_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/policytest"
)

func hierarchy(t testing.TB) *duo.Diseases {
	t.Helper()
	d, err := duo.NewDiseases("drawn", policytest.Hierarchy)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// G2: decisions, and whom they count, are those of a second evaluator that is written to be read, in 50,000 drawn cases
// (1,000,000 with MEDMARKET_LONG=1) in which every reason there is occurs. What a class decides is what its patients'
// documents do.
func TestReferenceAgrees(t *testing.T) {
	cases := 50_000
	switch {
	case os.Getenv("MEDMARKET_LONG") != "":
		cases = 1_000_000
	case testing.Short():
		cases = 10_000
	}
	diseases := hierarchy(t)
	r := rand.New(rand.NewPCG(6, 2))
	seen := map[policy.ReasonCode]int{}
	for i := range cases {
		c := policytest.Draw(r, diseases)
		got, want := policy.Decide(c.Input), policytest.Decide(c.Input, policytest.Hierarchy)
		if !slices.Equal(got.Reasons, want) || got.Allowed() != (len(want) == 0) {
			t.Fatalf("case %d: decided %s %v, reference %v\n%s", i, got.Outcome, got.Reasons, want, marshal(t, c.Input))
		}
		patient := c.Input.Terms().PatientReason(c.Preference, c.Lost)
		if want := policytest.Patient(c.Input, c.Preference, c.Lost, policytest.Hierarchy); patient != want {
			t.Fatalf("case %d: patient %s, reference %s\n%s\n%s %v", i, patient, want, marshal(t, c.Input), marshal(t, c.Preference), c.Lost)
		}
		if c.Preference != nil && !sameByClass(c, patient == policy.PatientEligible) {
			t.Fatalf("case %d: her class decides otherwise\n%s\n%s", i, marshal(t, c.Input), marshal(t, c.Preference))
		}
		for _, code := range append(got.Reasons, patient) {
			seen[code]++
		}
		seen[policy.ReasonCode(got.Outcome)]++
	}
	for _, code := range slices.Concat(policy.QueryReasons(), policy.PatientReasons()) {
		if seen[code] == 0 {
			t.Errorf("%s never occurs", code)
		}
	}
	t.Logf("%v", seen)
}

// sameByClass holds her class, end and cap against what her document decides.
func sameByClass(c policytest.Case, counted bool) bool {
	class, until, ownCap := c.Preference.Class()
	t := c.Input.Terms()
	byClass := t.ClassReasons([]policy.Class{policy.NewClass(class)})[0] == policy.PatientEligible && (until == 0 || until > t.Now)
	if ownCap != nil {
		p := policy.AnyHealthResearch()
		p.OwnCap = ownCap
		capped := policy.Terms{
			Purpose: policy.DataUse{Permission: duo.HMB}, Recipient: policy.Recipient{Type: policy.Academic, Countries: []string{"DE"}},
			Cost: t.Cost, Now: 1,
		}
		byClass = byClass && capped.PatientReason(&p, c.Lost) == policy.PatientEligible
	}
	return byClass == counted
}
