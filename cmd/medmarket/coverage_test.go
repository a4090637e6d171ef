package main

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// falseAlarm is the probability with which each statistical test here fails
// although all is well.
const falseAlarm = 1e-6

// TestCoverage asks one question many times over the API, each time with fresh
// noise, and compares the answers with exact counts taken from the records
// by other code (exactCounts): the 95% intervals must cover the truth in about
// 95% of the groups, and the answers must not lean to one side of it.
func TestCoverage(t *testing.T) {
	t.Parallel()
	margin := 150.0
	asks := int64(40)
	switch {
	case long:
		margin = 40
	case testing.Short():
		asks = 10
	}
	t.Run("generated", func(t *testing.T) {
		t.Parallel()
		testCoverage(t, townConfig{omop: generated(t, 3000), condition: 201826, margin: margin, asks: asks, block: 1 << 17})
	})
	t.Run("gibleed", func(t *testing.T) {
		t.Parallel()
		if omoptest.SharedData() == "" {
			t.Skip("SKIP: no shared/data beside the repository; set MEDMARKET_SHARED_DATA")
		}
		testCoverage(t, townConfig{omop: filepath.Join(omoptest.SharedData(), "gibleed"), condition: 192671, margin: margin, asks: asks, block: 1 << 17})
	})
}

func testCoverage(t *testing.T, c townConfig) {
	w := newTown(t, c)
	exact, err := exactCounts(t.Context(), string(w.s.cfg.records), w.pop, w.s.year, c.condition)
	must(t, err)
	sums := make([]float64, len(exact))
	covered, intervals, nanoRho := 0, 0, int64(0)
	for i := range c.asks {
		answer := w.askOnce(t, i)
		if len(answer.GetGroups()) != len(exact) {
			t.Fatalf("%d groups, want %d", len(answer.GetGroups()), len(exact))
		}
		nanoRho = max(nanoRho, answer.GetCost().GetNanoRho())
		for i, g := range answer.GetGroups() {
			e := g.GetEstimates()[0]
			if e.GetLow() <= float64(exact[i]) && float64(exact[i]) <= e.GetHigh() {
				covered++
			}
			intervals++
			sums[i] += e.GetValue() - float64(exact[i])
		}
	}

	// The answer is a normal count of patients rounded to whole ones; a count of
	// patients has sensitivity 1, so rho = 1/(2 sigma^2), for each answer but a
	// thousandth alike. The interval reaches m =
	// 1.95996 sigma + 1/2 to both sides, rounded outward, so it covers iff the
	// rounded noise is within ceil(m), that is iff the normal one is within
	// ceil(m) + 1/2: slightly more often than 95%.
	sigma := math.Sqrt(1 / (2 * float64(nanoRho) / 1e9))
	p := within((math.Ceil(1.959963984540054*sigma+0.5) + 0.5) / sigma)
	if p < 0.95 || p > 0.97 {
		t.Fatalf("an interval covers with probability %.4f at sigma %.1f", p, sigma)
	}
	low, high := binomialBand(intervals, p, falseAlarm)
	t.Logf("bench: %d of %d intervals cover (%.4f; expected %.4f, band %d to %d); sigma %.1f",
		covered, intervals, float64(covered)/float64(intervals), p, low, high, sigma)
	if covered < low || covered > high {
		t.Errorf("%d of %d intervals cover the true value, want %d to %d", covered, intervals, low, high)
	}

	// A group's mean error is normal with sigma/sqrt(asks). The false-alarm rate is
	// shared by the groups (union bound). Rounding adds variance 1/12, which is
	// nothing beside sigma^2.
	bound := quantile(falseAlarm/float64(len(sums))) * sigma / math.Sqrt(float64(c.asks))
	for i, sum := range sums {
		if mean := sum / float64(c.asks); math.Abs(mean) > bound {
			t.Errorf("group %d: answers are %.1f off the exact %d on average, want within %.1f", i, mean, exact[i], bound)
		}
	}
}

// askOnce asks the demo's question for i nano-rho less than its margin takes:
// each time another question, for the same one would get the same answer.
func (w *town) askOnce(t *testing.T, i int64) *pb.Answer {
	t.Helper()
	query := w.query()
	q, err := w.cast.researcher.quote(t.Context(), query)
	must(t, err)
	query.Precision = &pb.Query_NanoRho{NanoRho: q.GetCost().GetNanoRho() - i}
	q, err = w.cast.researcher.quote(t.Context(), query)
	must(t, err)
	r, err := w.cast.researcher.ask(t.Context(), terms{grant: w.grant, use: duo.Use{Permission: duo.HMB}}, q)
	must(t, err)
	if r.GetRepeated() {
		t.Fatal("shown an earlier answer: its noise is not fresh")
	}
	return r.GetAnswer()
}

// within is the probability that a standard normal lies within z of 0.
func within(z float64) float64 { return math.Erf(z / math.Sqrt2) }

// quantile returns the z that a standard normal exceeds in absolute value with
// probability alpha.
func quantile(alpha float64) float64 { return math.Sqrt2 * math.Erfcinv(alpha) }

// binomialBand returns the narrowest band [low, high] such that a binomial(n, p)
// lies below it with probability at most alpha/2, and above it likewise.
func binomialBand(n int, p, alpha float64) (low, high int) {
	mass := func(k int) float64 {
		all, _ := math.Lgamma(float64(n + 1))
		yes, _ := math.Lgamma(float64(k + 1))
		no, _ := math.Lgamma(float64(n - k + 1))
		return math.Exp(all - yes - no + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	low, high = 0, n
	for tail := mass(0); tail <= alpha/2; tail += mass(low) {
		low++
	}
	for tail := mass(n); tail <= alpha/2; tail += mass(high) {
		high--
	}
	return low, high
}

// The statistics themselves, against tables.
func TestStatistics(t *testing.T) {
	if got := within(1.959963984540054); math.Abs(got-0.95) > 1e-12 {
		t.Errorf("within(1.96) = %v", got)
	}
	if got := quantile(0.05); math.Abs(got-1.959963984540054) > 1e-12 {
		t.Errorf("quantile(0.05) = %v", got)
	}
	// Of 10 fair coins: P(X <= 1) = 11/1024 = 0.0107, P(X <= 2) = 56/1024 = 0.0547.
	if low, high := binomialBand(10, 0.5, 0.05); low != 2 || high != 8 {
		t.Errorf("band of 10 coins at 5%%: %d to %d, want 2 to 8", low, high)
	}
}
