package storetest

import (
	"context"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// opinion is one by a key, at a revision, and its line.
func opinion(t tb, signer ledger.Address, revision uint64, o records.Opinion) (recordindex.Opined, recordindex.Use) {
	t.Helper()
	o.Provider = person("hospital")
	content, err := ledger.Canonical(o)
	ok(t, err)
	line := use(signer, nil, "opinion "+string(content), 2000+int64(revision))
	line.Pointer, line.MostOfAll = o.Pointer, 1000
	d := ledger.SignedDocument{Content: content, Revision: revision, Expiry: 9000, Signature: ledger.Signature{1}}
	return recordindex.Opined{Opinion: o, Document: d, At: line.At}, line
}

// testOpinions: the last that a patient said of a pointer or reader stands, each is in her log, and whom she rejected is shown nothing of hers.
func testOpinions(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	w.point(t, draft(1, "visits", 1490, "a", "x"), draft(1, "visits", 1490, "b", "x"), draft(2, "visits", 1490, "a", "x"))
	doctor, colleague := person("doctor"), person("colleague")
	second := &recordindex.Place{Kind: "visits", Month: 1490, Number: 1}
	opine := func(signer ledger.Address, revision uint64, o records.Opinion) error {
		opined, line := opinion(t, signer, revision, o)
		return w.index().Opine(t.Context(), opined, line)
	}
	said := func(patient int64, after int64) (all []recordindex.Opined) {
		all, err := w.index().Opinions(t.Context(), patient, after, 100)
		ok(t, err)
		return all
	}
	serves := func(signer ledger.Address, reader ledger.Address) bool {
		u := use(signer, nil, "access", 3000)
		u.Reader, u.Most, u.MostOfAll = reader, 1000, 1000
		_, err := w.index().Use(t.Context(), u)
		if again := w.index().Lives(t.Context(), u); (again == nil) != (err == nil) || err != nil && !isNoAccess(err) {
			t.Errorf("used: %v, and looked at again: %v", err, again)
		}
		return err == nil
	}
	seen := func() any { return []any{said(1, 0), w.uses(t, 1)} }
	questioned := records.Opinion{Pointer: second, Standing: records.Questioned, Why: "not me"}
	for what, signer := range map[string]ledger.Address{"a stranger": person("stranger"), "the doctor": doctor} {
		t.Log(what)
		o, line := opinion(t, signer, 1, questioned)
		refused(t, seen, recordindex.ErrNoAccess, func(ctx context.Context) error { return w.index().Opine(ctx, o, line) })
	}
	ok(t, opine(key(1), 5, questioned))
	ok(t, opine(key(1), 1, records.Opinion{Reader: &doctor, Standing: records.Accepted}))
	equal(t, "accepted", serves(key(1), doctor), true)
	ok(t, opine(key(1), 2, records.Opinion{Reader: &doctor, Standing: records.Rejected}))
	o, line := opinion(t, key(1), 2, records.Opinion{Reader: &doctor, Standing: records.Accepted})
	refused(t, seen, provider.ErrStaleRevision, func(ctx context.Context) error { return w.index().Opine(ctx, o, line) })
	o, line = opinion(t, key(1), 9, records.Opinion{Pointer: &recordindex.Place{Kind: "visits", Month: 1490, Number: 2}, Standing: records.Accepted})
	refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error { return w.index().Opine(ctx, o, line) })
	w.Store = w.reopen()
	equal(t, "rejected", serves(key(1), doctor), false)
	equal(t, "another reader", serves(key(1), colleague), true)
	equal(t, "another patient's", serves(key(2), doctor), true)
	all := said(1, 0)
	if len(all) != 2 || all[0].Standing != records.Questioned || all[0].Number != 1 || all[1].Standing != records.Rejected || all[1].Number != 3 {
		t.Errorf("opinions %+v", all)
	}
	want, _ := opinion(t, key(1), 5, questioned)
	want.Number = 1
	equal(t, "as it was signed", all[0], want)
	equal(t, "beyond the first", said(1, 1), all[1:])
	equal(t, "of another patient", len(said(2, 0)), 0)
	w.standings(t)
	equal(t, "lines", len(w.uses(t, 1)), 5) // three opinions, two uses
	w.doubts(t, want)
}

