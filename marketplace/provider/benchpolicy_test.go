package provider_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// watched is a store that tells how long each decision took within its transaction.
type watched struct {
	provider.Store
	decided []time.Duration
	classes int
}

// Charge implements [provider.Store].
func (s *watched) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	return s.Store.Charge(ctx, request, func(snapshot provider.Snapshot) (provider.Charge, error) {
		begin := time.Now()
		c, err := decide(snapshot)
		s.decided, s.classes = append(s.decided, time.Since(begin)), len(snapshot.Classes)
		return c, err
	})
}

// TestBenchDecide is part of make bench-policy: the one decision, with every reason and the
// evaluation of each class, of a hospital with as many classes as a large one has. It
// does not depend on how many patients there are.
func TestBenchDecide(t *testing.T) {
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-policy")
	}
	const classes = 5000
	patients := make([]providertest.Record, classes)
	for i := range patients {
		patients[i] = providertest.Record{Patient: int64(i + 1), Born: 1950}
	}
	s := &watched{Store: openStore(t, filepath.Join(t.TempDir(), "hospital.db"))}
	w := &world{Hospital: providertest.Open(t, s, noisetest.None(t), patients), t: t}
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
		}
	}
	w.grant = w.Approve(w.Grant())
	const questions = 12
	for i := range questions {
		w.release(w.ask("question " + strconv.Itoa(i)))
	}
	best := s.decided[1]
	for _, d := range s.decided[1:] {
		best = min(best, d)
	}
	t.Logf("bench: decide_first_ms %.2f %d classes, whose documents are parsed then", float64(s.decided[0].Microseconds())/1000, s.classes)
	t.Logf("bench: decide_classes_ms %.2f all reasons, and %d classes evaluated and charged", float64(best.Microseconds())/1000, s.classes)
}
