package accountant_test

import (
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
)

func TestBelief(t *testing.T) {
	for _, c := range []struct {
		prior   float64
		nanoRho int64
		delta   float64
		want    float64
	}{
		{0.5, 0, 1e-6, 0.5}, {0.01, 0, 1e-6, 0.01}, {0, 1_000_000_000, 1e-6, 0}, {1, 1, 1e-6, 1},
		{0.5, 1_000_000, 1e-6, 0.559}, // epsilon 0.236
		{0.5, 17_000_000, 1e-6, 0.728},
		{0.5, math.MaxInt64, 1e-6, 1},
		{0.5, 1, 0, 1}, {0.5, -1, 1e-6, 1}, {math.NaN(), 1, 1e-6, 1}, {0.5, 1, math.NaN(), 1}, // what is no question gets the answer that promises least
	} {
		if got := accountant.Belief(c.prior, c.nanoRho, c.delta); math.Abs(got-c.want) > 0.001 {
			t.Errorf("Belief(%g, %d, %g) is %g, want %g", c.prior, c.nanoRho, c.delta, got, c.want)
		}
	}
}

// TestBeliefHolds checks the bound where the truth is known: after a Gaussian release the loss is normal with mean rho and
// variance 2 rho, and the chance that it takes the belief above the bound must be delta at most.
func TestBeliefHolds(t *testing.T) {
	for _, nanoRho := range []int64{1_000, 1_000_000, 50_000_000, 1_000_000_000} {
		for _, delta := range []float64{1e-9, 1e-6, 0.01} {
			for _, prior := range []float64{0.001, 0.5, 0.9} {
				bound := accountant.Belief(prior, nanoRho, delta)
				loss := math.Log(bound/(1-bound)) - math.Log(prior/(1-prior)) // that leads to the bound
				rho := float64(nanoRho) / 1e9
				if chance := math.Erfc((loss-rho)/math.Sqrt(2*rho)/math.Sqrt2) / 2; chance > delta {
					t.Errorf("rho %g, delta %g, prior %g: the belief passes %g with a chance of %g", rho, delta, prior, bound, chance)
				}
			}
		}
	}
}
