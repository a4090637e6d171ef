package store_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/store"
)

// server starts the server that the tests share, at the first that needs it.
var server = sync.OnceValues(func() (string, error) {
	connection, stop, err := omoptest.StartPostgresInMemory("max_connections=40", "full_page_writes=off") // and fsync, without which no store opens
	stopServer = func() error { return nil }
	if err == nil {
		stopServer = stop
	}
	return connection, err
})

// stopServer stops it, if it was started.
var stopServer = func() error { return nil }

// needPostgres skips a test, loudly, where there is none.
func needPostgres(t testing.TB) {
	t.Helper()
	_, err := server()
	if errors.Is(err, omoptest.ErrNoPostgres) {
		t.Skip(omoptest.ErrNoPostgres)
	}
	must(t, err)
}

// databases are those that tests have had, and their number.
var databases struct {
	sync.Mutex
	made int
	free []string
}

// newDatabase returns libpq's words for an empty database of the test's own.
func newDatabase(t testing.TB) string {
	t.Helper()
	needPostgres(t)
	databases.Lock()
	defer databases.Unlock()
	if len(databases.free) == 0 {
		databases.made++
		name := fmt.Sprintf("store%d", databases.made)
		connection, err := server()
		must(t, err)
		behind(t, connection, "CREATE DATABASE "+name)
		databases.free = append(databases.free, strings.Replace(connection, "dbname=postgres", "dbname="+name, 1))
	}
	last := len(databases.free) - 1
	where := databases.free[last]
	databases.free = databases.free[:last]
	t.Cleanup(func() {
		behind(t, where, "DROP SCHEMA IF EXISTS medmarket_provider, medmarket_market CASCADE")
		databases.Lock()
		defer databases.Unlock()
		databases.free = append(databases.free, where)
	})
	return where
}

// behind runs statements behind the store's back.
func behind(t testing.TB, connection string, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, connection)
	must(t, err)
	for _, s := range statements {
		if _, err := c.Exec(ctx, s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	must(t, c.Close(ctx))
}

// What a program may not open in Postgres, it leaves as it was.
func TestPostgresRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		before []string
		opened bool // before that, by us
		want   error
	}{
		"another application's schema":             {[]string{"CREATE SCHEMA medmarket_provider", "CREATE TABLE medmarket_provider.theirs (a INTEGER)"}, false, store.ErrForeignFile},
		"everybody may use it":                     {[]string{"GRANT USAGE ON SCHEMA medmarket_provider TO PUBLIC"}, true, store.ErrExposed},
		"a newer schema":                           {[]string{"INSERT INTO medmarket_provider.goose_db_version (version_id, is_applied) VALUES (99, TRUE)"}, true, store.ErrNewerFile},
		"a schema that was changed in place since": {[]string{"UPDATE medmarket_provider.store SET digest = 7"}, true, store.ErrOtherSchema},
		"a server that keeps nothing":              {nil, true, store.ErrVolatile},
	} {
		t.Run(name, func(t *testing.T) {
			where := newDatabase(t)
			if c.opened {
				closeStore(t, openProvider(t, where))
			}
			behind(t, where, c.before...)
			if errors.Is(c.want, store.ErrVolatile) {
				setFsync(t, where, "off")
				defer setFsync(t, where, "on")
				if err := store.Try(t.Context(), where); !errors.Is(err, c.want) {
					t.Errorf("tried: %v, want %v", err, c.want)
				}
			}
			p, err := store.OpenProvider(t.Context(), config(where))
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err == nil {
				closeStore(t, p)
			}
		})
	}
	cfg := config("host=db.example.org user=secret password=pw sslmode=prefer")
	if _, err := store.OpenProvider(t.Context(), cfg); !errors.Is(err, store.ErrPlain) {
		t.Errorf("an open line to another machine: %v", err)
	}
	cfg.Postgres = "host=db.example.org password=pw sslmode=nonsense"
	if _, err := store.OpenMarket(t.Context(), cfg); err == nil || strings.Contains(err.Error(), "pw") {
		t.Errorf("nonsense: %v", err)
	}
	cfg.File = "both.db"
	if _, err := store.OpenMarket(t.Context(), cfg); err == nil {
		t.Error("opened in two places")
	}
}

// setFsync has new sessions see it when it returns.
func setFsync(t *testing.T, where, to string) {
	t.Helper()
	behind(t, where, "ALTER SYSTEM SET fsync = "+to, "SELECT pg_reload_conf()")
	for is := ""; is != to && t.Context().Err() == nil; {
		c, err := pgx.Connect(t.Context(), where)
		must(t, err)
		must(t, c.QueryRow(t.Context(), "SHOW fsync").Scan(&is))
		must(t, c.Close(t.Context()))
	}
}

