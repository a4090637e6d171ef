package policy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/policytest"
)

const (
	r1        = "0x1111111111111111111111111111111111111111"
	r2        = "0x2222222222222222222222222222222222222222"
	committee = "0xcccccccccccccccccccccccccccccccccccccccc"

	university = "0x000000000000000000000000000000000000000000000000000000000000000a"

	cancer     = "MONDO:0004992"
	breast     = "MONDO:0007254"
	intestinal = "MONDO:0005814"
	diabetes   = "MONDO:0005015"
	unlisted   = "MONDO:9999999"

	// epsilon01 stands for the case table's epsilon 0.1, whose rows only need numbers that add up.
	epsilon01 = 100_000
)

var (
	ageBand      = policy.ColumnUse{Name: "person.year_of_birth", Category: policy.Demographics, Level: 2}
	hba1c        = policy.ColumnUse{Name: "measurement.value_as_number", Category: policy.Laboratory, Level: 3}
	depressionDx = policy.ColumnUse{Name: "condition_occurrence.condition_concept_id", Category: policy.Conditions, Level: 3}
	genomeRaw    = policy.ColumnUse{Name: "genome_raw", Category: policy.Laboratory, Level: 5}
)

// released has columns as a policy lists them, for any use.
func released(uses ...policy.ColumnUse) (all []policy.Column) {
	for _, u := range uses {
		all = append(all, policy.Column{Name: u.Name, Category: u.Category, Finest: policy.LevelExact})
	}
	return all
}

func use(p duo.Permission, diseases ...string) policy.DataUse {
	return policy.DataUse{Permission: p, Diseases: diseases}
}

func uses(u ...policy.DataUse) []policy.DataUse { return u }

// tester is what *testing.T, *testing.F and *rapid.T have in common here.
type tester interface {
	Helper()
	Fatal(args ...any)
}

var isA = policytest.IsA{cancer: nil, diabetes: nil, breast: {cancer}, intestinal: {cancer}}

func diseases(t tester) *duo.Diseases {
	t.Helper()
	d, err := duo.NewDiseases("test hierarchy 1", isA)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A scene is one question and one patient.
type scene struct {
	policy.Input
	preference *policy.ReleasePreference
	lost       policy.Loss // of the patient, before
}

// base is the case table's base case. It shares nothing between calls.
func base(t tester) scene {
	return scene{
		Input: policy.Input{
			Request: policy.Request{
				Dataset: "ds1", Researcher: r1, Organisation: university, Purpose: use(duo.HMB), Columns: []policy.ColumnUse{ageBand, hba1c},
				NanoRho: epsilon01, Now: 100, AsOf: 1000, Head: 1000,
			},
			Policy: policy.DatasetPolicy{
				Dataset: "ds1", Revision: 1, PermittedUse: uses(use(duo.GRU)),
				Columns:            released(ageBand, hba1c, depressionDx),
				MaxNanoRhoPerQuery: 5 * epsilon01, MaxNanoRhoPerOrganisation: 20 * epsilon01, TotalNanoRho: 20 * epsilon01,
			},
			Grant: &policy.Grant{
				ID: "g1", Protocol: "protocol 17", Committee: committee, Researchers: []string{r1},
				SponsorType: policy.Academic, Countries: []string{"DE"}, Purposes: uses(use(duo.HMB)),
				Datasets: []policy.DatasetCeiling{{Dataset: "ds1", NanoRho: 10 * epsilon01}, {Dataset: "ds2", NanoRho: 10 * epsilon01}},
				Period:   policy.Period{Start: 0, End: 200},
			},
			GrantStatus: policy.GrantActive,
			Diseases:    diseases(t),
		},
		preference: &policy.ReleasePreference{
			Decision: policy.Permit, Status: policy.Active, Period: policy.Period{Start: 0, End: 1000},
			PermittedUse: uses(use(duo.HMB)), RecipientTypes: policy.RecipientTypes(), RecipientCountries: []string{policy.AnyCountry},
			Categories: []policy.CategoryScope{
				{Category: policy.Demographics, Finest: 3}, {Category: policy.Laboratory, Finest: 5}, {Category: policy.Medication, Finest: 3},
			},
		},
	}
}

func (s scene) patient() policy.ReasonCode { return s.Terms().PatientReason(s.preference, s.lost) }

func marshal(t tester, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// parsePurposes reads the table of purposes: what is permitted, and for each purpose its name and the answers.
func parsePurposes(t *testing.T) (permitted []string, rows [][]string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(purposes), "\n")
	permitted = strings.Fields(lines[0])
	for _, line := range lines[1:] {
		row := strings.Fields(line)
		if len(row) != len(permitted)+1 {
			t.Fatalf("%q does not have %d answers", line, len(permitted))
		}
		rows = append(rows, row)
	}
	return permitted, rows
}

// parseUses reads "HMB", "DS:breast,diabetes" (one use of two diseases) or "DS:cancer,POA" (two uses).
func parseUses(t *testing.T, s string) []policy.DataUse {
	t.Helper()
	codes := map[string]string{"cancer": cancer, "breast": breast, "diabetes": diabetes}
	var all []policy.DataUse
	for _, word := range strings.Split(s, ",") {
		name, disease, specific := strings.Cut(word, ":")
		code, isDisease := codes[word]
		switch p, err := duo.Parse(name); {
		case isDisease && len(all) > 0:
			last := &all[len(all)-1]
			last.Diseases = append(last.Diseases, code)
		case err != nil:
			t.Fatal(err)
		case specific:
			all = append(all, use(p, codes[disease]))
		default:
			all = append(all, use(p))
		}
	}
	return all
}
