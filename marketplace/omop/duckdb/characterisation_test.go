package duckdb_test

import (
	"database/sql"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// Issue 5: without noise every estimate of at least 40 questions in the style of Achilles is what plain SQL over the folder's
// files says, and what it was before.
func TestCharacterisation(t *testing.T) {
	omoptest.NotUnderRace(t)
	shared := omoptest.SharedData()
	if shared == "" {
		t.Skip("SKIPPED: no shared data sets here; set MEDMARKET_SHARED_DATA")
	}
	if n := len(characterisation()); n < 40 {
		t.Errorf("%d questions, want 40", n)
	}
	var golden strings.Builder
	for _, data := range []string{"gibleed", "nafld_omop", "synthea1k_uon"} {
		folder := filepath.Join(shared, data)
		_, file := load(t, folder)
		e := open(t, file)
		follow(t, e, everyone(t, e))
		db := plainDatabase(t, folder)
		for _, q := range characterisation() {
			if q.data != data {
				continue
			}
			t.Run(data+"/"+q.name, func(t *testing.T) {
				got, p := estimates(t, e, q.query)
				checkPlain(t, q, got, plain(t, db, q.plain, p))
				for _, row := range got {
					for _, estimate := range row.Estimates {
						fmt.Fprintf(&golden, "%s | %s | %s | %s | %.9g\n", data, q.name, strings.Join(row.Key, "/"), estimate.Label, estimate.Value)
					}
				}
			})
		}
	}
	file := filepath.Join("testdata", "characterisation.txt")
	if *update {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), golden.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// estimates are the answer to a query, without noise.
func estimates(t *testing.T, e *duckdb.Engine, q dp.Query) ([]dp.Row, dp.Plan) {
	t.Helper()
	p := planOf(t, e, q)
	exact := counted(t, e, p, everybody)
	vector, err := dp.Release(p, exact, noisetest.None(t))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Estimate(vector)
	if err != nil {
		t.Fatal(err)
	}
	return rows, p
}

// checkPlain compares estimates with the values by key and position; one that plain
// SQL has none of is 0.
func checkPlain(t *testing.T, q asked, got []dp.Row, want map[string]float64) {
	t.Helper()
	found := 0
	for _, row := range got {
		for i, e := range row.Estimates {
			at := fmt.Sprint(strings.Join(row.Key, "/"), " ", i)
			x, ok := want[at]
			if ok {
				found++
			} else if len(q.query.Measures) > e.Measure && slices.Contains([]dp.MeasureKind{dp.Mean, dp.Variance}, q.query.Measures[e.Measure].Kind) {
				continue // the mean and the variance of nobody are anything within the bounds
			}
			within := q.within
			if within == 0 {
				within = 1e-6 * math.Max(1, math.Abs(x))
			}
			if math.Abs(e.Value-x) > within {
				t.Errorf("%s: %s: %s: %v, plain SQL says %v", q.data, q.name, at, e.Value, x)
			}
		}
	}
	if found == 0 || found != len(want) {
		t.Errorf("%s: %s: %d of %d values of plain SQL have an estimate: %v", q.data, q.name, found, len(want), want)
	}
}

// plainDatabase has a view of each file of a folder.
func plainDatabase(t *testing.T, folder string) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	files, err := filepath.Glob(filepath.Join(folder, "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		view := strings.TrimSuffix(filepath.Base(file), ".parquet")
		if _, err := db.ExecContext(t.Context(), "CREATE VIEW "+view+" AS SELECT * FROM '"+file+"'"); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// plain runs a question in SQL; rows without a key, or with one that the plan does not have, are left out.
func plain(t *testing.T, db *sql.DB, text string, p dp.Plan) map[string]float64 {
	t.Helper()
	known := map[string]bool{}
	for _, c := range p.Cells {
		known[strings.Join(c.Key, "/")] = true
	}
	rows, err := db.QueryContext(t.Context(), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	values := map[string]float64{}
	for rows.Next() {
		var key sql.NullString
		var i int
		var x sql.NullFloat64
		if err := rows.Scan(&key, &i, &x); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if key.Valid && x.Valid && known[key.String] {
			values[fmt.Sprint(key.String, " ", i)] = x.Float64
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}
