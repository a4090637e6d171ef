package accountant

import (
	"errors"
	"math"
	"sort"
)

const (
	// MinDelta and MaxDelta bound the delta of a conversion. Below MinDelta the
	// rounding of float64 would no longer be small beside delta; above MaxDelta
	// one in a thousand patients could be exposed outright.
	MinDelta = 1e-12
	// MaxDelta is the upper bound; see MinDelta.
	MaxDelta = 1e-3
	// limit is nano-rho beyond MaxEpsilon at every delta allowed.
	limit = 30 * NanoPerRho
	// MaxEpsilon bounds the epsilon that a person may set: at 20 the odds that
	// someone's record was used can change by a factor of 5·10⁸, no protection.
	MaxEpsilon = 20
)

// Epsilons come from float64 arithmetic whose relative error is far below
// slack; adding it keeps them upper bounds. deltaSlack does the same, in absolute
// terms, for the difference of two probabilities.
const (
	slack      = 1e-9
	deltaSlack = 1e-15
)

// ErrEpsilon: an epsilon outside (0, MaxEpsilon], or of Laplace noise outside (0, 1].
var ErrEpsilon = errors.New("epsilon out of range")

// RhoFromEpsilon returns the largest budget in nano-rho whose zCDP guarantee
// implies (epsilon, delta), rounded down; (1, 10⁻⁶) gives 24355970.
func RhoFromEpsilon(epsilon, delta float64) (nanoRho int64, err error) {
	return ZCDP.Rho(epsilon, delta)
}

// Epsilon returns an upper bound, tight to about 10⁻⁹, of the epsilon that
// nanoRho of zCDP implies at delta.
func Epsilon(nanoRho int64, delta float64) (float64, error) {
	return ZCDP.Epsilon(nanoRho, delta)
}

// Budget returns what (epsilon, delta) is worth in the units of the kind, rounded down. Under Pure that is epsilon itself,
// and delta is not looked at.
func (k Kind) Budget(epsilon, delta float64) (Cost, error) {
	if k != Pure {
		nanoRho, err := k.Rho(epsilon, delta)
		return Cost{NanoRho: nanoRho}, err
	}
	if !(epsilon > 0 && epsilon <= MaxEpsilon) {
		return Cost{}, ErrEpsilon
	}
	return Cost{NanoEpsilon: int64(epsilon * NanoPerEpsilon)}, nil
}

// EpsilonOf returns the epsilon that what a scope of the kind counts of a cost implies at delta, rounded up; the cost's own delta
// is not in it. Under Pure it holds at every delta, and delta is not looked at.
func (k Kind) EpsilonOf(c Cost, delta float64) (float64, error) {
	if k != Pure {
		return k.Epsilon(c.NanoRho, delta)
	}
	return float64(c.NanoEpsilon) / NanoPerEpsilon, c.Check()
}

// Rho returns the largest nano-rho whose Epsilon at delta is at most epsilon. It is not for Pure, which has none.
func (k Kind) Rho(epsilon, delta float64) (nanoRho int64, err error) {
	convert, err := k.conversion(delta)
	if err != nil {
		return 0, err
	}
	if !(epsilon > 0 && epsilon <= MaxEpsilon) {
		return 0, ErrEpsilon
	}
	n := sort.Search(limit, func(n int) bool { return convert(int64(n)+1, delta) > epsilon })
	return int64(n), nil
}

// Epsilon returns the epsilon that nanoRho implies at delta, rounded up. It is not for Pure.
func (k Kind) Epsilon(nanoRho int64, delta float64) (float64, error) {
	convert, err := k.conversion(delta)
	if err != nil {
		return 0, err
	}
	if err := (Cost{NanoRho: nanoRho}).Check(); err != nil {
		return 0, err
	}
	return convert(nanoRho, delta), nil
}

func (k Kind) conversion(delta float64) (func(int64, float64) float64, error) {
	if !(delta >= MinDelta && delta <= MaxDelta) {
		return nil, ErrDelta
	}
	switch k {
	case ZCDP:
		return zcdpEpsilon, nil
	case GaussianOnly:
		return gaussianEpsilon, nil
	}
	return nil, ErrKind
}

// zcdpEpsilon is Canonne, Kamath and Steinke 2020, proposition 12 with the
// divergence a·rho:
//
//	epsilon = inf over a > 1 of a·rho + ln(1-1/a) + (ln(1/delta) - ln a)/(a-1)
//
// Any a gives a valid bound, so the search only affects tightness. Its derivative
// is rho - (ln(1/delta) - ln a)/(a-1)², whose second term falls from infinity to
// zero on (1, 1/delta): one root, found by bisection in ln(a-1).
func zcdpEpsilon(nanoRho int64, delta float64) float64 {
	if nanoRho == 0 {
		return 0
	}
	rho, l := float64(nanoRho)/NanoPerRho, -math.Log(delta)
	low, high := -40.0, l
	for range 80 {
		t := (low + high) / 2
		b := math.Exp(t)
		if (l-math.Log1p(b))/(b*b) > rho {
			low = t
		} else {
			high = t
		}
	}
	b := math.Exp(high) // a - 1
	a := 1 + b
	epsilon := a*rho + math.Log(b) - math.Log1p(b) + (l-math.Log1p(b))/b
	return math.Max(0, epsilon) * (1 + slack)
}

// gaussianEpsilon is exact: the least epsilon with gaussianDelta <= delta.
func gaussianEpsilon(nanoRho int64, delta float64) float64 {
	high := zcdpEpsilon(nanoRho, delta) // a Gaussian release is zCDP, so this holds
	if nanoRho == 0 || high > 500 {     // beyond, exp(epsilon) nears overflow and the number says nothing
		return high
	}
	mu := math.Sqrt(2 * float64(nanoRho) / NanoPerRho)
	low := 0.0
	if gaussianDelta(0, mu) <= delta {
		return 0
	}
	for range 80 {
		epsilon := (low + high) / 2
		if gaussianDelta(epsilon, mu) > delta {
			low = epsilon
		} else {
			high = epsilon
		}
	}
	return high * (1 + slack)
}

// gaussianDelta is the delta at epsilon of a Gaussian release with sensitivity
// over standard deviation mu, or a hair more (Balle and Wang 2018, theorem 8):
//
//	Phi(mu/2 - epsilon/mu) - exp(epsilon) Phi(-mu/2 - epsilon/mu)
func gaussianDelta(epsilon, mu float64) float64 {
	d := phi(mu/2-epsilon/mu) - math.Exp(epsilon)*phi(-mu/2-epsilon/mu)
	return d*(1+slack) + deltaSlack
}

// phi is the standard normal distribution function.
func phi(x float64) float64 { return math.Erfc(-x/math.Sqrt2) / 2 }
