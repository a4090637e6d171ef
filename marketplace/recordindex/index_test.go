package recordindex_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/bundle"
	"github.com/medmarket/medmarket/marketplace/store"
)

var domain = ledger.Domain{ChainID: 7, Genesis: ledger.Hash{3}}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tables are a hospital's records.
type tables struct {
	events   map[int64][]recordindex.Event
	reading  func() // called while they are read
	tooLarge int64  // patient who has more than is served
	concepts recordindex.Concepts
}

func (s *tables) Events(_ context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Event, known recordindex.Concepts, err error) {
	if s.reading != nil {
		s.reading()
	}
	if patient == s.tooLarge {
		return nil, nil, recordindex.ErrTooLarge
	}
	for _, e := range s.events[patient] {
		if (kind == "" || e.Kind == kind) && (day == "" || e.Start == day) {
			all = append(all, e)
		}
	}
	return all, s.concepts, nil
}

// clinic is a hospital with two patients: of the first it has conditions and medication in March and April 2024.
type clinic struct {
	*recordindex.Index
	store   *store.Provider
	log     *provider.Log
	chain   *providertest.Chain
	clock   *providertest.Clock
	tables  *tables
	key     *ledger.Key
	patient *ledger.Key
	other   *ledger.Key // another patient's
}

func newKey(t testing.TB) *ledger.Key {
	t.Helper()
	k, err := ledger.NewKey()
	must(t, err)
	return k
}

func newClinic(t *testing.T) *clinic {
	t.Helper()
	discard := slog.New(slog.DiscardHandler)
	db, err := store.OpenProvider(t.Context(), store.Config{File: filepath.Join(t.TempDir(), "hospital.db"), Log: discard})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	c := &clinic{store: db, chain: providertest.NewChain(), clock: &providertest.Clock{}, key: newKey(t), patient: newKey(t), other: newKey(t)}
	c.chain.Keep(c.key.Address())
	c.tables = &tables{events: map[int64][]recordindex.Event{
		1: {
			{Kind: "conditions", ID: 1, Concept: 201826, Start: "2024-03-02"}, {Kind: "conditions", ID: 2, Concept: 320128, Start: "2024-03-02"},
			{Kind: "conditions", ID: 3, Concept: 316866, Start: "2024-04-09"}, {Kind: "medication", ID: 4, Concept: 1503297, Start: "2024-03-02"},
		},
		2: {{Kind: "conditions", ID: 5, Concept: 10, Start: "2024-03-05"}},
	}}
	c.log = &provider.Log{Kind: ledger.LogProvider, Keeper: c.key.Address(), Store: db, Chain: c.chain}
	c.Index, err = recordindex.New(t.Context(), recordindex.Config{
		Provider: c.key.Address(), Domain: domain, Store: db, Chain: c.chain, Source: c.tables, Render: bundle.Renderer(c.key.Address()),
		Now: c.clock.Now,
	})
	must(t, err)
	must(t, db.Enrol(t.Context(), []provider.Enrolment{{Patient: 1, Key: c.patient.Address()}, {Patient: 2, Key: c.other.Address()}}, 1))
	done, err := c.Point(t.Context(), []int64{1, 2}, "")
	must(t, err)
	if want := (recordindex.Pointed{Records: 4, Added: 4}); !cmp.Equal(done, want) {
		t.Fatalf("pointed at %+v, want %+v", done, want)
	}
	return c
}

func month(t testing.TB, text string) (m records.Month) {
	t.Helper()
	must(t, m.UnmarshalText([]byte(text)))
	return m
}

// secret is what the patient's keys come from, as the hospital hands it to her.
func (c *clinic) secret(t testing.TB, holder *ledger.Key, mandate *ledger.Hash) records.Secret {
	t.Helper()
	opener, err := records.OpenerOf(holder)
	must(t, err)
	sealed, err := c.SecretFor(t.Context(), holder.Address(), mandate, opener.Public())
	must(t, err)
	b, err := opener.Open(recordindex.SecretPurpose, sealed)
	must(t, err)
	s, err := records.ParseSecret(b)
	must(t, err)
	return s
}

// access is to all of the first patient's conditions, for a day; change may make it another.
func (c *clinic) access(t testing.TB, reader *ledger.Key, change func(*records.Access)) records.Access {
	t.Helper()
	a := records.Access{
		Provider: c.Address(), Reader: reader.Address(), Kinds: []records.Kind{"conditions"}, From: month(t, "2024-01"), To: month(t, "2024-12"),
		Until: c.clock.Now().Unix() + 86400, Records: true,
	}
	a.Nonce = ledger.HashBytes(fmt.Append(nil, a, time.Now().UnixNano()))
	if change != nil {
		change(&a)
	}
	return a
}

