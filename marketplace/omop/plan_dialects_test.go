package omop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// Whole plans have the same vector in DuckDB and in Postgres, over records in which everything is wrong that can be. The
// plans let every patient count in all of her cells: which of too many she counts in is each engine's own choice.
func TestPlansAgreeInBothDialects(t *testing.T) {
	omoptest.NotUnderRace(t)
	people := world(80)
	for i := range people {
		spoil(rand.New(rand.NewPCG(6, uint64(i))), &people[i], math.MaxInt32, math.MinInt32, 36_500, 36_501, -1)
		people[i].Sex = []int64{omop.Female, omop.Male, 0}[i%3]
	}
	duck, post := newDuckDB(t), newPostgres(t)
	for _, e := range []engine{duck, post} {
		e.fill(t, people, cohorttest.World())
		e.permit(t, len(people))
	}
	planned, counted, private := 0, 0, 0
	for n := uint64(0); planned < draws(); n++ {
		q := randomQuery(rand.New(rand.NewPCG(8, n)))
		p, err := dp.NewPlan(q, metadata)
		if err != nil {
			continue // drawn without looking at every rule
		}
		planned++
		one, err := duck.vector(t, p)
		if err != nil {
			t.Fatalf("plan %d, DuckDB: %v\n%s", n, err, shown(p.Query))
		}
		other, err := post.vector(t, p)
		if err != nil {
			t.Fatalf("plan %d, Postgres: %v\n%s", n, err, shown(p.Query))
		}
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("plan %d: %s\n(-DuckDB +Postgres):\n%s", n, shown(p.Query), diff)
		}
		for _, v := range one {
			if v != 0 {
				counted++
				if p.Query.PrivateKeys() {
					private++
				}
				break
			}
		}
	}
	if counted < planned/3 || private < planned/60 {
		t.Errorf("only %d of %d plans count anything, %d of them by private keys", counted, planned, private)
	}
}

// permit lets two of three be counted, but for two of them.
func (e engine) permit(t testing.TB, people int) {
	t.Helper()
	for _, text := range []string{
		"CREATE SCHEMA IF NOT EXISTS medmarket",
		"CREATE TABLE medmarket.active (word BIGINT, bits BIGINT)",
		fmt.Sprintf(`CREATE TABLE medmarket.patient AS SELECT person_id, gender_concept_id, race_concept_id, ethnicity_concept_id, year_of_birth,
			person_id AS word, CAST(4 AS BIGINT) AS mask FROM %s.person WHERE person_id <= %d`, e.schema, people),
	} {
		e.exec(t, text)
	}
	for id := 1; id <= people; id++ {
		bits := -1 - 4 // everybody else of her word
		if id%3 != 0 && id != 2 && id != 5 {
			bits += 4
		}
		e.exec(t, fmt.Sprintf("INSERT INTO medmarket.active VALUES (%d, %d)", id, bits))
	}
}

// exclude takes a patient out.
func (e engine) exclude(t testing.TB, patient int) {
	t.Helper()
	e.exec(t, fmt.Sprintf("UPDATE medmarket.active SET bits = 3 WHERE word = %d", patient))
}

