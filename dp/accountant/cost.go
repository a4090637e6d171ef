package accountant

import (
	"errors"
	"fmt"
	"math"
	"math/big"
)

const (
	// NanoPerRho is the number of ledger units in one rho.
	NanoPerRho = 1_000_000_000
	// NanoPerEpsilon is the number of ledger units in one epsilon.
	NanoPerEpsilon = 1_000_000_000
	// MaxUnits bounds each component of a cost or a budget, so that they
	// survive JSON, whose integers are exact only up to 2⁵³.
	MaxUnits = 1<<53 - 1
)

var (
	// ErrNegative: a cost or budget has a negative component. Nothing is ever
	// refunded.
	ErrNegative = errors.New("negative privacy cost")
	// ErrOverflow: a cost or budget is beyond MaxUnits.
	ErrOverflow = errors.New("privacy cost beyond what the ledger can hold")
	// ErrSigma: a standard deviation that no release can have.
	ErrSigma = errors.New("standard deviation must be positive and finite")
	// ErrSensitivity: a squared sensitivity below one.
	ErrSensitivity = errors.New("squared sensitivity must be at least one")
	// ErrDelta: a delta outside the range that the function takes.
	ErrDelta = errors.New("delta out of range")
)

// Cost is what a release takes from a budget. It is also the form of a budget, and of what was spent of it.
type Cost struct {
	NanoRho int64 `json:"nano_rho"` // 10⁻⁹ rho, rounded up
	Delta   int64 `json:"delta"`    // 2⁻⁶³, rounded up
	// NanoEpsilon is 10⁻⁹ epsilon, rounded up, of a release that is epsilon-differentially private, as with Laplace noise; its loss in
	// zCDP is in NanoRho. It is 0 of a release that is not, whatever its NanoRho and Delta.
	NanoEpsilon int64 `json:"nano_epsilon,omitempty"`
}

// Add returns c + d, or an error wrapping ErrNegative, ErrOverflow or, where one of them has an epsilon and the other a
// loss without one, so that their sum would be neither, ErrMechanism.
func (c Cost) Add(d Cost) (Cost, error) {
	for _, x := range []Cost{c, d} {
		if err := x.Check(); err != nil {
			return Cost{}, err
		}
	}
	if (c.NanoEpsilon == 0) != (d.NanoEpsilon == 0) && c != (Cost{}) && d != (Cost{}) {
		return Cost{}, ErrMechanism
	}
	sum := c.plus(d)
	if err := sum.Check(); err != nil {
		return Cost{}, err
	}
	return sum, nil
}

// plus adds what Check takes, which is below 2⁵³.
func (c Cost) plus(d Cost) Cost {
	return Cost{NanoRho: c.NanoRho + d.NanoRho, Delta: c.Delta + d.Delta, NanoEpsilon: c.NanoEpsilon + d.NanoEpsilon}
}

// within reports whether no component of c is above that of d.
func (c Cost) within(d Cost) bool {
	return c.NanoRho <= d.NanoRho && c.Delta <= d.Delta && c.NanoEpsilon <= d.NanoEpsilon
}

// Check refuses what cannot stand in a ledger: negative or beyond MaxUnits.
func (c Cost) Check() error {
	if min(c.NanoRho, c.Delta, c.NanoEpsilon) < 0 {
		return ErrNegative
	}
	if max(c.NanoRho, c.Delta, c.NanoEpsilon) > MaxUnits {
		return ErrOverflow
	}
	return nil
}

// Gaussian returns the cost of releasing a vector with independent Gaussian noise of the
// given standard deviation on each component, where squared, at least one, is the
// square of the vector's L2 sensitivity: rho = squared/(2 sigma²) (Bun and
// Steinke 2016, proposition 1.6), computed exactly from the float's value and
// rounded up. Its delta is zero.
func Gaussian(sigma float64, squared int64) (Cost, error) {
	if !(sigma > 0) || math.IsInf(sigma, 0) {
		return Cost{}, ErrSigma
	}
	if squared < 1 {
		return Cost{}, ErrSensitivity
	}
	s := new(big.Rat)
	s.SetFloat64(sigma)
	nano := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(NanoPerRho), big.NewInt(squared)), big.NewInt(2))
	nano.Quo(nano, s.Mul(s, s))
	n := ceil(nano)
	if !n.IsInt64() || n.Int64() > MaxUnits {
		return Cost{}, fmt.Errorf("cost of standard deviation %g: %w", sigma, ErrOverflow)
	}
	return Cost{NanoRho: n.Int64()}, nil
}

// Laplace returns the cost of releasing so many numbers, each with independent Laplace noise of nanoEpsilon, 1 to
// NanoPerEpsilon, for the change that one patient makes to it. Their epsilons add. In zCDP each number costs
//
//	epsilon tanh(epsilon/2) <= epsilon²/2 - epsilon⁴/24 + epsilon⁶/240,
//
// of which the right side is charged, computed exactly and all of it rounded up. The left side is what randomised response costs (Harrison
// and Manurangsi 2025, "Exact zCDP characterizations for fundamental differentially private mechanisms", with the Kullback-Leibler divergence
// as the greatest of all orders'), and every mechanism with the same epsilon can be made of one answer of it (Kairouz,
// Oh and Viswanath 2015). Where the change is one the noise on whole numbers costs that much; where it is many units, less:
// down to epsilon + exp(-epsilon) - 1, by the same paper. Its delta is zero.
func Laplace(nanoEpsilon, numbers int64) (Cost, error) {
	if nanoEpsilon < 1 || nanoEpsilon > NanoPerEpsilon {
		return Cost{}, ErrEpsilon
	}
	if numbers < 1 || numbers > MaxUnits/nanoEpsilon {
		return Cost{}, ErrOverflow
	}
	square := big.NewRat(nanoEpsilon, NanoPerEpsilon)
	square.Mul(square, square)
	// epsilon² (1/2 - epsilon² (1/24 - epsilon²/240))
	rho := new(big.Rat).Mul(square, big.NewRat(1, 240))
	rho.Sub(big.NewRat(1, 24), rho)
	rho.Mul(rho, square)
	rho.Sub(big.NewRat(1, 2), rho)
	rho.Mul(rho, square)
	nano := ceil(rho.Mul(rho, new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(NanoPerRho), big.NewInt(numbers)), big.NewInt(1))))
	return Cost{NanoRho: nano.Int64(), NanoEpsilon: nanoEpsilon * numbers}, nil // less than half as much rho as epsilon
}

// DeltaUnits turns a delta in [0, 2⁻¹⁰) into units of 2⁻⁶³, rounded up.
func DeltaUnits(delta float64) (int64, error) {
	if !(delta >= 0 && delta < 0x1p-10) {
		return 0, ErrDelta
	}
	return int64(math.Ceil(math.Ldexp(delta, 63))), nil // exact: a power of two only moves the exponent
}

// DeltaOf is the delta of units of 2⁻⁶³; exact up to [MaxUnits], which is below 2⁵³.
func DeltaOf(units int64) float64 { return math.Ldexp(float64(units), -63) }

// ceil rounds a rational up to a whole number.
func ceil(r *big.Rat) *big.Int {
	n, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() > 0 {
		n.Add(n, big.NewInt(1))
	}
	return n
}
