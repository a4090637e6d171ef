package dp

import (
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
)

// Query asks for measures of the patients of a cohort, in each combination of groups.
type Query struct {
	Dataset string `json:"dataset"`
	// Cohort is who is asked about; nil is every patient who may be counted.
	Cohort *cohort.Criterion `json:"cohort,omitempty"`
	// GroupBy has at most MaxGroupBy groups that differ; none is one cell with
	// an empty key. The canonical form sorts them, and the keys follow.
	GroupBy []Group `json:"group_by,omitempty"`
	// Measures has at most MaxMeasures; none is the number of patients. The
	// canonical form sorts them, and the estimates follow.
	Measures []Measure `json:"measures,omitempty"`
	// MaxGroups is in how many cells one patient counts at most, 1 to
	// MaxMaxGroups. It is required exactly if a group divides events and may put a patient
	// in several cells: unless each patient has one event, its first or last, and no
	// group takes in descendants. In which cells she counts does not depend on her values.
	MaxGroups int `json:"max_groups,omitempty"`
	// Delta, in 2^-63, is what the researcher spends, besides NanoRho, on keys that are not public: MinDelta to
	// accountant.MaxUnits, and only where a "concept" group names no Concepts. The canonical form of none is DefaultDelta.
	Delta int64 `json:"delta,omitempty"`
	// NanoRho is the most that the researcher will spend, 1 to MaxNanoRho, in zCDP also where the dataset's accounting
	// is another. The plan costs that or a little less; never more than it takes to reach
	// the least noise there is, half a rho for each series.
	NanoRho int64 `json:"nano_rho"`
}

// Group divides patients, or the events of each patient, into classes. A
// patient without a label of some group (another sex, too young, no such
// event) is in no cell.
type Group struct {
	Kind GroupKind `json:"kind"`
	// Edges, for "age_band" and "birth_year", are years, strictly rising: 0 to MaxAge,
	// or MinYear to MaxYear. The bands are [e0,e1), [e1,e2), ..., [en,+inf) of
	// reference year - year of birth, or of the year of birth.
	Edges []int `json:"edges,omitempty"`
	// Matches, for "has_event", is what holds for those of the label "yes".
	Matches *cohort.Criterion `json:"matches,omitempty"`
	// Concepts, for "race", "ethnicity" and "concept", are the public keys: OMOP
	// standard concept ids. With none a "concept" has private keys: the answer has those concepts, up to MaxKey, of which
	// enough patients are found.
	Concepts []int64 `json:"concepts,omitempty"`
	// Descendants, for "concept", takes in what the vocabulary places below a
	// key; an event can then be in several cells.
	Descendants bool `json:"descendants,omitempty"`
	// Events, for "event_count", are counted, up to Cap, which stands for Cap and
	// more; of first or last events the canonical form says 1. For "concept", "calendar" and "value_band" they are divided, and
	// are the same in all these groups of a query.
	Events *cohort.Events `json:"events,omitempty"`
	Cap    int            `json:"cap,omitempty"`
	// Unit, From and To, for "calendar", are the public keys: every year from
	// "2010" to "2012", or every month from "2010-07" to "2011-06", both included,
	// by the event's start.
	Unit Unit   `json:"unit,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	// EdgesReal, for "value_band", divide the event's value, as Edges do ages.
	EdgesReal []float64 `json:"edges_real,omitempty"`
}

// GroupKind says what a group divides by.
type GroupKind string

// The kinds of group, with their labels in order. The last three divide a patient's
// events, so that she may be in several cells.
const (
	Sex        GroupKind = "sex"         // "female", "male"
	Race       GroupKind = "race"        // concept ids
	Ethnicity  GroupKind = "ethnicity"   // concept ids
	AgeBand    GroupKind = "age_band"    // "18-39", "40", ..., "80+"
	BirthYear  GroupKind = "birth_year"  // "1950-1959", ..., "2000+"
	HasEvent   GroupKind = "has_event"   // "yes", "no"
	EventCount GroupKind = "event_count" // "0", "1", ..., "5+"
	Concept    GroupKind = "concept"     // concept ids
	Calendar   GroupKind = "calendar"    // "2010", or "2010-07"
	ValueBand  GroupKind = "value_band"  // "[0,6.5)", ..., "[9,+inf)"
)

// Unit is that of a calendar.
type Unit string

// The units of a calendar.
const (
	Year  Unit = "year"
	Month Unit = "month"
)

// Metadata is what everyone may know of a dataset.
type Metadata struct {
	Dataset string `json:"dataset"`
	// Version changes whenever the records do.
	Version string `json:"version"`
	// ReferenceYear is the year in which ages are taken; required for "age_band".
	// It comes from the dataset's description, never from patients' rows.
	ReferenceYear int `json:"reference_year"`
	// Disclosure is the rule that the dataset's policy has for small numbers.
	Disclosure Disclosure `json:"disclosure,omitzero"`
	// Accounting is that of the dataset's total loss, which says with which noise it answers; empty is accountant.ZCDP.
	Accounting accountant.Kind `json:"accounting,omitempty"`
	// RoundedPatients is about how many patients there are, as the steward declared or as was released under
	// charge; 0: not known. For estimates beforehand; not part of a [Statement].
	RoundedPatients int64 `json:"rounded_patients,omitempty"`
	// Bounds are what [NewPlan] writes into a query that leaves them out; not part of a [Statement].
	Bounds []Bound `json:"bounds,omitempty"`
}
