package provider_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/store" //nolint:depguard // tests of the core stand on the real store
)

func (w *world) extent() provider.Extent {
	w.t.Helper()
	e, err := w.Store.Extent(w.t.Context())
	ok(w.t, err)
	return e
}

// bring has the hospital go on with another file, as after a disk is lost.
func (w *world) bring(file string) {
	w.t.Helper()
	w.file, w.Store = file, openStore(w.t, file)
	w.Restart()
}

// lost is what a patient is told that she lost.
func (w *world) lost(patient int64) int64 {
	w.t.Helper()
	s, err := w.Store.Preference(w.t.Context(), w.Patient(patient).Address())
	ok(w.t, err)
	return s.Lost.NanoRho
}

// copyFile copies a file of a store that is closed, as somebody does who knows of no backups.
func copyFile(t testing.TB, from, to string) {
	t.Helper()
	f, err := os.Open(from)
	ok(t, err)
	g, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o600)
	ok(t, err)
	_, err = io.Copy(g, f)
	ok(t, errors.Join(err, f.Close(), g.Close()))
}

// TestG5Restore: whatever is brought back, what was spent after it was made is not spent again: not from a budget, not of a patient, and no
// log index is used for something else.
func TestG5Restore(t *testing.T) {
	for name, c := range map[string]struct {
		backUp func(w *world, to string)
		after  func(w *world) // what happens besides questions
	}{
		"a backup": {
			func(w *world, to string) { ok(w.t, store.Backup(w.t.Context(), w.file, to)) }, func(*world) {},
		},
		"a copy, and the log was anchored since": {copied, func(w *world) {
			log := &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
			ok(w.t, log.Anchor(w.t.Context()))
			w.Chain.Finalise()
		}},
		"a copy, and more was asked for since": {copied, func(w *world) {
			before := w.extent().Asked
			for i := 0; w.extent().Asked == before; i++ {
				w.release(w.Question("more "+string(rune('a'+i)), w.grant, w.Query(900_000), nil))
				ok(w.t, w.Ahead(w.t.Context()))
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			w.release(w.ask("one"))
			ok(t, w.Ahead(t.Context()))
			to := filepath.Join(t.TempDir(), "backup.db")
			c.backUp(w, to)
			w.release(w.ask("two"))
			last := w.release(w.ask("three"))
			c.after(w)
			dataset, grant := w.spent()
			lost, used := w.lost(1), w.extent().Used

			w.bring(to)
			w.refusedUnknown(t)
			again := w.release(w.ask("four"))
			if !strings.Contains(w.Log.String(), "BROUGHT BACK FROM A BACKUP") {
				t.Error("it does not say so")
			}
			if d, g := w.spent(); d < dataset+w.cost || g < grant+w.cost {
				t.Errorf("dataset and grant have spent %d and %d; %d and %d before, and %d since", d, g, dataset, grant, w.cost)
			}
			if got := w.lost(1); got < lost+w.cost {
				t.Errorf("patient 1 has lost %d; %d before, and %d since", got, lost, w.cost)
			}
			if again.Release.AsOf <= last.Release.AsOf || int64(again.Release.AsOf) <= used.Size {
				t.Errorf("log index %d after %d, with a log of %d leaves", again.Release.AsOf, last.Release.AsOf, used.Size)
			}
			if d, err := w.Replay(t.Context(), again.Release.RequestID, true); err != nil || d.Difference != "" {
				t.Errorf("made again the decision differs: %s, %v", d.Difference, err)
			}
			told, err := w.Disclosures(t.Context(), w.Patient(1).Address(), 0)
			ok(t, err)
			equal(t, "disclosures that can be named", len(told), 2)
			seen, err := w.Exposures(t.Context(), w.Patient(1).Address(), 0)
			ok(t, err)
			restored := 0
			for _, e := range seen {
				if e.Restored() {
					restored++
				}
				_, _, _, err := e.Asked()
				ok(t, err)
				_, err = e.Grant()
				ok(t, err)
			}
			equal(t, "what patient 1 is told was lost", restored, 1)
			w.within()
			once := w.extent()
			w.Restart()
			w.release(w.ask("five"))
			equal(t, "lost again", w.extent().Used.NanoRho-once.Used.NanoRho, w.cost)
		})
	}
}

// copied copies the file while it is closed.
func copied(w *world, to string) {
	w.t.Helper()
	ok(w.t, w.Store.(*store.Provider).Close())
	copyFile(w.t, w.file, to)
	w.bring(w.file)
}

// refusedUnknown: while the chain cannot be read, a store that may have been brought back charges nothing.
func (w *world) refusedUnknown(t *testing.T) {
	t.Helper()
	w.Chain.Fail = func(method string) error {
		if method == "FinalAllowance" {
			return errors.New("no node")
		}
		return nil
	}
	w.refused(nil, func(ctx context.Context) error { _, err := w.Release(ctx, w.ask("four")); return err })
	w.Chain.Fail = nil
}

// within: no more was ever used than is final on the chain.
func (w *world) within() {
	w.t.Helper()
	allowed, err := w.Chain.FinalAllowance(w.t.Context(), w.Address(), providertest.Dataset)
	ok(w.t, err)
	if used := w.extent().Used; !used.Within(allowed) {
		w.t.Errorf("%+v used, %+v allowed", used, allowed)
	}
}

// TestG5Allowance: what the chain does not allow yet is not charged, and nothing was read.
func TestG5Allowance(t *testing.T) {
	w := open(t, noisetest.None(t))
	w.Chain.Fail = func(method string) error {
		if method == "RaiseAllowance" {
			return errors.New("nobody seals")
		}
		return nil
	}
	w.refused(provider.ErrAllowance, func(ctx context.Context) error { _, err := w.Release(ctx, w.ask("one")); return err })
	w.Chain.Fail = nil
	w.release(w.ask("one"))
	w.within()
	before := w.extent()
	for i := 0; w.extent().Asked.NanoRho == before.Asked.NanoRho; i++ { // ahead of need: no question has to ask
		w.Chain.Fail = func(method string) error {
			if method == "RaiseAllowance" {
				t.Error("a question had to wait")
			}
			return nil
		}
		w.release(w.Question("more "+string(rune('a'+i)), w.grant, w.Query(900_000), nil))
		w.Chain.Fail = nil
		ok(t, w.Ahead(t.Context()))
		w.within()
	}
	if left := w.extent().Asked.NanoRho - w.extent().Used.NanoRho; left < 30_000_000 { // a sixteenth of 10^9, less what was spent meanwhile
		t.Errorf("only %d are left", left)
	}
}
