package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/store"
)

func keyOf(patient int64) (a ledger.Address) {
	binary.BigEndian.PutUint64(a[:], uint64(patient)+1)
	return a
}

// preferences makes one event a patient, of the size they have.
func preferences(first, n int64, revision uint64, class string) []provider.Event {
	events := make([]provider.Event, n)
	for i := range events {
		content := fmt.Appendf(make([]byte, 0, 600), "\"%d %d %-580s\"", first+int64(i), revision, class)
		h := ledger.HashBytes(content)
		events[i] = provider.Event{
			Key: keyOf(first + int64(i)), Document: ledger.SignedDocument{Content: content, Revision: revision, Expiry: 5000},
			ClassHash: ledger.HashBytes([]byte(class)), ClassDocument: []byte(class), Until: 5000 + int64(i)%3*1000, Salt: h, Leaf: h, At: 1000,
		}
	}
	return events
}

func enrol(t testing.TB, p *store.Provider, n int64) {
	t.Helper()
	all := make([]provider.Enrolment, n)
	for i := range all {
		all[i] = provider.Enrolment{Patient: int64(i), Key: keyOf(int64(i))}
	}
	must(t, p.Enrol(t.Context(), all, 1))
}

func record(t testing.TB, p *store.Provider, events []provider.Event) {
	t.Helper()
	_, err := p.Record(t.Context(), events)
	must(t, err)
}

// chargeClass charges every class there is.
func chargeClass(t testing.TB, p *store.Provider, request string, cost accountant.Cost) ledger.Hash {
	t.Helper()
	id := ledger.HashBytes([]byte(request))
	_, err := p.Charge(t.Context(), id, func(s provider.Snapshot) (provider.Charge, error) {
		c := provider.Charge{Cost: cost, Now: 2000}
		for _, class := range s.Classes {
			after, err := class.Odometer.Add(cost)
			if err != nil {
				return c, err
			}
			c.Classes = append(c.Classes, provider.Permitted{Class: class.ID, Odometer: after})
		}
		return c, nil
	})
	must(t, err)
	return id
}

func setPolicy(t testing.TB, p *store.Provider) {
	t.Helper()
	must(t, p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000))
}

