package storetest

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// nothing is no loss.
var nothing accountant.Cost

// hospital is whose log tests prove from.
var hospital = person("hospital")

// complete adds to a proof of the store what the node adds, and checks it.
func (w *ward) complete(t tb, p consent.Proof) consent.Proof {
	t.Helper()
	size, root, err := w.LogRoot(t.Context())
	ok(t, err)
	p.Provider = hospital
	p.Inclusion = ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, hospital), Index: p.Checkpoint.Size - 1, Size: size, Root: root}
	p.Inclusion.Path, _, err = w.Inclusion(t.Context(), size, p.Inclusion.Index)
	ok(t, err)
	ok(t, p.Check())
	return p
}

// consent proves what the hospital was committed to for a patient at asOf.
func (w *ward) consent(t tb, patient int64, asOf uint64) consent.Proof {
	t.Helper()
	p, err := w.Consent(t.Context(), patient, asOf)
	ok(t, err)
	equal(t, "size of the checkpoint", p.Checkpoint.Size, asOf)
	return w.complete(t, p)
}

// entry is the one of an event whose patient had lost carried before it and
// joined a class at an odometer.
func entry(t tb, e provider.Event, carried, joined accountant.Cost) consent.Entry {
	t.Helper()
	h, err := consent.PreferenceOf(e.Document).Hash()
	ok(t, err)
	return consent.Entry{
		Preference: h, Revision: e.Document.Revision, CarriedNanoRho: carried.NanoRho, CarriedDelta: carried.Delta,
		JoinedNanoRho: joined.NanoRho, JoinedDelta: joined.Delta,
	}
}

// shows checks that a proof is of presence, with the given entry and event; nil
// stands for no preference. What was charged to her class by then is joined above its base.
func (w *ward) shows(t tb, p consent.Proof, e *provider.Event, carried, joined accountant.Cost) {
	t.Helper()
	if p.Present == nil || p.Absent != nil {
		t.Fatalf("shows absence at %d", p.Checkpoint.Size)
	}
	equal(t, "siblings", len(p.Siblings), consent.Depth)
	if e == nil {
		equal(t, "entry", p.Present.Entry, consent.Entry{})
		return
	}
	base := w.base(t, e.ClassHash)
	joined.NanoRho, joined.Delta = joined.NanoRho+base.NanoRho, joined.Delta+base.Delta
	want := entry(t, *e, carried, joined)
	want.Odometer = p.Present.Entry.Odometer // drawn
	equal(t, "entry", p.Present.Entry, want)
	equal(t, "preference", p.Present.Preference.Document(), e.Document)
	equal(t, "class", p.Counted.Reading.Class, e.ClassHash)
}

// base is what the odometer of a class began at.
func (w *ward) base(t tb, class ledger.Hash) accountant.Cost {
	t.Helper()
	s := w.snapshot(t)
	for i, document := range w.documents(t, s.Classes) {
		if name("%s", document) == class {
			return s.Classes[i].Base
		}
	}
	t.Fatalf("no class %s", class)
	return accountant.Cost{}
}

func testConsent(t *testing.T, w *ward) {
	w.policy(t, 1)
	w.enrol(t, 1)
	for asOf, want := range map[uint64]error{
		0: provider.ErrNoInterval, 1: provider.ErrNoInterval, 65: provider.ErrNoInterval, 1<<63 + 1: provider.ErrNoInterval,
		64: provider.ErrNotReached, 640: provider.ErrNotReached, 1 << 63: provider.ErrNotReached,
	} {
		w.refused(t, want, func(ctx context.Context) error { _, err := w.Consent(ctx, 1, asOf); return err })
		w.refused(t, want, func(ctx context.Context) error { _, err := w.Absence(ctx, name("nobody"), asOf); return err })
	}
	w.publish(t)
	none := w.consent(t, 1, 64)
	w.shows(t, none, nil, nothing, nothing)
	equal(t, "closed at", none.Checkpoint.ClosedAt, int64(1500))
	absent := w.consent(t, 2, 64) // is enrolled later
	if absent.Absent == nil || absent.Present != nil {
		t.Fatal("shows who is not there")
	}

	w.enrol(t, 2)
	no, yes := w.event(1, "no", 0), w.event(1, "yes", 0)
	w.record(t, no, yes)
	cost := accountant.Cost{NanoRho: 30, Delta: 2}
	c, err := w.Charge(t.Context(), w.request("first"), w.charge(t, cost, 2000, "yes"))
	ok(t, err)
	first := w.consent(t, 1, 128)
	w.shows(t, first, &yes, nothing, nothing)
	equal(t, "root", first.Checkpoint.MapRoot, c.MapRoot)
	equal(t, "closed at", first.Checkpoint.ClosedAt, int64(2000))
	w.shows(t, w.consent(t, 2, 128), nil, nothing, nothing)
	equal(t, "her index", w.consent(t, 2, 128).Index, absent.Index)

	other, again := w.event(2, "yes", 0), w.event(1, "yes", 0)
	w.record(t, other, again)
	w.shows(t, w.consent(t, 1, 128), &yes, nothing, nothing) // it is of then
	w.publish(t)
	w.shows(t, w.consent(t, 1, 192), &again, cost, cost)
	w.shows(t, w.consent(t, 2, 192), &other, nothing, cost)
	for _, old := range []consent.Proof{none, absent, first} { // as it was, under a later root
		p, err := w.Absence(t.Context(), old.Index, old.Checkpoint.Size)
		if old.Present != nil {
			same(t, err, consent.ErrPresent)
			p, err = w.Consent(t.Context(), 1, old.Checkpoint.Size)
		}
		ok(t, err)
		p = w.complete(t, p)
		old.Inclusion = p.Inclusion
		equal(t, "proof", p, old)
	}
	w.survives(t)
	w.shows(t, w.consent(t, 1, 192), &again, cost, cost)
}

