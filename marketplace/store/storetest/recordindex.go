package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// index is the same store as the record index sees it.
func (w *ward) index() recordindex.Store { return w.Store.(recordindex.Store) }

func draft(patient int64, kind records.Kind, month records.Month, locator, record string) recordindex.Draft {
	return recordindex.Draft{Patient: patient, Kind: kind, Month: month, Time: month.Start().Unix(), Locator: locator, Record: name("%s", record)}
}

// sealed stands for what is kept of a draft; stores do not look into it.
func sealed(d recordindex.Draft, number uint64) (recordindex.Sealed, error) {
	leaf := name("leaf of %d %s %s %d", d.Patient, d.Kind, d.Month, number)
	return recordindex.Sealed{Value: leaf[:5], Salt: name("salt of %s", leaf), Leaf: leaf}, nil
}

func (w *ward) point(t tb, drafts ...recordindex.Draft) int {
	t.Helper()
	added, err := w.index().Append(t.Context(), drafts, sealed)
	ok(t, err)
	return added
}

// pointers are what is kept of a patient, as kind, month, number and locator.
func (w *ward) pointers(t tb, patient int64, s recordindex.Scope) (all []recordindex.Kept) {
	t.Helper()
	var after *recordindex.Place
	for {
		page, err := w.index().Pointers(t.Context(), patient, s, after, 2)
		ok(t, err)
		if all = append(all, page...); len(page) < 2 {
			return all
		}
		after = &page[1].Place
	}
}

func kept(kind records.Kind, month records.Month, number uint64, locator, record string) recordindex.Kept {
	return keptOf(1, kind, month, number, locator, record)
}

func keptOf(patient int64, kind records.Kind, month records.Month, number uint64, locator, record string) recordindex.Kept {
	d := draft(patient, kind, month, locator, record)
	s, _ := sealed(d, number)
	return recordindex.Kept{Place: recordindex.Place{Kind: kind, Month: month, Number: number}, Locator: locator, Record: d.Record, Value: s.Value, Salt: s.Salt}
}

// testPointers: numbered in their cells, added when the record is new or another one, and shown by scope.
func testPointers(t *testing.T, w *ward) {
	secret, err := w.index().IndexSecret(t.Context())
	ok(t, err)
	equal(t, "added", w.point(t, draft(1, "visits", 1490, "a", "x"), draft(1, "visits", 1490, "b", "y"), draft(2, "visits", 1490, "a", "x"), draft(1, "conditions", 1490, "c", "z")), 4)
	w.Store = w.reopen()
	again, err := w.index().IndexSecret(t.Context())
	ok(t, err)
	if secret != again || secret.IsZero() {
		t.Error("the secret does not stay")
	}
	equal(t, "added again", w.point(t, draft(1, "visits", 1490, "a", "x"), draft(1, "visits", 1490, "b", "other"), draft(1, "visits", 1491, "a", "x")), 2)
	all := recordindex.Scope{Kinds: []records.Kind{"conditions", "visits"}, From: 0, To: 4095}
	equal(t, "pointers", w.pointers(t, 1, all), []recordindex.Kept{
		kept("conditions", 1490, 0, "c", "z"), kept("visits", 1490, 0, "a", "x"), kept("visits", 1490, 1, "b", "y"),
		kept("visits", 1490, 2, "b", "other"), kept("visits", 1491, 0, "a", "x"),
	})
	equal(t, "added at once, amended and amended back", w.point(t, draft(2, "visits", 1490, "d", "x"), draft(2, "visits", 1490, "d", "x"), draft(2, "visits", 1490, "d", "y"),
		draft(2, "visits", 1490, "d", "x"), draft(2, "visits", 1490, "a", "x")), 3)
	equal(t, "pointers of another", w.pointers(t, 2, all), []recordindex.Kept{
		keptOf(2, "visits", 1490, 0, "a", "x"), keptOf(2, "visits", 1490, 1, "d", "x"), keptOf(2, "visits", 1490, 2, "d", "y"), keptOf(2, "visits", 1490, 3, "d", "x"),
	})
	equal(t, "of a kind and month", w.pointers(t, 1, recordindex.Scope{Kinds: []records.Kind{"visits"}, From: 1491, To: 1500}), []recordindex.Kept{kept("visits", 1491, 0, "a", "x")})
	equal(t, "of no kind", len(w.pointers(t, 1, recordindex.Scope{To: 4095})), 0)
	equal(t, "of nobody", len(w.pointers(t, 3, all)), 0)
	one, err := w.index().Pointer(t.Context(), 1, recordindex.Place{Kind: "visits", Month: 1490, Number: 2})
	ok(t, err)
	equal(t, "one", one, kept("visits", 1490, 2, "b", "other"))
	seen := func() any { return w.pointers(t, 1, all) }
	refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error {
		_, err := w.index().Pointer(ctx, 1, recordindex.Place{Kind: "visits", Month: 1490, Number: 3})
		return err
	})
	refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error { // whatever sealing says
		_, err := w.index().Append(ctx, []recordindex.Draft{draft(1, "visits", 1490, "new", "x"), draft(1, "visits", 1490, "newer", "x")}, func(d recordindex.Draft, n uint64) (recordindex.Sealed, error) {
			if d.Locator == "newer" {
				return recordindex.Sealed{}, recordindex.ErrNoAccess
			}
			return sealed(d, n)
		})
		return err
	})
}

