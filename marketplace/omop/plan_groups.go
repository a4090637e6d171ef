package omop

import (
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// Standard OMOP concepts of person.gender_concept_id.
const (
	Male   int64 = 8507
	Female int64 = 8532
)

// patientGroup returns the expression for the ordinal of patient p's label in
// the group, NULL for none, and the join it needs, whose row is called name.
func (w *writer) patientGroup(g dp.Group, name string) (expr, join string, err error) {
	switch g.Kind {
	case dp.Sex:
		return ordinalSQL("p.gender_concept_id", []int64{Female, Male}), "", nil
	case dp.Race:
		return ordinalSQL("p.race_concept_id", g.Concepts), "", nil
	case dp.Ethnicity:
		return ordinalSQL("p.ethnicity_concept_id", g.Concepts), "", nil
	case dp.AgeBand:
		return ageSQL(g.Edges, w.plan.Metadata.ReferenceYear), "", nil
	case dp.BirthYear:
		return bornSQL(g.Edges), "", nil
	case dp.HasEvent:
		if g.Matches == nil {
			break
		}
		name, err := w.builder.Criterion(*g.Matches)
		return "CASE WHEN p.person_id IN (SELECT q.person_id FROM " + name + " AS q) THEN 0 ELSE 1 END", "", err
	case dp.EventCount:
		return w.countGroup(g, name)
	}
	return "", "", dp.ErrPlan
}

// ordinalSQL is the position of a column's value among ids.
func ordinalSQL(column string, ids []int64) string {
	var b strings.Builder
	b.WriteString("CASE " + column)
	for i, id := range ids {
		fmt.Fprintf(&b, " WHEN %d THEN %d", id, i)
	}
	b.WriteString(" END")
	return b.String()
}

// unborn takes out what is no year of birth.
const unborn = " WHEN p.year_of_birth NOT BETWEEN 1800 AND 2200 THEN NULL"

// ageSQL is the ordinal of the age band. It compares years of birth with
// constants, so that no arithmetic on a patient's value can overflow: age >= e
// is year of birth <= reference year - e.
func ageSQL(edges []int, referenceYear int) string {
	var b strings.Builder
	b.WriteString("CASE" + unborn)
	for i := len(edges) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " WHEN p.year_of_birth <= %d THEN %d", referenceYear-edges[i], i)
	}
	b.WriteString(" END")
	return b.String()
}

// bornSQL is the ordinal of the band of years of birth.
func bornSQL(edges []int) string {
	var b strings.Builder
	b.WriteString("CASE" + unborn)
	for i := len(edges) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, " WHEN p.year_of_birth >= %d THEN %d", edges[i], i)
	}
	b.WriteString(" END")
	return b.String()
}

func (w *writer) countGroup(g dp.Group, name string) (expr, join string, err error) {
	if g.Events == nil || g.Cap < 1 {
		return "", "", dp.ErrPlan
	}
	counted, err := w.counted(*g.Events)
	return clampAbove("COALESCE("+name+".n, 0)", g.Cap),
		fmt.Sprintf("\nLEFT JOIN %s AS %s ON %[2]s.person_id = p.person_id", counted, name), err
}

// counted is how many of the events each patient has, those who have any: (person_id, n).
func (w *writer) counted(events cohort.Events) (string, error) {
	name, err := w.builder.Events(events)
	return w.builder.Define("counted", "SELECT e.person_id, count(*) AS n FROM "+name+" AS e GROUP BY e.person_id"), err
}

// eventGroup returns the expression for the ordinal of event e's label in the group,
// NULL for none, and the join it needs, whose row is called name.
func (w *writer) eventGroup(g dp.Group, name string) (expr, join string, err error) {
	switch g.Kind {
	case dp.Concept:
		if g.PrivateKeys() {
			return fmt.Sprintf("CASE WHEN e.concept_id BETWEEN 1 AND %d THEN e.concept_id END", dp.MaxKey), "", nil
		}
		key := w.keys(g)
		return name + ".ordinal", fmt.Sprintf("\n  JOIN %s AS %s ON %[2]s.concept_id = e.concept_id", key, name), nil
	case dp.Calendar:
		expr, err := calendarSQL(g)
		return expr, "", err
	case dp.ValueBand:
		if len(g.EdgesReal) > 0 {
			return fmt.Sprintf("CASE WHEN %s AND e.value >= %s THEN %s END",
				finite("e.value"), double(g.EdgesReal[0]), steps("e.value", doubles(g.EdgesReal[1:]))), "", nil
		}
	}
	return "", "", dp.ErrPlan
}

// keys places concepts at the ordinals of their keys, which rise; with descendants also
// what concept_ancestor has below them.
func (w *writer) keys(g dp.Group) string {
	key := w.builder.fixed("key", fmt.Sprintf("SELECT u.id AS concept_id, row_number() OVER (ORDER BY u.id) - 1 AS ordinal FROM (%s AS id) AS u",
		w.builder.BindIDs(g.Concepts)))
	if !g.Descendants {
		return key
	}
	return w.builder.fixed("below", fmt.Sprintf(`SELECT k.concept_id, k.ordinal FROM %[1]s AS k
UNION
SELECT a.descendant_concept_id, k.ordinal FROM %[1]s AS k
JOIN %[2]s AS a ON a.ancestor_concept_id = k.concept_id`, key, w.dialect.table("concept_ancestor")))
}

// calendarSQL is the ordinal of the year or month in which an event starts. It
// compares days with constants.
func calendarSQL(g dp.Group) (string, error) {
	days := g.Firsts() // of each unit, and of the one after the last
	if len(days) < 2 {
		return "", dp.ErrPlan
	}
	firsts := make([]string, len(days))
	for i, day := range days {
		firsts[i] = "DATE '" + day.Format(time.DateOnly) + "'"
	}
	last := len(firsts) - 1
	return fmt.Sprintf("CASE WHEN e.start_date >= %s AND e.start_date < %s THEN %s END",
		firsts[0], firsts[last], steps("e.start_date", firsts[1:last])), nil
}
