package provider_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// What follows the charge leaves at a slot, however long counting took and
// whether it failed; so does a refusal, which is written down before.
func TestAnswersLeaveAtSlots(t *testing.T) {
	failure := errors.New("a failure that depends on patients")
	for name, c := range map[string]struct {
		takes time.Duration
		err   error
		want  time.Duration
	}{
		"at once":              {0, nil, time.Second},
		"within the first":     {900 * time.Millisecond, nil, time.Second},
		"right at it":          {time.Second, nil, time.Second},
		"within the second":    {time.Second + 1, nil, 5 * time.Second},
		"beyond the last":      {5*time.Second + 1, nil, 10 * time.Second},
		"a failure at once":    {0, failure, time.Second},
		"a failure that takes": {2 * time.Second, failure, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := openSlots(t)
				w.Engine.After = func(context.Context, provider.Active) error {
					<-time.After(c.takes)
					return c.err
				}
				start := time.Now()
				_, err := w.Release(t.Context(), w.ask("one"))
				if got := time.Since(start); got != c.want || (err != nil) != (c.err != nil) {
					t.Errorf("left after %s, want %s; %v", got, c.want, err)
				}
			})
		})
	}
}

// Questions that come at once wait for one another's counts, and not for one another's slots.
func TestAnswersThatWaitKeepNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openSlots(t)
		w.Engine.After = func(context.Context, provider.Active) error {
			<-time.After(100 * time.Millisecond)
			return nil
		}
		var all sync.WaitGroup
		start := time.Now()
		for _, name := range []string{"one", "two", "three"} {
			q := w.ask(name)
			all.Go(func() {
				if _, err := w.Release(t.Context(), q); err != nil || time.Since(start) != time.Second {
					t.Errorf("left after %s; %v", time.Since(start), err)
				}
			})
		}
		all.Wait()
	})
}

// A refusal waits for whoever writes, and for nobody to be seen; so does a re-check.
func TestRefusalsLeaveAtSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openSlots(t)
		charged := w.unanswered("charged")
		w.repolicy(func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 1 })
		for name, refuse := range map[string]func(){
			"asked":        func() { w.refusedFor(w.ask("embargo"), policy.ReasonDatasetEmbargoed) },
			"only decided": func() { w.decidedAgainst(w.ask("if it were asked"), policy.ReasonDatasetEmbargoed) },
			"charged before": func() {
				w.refused(provider.ErrFailed, func(ctx context.Context) error { return w.answering(ctx, charged) })
			},
		} {
			start := time.Now()
			refuse()
			if got := time.Since(start); got != time.Second {
				t.Errorf("%s: left after %s", name, got)
			}
		}
		equal(t, "kept", len(w.kept()), 3)
	})
}

// G8: who withdraws while an answer waits for its slot is not in it.
func TestG8NobodyLeavesWithAnAnswerThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := openSlots(t)
		gone := time.AfterFunc(500*time.Millisecond, func() { w.Prefer(providertest.Withdrawal(), 3) })
		defer gone.Stop()
		start := time.Now()
		signed := w.release(w.ask("one"))
		if time.Since(start) < time.Second {
			t.Fatal("it did not wait")
		}
		again, err := w.Release(t.Context(), w.ask("one"))
		if err != nil {
			t.Fatalf("the answer has someone in it who had left: %v", err)
		}
		equal(t, "answer", again, signed)
	})
}

// However long counting would take, it ends, and like any failure.
func TestCountingEnds(t *testing.T) {
	for name, c := range map[string]struct {
		slots    []time.Duration
		countFor time.Duration
		want     time.Duration
	}{
		"without slots":         {nil, 0, provider.DefaultCountFor},
		"at the last slot":      {[]time.Duration{time.Second, 5 * time.Second}, 0, 5 * time.Second},
		"leaves at a slot":      {[]time.Duration{time.Second, 5 * time.Second}, 7 * time.Second, 10 * time.Second},
		"sooner than the slots": {[]time.Duration{time.Second, 5 * time.Second}, 2 * time.Second, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := openExact(t)
				cfg := w.Config()
				cfg.Slots, cfg.CountFor = c.slots, c.countFor
				node, err := provider.New(t.Context(), cfg)
				ok(t, err)
				w.Engine.After = func(ctx context.Context, _ provider.Active) error {
					<-ctx.Done()
					return ctx.Err()
				}
				start := time.Now()
				_, err = node.Release(t.Context(), w.ask("one"))
				if got := time.Since(start); got != c.want || !errors.Is(err, provider.ErrFailed) {
					t.Errorf("ended after %s, want %s; %v", got, c.want, err)
				}
			})
		})
	}
}

func TestSlotsRise(t *testing.T) {
	w := openExact(t)
	cfg := w.Config()
	for _, slots := range [][]time.Duration{{0}, {-time.Second}, {time.Second, time.Second}, {2, 1}} {
		cfg.Slots = slots
		if _, err := provider.New(context.WithoutCancel(t.Context()), cfg); err == nil {
			t.Errorf("slots %v", slots)
		}
	}
	cfg.Slots = provider.DefaultSlots()
	if _, err := provider.New(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}

func openSlots(t *testing.T) *world {
	w := openExact(t)
	cfg := w.Config()
	cfg.Slots = []time.Duration{time.Second, 5 * time.Second}
	var err error
	if w.Node, err = provider.New(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	return w
}
