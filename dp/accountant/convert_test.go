package accountant_test

import (
	"errors"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"pgregory.net/rapid"
)

var kinds = []accountant.Kind{accountant.ZCDP, accountant.GaussianOnly}

// How many counts with a 95% half-width of w patients fit into (1, 10⁻⁶):
// the project's measured table (dp.md, section 3), made apart from this code.
func TestQueriesThatFit(t *testing.T) {
	for _, c := range []struct{ w, zcdp, gaussian int64 }{
		{5, 0, 0}, {10, 1, 1}, {20, 5, 5}, {50, 31, 36}, {100, 126, 145}, {200, 507, 583},
	} {
		one, err := accountant.Gaussian(float64(c.w)/1.959963984540054, 1)
		if err != nil {
			t.Fatal(err)
		}
		for kind, want := range map[accountant.Kind]int64{accountant.ZCDP: c.zcdp, accountant.GaussianOnly: c.gaussian} {
			budget, err := kind.Rho(1, 1e-6)
			if err != nil {
				t.Fatal(err)
			}
			scope, err := accountant.NewScope(kind, accountant.Cost{NanoRho: budget})
			if err != nil {
				t.Fatal(err)
			}
			var admitted int64
			for scope, err = scope.Admit(one); err == nil; scope, err = scope.Admit(one) {
				admitted++
			}
			if !errors.Is(err, accountant.ErrBudgetSpent) || admitted != want {
				t.Errorf("%s, half-width %d: %d queries then %v, want %d", kind, c.w, admitted, err, want)
			}
		}
	}
}

func TestRhoFromEpsilonGolden(t *testing.T) {
	got, err := accountant.RhoFromEpsilon(1, 1e-6)
	if err != nil || got < 24_355_900 || got > 24_356_050 { // 0.0243560 rho
		t.Errorf("RhoFromEpsilon(1, 1e-6) = %d, %v", got, err)
	}
}

// zcdpReference is the infimum over a fine grid of a, which can only lie above it.
func zcdpReference(rho, delta float64) float64 {
	best := math.Inf(1)
	for t := -12.0; t < 30; t += 0.0005 {
		b := math.Exp(t)
		a := 1 + b
		best = math.Min(best, a*rho+(math.Log(1/delta)+b*(math.Log(b)-math.Log(a))-math.Log(a))/b)
	}
	return math.Max(0, best)
}

// gaussianDelta integrates E[max(0, 1 - exp(epsilon - loss))] for a loss distributed
// N(mu²/2, mu²), by Simpson's rule.
func gaussianDelta(epsilon, mu float64) float64 {
	density := func(l float64) float64 {
		u := (l - mu*mu/2) / mu
		return math.Exp(-u*u/2) / (mu * math.Sqrt(2*math.Pi)) * -math.Expm1(epsilon-l)
	}
	low, high := math.Max(epsilon, mu*mu/2-12*mu), math.Max(epsilon, mu*mu/2)+12*mu
	const n = 20000
	h := (high - low) / n
	sum := density(low) + density(high)
	for i := 1; i < n; i++ {
		sum += density(low+float64(i)*h) * float64(2+2*(i%2))
	}
	return sum * h / 3
}

// Never below the true loss; within 10⁻⁶ of the tight conversion, which is as near as is asked of
// Gaussian releases and a hundred times nearer than of others.
func TestEpsilonAgainstReference(t *testing.T) {
	for _, nanoRho := range []int64{1000, 100_000, 24_355_970, 500_000_000, 3_000_000_000} {
		rho := float64(nanoRho) / accountant.NanoPerRho
		for _, delta := range []float64{1e-3, 1e-6, 1e-9} {
			got, err := accountant.Epsilon(nanoRho, delta)
			if want := zcdpReference(rho, delta); err != nil || got < want*(1-1e-6) || got > want*(1+1e-8) {
				t.Errorf("Epsilon(%d, %v) = %v, %v; reference %v", nanoRho, delta, got, err, want)
			}
			got, err = accountant.GaussianOnly.Epsilon(nanoRho, delta)
			if err != nil {
				t.Fatal(err)
			}
			d := gaussianDelta(got, math.Sqrt(2*rho))
			if d > delta {
				t.Errorf("Gaussian epsilon of %d at %v is %v, whose delta is %v: below the true loss", nanoRho, delta, got, d)
			}
			if less := gaussianDelta(got*(1-1e-6), math.Sqrt(2*rho)); got > 0 && less <= delta {
				t.Errorf("Gaussian epsilon of %d at %v is %v, and a millionth less would do", nanoRho, delta, got)
			}
		}
	}
}

