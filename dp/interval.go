package dp

import (
	"cmp"
	"fmt"
	"sort"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// z is the 0.975 quantile of the standard normal distribution.
const z = 1.959963984540054

// margin is half the width of the 95% interval of a released count. Noise is
// normal, rounded to whole patients: the rounded noise lies within m exactly
// if the normal one lies within floor(m) + 1/2, which exceeds m - 1/2. So half a patient
// more than z·sigma makes the interval cover at least 95%; without it, small
// sigmas would not (87% at sigma 1).
func margin(sigma float64) float64 { return z*sigma + 0.5 }

// Interval returns the 95% interval, in patients, around a released count whose
// noise has the given standard deviation. It covers the noise only, and may
// reach below zero. It is post-processing and costs nothing.
func Interval(value int64, sigma float64) (low, high float64) {
	m := margin(sigma)
	return float64(value) - m, float64(value) + m
}

// CostForMargin returns the least nano-rho to offer in a query so that its plan's
// Margin is at most want, in patients. A margin narrower than the least noise
// allows is an *InvalidQueryError.
func CostForMargin(want float64) (nanoRho int64, err error) {
	const most = accountant.NanoPerRho / 2 // buys the least noise there is
	n := 1 + sort.Search(most, func(i int) bool {
		sigma, _, e := spend(int64(i)+1, 1)
		err = cmp.Or(err, e)
		return margin(sigma) <= want
	})
	if err != nil {
		return 0, fmt.Errorf("cost for margin: %w", err)
	}
	if n > most {
		return 0, invalid("margin", "must be at least %.2f patients", margin(noise.MinSigma))
	}
	return int64(n), nil
}
