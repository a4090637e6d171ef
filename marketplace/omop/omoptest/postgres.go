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
	if !HasPostgres() {
		return "", nil, ErrNoPostgres
	}
	if len(settings) == 0 {
		settings = []string{"fsync=off", "max_connections=10"}
	}
	return started(in, settings, func(dir, data string) error {
		return inDir(dir, "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
	})
}

// StartStandby starts a server that follows another, whose superuser's words are given, until it is promoted. The other must be
// one that a standby can follow (fsync, and max_connections as here).
func StartStandby(of string, settings ...string) (connection string, promote, stop func() error, err error) {
	if !HasPostgres() || program("pg_basebackup") == "" {
		return "", nil, nil, ErrNoPostgres
	}
	connection, stop, err = started("", settings, func(dir, data string) error {
		return inDir(dir, "pg_basebackup", "-D", data, "-d", of, "-R", "-c", "fast", "--no-sync")
	})
	dir, _, _ := strings.Cut(strings.TrimPrefix(connection, "host="), " ")
	return connection, func() error { return inDir(dir, "pg_ctl", "-D", filepath.Join(dir, "data"), "-w", "promote") }, stop, err
}

// started starts a server whose files make makes.
func started(in string, settings []string, make func(dir, data string) error) (connection string, stop func() error, err error) {
	dir, err := os.MkdirTemp(in, "pg-*") // short: the name of a socket is bounded
	if err != nil {
		return "", nil, err
	}
	data := filepath.Join(dir, "data")
	options := "-k " + dir + " -c listen_addresses=''"
	for _, s := range settings {
		options += " -c " + s
	}
	if os.Geteuid() == 0 {
		err = os.Chown(dir, nobody, nobody)
	}
	if err == nil {
		err = make(dir, data)
	}
	if err == nil {
		err = inDir(dir, "pg_ctl", "-D", data, "-w", "-l", filepath.Join(dir, "log"), "-o", options, "start")
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return "host=" + dir + " user=postgres dbname=postgres", func() error {
		return errors.Join(inDir(dir, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"), os.RemoveAll(dir))
	}, nil
}

// inDir runs one of Postgres's programs.
func inDir(dir, name string, args ...string) error {
	cmd := exec.Command(program(name), args...) //nolint:gosec // G204: one of Postgres's
	cmd.Dir = dir
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
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
