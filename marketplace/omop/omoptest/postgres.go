package omoptest

import (
	"database/sql"
	"errors"
	"fmt"
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

// ErrNoPostgres: the machine has none.
var ErrNoPostgres = errors.New("SKIP: no Postgres on this machine (initdb and pg_ctl)")

// HasPostgres reports whether the machine has one.
func HasPostgres() bool { return program("initdb") != "" && program("pg_ctl") != "" }

// StartPostgres starts a server, reachable through a socket in a directory of its own, and returns libpq's words
// for its superuser, and what stops it. Settings of its configuration are by default fsync=off and max_connections=10. ErrNoPostgres if
// there is none to start.
func StartPostgres(settings ...string) (connection string, stop func() error, err error) {
	return startPostgres("", settings)
}

// StartPostgresInMemory is StartPostgres of a small server whose files are in memory, if there is room: what it commits waits for no disk.
func StartPostgresInMemory(settings ...string) (connection string, stop func() error, err error) {
	const memory, room = "/dev/shm", 2 << 30
	var there syscall.Statfs_t
	if err := syscall.Statfs(memory, &there); err != nil || there.Bavail*uint64(there.Bsize) < room {
		return startPostgres("", settings)
	}
	return startPostgres(memory, settings)
}

func startPostgres(in string, settings []string) (connection string, stop func() error, err error) {
	initdb, pgctl := program("initdb"), program("pg_ctl")
	if !HasPostgres() {
		return "", nil, ErrNoPostgres
	}
	dir, err := os.MkdirTemp(in, "pg-*") // short: the name of a socket is bounded
	if err != nil {
		return "", nil, err
	}
	run := func(name string, args ...string) error {
		cmd := exec.Command(name, args...) //nolint:gosec // G204: one of the two programs above
		cmd.Dir = dir
		if os.Geteuid() == 0 {
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out)
		}
		return nil
	}
	data := filepath.Join(dir, "data")
	options := "-k " + dir + " -c listen_addresses=''"
	if len(settings) == 0 {
		settings = []string{"fsync=off", "max_connections=10"}
	}
	for _, s := range settings {
		options += " -c " + s
	}
	if os.Geteuid() == 0 {
		err = os.Chown(dir, nobody, nobody)
	}
	if err == nil {
		err = run(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	}
	if err == nil {
		err = run(pgctl, "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start")
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return "host=" + dir + " user=postgres dbname=postgres", func() error {
		return errors.Join(run(pgctl, "-D", data, "-w", "-m", "immediate", "stop"), os.RemoveAll(dir))
	}, nil
}

// Server starts a server of the test's own, for libpq's words, and stops it at the end. Without Postgres on the machine the
// test is skipped.
func Server(t testing.TB) string {
	t.Helper()
	connection, stop, err := StartPostgres()
	if errors.Is(err, ErrNoPostgres) {
		t.Skip(ErrNoPostgres)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return connection
}

// Postgres is a [Server], opened.
func Postgres(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("pgx", Server(t))
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