// testOdometers holds the readings of every interval against a plain walk over random lives and charges, of classes that
// come, go and come again. All runs share the store and its classes.
func testOdometers(t *testing.T, w *ward) {
	type class struct {
		lost accountant.Cost // above its base
		last uint64
		at   consent.Place // 0: not seen yet
	}
	w.policy(t, 1)
	classes, run := map[string]*class{"a": {}, "b": {}, "c": {}}, int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		type moment struct {
			asOf uint64
			who  int64
			class
		}
		run++
		var history []moment
		now := map[int64]string{}
		for i := range rapid.IntRange(1, 10).Draw(rt, "steps") {
			who := rapid.Int64Range(run*10, run*10+2).Draw(rt, "patient")
			what := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "class")
			switch rapid.SampledFrom([]string{"record", "charge", "publish"}).Draw(rt, "step") {
			case "record":
				w.record(rt, w.recordedEvent(who, what, 0))
				now[who] = what
				continue
			case "charge":
				cost := accountant.Cost{NanoRho: rapid.Int64Range(1, 9).Draw(rt, "cost"), Delta: 1}
				c, err := w.Charge(rt.Context(), name("odometers %d %d", run, i), w.free(rt, cost, 2000, what))
				ok(rt, err)
				for _, k := range c.Classes {
					base := w.base(rt, name("%s", what))
					classes[what].lost = nano(k.Odometer.NanoRho-base.NanoRho, k.Odometer.Delta-base.Delta)
					classes[what].last = c.AsOf
				}
			case "publish":
				w.publish(rt)
			}
			for who, what := range now {
				history = append(history, moment{w.log.size, who, *classes[what]})
			}
		}
		for _, m := range history {
			p := w.consent(rt, m.who, m.asOf)
			r := p.Counted.Reading
			base := w.base(rt, r.Class)
			equal(rt, "reading", []any{nano(r.NanoRho-base.NanoRho, r.Delta-base.Delta), r.Charged}, []any{m.lost, m.last == m.asOf})
			for what, c := range classes {
				if r.Class != name("%s", what) {
					continue
				}
				if c.at == 0 {
					c.at = p.Present.Entry.Odometer
				}
				equal(rt, "place", p.Present.Entry.Odometer, c.at)
			}
		}
		for who := range now { // leaves, so that the next run may find the class empty, and charge it
			w.record(rt, w.recordedEvent(who, "gone", 0))
		}
	})
	w.survives(t)
}

func testPatient(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	_, err := w.Patient(t.Context(), key(3))
	same(t, err, provider.ErrNotEnrolled)
	patient, err := w.Patient(t.Context(), key(2))
	ok(t, err)
	equal(t, "patient", patient, int64(2))
}