// Each event keeps the odometer of its class as it was when the patient joined:
// the interface does not show it, and it is what her own loss is counted from.
func TestEventsKeepTheOdometer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "provider.db")
	p := openProvider(t, file)
	enrol(t, p, 3)
	setPolicy(t, p)
	record(t, p, preferences(0, 1, 1, "a"))
	chargeClass(t, p, "first", accountant.Cost{NanoRho: 30, Delta: 2})
	record(t, p, append(preferences(1, 1, 1, "a"), preferences(0, 1, 2, "b")...))
	chargeClass(t, p, "second", accountant.Cost{NanoRho: 5})
	record(t, p, append(preferences(2, 1, 1, "b"), preferences(0, 1, 3, "a")...))

	var got []string
	db := raw(t, file)
	rows, err := db.QueryContext(t.Context(), `
		SELECT printf('%d in %d at %d/%d', e.patient, e.class, e.joined_nano_rho - c.base_nano_rho, e.joined_delta - c.base_delta)
		FROM events AS e JOIN classes AS c ON c.id = e.class`)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var line string
		must(t, rows.Scan(&line))
		got = append(got, line)
	}
	must(t, rows.Err())
	for _, c := range now(t, p).Classes {
		got = append(got, fmt.Sprintf("class %d at %d/%d", c.ID, c.Charged().NanoRho, c.Charged().Delta))
	}
	want := []string{
		"0 in 1 at 0/0", "1 in 1 at 30/2", "0 in 2 at 0/0", "2 in 2 at 5/0", "0 in 1 at 35/2",
		"class 1 at 35/2", "class 2 at 5/0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The schema refuses what the code should never try.
func TestSchemaRefuses(t *testing.T) { everywhere(t, refusing) }

func refusing(t *testing.T, place func(testing.TB) string) {
	where := place(t)
	p := openProvider(t, where)
	enrol(t, p, 1)
	setPolicy(t, p)
	record(t, p, preferences(0, 1, 1, "a"))
	point(t, p, 1)
	request := chargeClass(t, p, "request", accountant.Cost{NanoRho: 30})
	scope := map[string]accountant.Scope{"s": {
		Kind: accountant.ZCDP, Budget: accountant.Cost{NanoRho: 50}, Spent: accountant.Cost{NanoRho: 30},
	}}
	_, err := p.Charge(t.Context(), ledger.Hash{2}, func(provider.Snapshot) (provider.Charge, error) {
		return provider.Charge{Cost: accountant.Cost{NanoRho: 30}, Scopes: scope}, nil
	})
	must(t, err)
	for i := range 16 { // so many that they are added up
		must(t, chargeNothing(t, p, fmt.Sprint("more ", i)))
	}
	mismatch := "datatype mismatch"
	if config(where).Postgres != "" {
		mismatch = "invalid input syntax for type bigint"
	}
	for statement, why := range map[string]string{
		`UPDATE scopes SET spent_nano_rho = 29`:           "never falls",
		`UPDATE scopes SET budget_nano_epsilon = 1`:       "CHECK",
		`UPDATE scopes SET spent_nano_rho = 51`:           "CHECK",
		`UPDATE scopes SET kind = 'gaussian_only'`:        "kind is fixed",
		`UPDATE charges SET nano_rho = 29`:                "never falls",
		`UPDATE charges SET classes = zeroblob(1)`:        "never falls",
		`UPDATE odometers SET totals = zeroblob(0)`:       "never falls",
		`UPDATE classes SET base_delta = base_delta + 1`:  "where its odometer began stays",
		`DELETE FROM charges`:                             "FOREIGN KEY",
		`DELETE FROM classes`:                             "FOREIGN KEY",
		`INSERT INTO map_secret VALUES (2, zeroblob(32))`: "CHECK",
		`UPDATE map_nodes SET hash = zeroblob(33)`:        "CHECK",
		`DELETE FROM patients`:                            "FOREIGN KEY",
		`UPDATE events SET as_of = 65`:                    "CHECK",
		`UPDATE events SET cap_nano_rho = 5`:              "CHECK", // without cap_delta
		`UPDATE events SET limit_delta = limit_delta - 1`: "CHECK",
		`INSERT INTO events SELECT seq + 1, patient, as_of, class, until, cap_nano_rho, cap_delta, carried_nano_rho, carried_delta, joined_nano_rho, joined_delta,
			limit_nano_rho, limit_delta, recorded_at, content, revision, expiry, signature, salt, entry_salt, steward FROM events`: "a revision is one more",
		`UPDATE charges SET as_of = 0`:                                       "CHECK",
		`INSERT INTO unpublished VALUES (2, 1, zeroblob(32))`:                "CHECK",
		`INSERT INTO index_leaves (number, lane, leaf) VALUES (9, 0, x'00')`: "CHECK",
		`UPDATE pointers SET month = 4096`:                                   "CHECK",
		`INSERT INTO pointers SELECT leaf + 1, patient, kind, month, number, locator, record, value, salt FROM pointers`: "UNIQUE",
		`DELETE FROM index_leaves`:                                                               "FOREIGN KEY",
		`INSERT INTO intervals VALUES (1, zeroblob(32), 0)`:                                      "UNIQUE",
		`INSERT INTO log_size (one, size) VALUES (2, 0)`:                                         "CHECK",
		`INSERT INTO odometers (charge, first, totals) VALUES (700, 0, zeroblob(16))`:            "FOREIGN KEY",
		`INSERT INTO odometers (charge, first, totals) VALUES (1, 256, zeroblob(15))`:            "CHECK",
		`INSERT INTO enrolments (patient, key) VALUES ('five', x'00')`:                           mismatch,
		`UPDATE charges SET request = x'00' WHERE number = 1`:                                    "CHECK",
		`INSERT INTO policies SELECT revision, content, expiry, signature, set_at FROM policies`: "UNIQUE",
	} {
		if config(where).Postgres != "" {
			statement = strings.ReplaceAll(statement, "x'00'", "zeroblob(1)")
		}
		if err := p.Execute(t.Context(), statement); err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(why)) {
			t.Errorf("%s: error %v, want one of %q", statement, err, why)
		}
	}
	if _, found, err := p.Charged(t.Context(), request); err != nil || !found {
		t.Errorf("charge is gone: %v", err)
	}
}

// A decision that panics, and a caller that gives up, leave the store as it was
// and free for others.
func TestInterrupted(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	setPolicy(t, p)
	id := ledger.Hash{1}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_, _ = p.Charge(t.Context(), id, func(provider.Snapshot) (provider.Charge, error) { panic("in decide") }) // never returns
	}()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := p.Charge(ctx, id, func(provider.Snapshot) (provider.Charge, error) {
		cancel()
		return provider.Charge{}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was cancelled", err)
	}
	if _, found, err := p.Charged(t.Context(), id); err != nil || found {
		t.Errorf("found %v, %v", found, err)
	}
	chargeClass(t, p, "next", accountant.Cost{NanoRho: 1})
}

