package cohort

import (
	"cmp"
	"maps"
	"slices"
)

// Column is a column of patients' records and the category under which patients and stewards decide about it.
type Column struct {
	Name     string `json:"name"` // "table.column" of OMOP CDM 5.4
	Category string `json:"category"`
}

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

// Columns names every column of patients' records that deciding the criterion touches, sorted, once each. Keys (a
// person's or a record's own number) and the vocabulary are not among them: they say nothing of a patient.
func (c Criterion) Columns() []Column {
	found := columnSet{}
	found.criterion(c)
	return found.sorted()
}

// Columns names every column of patients' records that the events and these fields of them are read from, as
// [Criterion.Columns] does.
func (e Events) Columns(fields ...Field) []Column {
	found := columnSet{}
	found.events(e, fields)
	return found.sorted()
}

type columnSet map[Column]bool

func (s columnSet) sorted() []Column {
	return slices.SortedFunc(maps.Keys(s), func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
}

func (s columnSet) add(t omop, columns ...string) {
	for _, c := range columns {
		if c != "" {
			s[Column{t.name + "." + c, t.category}] = true
		}
	}
}

func (s columnSet) period() {
	t := tables[ObservationPeriod]
	s.add(t, t.start, t.end)
}

func (s columnSet) criterion(c Criterion) {
	for _, list := range [][]Criterion{c.All, c.Any} {
		for _, o := range list {
			s.criterion(o)
		}
	}
	switch {
	case c.Not != nil:
		s.criterion(*c.Not)
	case c.AtLeast != nil:
		for _, o := range c.AtLeast.Of {
			s.criterion(o)
		}
	case c.Person != nil:
		s.person(*c.Person)
	case c.Has != nil:
		s.has(*c.Has)
	}
}

func (s columnSet) person(p Person) {
	t := omop{name: "person", category: "demographics"}
	if len(p.Sexes) > 0 {
		s.add(t, "gender_concept_id")
	}
	if len(p.Races) > 0 {
		s.add(t, "race_concept_id")
	}
	if len(p.Ethnicities) > 0 {
		s.add(t, "ethnicity_concept_id")
	}
	if p.YearOfBirth != nil || p.Age != nil {
		s.add(t, "year_of_birth")
	}
}

func (s columnSet) has(h Has) {
	var fields []Field
	if h.Distinct != "" {
		fields = append(fields, h.Distinct.field())
	}
	if w := h.Window; w != nil {
		if !w.AnyTime {
			fields = append(fields, Start)
			s.period()
		}
		if w.SameVisit {
			fields = append(fields, Visited)
		}
		for _, span := range w.Spans {
			if span.EventEnd {
				fields = append(fields, End)
			} else {
				fields = append(fields, Start)
			}
		}
	}
	s.events(h.Events, fields)
}

// field is what is counted; without a Distinct, any event has a start to be counted by. It is empty for an unknown one.
func (d Distinct) field() Field {
	switch d {
	case "", DistinctDays:
		return Start
	case DistinctConcepts:
		return ConceptID
	case DistinctVisits:
		return Visited
	default:
		return ""
	}
}

// identity is what tells one index from another, and orders events.
var identity = []Field{ConceptID, Start, End, Visited}

func (s columnSet) events(e Events, fields []Field) {
	if e.Observed != nil {
		fields = append(slices.Clip(fields), Start)
		s.period()
	}
	if e.Where != nil || e.Keep != "" {
		fields = append(slices.Clip(fields), identity...)
	}
	if e.Where != nil {
		s.criterion(*e.Where)
	}
	if e.Records != nil {
		s.records(*e.Records, fields)
	}
	for _, u := range e.Union {
		s.events(u, fields)
	}
	if len(e.Union) > 0 { // deaths have no number: which are the same is told by the cause
		s.deaths(e)
	}
}

// deaths adds what tells deaths in a union from one another.
func (s columnSet) deaths(e Events) {
	if t := tables[Death]; e.Records != nil && e.Records.Domain == Death {
		s.add(t, t.concept)
	}
	for _, u := range e.Union {
		s.deaths(u)
	}
}

func (s columnSet) records(r Records, fields []Field) {
	t := tables[r.Domain]
	if r.First {
		fields = append(slices.Clip(fields), identity...)
	}
	for _, f := range fields {
		s.add(t, t.columns(f)...)
	}
	for _, c := range []struct {
		set     bool
		columns []string
	}{
		{len(r.Concepts) > 0, t.columns(ConceptID)},
		{r.Start != nil, t.columns(Start)},
		{r.End != nil, t.columns(End)},
		{r.Length != nil, t.columns(Length)},
		{r.Value != nil, t.columns(Value)},
		{r.RangeLow != nil, []string{"range_low"}},
		{r.RangeHigh != nil, []string{"range_high"}},
		{r.Quantity != nil, t.columns(Quantity)},
		{r.DaysSupply != nil, t.columns(DaysSupply)},
		{r.Occurrences != nil, []string{t.occurrences}},
		{r.GapDays != nil, []string{"gap_days"}},
		{len(r.ValueConcepts) > 0, []string{"value_as_concept_id"}},
		{len(r.Units) > 0, []string{"unit_concept_id"}},
		{len(r.Types) > 0, []string{t.kind}},
	} {
		if c.set {
			s.add(t, c.columns...)
		}
	}
	// That there is a record at all is something too.
	if r.Domain == Death {
		s.add(t, t.start)
	} else {
		s.add(t, cmp.Or(t.concept, t.start))
	}
}
