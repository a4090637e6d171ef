package server_test

import (
	"crypto/sha256"
	"database/sql" //nolint:depguard // looks at every table there is, not through our own eyes
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// digest is of all that a refusal must not change: every row of every table of
// the stores, what is on the chain, and what the engine has counted.
func (w *world) digest() map[string]string {
	w.tb.Helper()
	all := map[string]string{
		"chain":  fmt.Sprint(w.chain, w.chain.written()),
		"engine": fmt.Sprint(len(w.Engine.Counted())),
	}
	for _, file := range w.files {
		for table, rows := range w.tables(file) {
			all[file[strings.LastIndex(file, "/")+1:]+": "+table] = rows
		}
	}
	return all
}

// tables returns, for each table of a file, the number of its rows and their hash.
func (w *world) tables(file string) map[string]string {
	w.tb.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file, RawQuery: "mode=ro"}).String())
	ok(w.tb, err)
	defer func() { ok(w.tb, db.Close()) }()
	names := w.rows(db, `SELECT name FROM sqlite_master WHERE type = 'table'`)
	if len(names) < 5 {
		w.tb.Fatalf("%s has only %d tables", file, len(names))
	}
	all := map[string]string{}
	for _, name := range names {
		name = strings.Trim(name, "[]")
		rows := w.rows(db, `SELECT * FROM "`+name+`"`)
		slices.Sort(rows)
		hash := sha256.Sum256([]byte(strings.Join(rows, "\n")))
		all[name] = fmt.Sprint(len(rows), " rows, ", hex.EncodeToString(hash[:8]))
	}
	return all
}

// rows returns the rows of a query, each in words.
func (w *world) rows(db *sql.DB, query string) (all []string) {
	w.tb.Helper()
	rows, err := db.QueryContext(w.tb.Context(), query)
	ok(w.tb, err)
	defer rows.Close() // Err says what went wrong
	columns, err := rows.Columns()
	ok(w.tb, err)
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		ok(w.tb, rows.Scan(into...))
		all = append(all, fmt.Sprint(values))
	}
	ok(w.tb, rows.Err())
	return all
}
