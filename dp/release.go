package dp

import (
	"errors"
	"fmt"
	"math"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

var (
	// ErrShape: vectors do not have one number for each cell.
	ErrShape = errors.New("vector does not match the cells")
	// ErrSum: a sum of hospitals' answers does not fit into an int64.
	ErrSum = errors.New("sum of answers overflows")
)

// Release adds noise of the plan's standard deviation to each cell and returns what
// may leave the hospital. Numbers may be negative: cutting them off at zero
// would bias every sum of cells. After an error nothing may be released, and the
// charge stands. Errors tell nothing of the counts.
func Release(p Plan, e Exact, src noise.Source) ([]int64, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	counts := e.vector()
	if len(counts) != len(p.Cells) {
		return nil, fmt.Errorf("release: %w", ErrShape)
	}
	noisy := make([]int64, len(counts))
	for i, n := range counts {
		var err error
		if noisy[i], err = src.AddGaussian(n, p.Sigma); err != nil {
			return nil, fmt.Errorf("release: adding noise: %w", err)
		}
	}
	return noisy, nil
}

// check refuses a plan whose cost does not pay for its noise.
func (p Plan) check() error {
	cost, err := accountant.Gaussian(p.Sigma)
	if err != nil || len(p.Cells) == 0 || p.Cost != cost || cost.NanoRho > p.Query.NanoRho {
		return ErrPlan
	}
	return nil
}

// Part is one hospital's released vector and the standard deviation of its noise.
type Part struct {
	Values []int64
	Sigma  float64
}

// Combine adds hospitals' released vectors cell by cell and returns the standard
// deviation to give Interval for the sums. Patients known at several hospitals count
// once at each. It is post-processing and costs nothing.
func Combine(parts []Part) (values []int64, sigma float64, err error) {
	if len(parts) == 0 {
		return nil, 0, fmt.Errorf("combine: %w", ErrShape)
	}
	values = make([]int64, len(parts[0].Values))
	// Each part was rounded to whole patients, which adds 1/12 to its variance;
	// Interval allows for one rounding, so the others are added here.
	variance := float64(len(parts)-1) / 12
	for _, part := range parts {
		if len(part.Values) != len(values) {
			return nil, 0, fmt.Errorf("combine: %w", ErrShape)
		}
		if !(part.Sigma > 0) || math.IsInf(part.Sigma, 0) {
			return nil, 0, fmt.Errorf("combine: %w", accountant.ErrSigma)
		}
		variance += part.Sigma * part.Sigma
		for i, v := range part.Values {
			sum := values[i] + v
			if (sum > values[i]) != (v > 0) {
				return nil, 0, fmt.Errorf("combine: %w", ErrSum)
			}
			values[i] = sum
		}
	}
	return values, math.Sqrt(variance), nil
}
