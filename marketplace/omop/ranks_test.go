package omop_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop"
)

func (e engine) rank(t testing.TB, version string) {
	t.Helper()
	for _, d := range omop.Ranked() {
		e.exec(t, omop.RanksSQL(e.dialect, d, version))
	}
}

// byConcepts divides conditions by so many concepts that ranks are used; those of the world are among them.
func byConcepts(t testing.TB, maxGroups int) dp.Plan {
	t.Helper()
	g := dp.Group{Kind: dp.Concept, Events: &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}}
	for id := range int64(120) {
		g.Concepts = append(g.Concepts, id+1)
	}
	p, err := dp.NewPlan(dp.Query{Dataset: metadata.Dataset, GroupBy: []dp.Group{g}, MaxGroups: maxGroups, NanoRho: 1_000_000_000}, metadata)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Ranks of a patient are 1, 2, ..., and those of the others are the same without her.
func TestRanksArePatientsOwn(t *testing.T) {
	people := world(40)
	for name, made := range map[string]func(testing.TB) engine{"DuckDB": newDuckDB, "Postgres": newPostgres} {
		t.Run(name, func(t *testing.T) { ranksArePatientsOwn(t, people, made) })
	}
}

func ranksArePatientsOwn(t *testing.T, people []cohorttest.History, made func(testing.TB) engine) {
	t.Helper()
	read := func(people []cohorttest.History) []string {
		e := made(t)
		e.fill(t, people, nil)
		e.rank(t, "1")
		rows, err := e.db.QueryContext(t.Context(), "SELECT lpad(CAST(person_id AS VARCHAR), 4, '0') || ' ' || lpad(CAST(concept_rank AS VARCHAR), 4, '0') || ' ' || concept_id FROM "+e.schema+".medmarket_condition_rank ORDER BY person_id, concept_rank, concept_id")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		var all []string
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	all := read(people)
	var person string
	rank := 0
	for _, row := range all {
		if rank++; row[:4] != person {
			person, rank = row[:4], 1
		}
		if row[5:9] != fmt.Sprintf("%04d", rank) {
			t.Fatalf("%s has not rank %d", row, rank)
		}
	}
	gone := people[:len(people)-1]
	others := slices.DeleteFunc(slices.Clone(all), func(row string) bool { return strings.HasPrefix(row, "0040") })
	if diff := cmp.Diff(others, read(gone)); diff != "" || len(others) == len(all) {
		t.Errorf("without one of %d rows' patients:\n%s", len(all)-len(others), diff)
	}
}

// Each patient counts in at most so many concepts; in all of hers, if they are no more.
func TestRanksBoundCells(t *testing.T) {
	for name, made := range map[string]func(testing.TB) engine{"DuckDB": newDuckDB, "Postgres": newPostgres} {
		t.Run(name, func(t *testing.T) { ranksBoundCells(t, made(t)) })
	}
}

func ranksBoundCells(t *testing.T, e engine) {
	t.Helper()
	people := world(60)
	e.fill(t, people, cohorttest.World())
	e.permit(t, len(people))
	e.rank(t, metadata.Version)
	p := byConcepts(t, 2)
	if s, err := omop.CountSQL(p, e.dialect); err != nil || !strings.Contains(s.Text, "medmarket_condition_rank") {
		t.Fatalf("ranks are not used: %v\n%s", err, s.Text)
	}
	vector := func(p dp.Plan) []int64 {
		v, err := e.vector(t, p)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	all, free := vector(p), vector(byConcepts(t, 119))
	bounded := 0
	for i := range people {
		e.exclude(t, i+1)
		mine, own := differs(t, all, vector(p)), differs(t, free, vector(byConcepts(t, 119)))
		if mine != min(own, 2) {
			t.Errorf("patient %d counts in %d cells of her %d", i+1, mine, own)
		}
		if own > 2 {
			bounded++
		}
		all, free = vector(p), vector(byConcepts(t, 119))
	}
	if bounded == 0 {
		t.Error("nobody has more than two concepts")
	}
}

// differs is in how many cells one vector has one patient more.
func differs(t testing.TB, with, without []int64) (n int) {
	t.Helper()
	for i := range with {
		switch with[i] - without[i] {
		case 0:
		case 1:
			n++
		default:
			t.Fatalf("cell %d has %d, and %d without a patient", i, with[i], without[i])
		}
	}
	return n
}
