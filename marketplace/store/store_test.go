package store_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/marketplace/store/storetest"
)

func config(file string) store.Config {
	return store.Config{File: file, Log: slog.New(slog.DiscardHandler)}
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
	storetest.RunMarket(t, func(t testing.TB) (marketplace.Store, func() marketplace.Store) {
		file := filepath.Join(t.TempDir(), "market.db")
		m := openMarket(t, file)
		return m, func() marketplace.Store {
			closeStore(t, m)
			m = openMarket(t, file)
			return m
		}
	})
}

func TestProvider(t *testing.T) {
	storetest.RunProvider(t, func(t testing.TB) (provider.Store, func() provider.Store) {
		file := filepath.Join(t.TempDir(), "provider.db")
		p := openProvider(t, file)
		return p, func() provider.Store {
			closeStore(t, p)
			p = openProvider(t, file)
			return p
		}
	})
}

func TestMain(m *testing.M) {
	if crashing() || asking() || sequencing() {
		return
	}
	// glog, which google/differential-privacy logs with, never ends its flusher.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}
