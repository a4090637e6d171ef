package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// ImportConfig says what to load, and where to.
type ImportConfig struct {
	// From is required: a folder with one file a table, named table.parquet,
	// .csv or .csv.gz in any case. Only person must be there.
	From string
	// File is required: what to write. A file that is there is replaced.
	File string
	// Key makes Dataset.Version an HMAC: 32 secret bytes, to be kept. The default, for records that cdm_source calls
	// synthetic only, is a plain hash. With that anyone who can guess the whole folder can confirm the guess, a single
	// patient's presence included; and which cells every patient counts in, which is drawn from the version, would be a public
	// function of everybody's records instead of as good as random.
	Key []byte
	// Progress is called with the name of each table before it is read.
	Progress func(table string)
	Limits
}

// Import loads a folder of OMOP tables (CDM 5.3 or 5.4) into a file for Open. Of the tables it
// knows it keeps the columns that plans read or will read. A *omop.NotOMOPError says
// what the folder lacks. File changes only if all went well.
func Import(ctx context.Context, c ImportConfig) (Report, error) {
	if c.From == "" || c.File == "" {
		return Report{}, errors.New("duckdb: From and File are required")
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	report, err := load(ctx, c)
	if err != nil {
		return Report{}, fmt.Errorf("import %s: %w", c.From, err)
	}
	return report, nil
}

func load(ctx context.Context, c ImportConfig) (r Report, err error) {
	found, ignored, err := findTables(c.From, "person", func(name string) bool {
		return slices.ContainsFunc(tables, func(t table) bool { return t.name == name })
	})
	if err != nil {
		return r, err
	}
	hash, err := version(found, c.Key)
	if err != nil {
		return r, err
	}
	db, err := newSession(ctx, c.File, c.Limits)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, opaque(ctx, "close", db.close())) }()
	draft := filepath.Join(db.spill, "draft.duckdb") // removed with the session, unless renamed
	if err := db.exec(ctx, "make file", "ATTACH "+quote(draft)+" AS omop"); err != nil {
		return r, err
	}
	tableReports, others, err := loadTables(ctx, db, found, c.Progress)
	if err != nil {
		return r, err
	}
	for _, domain := range omop.Ranked() {
		if err := db.exec(ctx, "rank concepts", omop.RanksSQL(omop.DuckDB, domain, hash)); err != nil {
			return r, err
		}
	}
	r = Report{Tables: tableReports, Ignored: append(ignored, others...)}
	slices.Sort(r.Ignored)
	if r.Dataset, err = describe(ctx, db); err != nil {
		return Report{}, err
	}
	r.Version = hash
	if err := r.checkPatients(len(c.Key) > 0); err != nil {
		return Report{}, err
	}
	if err := write(ctx, db, r.Dataset); err != nil {
		return Report{}, err
	}
	for _, text := range []string{"CHECKPOINT omop", "DETACH omop"} {
		if err := db.exec(ctx, "finish file", text); err != nil {
			return Report{}, err
		}
	}
	return r, publish(draft, c.File)
}

// checkPatients counts the patients that were loaded, and refuses what may not become a file.
func (r *Report) checkPatients(keyed bool) error {
	for _, t := range r.Tables {
		if t.Table == "person" {
			r.Patients = t.Loaded
		}
	}
	switch {
	case r.Patients == 0:
		return &omop.NotOMOPError{Table: "person", Why: "has no usable row"}
	case !keyed && !r.Synthetic:
		return ErrKey
	}
	return nil
}

// loadTables loads what was found and makes the other tables empty. others are names of files that are left alone.
func loadTables(ctx context.Context, db *session, found map[string]source, progress func(string)) (reports []TableReport, others []string, err error) {
	for _, t := range tables {
		s, ok := found[t.name]
		if ok {
			progress(t.name)
			report, err := loadTable(ctx, db, t, s)
			var not *omop.NotOMOPError
			switch {
			case err == nil:
				reports = append(reports, report)
				continue
			case !t.mayBeOther || !errors.As(err, &not):
				return nil, nil, err
			}
			others = append(others, filepath.Base(s.path))
		}
		var list []string
		for _, c := range t.columns {
			list = append(list, c.name+" "+c.kind.sqlType())
		}
		if err := db.exec(ctx, "make "+t.name, "CREATE TABLE omop."+t.name+" ("+strings.Join(list, ", ")+")"); err != nil {
			return nil, nil, err
		}
	}
	return reports, others, nil
}

