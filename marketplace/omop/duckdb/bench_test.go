package duckdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
)

// The hospital of the benchmark: records are spread over patients and concepts as in real ones, a few having many.
const (
	benchPatients = 1_000_000
	benchConcepts = 201
	benchConcept  = 51 // of which there are neither many records nor few: 50,000 of 10,000,000
	benchGroups   = 10 // MaxGroups
)

// bench is a database that holds it.
type bench struct {
	t  *testing.T
	db *sql.DB
}

// TestBench measures questions against plain SQL over the same tables, in one run; see make bench-dp.
func TestBench(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("SKIP: a benchmark; make bench-dp runs it")
	}
	rows := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("BENCH_ROWS")); err == nil {
		rows = n
	}
	b := newBench(t, rows)
	measurements := cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}
	var keys []int64
	for i := range int64(benchConcepts) {
		keys = append(keys, i+1)
	}
	byConcept := func(keys []int64) dp.Query {
		return dp.Query{GroupBy: []dp.Group{{Kind: dp.Concept, Events: &measurements, Concepts: keys}}, MaxGroups: benchGroups}
	}
	bySex := dp.Query{
		GroupBy: []dp.Group{{Kind: dp.Sex}},
		Measures: []dp.Measure{{Kind: dp.Mean, Low: 60, High: 200, Value: &dp.Value{
			Events: &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: benchConcept}}}},
			Field:  dp.FieldValue, Reduce: dp.ReduceMean,
		}}},
	}
	avg := b.time("SELECT measurement_concept_id, avg(value_as_number) FROM omop.measurement GROUP BY 1")
	distinct := b.time("SELECT measurement_concept_id, count(DISTINCT person_id) FROM omop.measurement GROUP BY 1")
	plain := b.time(`SELECT p.gender_concept_id, avg(m.value_as_number) FROM omop.measurement AS m JOIN omop.person AS p ON p.person_id = m.person_id
		WHERE m.measurement_concept_id = ` + strconv.Itoa(benchConcept) + ` GROUP BY 1`)
	ranked := b.time(fmt.Sprintf("SELECT concept_id, count(*) FROM omop.medmarket_measurement_rank WHERE concept_rank <= %d GROUP BY 1", benchGroups))
	filtered, _ := b.ask(byConcept(keys))
	dynamic, _ := b.ask(byConcept(keys[:90]))
	demographic, _ := b.ask(bySex)
	counted, _ := b.ask(dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}}})
	b.ratio("static_vs_avg", ranked, avg, 2)
	b.ratio("static_filtered_vs_avg", filtered, avg, 3)
	b.ratio("demographic_vs_plain", demographic, plain, 1.5)
	b.ratio("dynamic_vs_count_distinct", dynamic, distinct, 2.5)
	t.Logf("bench: filter_ms %d", counted.Milliseconds())
	for name, d := range map[string]time.Duration{"avg": avg, "count_distinct": distinct, "plain_demographic": plain} {
		t.Logf("bench: %s_ms %d", name, d.Milliseconds())
	}
}

func newBench(t *testing.T, rows int) bench {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	b := bench{t, db}
	const part = "(hash(hash(i, %d)) / 18446744073709551616.0)" // of 1
	u := func(salt int) string { return fmt.Sprintf(part, salt) }
	for _, text := range []string{
		"ATTACH '" + filepath.Join(t.TempDir(), "bench.duckdb") + "' AS omop",
		fmt.Sprintf("SET threads = %d", min(2, runtime.NumCPU())),
		"SET memory_limit = '4GB'",
		fmt.Sprintf(`CREATE TABLE omop.person AS SELECT i AS person_id, CASE WHEN %s < 0.5 THEN 8507 ELSE 8532 END::BIGINT AS gender_concept_id,
			8527::BIGINT AS race_concept_id, 0::BIGINT AS ethnicity_concept_id, (1920 + 100 * %s)::BIGINT AS year_of_birth
			FROM range(1, %d) AS s(i)`, u(1), u(2), benchPatients+1),
		fmt.Sprintf(`CREATE TABLE omop.measurement AS SELECT i AS measurement_id, 1 + floor(%d * pow(%s, 1.5))::BIGINT AS person_id,
			1 + floor(%d * pow(%s, 2))::BIGINT AS measurement_concept_id, DATE '2016-01-01' + (3650 * %s)::INTEGER AS measurement_date,
			0::BIGINT AS measurement_type_concept_id, 40 + round(200 * %s) AS value_as_number, 0::BIGINT AS value_as_concept_id, 0::BIGINT AS unit_concept_id,
			NULL::DOUBLE AS range_low, NULL::DOUBLE AS range_high, NULL::BIGINT AS visit_occurrence_id
			FROM range(%d) AS s(i) ORDER BY person_id`, benchPatients, u(3), benchConcepts, u(4), u(5), u(6), rows),
		omop.RanksSQL(omop.DuckDB, cohort.Measurement, "bench"),
		"CREATE SCHEMA medmarket",
		`CREATE TABLE medmarket.patient AS SELECT p.*, (person_id % 50)::UINTEGER AS class, 0::BIGINT AS until,
			1000::BIGINT AS limit_nano_rho, 1000::BIGINT AS limit_delta FROM omop.person AS p`,
		"CREATE TABLE medmarket.permitted_class AS SELECT i::UINTEGER AS slot, i::UINTEGER AS class, 0::BIGINT AS nano_rho, 0::BIGINT AS delta FROM range(4096) AS s(i)",
		"CREATE TABLE medmarket.excluded (person_id BIGINT)",
	} {
		start := time.Now()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		t.Logf("%s: %s", time.Since(start).Round(time.Millisecond), text[:min(len(text), 40)])
	}
	return b
}

// time is the least of five runs, in CPU time: other work on the machine takes turns.
func (b bench) time(text string, args ...any) time.Duration {
	b.t.Helper()
	var all []time.Duration
	for range 5 {
		start := cpuTime(b.t)
		if err := b.run(b.t.Context(), text, args...); err != nil {
			b.t.Fatalf("%v\n%s", err, text)
		}
		all = append(all, cpuTime(b.t)-start)
	}
	return slices.Min(all)
}

// cpuTime is what all threads of the process have used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func (b bench) run(ctx context.Context, text string, args ...any) error {
	rows, err := b.db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		continue
	}
	return rows.Err()
}

// ask times a question as a hospital answers it, who may be counted included.
func (b bench) ask(q dp.Query) (time.Duration, dp.Plan) {
	b.t.Helper()
	q.Dataset, q.NanoRho = "bench", 1_000_000_000
	p, err := dp.NewPlan(q, dp.Metadata{Dataset: "bench", Version: "bench", ReferenceYear: 2026})
	if err != nil {
		b.t.Fatal(err)
	}
	s, err := omop.CountSQL(p, omop.DuckDB)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.time(s.Text, s.Args(1)...), p
}

// ratio records how much longer one takes than the other, and fails beyond the bar.
func (b bench) ratio(name string, ours, theirs time.Duration, most float64) {
	b.t.Helper()
	r := float64(ours) / float64(theirs)
	b.t.Logf("bench: %s %.2f", name, r)
	if r > most {
		b.t.Errorf("%s %.2f, want %.1f at most (%s against %s)", name, r, most, ours, theirs)
	}
}
