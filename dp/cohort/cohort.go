package cohort

// Criterion is a condition; exactly one field is set.
type Criterion struct {
	All     []Criterion `json:"all,omitempty"` // each of them holds
	Any     []Criterion `json:"any,omitempty"` // at least one holds
	Not     *Criterion  `json:"not,omitempty"`
	AtLeast *AtLeast    `json:"at_least,omitempty"`
	Person  *Person     `json:"person,omitempty"`
	Has     *Has        `json:"has,omitempty"`
}

// AtLeast holds if K or more of the conditions hold.
type AtLeast struct {
	K  int         `json:"k"` // 1 to len(Of)
	Of []Criterion `json:"of"`
}

// Person is about the patient herself. Every field that is set must hold; a patient whose value is
// unknown does not match. Ids are OMOP standard concepts.
type Person struct {
	Sexes       []int64   `json:"sexes,omitempty"` // gender_concept_id
	Races       []int64   `json:"races,omitempty"`
	Ethnicities []int64   `json:"ethnicities,omitempty"`
	YearOfBirth *IntRange `json:"year_of_birth,omitempty"`
	// Age is the year of the index event's start less the year of birth; only inside Where.
	Age *IntRange `json:"age,omitempty"`
	// Start and End are on which days the index event starts and ends; only inside Where.
	Start *DateRange `json:"start,omitempty"`
	End   *DateRange `json:"end,omitempty"`
}

// Has holds if the number of the patient's events that lie in Window is within Min and Max.
type Has struct {
	Events Events `json:"events"`
	Min    int    `json:"min"`           // 0 only with a Max; the default is written out as 1
	Max    *int   `json:"max,omitempty"` // nil: no bound
	// Distinct counts days, concepts or visits instead of records. A record without a visit adds none.
	Distinct Distinct `json:"distinct,omitempty"`
	// Window is where the events lie in relation to the index; required inside Where, absent elsewhere.
	Window *Window `json:"window,omitempty"`
}

// Distinct is what a Has counts, the empty one being records.
type Distinct string

// What may be counted instead of records.
const (
	DistinctDays     Distinct = "day" // of the start
	DistinctConcepts Distinct = "concept"
	DistinctVisits   Distinct = "visit"
)

// Window relates an event to the index. Without a span every day matches.
type Window struct {
	Spans []Span `json:"spans,omitempty"` // each of them holds; at most two
	// SameVisit: both name a visit, and it is the same; a visit names itself.
	SameVisit bool `json:"same_visit,omitempty"`
	// AnyTime takes in events outside the observation period in which the index starts;
	// without it an event has to start within it, and an index outside of every period has none.
	AnyTime bool `json:"any_time,omitempty"`
}

// Span says that a day of the event lies From to To days after a day of the index, both included;
// negative is before. A nil end is open with AnyTime; without it, it is the first or the last day of the
// observation period in which the index starts (as in circe: so a span of an EventEnd without any
// From and To says that the event ends within the period too).
type Span struct {
	From     *int `json:"from,omitempty"`
	To       *int `json:"to,omitempty"`
	EventEnd bool `json:"event_end,omitempty"` // the event's end instead of its start
	IndexEnd bool `json:"index_end,omitempty"` // the index's end instead of its start
}

// Events is a set of a patient's events: exactly one of Records and Union, narrowed in this
// order by Observed, Where and Keep. It is a set of records: one that lies in several members of a
// Union is there once.
type Events struct {
	Records  *Records   `json:"records,omitempty"`
	Union    []Events   `json:"union,omitempty"`
	Observed *Observed  `json:"observed,omitempty"`
	Where    *Criterion `json:"where,omitempty"` // holds with the event as its index
	Keep     Keep       `json:"keep,omitempty"`
}

// Keep is which of a patient's events remain, the empty one being all.
type Keep string

// Which one remains: by start, then end, name of the domain, concept and visit (none before any), and the
// record's id. The last is the last in that order.
const (
	KeepFirst Keep = "first"
	KeepLast  Keep = "last"
)

// Observed says that the event starts in an observation period of the patient that began at
// least Before days before that start and ends at least After days after it.
type Observed struct {
	Before int `json:"before"` // days, 0 or more
	After  int `json:"after"`  // days, 0 or more
}

// Records are a patient's rows of one OMOP table. Every field that is set must hold.
type Records struct {
	Domain   Domain     `json:"domain"`
	Concepts ConceptSet `json:"concepts,omitempty"` // empty: any concept
	// First takes only a patient's earliest record of these concepts (in the order of KeepFirst), before looking
	// at anything below.
	First bool       `json:"first,omitempty"`
	Start *DateRange `json:"start,omitempty"`
	End   *DateRange `json:"end,omitempty"` // where the table has an end: condition, drug, visit, device, eras, period
	// Length is end less start in days: of a visit, an era, a period.
	Length        *IntRange `json:"length,omitempty"`
	Value         *Range    `json:"value,omitempty"`          // measurement, observation: value_as_number
	RangeLow      *Range    `json:"range_low,omitempty"`      // measurement
	RangeHigh     *Range    `json:"range_high,omitempty"`     // measurement
	Quantity      *Range    `json:"quantity,omitempty"`       // drug
	DaysSupply    *IntRange `json:"days_supply,omitempty"`    // drug
	Occurrences   *IntRange `json:"occurrences,omitempty"`    // condition_era, drug_era: records in the era
	GapDays       *IntRange `json:"gap_days,omitempty"`       // drug_era
	ValueConcepts []int64   `json:"value_concepts,omitempty"` // measurement, observation
	Units         []int64   `json:"units,omitempty"`          // measurement, observation
	Types         []int64   `json:"types,omitempty"`          // <domain>_type_concept_id
}

// ConceptSet is what its items include less what they exclude; one of them includes.
type ConceptSet []Concept

// Concept is an OMOP standard concept, with what lies below it if Descendants.
type Concept struct {
	ID          int64 `json:"id"` // 1 to 2^53-1
	Descendants bool  `json:"descendants,omitempty"`
	Exclude     bool  `json:"exclude,omitempty"`
}

// Domain is the kind of record, one OMOP table each.
type Domain string

// The domains.
const (
	Condition         Domain = "condition"
	ConditionEra      Domain = "condition_era"
	Drug              Domain = "drug"
	DrugEra           Domain = "drug_era"
	Procedure         Domain = "procedure"
	Measurement       Domain = "measurement"
	Observation       Domain = "observation"
	Visit             Domain = "visit"
	Death             Domain = "death" // its concept is the cause
	Device            Domain = "device"
	Specimen          Domain = "specimen"
	ObservationPeriod Domain = "observation_period" // has no concept but its type
)

// IntRange is Min to Max, both included; a nil end is open, and one is set.
type IntRange struct {
	Min *int64 `json:"min,omitempty"`
	Max *int64 `json:"max,omitempty"`
}

// Range is Min to Max, both included unless open; a nil end is unbounded, and one is set. Both are finite.
type Range struct {
	Min     *float64 `json:"min,omitempty"`
	Max     *float64 `json:"max,omitempty"`
	MinOpen bool     `json:"min_open,omitempty"`
	MaxOpen bool     `json:"max_open,omitempty"`
}

// DateRange is From to To, RFC 3339 full-dates of the years 1800 to 2200, both included; an empty end is open,
// and one is set.
type DateRange struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}
