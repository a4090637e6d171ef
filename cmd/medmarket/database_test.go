package main

import (
	"context"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

type databaseKey struct{}

// cmdDatabase starts a hospital's own Postgres, copies a DuckDB file's records into its schema cdm, grants what
// docs/postgres.md says, and writes the connection string of role medmarket to a file: database RECORDS FILE.
func cmdDatabase(ts *testscript.TestScript, _ bool, args []string) {
	connection, stop, err := omoptest.StartPostgres()
	ts.Check(err)
	ts.Defer(func() { ts.Check(stop()) })
	*ts.Value(databaseKey{}).(*string) = connection
	ctx := context.Background()
	ts.Check(omoptest.LoadPostgres(ctx, ts.MkAbs(args[0]), connection, "cdm", ts.Getenv("WORK")))
	statements, err := omoptest.Grants("../../docs/postgres.md")
	ts.Check(err)
	for _, s := range statements {
		ts.Check(omoptest.RunSQL(ctx, connection, s))
	}
	role := strings.Replace(connection, "user=postgres", "user=medmarket", 1)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(role+"\n"), 0o600))
}

// cmdSQL runs statements as the hospital's administrator: sql STATEMENT...
func cmdSQL(ts *testscript.TestScript, _ bool, args []string) {
	for _, s := range append(args, "SELECT pg_stat_force_next_flush()") {
		ts.Check(omoptest.RunSQL(context.Background(), *ts.Value(databaseKey{}).(*string), s))
	}
}
