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
// stands for no preference.
func shows(t tb, p consent.Proof, e *provider.Event, carried, joined accountant.Cost) {
	t.Helper()
	if p.Present == nil || p.Absent != nil {
		t.Fatalf("shows absence at %d", p.Checkpoint.Size)
	}
	equal(t, "siblings", len(p.Siblings), consent.Depth)
	if e == nil {
		equal(t, "entry", p.Present.Entry, consent.Entry{})
		return
	}
	equal(t, "entry", p.Present.Entry, entry(t, *e, carried, joined))
	equal(t, "preference", p.Present.Preference.Document(), e.Document)
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
	shows(t, none, nil, nothing, nothing)
	equal(t, "closed at", none.Checkpoint.ClosedAt, int64(1500))
	absent := w.consent(t, 2, 64) // is enrolled later
	if absent.Absent == nil || absent.Present != nil {
		t.Fatal("shows who is not there")
	}

	w.enrol(t, 2)
	no, yes := w.event(1, "no", 0), w.event(1, "yes", 0)
	w.record(t, no, yes)
	cost := accountant.Cost{NanoRho: 30, Delta: 2}
	c, err := w.Charge(t.Context(), w.request("first"), charge(cost, 2000, "yes"))
	ok(t, err)
	first := w.consent(t, 1, 128)
	shows(t, first, &yes, nothing, nothing)
	equal(t, "root", first.Checkpoint.MapRoot, c.MapRoot)
	equal(t, "closed at", first.Checkpoint.ClosedAt, int64(2000))
	shows(t, w.consent(t, 2, 128), nil, nothing, nothing)
	equal(t, "her index", w.consent(t, 2, 128).Index, absent.Index)

	other, again := w.event(2, "yes", 0), w.event(1, "yes", 0)
	w.record(t, other, again)
	shows(t, w.consent(t, 1, 128), &yes, nothing, nothing) // it is of then
	w.publish(t)
	shows(t, w.consent(t, 1, 192), &again, cost, cost)
	shows(t, w.consent(t, 2, 192), &other, nothing, cost)
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
	shows(t, w.consent(t, 1, 192), &again, cost, cost)
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
					shows(rt, p, e, nothing, nothing)
				} else if p.Absent == nil {
					rt.Fatalf("%d is shown at %d", who, m.asOf)
				}
			}
		}
	})
	w.survives(t)
}