func (c *clinic) give(t testing.TB, signer *ledger.Key, a records.Access) records.AccessKey {
	t.Helper()
	k, err := c.secret(t, c.patient, nil).Give(signer, domain, a)
	must(t, err)
	return k
}

// read opens all that an access key shows, as kind, day and record.
func (c *clinic) read(t testing.TB, reader *ledger.Key, k records.AccessKey) (all []string) {
	t.Helper()
	page, err := c.Pointers(t.Context(), reader.Address(), k.Document, nil, 0)
	must(t, err)
	for _, s := range page.Pointers {
		p, err := s.Open(k.Keys, c.Address())
		must(t, err)
		content, err := c.Record(t.Context(), reader.Address(), k.Document, recordindex.Place{Kind: s.Kind, Month: s.Month, Number: s.Number})
		must(t, err)
		if ledger.HashBytes(content) != p.Record {
			t.Errorf("%s is another record", p.Locator)
		}
		all = append(all, p.Locator)
	}
	return all
}

func TestIndexReading(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	got := c.read(t, doctor, c.give(t, c.patient, c.access(t, doctor, nil)))
	if diff := cmp.Diff([]string{"omop/conditions/2024-03-02", "omop/conditions/2024-04-09"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got = c.read(t, doctor, c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) {
		a.Kinds, a.To = []records.Kind{"conditions", "medication"}, month(t, "2024-03")
	})))
	if diff := cmp.Diff([]string{"omop/conditions/2024-03-02", "omop/medication/2024-03-02"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Pointing again adds nothing; an amended record gets a pointer of its own, by which it is had, and the former one leads to what was
// superseded: nobody is said to have altered it, not even when it is gone. What nothing points at again is altered.
func TestAmended(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	k := c.give(t, c.patient, c.access(t, doctor, nil))
	fetch := func(number uint64) error {
		_, err := c.Record(t.Context(), doctor.Address(), k.Document, recordindex.Place{Kind: "conditions", Month: month(t, "2024-03"), Number: number})
		return err
	}
	must(t, fetch(0))
	c.tables.events[1][0].Concept = 7
	if err := fetch(0); !errors.Is(err, recordindex.ErrAltered) {
		t.Errorf("before it was pointed at again: %v", err)
	}
	done, err := c.Point(t.Context(), []int64{1}, "2024-03-02")
	must(t, err)
	if want := (recordindex.Pointed{Records: 3, Added: 1}); !cmp.Equal(done, want) {
		t.Errorf("pointed at %+v, want %+v", done, want)
	}
	if err := fetch(0); !errors.Is(err, recordindex.ErrSuperseded) {
		t.Errorf("the former one: %v", err)
	}
	must(t, fetch(1))
	c.tables.events[1][0].Concept = 8
	if err := fetch(1); !errors.Is(err, recordindex.ErrAltered) {
		t.Errorf("changed behind the gateway's back: %v", err)
	}
	c.tables.events[1] = nil
	if err := fetch(1); !errors.Is(err, recordindex.ErrMissing) {
		t.Errorf("taken away: %v", err)
	}
	if err := fetch(0); !errors.Is(err, recordindex.ErrSuperseded) {
		t.Errorf("the former one, of what was taken away: %v", err)
	}
}

// What is pointed at before a patient who has too much stays, and there is no most of all patients.
func TestPointingAtMany(t *testing.T) {
	c := newClinic(t)
	day := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 1100 {
		c.tables.events[2] = append(c.tables.events[2], recordindex.Event{Kind: "laboratory", ID: int64(i + 1), Concept: 1, Start: day.AddDate(0, 0, i).Format(time.DateOnly)})
	}
	c.tables.tooLarge = 3
	done, err := c.Point(t.Context(), []int64{1, 2, 3}, "")
	if want := (recordindex.Pointed{Records: 1104, Added: 996}); !cmp.Equal(done, want) || !errors.Is(err, recordindex.ErrTooLarge) {
		t.Errorf("pointed at %+v, %v, want %+v", done, err, want)
	}
	done, err = c.Point(t.Context(), []int64{2, 1}, "")
	if want := (recordindex.Pointed{Records: 1104, Added: 104}); !cmp.Equal(done, want) || err != nil {
		t.Errorf("the rest: %+v, %v, want %+v", done, err, want)
	}
}

// Every unauthorised path is refused, by one error that does not say what is wanting, and leaves no line in the log.
func TestUnauthorised(t *testing.T) {
	c, elsewhere := newClinic(t), newClinic(t)
	doctor, colleague := newKey(t), newKey(t)
	guardian, delegate := newKey(t), newKey(t)
	by := c.patient.Address()
	mandate := func(kind provider.MandateKind, k *ledger.Key) *ledger.Hash {
		id := ledger.HashBytes([]byte(kind))
		must(t, c.store.Delegate(t.Context(), provider.Mandate{ID: id, Key: k.Address(), Kind: kind, Until: c.clock.Now().Unix() + 3600}, &by, 1))
		return &id
	}
	asGuardian, asDelegate := mandate(provider.Guardian, guardian), mandate(provider.Delegate, delegate)
	march := recordindex.Place{Kind: "conditions", Month: month(t, "2024-03")}
	revoked := c.give(t, c.patient, c.access(t, doctor, nil))
	taken, err := ledger.NewSignedDocument(c.patient, domain, ledger.KindRecordRevocation, records.Revocation{
		Provider: c.Address(), Access: revoked.Document.Hash(),
	}, 1, c.clock.Now().Unix()+60)
	must(t, err)
	must(t, c.Revoke(t.Context(), taken, func(k ledger.Address) bool { return k == c.patient.Address() }))
	tampered := c.give(t, c.patient, c.access(t, doctor, nil))
	tampered.Document.Content = slices.Clone(tampered.Document.Content)
	tampered.Document.Content = []byte(strings.Replace(string(tampered.Document.Content), `"records":true`, `"records":false`, 1))
	if want := c.give(t, c.patient, c.access(t, doctor, nil)); len(c.read(t, doctor, want)) != 2 { // what is refused below is refused for what it is named by
		t.Fatal("a good access is refused")
	}
	before, _, err := c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	for name, k := range map[string]struct {
		reader *ledger.Key
		key    records.AccessKey
		place  recordindex.Place
		only   bool // the record is refused, and pointers are shown
	}{
		"another kind":                 {doctor, c.give(t, c.patient, c.access(t, doctor, nil)), recordindex.Place{Kind: "medication", Month: march.Month}, true},
		"another period":               {doctor, c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) { a.From = march.Month + 1 })), march, true},
		"pointers only":                {doctor, c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) { a.Records = false })), march, true},
		"another doctor's key":         {colleague, c.give(t, c.patient, c.access(t, doctor, nil)), march, false},
		"the patient with a doctor's":  {c.patient, c.give(t, c.patient, c.access(t, doctor, nil)), march, false},
		"provider A's at provider B":   {doctor, elsewhere.give(t, c.patient, elsewhere.access(t, doctor, nil)), march, false},
		"taken back":                   {doctor, revoked, march, false},
		"changed":                      {doctor, tampered, march, false},
		"expired":                      {doctor, c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) { a.Until = c.clock.Now().Unix() })), march, false},
		"for longer than any":          {doctor, c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) { a.Until += int64(records.MaxLife / time.Second) })), march, false},
		"by nobody's key":              {doctor, c.give(t, newKey(t), c.access(t, doctor, nil)), march, false},
		"by the doctor himself":        {doctor, c.give(t, doctor, c.access(t, doctor, nil)), march, false},
		"by a delegate":                {doctor, c.give(t, delegate, c.access(t, doctor, func(a *records.Access) { a.Mandate = asDelegate })), march, false},
		"by a guardian as the patient": {doctor, c.give(t, guardian, c.access(t, doctor, nil)), march, false},
		"by another's mandate":         {doctor, c.give(t, c.other, c.access(t, doctor, func(a *records.Access) { a.Mandate = asGuardian })), march, false},
	} {
		if _, err := c.Record(t.Context(), k.reader.Address(), k.key.Document, k.place); !errors.Is(err, recordindex.ErrNoAccess) || err.Error() != recordindex.ErrNoAccess.Error() && !strings.HasSuffix(err.Error(), recordindex.ErrNoAccess.Error()) {
			t.Errorf("%s: record: %v", name, err)
		}
		if _, err := c.Pointers(t.Context(), k.reader.Address(), k.key.Document, nil, 0); (err == nil) != k.only || err != nil && !errors.Is(err, recordindex.ErrNoAccess) {
			t.Errorf("%s: pointers: %v", name, err)
		}
	}
	after, _, err := c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	if served := 3; len(after) != len(before)+served {
		t.Errorf("%d lines more in her log, want %d: what was shown, and no more", len(after)-len(before), served)
	}
	// A guardian gives access in her place, and a second patient's access opens the second one's records.
	if got := c.read(t, doctor, c.give(t, guardian, c.access(t, doctor, func(a *records.Access) { a.Mandate = asGuardian }))); len(got) != 2 {
		t.Errorf("a guardian's access shows %v", got)
	}
	if _, err := c.SecretFor(t.Context(), delegate.Address(), asDelegate, records.SealingKey{9}); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("a delegate gets the secret: %v", err)
	}
	if page, err := c.Pointers(t.Context(), doctor.Address(), c.give(t, c.other, c.access(t, doctor, nil)).Document, nil, 0); err != nil || len(page.Pointers) != 1 {
		t.Errorf("the other patient's pointers: %d, %v", len(page.Pointers), err)
	} else if _, err := page.Pointers[0].Open(c.give(t, c.patient, c.access(t, doctor, nil)).Keys, c.Address()); !errors.Is(err, records.ErrForged) {
		t.Errorf("one patient's keys open another's pointer: %v", err)
	}
	// What a key signed is nothing once the key is not hers any more.
	last := c.give(t, c.patient, c.access(t, doctor, nil))
	must(t, c.store.ChangeKey(t.Context(), c.patient.Address(), newKey(t).Address(), 2))
	if _, err := c.Pointers(t.Context(), doctor.Address(), last.Document, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("by a key that was replaced: %v", err)
	}
}