// active is whom permit lets be counted, as Postgres is told.
func (e engine) active(t testing.TB) (words []int64) {
	t.Helper()
	rows, err := e.db.QueryContext(t.Context(), "SELECT bits FROM medmarket.active ORDER BY word")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		words = append(words, 0)
		if err := rows.Scan(&words[len(words)-1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return words
}

func (e engine) vector(t testing.TB, p dp.Plan) ([]int64, error) {
	t.Helper()
	s, err := omop.CountSQL(p, e.dialect)
	if err != nil {
		return nil, err
	}
	args := s.Args()
	if e.dialect == omop.Postgres {
		args = s.Bound(e.active(t))
	}
	rows, err := e.db.QueryContext(t.Context(), s.Text, args...)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, s.Text)
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var key, slot, total int64
		if !p.Query.PrivateKeys() {
			err = rows.Scan(&slot, &total)
			all = append(all, total)
		} else {
			err = rows.Scan(&key, &slot, &total)
			all = append(all, key, slot, total)
		}
		if err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

func randomQuery(r *rand.Rand) dp.Query {
	q := dp.Query{Dataset: metadata.Dataset, NanoRho: 1_000_000_000}
	if r.IntN(3) == 0 {
		q.Cohort = new(cohorttest.RandomCriterion(r, 2))
	}
	events := cohorttest.RandomEvents(r, 2)
	for range r.IntN(3) {
		q.GroupBy = append(q.GroupBy, randomGroup(r, events))
	}
	for range 1 + r.IntN(4) {
		q.Measures = append(q.Measures, randomMeasure(r, events))
	}
	q.MaxGroups = dp.MaxMaxGroups
	if _, err := dp.NewPlan(q, metadata); err != nil {
		q.MaxGroups = 0
	}
	return q
}

func randomGroup(r *rand.Rand, events cohort.Events) dp.Group {
	switch r.IntN(9) {
	case 0:
		return dp.Group{Kind: dp.Sex}
	case 1:
		return dp.Group{Kind: dp.Race, Concepts: []int64{1, 3, 4}}
	case 2:
		return dp.Group{Kind: dp.AgeBand, Edges: []int{0, 46, 77}}
	case 3:
		return dp.Group{Kind: dp.HasEvent, Matches: new(cohorttest.RandomCriterion(r, 2))}
	case 4:
		return dp.Group{Kind: dp.EventCount, Events: new(cohorttest.RandomEvents(r, 2)), Cap: 1 + r.IntN(3)}
	case 5:
		return dp.Group{Kind: dp.Concept, Events: &events, Concepts: []int64{1, 2, 4}, Descendants: r.IntN(2) == 0}
	case 8:
		return dp.Group{Kind: dp.Concept, Events: &events}
	case 6:
		return dp.Group{Kind: dp.Calendar, Events: &events, Unit: dp.Month, From: "2009-12", To: "2010-" + []string{"01", "02"}[r.IntN(2)]}
	default:
		return dp.Group{Kind: dp.ValueBand, Events: &events, EdgesReal: []float64{-1, 0.5, 2}}
	}
}

func randomMeasure(r *rand.Rand, events cohort.Events) dp.Measure {
	v := dp.Value{Events: &events, Field: []dp.Field{dp.FieldValue, dp.FieldLength, dp.FieldAge, dp.FieldCount}[r.IntN(4)]}
	if v.Field != dp.FieldCount {
		v.Reduce = []dp.Reduce{dp.ReduceFirst, dp.ReduceLast, dp.ReduceMin, dp.ReduceMax, dp.ReduceMean, dp.ReduceSum}[r.IntN(6)]
	}
	if r.IntN(6) == 0 {
		v = dp.Value{Field: dp.FieldAge}
	}
	bounds := dp.Measure{Value: &v, Low: -1, High: float64(2 + r.IntN(60))}
	switch r.IntN(8) {
	case 0:
		return dp.Measure{Kind: dp.Patients}
	case 1:
		return dp.Measure{Kind: dp.Records, Events: &events, Max: 1 + r.IntN(3)}
	case 2:
		return dp.Measure{Kind: dp.Proportion, Of: new(cohorttest.RandomCriterion(r, 2))}
	case 3:
		return dp.Measure{Kind: dp.Histogram, Value: &v, Edges: []float64{-2, 0, 1, 30, 60}}
	default:
		bounds.Kind = []dp.MeasureKind{dp.Sum, dp.Mean, dp.Variance, dp.Quantiles}[r.IntN(4)]
		if bounds.Kind == dp.Quantiles {
			bounds.Ranks = []float64{0.5}
		}
		return bounds
	}
}

// In Postgres a value is a NUMERIC, which holds more than a double does.
func TestPostgresNumbers(t *testing.T) {
	e := newPostgres(t)
	e.fill(t, nil, nil)
	for i, v := range []string{"1e400", "-1e400", "1.8e308", "1.7976931348623157e308", "1e-400", "-1e-400", "5e-324", "2.4e-324", "0", "'NaN'", "'infinity'"} {
		e.exec(t, fmt.Sprintf("INSERT INTO medmarket.measurement (person_id, measurement_id, measurement_date, value_as_number) VALUES (1, %d, DATE '2020-01-01', %s)", i, v))
	}
	b, err := omop.NewBuilder(omop.Postgres)
	if err != nil {
		t.Fatal(err)
	}
	name, err := b.Events(cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.rows(t.Context(), b, "SELECT CONCAT(LPAD(record_id::text, 2, '0'), ' ', value) FROM "+name)
	want := []string{"00 ", "01 ", "02 ", "03 1.7976931348623157e+308", "04 0", "05 0", "06 5e-324", "07 0", "08 0", "09 ", "10 "}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
