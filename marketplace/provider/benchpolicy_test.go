package provider_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/policytest"
)

// watched is a store that tells how long each decision took within its transaction, and each charge.
type watched struct {
	provider.Store
	decided, charged []time.Duration
	classes          int
}

// Charge implements [provider.Store].
func (s *watched) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	begin := time.Now()
	c, err := s.Store.Charge(ctx, request, func(snapshot provider.Snapshot) (provider.Charge, error) {
		begin := time.Now()
		c, err := decide(snapshot)
		s.decided, s.classes = append(s.decided, time.Since(begin)), len(snapshot.Classes)
		return c, err
	})
	s.charged = append(s.charged, time.Since(begin))
	return c, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// atMost reports a figure with its bar.
func atMost(t *testing.T, name string, value, most float64, how string) {
	t.Helper()
	t.Logf("bench: %s %.2f %s; want %v at most", name, value, how, most)
	if value > most {
		t.Errorf("%s %.2f, want %v at most", name, value, most)
	}
}

// TestBenchDecide is part of make bench-policy: the one decision, with every reason and the
// evaluation of each class of a hospital with as many classes as a large one has, and then who of all its patients
// is in the active set that was charged; against the reference evaluator, patient by patient.
func TestBenchDecide(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-policy")
	}
	s, w, preferences := benchHospital(t, 5000)
	first := w.ask("question")
	w.release(first)
	s.charged, s.decided = s.charged[:0], s.decided[:1]
	for i := range 40 {
		w.release(w.ask("question " + strconv.Itoa(i)))
	}
	// The least of several measurements, here and below: other work on the machine takes turns.
	decided := slices.Min(s.decided[1:])
	t.Logf("bench: decide_first_ms %.2f after a start, %d classes", milliseconds(s.decided[0]), s.classes)
	t.Logf("bench: decide_classes_ms %.2f all reasons, and %d classes evaluated and charged", milliseconds(decided), s.classes)
	t.Logf("bench: charge_5000_classes_ms %.2f the whole transaction, durable: of %d classes", milliseconds(slices.Min(s.charged)), s.classes)
	charged, _, err := w.Store.Charged(t.Context(), first.Ask.RequestID)
	ok(t, err)
	in := w.input(first, charged.Now)
	for _, size := range []struct {
		name     string
		patients int
		bar      float64
	}{{"1m", 1_000_000, 5}, {"10m", 10_000_000, 50}} {
		crowd := benchCrowd(t, size.patients, charged, preferences)
		var passes []time.Duration
		var active provider.Active
		for range 60 {
			begin := time.Now()
			active = crowd.columns.Active(charged.Classes, charged.Now)
			passes = append(passes, time.Since(begin))
		}
		took := decided + slices.Min(passes)
		atMost(t, "decide_"+size.name+"_ms", milliseconds(took), size.bar, fmt.Sprintf("%d classes evaluated, and the active set of %d patients", s.classes, size.patients))
		t.Logf("bench: pass_%s_ms %.2f the active set alone", size.name, milliseconds(slices.Min(passes)))
		naive := crowd.naive(t, in, active)
		factor := float64(naive) * float64(size.patients) / float64(took)
		t.Logf("bench: decide_vs_naive_%s %.0f times, reference evaluator %d ns a patient; want 10 at least", size.name, factor, naive.Nanoseconds())
		if factor < 10 {
			t.Errorf("decide_vs_naive_%s %.0f, want 10 at least", size.name, factor)
		}
	}
}

// benchHospital has so many patients, each in a class of her own: by class, what she prefers.
func benchHospital(t *testing.T, classes int) (s *watched, w *world, preferences []policy.ReleasePreference) {
	t.Helper()
	patients := make([]providertest.Record, classes)
	for i := range patients {
		patients[i] = providertest.Record{Patient: int64(i + 1), Born: 1950}
	}
	s = &watched{Store: openStore(t, filepath.Join(t.TempDir(), "hospital.db"))}
	w = &world{Hospital: providertest.Open(t, s, noisetest.None(t), patients), t: t}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(w.Policy())))
	for first := 0; first < classes; first += provider.MaxBatch {
		var numbers []int64
		for i := range provider.MaxBatch {
			numbers = append(numbers, int64(first+i+1))
		}
		w.EnrolAll(numbers...)
		for _, patient := range numbers {
			p := providertest.Anything()
			for i, digits := len(p.Categories)-1, int(patient); i >= 0; i, digits = i-1, digits/5 {
				p.Categories[i].Finest = policy.LevelExact - digits%5 // a class of her own
			}
			w.Prefer(p, patient)
			preferences = append(preferences, p)
		}
	}
	w.Restart()
	w.grant = w.Approve(w.Grant())
	return s, w, preferences
}

