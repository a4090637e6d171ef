package policy_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/policytest"
)

const defaultsHead = `# Whether patients who were never asked are counted: in every jurisdiction, on every legal basis that a policy may name. Made by
# go test -run TestDefaultsTable -update; a change here is a change of who is counted unasked, and wants to be read by people who know
# that law. A document of hers replaces it, whatever it says, and it does not come back when hers has ended.
`

// G2: who was never asked is counted only where the table that people have read says so, which the reference knows by itself.
func TestDefaultsTable(t *testing.T) {
	got := defaultsHead
	for _, d := range policy.Defaults() {
		got += fmt.Sprintf("\nrow %s\n  %s\n", d.Row, d.Words)
		if d.Permits != nil {
			got += "  " + strings.ReplaceAll(policy.Words(*d.Permits), "\n", "\n  ") + "\n"
		}
	}
	got += "\njurisdiction basis row answer\n"
	for _, basis := range append([]policy.LegalBasis{""}, policy.LegalBases()...) {
		for _, country := range policy.Countries() {
			got += defaultLine(t, country, basis)
		}
	}
	const file = "testdata/defaults.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-table +decided):\n%s", file, diff)
	}
}

// defaultLine is what is decided of somebody who was never asked, in health research on codes; the reference has to say the same.
func defaultLine(t *testing.T, country string, basis policy.LegalBasis) string {
	t.Helper()
	s := base(t)
	s.preference, s.Policy.Jurisdiction, s.Policy.LegalBasis = nil, country, basis
	if err := s.Policy.Validate(); err != nil {
		t.Errorf("%s %s: %v", country, basis, err)
	}
	answer := s.patient()
	if want := policytest.Patient(s.Input, nil, s.lost, isA); answer != want {
		t.Errorf("%s %s: %s, reference %s", country, basis, answer, want)
	}
	named := string(basis)
	if named == "" {
		named = "none"
	}
	return fmt.Sprintf("%s %s %s %s\n", country, named, s.Policy.Default().Row, answer)
}

// What the table does not know counts nobody, whatever is written for a country; and a decision that looked at the table names it.
func TestUnknownJurisdictionsCountNobody(t *testing.T) {
	for _, country := range []string{"", "EU", "XX", "de", "DE ", "D", "DE FR"} {
		s := base(t)
		s.preference, s.Policy.Jurisdiction, s.Policy.LegalBasis = nil, country, policy.EHDS
		if got := s.patient(); got != policy.PatientNoPreference {
			t.Errorf("%q: %s", country, got)
		}
		if d := policy.Decide(s.Input); d.Allowed() || !slices.ContainsFunc(d.Reasons, func(c policy.ReasonCode) bool {
			return c == policy.ReasonInputInvalid || c == policy.ReasonUnknownTerm
		}) {
			t.Errorf("%q: %v", country, d.Reasons)
		}
	}
	s := base(t)
	without := policy.Decide(s.Input).Vocabulary
	s.Policy.Jurisdiction, s.Policy.LegalBasis = "DE", policy.EHDS
	if got, want := policy.Decide(s.Input).Vocabulary, without+"; defaults "+policy.DefaultsRelease; got != want {
		t.Errorf("decided by %q, want %q", got, want)
	}
}

// Rows are tried in order, so one behind another that covers it would never hold.
func TestEveryDefaultHolds(t *testing.T) {
	held := map[string]bool{}
	for _, basis := range append([]policy.LegalBasis{""}, policy.LegalBases()...) {
		for _, country := range policy.Countries() {
			held[policy.DefaultOf(country, basis).Row] = true
		}
	}
	for _, d := range policy.Defaults() {
		if !held[d.Row] {
			t.Errorf("row %s never holds", d.Row)
		}
		for _, country := range d.Jurisdictions {
			if !slices.Contains(policy.Countries(), country) {
				t.Errorf("row %s: %s is no country", d.Row, country)
			}
		}
	}
}
