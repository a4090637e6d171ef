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
	for _, o := range c.Parts() {
		s.criterion(o)
	}
	switch {
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
