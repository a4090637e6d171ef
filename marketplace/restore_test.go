package marketplace_test

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/store" //nolint:depguard // tests of the core stand on the real store
)

// TestG3Restore: a marketplace that was brought back from before a researcher's questions counts what she has settled since, and its log
// goes on beyond what is anchored. Her request gets the answer that it had.
func TestG3Restore(t *testing.T) {
	w := open(t)
	to := filepath.Join(t.TempDir(), "backup.db")
	ok(t, store.Backup(t.Context(), w.path, to))
	o := w.order("one", nil)
	r := w.answered(o)
	w.answered(w.order("two", nil))
	ok(t, w.market.Record(t.Context()))
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	size, _, err := w.store.LogRoot(t.Context())
	ok(t, err)

	brought, err := store.OpenMarket(t.Context(), store.Config{File: to, Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	t.Cleanup(func() { ok(t, brought.Close()) })
	w.store = brought
	w.restart()
	a, _, err := w.market.Account(t.Context(), w.Researcher.Address())
	ok(t, err)
	equal(t, "account", a, marketplace.Account{Drawn: 2 * w.price, Settled: 2 * w.price})
	o.Voucher = 3 * uint64(w.price)
	o.VoucherBy = w.voucher(w.Researcher, o.Voucher)
	again := w.answered(o)
	equal(t, "releases", again.Statement.Releases, r.Statement.Releases)
	if again.Inclusion.Index < size {
		t.Errorf("its leaf is at %d, where another was: %d were anchored", again.Inclusion.Index, size)
	}
	if !strings.Contains(w.Log.String(), "BROUGHT BACK FROM A BACKUP") {
		t.Error("it does not say so")
	}
}
