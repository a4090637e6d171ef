package recordindex_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/store"
)

func benchOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-records")
	}
}

// atMost reports a figure with its bar.
func atMost(t *testing.T, name string, value, most float64, how string) {
	t.Helper()
	t.Logf("bench: %s %.2f %s; want %v at most", name, value, how, most)
	if value > most {
		t.Errorf("%s %.2f, want %v at most", name, value, most)
	}
}

// seal is what an index does with a draft, for a hospital of the given secret.
func seal(hospital ledger.Address, secret ledger.Hash) func(recordindex.Draft, uint64) (recordindex.Sealed, error) {
	return func(d recordindex.Draft, number uint64) (s recordindex.Sealed, err error) {
		p := records.Pointer{Provider: hospital, Kind: d.Kind, Time: d.Time, Locator: d.Locator, Record: d.Record}
		e, err := records.SecretOf(secret, d.Patient).Cell(d.Kind, d.Month).Seal(number, p)
		if err != nil {
			return s, err
		}
		s.Value, s.Salt = e.Value, e.Key
		s.Leaf = e.Leaf(s.Salt)
		return s, nil
	}
}

// TestBenchPointers is part of make bench-records: visits of patients in no order, four pointers each, in transactions of a thousand
// that are on disk when they return, and what all of it takes of the disk once it is in the log. BENCH_POINTERS says how many.
func TestBenchPointers(t *testing.T) {
	benchOnly(t)
	pointers := 300_000
	if s := os.Getenv("BENCH_POINTERS"); s != "" {
		var err error
		pointers, err = strconv.Atoi(s)
		must(t, err)
	}
	file := filepath.Join(t.TempDir(), "hospital.db")
	db, err := store.OpenProvider(t.Context(), store.Config{File: file, Log: slog.New(slog.DiscardHandler)})
	must(t, err)
	of := seal(ledger.Address{1}, ledger.Hash{2})
	kinds, start := recordindex.Kinds(), time.Now()
	added, patients := 0, int64(pointers/40+1)
	for n := 0; added < pointers; {
		var drafts []recordindex.Draft
		for range 250 {
			n++
			patient, day := int64(n)*7919%patients, time.Unix(1_400_000_000+int64(n%3000)*86400, 0).UTC()
			m, err := records.MonthOf(day)
			must(t, err)
			for _, k := range kinds[:4] {
				drafts = append(drafts, recordindex.Draft{Patient: patient, Kind: k, Month: m, Time: day.Unix(),
					Locator: "omop/" + string(k) + "/" + day.Format(time.DateOnly), Record: ledger.HashBytes(fmt.Append(nil, n, k))})
			}
		}
		more, err := db.Append(t.Context(), drafts, of)
		must(t, err)
		added += more
	}
	took := time.Since(start)
	rate := float64(added) / took.Seconds()
	t.Logf("bench: append_per_s %.0f durable, in transactions of 1000, %d pointers; want 5000 at least", rate, added)
	if rate < 5000 {
		t.Errorf("%.0f pointers a second, want 5000", rate)
	}
	const intervals = 200 // each has places for 24 pointers: of these what the log takes is measured, and that of all is as much a pointer
	before := size(t, file)
	for range intervals {
		_, err := db.Publish(t.Context(), 1)
		must(t, err)
	}
	must(t, db.Close())
	after := size(t, file)
	each := float64(before)/float64(added) + float64(max(after-before, 0))/(intervals*24)
	atMost(t, "bytes_per_pointer", each, 1200, fmt.Sprintf("on disk with %d pointers, leaves of the log included", added))
}

func size(t *testing.T, file string) (bytes int64) {
	t.Helper()
	for _, f := range []string{file, file + "-wal"} {
		if info, err := os.Stat(f); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}

// TestBenchVerify is part of make bench-records: opening one pointer and checking it against a log of some 10,000,000 leaves.
func TestBenchVerify(t *testing.T) {
	benchOnly(t)
	hospital := providertest.NewKey(t).Address()
	secret := records.SecretOf(ledger.Hash{2}, 1)
	m := month(t, "2024-03")
	sealed, err := secret.Cell("visits", m).Seal(0, records.Pointer{Provider: hospital, Kind: "visits", Time: m.Start().Unix(), Locator: "omop/visits/2024-03-01", Record: ledger.Hash{1}})
	must(t, err)
	leaf := sealed.Leaf(ledger.Hash{3})
	proof := ledger.LogProof{Log: ledger.LogID(ledger.LogProvider, hospital), Size: 1 << 24, Root: leaf}
	for range 24 { // the leftmost path of a full tree
		sibling := ledger.HashBytes(proof.Root[:])
		proof.Path = append(proof.Path, sibling)
		proof.Root = ledger.HashBytes(append(append([]byte{1}, proof.Root[:]...), sibling[:]...))
	}
	s := records.Shown{Kind: "visits", Month: m, Entry: sealed, Salt: ledger.Hash{3}, Inclusion: &proof}
	ring := records.Ring(secret.Nodes("visits", month(t, "2010-01"), month(t, "2024-12")))
	const times = 2000
	start := time.Now()
	for range times {
		_, err := s.Open(ring, hospital)
		must(t, err)
	}
	atMost(t, "verify_us", float64(time.Since(start).Microseconds())/times, 200, "a pointer opened and checked against a log of 16777216 leaves")
}
