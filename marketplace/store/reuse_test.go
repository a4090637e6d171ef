package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// keptOf is the statements that the one connection of a database keeps.
func keptOf(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	c, err := db.Conn(t.Context())
	must(t, err)
	must(t, c.Raw(func(c any) error {
		n = len(c.(*keeper).idle)
		return nil
	}))
	must(t, c.Close())
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Statements are kept, not beyond a bound; and what they say is what statements that are made anew would say: within one another, after they
// failed, after they were broken off, and after the tables changed.
func TestStatementsAreKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kept.db")
	must(t, create(file))
	db, err := openFile(source(file, nil))
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	db.SetMaxOpenConns(1)
	run := func(text string, args ...any) {
		t.Helper()
		_, err := db.ExecContext(t.Context(), text, args...)
		must(t, err)
	}
	run(`CREATE TABLE one (n INTEGER PRIMARY KEY)`)
	const add = `INSERT INTO one (n) VALUES (?)`
	for n := range 3 {
		run(add, n)
	}
	if n := keptOf(t, db); n != 2 {
		t.Errorf("%d kept of two texts", n)
	}
	if _, err := db.ExecContext(t.Context(), add, 1); err == nil {
		t.Error("the same key twice")
	}
	run(add, 3)

	const from = `SELECT n FROM one WHERE n >= ? ORDER BY n`
	within := func(after int) (seen string) {
		tx, err := db.BeginTx(t.Context(), nil)
		must(t, err)
		defer func() { must(t, tx.Rollback()) }()
		outer, err := tx.QueryContext(t.Context(), from, after)
		must(t, err)
		defer func() { must(t, outer.Close()) }()
		for outer.Next() {
			var n, next int
			must(t, outer.Scan(&n))
			err := tx.QueryRowContext(t.Context(), from, n+1).Scan(&next) // breaks off after a row
			seen += fmt.Sprint(n, next, err != nil, " ")
		}
		must(t, outer.Err())
		return seen
	}
	if a, b := within(1), within(1); a != b || a != "1 2 false 2 3 false 3 0 true " {
		t.Errorf("one within another: %q, then %q", a, b)
	}
	run(`ALTER TABLE one ADD COLUMN more INTEGER DEFAULT 7`)
	if got := within(3); got != "3 0 true " {
		t.Errorf("after the table has changed: %q", got)
	}
	run(`DROP TABLE one`)
	if _, err := db.QueryContext(t.Context(), from, 0); err == nil { //nolint:sqlclosecheck,rowserrcheck // there are none
		t.Error("of a table that is gone")
	}
	for n := range 2 * maxIdle {
		run(fmt.Sprintf(`SELECT %d`, n))
	}
	if n := keptOf(t, db); n == 0 || n > maxIdle {
		t.Errorf("%d kept, %d at most", n, maxIdle)
	}
}
