package duckdb_test

import (
	"encoding/binary"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// benchClasses is how many preferences, which differ in more than their periods, are in force in a large hospital; and
// in one whose patients all think of something else.
var benchClasses = []int{1000, 4000}

// chargeAndFilter measures what every question pays before records are looked at: the durable charge of scope and classes,
// and who of all patients may be counted. A charge reads classes, not patients: the store has one for each class.
func chargeAndFilter(t *testing.T) {
	t.Helper()
	engine := benchEngine(t)
	p := plan(t, engine)
	for _, classes := range benchClasses {
		journal, columns := benchStore(t, classes), join(t, engine, classes)
		best := time.Hour
		for i := range 2 * benchRounds {
			start := time.Now()
			charged, err := journal.Charge(t.Context(), ledger.HashBytes([]byte{byte(i)}), permitAll)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Count(t.Context(), p, columns.Active(charged.Classes, charged.Now)); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		if classes > benchClasses[0] {
			t.Logf("bench: charge_and_filter_%d_classes_ms %d", classes, best.Milliseconds())
			continue
		}
		t.Logf("bench: charge_and_filter_ms %d", best.Milliseconds())
		if best > 100*time.Millisecond {
			t.Errorf("charge_and_filter_ms %d, want 100 at most", best.Milliseconds())
		}
	}
}

// permitAll charges every class a little.
func permitAll(s provider.Snapshot) (provider.Charge, error) {
	cost := accountant.Cost{NanoRho: 1}
	spent := s.Scopes["dataset"].Spent
	spent.NanoRho++
	c := provider.Charge{Cost: cost, Now: 1, Scopes: map[string]accountant.Scope{
		"dataset": {Kind: accountant.ZCDP, Budget: accountant.Cost{NanoRho: 1000}, Spent: spent},
	}}
	for _, k := range s.Classes {
		after, err := k.Odometer.Add(cost)
		if err != nil {
			return c, err
		}
		c.Classes = append(c.Classes, provider.Permitted{Class: k.ID, Odometer: after})
	}
	return c, nil
}

// benchEngine has the patients.
func benchEngine(t *testing.T) *duckdb.Engine {
	t.Helper()
	folder := t.TempDir()
	b := newBench(t, "SELECT 1")
	b.exec("COPY (" + benchPersons + ") TO '" + filepath.Join(folder, "person.parquet") + "' (FORMAT parquet)")
	if err := b.db.Close(); err != nil {
		t.Fatal(err)
	}
	_, file := load(t, folder)
	return open(t, file)
}

// join has the engine follow all patients, and puts each in a class.
func join(t *testing.T, e *duckdb.Engine, classes int) *provider.Columns {
	t.Helper()
	patients := make([]int64, benchPatients)
	for i := range patients {
		patients[i] = int64(i + 1)
	}
	columns, err := provider.NewColumns(patients)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range patients {
		columns.Set(provider.Membership{Patient: p, Class: uint32(1 + i%classes), Limit: provider.NoLimit})
	}
	follow(t, e, patients)
	return columns
}

// benchStore has the classes.
func benchStore(t *testing.T, classes int) *store.Provider {
	t.Helper()
	p, err := store.OpenProvider(t.Context(), store.Config{File: filepath.Join(t.TempDir(), "provider.db"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() }) // the figures are there
	enrolled, events := make([]provider.Enrolment, classes), make([]provider.Event, classes)
	for i := range classes {
		var key ledger.Address
		binary.BigEndian.PutUint64(key[:], uint64(i+1))
		document := fmt.Appendf(nil, "%600d", i)
		h := ledger.HashBytes(document)
		enrolled[i] = provider.Enrolment{Patient: int64(i + 1), Key: key}
		events[i] = provider.Event{
			Key: key, Document: ledger.SignedDocument{Content: document, Revision: 1}, ClassHash: h, ClassDocument: document, Salt: h, Leaf: h, At: 1,
		}
	}
	if err := p.Enrol(t.Context(), enrolled, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Record(t.Context(), events); err != nil {
		t.Fatal(err)
	}
	if err := p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1); err != nil {
		t.Fatal(err)
	}
	return p
}

// noised measures the noise of one number.
func noised(t *testing.T) {
	t.Helper()
	const draws = 100_000
	source := noise.New()
	start := cpuTime(t)
	for i := range int64(draws) {
		if _, err := source.AddGaussian(i, 51); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("bench: noise_ns %d", (cpuTime(t)-start).Nanoseconds()/draws)
}
