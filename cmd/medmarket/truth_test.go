package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
)

// A hospital of people one can count by hand. 2020 is the reference year; 100 is
// the condition asked about, 101 stands below it, 200 does not.
var byHand = []struct {
	born, sex, condition string
	choice               choice
	cell                 string // where she is counted, "" for nowhere
}{
	{"2015", "8532", "100", anyHealthResearch, "female / 0-17 / yes"},
	{"2003", "8532", "", anyHealthResearch, "female / 0-17 / no"},
	{"2002", "8532", "101", anyHealthResearch, "female / 18-39 / yes"},
	{"1981", "8532", "200", anyHealthResearch, "female / 18-39 / no"},
	{"1980", "8532", "100", anyHealthResearch, "female / 40-59 / yes"},
	{"1975", "8532", "100", anyHealthResearch, "female / 40-59 / yes"},
	{"1940", "8507", "101", anyHealthResearch, "male / 80+ / yes"},
	{"1900", "8507", "", anyHealthResearch, "male / 80+ / no"},
	{"1960", "8507", "200", anyHealthResearch, "male / 60-79 / no"},
	{"2020", "8507", "", anyHealthResearch, "male / 0-17 / no"},
	{"2021", "8507", "100", anyHealthResearch, ""}, // not born yet
	{"", "8507", "100", anyHealthResearch, ""},     // nobody knows when
	{"1970", "0", "100", anyHealthResearch, ""},    // neither of the two codes
	{"1970", "8507", "100", censusOnly, ""},        // conditions are not to be used
	{"1970", "8507", "100", nothing, ""},
	{"1970", "8507", "100", withdrew, ""},
	{"1970", "8507", "100", onPaper, "male / 40-59 / yes"},
	{"1970", "8507", "100", neverAsked, ""},
}

func handMade(t *testing.T) (records string, pop *population) {
	t.Helper()
	dir := t.TempDir()
	people := "person_id,gender_concept_id,year_of_birth\n"
	conditions := "condition_occurrence_id,person_id,condition_concept_id,condition_start_date\n"
	pop = &population{}
	for i, p := range byHand {
		people += fmt.Sprintf("%d,%s,%s\n", i+1, p.sex, p.born)
		if p.condition != "" { // twice: patients are counted, not records
			conditions += fmt.Sprintf("%d,%d,%s,2019-01-01\n%d,%d,%s,2019-01-02\n", 2*i, i+1, p.condition, 2*i+1, i+1, p.condition)
		}
		switch p.choice {
		case neverAsked:
		case onPaper:
			pop.paper = append(pop.paper, patient{number: int64(i + 1), choice: p.choice})
		default:
			pop.people = append(pop.people, patient{number: int64(i + 1), choice: p.choice})
		}
	}
	for name, content := range map[string]string{
		"person.csv": people, "condition_occurrence.csv": conditions,
		"concept_ancestor.csv": "ancestor_concept_id,descendant_concept_id,min_levels_of_separation,max_levels_of_separation\n100,101,1,1\n",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	return imported(t, dir), pop
}

// cellNames are the groups of the demo's question, in the answer's order.
func cellNames() (names []string) {
	for _, sex := range []string{"female", "male"} {
		for _, band := range []string{"0-17", "18-39", "40-59", "60-79", "80+"} {
			for _, has := range []string{"yes", "no"} {
				names = append(names, sex+" / "+band+" / "+has)
			}
		}
	}
	return names
}

func TestExactCounts(t *testing.T) {
	records, pop := handMade(t)
	got, err := exactCounts(t.Context(), records, pop, 2020, 100)
	must(t, err)
	names := cellNames()
	want := make([]int64, len(names))
	for _, p := range byHand {
		if p.cell != "" {
			want[slices.Index(names, p.cell)]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exact counts (-want +got):\n%s", diff)
	}
}

// Exact counts are shown for synthetic data and the owner's, and for no other.
func TestExactNeedsOwner(t *testing.T) {
	records, pop := handMade(t)
	for _, tc := range []struct{ synthetic, own, shown bool }{
		{false, false, false}, {false, true, true}, {true, false, true}, {true, true, true},
	} {
		st := &story{
			demoCommand: &demoCommand{OwnData: tc.own, Condition: 100}, t: newTeller(quietEnv(t), false), pop: pop,
			s:      &system{cfg: systemConfig{records: recordsName(records)}, hospital: &hospital{year: 2020}},
			report: duckdb.Report{Dataset: omop.Dataset{Synthetic: tc.synthetic}},
		}
		counts, err := st.exact(t.Context())
		must(t, err)
		if (counts != nil) != tc.shown {
			t.Errorf("synthetic %t, --i-own-this-data %t: counts %v", tc.synthetic, tc.own, counts)
		}
	}
}

func TestBandOf(t *testing.T) {
	for age, want := range map[int64]int{-1: -1, 0: 0, 17: 0, 18: 1, 39: 1, 40: 2, 59: 2, 60: 3, 79: 3, 80: 4, 130: 4} {
		if got := bandOf(age); got != want {
			t.Errorf("age %d is in band %d, want %d", age, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) { // nobody moves to a lower band by growing older
		age := rapid.Int64Range(-200, 200).Draw(t, "age")
		if a, b := bandOf(age), bandOf(age+1); b < a || b > a+1 {
			t.Errorf("age %d is in band %d, the year after in %d", age, a, b)
		}
	})
}
