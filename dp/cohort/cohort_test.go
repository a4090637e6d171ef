package cohort_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
)

var update = flag.Bool("update", false, "write the golden files")

func ExampleCanonical() {
	diabetics := cohort.Criterion{Not: &cohort.Criterion{Not: &cohort.Criterion{Has: &cohort.Has{Events: cohort.Events{Records: &cohort.Records{
		Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: 201826, Descendants: true}, {ID: 201826}},
	}}}}}}
	c, err := cohort.Canonical(diabetics)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Words(cohort.ByID))
	fmt.Println(c.Columns())
	// Output:
	// at least 1 of [condition 201826 or a kind of it]
	// [{condition_occurrence.condition_concept_id conditions 3 {0 0}}]
}

// Canonical form, words and columns of each criterion in testdata.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/criteria/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			in, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var c cohort.Criterion
			if err := json.Unmarshal(in, &c); err != nil {
				t.Fatal(err)
			}
			c = mustCanonical(t, c)
			got := text(c) + "\n\n" + c.Words(cohort.ByID) + "\n\n"
			for _, col := range c.Columns() {
				got += fmt.Sprintf("%s %s %d\n", col.Category, col.Name, col.Level)
			}
			golden := strings.TrimSuffix(file, ".json") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a criterion must not say is refused, at its place.
func TestInvalid(t *testing.T) {
	has := func(records string) string { return `{"has":{"events":{"records":{` + records + `}}}}` }
	where := func(c string) string {
		return `{"has":{"events":{"records":{"domain":"drug"},"where":` + c + `}}}`
	}
	for field, in := range map[string]string{
		"":                                     `{}`,
		"all[1]":                               `{"all":[{"person":{"sexes":[1]}},{"person":{"sexes":[1]},"not":{"person":{"sexes":[1]}}}]}`,
		"at_least.k":                           `{"at_least":{"k":2,"of":[{"person":{"sexes":[1]}}]}}`,
		"person":                               `{"person":{"age":{"min":18}}}`,
		"not.person":                           `{"not":{"person":{}}}`,
		"person.sexes":                         `{"person":{"sexes":[-1]}}`,
		"person.year_of_birth":                 `{"person":{"year_of_birth":{"min":1950,"max":1940}}}`,
		"has.min":                              `{"has":{"min":-1,"events":{"records":{"domain":"drug"}}}}`,
		"has.max":                              `{"has":{"min":3,"max":2,"events":{"records":{"domain":"drug"}}}}`,
		"has.distinct":                         `{"has":{"distinct":"visit","events":{"records":{"domain":"drug_era"}}}}`,
		"has.window":                           `{"has":{"events":{"records":{"domain":"drug"}},"window":{}}}`,
		"has.events":                           `{"has":{"events":{}}}`,
		"has.events.union[0]":                  `{"has":{"events":{"union":[{"union":[{"records":{"domain":"drug"}}],"records":{"domain":"drug"}}]}}}`,
		"has.events.keep":                      `{"has":{"events":{"records":{"domain":"drug"},"keep":"second"}}}`,
		"has.events.observed":                  `{"has":{"events":{"records":{"domain":"drug"},"observed":{"before":-1,"after":0}}}}`,
		"has.events.where":                     `{"has":{"events":{"records":{"domain":"drug"},"where":{}}}}`,
		"has.events.where.has.window":          where(`{"has":{"events":{"records":{"domain":"drug"}}}}`),
		"has.events.where.has.window.spans":    where(`{"has":{"events":{"records":{"domain":"drug"}},"window":{"spans":[{},{},{}]}}}`),
		"has.events.where.has.window.spans[0]": where(`{"has":{"events":{"records":{"domain":"drug"}},"window":{"spans":[{"from":3,"to":2}]}}}`),
		"has.events.where.person.start":        where(`{"person":{"start":{"from":"2010-02-30"}}}`),
		"has.events.where.person.end":          where(`{"person":{"end":{"from":"1799-12-31"}}}`),
		"has.events.records.domain":            has(`"domain":"note"`),
		"has.events.records.concepts":          has(`"domain":"drug","concepts":[{"id":1,"descendants":true},{"id":1,"descendants":true,"exclude":true}]`),
		"has.events.records.end":               has(`"domain":"procedure","end":{"from":"2010-01-01"}`),
		"has.events.records.length":            has(`"domain":"drug","length":{"min":1}`),
		"has.events.records.value":             has(`"domain":"measurement","value":{"min":1,"max":1,"max_open":true}`),
		"has.events.records.range_low":         has(`"domain":"observation","range_low":{"min":1}`),
		"has.events.records.quantity":          has(`"domain":"drug","quantity":{"max":1,"min_open":true}`),
		"has.events.records.days_supply":       has(`"domain":"drug","days_supply":{}`),
		"has.events.records.gap_days":          has(`"domain":"condition_era","gap_days":{"min":1}`),
		"has.events.records.occurrences":       has(`"domain":"drug","occurrences":{"min":1}`),
		"has.events.records.units":             has(`"domain":"specimen","units":[1]`),
		"has.events.records.types":             has(`"domain":"drug_era","types":[1]`),
		"has.events.records.start":             has(`"domain":"drug","start":{"from":"2011-01-01","to":"2010-01-01"}`),
	} {
		var c cohort.Criterion
		if err := json.Unmarshal([]byte(in), &c); err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		_, err := cohort.Canonical(c)
		var invalid *cohort.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v, want it at %q", in, err, field)
		}
	}
}

// The size of a criterion is bounded.
func TestBounds(t *testing.T) {
	leaf := cohort.Criterion{Person: &cohort.Person{Sexes: []int64{8532}}}
	nest := func(depth int) cohort.Criterion {
		c := leaf
		for range depth {
			c = cohort.Criterion{All: []cohort.Criterion{c, leaf}}
		}
		return c
	}
	drugs := func(n int) cohort.Criterion {
		set := make(cohort.ConceptSet, n)
		for i := range set {
			set[i].ID = int64(i + 1)
		}
		return cohort.Criterion{Has: &cohort.Has{Events: cohort.Events{Records: &cohort.Records{Domain: cohort.Drug, Concepts: set}}}}
	}
	for name, tc := range map[string]struct {
		c  cohort.Criterion
		ok bool
	}{
		"deepest":           {nest(cohort.MaxDepth - 1), true},
		"too deep":          {nest(cohort.MaxDepth), false},
		"most children":     {cohort.Criterion{All: make([]cohort.Criterion, cohort.MaxNodes-1)}, true},
		"too many children": {cohort.Criterion{All: make([]cohort.Criterion, cohort.MaxNodes)}, false},
		"most concepts":     {drugs(cohort.MaxConcepts), true},
		"too many concepts": {drugs(cohort.MaxConcepts + 1), false},
	} {
		for i := range tc.c.All {
			if tc.c.All[i].Person == nil && tc.c.All[i].All == nil {
				tc.c.All[i] = leaf
			}
		}
		if _, err := cohort.Canonical(tc.c); (err == nil) != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
