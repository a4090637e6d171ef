package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// refusal is one of an organisation, decided on s.
func (w *ward) refusal(organisation, as string, now int64, s provider.Snapshot) provider.KeptRefusal {
	return provider.KeptRefusal{
		Request: name("request %s", as), Organisation: name("organisation %s", organisation), Ask: name("ask %s", as), Policy: s.Policy.Hash(),
		Reasons: []policy.ReasonCode{policy.ReasonGrantEpsilon, policy.ReasonDatasetPurpose}, AsOf: s.AsOf, LastEvent: s.LastEvent, Now: now, Decision: name("decision %s", as), Salt: name("salt %s", as), Grounds: []byte(as),
	}
}

// testRefusals: what a refusal was decided on is kept as it was, whatever is charged later; nothing else changes.
func testRefusals(t *testing.T, w *ward) {
	ctx := t.Context()
	w.enrol(t, 1)
	w.record(t, w.event(1, "a", 0))
	first := w.policy(t, 1)
	looked := func() provider.Snapshot {
		t.Helper()
		s, _, err := w.Look(ctx, person("researcher"), person("marketplace"))
		ok(t, err)
		return s
	}
	charged := func(as string) {
		t.Helper()
		_, err := w.Charge(ctx, w.request("%s", as), w.charge(t, accountant.Cost{NanoRho: 30, Delta: 2}, 2000, "a"))
		ok(t, err)
	}
	var all []provider.KeptRefusal
	var at []provider.Snapshot
	refuse := func(organisation, as string, now int64) {
		t.Helper()
		before := looked()
		r, seen := w.refusal(organisation, as, now, before), w.observe(t)
		ok(t, w.Refuse(ctx, r))
		equal(t, "all else", w.observe(t), seen)
		all, at = append(all, r), append(at, before)
	}
	refuse("one", "before anything was charged", 2000)
	charged("first")
	refuse("one", "after a charge", 2001)
	refuse("two", "in the same interval", 2001)
	charged("second")
	second := w.policy(t, 2)
	refuse("two", "under another policy", 2002)
	charged("third")
	w.survives(t)
	for i, r := range all {
		got, err := w.Refused(ctx, r.Decision)
		ok(t, err)
		equal(t, "refusal", got.KeptRefusal, r)
		want := at[i]
		equal(t, "decided on", []any{got.Before.AsOf, got.Before.LastEvent, got.Before.Scopes, got.Before.Lost, got.Before.LostAt},
			[]any{want.AsOf, want.LastEvent, want.Scopes, want.Lost, want.LostAt})
	}
	for i, want := range []any{first, first, first, second} {
		got, err := w.Refused(ctx, all[i].Decision)
		ok(t, err)
		equal(t, "policy", got.Before.Policy, want)
	}
	w.namesRefusals(t, all)
}

// namesRefusals checks how those that are kept are found and listed, and one more of the second's request: a re-check.
func (w *ward) namesRefusals(t *testing.T, all []provider.KeptRefusal) {
	t.Helper()
	ctx := t.Context()
	again := all[1]
	again.Decision, again.Now, again.Recheck = name("decision once more"), 2003, true
	ok(t, w.Refuse(ctx, again))
	got, err := w.Refused(ctx, again.Request)
	ok(t, err)
	equal(t, "the last of a request", got.KeptRefusal, again)
	if _, err := w.Refused(ctx, name("first")); !errors.Is(err, provider.ErrUnknownRequest) {
		t.Errorf("a request that was charged: %v", err)
	}
	if _, err := w.Decision(ctx, all[0].Request); !errors.Is(err, provider.ErrUnknownRequest) {
		t.Errorf("a request that was refused, as one that was charged: %v", err)
	}
	named := func(r provider.KeptRefusal) provider.DecisionName {
		return provider.DecisionName{Request: r.Request, AsOf: r.AsOf, At: r.Now, Refusal: r.Decision, Recheck: r.Recheck}
	}
	list := func(after uint64, from, until int64) (names []provider.DecisionName, last uint64) {
		t.Helper()
		found, err := w.Refusals(ctx, after, from, until)
		ok(t, err)
		for _, r := range found {
			if r.Number <= last {
				t.Errorf("number %d after %d", r.Number, last)
			}
			names, last = append(names, r.DecisionName), r.Number
		}
		return names, last
	}
	names, last := list(0, 0, 3000)
	equal(t, "refusals", names, []provider.DecisionName{named(all[0]), named(all[1]), named(all[2]), named(all[3]), named(again)})
	names, _ = list(last-1, 0, 3000)
	equal(t, "the last", names, []provider.DecisionName{named(again)})
	names, _ = list(0, 2001, 2002)
	equal(t, "of a period", names, []provider.DecisionName{named(all[1]), named(all[2])})
}

