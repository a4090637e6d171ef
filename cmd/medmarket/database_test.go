package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

type databaseKey struct{}

// database is a hospital's own Postgres, with a DuckDB file's records in schema cdm and the rights that docs/postgres.md grants.
type database struct {
	super, role string // connection strings of its administrator and of role medmarket
	stop        func() error
}

func startDatabase(ctx context.Context, records, dir string) (d database, err error) {
	if d.super, d.stop, err = omoptest.StartPostgres("max_connections=40"); err != nil {
		return d, err
	}
	d.role = strings.Replace(d.super, "user=postgres", "user=medmarket", 1)
	statements, err := omoptest.Grants("../../docs/postgres.md")
	if err == nil {
		err = omoptest.LoadPostgres(ctx, records, d.super, "cdm", dir)
	}
	for _, s := range statements {
		if err == nil {
			err = omoptest.RunSQL(ctx, d.super, s)
		}
	}
	if err != nil {
		err = errors.Join(err, d.stop())
	}
	return d, err
}

// change runs statements as the administrator, and has them counted at once.
func (d database) change(ctx context.Context, statements ...string) (err error) {
	for _, s := range append(statements, "SELECT pg_stat_force_next_flush()") {
		err = errors.Join(err, omoptest.RunSQL(ctx, d.super, s))
	}
	return err
}

// cmdDatabase starts a database and writes the connection string of role medmarket to a file: database RECORDS FILE.
func cmdDatabase(ts *testscript.TestScript, _ bool, args []string) {
	d, err := startDatabase(context.Background(), ts.MkAbs(args[0]), ts.Getenv("WORK"))
	ts.Check(err)
	ts.Defer(func() { ts.Check(d.stop()) })
	*ts.Value(databaseKey{}).(*database) = d
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(d.role+"\n"), 0o600))
}

// cmdSQL runs statements as the hospital's administrator: sql STATEMENT...
func cmdSQL(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Value(databaseKey{}).(*database).change(context.Background(), args...))
}

// A whole system answers from the hospital's own Postgres, and has its state there too. While its records have changed no question is charged.
func TestG5TownInPostgres(t *testing.T) {
	omoptest.NotUnderRace(t)
	if !omoptest.HasPostgres() {
		t.Skip(omoptest.ErrNoPostgres)
	}
	t.Parallel()
	folder := generated(t, 60)
	file := imported(t, folder)
	d, err := startDatabase(t.Context(), file, t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, d.stop()) })
	connection := filepath.Join(t.TempDir(), "db.conn")
	must(t, os.WriteFile(connection, []byte(d.role), 0o600))
	state := filepath.Join(t.TempDir(), "state.conn")
	must(t, os.WriteFile(state, []byte(d.super), 0o600))
	must(t, (&prepareCommand{Postgres: connection, Schema: "cdm"}).Run(quietEnv(t)))
	w := newTown(t, townConfig{omop: folder, records: recordsName(inPostgres + connection), state: stateName(inPostgres + state), condition: 201826, margin: 2000, asks: 10, block: 1 << 14})
	if groups := w.askOnce(t, 0).GetGroups(); len(groups) == 0 {
		t.Error("an answer without groups")
	}
	if files, err := filepath.Glob(filepath.Join(w.s.cfg.dir, "*.sqlite")); err != nil || len(files) > 0 {
		t.Errorf("state in files: %v, %v", files, err)
	}
	before := w.loss(t, 1)
	must(t, d.change(t.Context(), "UPDATE cdm.person SET year_of_birth = 1950"))
	another, _ := w.order(t, 3000)
	if _, err := w.send(t, another); err == nil || !strings.HasPrefix(explain(err).Error(), "RECORDS_NOT_READY: ") {
		t.Errorf("asked of changed records: %v, want RECORDS_NOT_READY", err)
	}
	if now := w.loss(t, 1); now != before || before == 0 {
		t.Errorf("a patient has lost %d, before the change %d", now, before)
	}
}
