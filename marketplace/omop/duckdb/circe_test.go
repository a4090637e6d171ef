package duckdb_test

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// Issue 5: at least 950 of the 1,100 circe definitions become SQL that runs on gibleed. A tenth of them does here, all with
// MEDMARKET_LONG.
func TestCirceDefinitionsRun(t *testing.T) {
	omoptest.NotUnderRace(t)
	definitions, err := omoptest.CirceDefinitions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if definitions == nil {
		t.Skip("SKIP: no shared/data beside the repository, or no xz; set MEDMARKET_SHARED_DATA")
	}
	db := gibleed(t)
	tried, ran, found := 0, 0, 0
	for i, name := range slices.Sorted(maps.Keys(definitions)) {
		if i%10 != 0 && os.Getenv("MEDMARKET_LONG") == "" {
			continue
		}
		tried++
		c, err := circe.Import(definitions[name])
		if err != nil {
			continue // TestCorpus of circe counts these
		}
		b, err := omop.NewBuilder(omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		cohort, err := b.Criterion(c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var patients int
		err = db.QueryRowContext(t.Context(), "WITH "+b.With()+"\nSELECT count(*) FROM "+cohort, b.Args()...).Scan(&patients)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, b.With())
		}
		if ran++; patients > 0 {
			found++
		}
	}
	t.Logf("bench: circe_on_gibleed %d of %d ran, %d found patients", ran, tried, found)
	if ran*1100 < tried*950 {
		t.Errorf("%d of %d definitions ran", ran, tried)
	}
	if found == 0 {
		t.Error("none of them finds a patient")
	}
}

// gibleed is the shared folder, imported, as the schema omop.
func gibleed(t *testing.T) *sql.DB {
	t.Helper()
	_, file := load(t, filepath.Join(omoptest.SharedData(), "gibleed"))
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), "ATTACH '"+file+"' AS omop (READ_ONLY)"); err != nil {
		t.Fatal(err)
	}
	return db
}
