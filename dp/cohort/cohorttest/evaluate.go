// Package cohorttest is the meaning of package cohort, written as plainly as possible: a criterion evaluated over one
// patient's history in memory.
//
// It promises to agree with the comments of package cohort, and decides where they leave a question open: what
// makes SQL of criteria is tested against it. It assumes canonical or checked criteria, and records whose ids are unique
// within their domain. It is slow, and for tests only.
package cohorttest

import (
	"cmp"
	"slices"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
)

// History is one patient's records. What is unknown of her is 0.
type History struct {
	Sex, Race, Ethnicity int64
	YearOfBirth          int64
	Records              []Record
}

// Record is a row of the table of Domain. A nil is NULL; fields that the table lacks are not looked at.
type Record struct {
	Domain     cohort.Domain
	ID         int64 // the record's own number; of a visit, its Visit too
	Concept    *int64
	Start, End *int // days since 1970-01-01
	Visit      *int64

	Value, RangeLow, RangeHigh, Quantity *float64
	DaysSupply, Occurrences, GapDays     *int64
	ValueConcept, Unit, Type             *int64
}

// Vocabulary tells the concepts below a concept.
type Vocabulary map[int64][]int64

// Holds reports whether the criterion holds for the patient.
func Holds(h History, v Vocabulary, c cohort.Criterion) bool {
	return patient{h, v}.holds(c, nil)
}

// Events returns the records that the set has of the patient, in the order of [cohort.KeepFirst].
func Events(h History, v Vocabulary, e cohort.Events) []Record {
	set := patient{h, v}.events(e)
	slices.SortFunc(set, compare)
	return set
}

type patient struct {
	History
	below Vocabulary
}

func (p patient) holds(c cohort.Criterion, index *Record) bool {
	count := func(of []cohort.Criterion) (n int) {
		for _, o := range of {
			if p.holds(o, index) {
				n++
			}
		}
		return n
	}
	switch {
	case len(c.All) > 0:
		return count(c.All) == len(c.All)
	case len(c.Any) > 0:
		return count(c.Any) > 0
	case c.Not != nil:
		return !p.holds(*c.Not, index)
	case c.AtLeast != nil:
		return count(c.AtLeast.Of) >= c.AtLeast.K
	case c.Person != nil:
		return p.person(*c.Person, index)
	default:
		return p.has(*c.Has, index)
	}
}

func (p patient) person(c cohort.Person, index *Record) bool {
	known := func(ids []int64, id int64) bool { return len(ids) == 0 || slices.Contains(ids, id) }
	if !known(c.Sexes, p.Sex) || !known(c.Races, p.Race) || !known(c.Ethnicities, p.Ethnicity) {
		return false
	}
	born := new(p.YearOfBirth)
	if p.YearOfBirth == 0 {
		born = nil
	}
	if !inInts(c.YearOfBirth, born) {
		return false
	}
	if index == nil {
		return true
	}
	var age *int64
	if born != nil && index.Start != nil {
		age = new(int64(day(*index.Start).Year()) - *born)
	}
	return inInts(c.Age, age) && inDates(c.Start, index.Start) && inDates(c.End, end(*index))
}

func (p patient) has(c cohort.Has, index *Record) bool {
	days, concepts, visits := map[int]bool{}, map[int64]bool{}, map[int64]bool{}
	records := 0
	for _, r := range p.events(c.Events) {
		if c.Window != nil && !p.in(*c.Window, r, *index) {
			continue
		}
		records++
		if r.Start != nil {
			days[*r.Start] = true
		}
		if c := concept(r); c != nil {
			concepts[*c] = true
		}
		if v := visit(r); v != nil {
			visits[*v] = true
		}
	}
	n := map[cohort.Distinct]int{
		"": records, cohort.DistinctDays: len(days), cohort.DistinctConcepts: len(concepts), cohort.DistinctVisits: len(visits),
	}[c.Distinct]
	if c.Min == 0 && c.Max == nil {
		return n >= 1 // the default, not written out
	}
	return n >= c.Min && (c.Max == nil || n <= *c.Max)
}

func (p patient) in(w cohort.Window, r, index Record) bool {
	if w.SameVisit {
		if a, b := visit(r), visit(index); a == nil || b == nil || *a != *b {
			return false
		}
	}
	if w.AnyTime {
		return p.spanned(w.Spans, r, index, nil)
	}
	return slices.ContainsFunc(p.Records, func(period Record) bool {
		return covers(period, index.Start) && covers(period, r.Start) && p.spanned(w.Spans, r, index, &period)
	})
}

// spanned reports whether every span holds; a nil end of one is that of the period, if there is one.
func (p patient) spanned(spans []cohort.Span, r, index Record, period *Record) bool {
	for _, s := range spans {
		of, from := r.Start, index.Start
		if s.EventEnd {
			of = end(r)
		}
		if s.IndexEnd {
			from = end(index)
		}
		lowest, ok := bound(s.From, from, period, false)
		if !ok || lowest != nil && (of == nil || *of < *lowest) {
			return false
		}
		highest, ok := bound(s.To, from, period, true)
		if !ok || highest != nil && (of == nil || *of > *highest) {
			return false
		}
	}
	return true
}

// bound is the day so many days after from, or else the period's; not ok if from is unknown.
func bound(days, from *int, period *Record, last bool) (*int, bool) {
	switch {
	case days != nil && from == nil:
		return nil, false
	case days != nil:
		return new(*from + *days), true
	case period == nil:
		return nil, true
	case last:
		return period.End, true
	default:
		return period.Start, true
	}
}

