package omop

import (
	"fmt"
	"strings"
)

// along counts where one day of events is bounded: as the difference of two running totals, so that time grows with a
// patient's events, never with the pairs of them. It counts days instead of events if byDay.
func (l lying) along(axis string, byDay bool) string {
	return fmt.Sprintf(alongSQL, l.on("e"), number("e."+axis+"_date"), choose(byDay, "1", "count(*)"), l.events,
		l.on("r"), "r."+axis, l.reach.name, l.on("d"), l.having("sum(t.sign * t.total)"))
}

// alongSQL adds up to the last day of each index's reach, less what is before the first.
const alongSQL = `SELECT t.ix FROM (
  SELECT d.ix, d.sign, sum(d.n) OVER (PARTITION BY %[8]s ORDER BY d.day) AS total FROM (
    SELECT %[1]s, %[2]s AS day, CAST(NULL AS BIGINT) AS ix, 0 AS sign, %[3]s AS n FROM %[4]s GROUP BY %[1]s, %[2]s
    UNION ALL SELECT %[5]s, %[6]s_high, r.ix, 1, 0 FROM %[7]s AS r
    UNION ALL SELECT %[5]s, %[6]s_low - 1, r.ix, -1, 0 FROM %[7]s AS r
  ) AS d
) AS t WHERE t.ix IS NOT NULL GROUP BY t.ix%[9]s`

// corner is one of a box: its coordinate in terms of a reach r, and the sign with which counts up to it add up to those
// between.
type corner struct {
	at   string
	sign int
}

// corners are the ends of a reach on one axis.
func (d days) corners(axis string) []corner {
	ends := []corner{{"r." + axis + "_high", 1}}
	if d.bounded() {
		ends = append(ends, corner{"r." + axis + "_low - 1", -1})
	}
	return ends
}

// boxes counts where start and end of events are bounded: those in a box of days.
func (l lying) boxes() string {
	points := fmt.Sprintf("SELECT %s, %s AS x, %s AS y, 0 AS kind, CAST(NULL AS BIGINT) AS ix, 0 AS sign FROM %s", l.on("e"), number("e.start_date"), number("e.end_date"), l.events)
	return l.dominated(points, l.reach.start.corners("start"), l.reach.end.corners("end"))
}

// values counts the values of a column where one day of events is bounded: those records in the reach that are the
// first with theirs in it, which is to say that the one before lies before it.
func (l lying) values(axis, of string) string {
	points := fmt.Sprintf("SELECT %[1]s, e.x, lag(e.x, 1, -1) OVER (PARTITION BY %[1]s, e.value ORDER BY e.x) AS y, 0 AS kind, CAST(NULL AS BIGINT) AS ix, 0 AS sign\n"+
		"  FROM (SELECT DISTINCT %[1]s, e.%[2]s AS value, %[3]s AS x FROM %[4]s) AS e", l.on("e"), of, number("e."+axis+"_date"), l.events)
	before := "r." + axis + "_low - 1"
	return l.dominated(points, []corner{{"r." + axis + "_high", 1}, {before, -1}}, []corner{{before, 1}})
}

// dominated adds up, for each index, how many points are not above its corners in both coordinates.
func (l lying) dominated(points string, xs, ys []corner) string {
	all := []string{points}
	for _, x := range xs {
		for _, y := range ys {
			all = append(all, fmt.Sprintf("SELECT %s, %s, %s, 1, r.ix, %d FROM %s AS r", l.on("r"), x.at, y.at, x.sign*y.sign, l.reach.name))
		}
	}
	return fmt.Sprintf(dominatedSQL, l.on("d"), strings.Join(all, "\n    UNION ALL "), levels, l.on("v"), l.having("sum(t.sign * t.total)"))
}

// levels are as many as a count of records has binary digits.
const levels = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40"

// dominatedSQL is a Fenwick tree (P. M. Fenwick, A new data structure for cumulative frequency tables, 1994), all of it at once.
// Its place is how many points are below a row's y. Those below a corner are, for each binary digit of its place that is 1, the points
// whose places agree with it in the higher digits and have a 0 there; of each such node a running total tells how many
// are not above x. So a row is there once for each digit of its patient's number of points, at most.
const dominatedSQL = `SELECT t.ix FROM (
  SELECT v.ix, v.sign, count(CASE v.kind WHEN 0 THEN 1 END) OVER (PARTITION BY %[4]s, v.level, v.place >> (v.level + 1) ORDER BY v.x) AS total FROM (
    SELECT d.*, unnest((ARRAY[%[3]s])[1:d.digits]) AS level FROM (
      SELECT d.*, CAST(floor(ln(CAST(greatest(d.many, 1) AS DOUBLE PRECISION)) / ln(CAST(2 AS DOUBLE PRECISION))) AS INTEGER) + 2 AS digits FROM (
        SELECT d.*, count(CASE d.kind WHEN 0 THEN 1 END) OVER (PARTITION BY %[1]s) AS many,
          count(CASE d.kind WHEN 0 THEN 1 END) OVER (PARTITION BY %[1]s ORDER BY d.y, d.kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS place
        FROM (
    %[2]s
        ) AS d
      ) AS d
    ) AS d
  ) AS v WHERE ((v.place >> v.level) & 1) = v.kind
) AS t WHERE t.ix IS NOT NULL GROUP BY t.ix%[5]s`