// testPointerPlaces: leaves of pointers are published in order, 24 an interval whatever else waits, in places that are drawn, and
// stay there.
func testPointerPlaces(t *testing.T, w *ward) {
	w.enrol(t, 1)
	w.policy(t, 1)
	w.record(t, w.event(1, "yes", 0))
	var drafts []recordindex.Draft
	for i := range 70 {
		drafts = append(drafts, draft(1, "visits", 1490, string(rune('A'+i)), "x"))
	}
	w.point(t, drafts...)
	scope := recordindex.Scope{Kinds: []records.Kind{"visits"}, To: 4095}
	places := func() (at []uint64) {
		for _, k := range w.pointers(t, 1, scope) {
			if k.Index != nil {
				at = append(at, *k.Index)
			}
		}
		return at
	}
	equal(t, "before an interval", len(places()), 0)
	w.publish(t)
	first := places()
	equal(t, "beside a policy and an event", len(first), 24)
	if slices.IsSorted(first) {
		t.Error("places are not drawn")
	}
	for range 40 {
		w.record(t, w.event(1, "no", 0))
	}
	w.publish(t)
	equal(t, "beside more events than there are places for", len(places()), 48)
	w.publish(t)
	w.Store = w.reopen()
	at := places()
	equal(t, "in the end", len(at), 70)
	equal(t, "those published first", at[:24], first)
	paths, root, err := w.index().Inclusions(t.Context(), 192, at)
	ok(t, err)
	equal(t, "root", root, w.root(t))
	for i, d := range drafts {
		s, _ := sealed(d, uint64(i))
		if at[i]/64 != uint64(i/24) {
			t.Errorf("pointer %d is at %d", i, at[i])
		}
		inclusion(t, 192, at[i], paths[i], root, s.Leaf)
	}
	w.logged(t) // so are policy and event
	if _, _, err := w.index().Inclusions(t.Context(), 64, []uint64{64}); err == nil {
		t.Error("proven beyond the size")
	}
}

func use(signer ledger.Address, mandate *ledger.Hash, access string, at int64) recordindex.Use {
	leaf := name("use of %s at %d", access, at)
	return recordindex.Use{Access: name("%s", access), Signer: signer, Mandate: mandate, At: at, Content: leaf[:3], Salt: name("salt of %s", leaf), Leaf: leaf, Most: 3, MostOfAll: 5}
}

func (w *ward) uses(t tb, patient int64) []recordindex.Used {
	t.Helper()
	all, err := w.index().Uses(t.Context(), patient, 0, 100)
	ok(t, err)
	return all
}

// mandated names a guardian or delegate of the patient of key 1.
func (w *ward) mandated(t tb, kind provider.MandateKind, holder ledger.Address, until int64) *ledger.Hash {
	t.Helper()
	by, id := key(1), name("mandate of %s", holder)
	ok(t, w.Delegate(t.Context(), provider.Mandate{ID: id, Key: holder, Kind: kind, Until: until}, &by, 1000))
	return &id
}