func covers(period Record, d *int) bool {
	return period.Domain == cohort.ObservationPeriod && period.Start != nil && period.End != nil && d != nil &&
		*period.Start <= *d && *d <= *period.End
}

func (p patient) events(e cohort.Events) []Record {
	var set []Record
	if e.Records != nil {
		set = p.records(*e.Records)
	}
	type id struct {
		domain cohort.Domain
		id     int64
	}
	seen := map[id]bool{}
	for _, u := range e.Union {
		for _, r := range p.events(u) {
			if !seen[id{r.Domain, r.ID}] {
				seen[id{r.Domain, r.ID}] = true
				set = append(set, r)
			}
		}
	}
	set = slices.DeleteFunc(set, func(r Record) bool {
		return e.Observed != nil && !p.observed(*e.Observed, r) || e.Where != nil && !p.holds(*e.Where, &r)
	})
	return kept(set, e.Keep)
}

func (p patient) observed(o cohort.Observed, r Record) bool {
	return slices.ContainsFunc(p.Records, func(period Record) bool {
		return covers(period, r.Start) && *period.Start+o.Before <= *r.Start && *r.Start+o.After <= *period.End
	})
}

func (p patient) records(c cohort.Records) []Record {
	var set []Record
	for _, r := range p.Records {
		if r.Domain == c.Domain && p.among(c.Concepts, r.Concept) {
			set = append(set, r)
		}
	}
	if c.First {
		set = kept(set, cohort.KeepFirst)
	}
	return slices.DeleteFunc(set, func(r Record) bool { return !matches(c, r) })
}

func (p patient) among(set cohort.ConceptSet, id *int64) bool {
	if len(set) == 0 {
		return true
	}
	included := false
	for _, c := range set {
		if id == nil || *id != c.ID && (!c.Descendants || !slices.Contains(p.below[c.ID], *id)) {
			continue
		}
		if c.Exclude {
			return false
		}
		included = true
	}
	return included
}

func matches(c cohort.Records, r Record) bool {
	var length *int64
	if e := end(r); e != nil && r.Start != nil {
		length = new(int64(*e - *r.Start))
	}
	return inDates(c.Start, r.Start) && inDates(c.End, end(r)) && inInts(c.Length, length) &&
		inRange(c.Value, r.Value) && inRange(c.RangeLow, r.RangeLow) && inRange(c.RangeHigh, r.RangeHigh) &&
		inRange(c.Quantity, r.Quantity) && inInts(c.DaysSupply, r.DaysSupply) &&
		inInts(c.Occurrences, r.Occurrences) && inInts(c.GapDays, r.GapDays) &&
		inList(c.ValueConcepts, r.ValueConcept) && inList(c.Units, r.Unit) && inList(c.Types, r.Type)
}

func kept(set []Record, keep cohort.Keep) []Record {
	if keep == "" || len(set) == 0 {
		return set
	}
	started := slices.DeleteFunc(slices.Clone(set), func(r Record) bool { return r.Start == nil })
	if len(started) > 0 {
		set = started
	}
	if keep == cohort.KeepFirst {
		return []Record{slices.MinFunc(set, compare)}
	}
	return []Record{slices.MaxFunc(set, compare)}
}

func compare(a, b Record) int {
	return cmp.Or(compareKnown(a.Start, b.Start), compareKnown(end(a), end(b)), cmp.Compare(a.Domain, b.Domain),
		compareKnown(concept(a), concept(b)), compareKnown(visit(a), visit(b)), cmp.Compare(a.ID, b.ID))
}

// compareKnown puts what is unknown first.
func compareKnown[T cmp.Ordered](a, b *T) int {
	switch {
	case a != nil && b != nil:
		return cmp.Compare(*a, *b)
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	default:
		return 1
	}
}

// end is the day on which a record ends.
func end(r Record) *int {
	switch {
	case r.End != nil && r.Domain.Has(cohort.End):
		return r.End
	case r.Start == nil:
		return nil
	case r.Domain == cohort.Drug && r.DaysSupply != nil && *r.DaysSupply >= 0 && *r.DaysSupply <= 36_500:
		return new(*r.Start + int(*r.DaysSupply))
	default:
		return new(*r.Start + 1)
	}
}

func concept(r Record) *int64 {
	if !r.Domain.Has(cohort.ConceptID) {
		return nil
	}
	return r.Concept
}

func visit(r Record) *int64 {
	switch {
	case r.Domain == cohort.Visit:
		return &r.ID
	case r.Domain.Has(cohort.Visited):
		return r.Visit
	default:
		return nil
	}
}

func day(d int) time.Time { return time.Unix(int64(d)*86_400, 0).UTC() }

func inInts(r *cohort.IntRange, v *int64) bool {
	return r == nil || v != nil && (r.Min == nil || *v >= *r.Min) && (r.Max == nil || *v <= *r.Max)
}

func inDates(r *cohort.DateRange, d *int) bool {
	if r == nil {
		return true
	}
	if d == nil {
		return false
	}
	date := day(*d).Format(time.DateOnly)
	return (r.From == "" || date >= r.From) && (r.To == "" || date <= r.To)
}

func inRange(r *cohort.Range, v *float64) bool {
	if r == nil {
		return true
	}
	if v == nil || *v != *v {
		return false
	}
	return (r.Min == nil || *v > *r.Min || *v == *r.Min && !r.MinOpen) && (r.Max == nil || *v < *r.Max || *v == *r.Max && !r.MaxOpen)
}

func inList(list []int64, v *int64) bool {
	return len(list) == 0 || v != nil && slices.Contains(list, *v)
}
