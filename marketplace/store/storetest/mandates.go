package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// testMandates: who holds a mandate that runs records for its patient, and nobody else.
func testMandates(t *testing.T, w *ward) {
	ctx := t.Context()
	w.enrol(t, 1, 2)
	his, hers := person("guardian"), key(1)
	given := provider.Mandate{ID: name("mandate"), Patient: 1, Key: his, Kind: provider.Delegate, Until: 2000}
	asked := given
	asked.Patient = 0
	ok(t, w.Delegate(ctx, asked, &hers, 900))
	ok(t, w.Delegate(ctx, asked, &hers, 900)) // once
	child := provider.Mandate{ID: name("of a child"), Patient: -7, Key: his, Kind: provider.Guardian, Until: 3000}
	ok(t, w.Delegate(ctx, child, nil, 900))
	stranger := person("stranger")
	w.refused(t, provider.ErrNotEnrolled, func(ctx context.Context) error {
		return w.Delegate(ctx, provider.Mandate{ID: name("another"), Key: his, Kind: provider.Delegate, Until: 2000}, &stranger, 900)
	})
	of := func(k ledger.Address, want ...provider.Mandate) {
		t.Helper()
		got, err := w.MandatesOf(ctx, k)
		ok(t, err)
		equal(t, "mandates", got, want)
	}
	of(his, given, child)
	of(hers, given)
	of(key(2))
	by := func(e provider.Event, k ledger.Address, id ledger.Hash, at int64) []provider.Event {
		e.Key, e.Mandate, e.At = k, &id, at
		return []provider.Event{e}
	}
	for what, events := range map[string][]provider.Event{
		"another's mandate": by(event(1, 1, "yes", 0), key(2), given.ID, 1000),
		"none":              by(event(1, 1, "yes", 0), his, name("none"), 1000),
		"one that is over":  by(event(1, 1, "yes", 0), his, given.ID, 2000),
	} {
		t.Run(what, func(t *testing.T) {
			w.refused(t, provider.ErrNoMandate, func(ctx context.Context) error { _, err := w.Record(ctx, events); return err })
		})
	}
	w.record(t, by(w.event(1, "yes", 0), his, given.ID, 1000)...)
	w.record(t, by(w.event(-7, "yes", 3000), his, child.ID, 1000)...)
	w.record(t, w.event(1, "no", 0)) // she goes on counting
	s, err := w.PreferenceOf(ctx, given.ID)
	ok(t, err)
	own, err := w.Preference(ctx, hers)
	ok(t, err)
	equal(t, "standing", s, own)
	for id, who := range map[ledger.Hash]ledger.Address{given.ID: key(2), child.ID: hers, name("none"): hers} {
		w.refused(t, provider.ErrNoMandate, func(ctx context.Context) error { return w.Revoke(ctx, id, &who, 1500) })
	}
	ok(t, w.Revoke(ctx, given.ID, &hers, 1500))
	ok(t, w.Revoke(ctx, child.ID, nil, 1500))
	for id, patient := range map[ledger.Hash]int64{given.ID: 1, child.ID: -7} {
		w.refused(t, provider.ErrNoMandate, func(ctx context.Context) error {
			_, err := w.Record(ctx, by(event(patient, 9, "yes", 0), his, id, 1600))
			return err
		})
	}
	w.Store = w.reopen()
	given.Revoked, child.Revoked = 1500, 1500
	of(his, given, child)
	told, _, err := w.Notices(ctx, hers, 0)
	ok(t, err)
	equal(t, "told", told, []provider.Notice{
		{At: 900, Kind: provider.NoticeDelegate, Key: his}, {At: 1500, Kind: provider.NoticeRevoked, Key: his},
	})
	second := key(2)
	for i := range provider.MaxMandates {
		ok(t, w.Delegate(ctx, provider.Mandate{ID: name("mandate %d", i), Key: his, Kind: provider.Delegate, Until: 2000}, &second, 900))
	}
	w.refused(t, provider.ErrTooManyMandates, func(ctx context.Context) error {
		return w.Delegate(ctx, provider.Mandate{ID: name("one more"), Key: his, Kind: provider.Delegate, Until: 2000}, &second, 900)
	})
	ok(t, w.Delegate(ctx, provider.Mandate{ID: name("one more"), Key: his, Kind: provider.Delegate, Until: 4000}, &second, 2000))
}

