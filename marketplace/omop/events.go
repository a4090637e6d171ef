package omop

import (
	"fmt"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// eventColumns are those of every relation of events, in their order.
var eventColumns = []string{
	"person_id", "domain", "record_id", "concept_id", "start_date", "end_date", "visit_id", "value", "quantity", "days_supply",
}

// columnsOf lists them for a FROM clause's row.
func columnsOf(row string) string { return row + "." + strings.Join(eventColumns, ", "+row+".") }

// Events returns the name of a relation with one row for each record of the set:
//
//	person_id BIGINT, domain INTEGER  not NULL; domain is one of a few numbers
//	record_id BIGINT                  the table's own, NULL if it has none
//	concept_id, visit_id BIGINT       or NULL
//	start_date, end_date DATE         or NULL; see package cohort for the end of what has none
//	value, quantity DOUBLE PRECISION  finite or NULL
//	days_supply BIGINT                or NULL
//
// Its rows may be of people who are not in omop.person. It depends on the set's canonical form only. The error is
// ErrCriterion and a *cohort.InvalidError.
func (b *Builder) Events(e cohort.Events) (string, error) {
	e, err := e.Canonical()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCriterion, err)
	}
	return b.events(e), nil
}

func (b *Builder) events(e cohort.Events) string {
	name := b.set(e)
	if o := e.Observed; o != nil {
		name = b.Define("observed", fmt.Sprintf("SELECT %s FROM %s AS e WHERE EXISTS (\n  SELECT 1 FROM %s AS o WHERE o.person_id = e.person_id"+
			" AND e.start_date - o.start_date >= %d AND o.end_date - e.start_date >= %d)", columnsOf("e"), name, b.periods(), o.Before, o.After))
	}
	if e.Where != nil {
		name = b.where(name, *e.Where)
	}
	if e.Keep != "" {
		one := b.one(name, e.Keep == cohort.KeepLast)
		name = b.Define("kept", "SELECT "+columnsOf("e")+" FROM (\n"+one+"\n) AS e WHERE e.nth = 1")
	}
	return name
}

// one reads events with their places nth in the order of cohort.KeepFirst, or its reverse, within each patient: all
// columns, and extra ones. To sort little it looks only at those of the day on which the first of them starts.
func (b *Builder) one(events string, last bool, extra ...string) string {
	day := b.Define("edge", fmt.Sprintf("SELECT e.person_id, %s(e.start_date) AS start_date FROM %s AS e GROUP BY e.person_id",
		choose(last, "max", "min"), events))
	columns := strings.Join(append([]string{columnsOf("e")}, qualified("e", extra)...), ", ")
	order := orderBy("e", last, append([]string{"value", "quantity", "days_supply"}, extra...)...)
	return fmt.Sprintf("  SELECT %s, row_number() OVER (PARTITION BY e.person_id ORDER BY %s) AS nth\n  FROM %s AS e JOIN %s AS i ON i.person_id = e.person_id AND %s",
		columns, order, events, day, sameDay("start_date"))
}

// orderBy is the order of cohort.KeepFirst, or its reverse. What stands behind record_id orders records whose
// numbers are missing or the same.
func orderBy(row string, last bool, rest ...string) string {
	all := append([]string{"start_date", "end_date", "domain", "concept_id", "visit_id", "record_id"}, rest...)
	for i, c := range all {
		// What has no start is neither first nor last.
		all[i] = row + "." + c + choose(last, " DESC NULLS LAST", choose(i == 0, " ASC NULLS LAST", " ASC NULLS FIRST"))
	}
	return strings.Join(all, ", ")
}

// set is the records or the union.
func (b *Builder) set(e cohort.Events) string {
	if e.Records != nil {
		return b.records(*e.Records)
	}
	// A record can lie in two members only if they have a domain in common.
	union, seen := "UNION ALL", map[cohort.Domain]bool{}
	var members []string
	for _, u := range e.Union {
		own := map[cohort.Domain]bool{}
		domains(u, own)
		for d := range own {
			if seen[d] {
				union = "UNION"
			}
			seen[d] = true
		}
		members = append(members, "SELECT "+columnsOf("e")+" FROM "+b.events(u)+" AS e")
	}
	return b.Define("union", balanced(members, union))
}

func domains(e cohort.Events, found map[cohort.Domain]bool) {
	if e.Records != nil {
		found[e.Records.Domain] = true
	}
	for _, u := range e.Union {
		domains(u, found)
	}
}

// where keeps the events that a criterion holds of. It is asked once of those that it cannot tell apart.
func (b *Builder) where(events string, c cohort.Criterion) string {
	var n needs
	n.criterion(c)
	key := []string{"e.person_id", "e.start_date"}
	match := []string{"i.person_id = e.person_id", sameDay("start_date")}
	if n.end {
		key, match = append(key, "e.end_date"), append(match, sameDay("end_date"))
	}
	if n.visit {
		key, match = append(key, "e.visit_id"), append(match, "i.visit_id IS NOT DISTINCT FROM e.visit_id")
	}
	columns, from := strings.ReplaceAll(strings.Join(key, ", "), "e.", "i."), "(SELECT DISTINCT "+strings.Join(key, ", ")+" FROM "+events+" AS e) AS i"
	if p := n.personColumns(); len(p) > 0 {
		columns += ", " + strings.Join(qualified("p", p), ", ")
		from += "\n  LEFT JOIN " + b.dialect.table("person") + " AS p ON p.person_id = i.person_id"
	}
	index := b.fixed("indexes", "SELECT row_number() OVER () AS ix, "+columns+" FROM "+from)
	return b.Define("where", fmt.Sprintf("SELECT %s FROM %s AS e JOIN %s AS i ON %s\nWHERE %s",
		columnsOf("e"), events, index, strings.Join(match, " AND "), scope{b, index}.criterion(c)))
}

// sameDay says that the column is the same in i and e, or NULL in both, in a form that engines can join on.
func sameDay(column string) string {
	return fmt.Sprintf("COALESCE(i.%[1]s, %[2]s) = COALESCE(e.%[1]s, %[2]s)", column, noDay)
}

// needs are the columns of an index beyond its patient and start.
type needs struct{ end, visit, sex, race, ethnicity, born bool }

// personColumns are those of omop.person.
func (n needs) personColumns() (columns []string) {
	for _, c := range []struct {
		used bool
		name string
	}{{n.sex, "gender_concept_id"}, {n.race, "race_concept_id"}, {n.ethnicity, "ethnicity_concept_id"}, {n.born, "year_of_birth"}} {
		if c.used {
			columns = append(columns, c.name)
		}
	}
	return columns
}

func (n *needs) criterion(c cohort.Criterion) {
	for _, o := range c.Parts() {
		n.criterion(o)
	}
	switch {
	case c.Person != nil:
		n.ofPerson(*c.Person)
	case c.Has != nil && c.Has.Window != nil:
		w := c.Has.Window
		n.visit = n.visit || w.SameVisit
		n.end = n.end || slices.ContainsFunc(w.Spans, func(s cohort.Span) bool { return s.IndexEnd })
	}
}

func (n *needs) ofPerson(p cohort.Person) {
	n.end = n.end || p.End != nil
	n.sex, n.race, n.ethnicity = n.sex || len(p.Sexes) > 0, n.race || len(p.Races) > 0, n.ethnicity || len(p.Ethnicities) > 0
	n.born = n.born || p.Age != nil || p.YearOfBirth != nil
}