// A budget in epsilon is worth the most units that do not pass it.
func TestRhoIsLargest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		epsilon := rapid.Float64Range(1e-4, accountant.MaxEpsilon).Draw(t, "epsilon")
		delta := math.Pow(10, rapid.Float64Range(-12, -3).Draw(t, "log delta"))
		rho, err := kind.Rho(epsilon, delta)
		if err != nil {
			t.Fatal(err)
		}
		within, err := kind.Epsilon(rho, delta)
		if err != nil || within > epsilon {
			t.Fatalf("%d nano-rho is worth %v > %v, %v", rho, within, epsilon, err)
		}
		beyond, err := kind.Epsilon(rho+1, delta)
		if err != nil || beyond <= epsilon {
			t.Fatalf("%d nano-rho still fits: %v <= %v, %v", rho+1, beyond, epsilon, err)
		}
	})
}

// More loss is a larger epsilon, a smaller delta too, the exact conversion never
// exceeds the general one, and both are finite up to the ledger's bound.
func TestEpsilonIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.Int64Range(0, accountant.MaxUnits)
		a, b := units.Draw(t, "a"), units.Draw(t, "b")
		d := math.Pow(10, rapid.Float64Range(-11, -3).Draw(t, "log delta"))
		value := func(k accountant.Kind, nanoRho int64, delta float64) float64 {
			e, err := k.Epsilon(nanoRho, delta)
			if err != nil || math.IsNaN(e) || math.IsInf(e, 0) || e < 0 {
				t.Fatalf("%s epsilon of %d at %v: %v, %v", k, nanoRho, delta, e, err)
			}
			return e
		}
		for _, k := range kinds {
			if low, high := value(k, min(a, b), d), value(k, max(a, b), d); low > high*(1+1e-9) {
				t.Fatalf("%s: %v for %d, %v for %d", k, low, min(a, b), high, max(a, b))
			}
			if loose, strict := value(k, a, d), value(k, a, d/10); loose > strict*(1+1e-9) {
				t.Fatalf("%s: %v at %v, %v at a tenth", k, loose, d, strict)
			}
		}
		if exact, general := value(accountant.GaussianOnly, a, d), value(accountant.ZCDP, a, d); exact > general*(1+1e-8) {
			t.Fatalf("exact %v > general %v", exact, general)
		}
	})
}

func TestConversionRefuses(t *testing.T) {
	for _, delta := range []float64{0, -1, 1e-13, 0.01, 1, math.NaN()} {
		if _, err := accountant.Epsilon(1, delta); !errors.Is(err, accountant.ErrDelta) {
			t.Errorf("Epsilon at %v: %v", delta, err)
		}
	}
	for _, epsilon := range []float64{0, -1, 20.1, math.Inf(1), math.NaN()} {
		if _, err := accountant.RhoFromEpsilon(epsilon, 1e-6); !errors.Is(err, accountant.ErrEpsilon) {
			t.Errorf("RhoFromEpsilon(%v): %v", epsilon, err)
		}
	}
	if _, err := accountant.Epsilon(-1, 1e-6); !errors.Is(err, accountant.ErrNegative) {
		t.Errorf("negative: %v", err)
	}
	if _, err := accountant.Kind("pld").Epsilon(1, 1e-6); !errors.Is(err, accountant.ErrKind) {
		t.Errorf("unknown kind: %v", err)
	}
}
