package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func testFinish(t *testing.T, w *ward) {
	ctx := t.Context()
	w.enrol(t, 1)
	w.record(t, w.event(1, "yes", 0))
	w.policy(t, 1)
	request := w.request("request")
	answer := signedRelease(request, 5, -1, 0)
	w.refused(t, provider.ErrUnknownRequest, func(ctx context.Context) error {
		_, err := w.Finish(ctx, request, answer, name("leaf"), nil, 2000)
		return err
	})
	c, err := w.Charge(ctx, request, w.charge(t, accountant.Cost{NanoRho: 5}, 2000, "yes"))
	ok(t, err)

	stored, err := w.Finish(ctx, request, answer, name("leaf"), nil, 2001)
	ok(t, err)
	equal(t, "stored", stored, answer)
	w.log.public = append(w.log.public, name("leaf"))
	w.publish(t)
	w.logged(t)
	c.Release = &answer
	got, _, err := w.Charged(ctx, request)
	ok(t, err)
	equal(t, "charge", got, c)

	// Later events and another answer change nothing: the first one stands.
	w.record(t, w.event(1, "no", 0))
	before := w.observe(t)
	again, err := w.Finish(ctx, request, signedRelease(request, 99), name("another leaf"), nil, 3000)
	ok(t, err)
	equal(t, "stored", again, answer)
	equal(t, "state", w.observe(t), before)
	charged, err := w.Charge(ctx, request, w.charge(t, accountant.Cost{NanoRho: 5}, 3000))
	ok(t, err)
	equal(t, "charged again", charged, c)
	w.survives(t)
	w.logged(t)
}

// testRedo has one story a patient: in "a" at the charge (time 2000, classes a
// and b), then what happens since; the answer is stored at 3000.
func testRedo(t *testing.T, w *ward) {
	stories := []struct {
		name     string
		patient  int64
		before   []provider.Event
		since    []provider.Event
		excluded bool
		redo     bool
	}{
		{name: "nothing happens", before: []provider.Event{{Until: 0}}},
		{name: "withdraws", before: []provider.Event{{}}, since: []provider.Event{{ClassDocument: []byte("x")}}, redo: true},
		{name: "withdraws, is excluded already", before: []provider.Event{{}}, since: []provider.Event{{ClassDocument: []byte("x")}}, excluded: true},
		{name: "moves to the other charged class", before: []provider.Event{{}}, since: []provider.Event{{ClassDocument: []byte("b")}}},
		{name: "withdraws and comes back", before: []provider.Event{{}}, since: []provider.Event{{ClassDocument: []byte("x")}, {}}},
		{name: "comes back and withdraws", before: []provider.Event{{}}, since: []provider.Event{{}, {ClassDocument: []byte("x")}}, redo: true},
		{name: "runs out", before: []provider.Event{{Until: 3000}}, redo: true},
		{name: "runs out, is excluded already", before: []provider.Event{{Until: 3000}}, excluded: true},
		{name: "runs out a second later", before: []provider.Event{{Until: 3001}}},
		{name: "ran out a second after the charge", before: []provider.Event{{Until: 2001}}, redo: true},
		{name: "had run out at the charge", before: []provider.Event{{Until: 2000}}},
		{name: "had run out just at the charge, withdraws", before: []provider.Event{{Until: 2000}}, since: []provider.Event{{ClassDocument: []byte("x")}}},
		{name: "runs out, but was prolonged", before: []provider.Event{{Until: 2500}}, since: []provider.Event{{Until: 4000}}},
		{name: "open, then shortened", before: []provider.Event{{}}, since: []provider.Event{{Until: 2500}}, redo: true},
		{name: "joins since", since: []provider.Event{{}}},
		{name: "joins and withdraws since", since: []provider.Event{{}, {ClassDocument: []byte("x")}}},
		{name: "comes in from another class", before: []provider.Event{{ClassDocument: []byte("x")}}, since: []provider.Event{{}}},
		{name: "had left before the charge", before: []provider.Event{{}, {ClassDocument: []byte("x")}}, since: []provider.Event{{ClassDocument: []byte("y")}}},
		{name: "had run out, renews, withdraws", before: []provider.Event{{Until: 1500}}, since: []provider.Event{{}, {ClassDocument: []byte("x")}}},
		{name: "was in another class that runs out", before: []provider.Event{{ClassDocument: []byte("x"), Until: 2500}}},
		{name: "an earlier event would have run out", before: []provider.Event{{Until: 2500}, {}}},
		{name: "never chose"},
	}
	record := func(patient int64, events []provider.Event) {
		for _, e := range events {
			class := "a"
			if e.ClassDocument != nil {
				class = string(e.ClassDocument)
			}
			w.record(t, w.event(patient, class, e.Until))
		}
	}
	w.enrol(t, 900)
	w.record(t, w.event(900, "b", 0)) // so that the class is known at the charge
	w.policy(t, 1)
	for i := range stories {
		stories[i].patient = int64(i + 1)
		w.enrol(t, stories[i].patient)
		record(stories[i].patient, stories[i].before)
	}
	request := w.request("request")
	_, err := w.Charge(t.Context(), request, w.charge(t, accountant.Cost{NanoRho: 5}, 2000, "a", "b"))
	ok(t, err)
	var want, excluded []int64
	for _, s := range stories {
		record(s.patient, s.since)
		if s.redo {
			want = append(want, s.patient)
		}
		if s.excluded {
			excluded = append(excluded, s.patient)
		}
	}
	for range 2 { // asking again with no change says the same
		w.refused(t, nil, func(ctx context.Context) error {
			_, err := w.Finish(ctx, request, signedRelease(request, 1), name("leaf"), excluded, 3000)
			got := redo(t, err)
			for _, s := range stories {
				equal(t, s.name, slices.Contains(got, s.patient), s.redo)
			}
			equal(t, "all", got, want)
			return err
		})
	}
	_, err = w.Finish(t.Context(), request, signedRelease(request, 1), name("leaf"), append(excluded, want...), 3000)
	ok(t, err)
	w.log.public = append(w.log.public, name("leaf"))
	w.publish(t)
	w.logged(t)
}

