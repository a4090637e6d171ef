package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// relation is a table of the hospital's.
type relation struct {
	oid     uint32
	name    string            // quoted, with its schema
	columns map[string]string // types by name
	// writable: the role could write it, which it never does and should not be able to.
	writable bool
}

var findSQL = `SELECT c.oid, CAST(c.relkind AS TEXT), EXISTS (` + fmt.Sprintf(parts, "SELECT c.oid AS relation") + `
    SELECT 1 FROM parts AS p JOIN pg_class AS f ON f.oid = p.part WHERE f.relkind = 'f'), a.attname, CAST(CAST(a.atttypid AS regtype) AS TEXT),
  has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid),
  has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm', 'v', 'f')`

// find looks a table up, or returns nil if there is none.
func (s *session) find(ctx context.Context, schema, table string) (*relation, error) {
	var r *relation
	var why string
	err := s.each(ctx, "look for "+table, findSQL, []any{schema, table}, func(scan func(...any) error) (bool, error) {
		if r == nil {
			r = &relation{name: pgx.Identifier{schema, table}.Sanitize(), columns: map[string]string{}}
		}
		var kind, column, of string
		var foreign, readable, hidden bool
		if err := scan(&r.oid, &kind, &foreign, &column, &of, &readable, &hidden, &r.writable); err != nil {
			return false, err
		}
		r.columns[column] = of
		switch {
		case kind == "v" || foreign:
			why = "is a view or a foreign table, or has one for a part: nobody could tell that what it shows has changed"
		case !readable:
			why = "may not be read by this role"
		case hidden:
			why = "hides rows from this role by row security"
		}
		return true, nil
	})
	if err == nil && why != "" {
		err = &omop.NotOMOPError{Table: table, Why: why}
	}
	return r, err
}

// types are those that a column of each kind may have, and how it is shown.
var types = map[omop.Kind]map[string]string{
	omop.Whole: {"smallint": "%s", "integer": "%s", "bigint": "%s"},
	omop.Real: {
		"numeric": "%s", "smallint": "CAST(%s AS NUMERIC)", "integer": "CAST(%s AS NUMERIC)", "bigint": "CAST(%s AS NUMERIC)",
		// By way of text, as nothing else keeps all of a double.
		"double precision": "CAST(CAST(%s AS TEXT) AS NUMERIC)", "real": "CAST(CAST(%s AS TEXT) AS NUMERIC)",
	},
	omop.Day: {"date": "%s", "timestamp without time zone": "CAST(%s AS DATE)", "timestamp with time zone": "CAST(%s AS DATE)"},
	omop.Text: {
		"text": "CAST(%s AS TEXT)", "character varying": "CAST(%s AS TEXT)", "character": "CAST(%s AS TEXT)",
		"smallint": "CAST(%s AS TEXT)", "integer": "CAST(%s AS TEXT)", "bigint": "CAST(%s AS TEXT)",
	},
}

// nulls are of the types of the CDM's own columns.
var nulls = map[omop.Kind]string{omop.Whole: "BIGINT", omop.Real: "NUMERIC", omop.Day: "DATE", omop.Text: "TEXT"}

// viewSQL shows a table, or an empty one in place of what is not there. Every expression in it is total.
func viewSQL(t omop.Table, r *relation) (string, error) {
	var list, keep []string
	for _, c := range t.Columns {
		expr := "CAST(NULL AS " + nulls[c.Kind] + ")"
		if r != nil {
			of, ok := r.columns[c.Name]
			format, usable := types[c.Kind][of]
			switch {
			case ok && usable:
				expr = fmt.Sprintf(format, "r."+c.Name)
			case ok:
				return "", &omop.NotOMOPError{Table: t.Name, Column: c.Name, Why: "has type " + of}
			case c.Required:
				return "", &omop.NotOMOPError{Table: t.Name, Column: c.Name, Why: "is missing"}
			}
		}
		if c.Kind == omop.Text {
			expr += ` COLLATE "C"`
		}
		list = append(list, expr+" AS "+c.Name)
		if c.Required {
			keep = append(keep, "r."+c.Name+" IS NOT NULL")
		}
	}
	text := "CREATE VIEW medmarket." + t.Name + " AS SELECT " + strings.Join(list, ", ")
	switch {
	case r == nil:
		return text + " WHERE FALSE", nil
	case len(keep) > 0:
		return text + " FROM " + r.name + " AS r WHERE " + strings.Join(keep, " AND "), nil
	default:
		return text + " FROM " + r.name + " AS r", nil
	}
}

