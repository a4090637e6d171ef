package omop

import (
	"fmt"
	"reflect"

	"github.com/medmarket/medmarket/dp"
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
		source, err := w.source(*v.Events, "LEFT JOIN")
		return "SELECT m.person_id, m.cell, CAST(count(e.person_id) AS DOUBLE PRECISION) AS x FROM " + source +
			" GROUP BY m.person_id, m.cell", err
	}
	points, err := w.points(v)
	if err != nil {
		return "", err
	}
	switch v.Reduce {
	case dp.ReduceFirst:
		return fmt.Sprintf(firstSQL, orderBy("p", false, "x"), points), nil
	case dp.ReduceLast:
		return fmt.Sprintf(firstSQL, orderBy("p", true, "x"), points), nil
	case dp.ReduceMin, dp.ReduceMax:
		return fmt.Sprintf("SELECT p.person_id, p.cell, %s(p.x) AS x FROM (%s) AS p GROUP BY p.person_id, p.cell", v.Reduce, points), nil
	case dp.ReduceMean:
		return fmt.Sprintf("SELECT p.person_id, p.cell, %s AS x FROM (%s) AS p GROUP BY p.person_id, p.cell",
			w.dialect.quotient("sum("+w.addend(t)+")", "count(*)"), points), nil
	case dp.ReduceSum:
		return fmt.Sprintf("SELECT p.person_id, p.cell, sum(%s) AS x FROM (%s) AS p GROUP BY p.person_id, p.cell", w.addend(t), points), nil
	}
	return "", dp.ErrPlan
}

// firstSQL takes the first event of each member; those that agree in all but
// what no value depends on are the same to it.
const firstSQL = `SELECT p.person_id, p.cell, p.x
  FROM (SELECT p.*, row_number() OVER (PARTITION BY p.person_id, p.cell ORDER BY %s) AS turn FROM (%s) AS p) AS p
  WHERE p.turn = 1`

// points is the members' events that have a finite value x.
func (w *writer) points(v dp.Value) (string, error) {
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
	source, err := w.source(*v.Events, "JOIN")
	return fmt.Sprintf("SELECT * FROM (\n    SELECT %s, m.cell, %s AS x FROM %s\n  ) AS p WHERE %s",
		columnsOf("e"), x, source, finite("p.x")), err
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
