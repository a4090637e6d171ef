package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// invite has the store keep codes for patients, good until 5000, and returns them.
func (w *ward) invite(t tb, recovery bool, patients ...int64) (codes []provider.Code) {
	t.Helper()
	i := provider.Invitations{Recovery: recovery, Until: 5000, Now: 1000, Steward: person("steward")}
	for _, p := range patients {
		c := provider.NewCode()
		codes = append(codes, c)
		i.Codes = append(i.Codes, provider.Invited{Patient: p, Code: c})
	}
	ok(t, w.Invite(t.Context(), i))
	return codes
}

func (w *ward) redeem(t tb, c provider.Code, k ledger.Address, now int64) bool {
	t.Helper()
	good, err := w.Redeem(t.Context(), c, k, now)
	ok(t, err)
	return good
}

// near is a code with the name of c that differs in another symbol.
func near(t tb, c provider.Code) provider.Code {
	t.Helper()
	for _, last := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
		for _, other := range "0123456789ABCDEFGHJKMNPQRSTVWXYZ" {
			s := c.Reveal()
			wrong, err := provider.ParseCode(s[:len(s)-2] + string(other) + string(last))
			if err == nil && wrong != c {
				return wrong
			}
		}
	}
	t.Fatal("no code is near")
	return c
}

// testCodes: a code is good once, until it expires, is replaced, or was tried too often.
func testCodes(t *testing.T, w *ward) {
	w.enrol(t, 1)
	codes := w.invite(t, false, 2, 3, -4, 5, 6)
	w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error {
		return w.Invite(ctx, provider.Invitations{Until: 5000, Now: 1000, Codes: []provider.Invited{{Patient: 7, Code: provider.NewCode()}, {Patient: 1, Code: provider.NewCode()}}})
	})
	w.Store = w.reopen()
	for _, k := range []int64{1, 2} { // a key that is bound, whatever the code
		w.keys = append(w.keys, key(k))
	}
	for _, c := range []provider.Code{codes[0], provider.NewCode()} {
		w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error {
			_, err := w.Redeem(ctx, c, key(1), 2000)
			return err
		})
	}
	equal(t, "a code that there is not", w.redeem(t, provider.NewCode(), key(2), 2000), false)
	equal(t, "a code", w.redeem(t, codes[0], key(2), 2000), true)
	equal(t, "a code again", w.redeem(t, codes[0], key(9), 2000), false)
	patient, err := w.Patient(t.Context(), key(2))
	ok(t, err)
	equal(t, "patient", patient, int64(2))
	again := w.invite(t, false, 3)
	equal(t, "a code that was replaced", w.redeem(t, codes[1], key(3), 2000), false)
	equal(t, "the one in its place", w.redeem(t, again[0], key(3), 2000), true)
	equal(t, "a code that has expired", w.redeem(t, codes[2], key(4), 5000), false)
	for i := range provider.MaxTries {
		equal(t, "a wrong code", w.redeem(t, near(t, codes[3]), key(5), 2000), false)
		if i == provider.MaxTries-2 {
			w.Store = w.reopen() // tries are counted over a restart
		}
	}
	equal(t, "a code tried too often", w.redeem(t, codes[3], key(5), 2000), false)
	for range provider.MaxTries - 1 {
		equal(t, "a wrong code", w.redeem(t, near(t, codes[4]), key(6), 2000), false)
	}
	w.enrol(t, 6) // meanwhile, by a steward
	equal(t, "a code for someone with a key", w.redeem(t, codes[4], key(8), 2000), false)
	w.record(t, w.event(2, "yes", 0)) // whoever redeemed is enrolled like anyone
	w.publish(t)
	w.shows(t, w.consent(t, 3, 64), nil, nothing, nothing)
	w.survives(t)
}

// testKeyChange: rotation and recovery end the former key for good and leave all else.
func testKeyChange(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	yes := w.event(1, "yes", 0)
	w.record(t, yes)
	before, err := w.Preference(t.Context(), key(1))
	ok(t, err)
	next, third := person("next"), person("third")
	w.keys = append(w.keys, next, third)
	for _, c := range []struct {
		from, to ledger.Address
		want     error
	}{
		{person("nobody"), next, provider.ErrNotEnrolled},
		{key(1), key(2), provider.ErrAlreadyEnrolled},
		{key(1), key(1), provider.ErrAlreadyEnrolled},
	} {
		w.refused(t, c.want, func(ctx context.Context) error { return w.ChangeKey(ctx, c.from, c.to, 2000) })
	}
	ok(t, w.ChangeKey(t.Context(), key(1), next, 2000))
	w.standsOf(t, next, before, key(1))
	equal(t, "recovery", w.redeem(t, w.invite(t, true, 1)[0], third, 3000), true)
	w.standsOf(t, third, before, key(1), next)
	for _, dead := range []ledger.Address{key(1), next} {
		w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error {
			return w.Enrol(ctx, []provider.Enrolment{{Patient: 5, Key: dead}}, 3000)
		})
		w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error { return w.ChangeKey(ctx, key(2), dead, 3000) })
		w.refused(t, provider.ErrAlreadyEnrolled, func(ctx context.Context) error {
			_, err := w.Redeem(ctx, provider.NewCode(), dead, 3000)
			return err
		})
	}
	equal(t, "recovery of one without a key", w.redeem(t, w.invite(t, true, 6)[0], person("first"), 3000), true)
	w.survives(t)
}

