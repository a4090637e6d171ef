package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// chargeUnasked is a decision that charges those who were never asked.
func chargeUnasked(cost accountant.Cost) func(provider.Snapshot) (provider.Charge, error) {
	return func(s provider.Snapshot) (provider.Charge, error) {
		after, err := s.Unasked.Add(cost)
		return provider.Charge{
			Ask: name("ask"), Cost: cost, Policy: s.Policy.Hash(), Now: 2000, Classes: []provider.Permitted{{Odometer: after}},
		}, err
	}
}

// testUnasked: those who were never asked are a class of which nothing is kept but its odometer. Who speaks up leaves it, and
// carries what it was charged.
func testUnasked(t *testing.T, w *ward) {
	ctx, cost := t.Context(), nano(30, 2)
	w.policy(t, 1)
	w.enrol(t, 1, 2, 3)
	w.record(t, w.event(1, "a", 0))
	request := w.request("charge")
	c, err := w.Charge(ctx, request, chargeUnasked(cost))
	ok(t, err)
	equal(t, "classes", c.Classes, []provider.Permitted{{Odometer: cost}})
	equal(t, "odometer", w.snapshot(t).Unasked, cost)
	_, err = w.Charge(ctx, w.request("another class"), w.free(t, cost, 2000, "a"))
	ok(t, err)
	equal(t, "odometer", w.snapshot(t).Unasked, cost)
	for patient, want := range map[int64]int{1: 1, 2: 1} { // hers, of her class and of none
		all, err := w.Exposures(ctx, key(patient), 0)
		ok(t, err)
		equal(t, "exposures", len(all), want)
		equal(t, "to which charge", all[0].Request == request, patient == 2)
		equal(t, "lost", all[0].Lost, cost)
		equal(t, "revision", all[0].Revision, uint64(2-patient))
	}

	w.record(t, w.event(2, "b", 0))
	s, err := w.Preference(ctx, key(2))
	ok(t, err)
	equal(t, "lost", s.Lost, cost)
	finish := func(excluded ...int64) error {
		_, err := w.Finish(ctx, request, signedRelease(request, 1), name("leaf"), excluded, 2000)
		return err
	}
	var redo *provider.RedoError
	if err := finish(); !errors.As(err, &redo) {
		t.Fatalf("she has left: %v", err)
	}
	equal(t, "who has left", redo.Excluded, []int64{2})
	ok(t, finish(2))
	w.log.public = append(w.log.public, name("leaf"))
	_, err = w.HandOver(ctx, request, 2000)
	ok(t, err)
	w.record(t, w.event(3, "b", 0)) // nothing says that he was not in it
	w.refused(t, nil, func(ctx context.Context) error { _, err := w.HandOver(ctx, request, 2000); return err })

	more := nano(5, 0)
	_, err = w.Charge(ctx, w.request("more"), chargeUnasked(more))
	ok(t, err)
	for asked, want := range map[ledger.Hash]accountant.Cost{request: {}, name("more"): cost} {
		d, err := w.Decision(ctx, asked)
		ok(t, err)
		equal(t, "before", d.Before.Unasked, want)
	}
	w.refused(t, nil, func(ctx context.Context) error {
		_, err := w.Charge(ctx, name("too little"), func(s provider.Snapshot) (provider.Charge, error) {
			c, err := chargeUnasked(more)(s)
			c.Classes[0].Odometer = more
			return c, err
		})
		return err
	})
	w.survives(t)
}