// testUses: only who speaks for a patient gives access, and each use is on record, under a number that tells nothing of other
// patients' (ADR 10).
func testUses(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	guardian := w.mandated(t, provider.Guardian, person("guardian"), 3000)
	delegate := w.mandated(t, provider.Delegate, person("delegate"), 3000)
	seen := func() any { return w.uses(t, 1) }
	for what, u := range map[string]recordindex.Use{
		"a stranger":                use(person("stranger"), nil, "a", 2000),
		"a delegate":                use(person("delegate"), delegate, "a", 2000),
		"another's mandate":         use(person("stranger"), guardian, "a", 2000),
		"a guardian as the patient": use(person("guardian"), nil, "a", 2000),
		"the patient as a guardian": use(key(1), guardian, "a", 2000),
		"a guardian after his time": use(person("guardian"), guardian, "a", 3000),
		"a mandate that never was":  use(key(1), new(name("no mandate")), "a", 2000),
	} {
		t.Log(what)
		refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error { _, err := w.index().Use(ctx, u); return err })
	}
	all := []recordindex.Use{
		use(key(1), nil, "a", 2000), use(person("guardian"), guardian, "b", 2001), use(key(1), nil, "a", 2002), use(key(1), nil, "a", 2003),
	}
	var want []recordindex.Used
	for _, u := range all {
		patient, err := w.index().Use(t.Context(), u)
		ok(t, err)
		equal(t, "patient", patient, int64(1))
		want = append(want, recordindex.Used{Number: int64(len(want) + 1), Content: u.Content, Salt: u.Salt})
		_, err = w.index().Use(t.Context(), use(key(2), nil, "hers", 2000+int64(len(want))*24*3600)) // another's, and a pointer, in between
		ok(t, err)
		w.point(t, draft(2, "visits", 1490, "between", u.Leaf.String()))
	}
	refused(t, seen, recordindex.ErrTooOften, func(ctx context.Context) error { _, err := w.index().Use(ctx, use(key(1), nil, "a", 2004)); return err })
	_, err := w.index().Use(t.Context(), use(key(1), nil, "c", 2005))
	ok(t, err)
	refused(t, seen, recordindex.ErrTooOften, func(ctx context.Context) error { // of all of hers
		_, err := w.index().Use(ctx, use(key(1), nil, "d", 2006))
		return err
	})
	_, err = w.index().Use(t.Context(), use(key(1), nil, "a", 2000+24*3600))
	ok(t, err)
	w.publish(t)
	w.Store = w.reopen()
	got := w.uses(t, 1)
	last, err := w.index().Uses(t.Context(), 1, got[3].Number, 100)
	ok(t, err)
	equal(t, "beyond the fourth", last, got[4:])
	paths, root, err := w.index().Inclusions(t.Context(), 64, []uint64{*got[0].Index})
	ok(t, err)
	inclusion(t, 64, *got[0].Index, paths[0], root, all[0].Leaf)
	for i := range got[:4] {
		got[i].Index = nil
	}
	equal(t, "uses", got[:4], want)
	equal(t, "of another", w.uses(t, 2)[3].Number, int64(4))
	equal(t, "of nobody", len(w.uses(t, 3)), 0)
}

