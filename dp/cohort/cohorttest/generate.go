package cohorttest

import (
	"math/rand/v2"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
)

// The little world that generated criteria and histories share, so that they meet often.
const (
	concepts = 6
	firstDay = 14_590 // 2009-12-12: its days lie in two years
	lastDay  = 14_640
)

// domains has every domain, and the common ones more than once.
func domains() []cohort.Domain {
	return append(cohort.Domains(), cohort.Condition, cohort.Condition, cohort.Condition, cohort.Visit, cohort.Visit, cohort.Drug, cohort.Measurement)
}

// World is the vocabulary of the generated.
func World() Vocabulary { return Vocabulary{1: {1, 2, 3}, 2: {2, 3}, 4: {4, 5}} }

// RandomCriterion is a valid criterion of at most the given depth, seldom a canonical one.
func RandomCriterion(r *rand.Rand, depth int) cohort.Criterion { return drawCriterion(r, depth, false) }

// RandomEvents is a valid set of events.
func RandomEvents(r *rand.Rand, depth int) cohort.Events { return drawEvents(r, depth) }

func drawCriterion(r *rand.Rand, depth int, inside bool) cohort.Criterion {
	kind := between(r, 0, 9)
	if depth <= 0 {
		kind = 0
	}
	list := func() (list []cohort.Criterion) {
		for range between(r, 1, 4) {
			list = append(list, drawCriterion(r, depth-1, inside))
		}
		return list
	}
	switch kind {
	case 0:
		return cohort.Criterion{Person: drawPerson(r, inside)}
	case 1:
		return cohort.Criterion{All: list()}
	case 2:
		return cohort.Criterion{Any: list()}
	case 3, 4:
		return cohort.Criterion{Not: new(drawCriterion(r, depth-1, inside))}
	case 5:
		of := list()
		return cohort.Criterion{AtLeast: &cohort.AtLeast{K: between(r, 1, len(of)), Of: of}}
	default:
		return cohort.Criterion{Has: drawHas(r, depth-1, inside)}
	}
}

func drawPerson(r *rand.Rand, inside bool) *cohort.Person {
	p := cohort.Person{}
	if inside {
		p.Age = maybe(r, drawInts(r, 29, 61))
		p.Start, p.End = maybe(r, drawDates(r)), maybe(r, drawDates(r))
	}
	if r.IntN(2) == 0 {
		p.Races = drawIDs(r)
	}
	p.YearOfBirth = maybe(r, drawInts(r, 1948, 1981))
	if p.Age == nil && p.Start == nil && p.End == nil && p.YearOfBirth == nil && len(p.Races) == 0 || r.IntN(2) == 0 {
		p.Sexes = drawIDs(r)
	}
	return &p
}

func drawHas(r *rand.Rand, depth int, inside bool) *cohort.Has {
	h := cohort.Has{Events: drawEvents(r, depth), Min: between(r, 0, 2)}
	h.Max = maybe(r, new(h.Min+between(r, 0, 2)))
	distinct := one(r, []cohort.Distinct{"", "", cohort.DistinctDays, cohort.DistinctConcepts, cohort.DistinctVisits})
	if (distinct != cohort.DistinctConcepts || h.Events.Has(cohort.ConceptID)) && (distinct != cohort.DistinctVisits || h.Events.Has(cohort.Visited)) {
		h.Distinct = distinct
	}
	if inside {
		h.Window = drawWindow(r)
	}
	return &h
}

func drawWindow(r *rand.Rand) *cohort.Window {
	w := cohort.Window{AnyTime: r.IntN(2) == 0, SameVisit: between(r, 0, 3) == 0}
	for range between(r, 0, 2) {
		s := cohort.Span{EventEnd: r.IntN(2) == 0, IndexEnd: r.IntN(2) == 0}
		from := between(r, -20, 10)
		s.From = maybe(r, new(from))
		s.To = maybe(r, new(from+between(r, 0, 20)))
		w.Spans = append(w.Spans, s)
	}
	return &w
}

func drawEvents(r *rand.Rand, depth int) cohort.Events {
	e := cohort.Events{Keep: one(r, []cohort.Keep{"", "", cohort.KeepFirst, cohort.KeepLast})}
	if depth > 0 && between(r, 0, 2) == 0 {
		for range between(r, 1, 3) {
			e.Union = append(e.Union, drawEvents(r, depth-1))
		}
	} else {
		e.Records = drawRecords(r)
	}
	if between(r, 0, 3) == 0 {
		e.Observed = &cohort.Observed{
			Before: between(r, 0, 20), After: between(r, 0, 20),
		}
	}
	if depth > 0 && between(r, 0, 2) == 0 {
		e.Where = new(drawCriterion(r, depth-1, true))
	}
	return e
}

