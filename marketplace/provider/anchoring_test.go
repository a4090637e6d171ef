package provider_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// G6: what a reorganisation takes off the chain was never called anchored, and is
// sent again until it is final.
func TestG6AReorganisedAnchorIsSentAgain(t *testing.T) {
	w := openExact(t)
	log := &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
	anchored := func() uint64 {
		a, _, err := w.Store.LastAnchor(t.Context())
		ok(t, err)
		return a.Size
	}
	first := w.release(w.ask("one")).Release.AsOf
	for range 3 {
		ok(t, log.Anchor(t.Context()))
		equal(t, "on the chain", w.Chain.Anchored(ledger.LogProvider, first).IsZero(), false)
		equal(t, "anchored", anchored(), uint64(0))
		w.Chain.Reorganise()
		w.Chain.Finalise()
	}
	// It is sent, and so is a later one; the first of them is taken off.
	ok(t, log.Anchor(t.Context()))
	w.Chain.Reorganise()
	second := w.release(w.ask("two")).Release.AsOf
	ok(t, log.Anchor(t.Context()))
	equal(t, "anchored", anchored(), uint64(0))
	block := w.Chain.Finalise()
	w.Chain.Shallow = true // final, and no proof is to be had yet
	ok(t, log.Anchor(t.Context()))
	equal(t, "anchored", anchored(), uint64(0))
	w.Chain.Shallow = false
	ok(t, log.Anchor(t.Context()))
	equal(t, "anchored", anchored(), second)
	equal(t, "the first is under the second's root", w.proof(6, first).Anchor, &ledger.AnchorProof{Block: block})
	ok(t, log.Anchor(t.Context()))
	equal(t, "nothing more to send", w.Chain.Finalise(), block)
}

// What was on its way when the process ended is sent again.
func TestAnchorsAfterARestart(t *testing.T) {
	w := openExact(t)
	open := func() *provider.Log {
		return &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
	}
	asOf := w.release(w.ask("one")).Release.AsOf
	ok(t, open().Anchor(t.Context()))
	log := open()
	ok(t, log.Anchor(t.Context()))
	block := w.Chain.Finalise()
	ok(t, log.Anchor(t.Context()))
	a, _, err := w.Store.LastAnchor(t.Context())
	ok(t, err)
	equal(t, "anchor", a, provider.Anchor{Size: asOf, Root: w.Chain.Anchored(ledger.LogProvider, asOf), Block: block})
}

// While nothing becomes final, what waits for it is bounded; it goes on afterwards.
func TestAnchorsWhileNothingIsFinal(t *testing.T) {
	w := openExact(t)
	log := &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
	var last uint64
	for range 70 {
		size, err := w.Store.Publish(t.Context(), 0)
		ok(t, err)
		ok(t, log.Anchor(t.Context()))
		last = size
	}
	if block := w.Chain.Finalise(); block != 64 {
		t.Errorf("%d anchors were sent", block)
	}
	ok(t, log.Anchor(t.Context()))
	w.Chain.Finalise()
	ok(t, log.Anchor(t.Context()))
	a, _, err := w.Store.LastAnchor(t.Context())
	ok(t, err)
	equal(t, "anchored", a.Size, last)
}

// A chain or a store that fails loses nothing.
func TestAnchorsAfterFailures(t *testing.T) {
	broken := errors.New("broken")
	for _, where := range []string{"FinalBlock", "AnchorRoot", "AnchorProof", "Anchor"} {
		w := openExact(t)
		log := &provider.Log{Kind: ledger.LogProvider, Keeper: w.Address(), Store: w.Store, Chain: w.Chain}
		asOf := w.release(w.ask("one")).Release.AsOf
		fail := func(method string) error {
			if method == where {
				return broken
			}
			return nil
		}
		if where == "Anchor" {
			w.Chain.Fail = fail
			if err := log.Anchor(t.Context()); !errors.Is(err, broken) {
				t.Errorf("%s: %v", where, err)
			}
			w.Chain.Fail = nil
		}
		ok(t, log.Anchor(t.Context()))
		w.Chain.Finalise()
		if where != "Anchor" {
			w.Chain.Fail = fail
			if err := log.Anchor(t.Context()); !errors.Is(err, broken) {
				t.Errorf("%s: %v", where, err)
			}
			w.Chain.Fail = nil
		}
		ok(t, log.Anchor(t.Context()))
		a, _, err := w.Store.LastAnchor(t.Context())
		ok(t, err)
		equal(t, where+": anchored", a.Size, asOf)
	}
}