// testUsesCountNothing: a patient who has filled the queue with uses of her own access learns from the intervals that they come in neither how
// many preferences nor how many pointers of others each holds (ADR 10), and holds up no other patient's.
func testUsesCountNothing(t *testing.T, w *ward) {
	w.enrol(t, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	used := func(patient int64, n int) {
		for i := range n {
			u := use(key(patient), nil, fmt.Sprint("of ", patient), int64(i))
			u.Most, u.MostOfAll = 1000, 1000
			_, err := w.index().Use(t.Context(), u)
			ok(t, err)
		}
	}
	published := func(patient int64) (n int) {
		for i, u := range w.uses(t, patient) {
			if u.Index == nil {
				continue
			}
			if n++; n != i+1 {
				t.Errorf("use %d of patient %d is published before one of hers that is older", i+1, patient)
			}
		}
		return n
	}
	used(1, 80)
	for i, others := range []struct{ events, pointers int }{{0, 0}, {1, 0}, {0, 1}, {20, 20}, {31, 24}, {70, 70}} {
		for j := range others.events {
			w.record(t, w.event(2, fmt.Sprint("class ", j%3), 0))
		}
		for j := range others.pointers {
			w.point(t, draft(2, "visits", 1490, fmt.Sprint(i, " ", j), "x"))
		}
		w.publish(t)
		if got := published(1); got != i+1 {
			t.Errorf("with %d preferences and %d pointers of others, %d of her uses are published in %d intervals", others.events, others.pointers, got, i+1)
		}
	}
	used(2, 2) // behind all of hers
	w.publish(t)
	equal(t, "another's, at once", published(2), 1)
	for patient := int64(3); patient <= 10; patient++ {
		used(patient, 1)
	}
	w.Store = w.reopen()
	w.publish(t) // the first's and second's were there before
	equal(t, "hers", published(1), 8)
	equal(t, "the second's", published(2), 2)
	for patient := int64(3); patient <= 10; patient++ {
		equal(t, fmt.Sprint("of patient ", patient, ", beside the oldest of seven others"), published(patient) == 1, patient <= 8)
	}
	w.logged(t)
}

// testWithdrawn: what was taken back serves nothing from then on, nor does what a key signed that is not the patient's any more.
func testWithdrawn(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	back := func(signer ledger.Address, access string, at int64) error {
		return w.index().Withdraw(t.Context(), recordindex.Withdrawn{Access: name("%s", access), Signer: signer, At: at, Most: 2})
	}
	serves := func(access string, at int64) bool {
		_, err := w.index().Use(t.Context(), use(key(1), nil, access, at))
		if err != nil && !isNoAccess(err) {
			t.Fatal(err)
		}
		if again := w.index().Lives(t.Context(), use(key(1), nil, access, at)); (again == nil) != (err == nil) || again != nil && !isNoAccess(again) {
			t.Errorf("used: %v, and looked at again: %v", err, again)
		}
		return err == nil
	}
	ok(t, back(key(2), "a", 2000))
	equal(t, "taken back by another", serves("a", 2000), true)
	if err := back(person("stranger"), "a", 2000); !isNoAccess(err) {
		t.Errorf("by a stranger: %v", err)
	}
	ok(t, back(key(1), "a", 2000))
	w.Store = w.reopen()
	equal(t, "taken back", serves("a", 2000), false)
	equal(t, "another access", serves("b", 2000), true)
	ok(t, back(key(1), "never used", 2000))
	ok(t, back(key(1), "a", 2000)) // it counts once
	if err := back(key(1), "b", 2000); !errors.Is(err, recordindex.ErrTooOften) {
		t.Errorf("one more than the most: %v", err)
	}
	equal(t, "years later", serves("a", 1<<40), false)
	w.withdrawnByDelegate(t, serves)
	ok(t, w.ChangeKey(t.Context(), key(1), person("next"), 6000))
	equal(t, "signed by a key that was replaced", serves("c", 6000), false)
}

// withdrawnByDelegate: a delegate takes back and rejects while his mandate runs, and that stays; he accepts nobody and says nothing of pointers.
func (w *ward) withdrawnByDelegate(t *testing.T, serves func(string, int64) bool) {
	t.Helper()
	by, until := person("delegate"), int64(1_000_000)
	mandate := w.mandated(t, provider.Delegate, by, until)
	back := func(id *ledger.Hash, at int64) error {
		return w.index().Withdraw(t.Context(), recordindex.Withdrawn{Access: name("d"), Signer: by, Mandate: id, At: at, Most: 9})
	}
	equal(t, "before a delegate takes it back", serves("d", 200_000), true)
	for what, err := range map[string]error{"without his mandate": back(nil, 200_000), "after its end": back(mandate, until)} {
		if !isNoAccess(err) || !serves("d", 200_000) {
			t.Errorf("a delegate %s: %v", what, err)
		}
	}
	ok(t, back(mandate, 200_000))
	equal(t, "taken back by a delegate, long ago", serves("d", until+1), false)

	doctor := ledger.Address{} // the reader of use
	w.point(t, draft(1, "visits", 1490, "a", "x"))
	at := recordindex.Place{Kind: "visits", Month: 1490}
	opine := func(revision uint64, o records.Opinion) error {
		o.Mandate = mandate
		said, line := opinion(t, by, revision, o)
		line.Mandate, line.Most, line.MostOfAll = mandate, 1000, 1000
		return w.index().Opine(t.Context(), said, line)
	}
	for what, o := range map[string]records.Opinion{
		"accepts a reader": {Reader: &doctor, Standing: records.Accepted}, "questions a reader": {Reader: &doctor, Standing: records.Questioned},
		"rejects a pointer": {Pointer: &at, Standing: records.Rejected},
	} {
		if err := opine(1, o); !isNoAccess(err) {
			t.Errorf("a delegate %s: %v", what, err)
		}
	}
	equal(t, "before a delegate rejects the reader", serves("e", 200_000), true)
	ok(t, opine(1, records.Opinion{Reader: &doctor, Standing: records.Rejected}))
	equal(t, "of a reader whom a delegate rejected", serves("e", 400_000), false)
	said, line := opinion(t, key(1), 2, records.Opinion{Reader: &doctor, Standing: records.Accepted})
	line.Most, line.MostOfAll = 1000, 1000
	ok(t, w.index().Opine(t.Context(), said, line))
	equal(t, "whom she accepted after that", serves("e", 400_000), true)
}

func isNoAccess(err error) bool { return errors.Is(err, recordindex.ErrNoAccess) }