func drawRecords(r *rand.Rand) *cohort.Records {
	out := cohort.Records{Domain: one(r, domains()), First: between(r, 0, 3) == 0}
	if out.Domain.Has(cohort.ConceptID) && r.IntN(2) == 0 {
		out.Concepts = drawConcepts(r)
	}
	filter := between(r, 0, 5) // most have none that applies
	switch {
	case filter == 0:
		out.Start = drawDates(r)
	case filter == 1 && out.Domain.Has(cohort.End):
		out.End = drawDates(r)
	case filter == 2 && out.Domain.Has(cohort.Visited):
		out.Types = drawIDs(r)
	case filter == 3:
		drawFilter(r, &out)
	}
	return &out
}

// drawFilter narrows by what the domain alone has.
func drawFilter(r *rand.Rand, out *cohort.Records) {
	switch out.Domain {
	case cohort.Measurement:
		out.Value, out.RangeLow, out.RangeHigh = maybe(r, drawRange(r)), maybe(r, drawRange(r)), maybe(r, drawRange(r))
	case cohort.Observation:
		out.Value, out.ValueConcepts, out.Units = maybe(r, drawRange(r)), drawIDs(r), drawIDs(r)
	case cohort.Drug:
		out.Quantity, out.DaysSupply = maybe(r, drawRange(r)), maybe(r, drawInts(r, 0, 9))
	case cohort.DrugEra:
		out.GapDays, out.Occurrences = maybe(r, drawInts(r, 0, 9)), maybe(r, drawInts(r, 0, 9))
	case cohort.ConditionEra, cohort.Visit, cohort.ObservationPeriod:
		out.Length = drawInts(r, 0, 12)
	}
}

func drawConcepts(r *rand.Rand) cohort.ConceptSet {
	set := cohort.ConceptSet{{ID: drawConcept(r), Descendants: r.IntN(2) == 0}}
	for range between(r, 0, 3) {
		c := cohort.Concept{ID: drawConcept(r), Descendants: r.IntN(2) == 0, Exclude: r.IntN(2) == 0}
		if c.Exclude && c.ID == set[0].ID {
			continue // would leave nothing
		}
		set = append(set, c)
	}
	return set
}

func drawInts(r *rand.Rand, least, most int64) *cohort.IntRange {
	from := between(r, least, most)
	to := between(r, from, most)
	out := cohort.IntRange{Min: maybe(r, &from), Max: maybe(r, &to)}
	if out.Min == nil && out.Max == nil {
		out.Min = &from
	}
	return &out
}

func drawRange(r *rand.Rand) *cohort.Range {
	low := drawValue(r)
	high := low + one(r, []float64{0.5, 1, 3})
	out := cohort.Range{Min: maybe(r, &low), Max: &high, MaxOpen: r.IntN(2) == 0}
	out.MinOpen = out.Min != nil && r.IntN(2) == 0
	return &out
}

func drawDates(r *rand.Rand) *cohort.DateRange {
	from := drawDay(r)
	to := between(r, from, lastDay)
	out := cohort.DateRange{From: day(from).Format(time.DateOnly)}
	if r.IntN(2) == 0 {
		out.To = day(to).Format(time.DateOnly)
	}
	return &out
}

func drawIDs(r *rand.Rand) []int64 {
	ids := make([]int64, between(r, 1, 4))
	for i := range ids {
		ids[i] = between[int64](r, 0, concepts)
	}
	return ids
}

func drawConcept(r *rand.Rand) int64 { return between[int64](r, 1, concepts) }
func drawDay(r *rand.Rand) int       { return between(r, firstDay, lastDay) }
func drawValue(r *rand.Rand) float64 { return float64(between(r, -4, 8)) / 2 }

func between[T int | int64](r *rand.Rand, least, most T) T {
	return least + T(r.Int64N(int64(most-least)+1))
}

func one[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// maybe is v or nothing.
func maybe[T any](r *rand.Rand, v *T) *T {
	if r.IntN(2) == 0 {
		return nil
	}
	return v
}
