package noise_test

import (
	"errors"
	"math"
	"testing"

	google "github.com/google/differential-privacy/go/v3/noise"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
	"pgregory.net/rapid"
)

func TestSigma(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted := math.Exp(rapid.Float64Range(math.Log(noise.MinSigma), math.Log(noise.MaxSigma/1.01)).Draw(t, "log wanted"))
		wanted = max(wanted, noise.MinSigma)
		actual, err := noise.Sigma(wanted)
		if err != nil || actual < wanted || actual > wanted*1.001 {
			t.Fatalf("Sigma(%v) = %v, %v", wanted, actual, err)
		}
		if again, err := noise.Sigma(actual); err != nil || again != actual {
			t.Fatalf("Sigma(%v) = %v, %v; want itself", actual, again, err)
		}
	})
}

func TestSigmaIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.Float64Range(noise.MinSigma, 1000)
		a, b := wanted.Draw(t, "a"), wanted.Draw(t, "b")
		low, err := noise.Sigma(min(a, b))
		if err != nil {
			t.Fatal(err)
		}
		high, err := noise.Sigma(max(a, b))
		if err != nil || low > high {
			t.Fatalf("Sigma(%v) = %v, Sigma(%v) = %v, %v", min(a, b), low, max(a, b), high, err)
		}
	})
}

// Our exact conversion and the library's calibration were written apart: the
// noise that the library uses for (epsilon, delta) costs what we say it is worth.
func TestLibraryAgreesWithAccountant(t *testing.T) {
	for _, epsilon := range []float64{0.1, 0.5, 1, 3, 10} {
		for _, delta := range []float64{1e-4, 1e-6, 1e-9} {
			budget, err := accountant.GaussianOnly.Rho(epsilon, delta)
			if err != nil {
				t.Fatal(err)
			}
			cost, err := accountant.Gaussian(google.SigmaForGaussian(1, 1, epsilon, delta), 1)
			if err != nil || cost.NanoRho > budget+1 || float64(cost.NanoRho) < 0.997*float64(budget) {
				t.Errorf("(%v, %v): library costs %v, %v; worth %d", epsilon, delta, cost, err, budget)
			}
		}
	}
}

func TestRefusesSigma(t *testing.T) {
	source := noise.New()
	for _, sigma := range []float64{0, -1, 0.999, noise.MaxSigma * 1.1, math.Inf(1), math.Inf(-1), math.NaN()} {
		if actual, err := noise.Sigma(sigma); !errors.Is(err, noise.ErrSigma) || actual != 0 {
			t.Errorf("Sigma(%v) = %v, %v", sigma, actual, err)
		}
		if y, err := source.AddGaussian(1000, sigma); !errors.Is(err, noise.ErrSigma) || y != 0 {
			t.Errorf("AddGaussian(1000, %v) = %v, %v", sigma, y, err)
		}
	}
}

func TestRefusesValue(t *testing.T) {
	source := noise.New()
	for _, x := range []int64{noise.MaxValue + 1, -noise.MaxValue - 1, math.MaxInt64, math.MinInt64} {
		if y, err := source.AddGaussian(x, 5); !errors.Is(err, noise.ErrValue) || y != 0 || err.Error() != noise.ErrValue.Error() {
			t.Errorf("AddGaussian(%d, 5) = %d, %v; want only ErrValue", x, y, err)
		}
	}
}

// Sigma is a function: whatever was asked for meanwhile, and however much of it is remembered, it is the same again.
func TestSigmaIsAFunction(t *testing.T) {
	n := 4200 // past what is remembered
	if testing.Short() {
		n = 100
	}
	wanted := func(i int) float64 { return 2 + float64(i)/16 }
	first := make([]float64, n)
	for again := range 2 {
		for i := range n {
			s, err := noise.Sigma(wanted(i))
			if err != nil || s < wanted(i) || s > wanted(i)*1.0011 || again > 0 && s != first[i] {
				t.Fatalf("sigma %v: %v and then %v, %v", wanted(i), first[i], s, err)
			}
			first[i] = s
		}
	}
}
