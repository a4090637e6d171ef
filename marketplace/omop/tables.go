package omop

import (
	"cmp"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// source says where the records of a domain are, by columns of OMOP CDM 5.4; an empty one the table lacks.
type source struct {
	table, id, concept, start, end, visit, kind string
	value, rangeLow, rangeHigh, valueConcept    string
	unit, quantity, daysSupply                  string
	occurrences, gapDays                        string
}

var sources = map[cohort.Domain]source{
	cohort.Condition: {
		table: "condition_occurrence", id: "condition_occurrence_id", concept: "condition_concept_id",
		start: "condition_start_date", end: "condition_end_date", visit: "visit_occurrence_id", kind: "condition_type_concept_id",
	},
	cohort.ConditionEra: {
		table: "condition_era", id: "condition_era_id", concept: "condition_concept_id",
		start: "condition_era_start_date", end: "condition_era_end_date", occurrences: "condition_occurrence_count",
	},
	cohort.Drug: {
		table: "drug_exposure", id: "drug_exposure_id", concept: "drug_concept_id",
		start: "drug_exposure_start_date", end: "drug_exposure_end_date", visit: "visit_occurrence_id", kind: "drug_type_concept_id",
		quantity: "quantity", daysSupply: "days_supply",
	},
	cohort.DrugEra: {
		table: "drug_era", id: "drug_era_id", concept: "drug_concept_id",
		start: "drug_era_start_date", end: "drug_era_end_date", occurrences: "drug_exposure_count", gapDays: "gap_days",
	},
	cohort.Procedure: {
		table: "procedure_occurrence", id: "procedure_occurrence_id", concept: "procedure_concept_id",
		start: "procedure_date", visit: "visit_occurrence_id", kind: "procedure_type_concept_id",
	},
	cohort.Measurement: {
		table: "measurement", id: "measurement_id", concept: "measurement_concept_id",
		start: "measurement_date", visit: "visit_occurrence_id", kind: "measurement_type_concept_id",
		value: "value_as_number", rangeLow: "range_low", rangeHigh: "range_high",
		valueConcept: "value_as_concept_id", unit: "unit_concept_id",
	},
	cohort.Observation: {
		table: "observation", id: "observation_id", concept: "observation_concept_id",
		start: "observation_date", visit: "visit_occurrence_id", kind: "observation_type_concept_id",
		value: "value_as_number", valueConcept: "value_as_concept_id", unit: "unit_concept_id",
	},
	cohort.Visit: {
		table: "visit_occurrence", id: "visit_occurrence_id", concept: "visit_concept_id",
		start: "visit_start_date", end: "visit_end_date", visit: "visit_occurrence_id", kind: "visit_type_concept_id",
	},
	cohort.Death: {
		table: "death", concept: "cause_concept_id", start: "death_date", kind: "death_type_concept_id",
	},
	cohort.Device: {
		table: "device_exposure", id: "device_exposure_id", concept: "device_concept_id",
		start: "device_exposure_start_date", end: "device_exposure_end_date", visit: "visit_occurrence_id", kind: "device_type_concept_id",
	},
	cohort.Specimen: {
		table: "specimen", id: "specimen_id", concept: "specimen_concept_id",
		start: "specimen_date", kind: "specimen_type_concept_id",
	},
	cohort.ObservationPeriod: {
		table: "observation_period", id: "observation_period_id",
		start: "observation_period_start_date", end: "observation_period_end_date", kind: "period_type_concept_id",
	},
}

// ordinal is the domain's place among all, by name: it orders events as cohort.KeepFirst says, whatever an engine
// thinks of the order of letters.
func ordinal(d cohort.Domain) int {
	return slices.IndexFunc(slices.SortedFunc(maps.Keys(sources), cmp.Compare), func(o cohort.Domain) bool { return o == d })
}
