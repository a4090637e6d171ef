package omop

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// has says that a count of events is within its bounds. A count of at most so many is not one of more.
func (s scope) has(h cohort.Has) string {
	if h.Min == 0 {
		return "NOT " + s.counted(h, *h.Max+1, nil)
	}
	return s.counted(h, h.Min, h.Max)
}

// counted says that the count is least (1 or more) to most.
func (s scope) counted(h cohort.Has, least int, most *int) string {
	events, count := s.b.events(h.Events), "count(*)"
	switch h.Distinct {
	case cohort.DistinctDays:
		count = "count(DISTINCT e.start_date)"
	case cohort.DistinctConcepts:
		count = "count(DISTINCT e.concept_id)"
	case cohort.DistinctVisits:
		count = "count(DISTINCT e.visit_id)"
	}
	any1 := least == 1 && most == nil && h.Distinct == ""
	switch {
	case s.index != "":
		if days, ok := axis(h); ok {
			return s.along(h, events, days, least, most)
		}
		return s.near(*h.Window, events, any1, having(count, least, most))
	case any1:
		return "p.person_id IN (SELECT person_id FROM " + events + ")"
	default:
		return "p.person_id IN (SELECT person_id FROM " + s.b.Define("counted",
			"SELECT e.person_id FROM "+events+" AS e GROUP BY e.person_id"+having(count, least, most)) + ")"
	}
}

func having(count string, least int, most *int) string {
	if most == nil {
		return " HAVING " + count + " >= " + strconv.Itoa(least)
	}
	return fmt.Sprintf(" HAVING %s BETWEEN %d AND %d", count, least, *most)
}

// near is has inside a where of events that axis does not find on one: those that lie in the window around an index
// are counted for each.
func (s scope) near(w cohort.Window, events string, any1 bool, bounds string) string {
	on := []string{"e.person_id = i.person_id"}
	if w.SameVisit {
		on = append(on, "e.visit_id = i.visit_id")
	}
	from := events + " AS e"
	if !w.AnyTime {
		// An event may lie with the index in two periods that overlap: rows then have numbers, to count each once.
		if strings.Contains(bounds, "count(*)") && !any1 {
			from = s.b.fixed("numbered", "SELECT row_number() OVER () AS n, e.person_id, e.start_date, e.end_date, e.visit_id FROM "+events+" AS e") + " AS e"
			bounds = strings.Replace(bounds, "count(*)", "count(DISTINCT e.n)", 1)
		}
		from += " JOIN " + s.b.periods() + " AS o ON o.person_id = e.person_id"
		on = append(on, "i.start_date BETWEEN o.start_date AND o.end_date", "e.start_date BETWEEN o.start_date AND o.end_date")
	}
	for _, span := range w.Spans {
		on = append(on, within(span, w.AnyTime)...)
	}
	query := "SELECT i.ix FROM " + s.index + " AS i WHERE EXISTS (\n  SELECT 1 FROM " + from + " WHERE " + strings.Join(on, " AND ") + ")"
	if !any1 {
		query = "SELECT i.ix FROM " + s.index + " AS i, " + from + "\nWHERE " + strings.Join(on, " AND ") + "\nGROUP BY i.ix" + bounds
	}
	return "i.ix IN (SELECT ix FROM " + s.b.Define("near", query) + ")"
}

// within says that a day of e lies so many days after a day of i; an open end is that of the period o, if there is one.
func within(s cohort.Span, anyTime bool) (on []string) {
	event, index := "e."+choose(s.EventEnd, "end_date", "start_date"), "i."+choose(s.IndexEnd, "end_date", "start_date")
	switch {
	case s.From != nil:
		on = append(on, fmt.Sprintf("%s - %s >= %d", event, index, *s.From))
	case !anyTime && s.EventEnd:
		on = append(on, event+" >= o.start_date")
	}
	switch {
	case s.To != nil:
		on = append(on, fmt.Sprintf("%s - %s <= %d", event, index, *s.To))
	case !anyTime && s.EventEnd:
		on = append(on, event+" <= o.end_date")
	}
	return on
}

// periods are observation periods with both ends: (person_id, start_date, end_date).
func (b *Builder) periods() string {
	o := cohort.ObservationPeriod.Table()
	return b.inlined("periods", fmt.Sprintf("SELECT r.person_id, r.start_date, r.end_date FROM (\n"+
		"  SELECT %s AS person_id, %s AS start_date, %s AS end_date FROM %s AS r WHERE r.person_id IS NOT NULL\n"+
		") AS r WHERE r.start_date IS NOT NULL AND r.end_date IS NOT NULL",
		whole("r.person_id"), day("r."+o.Start), day("r."+o.End), b.dialect.table(o.Name)))
}