func loadTable(ctx context.Context, db *session, t table, s source) (TableReport, error) {
	relation, err := s.relation(t.name)
	if err != nil {
		return TableReport{}, err
	}
	raws, err := db.describeColumns(ctx, t.name, relation)
	if err != nil {
		return TableReport{}, err
	}
	stage, err := stageSQL(t, relation, raws)
	if err != nil {
		return TableReport{}, err
	}
	if err := db.exec(ctx, "read "+t.name, stage); err != nil {
		return TableReport{}, err
	}
	if err := db.number(ctx, t); err != nil {
		return TableReport{}, err
	}
	report, err := countStaged(ctx, db, t, s)
	if err != nil {
		return TableReport{}, err
	}
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	err = db.exec(ctx, "write "+t.name, fmt.Sprintf("CREATE TABLE omop.%s AS SELECT %s FROM stage WHERE reason IS NULL ORDER BY %s",
		t.name, strings.Join(names, ", "), t.order))
	if err != nil {
		return TableReport{}, err
	}
	return report, db.exec(ctx, "clear stage", "DROP TABLE stage")
}

// numberSQL numbers the rows of each patient that have no number, or one that another row of hers has, by their content and
// below all numbers that mean something: of the rows with one number the first keeps it.
const numberSQL = `CREATE OR REPLACE TEMP TABLE stage AS SELECT * REPLACE (
	CASE WHEN %[1]s > -4611686018427387904 AND row_number() OVER (PARTITION BY person_id, %[1]s ORDER BY %[2]s) = 1 THEN %[1]s
	ELSE -4611686018427387904 - row_number() OVER (PARTITION BY person_id ORDER BY %[2]s) END AS %[1]s) FROM stage WHERE reason IS NULL
	UNION ALL SELECT * FROM stage WHERE reason IS NOT NULL`

// number makes the numbers of what was staged such that no two rows of a patient have the same: questions tell her records
// apart by them. Seldom is there something to do.
func (s *session) number(ctx context.Context, t table) error {
	if t.id == "" {
		return nil
	}
	var unique bool
	err := s.scanRow(ctx, "look at numbers of "+t.name, fmt.Sprintf(
		"SELECT count(*) = count(DISTINCT %[1]s) AND COALESCE(min(%[1]s) > -4611686018427387904, true) FROM stage WHERE reason IS NULL", t.id), &unique)
	if err != nil || unique {
		return err
	}
	var order []string
	for _, c := range t.columns {
		order = append(order, c.name)
	}
	return s.exec(ctx, "number rows of "+t.name, fmt.Sprintf(numberSQL, t.id, strings.Join(order, ", ")))
}

// describeColumns lists the columns of a file.
func (s *session) describeColumns(ctx context.Context, table, relation string) (raws []raw, err error) {
	op := "read columns of " + table
	err = s.each(ctx, op, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM "+relation+")", nil, func(rows *sql.Rows) error {
		var r raw
		err := rows.Scan(&r.name, &r.sqlType)
		raws = append(raws, r)
		return opaque(ctx, op, err)
	})
	return raws, err
}

// countStaged counts what was staged.
func countStaged(ctx context.Context, db *session, t table, s source) (TableReport, error) {
	op := "count " + t.name
	r := TableReport{Table: t.name, Reasons: make(map[Reason]int64), Emptied: make(map[string]int64)}
	err := db.each(ctx, op, "SELECT COALESCE(reason, ''), count(*) FROM stage GROUP BY 1", nil, func(rows *sql.Rows) error {
		var reason Reason
		var n int64
		if err := rows.Scan(&reason, &n); err != nil {
			return opaque(ctx, op, err)
		}
		if reason == "" {
			r.Loaded = n
		} else {
			r.Reasons[reason] = n
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	if s.csv {
		n, err := db.malformed(ctx)
		if err != nil {
			return r, err
		}
		if n > 0 {
			r.Reasons[Malformed] = n
		}
	}
	for _, n := range r.Reasons {
		r.Rejected += n
	}
	r.Read = r.Loaded + r.Rejected
	for _, c := range t.columns {
		var n int64
		if err := db.scanRow(ctx, op, "SELECT count(*) FROM stage WHERE reason IS NULL AND emptied_"+c.name, &n); err != nil {
			return r, err
		}
		if n > 0 {
			r.Emptied[c.name] = n
		}
	}
	return r, nil
}

// malformed counts the lines that the last CSV file lost, and forgets them.
func (s *session) malformed(ctx context.Context) (n int64, err error) {
	if err = s.scanRow(ctx, "count rejects", "SELECT count(DISTINCT (file_id, line)) FROM reject_errors", &n); err != nil {
		return 0, err
	}
	for _, t := range []string{"reject_errors", "reject_scans"} {
		if err := s.exec(ctx, "forget rejects", "DROP TABLE "+t); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// publish makes the draft durable under its final name.
func publish(draft, file string) error {
	if err := os.Chmod(draft, 0o600); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := syncPath(draft); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := os.Rename(draft, file); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err := syncPath(filepath.Dir(file)); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
