package cohort_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
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
	want := "[{measurement.measurement_concept_id laboratory} {measurement.measurement_date laboratory} {measurement.value_as_number laboratory}]"
	if diff := cmp.Diff(want, fmt.Sprint(weights.Columns(cohort.Value, cohort.Start))); diff != "" {
		t.Error(diff)
	}
	if !weights.Has(cohort.Value) || weights.Has(cohort.DaysSupply) {
		t.Error("a measurement has a value and no days of supply")
	}
}
