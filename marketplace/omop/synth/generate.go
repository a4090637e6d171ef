package synth

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// MaxPatients bounds Config.Patients.
const MaxPatients = 10_000_000

// memoryLimit is for rows that are not yet written, in DuckDB's notation.
const memoryLimit = "768MB"

// ErrConfig: a field of Config cannot be used.
var ErrConfig = errors.New("unusable configuration")

// Config says what to make up.
type Config struct {
	Patients int    // required: 1 to MaxPatients
	Seed     uint64 // any
	Dir      string // required; made if it is not there. Files of the same names are replaced
	// Progress is called now and then with the number of patients done.
	Progress func(done, total int)
}

// Summary counts the rows that were written.
type Summary struct {
	Patients, Visits, Conditions, Drugs, Measurements int64
	ReferenceYear                                     int // the year of cdm_source's release
}

// Generate writes one Parquet file for each table into Dir. On an error, Dir is as it was,
// unless the error came from moving the finished files there.
func Generate(ctx context.Context, c Config) (Summary, error) {
	switch {
	case c.Patients < 1 || c.Patients > MaxPatients:
		return Summary{}, fmt.Errorf("synth: Patients: %w", ErrConfig)
	case c.Dir == "":
		return Summary{}, fmt.Errorf("synth: Dir: %w", ErrConfig)
	}
	if c.Progress == nil {
		c.Progress = func(int, int) {}
	}
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return Summary{}, fmt.Errorf("synth: %w", err)
	}
	draft, err := os.MkdirTemp(c.Dir, ".synth-*")
	if err != nil {
		return Summary{}, fmt.Errorf("synth: %w", err)
	}
	defer os.RemoveAll(draft)
	s, err := generate(ctx, c, draft)
	if err != nil {
		return Summary{}, fmt.Errorf("synth: %w", err)
	}
	for _, t := range cdmTables {
		file := t.name + ".parquet"
		if err := os.Rename(filepath.Join(draft, file), filepath.Join(c.Dir, file)); err != nil {
			return Summary{}, fmt.Errorf("synth: %w", err)
		}
	}
	return s, nil
}

// generate fills tables in memory and writes them from one thread, in the order of the
// patients: both are needed for the same bytes.
func generate(ctx context.Context, c Config, draft string) (s Summary, err error) {
	connector, err := duckdb.NewConnector("?threads=1", nil)
	if err != nil {
		return s, fmt.Errorf("opening a database: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return s, fmt.Errorf("opening a database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	setup := []string{
		"SET autoinstall_known_extensions = false",
		"SET memory_limit = '" + memoryLimit + "'",
		"SET temp_directory = " + quote(filepath.Join(draft, "spill")),
	}
	for _, t := range cdmTables {
		filled, _ := t.sql()
		setup = append(setup, "CREATE TABLE "+t.name+" ("+filled+")")
	}
	for _, text := range setup {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return s, fmt.Errorf("preparing tables: %w", err)
		}
	}
	if s, err = fill(ctx, conn, c); err != nil {
		return Summary{}, err
	}
	for _, t := range cdmTables {
		_, all := t.sql()
		_, err := conn.ExecContext(ctx, fmt.Sprintf("COPY (SELECT %s FROM %s) TO %s (FORMAT parquet, COMPRESSION zstd)",
			all, t.name, quote(filepath.Join(draft, t.name+".parquet"))))
		if err != nil {
			return Summary{}, fmt.Errorf("writing %s: %w", t.name, err)
		}
	}
	return s, nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
