package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/store"
)

// G5: a real failover. The server is killed and its standby promoted, where the process finds it by the same words: it writes nothing more, and
// once it is started anew it says that it is a copy until it was held against the chain; what was charged counts on.
func TestG5Failover(t *testing.T) {
	if !long() {
		t.Skip("SKIP: two servers of its own; MEDMARKET_LONG=1 runs it")
	}
	settings := []string{"max_connections=20", "wal_level=replica"}
	first, kill, err := omoptest.StartPostgres(settings...)
	if errors.Is(err, omoptest.ErrNoPostgres) {
		t.Skip(omoptest.ErrNoPostgres)
	}
	must(t, err)
	alive := true
	t.Cleanup(func() {
		if alive {
			must(t, kill())
		}
	})
	standby, promote, stop, err := omoptest.StartStandby(first, settings...)
	must(t, err)
	t.Cleanup(func() { must(t, stop()) })
	host := func(words string) string { return strings.TrimPrefix(strings.Fields(words)[0], "host=") }
	either := "host=" + host(first) + "," + host(standby) + " target_session_attrs=read-write user=postgres dbname=postgres"

	p := openProvider(t, either)
	setPolicy(t, p)
	charge := func(p *store.Provider, request string) error {
		_, err := p.Charge(t.Context(), ledger.HashBytes([]byte(request)), decideCrash)
		return err
	}
	must(t, charge(p, "one"))
	must(t, charge(p, "two"))
	awaitReplay(t, first)
	must(t, kill())
	alive = false
	must(t, promote())

	deadline := time.Now().Add(time.Minute)
	for err = charge(p, "three"); !errors.Is(err, store.ErrReplaced); err = charge(p, "three") {
		if err == nil {
			t.Fatal("the process went on to charge, at the server that was promoted")
		}
		if time.Now().After(deadline) {
			t.Fatalf("it does not find out: %v", err)
		}
	}
	closeStore(t, p)
	p = openProvider(t, either)
	e, err := p.Extent(t.Context())
	must(t, err)
	if !e.Copied || e.Used.NanoRho != 6 {
		t.Errorf("after the failover it is %+v, want a copy with 6 used", e)
	}
	missing, err := p.Restore(t.Context(), ledger.Allowance{NanoRho: 20, Delta: 10, Size: 640}, 3000)
	if err != nil || missing != (accountant.Cost{NanoRho: 14, Delta: 8}) {
		t.Errorf("missing %+v, %v", missing, err)
	}
	must(t, charge(p, "three"))
	if e, err = p.Extent(t.Context()); err != nil || e.Used.NanoRho != 23 {
		t.Errorf("in the end %+v, %v", e, err)
	}
}

// awaitReplay waits until the standby of a server has all that there is.
func awaitReplay(t *testing.T, of string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, of)
	must(t, err)
	for all := false; !all; {
		must(t, c.QueryRow(ctx, "SELECT coalesce(bool_and(replay_lsn >= pg_current_wal_lsn()), false) FROM pg_stat_replication").Scan(&all))
	}
	must(t, c.Close(ctx))
}
