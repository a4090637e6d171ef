package cohort

// Table says where OMOP CDM 5.4 keeps the records of a domain, and under which category patients and stewards decide about
// them. The others are names of columns, empty for what the table lacks.
type Table struct {
	Name, Category                           string
	ID                                       string // of the record
	Concept, Start, End, Visit, Kind         string // Kind is <domain>_type_concept_id
	Value, RangeLow, RangeHigh, ValueConcept string
	Unit, Quantity, DaysSupply               string
	Occurrences, GapDays                     string // of an era
}

// Table is the domain's, empty for an unknown one.
func (d Domain) Table() Table { return tables[d] }

var tables = map[Domain]Table{
	Condition: {
		Name: "condition_occurrence", Category: "conditions", ID: "condition_occurrence_id", Concept: "condition_concept_id",
		Start: "condition_start_date", End: "condition_end_date", Visit: "visit_occurrence_id", Kind: "condition_type_concept_id",
	},
	ConditionEra: {
		Name: "condition_era", Category: "conditions", ID: "condition_era_id", Concept: "condition_concept_id",
		Start: "condition_era_start_date", End: "condition_era_end_date", Occurrences: "condition_occurrence_count",
	},
	Drug: {
		Name: "drug_exposure", Category: "medication", ID: "drug_exposure_id", Concept: "drug_concept_id",
		Start: "drug_exposure_start_date", End: "drug_exposure_end_date", Visit: "visit_occurrence_id", Kind: "drug_type_concept_id",
		Quantity: "quantity", DaysSupply: "days_supply",
	},
	DrugEra: {
		Name: "drug_era", Category: "medication", ID: "drug_era_id", Concept: "drug_concept_id",
		Start: "drug_era_start_date", End: "drug_era_end_date", Occurrences: "drug_exposure_count", GapDays: "gap_days",
	},
	Procedure: {
		Name: "procedure_occurrence", Category: "procedures", ID: "procedure_occurrence_id", Concept: "procedure_concept_id",
		Start: "procedure_date", Visit: "visit_occurrence_id", Kind: "procedure_type_concept_id",
	},
	Measurement: {
		Name: "measurement", Category: "laboratory", ID: "measurement_id", Concept: "measurement_concept_id",
		Start: "measurement_date", Visit: "visit_occurrence_id", Kind: "measurement_type_concept_id",
		Value: "value_as_number", RangeLow: "range_low", RangeHigh: "range_high",
		ValueConcept: "value_as_concept_id", Unit: "unit_concept_id",
	},
	Observation: {
		Name: "observation", Category: "observations", ID: "observation_id", Concept: "observation_concept_id",
		Start: "observation_date", Visit: "visit_occurrence_id", Kind: "observation_type_concept_id",
		Value: "value_as_number", ValueConcept: "value_as_concept_id", Unit: "unit_concept_id",
	},
	Visit: {
		Name: "visit_occurrence", Category: "visits", ID: "visit_occurrence_id", Concept: "visit_concept_id",
		Start: "visit_start_date", End: "visit_end_date", Visit: "visit_occurrence_id", Kind: "visit_type_concept_id",
	},
	Death: {
		Name: "death", Category: "death", Concept: "cause_concept_id", Start: "death_date", Kind: "death_type_concept_id",
	},
	Device: {
		Name: "device_exposure", Category: "devices", ID: "device_exposure_id", Concept: "device_concept_id",
		Start: "device_exposure_start_date", End: "device_exposure_end_date", Visit: "visit_occurrence_id", Kind: "device_type_concept_id",
	},
	Specimen: {
		Name: "specimen", Category: "specimens", ID: "specimen_id", Concept: "specimen_concept_id",
		Start: "specimen_date", Kind: "specimen_type_concept_id",
	},
	ObservationPeriod: {
		Name: "observation_period", Category: "observation_periods", ID: "observation_period_id",
		Start: "observation_period_start_date", End: "observation_period_end_date", Kind: "period_type_concept_id",
	},
}