// standsOf checks that a key has the standing, and that dead ones have none.
func (w *ward) standsOf(t tb, k ledger.Address, want provider.Standing, dead ...ledger.Address) {
	t.Helper()
	got, err := w.Preference(t.Context(), k)
	ok(t, err)
	equal(t, "standing", got, want)
	for _, d := range dead {
		_, err := w.Preference(t.Context(), d)
		same(t, err, provider.ErrNotEnrolled)
		_, err = w.Record(t.Context(), []provider.Event{{Key: d, Document: document(want.Document.Revision+1, "by the dead"), ClassDocument: []byte("yes"), ClassHash: name("yes"), At: 1000}})
		same(t, err, provider.ErrNotEnrolled)
	}
}

// testNotices: a key sees what happened to its patient, a former one up to its end.
func testNotices(t *testing.T, w *ward) {
	ctx := t.Context()
	first, second, third, there := person("first"), person("second"), person("third"), person("there")
	see := func(k ledger.Address, since int64, want ...provider.Notice) {
		t.Helper()
		got, _, err := w.Notices(ctx, k, since)
		ok(t, err)
		equal(t, "notices", got, want)
	}
	ok(t, w.Tell(ctx, provider.Notice{At: 900, Kind: provider.NoticeElsewhere, Key: second, Former: first, From: there})) // of nobody
	equal(t, "enrolled", w.redeem(t, w.invite(t, false, 1)[0], first, 1000), true)
	enrolled := provider.Notice{At: 1000, Kind: provider.NoticeEnrolled, Key: first}
	see(first, 0, enrolled)
	elsewhere := provider.Notice{At: 1100, Kind: provider.NoticeElsewhere, Key: person("new there"), Former: first, From: there}
	ok(t, w.Tell(ctx, elsewhere))
	ok(t, w.Tell(ctx, elsewhere)) // once
	ok(t, w.SetContacts(ctx, first, []ledger.Address{there, person("elsewhere")}, 1))
	ok(t, w.ChangeKey(ctx, first, second, 1200))
	rotated := provider.Notice{At: 1200, Kind: provider.NoticeRotated, Key: second, Former: first}
	equal(t, "recovered", w.redeem(t, w.invite(t, true, 1)[0], third, 1200), true)
	recovered := provider.Notice{At: 1200, Kind: provider.NoticeRecovered, Key: third, Former: second}
	see(first, 0, enrolled, elsewhere, rotated)
	see(second, 0, enrolled, elsewhere, rotated, recovered)
	see(third, 0, enrolled, elsewhere, rotated, recovered)
	see(third, 1200, rotated, recovered)
	for k, since := range map[ledger.Address]int64{first: 1201, second: 1201, person("nobody"): 0} {
		_, _, err := w.Notices(ctx, k, since)
		same(t, err, provider.ErrNotEnrolled)
	}
	contacts := func(k ledger.Address, want ...ledger.Address) {
		t.Helper()
		_, got, err := w.Notices(ctx, k, 0)
		ok(t, err)
		equal(t, "contacts", got, want)
	}
	contacts(third, there, person("elsewhere"))
	contacts(first)
	for revision, want := range map[uint64]error{0: provider.ErrStaleRevision, 1: provider.ErrStaleRevision} {
		same(t, w.SetContacts(ctx, third, nil, revision), want)
	}
	same(t, w.SetContacts(ctx, first, nil, 2), provider.ErrNotEnrolled)
	ok(t, w.SetContacts(ctx, third, nil, 7))
	contacts(third)
	for i := range provider.MaxNotices + 3 {
		ok(t, w.Tell(ctx, provider.Notice{At: 1300, Kind: provider.NoticeElsewhere, Key: person("new %d", i), Former: third, From: there}))
	}
	got, _, err := w.Notices(ctx, third, 1300)
	ok(t, err)
	equal(t, "notices of other hospitals", len(got), provider.MaxNotices-1)
	w.Store = w.reopen()
	see(first, 0, enrolled, elsewhere, rotated)
	late := int64(1200 + provider.NoticeLife.Seconds() + 1)
	ok(t, w.ChangeKey(ctx, third, person("last"), late))
	got, _, err = w.Notices(ctx, person("last"), 0)
	ok(t, err)
	equal(t, "the oldest", got[0].At, int64(1300)) // what is shown no more is kept no more
}

// testNoticesElsewhere: a hospital that has told all it may silences no other, and itself for as long
// as what it told is shown.
func testNoticesElsewhere(t *testing.T, w *ward) {
	former, life := person("former"), int64(provider.NoticeLife.Seconds())
	for _, n := range []provider.Notice{
		{At: 1300, Kind: provider.NoticeElsewhere, Key: person("new elsewhere"), Former: former, From: person("elsewhere")},
		{At: 1301 + life, Kind: provider.NoticeElsewhere, Key: person("later"), Former: former, From: person("there")},
	} {
		w := w.fresh()
		equal(t, "enrolled", w.redeem(t, w.invite(t, false, 1)[0], former, 1200), true)
		for i := range provider.MaxNotices {
			ok(t, w.Tell(t.Context(), provider.Notice{At: 1300, Kind: provider.NoticeElsewhere, Key: person("new %d", i), Former: former, From: person("there")}))
		}
		ok(t, w.Tell(t.Context(), n))
		got, _, err := w.Notices(t.Context(), former, 0)
		ok(t, err)
		equal(t, "the last", got[len(got)-1], n)
	}
}
