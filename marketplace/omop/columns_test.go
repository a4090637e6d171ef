package omop_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// G2: a vector depends on no column that the plan does not name: it stays when all others have anything else in them.
func TestVectorsDependOnTheNamedColumns(t *testing.T) {
	omoptest.NotUnderRace(t)
	people := world(60)
	for i := range people {
		people[i].Sex = []int64{omop.Female, omop.Male, 0}[i%3]
	}
	e := newDuckDB(t)
	e.fill(t, people, cohorttest.World())
	e.permit(t, len(people))
	e.exec(t, "INSERT INTO omop.death SELECT * FROM omop.death") // which have no number
	e.exec(t, "CREATE SCHEMA kept")
	for _, declared := range e.declared() {
		name, _, _ := strings.Cut(declared, ": ")
		e.exec(t, "CREATE TABLE kept."+name+" AS SELECT row_number() OVER () AS place, * FROM omop."+name)
		e.exec(t, "DROP TABLE omop."+name)
	}
	e.exec(t, "CREATE TABLE kept.seat AS SELECT person_id, word, mask FROM medmarket.patient")
	e.exec(t, "DROP TABLE medmarket.patient")
	e.scramble(t, nil, false)
	e.exec(t, "CREATE VIEW medmarket.patient AS SELECT * FROM omop.person JOIN kept.seat USING (person_id)")
	planned, counted := 0, 0
	check := func(what string, p dp.Plan) {
		planned++
		s, err := omop.CountSQL(p, e.dialect)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"gender_concept_id", "race_concept_id", "ethnicity_concept_id", "year_of_birth"} {
			named := slices.ContainsFunc(p.Columns(), func(c dp.Column) bool { return c.Name == "person."+column })
			if read := strings.Contains(s.Text, column); read != named {
				t.Errorf("%s: %s is read: %t, and named: %t\n%s", what, column, read, named, s.Text)
			}
		}
		e.scramble(t, p.Columns(), false)
		want, err := e.vector(t, p)
		if err != nil {
			t.Fatal(err)
		}
		e.scramble(t, p.Columns(), true)
		got, err := e.vector(t, p)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("%s: %s\nnames %v: %v\n(-as they are +scrambled):\n%s", what, shown(p.Query), p.Columns(), err, diff)
		}
		if slices.ContainsFunc(got, func(v int64) bool { return v != 0 }) {
			counted++
		}
	}
	for i, q := range undeclared() {
		p, err := dp.NewPlan(q, metadata)
		if err != nil {
			t.Fatal(err)
		}
		check(fmt.Sprintf("question %d", i), p)
	}
	for n := range 2 * draws() {
		p, err := dp.NewPlan(randomQuery(rand.New(rand.NewPCG(12, uint64(n)))), metadata)
		if err == nil { // it is drawn without looking at every rule
			check(fmt.Sprintf("plan %d", n), p)
		}
	}
	if counted < planned/3 {
		t.Errorf("only %d of %d plans count anything", counted, planned)
	}
}

// undeclared are questions in which it is easily forgotten what decides: what tells deaths apart, and whose age is asked for.
func undeclared() []dp.Query {
	all := func(d cohort.Domain) cohort.Events { return cohort.Events{Records: &cohort.Records{Domain: d}} }
	mixed := cohort.Events{Union: []cohort.Events{all(cohort.Condition), all(cohort.ConditionEra)}}
	typed := all(cohort.Death)
	typed.Records.Types = []int64{1, 2, 3}
	deaths := cohort.Events{Union: []cohort.Events{typed, all(cohort.Death)}}
	return []dp.Query{
		{Dataset: metadata.Dataset, NanoRho: 1_000_000, Measures: []dp.Measure{{
			Kind: dp.Mean, Value: &dp.Value{Events: &mixed, Field: dp.FieldAge, Reduce: dp.ReduceLast}, Low: 0, High: 90,
		}}},
		{Dataset: metadata.Dataset, NanoRho: 1_000_000, Measures: []dp.Measure{{Kind: dp.Records, Events: &deaths, Max: 9}}},
	}
}

func (e engine) declared() []string {
	all := []string{personTable}
	for _, d := range cohort.Domains() {
		all = append(all, worldTables[d])
	}
	return all
}

// scramble makes the tables views of those that are kept, in which other columns than the named, and than whose a row is and
// its number, are as they are or anything.
func (e engine) scramble(t testing.TB, named []dp.Column, anything bool) {
	t.Helper()
	for _, declared := range e.declared() {
		name, list, _ := strings.Cut(declared, ": ")
		var columns []string
		for i, part := range strings.Split(list, ", ") {
			column, kind, _ := strings.Cut(part, " ")
			known := func(c dp.Column) bool { return c.Name == name+"."+column }
			key := column == "person_id" || i == 0 && name != "death"
			value := column
			if anything && !key && !slices.ContainsFunc(named, known) {
				any := fmt.Sprintf("hash(place, '%s', '%s') %% 7", name, column)
				value = "CASE WHEN " + any + " < 6 THEN " + map[string]string{
					"i": "CAST(" + any + " AS BIGINT)", "r": "CAST(" + any + " AS DOUBLE) / 2", "d": "DATE '2009-12-12' + CAST(7 * (" + any + ") AS INTEGER)",
				}[kind] + " END"
			}
			columns = append(columns, value+" AS "+column)
		}
		e.exec(t, "CREATE OR REPLACE VIEW omop."+name+" AS SELECT "+strings.Join(columns, ", ")+" FROM kept."+name)
	}
}