// digestSQL tells a table's rows apart from other rows, whatever their order.
func digestSQL(t omop.Table, seed int64) string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = "r." + c.Name
	}
	return fmt.Sprintf("SELECT count(*), CAST(COALESCE(sum(hash_record_extended(ROW(%s), %d)), 0) AS TEXT) FROM medmarket.%s AS r",
		strings.Join(names, ", "), seed, t.Name)
}

// parts are those of a list of tables: themselves, and all that inherits from them or is a partition of them.
const parts = `WITH RECURSIVE parts AS (
  SELECT s.relation AS source, s.relation AS part FROM (%s) AS s
  UNION SELECT a.source, i.inhrelid FROM parts AS a JOIN pg_inherits AS i ON i.inhparent = a.part
)`

// partsSQL are the parts of medmarket.source.
var partsSQL = fmt.Sprintf(parts, "SELECT relation FROM medmarket.source")

// markSQL is something that changes when a table of medmarket.source is written, emptied, rewritten, dropped, divided
// otherwise or hidden: storage and size, Postgres's counters of rows, of its parts too, and when those were last set to
// zero, which a crash of the server does, or pg_stat_reset.
var markSQL = partsSQL + ` SELECT md5(concat(
  EXTRACT(EPOCH FROM pg_stat_get_bgwriter_stat_reset_time()), ';',
  EXTRACT(EPOCH FROM (SELECT pg_stat_get_db_stat_reset_time(d.oid) FROM pg_database AS d WHERE d.datname = current_database())), ';',
  string_agg(CAST(ROW(p.source, p.part, row_security_active(p.part), pg_relation_filenode(p.part), pg_relation_size(p.part),
    pg_stat_get_tuples_inserted(p.part), pg_stat_get_tuples_updated(p.part), pg_stat_get_tuples_deleted(p.part)) AS TEXT), ',' ORDER BY p.source, p.part)))
FROM parts AS p`

// writtenSQL tells whether another session, or a prepared transaction, holds a lock on a part under which rows are written:
// what it has written already may be counted at its end only. VACUUM, ANALYZE and CREATE INDEX take others.
var writtenSQL = partsSQL + ` SELECT EXISTS (
  SELECT 1 FROM parts AS p JOIN pg_locks AS l ON l.relation = p.part JOIN pg_database AS d ON d.oid = l.database
  WHERE d.datname = current_database() AND l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
    AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))`

// ours are the tables of ours, besides views and ranks.
var ours = []string{
	// Of what the records were when they were prepared: one row.
	"prepared (format BIGINT NOT NULL, version TEXT NOT NULL, synthetic BOOLEAN NOT NULL, reference_year BIGINT NOT NULL, mark TEXT NOT NULL)",
	"source (relation oid NOT NULL)",
	// Empty after a crash of the server, and so is stamp.
	"seat (person_id BIGINT NOT NULL, word BIGINT NOT NULL, mask BIGINT NOT NULL)",
	`patient (person_id BIGINT PRIMARY KEY, gender_concept_id BIGINT, race_concept_id BIGINT, ethnicity_concept_id BIGINT, year_of_birth BIGINT,
	word BIGINT NOT NULL, mask BIGINT NOT NULL)`,
	"stamp (holder TEXT NOT NULL)", // of patient: one row
}

// lasting are those of ours that outlive a crash.
var lasting = []string{"prepared", "source"}

func (s *session) makeTables(ctx context.Context) error {
	for _, text := range ours {
		name, _, _ := strings.Cut(text, " ")
		kind := "UNLOGGED TABLE"
		if slices.Contains(lasting, name) {
			kind = "TABLE"
		}
		if err := s.exec(ctx, "make "+name, "DROP TABLE IF EXISTS medmarket."+name); err != nil {
			return err
		}
		if err := s.exec(ctx, "make "+name, "CREATE "+kind+" medmarket."+text); err != nil {
			return err
		}
	}
	return nil
}