// One process at a time has a store open. What it was doing when its connection ended is over before another one writes; and what others
// wrote meanwhile, it reads anew before it goes on.
func TestG5OneWriter(t *testing.T) {
	where := newDatabase(t)
	p := openProvider(t, where)
	enrol(t, p, 3)
	setPolicy(t, p)
	record(t, p, preferences(0, 1, 1, "first"))
	publish(t, p)
	waitsForTheOther(t, where)
	const end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'medmarket' AND datname = current_database()"
	behind(t, where, end)
	other := openProvider(t, where)
	record(t, other, preferences(1, 1, 1, "second"))
	publish(t, other)
	closeStore(t, other)

	record(t, p, preferences(2, 1, 1, "third"))
	size := publish(t, p)
	_, root, err := p.LogRoot(t.Context())
	must(t, err)
	for patient := range int64(3) {
		proof, err := p.Consent(t.Context(), patient, size)
		must(t, err)
		proof.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, proof.Provider), Index: size - 1, Size: size, Root: root}
		proof.Inclusion.Path, _, err = p.Inclusion(t.Context(), size, size-1)
		must(t, err)
		if err := proof.Check(); err != nil || proof.Present.Entry.Revision != 1 {
			t.Errorf("patient %d: %v", patient, err)
		}
	}
	p.Elsewhere()
	behind(t, where, end)
	if _, err := p.Publish(t.Context(), 1); !errors.Is(err, store.ErrReplaced) {
		t.Errorf("wrote to another server: %v", err)
	}
}

// waitsForTheOther opens a store that is open, and gives up when it is seen to wait.
func waitsForTheOther(t *testing.T, where string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), where)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	opened := make(chan error, 1)
	go func() {
		p, err := store.OpenProvider(ctx, config(where))
		if err == nil {
			err = errors.Join(errors.New("it was opened"), p.Close())
		}
		opened <- err
	}()
	for waits := false; !waits && len(opened) == 0; {
		must(t, c.QueryRow(t.Context(), "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)").Scan(&waits))
	}
	cancel()
	if err := <-opened; !errors.Is(err, context.Canceled) {
		t.Errorf("a second process: %v", err)
	}
	must(t, c.Close(t.Context()))
}

// A second process waits for the first for some seconds, and is refused.
func TestPostgresInUse(t *testing.T) {
	if !long() {
		t.Skip("SKIP: it waits for ten seconds; MEDMARKET_LONG=1 runs it")
	}
	where := newDatabase(t)
	openProvider(t, where)
	if _, err := store.OpenProvider(t.Context(), config(where)); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
}

// TestG5BroughtBackFromADump: a store that was brought back by pg_restore, to another database or in place of itself, says that it is a copy
// until it was held against the chain, and what was spent counts on.
func TestG5BroughtBackFromADump(t *testing.T) {
	if _, err := exec.LookPath("pg_dump"); err != nil {
		t.Skip("SKIP: no pg_dump on this machine")
	}
	where := newDatabase(t)
	p := openProvider(t, where)
	setPolicy(t, p)
	charge := func(p *store.Provider, request string, cost int64) {
		t.Helper()
		_, err := p.Charge(t.Context(), ledger.HashBytes([]byte(request)), decideCrash)
		must(t, err)
		e, err := p.Extent(t.Context())
		must(t, err)
		if e.Copied || e.Used.NanoRho != cost {
			t.Errorf("after %s: %+v, want %d", request, e, cost)
		}
	}
	charge(p, "one", 3)
	dump := filepath.Join(t.TempDir(), "dump")
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("pg_dump", "--format=custom", "--file="+dump, "--dbname="+where) // while it is in use
	charge(p, "two", 6)
	closeStore(t, p)
	p = openProvider(t, where)
	charge(p, "three", 9) // it never was away
	closeStore(t, p)

	other := newDatabase(t)
	run("pg_restore", "--exit-on-error", "--dbname="+other, dump)
	run("pg_restore", "--exit-on-error", "--clean", "--dbname="+where, dump)
	for _, brought := range []string{other, where} {
		p := openProvider(t, brought)
		e, err := p.Extent(t.Context())
		must(t, err)
		if !e.Copied || e.Used.NanoRho != 3 {
			t.Errorf("brought back it is %+v", e)
		}
		missing, err := p.Restore(t.Context(), ledger.Allowance{NanoRho: 20, Delta: 10, Size: 640}, 3000)
		if err != nil || missing != (accountant.Cost{NanoRho: 17, Delta: 9}) {
			t.Errorf("missing %+v, %v", missing, err)
		}
		charge(p, "four", 23)
	}
}

func TestRebind(t *testing.T) {
	for from, want := range map[string]string{
		"SELECT 1":                   "SELECT 1",
		"VALUES (?, ?)":              "VALUES ($1, $2)",
		"a = ?2 AND b = ?1 OR c = ?": "a = $2 AND b = $1 OR c = $3",
		"?12?":                       "$12$13",
	} {
		if got := store.Rebind(from); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}
