package provider_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
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
			w.Prefer(narrowed(func(p *policy.ReleasePreference) { p.Categories = []policy.Category{policy.Demographics} }), 3)
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
	excluded := []int64{}
	for i, a := range w.Engine.Counted() {
		equal(t, fmt.Sprint("excluded at attempt ", i), a.Excluded, excluded)
		excluded = append(excluded, int64(i+1))
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

// choices are what patients of the model sign; the first two are of one class,
// which is charged, the third is permitted too.
var choices = []policy.ReleasePreference{
	providertest.Anything(), until(providertest.Start + 40),
	narrowed(func(p *policy.ReleasePreference) { p.RecipientTypes = policy.RecipientTypes() }),
	providertest.Withdrawal(),
	narrowed(func(p *policy.ReleasePreference) { p.Categories = []policy.Category{policy.Demographics} }),
}

// state is what the model knows: each patient's choice.
type state map[int64]int

// class is 0 for those who may not be counted.
func (s state) class(patient, now int64) int {
	choice, signed := s[patient]
	switch {
	case !signed, choice > 2, choice == 1 && now >= providertest.Start+40:
		return 0
	case choice == 2:
		return 2
	}
	return 1
}

// Whatever patients do, before and while a query runs: the answer counts those
// who were permitted when it was charged and, when it was stored, still were in
// a class that was charged.
func TestG8WhateverPatientsDo(t *testing.T) {
	dir, opened := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		opened++
		file := filepath.Join(dir, fmt.Sprint(opened, ".db"))
		s := openStore(t, file)
		w := &world{Hospital: providertest.Open(t, s, noisetest.None(t), records), t: t, file: file}
		ok(t, w.SetPolicy(t.Context(), w.SignPolicy(w.Policy())))
		w.EnrolAll()
		w.grant = w.Approve(w.Grant())
		now := func() int64 { return w.Clock.Now().Unix() }
		people := state{}
		change := func(r *rapid.T) {
			if rapid.Bool().Draw(r, "clock") {
				w.Clock.Advance(rapid.Int64Range(0, 25).Draw(r, "seconds"))
				return
			}
			patient := rapid.Int64Range(1, 8).Draw(r, "patient")
			choice := rapid.IntRange(0, len(choices)-1).Draw(r, "choice")
			w.Prefer(choices[choice], patient)
			people[patient] = choice
		}
		for n := range rapid.IntRange(1, 4).Draw(r, "queries") {
			for range rapid.IntRange(0, 6).Draw(r, "changes") {
				change(r)
			}
			charged := map[int64]int{}
			classes := w.permittedClasses()
			for _, rec := range records {
				charged[rec.Patient] = people.class(rec.Patient, now())
			}
			w.Engine.After = once(func() {
				for range rapid.IntRange(0, 3).Draw(r, "changes while it runs") {
					change(r)
				}
			})
			got := w.release(w.ask(fmt.Sprint("ask ", n)))
			want := []int64{0, 0, 0, 0}
			for i, rec := range records {
				present := people.class(rec.Patient, now())
				if charged[rec.Patient] != 0 && present != 0 && classes[present] {
					want[[]int{3, 1, 2, 1, 3, 0, 3, 1}[i]]++
				}
			}
			equal(t, "vector", got.Release.Vector, want)
		}
		ok(t, s.Close())
	})
}

// permittedClasses are those on record: a class is charged though nobody is in
// it any more.
func (w *world) permittedClasses() map[int]bool {
	seen := map[int]bool{}
	for _, c := range w.observe().Classes {
		var d policy.ClassDocument
		ok(w.t, ledger.ParseCanonical(c.Document, &d))
		switch {
		case d.Status != policy.Active || len(d.Categories) == 1:
		case len(d.RecipientTypes) > 1:
			seen[2] = true
		default:
			seen[1] = true
		}
	}
	return seen
}

func TestARedoThatFailsKeepsTheCharge(t *testing.T) {
	w := openExact(t)
	w.Engine.After = once(func() { w.Prefer(providertest.Withdrawal(), 3) })
	w.Engine.Before = func(_ context.Context, a provider.Active) error {
		if len(a.Excluded) > 0 {
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
