package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/store"
)

// crowd is how many patients a large hospital of the benchmarks has.
const crowd = 100_000

// openCrowd makes a hospital with a crowd of patients who have all signed. Each
// batch is published, so that the map has a history.
func openCrowd(b *testing.B) (p *store.Provider, file string) {
	b.Helper()
	file = filepath.Join(b.TempDir(), "provider.db")
	p = openProvider(b, file)
	enrol(b, p, crowd)
	setPolicy(b, p)
	for first := int64(0); first < crowd; first += 1000 {
		record(b, p, preferences(first, 1000, 1, fmt.Sprint("class ", first%50_000)))
		publish(b, p)
	}
	return p, file
}

func publish(b testing.TB, p *store.Provider) uint64 {
	b.Helper()
	size, err := p.Publish(b.Context(), 1500)
	must(b, err)
	return size
}

// BenchmarkWithdrawal is one patient's in a crowd, each in an interval of its
// own: no row of the map is there to be written over.
func BenchmarkWithdrawal(b *testing.B) {
	p, _ := openCrowd(b)
	patient := int64(0)
	for b.Loop() {
		record(b, p, preferences(patient, 1, 2, "withdrawn"))
		b.StopTimer()
		patient++
		publish(b, p)
		b.StartTimer()
	}
}

// BenchmarkConsentProof proves patients of a crowd at the first and the last
// interval by turns.
func BenchmarkConsentProof(b *testing.B) {
	p, _ := openCrowd(b)
	size, _, err := p.LogRoot(b.Context())
	must(b, err)
	patient := int64(0)
	for b.Loop() {
		asOf := size
		if patient%2 == 0 {
			asOf = 64
		}
		if _, err := p.Consent(b.Context(), patient*7%crowd, asOf); err != nil {
			b.Fatal(err)
		}
		patient++
	}
}

// BenchmarkChargeWithBacklog charges while so many events wait to be published.
func BenchmarkChargeWithBacklog(b *testing.B) {
	for _, pending := range []int64{0, 1000, 50_000} {
		b.Run(fmt.Sprint(pending), func(b *testing.B) {
			p := openProvider(b, filepath.Join(b.TempDir(), "provider.db"))
			setPolicy(b, p)
			if pending > 0 {
				enrol(b, p, pending)
			}
			for first := int64(0); first < pending; first += 1000 {
				record(b, p, preferences(first, 1000, 1, "class"))
			}
			for i := 0; b.Loop(); i++ {
				chargeClass(b, p, fmt.Sprint(i), accountant.Cost{NanoRho: 1})
			}
		})
	}
}

// BenchmarkMapOnDisk says what a patient with one preference takes of the disk,
// by table, when a thousand patients sign an interval.
func BenchmarkMapOnDisk(b *testing.B) {
	for b.Loop() {
		p, file := openCrowd(b)
		must(b, p.Close())
		for name, size := range sizes(b, file) {
			b.ReportMetric(float64(size)/crowd, name+"-B/patient")
		}
	}
}

// sizes are the bytes that each table and index takes in a file.
func sizes(t testing.TB, file string) map[string]int64 {
	t.Helper()
	rows, err := raw(t, file).QueryContext(t.Context(), `SELECT name, sum(pgsize) FROM dbstat GROUP BY name`)
	must(t, err)
	defer rows.Close()
	all := map[string]int64{}
	for rows.Next() {
		var name string
		var size int64
		must(t, rows.Scan(&name, &size))
		all[name] = size
	}
	must(t, rows.Err())
	return all
}
