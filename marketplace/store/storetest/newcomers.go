package storetest

import (
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// testG7Newcomers: from her own proofs and exposures nobody can tell a class that others are in, and were charged in, from one
// that she is the first of, nor from one that is empty while she is away. What differs are hashes, places and the bases.
func testG7Newcomers(t *testing.T, w *ward) {
	w.policy(t, 1)
	w.enrol(t, 1, 2, 3)
	w.record(t, w.event(1, "old", 0))
	ask := func(question string) (asOf uint64) {
		c, err := w.Charge(t.Context(), w.request("%s", question), w.free(t, nano(30, 2), 2000, "old", "new"))
		ok(t, err)
		return c.AsOf
	}
	ask("before either comes")
	w.record(t, w.event(2, "old", 0), w.event(3, "new", 0))
	w.publish(t)
	came := w.log.size
	w.alike(t, came, nano(0, 0), false)
	w.alike(t, ask("while they are in"), nano(30, 2), true)
	w.record(t, w.event(2, "gone", 0), w.event(3, "gone", 0))
	ask("while they are not, and somebody is in one of them")
	w.record(t, w.event(2, "old", 0), w.event(3, "new", 0))
	w.publish(t)
	back := w.log.size
	w.alike(t, back, nano(0, 0), false)
	for patient := int64(2); patient <= 3; patient++ {
		before, after := w.consent(t, patient, came).Present.Entry, w.consent(t, patient, back).Present.Entry
		equal(t, "charged meanwhile", nano(after.JoinedNanoRho-before.JoinedNanoRho, after.JoinedDelta-before.JoinedDelta), nano(60, 4))
		equal(t, "carried", nano(after.CarriedNanoRho, after.CarriedDelta), nano(30, 2))
	}
	w.alike(t, ask("once more"), nano(30, 2), true)
	w.survives(t)
}

// alike holds all that patients 2 and 3 see of an interval against one another, and what was charged to either since she came.
func (w *ward) alike(t tb, asOf uint64, since accountant.Cost, charged bool) {
	t.Helper()
	type seen struct {
		Proof     consent.Proof
		Size      int
		Exposures []provider.Exposure
	}
	see := func(patient int64) (s seen) {
		s.Proof = w.consent(t, patient, asOf)
		content, err := ledger.Canonical(s.Proof)
		ok(t, err)
		s.Size = len(content)
		s.Exposures, err = w.Exposures(t.Context(), key(patient), 0)
		ok(t, err)
		p, entry, r := &s.Proof, &s.Proof.Present.Entry, &s.Proof.Counted.Reading
		equal(t, "charged since", nano(r.NanoRho-entry.JoinedNanoRho, r.Delta-entry.JoinedDelta), since)
		equal(t, "charged in the interval", r.Charged, charged)
		for _, joined := range []int64{entry.JoinedNanoRho, entry.JoinedDelta} {
			if joined < 1e15 || joined >= 1<<51 {
				t.Fatalf("an odometer that began at random reads %d", joined)
			}
		}
		equal(t, "siblings", []int{len(p.Siblings), len(p.Counted.Path.Siblings)}, []int{consent.Depth, consent.OdometerDepth})
		p.Index, p.Siblings, p.Counted.Path, p.Present.Salt, p.Present.Preference = ledger.Hash{}, nil, consent.OdometerPath{}, ledger.Hash{}, nil
		entry.Preference, entry.Odometer, r.Class = ledger.Hash{}, 0, ledger.Hash{}
		r.NanoRho, r.Delta, entry.JoinedNanoRho, entry.JoinedDelta = 0, 0, 0, 0
		return s
	}
	equal(t, "what is seen", see(3), see(2))
}