// testMandatesEnd: a hospital names no guardian of a patient with a key, none goes on when
// she gets one, and a recovery ends what the key it replaces may have said; a rotation
// does not.
func testMandatesEnd(t *testing.T, w *ward) {
	ctx := t.Context()
	his, thief, next := person("guardian"), person("thief"), person("recovered")
	for i, bind := range []func(patient int64) ledger.Address{
		func(patient int64) ledger.Address { w.enrol(t, patient); return key(patient) },
		func(patient int64) ledger.Address {
			w.redeem(t, w.invite(t, false, patient)[0], key(patient), 1000)
			w.keys = append(w.keys, key(patient))
			return key(patient)
		},
	} {
		patient := int64(20 + i)
		ward := provider.Mandate{ID: name("of ward %d", i), Patient: patient, Key: his, Kind: provider.Guardian, Until: 9000}
		ok(t, w.Delegate(ctx, ward, nil, 900))
		k := bind(patient)
		w.silent(t, his, ward.ID, patient)
		ward.ID = name("again of ward %d", i)
		w.refused(t, provider.ErrHasKey, func(ctx context.Context) error { return w.Delegate(ctx, ward, nil, 1100) })
		told, _, err := w.Notices(ctx, k, 0)
		ok(t, err)
		equal(t, "the last told", told[len(told)-1], provider.Notice{At: 1000, Kind: provider.NoticeRevoked, Key: his})
	}
	stolen, rotated := key(20), person("rotated")
	made := provider.Mandate{ID: name("the thief's"), Key: thief, Kind: provider.Guardian, Until: 9000}
	ok(t, w.Delegate(ctx, made, &stolen, 1100))
	ok(t, w.ChangeKey(ctx, stolen, rotated, 1200))
	e := w.event(20, "yes", 0)
	e.Key, e.Mandate = thief, &made.ID
	w.record(t, e) // of a rotation nothing ends
	equal(t, "recovered", w.redeem(t, w.invite(t, true, 20)[0], next, 1300), true)
	w.keys = append(w.keys, next)
	w.silent(t, thief, made.ID, 20)
}

// silent checks that a mandate is good for nothing any more.
func (w *ward) silent(t *testing.T, k ledger.Address, id ledger.Hash, patient int64) {
	t.Helper()
	e := event(patient, w.revision[patient]+1, "yes", 0)
	e.Key, e.Mandate, e.At = k, &id, 1400
	w.refused(t, provider.ErrNoMandate, func(ctx context.Context) error {
		_, err := w.Record(ctx, []provider.Event{e})
		return err
	})
}

// testKnows: a key is known while it is a patient's, for a time after, and while it has a mandate that runs.
func testKnows(t *testing.T, w *ward) {
	ctx, next, him := t.Context(), person("her next key"), person("him")
	knows := func(want bool, k ledger.Address, since, now int64) {
		t.Helper()
		got, err := w.Knows(ctx, k, since, now)
		ok(t, err)
		equal(t, "knows", got, want)
	}
	w.enrol(t, 1)
	knows(true, key(1), 0, 2000)
	knows(false, next, 0, 2000)
	ok(t, w.ChangeKey(ctx, key(1), next, 2000))
	knows(true, next, 0, 2000)
	knows(true, key(1), 2000, 3000)
	knows(false, key(1), 2001, 3000)
	ok(t, w.Delegate(ctx, provider.Mandate{ID: name("mandate"), Key: him, Kind: provider.Delegate, Until: 3000}, &next, 2000))
	knows(true, him, 0, 2999)
	knows(false, him, 0, 3000)
	ok(t, w.Revoke(ctx, name("mandate"), &next, 2500))
	knows(false, him, 0, 2600)
}
