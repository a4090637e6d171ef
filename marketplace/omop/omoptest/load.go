package omoptest

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// LoadPostgres copies the records of a file that duckdb.Import made into a new schema, as tables of the CDM's types but
// with wide numbers. What no question reads stays away, and so do tables without a row.
func LoadPostgres(t testing.TB, file, connection, schema string) {
	t.Helper()
	from, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := pgx.Connect(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close(t.Context())
	exec := func(text string) {
		t.Helper()
		if _, err := to.Exec(t.Context(), text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	exec("CREATE SCHEMA " + schema)
	if _, err := from.ExecContext(t.Context(), "ATTACH '"+file+"' AS omop (READ_ONLY)"); err != nil {
		t.Fatal(err)
	}
	for _, table := range omop.Tables() {
		csv := filepath.Join(t.TempDir(), table.Name)
		var names, typed []string
		for _, c := range table.Columns {
			names = append(names, c.Name)
			typed = append(typed, c.Name+" "+map[omop.Kind]string{omop.Whole: "BIGINT", omop.Real: "NUMERIC", omop.Day: "DATE", omop.Text: "TEXT"}[c.Kind])
		}
		done, err := from.ExecContext(t.Context(), fmt.Sprintf("COPY (SELECT %s FROM omop.%s) TO '%s' (FORMAT csv, HEADER false, NULLSTR '\\N')",
			strings.Join(names, ", "), table.Name, csv))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := done.RowsAffected(); err == nil && n == 0 {
			continue
		}
		exec(fmt.Sprintf("CREATE TABLE %s.%s (%s)", schema, table.Name, strings.Join(typed, ", ")))
		f, err := os.Open(csv)
		if err != nil {
			t.Fatal(err)
		}
		_, err = to.PgConn().CopyFrom(t.Context(), f, fmt.Sprintf("COPY %s.%s FROM STDIN (FORMAT csv, NULL '\\N')", schema, table.Name))
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
	}
	exec("SELECT pg_stat_force_next_flush()") // so that Prepare sees at once that these rows were written
}
