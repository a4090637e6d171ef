package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// permitted is a class after a charge.
func permitted(c provider.Class, cost accountant.Cost) provider.Permitted {
	return provider.Permitted{Class: c.ID, Odometer: accountant.Cost{NanoRho: c.Odometer.NanoRho + cost.NanoRho, Delta: c.Odometer.Delta + cost.Delta}}
}

// begun is a class that was not charged yet, with the base that it has.
func begun(s provider.Snapshot, id uint32) provider.Class {
	base := s.Classes[id-1].Base
	return provider.Class{ID: id, Base: base, Odometer: base}
}

// testEveryClass: a decision sees every class that anybody was ever in, and no other, so that
// none has an odometer that tells whether somebody is.
func testEveryClass(t *testing.T, w *ward) {
	w.policy(t, 1)
	w.enrol(t, 1, 2)
	sees := func(want ...string) {
		t.Helper()
		var got []string
		got = append(got, w.documents(t, w.snapshot(t).Classes)...)
		equal(t, "classes", got, want)
	}
	sees()
	w.record(t, w.event(1, "a", 0), w.event(2, "a", 0))
	_, err := w.Charge(t.Context(), w.request("a"), w.free(t, accountant.Cost{NanoRho: 5}, 2000, "a"))
	ok(t, err)
	sees("a")
	w.record(t, w.event(1, "b", 0), w.event(1, "c", 0), w.event(1, "d", 0), w.event(1, "d", 9000))
	sees("a", "b", "c", "d")
	w.refused(t, provider.ErrStaleRevision, func(ctx context.Context) error {
		_, err := w.Record(ctx, []provider.Event{event(2, 2, "e", 0), event(1, 1, "e", 0)})
		return err
	})
	sees("a", "b", "c", "d")
	w.record(t, w.event(2, "d", 0))
	sees("a", "b", "c", "d")
	w.Store = w.reopen()
	_, err = w.Charge(t.Context(), w.request("nobody is in a"), w.free(t, accountant.Cost{NanoRho: 2}, 2000, "a"))
	ok(t, err)
	w.record(t, w.event(1, "a", 0), w.recordedEvent(-3, "d", 0))
	sees("a", "b", "c", "d")
	equal(t, "charged", w.snapshot(t).Classes[0].Charged(), accountant.Cost{NanoRho: 7})
	w.survives(t)
}

// testDailyDocuments: after MaxDaily documents of a patient within a day she permits
// nothing more until the first of them is a day old; a withdrawal is taken.
func testDailyDocuments(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	const day = 24 * 3600
	next := func(patient int64, permits bool, at int64) provider.Event {
		e := w.event(patient, "yes", 0)
		e.Permits, e.At = permits, at
		return e
	}
	for i := range int64(provider.MaxDaily) {
		w.record(t, next(1, i%2 == 0, 1000+i))
	}
	more := event(1, provider.MaxDaily+1, "yes", 0)
	more.Permits, more.At = true, 1000+day-1
	w.refused(t, provider.ErrTooManyChanges, func(ctx context.Context) error {
		_, err := w.Record(ctx, []provider.Event{more})
		return err
	})
	w.record(t, next(2, true, 1100)) // another patient
	w.record(t, next(1, false, 1000+day-1))
	w.record(t, next(1, true, 1001+day))
}
