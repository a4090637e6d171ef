package store_test

import (
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/marketplace/store/storetest"
)

// config is of a store in a file or, behind a connection string, in Postgres.
func config(where string) store.Config {
	cfg := store.Config{File: where, Log: slog.New(slog.DiscardHandler)}
	if strings.HasPrefix(where, "host=") {
		cfg.File, cfg.Postgres = "", where
	}
	return cfg
}

// everywhere runs a test on both engines; place is a new file or database each time. Under the race detector (-short) a file does: all Go is
// the same but for the sessions, which tests of their own have.
func everywhere(t *testing.T, test func(t *testing.T, place func(t testing.TB) string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		test(t, func(t testing.TB) string { return filepath.Join(t.TempDir(), "store.db") })
	})
	t.Run("postgres", func(t *testing.T) {
		if testing.Short() {
			t.Skip("SKIP: sqlite finds the races")
		}
		needPostgres(t)
		fewer(t)
		test(t, newDatabase)
	})
}

// fewer has models run a tenth as often in Postgres, unless full counts are wanted: what they find they find on either engine, and each
// statement is a round trip.
func fewer(t *testing.T) {
	t.Helper()
	if long() {
		return
	}
	const checks = "rapid.checks"
	before := flag.Lookup(checks).Value.String()
	must(t, flag.Set(checks, "10"))
	t.Cleanup(func() { must(t, flag.Set(checks, before)) })
}

func openMarket(t testing.TB, file string) *store.Market {
	t.Helper()
	m, err := store.OpenMarket(t.Context(), config(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, m) })
	return m
}

func openProvider(t testing.TB, file string) *store.Provider {
	t.Helper()
	p, err := store.OpenProvider(t.Context(), config(file))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, p) })
	return p
}

func closeStore(t testing.TB, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil { // closing twice is fine
		t.Error(err)
	}
}

func TestMarket(t *testing.T) {
	everywhere(t, func(t *testing.T, place func(testing.TB) string) {
		storetest.RunMarket(t, func(t testing.TB) (marketplace.Store, func() marketplace.Store) {
			where := place(t)
			m := openMarket(t, where)
			return m, func() marketplace.Store {
				closeStore(t, m)
				m = openMarket(t, where)
				return m
			}
		})
	})
}

func TestProvider(t *testing.T) {
	everywhere(t, func(t *testing.T, place func(testing.TB) string) {
		storetest.RunProvider(t, func(t testing.TB) (provider.Store, func() provider.Store) {
			where := place(t)
			p := openProvider(t, where)
			return p, func() provider.Store {
				closeStore(t, p)
				p = openProvider(t, where)
				return p
			}
		})
	})
}

func TestMain(m *testing.M) {
	if crashing() || asking() || sequencing() {
		return
	}
	// glog, which google/differential-privacy logs with, never ends its flusher.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"), goleak.Cleanup(func(code int) {
		if err := stopServer(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}
