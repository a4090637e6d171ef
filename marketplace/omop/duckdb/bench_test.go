package duckdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
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
	benchRounds   = 9
	benchTurn     = 300 * time.Millisecond // of a shape in a round, at least
)

// The environment of TestBenchPeak, which TestBench runs in a process of its own.
const (
	peakOf   = "MEDMARKET_BENCH_PEAK" // a shape
	peakFile = "MEDMARKET_BENCH_FILE"
)

// shape is a statement that is measured.
type shape string

var (
	measurements = cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}
	one          = cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: benchConcept}}}}
	demographic  = dp.Query{GroupBy: []dp.Group{{Kind: dp.Sex}}, Measures: []dp.Measure{{
		Kind: dp.Mean, Low: 60, High: 200, Value: &dp.Value{Events: &one, Field: dp.FieldValue, Reduce: dp.ReduceMean},
	}}}
)

// shapes are questions as a hospital answers them, who may be counted included, and plain SQL over the same records.
func shapes(t *testing.T) map[string]shape {
	t.Helper()
	var keys []int64
	for i := range int64(benchConcepts) {
		keys = append(keys, i+1)
	}
	byConcept := func(keys []int64) dp.Query {
		return dp.Query{GroupBy: []dp.Group{{Kind: dp.Concept, Events: &measurements, Concepts: keys}}, MaxGroups: benchGroups}
	}
	all := map[string]shape{
		"avg":               "SELECT measurement_concept_id, avg(value_as_number) FROM omop.measurement GROUP BY 1",
		"count_distinct":    "SELECT measurement_concept_id, count(DISTINCT person_id) FROM omop.measurement GROUP BY 1",
		"plain_demographic": shape(fmt.Sprintf("SELECT p.gender_concept_id, avg(m.value_as_number) FROM omop.measurement AS m JOIN omop.person AS p ON p.person_id = m.person_id WHERE m.measurement_concept_id = %d GROUP BY 1", benchConcept)),
		"plain_cohort":      shape(fmt.Sprintf("SELECT p.gender_concept_id, count(*) FROM omop.person AS p WHERE p.person_id IN (SELECT m.person_id FROM omop.measurement AS m WHERE m.measurement_concept_id = %d) GROUP BY 1", benchConcept)),
	}
	has := cohort.Criterion{Has: &cohort.Has{Events: one, Min: 1}}
	for name, q := range map[string]dp.Query{
		"static_filtered": byConcept(keys),
		"dynamic":         byConcept(keys[:90]),
		"cohort":          {Cohort: &has, GroupBy: []dp.Group{{Kind: dp.Sex}}},
		"demographic":     demographic,
	} {
		q.Dataset, q.NanoRho = "bench", 1_000_000_000
		p, err := dp.NewPlan(q, dp.Metadata{Dataset: "bench", Version: "bench", ReferenceYear: 2026})
		if err != nil {
			t.Fatal(err)
		}
		s, err := omop.CountSQL(p, omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = shape(s.Written())
	}
	all["static"] = shape(unfiltered(t, string(all["static_filtered"])))
	return all
}

// unfiltered is our statement of a question by concept, without the join of who is followed and may be counted, which a question by concept has
// for nothing else. No question goes without; static_filtered is what one takes.
func unfiltered(t *testing.T, text string) string {
	t.Helper()
	for _, part := range [][2]string{
		{" JOIN eligible1 AS p ON p.person_id = r.person_id\n  WHERE", "\n  WHERE"},
		{" AND p.place IS NOT NULL GROUP BY p.place, r.concept_id", " GROUP BY r.concept_id"},
		{"SELECT p.place, r.concept_id, count(*) AS total", "SELECT 0 AS place, r.concept_id, count(*) AS total"},
	} {
		if strings.Count(text, part[0]) != 1 {
			t.Fatalf("%q is not once in\n%s", part[0], text)
		}
		text = strings.Replace(text, part[0], part[1], 1)
	}
	return text
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
	t.Logf("bench: rows %d", rows)
	file := filepath.Join(t.TempDir(), "bench.duckdb")
	fillBench(t, file, rows)
	best := openBench(t, file).times(shapes(t))
	for _, c := range []struct {
		name, ours, theirs string
		most               float64
	}{
		{"static_vs_avg", "static", "avg", 2},
		{"static_filtered_vs_avg", "static_filtered", "avg", 3},
		{"demographic_vs_plain", "demographic", "plain_demographic", 1.5},
		{"dynamic_vs_count_distinct", "dynamic", "count_distinct", 2.5},
	} {
		ratio(t, c.name, float64(best[c.ours]), float64(best[c.theirs]), c.most)
	}
	ratio(t, "dynamic_rss_ratio", peak(t, file, "dynamic"), peak(t, file, "count_distinct"), 2)
	t.Logf("bench: cohort_vs_plain %.2f", float64(best["cohort"])/float64(best["plain_cohort"]))
	chargeAndFilter(t)
	noised(t)
	for _, name := range []string{"avg", "count_distinct", "plain_demographic", "plain_cohort"} {
		t.Logf("bench: %s_ms %d", name, best[name].Milliseconds())
	}
}

// ratio records how much more one takes than the other, and fails beyond the bar.
func ratio(t *testing.T, name string, ours, theirs, most float64) {
	t.Helper()
	t.Logf("bench: %s %.2f", name, ours/theirs)
	if ours > most*theirs {
		t.Errorf("%s %.2f, want %.1f at most", name, ours/theirs, most)
	}
}

// TestBenchPeak runs one shape, and says how much memory the process took at most.
func TestBenchPeak(t *testing.T) {
	name := os.Getenv(peakOf)
	if name == "" {
		t.Skip("SKIP: a part of TestBench, which runs it")
	}
	s := shapes(t)[name]
	openBench(t, os.Getenv(peakFile)).run(s)
	status, err := os.ReadFile("/proc/self/status") // what getrusage says begins with the parent's
	found := regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(status)
	if err != nil || found == nil {
		t.Fatalf("no peak of memory here: %v", err)
	}
	t.Logf("peak %s", found[1])
}

// peak is the memory that a process takes at most for a shape, in kB.
func peak(t *testing.T, file, shape string) float64 {
	t.Helper()
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBenchPeak$", "-test.v")
	self.Env = append(os.Environ(), peakOf+"="+shape, peakFile+"="+file)
	out, err := self.CombinedOutput()
	found := regexp.MustCompile(`peak (\d+)`).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("%s: %v\n%s", shape, err, out)
	}
	n, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bench is a database that holds the hospital.
type bench struct {
	t  *testing.T
	db *sql.DB
}

func newBench(t *testing.T, attach string) bench {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // closing twice is fine
	db.SetMaxOpenConns(1)
	b := bench{t, db}
	b.exec("SET threads = 1") // of several, those that wait for the others would use CPU time too
	b.exec("SET memory_limit = '4GB'")
	b.exec("SET temp_directory = '" + t.TempDir() + "'")
	b.exec(attach)
	return b
}

// part is a part of 1 that i and a number determine.
func part(salt int) string { return fmt.Sprintf("(hash(hash(i, %d)) / 18446744073709551616.0)", salt) }

// benchPersons are the patients.
var benchPersons = fmt.Sprintf(`SELECT i AS person_id, CASE WHEN %s < 0.5 THEN 8507 ELSE 8532 END::BIGINT AS gender_concept_id,
	8527::BIGINT AS race_concept_id, 0::BIGINT AS ethnicity_concept_id, (1920 + 100 * %s)::BIGINT AS year_of_birth FROM range(1, %d) AS s(i)`,
	part(1), part(2), benchPatients+1)

// benchRecords are so many measurements of the patients.
func benchRecords(rows int) string {
	return fmt.Sprintf(`SELECT i AS measurement_id, 1 + floor(%d * pow(%s, 1.5))::BIGINT AS person_id,
		1 + floor(%d * pow(%s, 2))::BIGINT AS measurement_concept_id, DATE '2016-01-01' + (3650 * %s)::INTEGER AS measurement_date,
		0::BIGINT AS measurement_type_concept_id, 40 + round(200 * %s) AS value_as_number, 0::BIGINT AS value_as_concept_id, 0::BIGINT AS unit_concept_id,
		NULL::DOUBLE AS range_low, NULL::DOUBLE AS range_high, NULL::BIGINT AS visit_occurrence_id
		FROM range(%d) AS s(i) ORDER BY person_id`, benchPatients, part(3), benchConcepts, part(4), part(5), part(6), rows)
}

// fillBench makes the file, as an import does.
func fillBench(t *testing.T, file string, rows int) {
	t.Helper()
	b := newBench(t, "ATTACH '"+file+"' AS omop")
	for _, text := range []string{
		"CREATE TABLE omop.person AS " + benchPersons,
		"CREATE TABLE omop.measurement AS " + benchRecords(rows),
		omop.RanksSQL(omop.DuckDB, cohort.Measurement, "bench"),
		"DETACH omop",
	} {
		start := time.Now()
		b.exec(text)
		t.Logf("%s: %s", time.Since(start).Round(time.Millisecond), text[:min(len(text), 40)])
	}
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
}

// openBench opens the file, with the tables of who may be counted beside it.
func openBench(t *testing.T, file string) bench {
	t.Helper()
	b := newBench(t, "ATTACH '"+file+"' AS omop (READ_ONLY)")
	for _, text := range []string{
		"CREATE SCHEMA medmarket",
		`CREATE TABLE medmarket.patient AS SELECT p.*, (person_id - 1) // 62 + 1 AS word, 1::BIGINT << ((person_id - 1) % 62) AS mask FROM omop.person AS p`,
		"CREATE TABLE medmarket.active AS SELECT word, bit_or(mask) AS bits FROM medmarket.patient GROUP BY word",
	} {
		b.exec(text)
	}
	return b
}

func (b bench) exec(text string) {
	b.t.Helper()
	if _, err := b.db.ExecContext(b.t.Context(), text); err != nil {
		b.t.Fatalf("%v\n%s", err, text)
	}
}

// times is the least of several rounds of all shapes, in CPU time: other work on the machine takes turns. What is quick takes several in its round.
func (b bench) times(all map[string]shape) map[string]time.Duration {
	b.t.Helper()
	best := map[string]time.Duration{}
	for range benchRounds {
		for name, s := range all {
			for used := time.Duration(0); used < benchTurn; {
				start := cpuTime(b.t)
				b.run(s)
				d := cpuTime(b.t) - start
				used += d
				if best[name] == 0 || d < best[name] {
					best[name] = d
				}
			}
		}
	}
	return best
}

func (b bench) run(s shape) {
	b.t.Helper()
	if err := drain(b.t.Context(), b.db, s); err != nil {
		b.t.Fatalf("%v\n%s", err, s)
	}
}

func drain(ctx context.Context, db *sql.DB, s shape) error {
	rows, err := db.QueryContext(ctx, string(s))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		continue
	}
	return rows.Err()
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
