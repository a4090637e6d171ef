package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
)

// server is libpq's words for the superuser of the server that the tests share, each in a database of its own; empty
// where there is no Postgres.
var server string

func TestMain(m *testing.M) {
	connection, stop, err := omoptest.StartPostgres()
	if err != nil && !errors.Is(err, omoptest.ErrNoPostgres) {
		panic(err)
	}
	server = connection
	goleak.VerifyTestMain(m,
		// Started by the init of a dependency of dp/noise; it cannot be stopped.
		goleak.IgnoreAnyFunction("github.com/golang/glog.(*fileSink).flushDaemon"),
		goleak.Cleanup(func(code int) {
			if server != "" {
				if err := stop(); err != nil {
					fmt.Fprintln(os.Stderr, err)
					code = 1
				}
			}
			os.Exit(code)
		}))
}

var databases atomic.Int64

// hospital is a database with OMOP tables in schema cdm, as its superuser sees it.
type hospital struct {
	*pgx.Conn
	connection string // of role medmarket, which has the rights that docs/postgres.md grants
}

// newHospital makes a database without records.
func newHospital(t testing.TB) hospital {
	t.Helper()
	if server == "" {
		t.Skip(omoptest.ErrNoPostgres)
	}
	name := fmt.Sprintf("hospital%d", databases.Add(1))
	h := hospital{connection: strings.ReplaceAll(server, "user=postgres dbname=postgres", "user=medmarket dbname="+name)}
	super := dial(t, server)
	exec(t, super, "CREATE DATABASE "+name)
	exec(t, super, "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'medmarket') THEN CREATE ROLE medmarket LOGIN; END IF; END $$")
	h.Conn = dial(t, superuser(h.connection))
	return h
}

func superuser(connection string) string {
	return strings.Replace(connection, "user=medmarket", "user=postgres", 1)
}

func dial(t testing.TB, connection string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), connection)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(t.Context()) })
	return c
}

func exec(t testing.TB, c *pgx.Conn, text string) {
	t.Helper()
	if _, err := c.Exec(t.Context(), text); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}

// load copies a folder into schema cdm and grants what the documentation says.
func (h hospital) load(t testing.TB, folder string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "records.duckdb")
	if _, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder, File: file, Key: []byte("secret")}); err != nil {
		t.Fatal(err)
	}
	if err := omoptest.LoadPostgres(t.Context(), file, superuser(h.connection), "cdm", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	h.grant(t)
}

// grant runs the statements of docs/postgres.md.
func (h hospital) grant(t testing.TB) {
	t.Helper()
	statements, err := omoptest.Grants("../../../docs/postgres.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		s = strings.Replace(s, "CREATE SCHEMA medmarket", "CREATE SCHEMA IF NOT EXISTS medmarket", 1) // granted again
		if !strings.HasPrefix(s, "CREATE ROLE") {                                                     // there is one of all tests
			exec(t, h.Conn, s)
		}
	}
}

func (h hospital) config() postgres.Config {
	return postgres.Config{Connection: h.connection, Log: slog.New(slog.DiscardHandler)}
}

var key = bytes.Repeat([]byte{7}, 32)

func (h hospital) prepare(t testing.TB) postgres.Report {
	t.Helper()
	r, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (h hospital) open(t testing.TB) *postgres.Engine {
	t.Helper()
	e, err := postgres.Open(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}