// redo returns whom an error of Finish excludes.
func redo(t tb, err error) []int64 {
	t.Helper()
	var e *provider.RedoError
	if !errors.As(err, &e) {
		t.Fatalf("error %v, want a RedoError", err)
	}
	return e.Excluded
}

// testRedoModel compares the re-check with its definition in the contract, over
// random histories. All runs share the store, under classes and patients of their own.
func testRedoModel(t *testing.T, w *ward) {
	w.policy(t, 1)
	run := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		h := &history{ward: w, first: run * 10, run: run}
		w.enrol(rt, h.first, h.first+1, h.first+2, h.first+3)
		h.record(rt, "before")
		then := slices.Clone(h.events)
		classes := rapid.SliceOfDistinct(rapid.SampledFrom(h.classes()), rapid.ID).Draw(rt, "charged")
		now := rapid.Int64Range(1, 9).Draw(rt, "charged at")
		request := name("request %d", run)
		_, err := w.Charge(rt.Context(), request, w.charge(t, accountant.Cost{NanoRho: 1}, now, classes...))
		ok(rt, err)
		h.record(rt, "since")
		excluded := rapid.SliceOf(rapid.Int64Range(h.first, h.first+3)).Draw(rt, "excluded")
		finishedAt := rapid.Int64Range(1, 9).Draw(rt, "finished at")
		want := gone(then, h.events, classes, now, finishedAt, excluded)
		leaf := name("answer %d", run)
		_, err = w.Finish(rt.Context(), request, signedRelease(request, 1), leaf, excluded, finishedAt)
		if len(want) > 0 {
			equal(rt, "excluded", redo(rt, err), want)
			return
		}
		ok(rt, err)
		w.log.public = append(w.log.public, leaf)
	})
	w.logged(t)
}

// history is what patients of one run chose, in order.
type history struct {
	*ward
	run, first int64
	events     []choice
}

type choice struct {
	patient int64
	class   string
	until   int64
}

func (h *history) classes() []string {
	var all []string
	for i := range 3 {
		all = append(all, fmt.Sprintf("%d/%d", h.run, i))
	}
	return all
}

func (h *history) record(rt *rapid.T, label string) {
	for range rapid.IntRange(0, 6).Draw(rt, label) {
		c := choice{
			patient: rapid.Int64Range(h.first, h.first+3).Draw(rt, "patient"),
			class:   rapid.SampledFrom(h.classes()).Draw(rt, "class"),
			until:   rapid.Int64Range(0, 9).Draw(rt, "until"),
		}
		h.events = append(h.events, c)
		h.ward.record(rt, h.event(c.patient, c.class, c.until))
	}
}

// gone is the contract of Finish in plain Go. Only classes that somebody had been in
// by the charge can be charged.
func gone(then, now []choice, classes []string, chargedAt, finishedAt int64, excluded []int64) (out []int64) {
	was, is := map[int64]choice{}, map[int64]choice{}
	for _, c := range then {
		was[c.patient] = c
	}
	classes = slices.DeleteFunc(slices.Clone(classes), func(class string) bool {
		return !slices.ContainsFunc(then, func(c choice) bool { return c.class == class })
	})
	for _, c := range now {
		is[c.patient] = c
	}
	for patient, c := range was {
		counted := slices.Contains(classes, c.class) && (c.until == 0 || c.until > chargedAt)
		permitted := slices.Contains(classes, is[patient].class) && (is[patient].until == 0 || is[patient].until > finishedAt)
		if counted && !permitted && !slices.Contains(excluded, patient) {
			out = append(out, patient)
		}
	}
	slices.Sort(out)
	return out
}