// doubts: those who doubt a pointer are listed, and each is replied to once, in the patient's log; what she says anew has no reply.
func (w *ward) doubts(t *testing.T, first recordindex.Opined) {
	t.Helper()
	listed := func(waiting bool, after *recordindex.DoubtPlace) []recordindex.Doubt {
		all, err := w.index().Doubts(t.Context(), waiting, after, 1)
		ok(t, err)
		return all
	}
	of := func(o recordindex.Opined, patient int64) []recordindex.Doubt {
		return []recordindex.Doubt{{Patient: patient, Opined: o}}
	}
	another, said := opinion(t, key(2), 1, records.Opinion{Pointer: &recordindex.Place{Kind: "visits", Month: 1490}, Standing: records.Rejected})
	ok(t, w.index().Opine(t.Context(), another, said))
	another.Number = 1
	place := recordindex.DoubtPlace{Patient: 1, Place: *first.Pointer}
	equal(t, "doubts", listed(true, nil), of(first, 1))
	equal(t, "the next", listed(true, &place), of(another, 2))
	equal(t, "no more", len(listed(true, &recordindex.DoubtPlace{Patient: 2, Place: *another.Pointer})), 0)
	reply := func(ctx context.Context, at recordindex.DoubtPlace, to recordindex.Opined) error {
		line := use(person("steward"), nil, "reply", 4000)
		signed := records.Reply{Opinion: to.Document.Hash(), Revision: to.Document.Revision}
		return w.index().Reply(ctx, at, signed, recordindex.Replied{Document: declaration("reply"), Signer: person("steward"), At: 4000}, line)
	}
	seen := func() any { return []any{listed(false, nil), w.uses(t, 1)} }
	for what, at := range map[string]recordindex.DoubtPlace{"another's": {Patient: 2, Place: place.Place}, "one that she accepts": {Patient: 1, Place: recordindex.Place{Kind: "visits", Month: 1490}}} {
		t.Log(what)
		refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error { return reply(ctx, at, first) })
	}
	refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error { return reply(ctx, place, another) })
	ok(t, reply(t.Context(), place, first))
	refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error { return reply(ctx, place, first) })
	w.Store = w.reopen()
	replied := first
	replied.Reply = &recordindex.Replied{Document: declaration("reply"), Signer: person("steward"), At: 4000}
	equal(t, "with its reply", listed(false, nil), of(replied, 1))
	equal(t, "those that wait", listed(true, nil), of(another, 2))
	equal(t, "lines with the reply", len(w.uses(t, 1)), 6)
	anew, line := opinion(t, key(1), 6, first.Opinion)
	ok(t, w.index().Opine(t.Context(), anew, line))
	anew.Number = 4
	equal(t, "said anew", listed(true, nil), of(anew, 1))
	refused(t, seen, recordindex.ErrNoPointer, func(ctx context.Context) error { return reply(ctx, place, first) }) // of the same hash
	ok(t, reply(t.Context(), place, anew))
}

// standings are shown beside pointers, each patient's beside hers.
func (w *ward) standings(t *testing.T) {
	t.Helper()
	scope := recordindex.Scope{Kinds: []records.Kind{"visits"}, To: 4095}
	standings := func(patient int64) (all []records.Standing) {
		for _, k := range w.pointers(t, patient, scope) {
			all = append(all, k.Standing)
		}
		return all
	}
	equal(t, "of pointers", standings(1), []records.Standing{"", records.Questioned})
	equal(t, "of another's", standings(2), []records.Standing{""})
}
