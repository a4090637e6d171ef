package cohort_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

// G2: every column that is touched is named, and no other: a decision that allows them allows the question.
func TestColumns(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"a record at any time", `{"records":{"domain":"condition","concepts":[{"id":1}]}}`, "condition_concept_id"},
		{"any record", `{"records":{"domain":"condition"}}`, "condition_concept_id"},
		{"a death has a day at least", `{"records":{"domain":"death"}}`, "death_date"},
		{"its cause", `{"records":{"domain":"death","concepts":[{"id":1}]}}`, "cause_concept_id death_date"},
		{"a period", `{"records":{"domain":"observation_period"}}`, "observation_period_start_date"},
		{"the length of an era", `{"records":{"domain":"drug_era","length":{"min":9}}}`, "drug_concept_id drug_era_end_date drug_era_start_date"},
		{
			"order is by identity", `{"records":{"domain":"drug","first":true}}`,
			"days_supply drug_concept_id drug_exposure_end_date drug_exposure_start_date visit_occurrence_id",
		},
		{"so is the last", `{"records":{"domain":"procedure"},"keep":"last"}`, "procedure_concept_id procedure_date visit_occurrence_id"},
		{
			"observed", `{"records":{"domain":"specimen"},"observed":{"before":1,"after":0}}`,
			"observation_period_end_date observation_period_start_date specimen_concept_id specimen_date",
		},
		{
			"values", `{"records":{"domain":"measurement","value":{"min":1},"range_low":{"min":1},"range_high":{"min":1},"units":[1],"value_concepts":[1],"types":[1]}}`,
			"measurement_concept_id measurement_type_concept_id range_high range_low unit_concept_id value_as_concept_id value_as_number",
		},
		{
			"an index and its window", `{"records":{"domain":"procedure"},"where":{"has":{"events":{"records":{"domain":"condition"}},"distinct":"day","window":{"spans":[{"to":0,"event_end":true}],"same_visit":true,"any_time":true}}}}`,
			"condition_concept_id condition_end_date condition_start_date visit_occurrence_id procedure_concept_id procedure_date visit_occurrence_id",
		},
		{
			"a window looks at periods", `{"records":{"domain":"procedure"},"where":{"has":{"events":{"records":{"domain":"specimen"}},"window":{}}}}`,
			"observation_period_end_date observation_period_start_date procedure_concept_id procedure_date visit_occurrence_id specimen_concept_id specimen_date",
		},
		{
			"her age", `{"records":{"domain":"procedure"},"where":{"person":{"age":{"min":18}}}}`,
			"year_of_birth procedure_concept_id procedure_date visit_occurrence_id",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var e cohort.Events
			if err := json.Unmarshal([]byte(tc.in), &e); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range (cohort.Criterion{Has: &cohort.Has{Events: e}}).Columns() {
				_, column, _ := strings.Cut(c.Name, ".")
				got = append(got, column)
			}
			if diff := cmp.Diff(tc.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What a measure reads of events is named too.
func TestColumnsOfFields(t *testing.T) {
	weights := cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 3025315}}}}
	want := "[{measurement.measurement_concept_id laboratory 3 {0 0}} {measurement.measurement_date laboratory 4 {0 0}} {measurement.value_as_number laboratory 3 {0 0}}]"
	if diff := cmp.Diff(want, fmt.Sprint(weights.Columns(cohort.Value, cohort.Start))); diff != "" {
		t.Error(diff)
	}
	if !weights.Has(cohort.Value) || weights.Has(cohort.DaysSupply) {
		t.Error("a measurement has a value and no days of supply")
	}
}

