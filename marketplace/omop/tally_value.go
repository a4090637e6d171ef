package omop

import (
	"fmt"
	"reflect"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// value returns the name of the expression (person_id, cell, x) with a row for each
// member who has a value for the tally. x is a finite number or, where the values
// were made whole before they were reduced, a whole one: sums of floating-point
// numbers depend on the order of adding.
func (w *writer) value(t dp.Tally) (name string, err error) {
	if t.Value == nil {
		return "", dp.ErrPlan
	}
	text, err := w.reduced(t)
	if err != nil {
		return "", err
	}
	return w.builder.fixed("value", text), nil
}

func (w *writer) reduced(t dp.Tally) (string, error) {
	v := *t.Value
	switch {
	case v.Events == nil && v.Field == dp.FieldAge && v.Reduce == "":
		return fmt.Sprintf("SELECT m.person_id, m.cell, %s - CAST(m.born AS DOUBLE PRECISION) AS x FROM %s AS m WHERE m.born IS NOT NULL",
			double(float64(w.plan.Metadata.ReferenceYear)), w.member), nil
	case v.Events == nil:
		return "", dp.ErrPlan
	case v.Field == dp.FieldCount && v.Reduce == "":
		numbers, err := w.numbers(*v.Events, "LEFT JOIN")
		return "SELECT n.person_id, n.cell, CAST(n.n AS DOUBLE PRECISION) AS x FROM (" + numbers + ") AS n", err
	}
	ahead := w.ahead() && v.Field != dp.FieldAge
	points, err := w.points(v, ahead)
	if err != nil {
		return "", err
	}
	text := w.reduction(t, choose(ahead, "p.person_id", "p.person_id, p.cell"), points)
	switch {
	case text == "":
		return "", dp.ErrPlan
	case ahead:
		text = fmt.Sprintf("SELECT m.person_id, m.cell, v.x FROM (%s) AS v JOIN %s AS m ON m.person_id = v.person_id", text, w.member)
	}
	return text, nil
}

// reduction makes one x of all with the same key; empty if the plan says nothing that there is.
func (w *writer) reduction(t dp.Tally, key, points string) string {
	sum := "sum(CASE WHEN p.x IS NOT NULL THEN " + w.addend(t) + " END)" // least and greatest would make a number of NULL
	switch t.Value.Reduce {
	case dp.ReduceFirst:
		return fmt.Sprintf(firstSQL, key, orderBy("p", false, "x"), points)
	case dp.ReduceLast:
		return fmt.Sprintf(firstSQL, key, orderBy("p", true, "x"), points)
	case dp.ReduceMin, dp.ReduceMax:
		return fmt.Sprintf(reducedSQL, key, string(t.Value.Reduce)+"(p.x)", points)
	case dp.ReduceMean:
		return fmt.Sprintf(reducedSQL, key, w.dialect.quotient(sum, "NULLIF(count(p.x), 0)"), points)
	case dp.ReduceSum:
		return fmt.Sprintf(reducedSQL, key, sum, points)
	default:
		return ""
	}
}

// ahead reports whether a patient's events are reduced before she is looked up among the members: where nobody is left
// out for her records, almost everybody is one, and the fewer rows are joined the better.
func (w *writer) ahead() bool { return w.happening == "" && w.plan.Query.Cohort == nil }

// numbers is how many of the events each member has, (person_id, cell, n), by a join that says whether n may be 0.
func (w *writer) numbers(events cohort.Events, join string) (string, error) {
	if w.ahead() {
		counted, err := w.counted(events)
		return fmt.Sprintf("SELECT m.person_id, m.cell, COALESCE(v.n, 0) AS n FROM %s AS m %s %s AS v ON v.person_id = m.person_id", w.member, join, counted), err
	}
	source, err := w.source(events, join)
	return "SELECT m.person_id, m.cell, count(e.person_id) AS n FROM " + source + " GROUP BY m.person_id, m.cell", err
}

const (
	// reducedSQL leaves out who has no value after the events were grouped: DuckDB would look for values in every record of the table first.
	reducedSQL = `SELECT %[1]s, %[2]s AS x FROM (%[3]s) AS p GROUP BY %[1]s HAVING count(p.x) > 0`
	// firstSQL takes the first event of each member; those that agree in all but
	// what no value depends on are the same to it.
	firstSQL = `SELECT %[1]s, p.x
  FROM (SELECT p.*, row_number() OVER (PARTITION BY %[1]s ORDER BY %[2]s) AS turn FROM (%[3]s) AS p WHERE p.x IS NOT NULL) AS p
  WHERE p.turn = 1`
)

// points is the events with their value x, finite or NULL: everybody's, or the members'.
func (w *writer) points(v dp.Value, everybody bool) (string, error) {
	x := map[dp.Field]string{
		dp.FieldValue: "e.value", dp.FieldQuantity: "e.quantity", dp.FieldDaysSupply: "e.days_supply",
		dp.FieldLength: "e.end_date - e.start_date", dp.FieldAge: "EXTRACT(YEAR FROM e.start_date)",
	}[v.Field]
	if x == "" {
		return "", dp.ErrPlan
	}
	x = "CAST(" + x + " AS DOUBLE PRECISION)"
	if v.Field == dp.FieldAge {
		x += " - CAST(m.born AS DOUBLE PRECISION)"
	}
	columns, source, err := columnsOf("e")+", m.cell", "", error(nil)
	if everybody {
		columns = columnsOf("e")
		source, err = w.builder.Events(*v.Events)
		source += " AS e"
	} else {
		source, err = w.source(*v.Events, "JOIN")
	}
	return fmt.Sprintf("SELECT %s, %s AS x FROM %s", columns, x, source), err
}

// addend is dp.Tally.Addend of one event's value.
func (w *writer) addend(t dp.Tally) string {
	if t.Kind == dp.TallyValued {
		// All that counts is that there is one: let it be the one that is summed, and computed once.
		for _, o := range w.plan.Tallies {
			if o.Kind == dp.TallySum && reflect.DeepEqual(o.Value, t.Value) {
				return w.addend(o)
			}
		}
		return "0"
	}
	parts, far := t.Parts()
	return w.whole("p.x", -t.Half*far, t.Half*far, 0, t.Half, parts)
}

// isWhole reports whether the value was made whole before it was reduced.
func isWhole(t dp.Tally) bool {
	return t.Value.Reduce == dp.ReduceMean || t.Value.Reduce == dp.ReduceSum
}

// point is the tally's point of a reduced value v.x: no rounding leads out of those of its bounds, on which the
// sensitivity rests.
func (w *writer) point(t dp.Tally) string {
	q := w.whole("v.x", t.Low, t.High, t.Centre, t.Half, dp.Fixed)
	if isWhole(t) { // dp.Tally.Total
		q = fmt.Sprintf("v.x - %d", t.Addend(t.Centre))
	}
	return "CAST(" + clamp(q, t.Point(t.Low), t.Point(t.High)) + " AS BIGINT)"
}
