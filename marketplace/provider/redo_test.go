package provider_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// once makes an engine's hook that runs f the first time.
func once(f func()) func(context.Context, provider.Active) error {
	done := false
	return func(context.Context, provider.Active) error {
		if !done {
			done = true
			f()
		}
		return nil
	}
}

func until(end int64) policy.ReleasePreference {
	p := providertest.Anything()
	p.Period.End = end
	return p
}

func narrowed(change func(*policy.ReleasePreference)) policy.ReleasePreference {
	p := providertest.Anything()
	change(&p)
	return p
}

// What patients change between the charge and the storing of the answer: she
// who may not be counted any more is not, nobody is added, and the attempt
// that is thrown away leaves no trace.
func TestG8ChangesWhileTheQueryRuns(t *testing.T) {
	for name, c := range map[string]struct {
		before, during func(*world)
		want           []int64
		attempts       int
	}{
		"withdraws": {nil, func(w *world) { w.Prefer(providertest.Withdrawal(), 3) }, []int64{1, 2, 0, 3}, 2},
		"denies": {nil, func(w *world) {
			w.Prefer(narrowed(func(p *policy.ReleasePreference) { p.Decision = policy.Deny }), 3)
		}, []int64{1, 2, 0, 3}, 2},
		"narrows": {nil, func(w *world) {
			w.Prefer(narrowed(func(p *policy.ReleasePreference) {
				p.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelExact}}
			}), 3)
		}, []int64{1, 2, 0, 3}, 2},
		"widens into a class that was not charged": {nil, func(w *world) {
			w.Prefer(narrowed(func(p *policy.ReleasePreference) {
				p.RecipientTypes = append(p.RecipientTypes, policy.Commercial)
			}), 3)
		}, []int64{1, 2, 0, 3}, 2},
		"ends": {func(w *world) { w.Prefer(until(providertest.Start+10), 3) },
			func(w *world) { w.Clock.Advance(10) }, []int64{1, 2, 0, 3}, 2},
		"has a second left": {func(w *world) { w.Prefer(until(providertest.Start+11), 3) },
			func(w *world) { w.Clock.Advance(10) }, []int64{1, 2, 1, 3}, 1},
		"ended before": {func(w *world) {
			w.Prefer(until(providertest.Start+10), 3)
			w.Clock.Advance(10)
		}, func(*world) {}, []int64{1, 2, 0, 3}, 1},
		"withdraws and returns": {nil, func(w *world) {
			w.Prefer(providertest.Withdrawal(), 3)
			w.Prefer(providertest.Anything(), 3)
		}, []int64{1, 2, 1, 3}, 1},
		"joins": {nil, func(w *world) { w.Prefer(providertest.Anything(), 8) }, []int64{1, 2, 1, 3}, 1},
		"one leaves, one joins": {nil, func(w *world) {
			w.Prefer(providertest.Anything(), 8)
			w.Prefer(providertest.Withdrawal(), 6)
		}, []int64{0, 2, 1, 3}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			if c.before != nil {
				c.before(w)
			}
			before := w.observe()
			w.Engine.After = once(func() { c.during(w) })
			got := w.release(w.ask("one"))
			equal(t, "vector", got.Release.Vector, c.want)
			equal(t, "as of", got.Release.AsOf, before.AsOf)
			equal(t, "attempts", len(w.Engine.Counted()), c.attempts)
			equal(t, "as of the next", w.observe().AsOf, before.AsOf+64)
			w.logs(got)
			dataset, grant := w.spent()
			equal(t, "spent", []int64{dataset, grant}, []int64{w.cost, w.cost})
		})
	}
}

// Preferences that change at every attempt end in the one opaque error; the
// charge stands, no attempt leaves a trace, and asking again finishes it.
func TestG8GivesUpAfterAFewAttempts(t *testing.T) {
	w := openExact(t)
	before := w.observe()
	next := int64(0)
	w.Engine.After = func(context.Context, provider.Active) error {
		next++
		w.Prefer(providertest.Withdrawal(), next)
		return nil
	}
	q := w.ask("one")
	if _, err := w.Release(t.Context(), q); err == nil || err.Error() != provider.ErrFailed.Error() {
		t.Fatalf("error %v, want the opaque one", err)
	}
	equal(t, "events are the withdrawals", w.observe().LastEvent, before.LastEvent+uint64(next))
	for attempt, a := range w.Engine.Counted() {
		for i := range int(next) { // the patients 1 to 4
			equal(t, fmt.Sprintf("patient %d in attempt %d", i+1, attempt), a.Has(i), i >= attempt)
		}
	}
	w.Engine.After = nil
	equal(t, "vector without 1 to 4", w.release(q).Release.Vector, []int64{1, 0, 0, 2})
	dataset, grant := w.spent()
	equal(t, "spent", []int64{dataset, grant}, []int64{w.cost, w.cost})
}

func TestG8WithdrawalHoldsAtOnce(t *testing.T) {
	w := openExact(t)
	first := w.release(w.ask("one"))
	equal(t, "with her", first.Release.Vector, []int64{1, 2, 1, 3})
	token := w.Prefer(providertest.Withdrawal(), 6)
	second := w.release(w.ask("two"))
	equal(t, "without her", second.Release.Vector, []int64{0, 2, 1, 3})
	if first.Release.AsOf >= token || second.Release.AsOf < token {
		t.Errorf("as_of %d, then withdrawn at %d, then as_of %d", first.Release.AsOf, token, second.Release.AsOf)
	}
	s, err := w.Node.Preference(t.Context(), w.Patient(6).Address())
	ok(t, err)
	equal(t, "her preference", []uint64{s.Document.Revision, s.AsOf}, []uint64{2, token})
}

func TestARedoThatFailsKeepsTheCharge(t *testing.T) {
	w := openExact(t)
	w.Engine.After = once(func() { w.Prefer(providertest.Withdrawal(), 3) })
	w.Engine.Before = func(_ context.Context, a provider.Active) error {
		if !a.Has(2) { // the second attempt
			return errors.New("broken")
		}
		return nil
	}
	q := w.ask("one")
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.Before = nil
	equal(t, "vector", w.release(q).Release.Vector, []int64{1, 2, 0, 3})
}
