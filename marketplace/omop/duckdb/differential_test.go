package duckdb_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// reference counts slowly, from the folder, sharing nothing with the engine but the
// plan: rows are read one by one and patients are placed by comparing labels.
type reference struct {
	sex, year map[int64]int64
	events    map[cohort.Domain]map[int64]map[int64]bool // domain, patient, concept
	above     map[int64][]int64                          // concept, what is above it or it
	concepts  map[cohort.Domain][]int64                  // those that occur
}

func readReference(t *testing.T, dir string) reference {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	each := func(columns, table string, f func(a, b, c int64)) {
		t.Helper()
		rows, err := db.QueryContext(t.Context(), "SELECT "+columns+" FROM '"+filepath.Join(dir, table)+".parquet'")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var a, b, c int64
			if err := rows.Scan(&a, &b, &c); err != nil {
				t.Fatal(err)
			}
			f(a, b, c)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	}
	r := reference{
		sex: map[int64]int64{}, year: map[int64]int64{}, above: map[int64][]int64{},
		events: map[cohort.Domain]map[int64]map[int64]bool{}, concepts: map[cohort.Domain][]int64{},
	}
	each("person_id, gender_concept_id, year_of_birth", "person", func(id, sex, year int64) { r.sex[id], r.year[id] = sex, year })
	each("ancestor_concept_id, descendant_concept_id, 0", "concept_ancestor", func(a, d, _ int64) { r.above[d] = append(r.above[d], a) })
	for domain, table := range map[cohort.Domain]string{cohort.Condition: "condition_occurrence", cohort.Drug: "drug_exposure", cohort.Measurement: "measurement"} {
		of := map[int64]map[int64]bool{}
		each("person_id, "+string(domain)+"_concept_id, 0", table, func(id, concept, _ int64) {
			if of[id] == nil {
				of[id] = map[int64]bool{}
			}
			of[id][concept] = true
			r.concepts[domain] = append(r.concepts[domain], concept)
			r.concepts[domain] = append(r.concepts[domain], r.above[concept]...)
		})
		r.events[domain] = of
		slices.Sort(r.concepts[domain])
		r.concepts[domain] = append(slices.Compact(r.concepts[domain]), 999999)
	}
	return r
}

// label is the patient's in a group, empty for none.
func (r reference) label(id int64, g dp.Group, referenceYear int) string {
	switch g.Kind {
	case dp.Sex:
		return map[int64]string{8507: "male", 8532: "female"}[r.sex[id]]
	case dp.AgeBand:
		age, label := referenceYear-int(r.year[id]), ""
		for i, edge := range g.Edges {
			if age >= edge {
				label = g.Labels()[i]
			}
		}
		return label
	}
	records := g.Matches.Has.Events.Records
	for concept := range r.events[records.Domain][id] {
		for _, wanted := range records.Concepts {
			if concept == wanted.ID || wanted.Descendants && slices.Contains(r.above[concept], wanted.ID) {
				return "yes"
			}
		}
	}
	return "no"
}

func (r reference) count(p dp.Plan, followed []int64, a provider.Active) []int64 {
	counts := make([]int64, len(p.Cells))
	for i, patient := range followed {
		if _, known := r.sex[patient]; !known || !a.Has(i) {
			continue
		}
		var key []string
		for _, g := range p.Query.GroupBy {
			key = append(key, r.label(patient, g, p.Metadata.ReferenceYear))
		}
		for i, c := range p.Cells {
			if slices.Equal(c.Key, key) {
				counts[i]++
			}
		}
	}
	return counts
}

func (r reference) drawGroups(t *rapid.T) []dp.Group {
	var groups []dp.Group
	if rapid.Bool().Draw(t, "sex") {
		groups = append(groups, bySex)
	}
	if rapid.Bool().Draw(t, "age") {
		edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 110), 1, 6, rapid.ID[int]).Draw(t, "edges")
		slices.Sort(edges)
		groups = append(groups, dp.Group{Kind: dp.AgeBand, Edges: edges})
	}
	for len(groups) == 0 || len(groups) < 3 && rapid.Bool().Draw(t, "event") {
		domain := rapid.SampledFrom([]cohort.Domain{cohort.Condition, cohort.Drug, cohort.Measurement}).Draw(t, "domain")
		concepts := rapid.SliceOfNDistinct(rapid.SampledFrom(r.concepts[domain]), 1, 5, rapid.ID[int64]).Draw(t, "concepts")
		g := has(domain, rapid.Bool().Draw(t, "descendants"), concepts...)
		if !slices.ContainsFunc(groups, func(o dp.Group) bool { return cmp.Equal(o, g) }) {
			groups = append(groups, g)
		}
	}
	return groups
}

func TestCountEqualsReference(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	r := readReference(t, hospital)
	numbers, err := patientNumbers(t.Context(), e)
	if err != nil || len(numbers) != len(r.sex) {
		t.Fatalf("%d patients, %v", len(numbers), err)
	}
	var counted int64
	rapid.Check(t, func(t2 *rapid.T) {
		followed := append([]int64{-1}, numbers...) // one who is not in the records, and not everybody who is
		if some := rapid.IntRange(0, len(numbers)-1).Draw(t2, "not followed"); some > 0 {
			followed = slices.Delete(followed, some, some+1)
		}
		a := provider.Active(rapid.SliceOfN(rapid.Uint64(), 0, len(followed)/64+2).Draw(t2, "active"))
		p := plan(t2, e, r.drawGroups(t2)...)
		if err := e.Follow(t.Context(), followed); err != nil {
			t2.Fatal(err)
		}
		got, err := e.Count(t.Context(), p, a)
		if err != nil {
			t2.Fatal(err)
		}
		values := exact(t2, t, p, got)
		if diff := cmp.Diff(r.count(p, followed, a), values); diff != "" {
			t2.Fatal(fmt.Sprintf("cells %v (-reference +engine):\n%s", p.Cells, diff))
		}
		counted += sum(values)
	})
	t.Logf("%d patients counted", counted)
	if !testing.Short() && counted < 1000 {
		t.Errorf("only %d patients counted in all: the check is empty", counted)
	}
}

// Without any one patient, whatever her records, one cell is less by at most one.
func TestSensitivity(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	numbers := everyone(t, e)
	follow(t, e, numbers)
	for _, p := range []dp.Plan{
		plan(t, e, bySex, byAge, has(cohort.Condition, true, 316866)),
		plan(t, e, has(cohort.Drug, true, 21600712), has(cohort.Measurement, false, 3004249, 3004410)),
	} {
		with := count(t, e, p, everybody)
		for patient := int64(1); patient <= 60; patient++ {
			without := count(t, e, p, without(numbers, patient))
			var changed int64
			for i := range with {
				changed += (with[i] - without[i]) * (with[i] - without[i])
			}
			if changed > 1 {
				t.Errorf("patient %d: squared distance %d", patient, changed)
			}
		}
	}
}
