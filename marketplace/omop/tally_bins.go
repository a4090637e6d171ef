package omop

import (
	"fmt"
	"strconv"

	"github.com/medmarket/medmarket/dp"
)

func (w *writer) bins(t dp.Tally, offset int) (string, error) {
	if len(t.Edges) < 2 {
		return "", dp.ErrPlan
	}
	name, err := w.value(t)
	if err != nil {
		return "", err
	}
	slot := w.slotAmong(t, name)
	if t.Tree {
		if slot, err = w.slotOfEqual(t, name); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf(`  SELECT %d + v.cell * %d + v.bin AS slot, count(*) AS total
  FROM (%s) AS v GROUP BY v.cell, v.bin`, offset, t.Width, slot), nil
}

// slotAmong compares v.x with the edges, as dp.Tally.Slot and SlotOfTotal do.
func (w *writer) slotAmong(t dp.Tally, name string) string {
	inner := doubles(t.Edges[1:t.Width])
	if isWhole(t) {
		for i, e := range t.Addends()[1:t.Width] {
			inner[i] = strconv.FormatInt(e, 10)
		}
	}
	return fmt.Sprintf("SELECT v.cell, %s AS bin FROM %s AS v", steps("v.x", inner), name)
}

// slotOfEqual is slotAmong for many bins of one width: it computes a slot, which
// rounding may have put one beside the right one, and then compares. Edges that fall
// into one, which no plan has, are dp.ErrPlan: their width would divide by zero.
func (w *writer) slotOfEqual(t dp.Tally, name string) (string, error) {
	first, last := t.Edges[0], t.Edges[t.Width]
	var edges string
	if isWhole(t) {
		whole := t.Addends()
		first, last = float64(whole[0]), float64(whole[t.Width])
		edges = w.builder.Bind(whole, "BIGINT[]")
	} else {
		edges = w.builder.Bind(t.Edges, "DOUBLE PRECISION[]")
	}
	if !(first < last) {
		return "", dp.ErrPlan
	}
	guess := fmt.Sprintf("least(CAST(floor((least(greatest(CAST(v.x AS DOUBLE PRECISION), %s), %s) - %[1]s + %[5]s) / %[3]s) AS BIGINT), %[4]d)",
		double(first), double(last), double((last-first)/float64(t.Width)), t.Width-1, double(nudge))
	return fmt.Sprintf(`
    SELECT v.cell, greatest(least(CASE WHEN v.x < (%[1]s)[v.k + 1] THEN v.k - 1 WHEN v.x >= (%[1]s)[v.k + 2] THEN v.k + 1 ELSE v.k END, %[2]d), 0) AS bin
    FROM (SELECT v.cell, v.x, %[3]s AS k FROM %[4]s AS v) AS v`, edges, t.Width-1, guess, name), nil
}