// Only who gave an access takes it back, and the bearer must be he.
func TestRevoking(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	given := c.give(t, c.patient, c.access(t, doctor, nil))
	revocation := func(signer *ledger.Key, change func(*records.Revocation)) ledger.SignedDocument {
		r := records.Revocation{Provider: c.Address(), Access: given.Document.Hash()}
		if change != nil {
			change(&r)
		}
		d, err := ledger.NewSignedDocument(signer, domain, ledger.KindRecordRevocation, r, 1, c.clock.Now().Unix()+60)
		must(t, err)
		return d
	}
	anybody := func(ledger.Address) bool { return true }
	for name, err := range map[string]error{
		"by the doctor":       c.Revoke(t.Context(), revocation(doctor, nil), anybody),
		"brought by another":  c.Revoke(t.Context(), revocation(c.patient, nil), func(ledger.Address) bool { return false }),
		"at another hospital": c.Revoke(t.Context(), revocation(c.patient, func(r *records.Revocation) { r.Provider = ledger.Address{1} }), anybody),
		"an access itself":    c.Revoke(t.Context(), given.Document, anybody),
	} {
		if !errors.Is(err, recordindex.ErrNoAccess) && !errors.Is(err, recordindex.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	must(t, c.Revoke(t.Context(), revocation(c.other, nil), anybody)) // of an access of hers, of which there is none
	if len(c.read(t, doctor, given)) != 2 {
		t.Error("it serves no more, and nobody took it back who may")
	}
	must(t, c.Revoke(t.Context(), revocation(c.patient, nil), anybody))
	if _, err := c.Pointers(t.Context(), doctor.Address(), given.Document, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("taken back: %v", err)
	}
}

// reading is a store that calls a hook once pointers were read.
type reading struct {
	recordindex.Store
	hook func()
}

func (s reading) Pointers(ctx context.Context, patient int64, scope recordindex.Scope, after *recordindex.Place, limit int) ([]recordindex.Kept, error) {
	defer s.hook()
	return s.Store.Pointers(ctx, patient, scope, after, limit)
}

// An access that is taken back, or ends, while what it shows is read serves nothing: not even that a record is missing.
func TestTakenBackWhileReading(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	var given records.AccessKey
	takeBack := func() {
		r := records.Revocation{Provider: c.Address(), Access: given.Document.Hash()}
		d, err := ledger.NewSignedDocument(c.patient, domain, ledger.KindRecordRevocation, r, 1, c.clock.Now().Unix()+60)
		must(t, err)
		must(t, c.Revoke(t.Context(), d, func(ledger.Address) bool { return true }))
	}
	var meanwhile func()
	index, err := recordindex.New(t.Context(), recordindex.Config{
		Provider: c.Address(), Domain: domain, Store: reading{c.store, func() { meanwhile() }}, Chain: c.chain, Source: c.tables, Render: bundle.Renderer(c.Address()),
		Now: c.clock.Now,
	})
	must(t, err)
	c.tables.reading = func() { meanwhile() }
	for name, do := range map[string]struct {
		meanwhile func()
		refused   bool
	}{
		"nothing":       {func() {}, false},
		"taken back":    {takeBack, true},
		"it ends":       {func() { c.clock.Advance(25 * 3600) }, true},
		"and is absent": {func() { takeBack(); c.tables.events[1] = nil }, true},
	} {
		for what, read := range map[string]func() error{
			"pointers": func() error {
				_, err := index.Pointers(t.Context(), doctor.Address(), given.Document, nil, 0)
				return err
			},
			"a record": func() error {
				_, err := index.Record(t.Context(), doctor.Address(), given.Document, recordindex.Place{Kind: "conditions", Month: month(t, "2024-03")})
				return err
			},
		} {
			events := c.tables.events[1]
			given, meanwhile = c.give(t, c.patient, c.access(t, doctor, nil)), do.meanwhile
			if err := read(); errors.Is(err, recordindex.ErrNoAccess) != do.refused || !do.refused && err != nil {
				t.Errorf("%s while %s are read: %v", name, what, err)
			}
			c.tables.events[1] = events
		}
	}
}

// A record that was changed or taken away behind the gateway's back is named and not served.
func TestAlteredRecords(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	k := c.give(t, c.patient, c.access(t, doctor, nil))
	fetch := func(m string) error {
		_, err := c.Record(t.Context(), doctor.Address(), k.Document, recordindex.Place{Kind: "conditions", Month: month(t, m)})
		return err
	}
	c.tables.events[1][0].Concept++
	if err := fetch("2024-03"); !errors.Is(err, recordindex.ErrAltered) {
		t.Errorf("changed: %v", err)
	}
	must(t, fetch("2024-04"))
	c.tables.events[1] = slices.Delete(c.tables.events[1], 2, 3)
	if err := fetch("2024-04"); !errors.Is(err, recordindex.ErrMissing) {
		t.Errorf("taken away: %v", err)
	}
	if err := fetch("2024-05"); !errors.Is(err, recordindex.ErrNoPointer) {
		t.Errorf("never there: %v", err)
	}
}

// What a reader was shown is in the patient's log, proven by a leaf of the hospital's, under the root on the chain once there is one;
// so are the pointers.
func TestUsesAreProven(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	k := c.give(t, c.patient, c.access(t, doctor, nil))
	c.read(t, doctor, k)
	lines, anchor, err := c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	if len(lines) != 3 || lines[0].Inclusion != nil || anchor != nil {
		t.Fatalf("before an interval: %d lines, anchor %v", len(lines), anchor)
	}
	for range lines { // an interval publishes one of hers
		_, err = c.store.Publish(t.Context(), 1000)
		must(t, err)
	}
	must(t, c.log.Anchor(t.Context()))
	c.chain.Finalise()
	must(t, c.log.Anchor(t.Context()))
	_, err = c.Point(t.Context(), []int64{1}, "")
	must(t, err)
	lines, anchor, err = c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	if anchor == nil {
		t.Fatal("no anchor")
	}
	var seen []recordindex.Seen
	for _, l := range lines {
		must(t, l.Inclusion.Check(ledger.LeafHash(ledger.SaltedLeaf(l.Salt, l.Content))))
		var s recordindex.Seen
		must(t, ledger.ParseCanonical(l.Content, &s))
		if s.Access != k.Document.Hash() || s.Reader != doctor.Address() || s.At != c.clock.Now().Unix() {
			t.Errorf("line %+v", s)
		}
		seen = append(seen, s)
	}
	if seen[0].Action != recordindex.SawPointers || seen[1].Action != recordindex.SawRecord || seen[2].From != month(t, "2024-04") {
		t.Errorf("lines %+v", seen)
	}
	page, err := c.Pointers(t.Context(), doctor.Address(), k.Document, nil, 0)
	must(t, err)
	if page.Anchor == nil || page.Pointers[0].Inclusion == nil {
		t.Error("pointers are not proven")
	}
	for _, s := range page.Pointers {
		_, err := s.Open(k.Keys, c.Address())
		must(t, err)
	}
	if others, _, err := c.Uses(t.Context(), c.other.Address(), nil, 0, 0); err != nil || len(others) != 0 {
		t.Errorf("another patient sees %d lines, %v", len(others), err)
	}
	if _, _, err := c.Uses(t.Context(), doctor.Address(), nil, 0, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("a doctor sees her log: %v", err)
	}
}

// Many pointers come in pages, each once.
func TestPages(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	c.tables.events[1] = nil
	day := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range recordindex.MaxPage + 5 {
		c.tables.events[1] = append(c.tables.events[1], recordindex.Event{Kind: "laboratory", ID: int64(i + 1), Concept: 1, Start: day.AddDate(0, 0, i).Format(time.DateOnly)})
	}
	_, err := c.Point(t.Context(), []int64{1}, "")
	must(t, err)
	k := c.give(t, c.patient, c.access(t, doctor, func(a *records.Access) {
		a.Kinds, a.From = []records.Kind{"laboratory"}, month(t, "2010-01")
	}))
	seen := map[string]bool{}
	var all []records.Shown
	for next := (*recordindex.Place)(nil); ; {
		page, err := c.Pointers(t.Context(), doctor.Address(), k.Document, next, 0)
		must(t, err)
		for _, s := range page.Pointers {
			p, err := s.Open(k.Keys, c.Address())
			must(t, err)
			seen[p.Locator] = true
		}
		all = append(all, page.Pointers...)
		if next = page.Next; next == nil {
			break
		}
	}
	if len(seen) != recordindex.MaxPage+5 || len(all) != len(seen) || len(records.Gaps(all)) != 0 {
		t.Errorf("%d pointers, %d of them once, gaps %v", len(all), len(seen), records.Gaps(all))
	}
}

// What she holds of a pointer is shown beside it, is in her log, and a reader whom she rejects gets nothing, by the next request on.
func TestOpinions(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	k := c.give(t, c.patient, c.access(t, doctor, nil))
	opine := func(signer *ledger.Key, revision uint64, o records.Opinion, mayBring bool) error {
		if o.Provider.IsZero() {
			o.Provider = c.Address()
		}
		d, err := ledger.NewSignedDocument(signer, domain, ledger.KindRecordOpinion, o, revision, c.clock.Now().Unix()+60)
		must(t, err)
		return c.Opine(t.Context(), d, func(ledger.Address) bool { return mayBring })
	}
	march := &recordindex.Place{Kind: "conditions", Month: month(t, "2024-03")}
	reader := doctor.Address()
	questioned := records.Opinion{Pointer: march, Standing: records.Questioned, Why: "I was not there"}
	for name, c := range map[string]struct{ err, want error }{
		"by the doctor":       {opine(doctor, 1, questioned, true), recordindex.ErrNoAccess},
		"brought by another":  {opine(c.patient, 1, questioned, false), recordindex.ErrNoAccess},
		"of another hospital": {opine(c.patient, 1, records.Opinion{Provider: ledger.Address{1}, Pointer: march, Standing: records.Accepted}, true), recordindex.ErrMalformed},
		"of nothing":          {opine(c.patient, 1, records.Opinion{Standing: records.Accepted}, true), recordindex.ErrMalformed},
		"an access":           {c.Opine(t.Context(), k.Document, func(ledger.Address) bool { return true }), recordindex.ErrMalformed},
		"of another's":        {opine(c.other, 1, records.Opinion{Pointer: &recordindex.Place{Kind: "medication", Month: march.Month}, Standing: records.Accepted}, true), recordindex.ErrNoPointer},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	must(t, opine(c.patient, 1, questioned, true))
	page, err := c.Pointers(t.Context(), doctor.Address(), k.Document, nil, 0)
	must(t, err)
	if diff := cmp.Diff([]records.Standing{records.Questioned, ""}, page.Standings); diff != "" {
		t.Errorf("standings (-want +got):\n%s", diff)
	}
	must(t, opine(c.patient, 1, records.Opinion{Reader: &reader, Standing: records.Rejected}, true))
	if _, err := c.Pointers(t.Context(), doctor.Address(), k.Document, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("rejected: %v", err)
	}
	must(t, opine(c.patient, 2, records.Opinion{Reader: &reader, Standing: records.Accepted}, true))
	if _, err := c.Pointers(t.Context(), doctor.Address(), k.Document, nil, 0); err != nil {
		t.Errorf("accepted again: %v", err)
	}
	all, err := c.Opinions(t.Context(), c.patient.Address(), nil, 0)
	must(t, err)
	if len(all) != 2 || all[0].Why != "I was not there" || *all[1].Reader != reader || all[1].Standing != records.Accepted {
		t.Errorf("opinions %+v", all)
	}
	if signer, err := all[0].Document.Signer(domain, ledger.KindRecordOpinion); err != nil || signer != c.patient.Address() {
		t.Errorf("signed by %s, %v", signer, err)
	}
	if _, err := c.Opinions(t.Context(), doctor.Address(), nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("the doctor sees them: %v", err)
	}
	lines, _, err := c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	var actions []recordindex.Action
	for _, l := range lines {
		var s recordindex.Seen
		must(t, ledger.ParseCanonical(l.Content, &s))
		actions = append(actions, s.Action)
	}
	if diff := cmp.Diff([]recordindex.Action{recordindex.Opines, recordindex.SawPointers, recordindex.Opines, recordindex.Opines, recordindex.SawPointers}, actions); diff != "" {
		t.Errorf("her log (-want +got):\n%s", diff)
	}
}

// Nobody breaks the glass unless the hospital says who may, and then nobody else; it opens what was declared, for as long, and no access of another.
func TestEmergencies(t *testing.T) {
	c := newClinic(t)
	clinician, colleague, stranger := newKey(t), newKey(t), newKey(t)
	with := func(rules *recordindex.EmergencyRules) *recordindex.Index {
		x, err := recordindex.New(t.Context(), recordindex.Config{
			Provider: c.Address(), Domain: domain, Store: c.store, Chain: c.chain, Source: c.tables, Render: bundle.Renderer(c.Address()), Now: c.clock.Now, Emergencies: rules,
		})
		must(t, err)
		return x
	}
	index := with(&recordindex.EmergencyRules{Within: 24 * time.Hour, Clinician: func(a ledger.Address) bool { return a == clinician.Address() || a == colleague.Address() }})
	opener, err := records.OpenerOf(clinician)
	must(t, err)
	declared := func(by *ledger.Key, until int64) ledger.SignedDocument {
		e := records.Emergency{
			Provider: c.Address(), Patient: 1, Kinds: []records.Kind{"conditions"}, From: month(t, "2024-03"), To: month(t, "2024-03"), Until: c.clock.Now().Unix() + until,
			Reason: "unconscious, nobody with her", Nonce: ledger.HashBytes(fmt.Append(nil, time.Now().UnixNano())),
		}
		d, err := ledger.NewSignedDocument(by, domain, ledger.KindRecordEmergency, e, 1, e.Until)
		must(t, err)
		return d
	}
	good := declared(clinician, 3600)
	for name, try := range map[string]struct {
		x    *recordindex.Index
		as   *ledger.Key
		d    ledger.SignedDocument
		want error
	}{
		"no rules":              {c.Index, clinician, good, recordindex.ErrNoAccess},
		"no clinician":          {index, stranger, declared(stranger, 3600), recordindex.ErrNoAccess},
		"another's declaration": {index, colleague, good, recordindex.ErrNoAccess},
		"for two days":          {index, clinician, declared(clinician, 2*86400), recordindex.ErrMalformed},
	} {
		if _, err := try.x.BreakGlass(t.Context(), try.as.Address(), try.d, opener.Public()); !errors.Is(err, try.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := try.x.Pointers(t.Context(), try.as.Address(), try.d, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
			t.Errorf("%s: pointers: %v", name, err)
		}
	}
	sealed, err := index.BreakGlass(t.Context(), clinician.Address(), good, opener.Public())
	must(t, err)
	b, err := opener.Open(recordindex.EmergencyPurpose, sealed)
	must(t, err)
	var ring records.Ring
	must(t, json.Unmarshal(b, &ring))
	page, err := index.Pointers(t.Context(), clinician.Address(), good, nil, 0)
	must(t, err)
	if len(page.Pointers) != 1 {
		t.Fatalf("%d pointers", len(page.Pointers))
	}
	p, err := page.Pointers[0].Open(ring, c.Address())
	must(t, err)
	content, err := index.Record(t.Context(), clinician.Address(), good, recordindex.Place{Kind: "conditions", Month: month(t, "2024-03")})
	must(t, err)
	if ledger.HashBytes(content) != p.Record {
		t.Error("another record")
	}
	if _, err := index.Record(t.Context(), clinician.Address(), good, recordindex.Place{Kind: "conditions", Month: month(t, "2024-04")}); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("of another month: %v", err)
	}
	if _, err := index.Pointers(t.Context(), colleague.Address(), good, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("to a colleague: %v", err)
	}
	if _, err := c.Pointers(t.Context(), clinician.Address(), good, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("after the hospital turned it off: %v", err)
	}
	lines, _, err := c.Uses(t.Context(), c.patient.Address(), nil, 0, 0)
	must(t, err)
	var first recordindex.Seen
	must(t, ledger.ParseCanonical(lines[0].Content, &first))
	if len(lines) != 3 || first.Action != recordindex.BreaksGlass || first.Emergency == nil || first.Emergency.Reason != "unconscious, nobody with her" {
		t.Errorf("%d lines in her log, the first %+v", len(lines), first)
	}
	overdue := func() bool {
		all, err := index.Emergencies(t.Context(), c.patient.Address(), nil, true, nil)
		must(t, err)
		return len(all) == 1 && all[0].Overdue
	}
	if overdue() {
		t.Error("overdue at once")
	}
	c.clock.Advance(24*3600 + 1)
	if !overdue() {
		t.Error("nobody is told that it was not countersigned")
	}
	if _, err := index.Pointers(t.Context(), clinician.Address(), good, nil, 0); !errors.Is(err, recordindex.ErrNoAccess) {
		t.Errorf("after it has ended: %v", err)
	}
}

// shelf are records that are documents already, of the first patient.
type shelf struct {
	all []recordindex.Document
	err error
}

func (s *shelf) Documents(_ context.Context, patient int64, kind records.Kind, day string) (all []recordindex.Document, err error) {
	for _, d := range s.all {
		if patient == 1 && (kind == "" || d.Kind == kind) && (day == "" || d.Day == day) {
			all = append(all, d)
		}
	}
	return all, s.err
}

// A hospital's FHIR server is pointed at beside its tables, its documents are served as they are, and the same faults are named.
func TestServerBesideTables(t *testing.T) {
	c := newClinic(t)
	doctor := newKey(t)
	shelf := &shelf{all: []recordindex.Document{{Kind: "conditions", Day: "2024-03-02", Content: []byte(`{"resourceType":"Bundle"}`)}, {Kind: "visits", Day: "2024-03-02", Content: []byte(`{}`)}}}
	x, err := recordindex.New(t.Context(), recordindex.Config{
		Provider: c.Address(), Domain: domain, Store: c.store, Chain: c.chain, Source: c.tables, Render: bundle.Renderer(c.Address()), Now: c.clock.Now, Documents: shelf,
	})
	must(t, err)
	done, err := x.Point(t.Context(), []int64{1, 2}, "")
	must(t, err)
	if want := (recordindex.Pointed{Records: 6, Added: 2}); !cmp.Equal(done, want) {
		t.Errorf("pointed at %+v, want %+v", done, want)
	}
	k := c.give(t, c.patient, c.access(t, doctor, nil))
	at := recordindex.Place{Kind: "conditions", Month: month(t, "2024-03"), Number: 1}
	fetch := func() ([]byte, error) { return x.Record(t.Context(), doctor.Address(), k.Document, at) }
	content, err := fetch()
	must(t, err)
	if string(content) != `{"resourceType":"Bundle"}` {
		t.Errorf("got %s", content)
	}
	if _, err := c.Record(t.Context(), doctor.Address(), k.Document, at); !errors.Is(err, recordindex.ErrMissing) {
		t.Errorf("after the server was taken away: %v", err)
	}
	shelf.err = recordindex.ErrUnavailable
	if _, err := fetch(); !errors.Is(err, recordindex.ErrUnavailable) {
		t.Errorf("while it does not answer: %v", err)
	}
	if _, err := x.Point(t.Context(), []int64{1}, ""); !errors.Is(err, recordindex.ErrUnavailable) {
		t.Errorf("pointing while it does not answer: %v", err)
	}
	shelf.err, shelf.all[0].Content = nil, []byte(`{"resourceType":"Other"}`)
	if _, err := fetch(); !errors.Is(err, recordindex.ErrAltered) {
		t.Errorf("changed: %v", err)
	}
	shelf.all[0] = recordindex.Document{Kind: "conditions", Day: "2024-03-02", Fault: "Condition.code is no object"}
	shelf.all = append(shelf.all, recordindex.Document{Kind: "visits", Fault: "Encounter has no class"}, recordindex.Document{Kind: "visits", Day: "2024-04-01", Fault: "likewise"})
	if content, err := fetch(); !errors.Is(err, recordindex.ErrFaulty) || content != nil {
		t.Errorf("no FHIR R4: %v", err)
	}
	for since, want := range map[string]recordindex.Pointed{
		"": {Records: 4, Faulty: []recordindex.Faulty{{Patient: 1, Kind: "conditions", Day: "2024-03-02", Fault: "Condition.code is no object"},
			{Patient: 1, Kind: "visits", Fault: "Encounter has no class"}, {Patient: 1, Kind: "visits", Day: "2024-04-01", Fault: "likewise"}}},
		"2024-04-02": {Records: 1, Faulty: []recordindex.Faulty{{Patient: 1, Kind: "visits", Fault: "Encounter has no class"}}},
	} {
		done, err := x.Point(t.Context(), []int64{1}, since)
		must(t, err)
		if diff := cmp.Diff(want, done); diff != "" {
			t.Errorf("pointing at what is no FHIR R4 since %q (-want +got):\n%s", since, diff)
		}
	}
	shelf.all = nil
	if _, err := fetch(); !errors.Is(err, recordindex.ErrMissing) {
		t.Errorf("taken away: %v", err)
	}
}
