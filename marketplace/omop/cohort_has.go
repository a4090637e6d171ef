package omop

import (
	"fmt"
	"strconv"

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
	events, of := s.b.events(h.Events), distinct(h.Distinct)
	switch {
	case s.index != "":
		return s.near(h, events, least, most)
	case least == 1 && most == nil && of == "":
		return "p.person_id IN (SELECT person_id FROM " + events + ")"
	default:
		count := choose(of == "", "count(*)", "count(DISTINCT e."+of+")")
		return "p.person_id IN (SELECT person_id FROM " + s.b.Define("counted",
			"SELECT e.person_id FROM "+events+" AS e GROUP BY e.person_id"+having(count, least, most)) + ")"
	}
}

// distinct is the column of which values are counted instead of records, if any.
func distinct(d cohort.Distinct) string {
	return map[cohort.Distinct]string{cohort.DistinctDays: "start_date", cohort.DistinctConcepts: "concept_id", cohort.DistinctVisits: "visit_id"}[d]
}

func having(count string, least int, most *int) string {
	if most == nil {
		return " HAVING " + count + " >= " + strconv.Itoa(least)
	}
	return fmt.Sprintf(" HAVING %s BETWEEN %d AND %d", count, least, *most)
}

// periods are observation periods with both ends: (person_id, start_date, end_date).
func (b *Builder) periods() string {
	o := cohort.ObservationPeriod.Table()
	return b.inlined("periods", fmt.Sprintf("SELECT r.person_id, r.start_date, r.end_date FROM (\n"+
		"  SELECT %s AS person_id, %s AS start_date, %s AS end_date FROM %s AS r WHERE r.person_id IS NOT NULL\n"+
		") AS r WHERE r.start_date IS NOT NULL AND r.end_date IS NOT NULL",
		whole("r.person_id"), day("r."+o.Start), day("r."+o.End), b.dialect.table(o.Name)))
}