// Reads neither wait for a write nor see a part of it.
func TestReadsDuringAWrite(t *testing.T) {
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	setPolicy(t, p)
	id := ledger.Hash{1}
	_, err := p.Charge(t.Context(), id, func(provider.Snapshot) (provider.Charge, error) {
		_, found, err := p.Charged(t.Context(), id) // allowed here only because it is a read
		if found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		return provider.Charge{}, nil
	})
	must(t, err)
	if _, found, err := p.Charged(t.Context(), id); !found || err != nil {
		t.Errorf("found %v, %v", found, err)
	}
}

func BenchmarkRecord(b *testing.B) { // one iteration is 1000 events
	p := openProvider(b, filepath.Join(b.TempDir(), "provider.db"))
	enrol(b, p, 1000)
	revision := uint64(0)
	for b.Loop() {
		revision++
		record(b, p, preferences(0, 1000, revision, fmt.Sprint("class ", revision%50)))
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkMemberships(b *testing.B) {
	const patients = 100_000
	p := openProvider(b, filepath.Join(b.TempDir(), "provider.db"))
	enrol(b, p, patients)
	for first := int64(0); first < patients; first += 1000 {
		record(b, p, preferences(first, 1000, 1, fmt.Sprint("class ", first%50_000)))
	}
	for b.Loop() {
		n := 0
		_, err := p.Memberships(b.Context(), 0, patients, func(provider.Membership) { n++ })
		if err != nil || n != patients {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N)*patients/b.Elapsed().Seconds(), "patients/s")
}

// BenchmarkCharge charges and finishes, with 50 classes and 20,000 patients.
func BenchmarkCharge(b *testing.B) {
	const patients = 20_000
	p := openProvider(b, filepath.Join(b.TempDir(), "provider.db"))
	enrol(b, p, patients)
	setPolicy(b, p)
	for first := int64(0); first < patients; first += 400 {
		record(b, p, preferences(first, 400, 1, fmt.Sprint("class ", first)))
	}
	for i := 0; b.Loop(); i++ {
		id := chargeClass(b, p, fmt.Sprint(i), accountant.Cost{NanoRho: 1})
		if _, err := p.Finish(b.Context(), id, ledger.SignedRelease{}, ledger.Hash{2}, nil, 2001); err != nil {
			b.Fatal(err)
		}
	}
}

// point adds pointers to visits.
func point(t testing.TB, p *store.Provider, n int64) {
	t.Helper()
	drafts := make([]recordindex.Draft, n)
	for i := range drafts {
		drafts[i] = recordindex.Draft{Patient: int64(i), Kind: "visits", Month: 1490, Locator: "omop/visits/2024-03-01", Record: ledger.Hash{1}}
	}
	_, err := p.Append(t.Context(), drafts, func(d recordindex.Draft, number uint64) (recordindex.Sealed, error) {
		h := ledger.HashBytes(fmt.Append(nil, d.Patient, number))
		return recordindex.Sealed{Value: make([]byte, records.ValueSize), Salt: h, Leaf: h}, nil
	})
	must(t, err)
}

// What becomes public has the same number of rows in two hospitals that differ
// only in who has events and visits, and how many.
func TestG7RowsOfPublicTables(t *testing.T) {
	rows := func(events int64) map[string]int {
		file := filepath.Join(t.TempDir(), "provider.db")
		p := openProvider(t, file)
		enrol(t, p, 100)
		setPolicy(t, p)
		record(t, p, preferences(0, 1, 1, "a"))
		for i := range 3 {
			record(t, p, preferences(1+int64(i)*events, events, 1, "a"))
			point(t, p, events)
			id := chargeClass(t, p, fmt.Sprint("request ", i), accountant.Cost{NanoRho: 1})
			_, err := p.Finish(t.Context(), id, ledger.SignedRelease{}, id, nil, 2001)
			must(t, err)
			_, err = p.Publish(t.Context(), 2002)
			must(t, err)
		}
		db := raw(t, file)
		counts := map[string]int{}
		for _, table := range []string{"log_hashes", "log_size", "intervals", "anchors", "policies", "charges", "releases"} {
			var n, size int
			must(t, db.QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n))
			must(t, db.QueryRowContext(t.Context(), `SELECT size FROM log_size`).Scan(&size))
			counts[table], counts["leaves"] = n, size
		}
		return counts
	}
	if diff := cmp.Diff(rows(0), rows(30)); diff != "" {
		t.Errorf("-with hardly an event +with many:\n%s", diff)
	}
}
