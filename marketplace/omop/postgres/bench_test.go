package postgres_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
	"github.com/medmarket/medmarket/marketplace/provider"
)

const (
	benchConcepts = 201
	benchConcept  = 51 // of which there are neither many records nor few
)

// TestBench measures questions against plain SQL in the same Postgres, in one run; see make bench-dp. Patients are a tenth of
// the rows.
func TestBench(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("SKIP: a benchmark; make bench-dp runs it")
	}
	rows := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		rows = n
	}
	h := newHospital(t)
	h.crowd(t, rows)
	start := time.Now()
	h.prepare(t)
	t.Logf("bench: postgres_prepare_s %.0f", time.Since(start).Seconds())
	e := h.open(t)
	start = time.Now()
	patients := make([]int64, rows/10)
	for i := range patients {
		patients[i] = int64(i + 1)
	}
	if err := e.Follow(t.Context(), patients); err != nil {
		t.Fatal(err)
	}
	everyone := omoptest.Everyone(len(patients))
	t.Logf("bench: postgres_follow_ms %d", time.Since(start).Milliseconds())
	c := dial(t, h.connection)
	exec(t, c, "SET work_mem = '64MB'; SET jit = off")

	labs := cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}
	var keys []int64
	for i := range int64(benchConcepts) {
		keys = append(keys, i+1)
	}
	byConcept := func(keys []int64) dp.Query {
		return dp.Query{GroupBy: []dp.Group{{Kind: dp.Concept, Events: &labs, Concepts: keys}}, MaxGroups: 10}
	}
	of := cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: benchConcept}}}}
	mean := dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}}, Measures: []dp.Measure{
		{Kind: dp.Mean, Low: 60, High: 200, Value: &dp.Value{Events: &of, Field: dp.FieldValue, Reduce: dp.ReduceMean}},
	}}
	const distinct = "SELECT measurement_concept_id, count(DISTINCT person_id) FROM cdm.measurement GROUP BY 1"
	for _, f := range []struct {
		name  string
		query dp.Query
		plain string
	}{
		{"postgres_vs_plain_postgres", mean, fmt.Sprintf(`SELECT p.gender_concept_id, avg(m.value_as_number) FROM cdm.measurement AS m JOIN cdm.person AS p ON p.person_id = m.person_id
			WHERE m.measurement_concept_id = %d GROUP BY 1`, benchConcept)},
		{"postgres_ranked_vs_count_distinct", byConcept(keys), distinct},
		{"postgres_dynamic_vs_count_distinct", byConcept(keys[:90]), distinct},
	} {
		theirs := least(func() { run(t, c, f.plain) })
		p := plan(t, e, f.query)
		ours := least(func() { benchCount(t, e, p, everyone) })
		t.Logf("bench: %s %.2f", f.name, float64(ours)/float64(theirs))
		t.Logf("%s: %s against %s", f.name, ours.Round(time.Millisecond), theirs.Round(time.Millisecond))
	}
}

// crowd makes so many measurements, of a tenth as many patients, spread over patients and concepts as in real hospitals.
func (h hospital) crowd(t testing.TB, rows int) {
	t.Helper()
	u := func(salt int) string { // of 1
		return fmt.Sprintf("((hashint8extended(i, %d) & 1073741823) / 1073741824.0)::DOUBLE PRECISION", salt)
	}
	for _, text := range []string{
		"CREATE SCHEMA cdm",
		fmt.Sprintf(`CREATE UNLOGGED TABLE cdm.person AS SELECT i::INTEGER AS person_id, CASE WHEN %s < 0.5 THEN 8507 ELSE 8532 END AS gender_concept_id,
			(1920 + 100 * %s)::INTEGER AS year_of_birth FROM generate_series(1, %d) AS s(i)`, u(1), u(2), rows/10),
		"ALTER TABLE cdm.person ADD PRIMARY KEY (person_id)",
		fmt.Sprintf(`CREATE UNLOGGED TABLE cdm.measurement AS SELECT i::INTEGER AS measurement_id, 1 + floor(%d * pow(%s, 1.5))::INTEGER AS person_id,
			1 + floor(%d * pow(%s, 2))::INTEGER AS measurement_concept_id, DATE '2016-01-01' + (3650 * %s)::INTEGER AS measurement_date,
			(40 + round(200 * %s))::NUMERIC AS value_as_number FROM generate_series(1, %d) AS s(i) ORDER BY 2`, rows/10, u(3), benchConcepts, u(4), u(5), u(6), rows),
		"CREATE INDEX ON cdm.measurement (measurement_concept_id)", // as the CDM's own DDL has
		"VACUUM ANALYZE cdm.person", "VACUUM ANALYZE cdm.measurement", "SELECT pg_stat_force_next_flush()",
	} {
		exec(t, h.Conn, text)
	}
	h.grant(t)
}

// least is the best of three.
func least(f func()) time.Duration {
	var all []time.Duration
	for range 3 {
		start := time.Now()
		f()
		all = append(all, time.Since(start))
	}
	return slices.Min(all)
}

func run(t testing.TB, c *pgx.Conn, text string) {
	t.Helper()
	rows, err := c.Query(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		continue
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

func benchCount(t testing.TB, e *postgres.Engine, p dp.Plan, everyone provider.Active) {
	t.Helper()
	if _, err := e.Count(t.Context(), p, everyone); err != nil {
		t.Fatal(err)
	}
}
