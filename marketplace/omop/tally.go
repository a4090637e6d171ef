package omop

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// tallies is the union of the plan's tallies, each a relation of slots and totals.
func (w *writer) tallies() (string, error) {
	var parts []string
	for i, t := range w.plan.Tallies {
		offset := w.plan.Offset(i)
		if t.Kind == dp.TallyCohort {
			parts = append(parts, w.cohort(offset))
			continue
		}
		if want := map[dp.TallyKind]int{dp.TallyMatching: 2, dp.TallyBins: len(t.Edges) - 1}[t.Kind]; t.Width != max(1, want) {
			return "", dp.ErrPlan
		}
		from := offset
		if w.plan.Query.PrivateKeys() {
			from = 0
		}
		text, err := w.tally(t, from)
		if err != nil {
			return "", err
		}
		if w.plan.Query.PrivateKeys() {
			text = w.byKey(text, offset, t.Width*len(w.plan.Cells))
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "", dp.ErrPlan
	}
	return strings.Join(parts, "\n  UNION ALL\n"), nil
}

// cohort is how many patients are in any cell: of key 0, which no concept is.
func (w *writer) cohort(offset int) string {
	key, counted := "", "m.cell" // nobody is in two
	if w.plan.Query.PrivateKeys() {
		key = "0 AS key, "
	}
	if w.happening != "" {
		counted = "DISTINCT m.person_id"
	}
	return fmt.Sprintf("  SELECT %s%d AS slot, count(%s) AS total FROM %s AS m WHERE m.cell IS NOT NULL", key, offset, counted, w.member)
}

// byKey takes the private keys out of the slots of a tally, of which each key has so many.
func (w *writer) byKey(tally string, offset, slots int) string {
	return fmt.Sprintf("  SELECT %s AS key, %d + t.slot %% %d AS slot, t.total FROM (\n%s\n  ) AS t",
		w.dialect.quotient("t.slot", strconv.Itoa(slots)), offset, slots, tally)
}

func (w *writer) tally(t dp.Tally, offset int) (string, error) {
	switch t.Kind {
	case dp.TallyPatients:
		if w.ranked != "" {
			return fmt.Sprintf("  SELECT %d + m.cell AS slot, m.total FROM (%s) AS m", offset, w.ranked), nil
		}
		return fmt.Sprintf("  SELECT %d + m.cell AS slot, count(*) AS total FROM %s AS m GROUP BY m.cell", offset, w.member), nil
	case dp.TallyMatching:
		return w.matching(t, offset)
	case dp.TallyRecords:
		return w.records(t, offset)
	case dp.TallyValued, dp.TallySum, dp.TallySquare:
		return w.moment(t, offset)
	case dp.TallyBins:
		return w.bins(t, offset)
	}
	return "", dp.ErrPlan
}

func (w *writer) matching(t dp.Tally, offset int) (string, error) {
	if t.Of == nil {
		return "", dp.ErrPlan
	}
	name, err := w.builder.Criterion(*t.Of)
	return fmt.Sprintf(`  SELECT %d + m.cell * 2 + m.other AS slot, count(*) AS total
  FROM (
    SELECT m.cell, CASE WHEN m.person_id IN (SELECT q.person_id FROM %s AS q) THEN 0 ELSE 1 END AS other
    FROM %s AS m
  ) AS m GROUP BY m.cell, m.other`, offset, name, w.member), err
}

func (w *writer) records(t dp.Tally, offset int) (string, error) {
	if t.Events == nil || t.Max < 1 {
		return "", dp.ErrPlan
	}
	numbers, err := w.numbers(*t.Events, "JOIN")
	return fmt.Sprintf("  SELECT %d + n.cell AS slot, sum(%s) AS total\n  FROM (%s) AS n GROUP BY n.cell", offset, clampAbove("n.n", t.Max), numbers), err
}

// source is the events e of each member m: of a query with event groups those of her cell.
func (w *writer) source(events cohort.Events, join string) (string, error) {
	if w.happening != "" {
		return w.member + " AS m " + join + " " + w.happening + " AS e ON e.person_id = m.person_id AND e.cell = m.cell", nil
	}
	name, err := w.builder.Events(events)
	return w.member + " AS m " + join + " " + name + " AS e ON e.person_id = m.person_id", err
}

func (w *writer) moment(t dp.Tally, offset int) (string, error) {
	name, err := w.value(t)
	if err != nil {
		return "", err
	}
	if t.Kind == dp.TallyValued {
		return fmt.Sprintf("  SELECT %d + v.cell AS slot, count(*) AS total FROM %s AS v GROUP BY v.cell", offset, name), nil
	}
	q := w.point(t)
	term := "v.q"
	if t.Kind == dp.TallySquare {
		term = fmt.Sprintf("(v.q * v.q + %d) >> 20", dp.Fixed/2)
	}
	return fmt.Sprintf(`  SELECT %d + v.cell AS slot, sum(%s) AS total
  FROM (SELECT v.cell, %s AS q FROM %s AS v) AS v GROUP BY v.cell`, offset, term, q, name), nil
}
