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
	// MaxUnits bounds both components of a cost or a budget, so that they
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

// Cost is what a release takes from a budget. It is also the form of a budget.
type Cost struct {
	NanoRho int64 `json:"nano_rho"` // 10⁻⁹ rho, rounded up
	Delta   int64 `json:"delta"`    // 2⁻⁶³, rounded up
}

// Add returns c + d, or an error wrapping ErrNegative or ErrOverflow.
func (c Cost) Add(d Cost) (Cost, error) {
	if err := c.Check(); err != nil {
		return Cost{}, err
	}
	if err := d.Check(); err != nil {
		return Cost{}, err
	}
	sum := Cost{NanoRho: c.NanoRho + d.NanoRho, Delta: c.Delta + d.Delta} // both < 2⁵⁴
	if err := sum.Check(); err != nil {
		return Cost{}, err
	}
	return sum, nil
}

// Check refuses what cannot stand in a ledger: negative or beyond MaxUnits.
func (c Cost) Check() error {
	if c.NanoRho < 0 || c.Delta < 0 {
		return ErrNegative
	}
	if c.NanoRho > MaxUnits || c.Delta > MaxUnits {
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
