package omoptest

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver
)

// nobody is whom Postgres runs as if the test runs as root, which Postgres refuses.
const nobody = 65534

// Postgres starts a server of the test's own, reachable through a socket in a directory of its own, and stops it
// at the end. Without Postgres on the machine the test is skipped.
func Postgres(t testing.TB) *sql.DB {
	t.Helper()
	initdb, pgctl := program("initdb"), program("pg_ctl")
	if initdb == "" || pgctl == "" {
		t.Skip("SKIP: no Postgres on this machine (initdb and pg_ctl)")
	}
	dir, err := os.MkdirTemp("", "pg-*") // short: the name of a socket is bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...) //nolint:gosec // G204: one of the two programs above
		cmd.Dir = dir
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(name), err, out)
		}
	}
	data := filepath.Join(dir, "data")
	run(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	options := "-k " + dir + " -c listen_addresses='' -c fsync=off -c max_connections=10"
	run(pgctl, "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start")
	t.Cleanup(func() { run(pgctl, "-D", data, "-w", "-m", "immediate", "stop") })
	db, err := sql.Open("pgx", "host="+dir+" user=postgres dbname=postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// program is where one of Postgres's is, on the path or where Debian puts it; empty if nowhere.
func program(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		return ""
	}
	return strings.TrimSpace(found[len(found)-1])
}
