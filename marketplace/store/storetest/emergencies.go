package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// testEmergencies: an emergency serves its clinician once it is declared, the patient has a notice and a line of it, another clinician countersigns it once, and
// what she took back or rejected serves no more.
func testEmergencies(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	first := person("first clinician")
	declare := func(ctx context.Context, id string, patient, at int64) error {
		return w.index().Declare(ctx, patient, recordindex.Declared{Document: declaration(id), Clinician: first, At: at}, emergencyLine(id, first, at))
	}
	serves := func(id string) bool {
		patient, err := w.index().Use(t.Context(), emergencyLine(id, first, 2100))
		if again := w.index().Lives(t.Context(), emergencyLine(id, first, 2100)); (again == nil) != (err == nil) || err != nil && !isNoAccess(err) || err == nil && patient != 1 {
			t.Errorf("used for %d: %v, and looked at again: %v", patient, err, again)
		}
		return err == nil
	}
	seen := func() any { return []any{w.emergencies(t, nil, false, nil), w.uses(t, 1)} }
	equal(t, "before it is declared", serves("a"), false)
	ok(t, declare(t.Context(), "a", 1, 2000))
	ok(t, declare(t.Context(), "a", 1, 2001)) // again
	ok(t, declare(t.Context(), "b", 1, 2002))
	ok(t, declare(t.Context(), "of one who has no key", 77, 2003))
	refused(t, seen, recordindex.ErrTooOften, func(ctx context.Context) error { return declare(ctx, "c", 1, 2004) })
	other := person("another clinician") // who signs the very same
	refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error {
		return w.index().Declare(ctx, 1, recordindex.Declared{Document: declaration("a"), Clinician: other, At: 2004}, emergencyLine("a", other, 2004))
	})
	refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error {
		_, err := w.index().Use(ctx, emergencyLine("a", other, 2005))
		return err
	})
	w.Store = w.reopen()
	equal(t, "declared", serves("a"), true)
	notices, _, err := w.Notices(t.Context(), key(1), 0)
	ok(t, err)
	equal(t, "notices", notices[len(notices)-2:], []provider.Notice{
		{At: 2000, Kind: provider.NoticeEmergency, Key: first}, {At: 2002, Kind: provider.NoticeEmergency, Key: first},
	})
	equal(t, "lines", len(w.uses(t, 1)), 3) // two were declared, one used
	w.countersigned(t, first)
	ok(t, w.index().Withdraw(t.Context(), recordindex.Withdrawn{Access: name("a"), Signer: key(1), At: 2600, Most: 9}))
	equal(t, "taken back", serves("a"), false)
	equal(t, "the other", serves("b"), true)
	ok(t, w.index().Countersign(t.Context(), recordindex.Countersigned{Document: declaration("no"), Signer: person("second clinician"), At: 2700}, true, emergencyLine("b", person("second clinician"), 2700)))
	equal(t, "not justified", serves("b"), false)
	refused(t, seen, recordindex.ErrTooOften, func(ctx context.Context) error { return declare(ctx, "d", 1, 80_000) })
	ok(t, declare(t.Context(), "e", 1, 100_000))
	equal(t, "the next", serves("e"), true)
	o, said := opinion(t, key(1), 1, records.Opinion{Reader: &first, Standing: records.Rejected})
	ok(t, w.index().Opine(t.Context(), o, said))
	equal(t, "of a clinician whom she rejected", serves("e"), false)
	refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error { return declare(ctx, "f", 1, 200_000) })
}

// declaration stands for what a clinician signs.
func declaration(what string) ledger.SignedDocument {
	return ledger.SignedDocument{Content: []byte(what), Revision: 1, Expiry: 9000, Signature: ledger.Signature{2}}
}

// emergencyLine is one of an emergency's, by whom it is shown to or signed by.
func emergencyLine(id string, by ledger.Address, at int64) recordindex.Use {
	u := use(by, nil, id, at)
	u.Reader, u.Emergency, u.Most, u.MostOfAll = by, true, 3, 1000
	return u
}

func (w *ward) emergencies(t tb, patient *int64, waiting bool, after *recordindex.EmergencyPlace) []recordindex.Declared {
	t.Helper()
	all, err := w.index().Emergencies(t.Context(), patient, waiting, after, 100)
	ok(t, err)
	return all
}

// countersigned: another clinician than declared "a" countersigns it, once; "b" is left.
func (w *ward) countersigned(t *testing.T, first ledger.Address) {
	t.Helper()
	second := person("second clinician")
	seen := func() any { return []any{w.emergencies(t, nil, false, nil), w.uses(t, 1)} }
	countersign := func(ctx context.Context, id string, by ledger.Address) error {
		return w.index().Countersign(ctx, recordindex.Countersigned{Document: declaration("second of " + id), Signer: by, At: 2500}, false, emergencyLine(id, by, 2500))
	}
	refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error { return countersign(ctx, "a", first) })
	refused(t, seen, recordindex.ErrNoEmergency, func(ctx context.Context) error { return countersign(ctx, "c", second) })
	ok(t, countersign(t.Context(), "a", second))
	refused(t, seen, recordindex.ErrNoEmergency, func(ctx context.Context) error { return countersign(ctx, "a", person("third")) })
	a := recordindex.Declared{Document: declaration("a"), Clinician: first, At: 2000, Second: &recordindex.Countersigned{Document: declaration("second of a"), Signer: second, At: 2500}}
	b := recordindex.Declared{Document: declaration("b"), Clinician: first, At: 2002}
	one := int64(1)
	equal(t, "hers", w.emergencies(t, &one, false, nil), []recordindex.Declared{a, b})
	equal(t, "beyond the first", w.emergencies(t, &one, false, &recordindex.EmergencyPlace{At: a.At, ID: name("a")}), []recordindex.Declared{b})
	equal(t, "of one second, before it and beyond it", [2]int{len(w.emergencies(t, &one, true, &recordindex.EmergencyPlace{At: b.At})), len(w.emergencies(t, &one, true, &recordindex.EmergencyPlace{At: b.At, ID: name("b")}))}, [2]int{1, 0})
	equal(t, "all", len(w.emergencies(t, nil, false, nil)), 3)
	waiting := w.emergencies(t, &one, true, nil)
	equal(t, "those that wait", waiting, []recordindex.Declared{b})
}
