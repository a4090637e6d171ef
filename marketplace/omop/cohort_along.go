package omop

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// axis is the column of days in an order of which the events that has may count stand together, whatever the index.
func axis(h cohort.Has) (column string, ok bool) {
	ends := 0
	for _, s := range h.Window.Spans {
		if s.EventEnd {
			ends++
		}
	}
	switch {
	case h.Distinct != "" && h.Distinct != cohort.DistinctDays:
		return "", false
	case ends == 0:
		return "start_date", true
	default:
		return "end_date", h.Distinct == "" && h.Window.AnyTime && ends == len(h.Window.Spans)
	}
}

// along is has inside a where of events on an axis. Their number is the difference of two running totals, so that time
// grows with a patient's events, never with the pairs of them.
func (s scope) along(h cohort.Has, events, axis string, least int, most *int) string {
	reach := s.reach(*h.Window, h.Distinct == cohort.DistinctDays)
	key, known := "person_id", ""
	if h.Window.SameVisit {
		key, known = "person_id, visit_id", " WHERE e.visit_id IS NOT NULL"
	}
	total := "sum(t.sign * t.total)"
	query := fmt.Sprintf(alongSQL, key, number("e."+axis), choose(h.Distinct == "", "count(*)", "1"), events+" AS e"+known, reach, having(total, least, most))
	return "i.ix IN (SELECT ix FROM " + s.b.Define("near", query) + ")"
}

// alongSQL adds up to the last day of each index's reach, less what is before the first.
const alongSQL = `SELECT t.ix FROM (
  SELECT d.ix, d.sign, sum(d.n) OVER (PARTITION BY %[1]s ORDER BY d.day) AS total FROM (
    SELECT %[1]s, %[2]s AS day, CAST(NULL AS BIGINT) AS ix, 0 AS sign, %[3]s AS n FROM %[4]s GROUP BY %[1]s, %[2]s
    UNION ALL SELECT %[1]s, r.high, r.ix, 1, 0 FROM %[5]s AS r
    UNION ALL SELECT %[1]s, r.low - 1, r.ix, -1, 0 FROM %[5]s AS r
  ) AS d
) AS t WHERE t.ix IS NOT NULL GROUP BY t.ix%[6]s`

// number counts days from noDay, which is that of none.
func number(day string) string { return "COALESCE(" + day + " - " + noDay + ", 0)" }

// never is the number of a day after all others.
const never = "4000000"

// reach is the numbers of the first and the last day on which an event may lie, for each index that has some. Where a
// window says nothing of days, events without one are in it too, unless they are counted by days.
func (s scope) reach(w cohort.Window, byDay bool) string {
	lows, highs := []string{"0"}, []string{never}
	if byDay {
		lows[0] = "1"
	}
	where := []string{"TRUE"}
	from := s.index + " AS i"
	if !w.AnyTime {
		from += " JOIN " + s.around() + " AS o ON o.ix = i.ix"
		lows, highs = append(lows, number("o.low")), append(highs, number("o.high"))
	}
	for _, span := range w.Spans {
		column := "i." + choose(span.IndexEnd, "end_date", "start_date")
		if span.From != nil {
			lows = append(lows, "1", number(column)+" + "+strconv.Itoa(*span.From))
		}
		if span.To != nil {
			lows, highs = append(lows, "1"), append(highs, number(column)+" + "+strconv.Itoa(*span.To))
		}
		if span.From != nil || span.To != nil {
			where = append(where, column+" IS NOT NULL")
		}
	}
	columns := "i.ix, i.person_id"
	if w.SameVisit {
		columns, where = columns+", i.visit_id", append(where, "i.visit_id IS NOT NULL")
	}
	return s.b.Define("reach", fmt.Sprintf("SELECT %s, greatest(%s) AS low, least(%s) AS high FROM %s WHERE %s",
		columns, strings.Join(lows, ", "), strings.Join(highs, ", "), from, strings.Join(where, " AND ")))
}

// around is the first and the last day of the observation periods in which an index starts: (ix, low, high), without
// the indexes that start in none.
func (s scope) around() string {
	return s.b.Define("around", fmt.Sprintf(aroundSQL, s.b.periods(), s.index))
}

// aroundSQL: of the periods that have begun by a day the last to end is one that the day is in, if any is; and so back
// from the end.
const aroundSQL = `SELECT a.ix, a.low, a.high FROM (
  SELECT d.ix, d.day, min(d.low) OVER (PARTITION BY d.person_id ORDER BY d.until DESC) AS low, max(d.high) OVER (PARTITION BY d.person_id ORDER BY d.day) AS high
  FROM (
    SELECT o.person_id, CAST(NULL AS BIGINT) AS ix, o.start_date AS day, o.end_date AS until, o.start_date AS low, o.end_date AS high FROM %s AS o
    UNION ALL SELECT i.person_id, i.ix, i.start_date, i.start_date, NULL, NULL FROM %s AS i WHERE i.start_date IS NOT NULL
  ) AS d
) AS a WHERE a.ix IS NOT NULL AND a.high >= a.day`
