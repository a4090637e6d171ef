package omoptest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver
	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// LoadPostgres copies the records of a file that duckdb.Import made into a new schema, as tables of the CDM's types but
// with wide numbers. What no question reads stays away, and so do tables without a row. dir is for files in between.
func LoadPostgres(ctx context.Context, file, connection, schema, dir string) error {
	from, err := sql.Open("duckdb", "")
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := pgx.Connect(ctx, connection)
	if err != nil {
		return err
	}
	defer to.Close(ctx)
	if _, err := to.Exec(ctx, "CREATE SCHEMA "+schema); err != nil {
		return err
	}
	if _, err := from.ExecContext(ctx, "ATTACH '"+file+"' AS omop (READ_ONLY)"); err != nil {
		return err
	}
	for _, table := range omop.Tables() {
		if err := loadTable(ctx, from, to, table, schema, filepath.Join(dir, table.Name+".csv")); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
	}
	_, err = to.Exec(ctx, "SELECT pg_stat_force_next_flush()") // so that Prepare sees at once that these rows were written
	return err
}

func loadTable(ctx context.Context, from *sql.DB, to *pgx.Conn, table omop.Table, schema, csv string) (err error) {
	var names, typed []string
	for _, c := range table.Columns {
		names = append(names, c.Name)
		typed = append(typed, c.Name+" "+map[omop.Kind]string{omop.Whole: "BIGINT", omop.Real: "NUMERIC", omop.Day: "DATE", omop.Text: "TEXT"}[c.Kind])
	}
	done, err := from.ExecContext(ctx, fmt.Sprintf("COPY (SELECT %s FROM omop.%s) TO '%s' (FORMAT csv, HEADER false, NULLSTR '\\N')",
		strings.Join(names, ", "), table.Name, csv))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	if _, err := to.Exec(ctx, fmt.Sprintf("CREATE TABLE %s.%s (%s)", schema, table.Name, strings.Join(typed, ", "))); err != nil {
		return err
	}
	f, err := os.Open(csv)
	if err != nil {
		return err
	}
	_, err = to.PgConn().CopyFrom(ctx, f, fmt.Sprintf("COPY %s.%s FROM STDIN (FORMAT csv, NULL '\\N')", schema, table.Name))
	return errors.Join(err, f.Close(), os.Remove(csv))
}

// RunSQL runs one statement on a connection of its own.
func RunSQL(ctx context.Context, connection, statement string) error {
	c, err := pgx.Connect(ctx, connection)
	if err != nil {
		return err
	}
	_, err = c.Exec(ctx, statement)
	return errors.Join(err, c.Close(ctx))
}

// Grants are the statements of docs/postgres.md, one after another, with which the tests make what a hospital is told to
// make. document is its path.
func Grants(document string) ([]string, error) {
	b, err := os.ReadFile(document)
	if err != nil {
		return nil, err
	}
	_, after, found := strings.Cut(string(b), "```sql\n")
	text, _, ended := strings.Cut(after, "```")
	if !found || !ended {
		return nil, errors.New(document + " has no SQL")
	}
	return slices.DeleteFunc(strings.Split(text, ";\n"), func(s string) bool { return strings.TrimSpace(s) == "" }), nil
}