// input is what the question was decided on.
func (w *world) input(q provider.Question, now int64) policy.Input {
	w.t.Helper()
	g := w.Grant()
	return provider.Facts{
		Ask: q.Ask, Researcher: w.Researcher.Address(), Plan: w.Plan(w.Query(loss)), Policy: w.Policy(),
		Grant: &g, Record: w.Terms(g, q.Grant), Now: now, Diseases: w.Diseases(),
	}.Input()
}

// crowd is the patients of a large hospital.
type crowd struct {
	columns *provider.Columns
	some    []resident // of them
}

// resident is what the reference evaluator is told of a patient.
type resident struct {
	ordinal    int
	preference policy.ReleasePreference
	lost       policy.Loss
}

// benchCrowd has the classes of a charge in sizes that fall as those of a few presets and many wishes do; a fifth of the
// patients have a cap of their own and a tenth an end.
func benchCrowd(t *testing.T, patients int, c provider.Charged, preferences []policy.ReleasePreference) (all crowd) {
	t.Helper()
	odometer := map[uint32]accountant.Cost{}
	for _, k := range c.Classes {
		odometer[k.Class] = k.Odometer
	}
	r := rand.New(rand.NewPCG(1, uint64(patients)))
	zipf := rand.NewZipf(r, 1.2, 20, uint64(len(preferences)-1))
	numbers := make([]int64, patients)
	for i := range numbers {
		numbers[i] = int64(3 * i)
	}
	var err error
	all.columns, err = provider.NewColumns(numbers)
	ok(t, err)
	const sample = 20_000
	for i, number := range numbers {
		class := uint32(zipf.Uint64()) + 1
		m, lost := provider.Membership{Patient: number, Class: class, Limit: provider.NoLimit}, policy.Loss{}
		var ownCap *policy.Loss
		if r.IntN(5) == 0 {
			left := r.Int64N(3) - 1 // after the charge
			ownCap, lost = &policy.Loss{NanoRho: 10 * c.Cost.NanoRho, Delta: 1 << 40}, policy.Loss{NanoRho: 9*c.Cost.NanoRho - left}
			m.Limit = accountant.Cost{NanoRho: odometer[class].NanoRho + left, Delta: odometer[class].Delta + 1<<40}
		}
		if r.IntN(10) == 0 {
			m.Until = c.Now + r.Int64N(3) - 1
		}
		all.columns.Set(m)
		if i%(patients/sample) == 0 {
			p := preferences[class-1]
			p.Period.End, p.OwnCap = m.Until, ownCap
			all.some = append(all.some, resident{i, p, lost})
		}
	}
	return all
}

// naive is how long the reference evaluator takes for a patient. It must decide on each as the active set did.
func (c crowd) naive(t *testing.T, in policy.Input, active provider.Active) time.Duration {
	t.Helper()
	counted := 0
	begin := time.Now()
	reasons := make([]policy.ReasonCode, len(c.some))
	for i, p := range c.some {
		reasons[i] = policytest.Patient(in, &p.preference, p.lost, policytest.Hierarchy)
	}
	took := time.Since(begin) / time.Duration(len(c.some))
	for i, p := range c.some {
		if got, want := active.Has(p.ordinal), reasons[i] == policy.PatientEligible; got != want {
			t.Fatalf("patient %d is in the active set: %v; the reference says %s", p.ordinal, got, reasons[i])
		}
		if active.Has(p.ordinal) {
			counted++
		}
	}
	if counted < len(c.some)/20 || counted > len(c.some)*19/20 {
		t.Errorf("%d of %d counted: the check is empty", counted, len(c.some))
	}
	return took
}
