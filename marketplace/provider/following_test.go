package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// halfRead is a store whose reading of memberships leaves out the first and breaks off while broken, and that keeps what was asked for.
type halfRead struct {
	provider.Store
	broken bool
	reads  int
	since  []uint64
}

func (h *halfRead) Memberships(ctx context.Context, since, to uint64, each func(provider.Membership)) (uint64, error) {
	h.reads++
	h.since = append(h.since, since)
	n := 0
	asOf, err := h.Store.Memberships(ctx, since, to, func(m provider.Membership) {
		if n++; n > 1 || !h.broken {
			each(m)
		}
	})
	if err == nil && h.broken {
		err = errors.New("broken off")
	}
	return asOf, err
}

func openHalfRead(t *testing.T) (*world, *halfRead) {
	w := openExact(t)
	h := &halfRead{Store: w.Store}
	w.Store = h
	w.Restart()
	h.reads, h.since = 0, nil
	return w, h
}

func (w *world) fails(q provider.Question) {
	w.t.Helper()
	if _, err := w.Release(w.t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		w.t.Fatalf("%v, want ErrFailed", err)
	}
}

// G8: a question that is asked again reads what changed since its charge for itself alone: whoever asks next reads nothing
// for it, whether or not that broke off.
func TestG8AnOldQuestionTakesNobodyBack(t *testing.T) {
	w, h := openHalfRead(t)
	old := w.ask("old")
	w.Engine.Before = fails(errors.New("broken"))
	w.fails(old)
	w.Engine.Before = nil
	w.Prefer(providertest.Withdrawal(), 5, 6)
	w.Prefer(providertest.Anything(), 8)
	equal(t, "without 5 and 6, with 8", w.release(w.ask("one")).Release.Vector, []int64{0, 3, 1, 2})
	h.broken = true
	w.fails(old)
	h.broken, h.reads = false, 0
	equal(t, "the next", w.release(w.ask("two")).Release.Vector, []int64{0, 3, 1, 2})
	equal(t, "reads for the next", h.reads, 0)
	// Of those who were counted then, 5 and 6 have withdrawn: a second attempt leaves them out. 8 was not.
	equal(t, "the old one", w.release(old).Release.Vector, []int64{0, 2, 1, 2})
	counted := w.Engine.Counted()
	first := counted[len(counted)-2]
	equal(t, "charged: 5, 6, 8", []bool{first.Has(4), first.Has(5), first.Has(7)}, []bool{true, true, false})
	h.reads = 0
	w.release(w.ask("three"))
	equal(t, "reads after it", h.reads, 0)
}

// G8: what breaks off while the columns go forward leaves no trace in any set, and does not have everybody read anew.
func TestG8BrokenOffGoingForward(t *testing.T) {
	w, h := openHalfRead(t)
	old := w.ask("old")
	w.Engine.Before = fails(errors.New("broken"))
	w.fails(old)
	w.Engine.Before = nil
	between := w.ask("between")
	w.Prefer(providertest.Withdrawal(), 1)
	h.broken = true
	w.fails(between)
	w.Prefer(providertest.Withdrawal(), 5, 6) // whom it reads as of what "last" will be charged at, but not patient 1
	last := w.ask("last")
	w.fails(last)
	h.broken = false
	for _, q := range []provider.Question{between, old, last} {
		before := len(w.Engine.Counted())
		equal(t, "vector", w.release(q).Release.Vector, []int64{0, 2, 1, 1})
		first := w.Engine.Counted()[before]
		equal(t, "1, 5 and 6 were charged", []bool{first.Has(0), first.Has(4), first.Has(5)},
			map[ledger.Hash][]bool{
				old.Ask.RequestID: {true, true, true}, between.Ask.RequestID: {false, true, true}, last.Ask.RequestID: {false, false, false},
			}[q.Ask.RequestID])
	}
	for _, since := range h.since {
		if since == 0 {
			t.Error("everybody is read anew")
		}
	}
}

// deciding is a store that tells what is read of classes while a charge decides.
type deciding struct {
	provider.Store
	inside bool
	within []uint32
}

func (h *deciding) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	return h.Store.Charge(ctx, request, func(s provider.Snapshot) (provider.Charge, error) {
		h.inside = true
		defer func() { h.inside = false }()
		return decide(s)
	})
}

func (h *deciding) Documents(ctx context.Context, classes []uint32, each func(uint32, []byte) error) error {
	if h.inside {
		h.within = append(h.within, classes...)
	}
	return h.Store.Documents(ctx, classes, each)
}

// G8: a decision, for which every withdrawal waits, finds the documents of new classes read.
func TestG8NobodyWaitsForNewClassesToBeRead(t *testing.T) {
	w := openExact(t)
	h := &deciding{Store: w.Store}
	w.Store = h
	w.Restart()
	w.Prefer(narrowed(func(p *policy.ReleasePreference) { p.Decision = policy.Deny }), 3)
	equal(t, "vector", w.release(w.ask("one")).Release.Vector, []int64{1, 2, 0, 3})
	equal(t, "classes read in the transaction", h.within, []uint32(nil))
}
