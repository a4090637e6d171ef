package accountant_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"pgregory.net/rapid"
)

func TestGaussianCost(t *testing.T) {
	for _, c := range []struct {
		sigma float64
		want  int64
	}{
		{1, 500_000_000},
		{2, 125_000_000},
		{3, 55_555_556}, // 5/90 rho rounded up
		{math.Nextafter(2, 0), 125_000_001},
		{math.Nextafter(2, 3), 125_000_000},
		{25.51, 768_333},
		{1e9, 1}, // never free
	} {
		got, err := accountant.Gaussian(c.sigma, 1)
		if err != nil || got != (accountant.Cost{NanoRho: c.want}) {
			t.Errorf("Gaussian(%v) = %v, %v; want %d nano-rho", c.sigma, got, err, c.want)
		}
	}
}

func TestGaussianCostRefuses(t *testing.T) {
	for sigma, want := range map[float64]error{
		0: accountant.ErrSigma, -1: accountant.ErrSigma, math.Inf(1): accountant.ErrSigma,
		1e-9: accountant.ErrOverflow, math.SmallestNonzeroFloat64: accountant.ErrOverflow,
	} {
		if got, err := accountant.Gaussian(sigma, 1); !errors.Is(err, want) || got != (accountant.Cost{}) {
			t.Errorf("Gaussian(%v) = %v, %v; want %v", sigma, got, err, want)
		}
	}
	for _, squared := range []int64{0, -1} {
		if got, err := accountant.Gaussian(1, squared); !errors.Is(err, accountant.ErrSensitivity) || got != (accountant.Cost{}) {
			t.Errorf("Gaussian(1, %d) = %v, %v", squared, got, err)
		}
	}
	if _, err := accountant.Gaussian(math.NaN(), 1); !errors.Is(err, accountant.ErrSigma) {
		t.Errorf("Gaussian(NaN): %v", err)
	}
}

// The charge is the least whole number at or above the true cost, judged in
// rational arithmetic: 2·n·sigma² >= 10⁹·D² > 2·(n-1)·sigma².
func TestGaussianCostIsExactCeiling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sigma := rapid.Float64Range(0.1, 1e6).Draw(t, "sigma")
		squared := rapid.Int64Range(1, 1e5).Draw(t, "squared sensitivity")
		c, err := accountant.Gaussian(sigma, squared)
		if err != nil {
			t.Fatal(err)
		}
		s := new(big.Rat)
		s.SetFloat64(sigma)
		twice := new(big.Rat).Mul(s.Mul(s, s), big.NewRat(2, 1))
		covered := func(n int64) bool {
			return new(big.Rat).Mul(twice, big.NewRat(n, 1)).Cmp(big.NewRat(1e9*squared, 1)) >= 0
		}
		if !covered(c.NanoRho) || covered(c.NanoRho-1) {
			t.Fatalf("Gaussian(%v) = %d is not the ceiling", sigma, c.NanoRho)
		}
	})
}

func TestDeltaUnits(t *testing.T) {
	for delta, want := range map[float64]int64{
		0: 0, 0x1p-63: 1, 0x1.8p-63: 2, 0x1p-80: 1, 1e-6: 9_223_372_036_855, math.Nextafter(0x1p-10, 0): 1<<53 - 1,
	} {
		if got, err := accountant.DeltaUnits(delta); err != nil || got != want {
			t.Errorf("DeltaUnits(%v) = %d, %v; want %d", delta, got, err, want)
		}
	}
	for _, delta := range []float64{-1e-9, 0x1p-10, 1, math.NaN(), math.Inf(1)} {
		if got, err := accountant.DeltaUnits(delta); !errors.Is(err, accountant.ErrDelta) {
			t.Errorf("DeltaUnits(%v) = %d, %v; want ErrDelta", delta, got, err)
		}
	}
}

func TestAddRefuses(t *testing.T) {
	for _, c := range []struct {
		a, b accountant.Cost
		want error
	}{
		{accountant.Cost{NanoRho: accountant.MaxUnits}, accountant.Cost{NanoRho: 1}, accountant.ErrOverflow},
		{accountant.Cost{Delta: accountant.MaxUnits}, accountant.Cost{Delta: 1}, accountant.ErrOverflow},
		{accountant.Cost{NanoRho: math.MaxInt64}, accountant.Cost{NanoRho: math.MaxInt64}, accountant.ErrOverflow},
		{accountant.Cost{NanoRho: -1}, accountant.Cost{NanoRho: 5}, accountant.ErrNegative},
		{accountant.Cost{}, accountant.Cost{Delta: -1}, accountant.ErrNegative},
	} {
		if got, err := c.a.Add(c.b); !errors.Is(err, c.want) || got != (accountant.Cost{}) {
			t.Errorf("%v + %v = %v, %v; want %v", c.a, c.b, got, err, c.want)
		}
	}
}
