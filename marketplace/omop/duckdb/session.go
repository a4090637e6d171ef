package duckdb

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
)

// Limits bound what the database may use.
type Limits struct {
	Threads     int    // default 2, and 1 for an engine whose tables are too small for two to be quicker
	MemoryLimit string // DuckDB's notation; default "512MB"
}

// session is one connection to a database in memory, to which files are
// attached, and the directory it spills to.
type session struct {
	db    *sql.DB
	conn  *sql.Conn
	spill string // removed by close
}

// newSession spills into a new directory beside the file.
func newSession(ctx context.Context, file string, l Limits) (*session, error) {
	if l.Threads == 0 {
		l.Threads = 2
	}
	if l.MemoryLimit == "" {
		l.MemoryLimit = "512MB"
	}
	if strings.Contains(file, "?") {
		return nil, ErrPath
	}
	spill, err := os.MkdirTemp(filepath.Dir(file), ".medmarket-*") // mode 0700
	if err != nil {
		return nil, fmt.Errorf("making a directory to spill to: %w", err)
	}
	s := &session{spill: spill}
	connector, err := driver.NewConnector("", nil)
	if err != nil {
		return nil, errors.Join(opaque(ctx, "open database", err), s.close())
	}
	s.db = sql.OpenDB(connector)
	if s.conn, err = s.db.Conn(ctx); err != nil {
		return nil, errors.Join(opaque(ctx, "connect", err), s.close())
	}
	for _, set := range []string{
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		fmt.Sprintf("SET max_expression_depth = %d", omop.DuckDBDepth),
		fmt.Sprintf("SET threads = %d", l.Threads),
		"SET memory_limit = " + quote(l.MemoryLimit),
		"SET temp_directory = " + quote(filepath.Join(spill, "spill")),
	} {
		if err := s.exec(ctx, "set limits", set); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// close is safe on a session that was opened in part.
func (s *session) close() error {
	var first error
	if s.conn != nil {
		first = s.conn.Close()
	}
	if s.db != nil {
		if err := s.db.Close(); first == nil {
			first = err
		}
	}
	if err := os.RemoveAll(s.spill); first == nil {
		first = err
	}
	return first
}

func (s *session) exec(ctx context.Context, op, text string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, text, args...)
	return opaque(ctx, op, err)
}

// scanRow reads the only row of a query.
func (s *session) scanRow(ctx context.Context, op, text string, dest ...any) error {
	return opaque(ctx, op, s.conn.QueryRowContext(ctx, text).Scan(dest...))
}

// appendRows fills a table of the database in memory.
func (s *session) appendRows(ctx context.Context, schema, table string, n int, row func(i int) []sqldriver.Value) error {
	err := s.conn.Raw(func(c any) error {
		a, err := driver.NewAppenderFromConn(c.(sqldriver.Conn), schema, table)
		if err != nil {
			return err
		}
		for i := range n {
			if err := a.AppendRow(row(i)...); err != nil {
				return errors.Join(err, a.Close())
			}
		}
		return a.Close()
	})
	return opaque(ctx, "fill "+table, err)
}

// quote makes a string literal.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// each runs a query and hands over its rows, until one gives an error, which stays as it is.
func (s *session) each(ctx context.Context, op, text string, args []any, row func(*sql.Rows) error) error {
	rows, err := s.conn.QueryContext(ctx, text, args...)
	if err != nil {
		return opaque(ctx, op, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return opaque(ctx, op, rows.Err())
}

// exact reads the result of a plan's statement.
func (s *session) exact(ctx context.Context, p dp.Plan, text string) (dp.Exact, error) {
	result := omop.NewResult(p)
	err := s.each(ctx, "count", text, nil, func(rows *sql.Rows) error { return opaque(ctx, "count", result.Row(rows.Scan)) })
	if err != nil {
		return dp.Exact{}, err
	}
	exact, err := result.Exact()
	if err != nil {
		return dp.Exact{}, &omop.EngineError{Op: "count", Code: "shape"}
	}
	return exact, nil
}
