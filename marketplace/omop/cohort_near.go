package omop

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// number counts days from noDay, which is that of none.
func number(day string) string { return "COALESCE(" + day + " - " + noDay + ", 0)" }

// never is the number of a day after all others.
const never = "4000000"

// days are bounds on the numbers of a day of events.
type days struct{ lows, highs []string }

// within narrows the bounds; an empty one is none. What has a bound is known.
func (d *days) within(low, high string) {
	if low != "" || high != "" {
		d.lows = append(d.lows, "1")
	}
	if low != "" {
		d.lows = append(d.lows, low)
	}
	if high != "" {
		d.highs = append(d.highs, high)
	}
}

func (d days) bounded() bool { return len(d.lows) > 0 }

// reach is the days on which the events of a window may start and end.
type reach struct {
	name       string // of the relation (ix, person_id, visit_id, start_low, start_high, end_low, end_high), of numbers
	start, end days
	// endsAfter and endsBefore: an event has to end after its period began, or before it ended.
	endsAfter, endsBefore bool
}

// reach has a row for each index that can have any events.
func (s scope) reach(w cohort.Window) (r reach) {
	from, where := s.index+" AS i", []string{"TRUE"}
	if !w.AnyTime {
		from += " JOIN " + s.around() + " AS o ON o.ix = i.ix"
		r.start.within(number("o.low"), number("o.high"))
	}
	for _, span := range w.Spans {
		column, low, high := "i."+choose(span.IndexEnd, "end_date", "start_date"), "", ""
		if span.From != nil {
			low = number(column) + " + " + strconv.Itoa(*span.From)
		}
		if span.To != nil {
			high = number(column) + " + " + strconv.Itoa(*span.To)
		}
		if low != "" || high != "" {
			where = append(where, column+" IS NOT NULL")
		}
		of := &r.start
		if span.EventEnd {
			of = &r.end
			if low == "" && !w.AnyTime {
				low, r.endsAfter = number("o.low"), true
			}
			if high == "" && !w.AnyTime {
				high, r.endsBefore = number("o.high"), true
			}
		}
		of.within(low, high)
	}
	columns := "i.ix, i.person_id"
	if w.SameVisit {
		columns, where = columns+", i.visit_id", append(where, "i.visit_id IS NOT NULL")
	}
	bound := func(function, first string, list []string) string {
		return function + "(" + strings.Join(append([]string{first}, list...), ", ") + ")"
	}
	r.name = s.b.Define("reach", fmt.Sprintf("SELECT * FROM (\n"+
		"  SELECT %s, %s AS start_low, %s AS start_high, %s AS end_low, %s AS end_high\n  FROM %s WHERE %s\n"+
		") AS r WHERE r.start_low <= r.start_high AND r.end_low <= r.end_high", columns,
		bound("greatest", "0", r.start.lows), bound("least", never, r.start.highs), bound("greatest", "0", r.end.lows), bound("least", never, r.end.highs),
		from, strings.Join(where, " AND ")))
	return r
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

// inside are the events that lie in one period, by the days of them that a reach says. Where periods do not overlap, what
// starts and ends between the first and the last day around an index does: this is for those that do.
func (b *Builder) inside(events string, r reach) string {
	first, last := "e.start_date", "e.start_date"
	if r.endsAfter {
		first = "least(e.start_date, e.end_date)"
	}
	if r.endsBefore {
		last = "greatest(e.start_date, e.end_date)"
	}
	return b.Define("inside", fmt.Sprintf(insideSQL, first, last, events, b.periods()))
}

const insideSQL = `SELECT d.person_id, d.visit_id, d.concept_id, d.start_date, d.end_date FROM (
  SELECT d.*, max(d.high) OVER (PARTITION BY d.person_id ORDER BY d.day) AS latest FROM (
    SELECT e.person_id, e.visit_id, e.concept_id, e.start_date, e.end_date, %s AS day, %s AS last, CAST(NULL AS DATE) AS high
    FROM %s AS e WHERE e.start_date IS NOT NULL AND e.end_date IS NOT NULL
    UNION ALL SELECT o.person_id, NULL, NULL, NULL, NULL, o.start_date, NULL, o.end_date FROM %s AS o
  ) AS d
) AS d WHERE d.latest >= d.last`

// near is has inside a where: how many of the events lie in the window around an index.
func (s scope) near(h cohort.Has, events string, least int, most *int) string {
	r := s.reach(*h.Window)
	if r.endsAfter || r.endsBefore {
		events = s.b.inside(events, r)
	}
	of := distinct(h.Distinct)
	l := lying{reach: r, key: []string{"person_id"}, events: events + " AS e", having: func(count string) string { return having(count, least, most) }}
	if h.Window.SameVisit {
		l.key = append(l.key, "visit_id")
	}
	known := slices.Clone(l.key[1:])
	if of != "" {
		known = append(known, of)
	}
	for i, column := range known {
		l.events += choose(i == 0, " WHERE e.", " AND e.") + column + " IS NOT NULL"
	}
	if least == 1 && most == nil {
		of = "" // one value is that there is a record with one
	}
	return "i.ix IN (SELECT ix FROM " + s.b.Define("near", l.query(of)) + ")"
}

// lying are the events that lie in the reaches of indexes.
type lying struct {
	reach  reach
	key    []string // the columns in which an event agrees with its index
	events string   // what stands behind FROM, as e
	having func(count string) string
}

// query has the indexes (ix) that enough events lie in the reach of, or enough values of a column of theirs.
func (l lying) query(of string) string {
	axis := choose(l.reach.end.bounded(), "end", "start")
	both := l.reach.start.bounded() && l.reach.end.bounded()
	switch {
	case of == "" && both:
		return l.boxes()
	case of == "" || of == "start_date" && axis == "start":
		return l.along(axis, of != "")
	case !both:
		return l.values(axis, of)
	default:
		return l.pairs(of)
	}
}

// on lists the key for a FROM clause's row.
func (l lying) on(row string) string { return strings.Join(qualified(row, l.key), ", ") }

// pairs looks at all pairs of an index and an event.
func (l lying) pairs(of string) string {
	var same []string
	for _, k := range l.key {
		same = append(same, "e."+k+" = r."+k)
	}
	return fmt.Sprintf("SELECT r.ix FROM %s AS r JOIN (SELECT * FROM %s) AS e ON %s\n"+
		"WHERE %s BETWEEN r.start_low AND r.start_high AND %s BETWEEN r.end_low AND r.end_high\nGROUP BY r.ix%s",
		l.reach.name, l.events, strings.Join(same, " AND "), number("e.start_date"), number("e.end_date"), l.having("count(DISTINCT e."+of+")"))
}
