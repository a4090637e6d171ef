package dp

import (
	"math"
	"math/rand/v2"
	"testing"
)

// beyond is f of zLaplace's comment, and its convex majorant.
func beyond(s, w float64) (f, g float64) {
	f = math.Erfc(s / math.Sqrt(2*w))
	turn := s * s / 3
	if w <= turn {
		return f, f
	}
	slope := s / math.Sqrt(2*math.Pi) * math.Pow(turn, -1.5) * math.Exp(-1.5)
	return f, math.Erfc(s/math.Sqrt(2*turn)) + slope*(w-turn)
}

// The bound of zLaplace holds: the majorant is one, is convex, and has a mean of 5% or less; a hundredth less would not do.
func TestLaplaceMultiplier(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	mean := func(s float64) (sum float64) { // of g(E), by the midpoint rule
		const step, far = 1e-4, 60.0
		for w := step / 2; w < far; w += step {
			_, g := beyond(s, w)
			sum += g * math.Exp(-w) * step
		}
		return sum
	}
	if m := mean(zLaplace); m > 0.05 {
		t.Errorf("the bound at %v is %v", zLaplace, m)
	}
	if m := mean(zLaplace - 0.01); m <= 0.05 {
		t.Errorf("the bound at a hundredth less is still %v", m)
	}
	before := 0.0
	for w := 0.01; w < 40; w += 0.01 {
		f, g := beyond(zLaplace, w)
		_, next := beyond(zLaplace, w+0.01)
		if f > g+1e-12 || next-g < before-1e-12 {
			t.Fatalf("at %v the function is %v, its majorant %v rises by %v after %v", w, f, g, next-g, before)
		}
		before = next - g
	}
}

// In truth, too, whatever the weights are: of a single one, of several and of many. Each share is at least 95% but for five
// standard errors of 10,000 draws, from a fixed seed.
func TestLaplaceMultiplierCovers(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, weights := range [][]float64{{1}, {1, 1}, {1, 0.3}, {3, -1, 1}, {1, 0.5, 0.25, 0.125}, {1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1}} {
		var variance float64
		for _, w := range weights {
			variance += 2 * w * w
		}
		const n = 10_000
		inside := map[float64]int{}
		for range n {
			var sum float64
			for _, w := range weights {
				sum += w * (r.ExpFloat64() - r.ExpFloat64())
			}
			for _, reach := range []float64{zLaplace, z * 0.95} {
				if math.Abs(sum) <= reach*math.Sqrt(variance) {
					inside[reach]++
				}
			}
		}
		if share := float64(inside[zLaplace]) / n; share < 0.95-5*math.Sqrt(0.95*0.05/n) || share > 0.975 {
			t.Errorf("%v: covers %v", weights, share)
		}
		if share := float64(inside[z*0.95]) / n; share >= 0.95 {
			t.Errorf("%v: too narrow an interval covers %v", weights, share)
		}
	}
}