// testConsentModel holds the proofs of every interval against a plain walk over
// random events. All runs share the store, under patients of their own.
func testConsentModel(t *testing.T, w *ward) {
	w.policy(t, 1)
	run := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		type moment struct {
			asOf  uint64
			holds map[int64]*provider.Event // of those enrolled
		}
		var history []moment
		now := map[int64]*provider.Event{}
		patient := rapid.Int64Range(run*10, run*10+3)
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			who := patient.Draw(rt, "patient")
			_, enrolled := now[who]
			switch {
			case rapid.Bool().Draw(rt, "publish"):
				w.publish(rt)
				m := moment{w.log.size, map[int64]*provider.Event{}}
				for p, e := range now {
					m.holds[p] = e
				}
				history = append(history, m)
			case !enrolled:
				w.enrol(rt, who)
				now[who] = nil
			default:
				e := w.event(who, "class", 0)
				w.record(rt, e)
				now[who] = &e
			}
		}
		for _, m := range history {
			for who := run * 10; who < run*10+4; who++ {
				e, enrolled := m.holds[who]
				p := w.consent(rt, who, m.asOf)
				if enrolled {
					w.shows(rt, p, e, nothing, nothing)
				} else if p.Absent == nil {
					rt.Fatalf("%d is shown at %d", who, m.asOf)
				}
			}
		}
	})
	w.survives(t)
}

// testIndices: an index is the patient's for as long as the store lives, and
// another store has others.
func testIndices(t *testing.T, w *ward) {
	other := w.fresh()
	for _, x := range []*ward{w, other} {
		x.enrol(t, 1, 2)
		x.publish(t)
	}
	hers := w.consent(t, 1, 64).Index
	for name, index := range map[string]ledger.Hash{
		"of another patient": w.consent(t, 2, 64).Index, "at another hospital": other.consent(t, 1, 64).Index,
	} {
		if index == hers {
			t.Errorf("her index is the one %s", name)
		}
	}
	if w.consent(t, 1, 64).Checkpoint.MapRoot == other.consent(t, 1, 64).Checkpoint.MapRoot {
		t.Error("two hospitals with the same patients have the same root")
	}
	w.survives(t)
	w.publish(t)
	equal(t, "her index later", w.consent(t, 1, 128).Index, hers)
}

// testG7Sizes: of two hospitals whose charges came at the same time, one with
// hardly an event and one with hundreds, everything public has the same size and
// the same place, and so has the proof of a patient to whom nothing happened.
func testG7Sizes(t *testing.T, w *ward) {
	quiet, busy := w, w.fresh()
	type public struct {
		Sizes, Paths, Proofs []int
		Charges              []provider.Charged
		Answers              []ledger.LogProof
	}
	run := func(w *ward, happen func(round int)) (p public) {
		w.enrol(t, 1, 2, 3, 4, 5, 6, 7)
		w.policy(t, 1)
		w.record(t, w.event(1, "yes", 0), w.event(2, "yes", 0))
		for round := range 4 {
			happen(round)
			request := w.request("request %d", round)
			c, err := w.Charge(t.Context(), request, w.charge(t, accountant.Cost{NanoRho: 5}, 2000, "yes"))
			ok(t, err)
			c.Root, c.MapRoot, c.LastEvent = ledger.Hash{}, ledger.Hash{}, 0 // the hospital's own, or hashes
			for i := range c.Classes {
				c.Classes[i].Odometer = nothing // likewise, as it began at random
			}
			p.Charges = append(p.Charges, c)
			_, err = w.Finish(t.Context(), request, signedRelease(request, 1), name("answer %d", round), []int64{2}, 2000)
			ok(t, err)
			w.log.public = append(w.log.public, name("answer %d", round))
			w.publish(t)
			w.logged(t)
			p.Sizes = append(p.Sizes, int(w.log.size))
			for i, leaf := range w.log.published {
				if leaf == name("answer %d", round) {
					p.Answers = append(p.Answers, ledger.LogProof{Index: i, Size: w.log.size})
				}
			}
			for asOf := uint64(64); asOf <= w.log.size; asOf += 64 {
				proof := w.consent(t, 1, asOf)
				content, err := ledger.Canonical(proof)
				ok(t, err)
				p.Paths = append(p.Paths, len(proof.Inclusion.Path), len(proof.Siblings))
				p.Proofs = append(p.Proofs, len(content))
			}
		}
		return p
	}
	want := run(quiet, func(int) {})
	got := run(busy, func(round int) {
		for i := range 150 {
			busy.record(t, busy.event(int64(3+i%5), []string{"yes", "no"}[i%2], 0))
		}
		if round == 0 {
			busy.enrol(t, 8)
			busy.record(t, busy.event(2, "no", 0)) // withdraws
		}
	})
	equal(t, "what is public", got, want)
	equal(t, "answers", len(want.Answers), 4)
}
