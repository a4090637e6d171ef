package cohort

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Column is a column of patients' records, the category under which patients and stewards decide about it, and how
// finely it is used.
type Column struct {
	Name     string `json:"name"` // "table.column" of OMOP CDM 5.4
	Category string `json:"category"`
	Level    int    `json:"level"` // LevelExists to LevelExact
	Time     Time   `json:"time,omitzero"`
}

// Time is when all that is read happened, whatever else the record has: from the second From, before the second Until, Unix seconds. 0 is no bound.
// Days are of UTC.
type Time struct {
	From  int64 `json:"from,omitempty"`
	Until int64 `json:"until,omitempty"`
}

// hull is the time from where either starts to where both have ended.
func (t Time) hull(u Time) Time {
	h := Time{min(t.From, u.From), max(t.Until, u.Until)}
	if t.Until == 0 || u.Until == 0 {
		h.Until = 0
	}
	return h
}

// time is when the records that are looked at happened: within the days on which they may start. The first record of all is looked for
// through all time; an era is made of records before its start and up to its end; where an end is read, it is to be within days as well, and as
// ends are as they were written, before their start or not, the later of both bounds is the bound.
func (r Records) time(readsEnd bool) (t Time) {
	if r.First || r.Start == nil || r.Domain == ConditionEra || r.Domain == DrugEra {
		return Time{}
	}
	last := r.Start.To
	if readsEnd && r.Domain.Has(End) {
		if last = ""; r.End != nil && r.End.To != "" && r.Start.To != "" {
			last = max(r.Start.To, r.End.To)
		}
	}
	if from, err := time.Parse(time.DateOnly, r.Start.From); err == nil {
		t.From = max(from.Unix(), 0)
	}
	if to, err := time.Parse(time.DateOnly, last); err == nil {
		t.Until = max(to.AddDate(0, 0, 1).Unix(), 0)
	}
	if t.Until != 0 && t.Until <= t.From { // nothing is: it bounds nothing
		return Time{}
	}
	return t
}

// source is a table, of which records of that time are looked at.
type source struct {
	Table
	time Time
}

// The levels of use, from the coarsest. Patients and stewards permit uses up to one of them.
const (
	LevelExists = 1 // whether there are such records, and how many
	LevelGroups = 2 // wide groups: sex, race, ethnicity; age or birth in bands of five years or more; calendar years
	LevelCodes  = 3 // which diagnosis, drug or test; bands of values; narrower bands of age or birth; months
	LevelDays   = 4 // days, and single years of age or birth
	LevelExact  = 5 // values as they were measured
)

// level is that of a field as criteria use it.
func (f Field) level() int {
	switch f {
	case Start, End, Length:
		return LevelDays
	default:
		return LevelCodes
	}
}

// YearsLevel is that of years of age or birth in bands, the narrowest of which has so many years.
func YearsLevel(years int64) int {
	switch {
	case years >= 5:
		return LevelGroups
	case years >= 2:
		return LevelCodes
	default:
		return LevelDays
	}
}

// level of a range of years: open ones are as wide as they come.
func (r IntRange) level() int {
	if r.Min == nil || r.Max == nil {
		return LevelGroups
	}
	return YearsLevel(*r.Max - *r.Min + 1)
}

// MergeColumns names each column once, with the finest use of it, by name.
func MergeColumns(columns []Column) []Column {
	found := columnSet{}
	for _, c := range columns {
		found.put(c)
	}
	return found.sorted()
}

// Columns names every column of patients' records that deciding the criterion touches, sorted, once each. Keys (a
// person's or a record's own number) and the vocabulary are not among them: they say nothing of a patient.
func (c Criterion) Columns() []Column {
	found := columnSet{}
	found.criterion(c)
	return found.sorted()
}

// Columns names every column of patients' records that the events and these fields of them are read from, as
// [Criterion.Columns] does; the fields are used as finely as criteria use them.
func (e Events) Columns(fields ...Field) []Column {
	found := columnSet{}
	found.events(e, fields)
	return found.sorted()
}

// Used names the columns that the field of the events is read from, at that level, and nothing else.
func (e Events) Used(f Field, level int) []Column {
	found := columnSet{}
	found.field(e, f, level)
	return found.sorted()
}

// columnSet has columns by name.
type columnSet map[string]Column

func (s columnSet) sorted() []Column {
	return slices.SortedFunc(maps.Values(s), func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
}

func (s columnSet) put(c Column) {
	if other, there := s[c.Name]; there {
		c.Level, c.Time = max(c.Level, other.Level), c.Time.hull(other.Time)
	}
	s[c.Name] = c
}

func (s columnSet) add(t source, level int, columns ...string) {
	for _, c := range columns {
		if c != "" {
			s.put(Column{t.Name + "." + c, t.Category, level, t.time})
		}
	}
}

func (s columnSet) field(e Events, f Field, level int) {
	if e.Records != nil {
		t := source{tables[e.Records.Domain], e.Records.time(f == End || f == Length)}
		s.add(t, level, t.columns(f)...)
	}
	for _, u := range e.Union {
		s.field(u, f, level)
	}
}

func (s columnSet) period() {
	t := source{Table: tables[ObservationPeriod]}
	s.add(t, LevelDays, t.Start, t.End)
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
	t := source{Table: Table{Name: "person", Category: "demographics"}}
	if len(p.Sexes) > 0 {
		s.add(t, LevelGroups, "gender_concept_id")
	}
	if len(p.Races) > 0 {
		s.add(t, LevelGroups, "race_concept_id")
	}
	if len(p.Ethnicities) > 0 {
		s.add(t, LevelGroups, "ethnicity_concept_id")
	}
	for _, years := range []*IntRange{p.YearOfBirth, p.Age} {
		if years != nil {
			s.add(t, years.level(), "year_of_birth")
		}
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
	if t := (source{Table: tables[Death]}); e.Records != nil && e.Records.Domain == Death {
		s.add(t, LevelCodes, t.Concept)
	}
	for _, u := range e.Union {
		s.deaths(u)
	}
}

func (s columnSet) records(r Records, fields []Field) {
	if r.First {
		fields = append(slices.Clip(fields), identity...)
	}
	t := source{tables[r.Domain], r.time(r.End != nil || r.Length != nil || slices.Contains(fields, End))}
	for _, f := range fields {
		s.add(t, f.level(), t.columns(f)...)
	}
	for f, set := range map[Field]bool{Start: r.Start != nil, End: r.End != nil, Length: r.Length != nil} {
		if set {
			s.add(t, f.level(), t.columns(f)...)
		}
	}
	for _, c := range []struct {
		set     bool
		columns []string
	}{
		{len(r.Concepts) > 0, t.columns(ConceptID)},
		{r.Value != nil, t.columns(Value)},
		{r.RangeLow != nil, []string{t.RangeLow}},
		{r.RangeHigh != nil, []string{t.RangeHigh}},
		{r.Quantity != nil, t.columns(Quantity)},
		{r.DaysSupply != nil, t.columns(DaysSupply)},
		{r.Occurrences != nil, []string{t.Occurrences}},
		{r.GapDays != nil, []string{t.GapDays}},
		{len(r.ValueConcepts) > 0, []string{t.ValueConcept}},
		{len(r.Units) > 0, []string{t.Unit}},
		{len(r.Types) > 0, []string{t.Kind}},
	} {
		if c.set {
			s.add(t, LevelCodes, c.columns...)
		}
	}
	// That there is a record at all is something too.
	if r.Domain == Death {
		s.add(t, LevelExists, t.Start)
	} else {
		s.add(t, LevelExists, cmp.Or(t.Concept, t.Start))
	}
}
