package noise_test

import (
	"fmt"
	"math"
	"slices"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/dp/noise"
)

// Each check below raises a false alarm with probability at most 10⁻⁷ a time;
// there are 3 checks on 8 samples here and 1 on 1 sample, so one run of this
// package in 400,000 fails by chance.
const (
	samples = 20_000
	quant   = 5.327 // two-sided 10⁻⁷ quantile of the standard normal distribution
)

// misfit says how a sample differs from the normal distribution with the given standard
// deviation rounded to whole numbers, or nil.
func misfit(sample []int64, sigma float64) error {
	n := float64(len(sample))
	var sum, squares float64
	for _, x := range sample {
		sum += float64(x)
		squares += float64(x) * float64(x)
	}
	variance := sigma*sigma + 1.0/12 // rounding adds 1/12
	if mean := sum / n; math.Abs(mean) > quant*math.Sqrt(variance/n) {
		return fmt.Errorf("mean %v", mean)
	}
	// The mean square of normal noise has variance 2 variance²/n; rounding
	// moves that by less than the last digits of quant.
	if v := squares / n; math.Abs(v/variance-1) > quant*math.Sqrt(2/n) {
		return fmt.Errorf("variance %v, want %v", v, variance)
	}
	return strays(sample, func(x int64) float64 { return math.Erfc(-(float64(x)+0.5)/(sigma*math.Sqrt2)) / 2 })
}

// strays says how far the sample is from the probabilities of at most x, or nil.
// Dvoretzky-Kiefer-Wolfowitz with Massart's constant: P(D > d) <= 2 exp(-2 n d²).
func strays(sample []int64, upTo func(x int64) float64) error {
	n := float64(len(sample))
	limit := math.Sqrt(math.Log(2/1e-7) / (2 * n))
	sorted := slices.Sorted(slices.Values(sample))
	for i, x := range sorted {
		if i+1 < len(sorted) && sorted[i+1] == x {
			continue
		}
		if d := math.Abs(float64(i+1)/n - upTo(x)); d > limit {
			return fmt.Errorf("P(noise <= %d) off by %v, limit %v", x, d, limit)
		}
	}
	return nil
}

func draw(t *testing.T, x int64, sigma float64) []int64 {
	t.Helper()
	source := noise.New()
	sample := make([]int64, samples)
	for i := range sample {
		y, err := source.AddGaussian(x, sigma)
		if err != nil {
			t.Fatal(err)
		}
		sample[i] = y - x
	}
	return sample
}

// The noise has the promised shape whatever it is added to.
func TestNoiseIsGaussian(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	for _, c := range []struct {
		x     int64
		sigma float64
	}{{0, 1}, {1, 1.7}, {-7, 25}, {noise.MaxValue, 3.3}, {1 << 40, 22_000},
		{-(1 << 45), 1 << 20}, {-noise.MaxValue, 1.7 * (1 << 31)}, {noise.MaxValue, noise.MaxSigma / 1.01}} {
		sigma, err := noise.Sigma(c.sigma)
		if err != nil {
			t.Fatal(err)
		}
		if err := misfit(draw(t, c.x, c.sigma), sigma); err != nil {
			t.Errorf("x %d, sigma %v: %v", c.x, sigma, err)
		}
	}
}

// The check above can fail: it notices noise off by a tenth, or shifted, or flat.
func TestMisfitNotices(t *testing.T) {
	sample := draw(t, 0, 10)
	sigma, err := noise.Sigma(10)
	if err != nil {
		t.Fatal(err)
	}
	if misfit(sample, sigma*1.1) == nil || misfit(sample, sigma/1.1) == nil {
		t.Error("missed noise off by 10%")
	}
	shifted, flat := slices.Clone(sample), slices.Clone(sample)
	for i := range sample {
		shifted[i]++
		flat[i] = int64(math.Round(sigma * math.Sqrt(12) * ((float64(i)+0.5)/samples - 0.5)))
	}
	if misfit(shifted, sigma) == nil {
		t.Error("missed a shift by one patient")
	}
	if misfit(flat, sigma) == nil {
		t.Error("missed a uniform distribution")
	}
}

// Draws are independent of one another: neighbours in time do not correlate.
func TestDrawsDoNotRepeat(t *testing.T) {
	sample := draw(t, 0, 1000)
	var products float64
	for i := 1; i < samples; i++ {
		products += float64(sample[i]) * float64(sample[i-1])
	}
	// Under independence the sum has standard deviation sigma² sqrt(n).
	if z := products / (1000 * 1000 * math.Sqrt(samples-1)); math.Abs(z) > quant*1.01 {
		t.Errorf("serial correlation at %v standard errors", z)
	}
}

func TestConcurrentDraws(t *testing.T) {
	source := noise.New()
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 300 { // past the memo's size, together
				sigma := 2 + float64(g*300+i)/16
				y, err := source.AddGaussian(1000, sigma)
				if err != nil || math.Abs(float64(y-1000)) > 9*sigma+1 {
					t.Errorf("sigma %v: %d, %v", sigma, y, err)
				}
			}
		})
	}
	wg.Wait()
}
