package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
)

// row is a [*sql.Row], or a [*sql.Rows] at one of its rows.
type row interface{ Scan(dest ...any) error }

// collect reads all rows of a query.
func collect[T any](ctx context.Context, tx *sql.Tx, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return drain(rows, scan)
}

// drain reads all rows there are, and closes them.
func drain[T any](rows *sql.Rows, scan func(row) (T, error)) (all []T, err error) {
	err = over(rows, func(r row) error {
		v, err := scan(r)
		if err == nil {
			all = append(all, v)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// each calls see at each row of a query. An error of see ends it.
func each(ctx context.Context, tx *sql.Tx, see func(row) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	return over(rows, see)
}

// over is each of the rows there are, and closes them.
func over(rows *sql.Rows, see func(row) error) error {
	defer rows.Close() // Err says what went wrong
	for rows.Next() {
		if err := see(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// absent turns "no row" into no error.
func absent(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// changed returns none unless the statement changed a row.
func changed(r sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n == 0 {
		return none
	}
	return err
}

// clamp brings a size or index into the database's integers; no log is that large.
func clamp(v uint64) int64 { return int64(min(v, math.MaxInt64)) }

// fixed scans a BLOB of exactly the length of the slice into it.
type fixed []byte

// Scan implements sql.Scanner.
func (f fixed) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(f) {
		return fmt.Errorf("a column of %d bytes holds a %T of another length", len(f), v)
	}
	copy(f, b)
	return nil
}

// ifAny scans a BLOB as fixed does, and leaves the slice as it is for NULL.
type ifAny []byte

// Scan implements sql.Scanner.
func (f ifAny) Scan(v any) error {
	if v == nil {
		return nil
	}
	return fixed(f).Scan(v)
}

// tuples are so many rows of values, of an INSERT or, one of them, of an IN: (?, ?), (?, ?), ...
func tuples(rows, columns int) string {
	row := "(?" + strings.Repeat(", ?", columns-1) + ")"
	return row + strings.Repeat(", "+row, rows-1)
}

// bit is a truth value as a column has it.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