// testRefusedOnce: the same ask that is refused again for the same reasons under the same policy is kept once.
func testRefusedOnce(t *testing.T, w *ward) {
	ctx := t.Context()
	w.policy(t, 1)
	s, _, err := w.Look(ctx, person("researcher"), person("marketplace"))
	ok(t, err)
	first := w.refusal("one", "first", 2000, s)
	ok(t, w.Refuse(ctx, first))
	again := first
	again.Decision, again.Now, again.Salt, again.Grounds = name("decision again"), 2001, name("salt again"), []byte("shown by somebody else")
	ok(t, w.Refuse(ctx, again))
	got, err := w.Refused(ctx, first.Request)
	ok(t, err)
	equal(t, "the first", got.KeptRefusal, first)
	for what, change := range map[string]func(*provider.KeptRefusal){
		"another ask":    func(r *provider.KeptRefusal) { r.Ask = name("another ask") },
		"another policy": func(r *provider.KeptRefusal) { r.Policy = name("another policy") },
		"other reasons":  func(r *provider.KeptRefusal) { r.Reasons = r.Reasons[:1] },
		"a re-check":     func(r *provider.KeptRefusal) { r.Recheck = true },
	} {
		r := again
		r.Decision = name("decision: %s", what)
		change(&r)
		ok(t, w.Refuse(ctx, r))
		if _, err := w.Refused(ctx, r.Decision); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// testRefusalsAreBounded: of an organisation the last are kept, as many and as much as there may be; another's are left alone.
func testRefusalsAreBounded(t *testing.T, w *ward) {
	ctx := t.Context()
	w.policy(t, 1)
	s, _, err := w.Look(ctx, person("researcher"), person("marketplace"))
	ok(t, err)
	refuse := func(organisation string, n int, size int) {
		t.Helper()
		r := w.refusal(organisation, fmt.Sprint(organisation, n), int64(n), s)
		r.Decision, r.Grounds = name("%s %d", organisation, n), bytes.Repeat([]byte("x"), size)
		ok(t, w.Refuse(ctx, r))
	}
	kept := func(organisation string, n int) bool {
		t.Helper()
		_, err := w.Refused(ctx, name("%s %d", organisation, n))
		if err != nil && !errors.Is(err, provider.ErrUnknownRequest) {
			t.Fatal(err)
		}
		return err == nil
	}
	refuse("quiet", 0, 100)
	for n := range provider.MaxRefusals + 3 {
		refuse("eager", n, 1)
	}
	for n, want := range map[int]bool{0: false, 2: false, 3: true, provider.MaxRefusals + 2: true} {
		equal(t, "kept", kept("eager", n), want)
	}
	// Of grounds that come to the bound just, all are kept; a byte more pushes the first out.
	const part = provider.MaxRefusalBytes / 4
	for n := range 4 {
		refuse("wordy", n, part)
	}
	equal(t, "all at the bound", []bool{kept("wordy", 0), kept("wordy", 1)}, []bool{true, true})
	refuse("wordy", 4, 1)
	equal(t, "a byte above", []bool{kept("wordy", 0), kept("wordy", 1)}, []bool{false, true})
	refuse("wordy", 5, provider.MaxRefusalBytes+1)
	equal(t, "the last, whatever it takes", []bool{kept("wordy", 4), kept("wordy", 5)}, []bool{false, true})
	equal(t, "others'", []bool{kept("quiet", 0), kept("eager", provider.MaxRefusals+2)}, []bool{true, true})
}
