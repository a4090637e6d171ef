package dp

// Query asks for the number of patients in each combination of groups.
type Query struct {
	Dataset string `json:"dataset"`
	// GroupBy has one to MaxGroups groups; "sex" and "age_band" at most once.
	GroupBy []Group `json:"group_by"`
	// NanoRho is the most that the researcher will spend, 1 to MaxNanoRho. The
	// plan costs that or a little less; never more than it takes to reach
	// the least noise there is, half a rho.
	NanoRho int64 `json:"nano_rho"`
}

// Group divides patients into classes that exclude one another. A patient in
// none of them (another sex, too young, no year of birth) is in no cell.
type Group struct {
	Kind GroupKind `json:"kind"`
	// AgeEdges, for "age_band", are years, strictly rising, 0 to MaxAge. The bands
	// are [e0,e1), [e1,e2), ..., [en,+inf) of reference year - year of birth.
	AgeEdges []int `json:"age_edges,omitempty"`
	// Event, for "has_event".
	Event *Event `json:"event,omitempty"`
}

// GroupKind says what a group divides by.
type GroupKind string

// The kinds of group, with their labels in order.
const (
	Sex      GroupKind = "sex"       // "female", "male"
	AgeBand  GroupKind = "age_band"  // "18-39", "40", ..., "80+"
	HasEvent GroupKind = "has_event" // "yes", "no"
)

// Event is a record, at any time, of any of the concepts.
type Event struct {
	Domain Domain `json:"domain"`
	// Concepts are OMOP standard concept ids, at most MaxConcepts in a query.
	Concepts []int64 `json:"concepts"`
	// Descendants takes in what the vocabulary places below the concepts.
	Descendants bool `json:"descendants"`
}

// Domain is the kind of record an event is looked for in.
type Domain string

// The domains, one OMOP table each.
const (
	Condition   Domain = "condition"
	Drug        Domain = "drug"
	Measurement Domain = "measurement"
)

// Metadata is what everyone may know of a dataset.
type Metadata struct {
	Dataset string `json:"dataset"`
	// Version changes whenever the records do.
	Version string `json:"version"`
	// ReferenceYear is the year in which ages are taken; required for "age_band".
	// It comes from the dataset's description, never from patients' rows.
	ReferenceYear int `json:"reference_year"`
}

// Column is a column of patients' records that a plan reads, and the category
// under which patients and stewards decide about it.
type Column struct {
	Name     string `json:"name"`     // "table.column" of OMOP CDM 5.4
	Category string `json:"category"` // "demographics", "conditions", "medication", "laboratory"
}

var eventColumns = map[Domain]Column{
	Condition:   {"condition_occurrence.condition_concept_id", "conditions"},
	Drug:        {"drug_exposure.drug_concept_id", "medication"},
	Measurement: {"measurement.measurement_concept_id", "laboratory"},
}

// column is the column that the group reads.
func (g Group) column() Column {
	switch g.Kind {
	case Sex:
		return Column{"person.gender_concept_id", "demographics"}
	case AgeBand:
		return Column{"person.year_of_birth", "demographics"}
	default:
		return eventColumns[g.Event.Domain]
	}
}
