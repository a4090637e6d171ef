package consent_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// benchPatients is how many patients the benchmarks' map holds.
const benchPatients = 100_000

func benchMap(b *testing.B) (*consent.Map, *memory) {
	b.Helper()
	store := newMemory()
	m := store.at(1)
	leaves := make([]consent.Leaf, benchPatients)
	for i := range leaves {
		leaves[i] = leafOf(b, m.Index(int64(i)), i)
	}
	if err := m.Set(leaves...); err != nil {
		b.Fatal(err)
	}
	return m, store
}

// BenchmarkSet changes the entry of one patient among 100,000.
func BenchmarkSet(b *testing.B) {
	m, store := benchMap(b)
	b.ReportMetric(float64(store.size())/benchPatients, "nodes/patient")
	for i := 0; b.Loop(); i++ {
		if err := m.Set(leafOf(b, m.Index(int64(i%benchPatients)), i+1)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSetBatch changes 1000 entries at once.
func BenchmarkSetBatch(b *testing.B) {
	m, _ := benchMap(b)
	batch := make([]consent.Leaf, 1000)
	for i := 0; b.Loop(); i++ {
		for k := range batch {
			batch[k] = leafOf(b, m.Index(int64(97*k%benchPatients)), i+1)
		}
		if err := m.Set(batch...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkProve(b *testing.B) {
	m, _ := benchMap(b)
	for i := 0; b.Loop(); i++ {
		if _, err := m.Prove(m.Index(int64(i % benchPatients))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	p, _ := whole(b)
	b.ReportMetric(float64(len(must(ledger.Canonical(p)))), "bytes/proof")
	for b.Loop() {
		if err := p.Check(); err != nil {
			b.Fatal(err)
		}
	}
}