// G2: nothing but the named columns decides: whatever the others hold, and whatever the tables hold that are not named, a
// criterion holds as before.
func TestOnlyNamedColumnsDecide(t *testing.T) {
	changed := 0
	for seed := range criteria() {
		random := rand.New(rand.NewPCG(seed, 5))
		c := mustCanonical(t, cohorttest.RandomCriterion(random, 2+int(seed%3)))
		named := map[string]bool{}
		for _, column := range c.Columns() {
			named[column.Name] = true
		}
		for range 5 {
			h := cohorttest.RandomHistory(random)
			other := elsewhere(random, h, named)
			if text(other) != text(h) {
				changed++
			}
			if before, after := cohorttest.Holds(h, cohorttest.World(), c), cohorttest.Holds(other, cohorttest.World(), c); before != after {
				t.Fatalf("seed %d: %s\nnames %v\n%s holds: %v\n%s holds: %v", seed, text(c), c.Columns(), text(h), before, text(other), after)
			}
		}
	}
	if changed < int(criteria()) {
		t.Errorf("only %d histories were changed", changed)
	}
}

// elsewhere is h with everything random that the named columns do not hold.
func elsewhere(r *rand.Rand, h cohorttest.History, named map[string]bool) cohorttest.History {
	other := cohorttest.RandomHistory(r)
	keep(named["person.gender_concept_id"], &other.Sex, h.Sex)
	keep(named["person.race_concept_id"], &other.Race, h.Race)
	keep(named["person.ethnicity_concept_id"], &other.Ethnicity, h.Ethnicity)
	keep(named["person.year_of_birth"], &other.YearOfBirth, h.YearOfBirth)
	records := other.Records
	other.Records = nil
	for i, rec := range h.Records {
		from := cohorttest.RandomHistory(r).Records
		table, columns := namedOf(rec.Domain, named)
		if len(columns) == 0 {
			continue // the table is not looked at
		}
		out := cohorttest.Record{Concept: new(int64(1))}
		if len(from) > 0 {
			out = from[i%len(from)]
		}
		out.Domain, out.ID = rec.Domain, rec.ID
		concept, start, end := "_concept_id", "_date", ""
		if rec.Domain.Has(cohort.End) {
			start, end = "_start_date", "_end_date"
		}
		has := func(suffix string) bool {
			return slices.ContainsFunc(columns, func(c string) bool { return suffix != "" && strings.HasSuffix(c, suffix) })
		}
		keep(slices.ContainsFunc(columns, func(c string) bool {
			return strings.HasSuffix(c, concept) && !strings.Contains(c, "type_") && !strings.Contains(c, "unit_") && !strings.Contains(c, "value_")
		}), &out.Concept, rec.Concept)
		keep(has(start), &out.Start, rec.Start)
		keep(has(end), &out.End, rec.End)
		keep(named[table+".visit_occurrence_id"], &out.Visit, rec.Visit)
		keep(has("value_as_number"), &out.Value, rec.Value)
		keep(has("range_low"), &out.RangeLow, rec.RangeLow)
		keep(has("range_high"), &out.RangeHigh, rec.RangeHigh)
		keep(has("quantity"), &out.Quantity, rec.Quantity)
		keep(has("days_supply"), &out.DaysSupply, rec.DaysSupply)
		keep(has("_count"), &out.Occurrences, rec.Occurrences)
		keep(has("gap_days"), &out.GapDays, rec.GapDays)
		keep(has("value_as_concept_id"), &out.ValueConcept, rec.ValueConcept)
		keep(has("unit_concept_id"), &out.Unit, rec.Unit)
		keep(has("type_concept_id"), &out.Type, rec.Type)
		other.Records = append(other.Records, out)
	}
	// And records of tables that are not looked at.
	for _, rec := range records {
		if _, columns := namedOf(rec.Domain, named); len(columns) == 0 {
			rec.ID += 1000
			other.Records = append(other.Records, rec)
		}
	}
	return other
}

func keep[T any](is bool, to *T, what T) {
	if is {
		*to = what
	}
}

// namedOf are the named columns of the domain's table.
func namedOf(d cohort.Domain, named map[string]bool) (table string, columns []string) {
	one := cohort.Events{Records: &cohort.Records{Domain: d}}.Columns()[0].Name
	table, _, _ = strings.Cut(one, ".")
	for name := range named {
		if of, column, _ := strings.Cut(name, "."); of == table {
			columns = append(columns, column)
		}
	}
	return table, columns
}
