package cohort

import (
	"maps"
	"slices"
)

// Field is something that a record has.
type Field string

// The fields. Which domains have which, see [Domain.Has].
const (
	ConceptID  Field = "concept"
	Start      Field = "start"
	End        Field = "end" // of its own; see the package comment for the end of the others
	Visited    Field = "visit"
	Value      Field = "value"
	Quantity   Field = "quantity"
	DaysSupply Field = "days_supply"
	Length     Field = "length" // end less start, in days
)

// omop says which columns a domain has; an empty one it lacks.
type omop struct {
	name, category                           string
	concept, start, end, visit, kind         string
	value, quantity, daysSupply, occurrences string
}

var tables = map[Domain]omop{
	Condition: {
		name: "condition_occurrence", category: "conditions", concept: "condition_concept_id", start: "condition_start_date",
		end: "condition_end_date", visit: "visit_occurrence_id", kind: "condition_type_concept_id",
	},
	ConditionEra: {
		name: "condition_era", category: "conditions", concept: "condition_concept_id", start: "condition_era_start_date",
		end: "condition_era_end_date", occurrences: "condition_occurrence_count",
	},
	Drug: {
		name: "drug_exposure", category: "medication", concept: "drug_concept_id", start: "drug_exposure_start_date",
		end: "drug_exposure_end_date", visit: "visit_occurrence_id", kind: "drug_type_concept_id",
		quantity: "quantity", daysSupply: "days_supply",
	},
	DrugEra: {
		name: "drug_era", category: "medication", concept: "drug_concept_id", start: "drug_era_start_date",
		end: "drug_era_end_date", occurrences: "drug_exposure_count",
	},
	Procedure: {
		name: "procedure_occurrence", category: "procedures", concept: "procedure_concept_id", start: "procedure_date",
		visit: "visit_occurrence_id", kind: "procedure_type_concept_id",
	},
	Measurement: {
		name: "measurement", category: "laboratory", concept: "measurement_concept_id", start: "measurement_date",
		visit: "visit_occurrence_id", kind: "measurement_type_concept_id", value: "value_as_number",
	},
	Observation: {
		name: "observation", category: "observations", concept: "observation_concept_id", start: "observation_date",
		visit: "visit_occurrence_id", kind: "observation_type_concept_id", value: "value_as_number",
	},
	Visit: {
		name: "visit_occurrence", category: "visits", concept: "visit_concept_id", start: "visit_start_date",
		end: "visit_end_date", visit: "visit_occurrence_id", kind: "visit_type_concept_id",
	},
	Death: {
		name: "death", category: "death", concept: "cause_concept_id", start: "death_date", kind: "death_type_concept_id",
	},
	Device: {
		name: "device_exposure", category: "devices", concept: "device_concept_id", start: "device_exposure_start_date",
		end: "device_exposure_end_date", visit: "visit_occurrence_id", kind: "device_type_concept_id",
	},
	Specimen: {
		name: "specimen", category: "specimens", concept: "specimen_concept_id", start: "specimen_date",
		kind: "specimen_type_concept_id",
	},
	ObservationPeriod: {
		name: "observation_period", category: "observation_periods", start: "observation_period_start_date",
		end: "observation_period_end_date", kind: "period_type_concept_id",
	},
}

// Domains lists every domain, sorted.
func Domains() []Domain { return slices.Sorted(maps.Keys(tables)) }

// Has reports whether records of the domain can have the field.
func (d Domain) Has(f Field) bool {
	t, ok := tables[d]
	switch f {
	case ConceptID:
		return t.concept != ""
	case Visited:
		return t.visit != ""
	case Value:
		return t.value != ""
	case Quantity:
		return t.quantity != ""
	case DaysSupply:
		return t.daysSupply != ""
	case Length:
		return d == Visit || d == ConditionEra || d == DrugEra || d == ObservationPeriod
	case Start:
		return ok
	case End:
		return t.end != ""
	default:
		return false
	}
}

// columns are those that the field is read from.
func (t omop) columns(f Field) []string {
	switch f {
	case ConceptID:
		return []string{t.concept}
	case Start:
		return []string{t.start}
	case End, Length:
		return []string{t.start, t.end, t.daysSupply}
	case Visited:
		return []string{t.visit}
	case Value:
		return []string{t.value}
	case Quantity:
		return []string{t.quantity}
	case DaysSupply:
		return []string{t.daysSupply}
	default:
		return nil
	}
}

// Has reports whether all the events can have the field.
func (e Events) Has(f Field) bool {
	if e.Records != nil {
		return e.Records.Domain.Has(f)
	}
	return !slices.ContainsFunc(e.Union, func(u Events) bool { return !u.Has(f) })
}
