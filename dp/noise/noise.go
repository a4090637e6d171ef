// Package noise draws the randomness that protects patients. It is the only
// place in medmarket that does.
//
// # Promise
//
// [Gaussian] adds to a whole number noise of a normal distribution with at least
// the asked standard deviation, drawn from the operating system's randomness by
// the integer path of google/differential-privacy. [Sigma] tells, without
// drawing anything, which standard deviation that will be: a public function of
// the one asked for, so that a release is charged for the noise it gets.
//
// # What the library does
//
// AddNoiseInt64 draws a multiple of a granularity 2⁻ᵍ, the power of two just above
// sigma/2⁵⁶, with probability proportional to that of a normal distribution, by
// rejection (Bringmann et al. 2014), rounds it to the nearest integer and adds
// it. The grid is far finer than one and whole numbers lie on it, so this is the
// discrete Gaussian mechanism, which has the zCDP cost 1/(2 sigma²) of the
// continuous one (Canonne, Kamath and Steinke 2020), followed by rounding, which
// costs nothing. Rounding adds 1/12 to the variance. Two deviations remain, both
// from float64 and from a bound on the noise, at least 8.81 sigma (sigma·sqrt(2 ln 2⁵⁶)):
//   - a point's probability is off by a relative 10⁻¹⁴ or so;
//   - outputs beyond the bound of one of two neighbouring inputs but not of the other
//     have, at sensitivity one, probability Phi(-8.81 + 1/sigma) at most:
//     3·10⁻¹⁵ at sigma 1, 5·10⁻¹⁷ at sigma 2, under 2·10⁻¹⁸ from sigma 8 on.
//
// Neither is charged. A thousand releases at the smallest sigma add less than
// 3·10⁻¹² to delta.
//
// # Assumption
//
// The operating system's randomness is good. Where it fails the library ends the
// process rather than go on.
//
// # Not protected
//
// Time: rejection takes a random number of rounds, independent of the input.
// Memory: the library keeps a buffer of future randomness, so someone who reads
// the process's memory can remove noise not drawn yet.
package noise

import (
	"errors"
	"fmt"
	"math"
	"sync"

	google "github.com/google/differential-privacy/go/v3/noise"
)

const (
	// MinSigma is the least standard deviation: below it the bound on the noise
	// comes near enough to the data to be worth charging.
	MinSigma = 1.0
	// MaxSigma is the largest: no cost of one nano-rho or more needs it.
	MaxSigma = 100_000.0
	// MaxValue bounds the numbers that noise is added to, either way from zero.
	MaxValue = 1 << 53
)

// The library takes epsilon and delta, not a standard deviation. At this delta
// the standard deviations from MinSigma to MaxSigma lie between these epsilons.
const (
	anchorDelta = 1e-6
	leastEps    = 0x1p-30
	greatestEps = 20.0
)

var (
	// ErrSigma: the standard deviation is not in [MinSigma, MaxSigma].
	ErrSigma = errors.New("standard deviation of noise out of range")
	// ErrValue: the number is beyond MaxValue. The number is not told.
	ErrValue = errors.New("value too large for noise")
)

// Source adds noise. Implementations are safe for concurrent use. Errors never
// tell the value.
type Source interface {
	// AddGaussian returns x plus noise of standard deviation Sigma(sigma), in the
	// unit of x. It returns an error wrapping ErrSigma or ErrValue for arguments
	// out of range, and then no part of x.
	AddGaussian(x int64, sigma float64) (int64, error)
}

// Sigma returns the standard deviation that Gaussian uses when asked for wanted:
// the least at or above it that the library can be brought to use, at most
// one part in a thousand more. Sigma(Sigma(s)) = Sigma(s).
func Sigma(wanted float64) (actual float64, err error) {
	_, actual, err = calibrate(wanted)
	return actual, err
}

// calibrate finds the largest epsilon for which the library's own standard
// deviation, a falling step function of epsilon, is still at least wanted.
func calibrate(wanted float64) (epsilon, sigma float64, err error) {
	if !(wanted >= MinSigma && wanted <= MaxSigma) {
		return 0, 0, ErrSigma
	}
	low, high := leastEps, greatestEps // sigma(low) >= wanted > sigma(high)
	for high > low*(1+1e-9) {
		middle := math.Sqrt(low * high)
		if google.SigmaForGaussian(1, 1, middle, anchorDelta) >= wanted {
			low = middle
		} else {
			high = middle
		}
	}
	sigma = google.SigmaForGaussian(1, 1, low, anchorDelta)
	if !(sigma >= wanted && sigma <= wanted*1.0011) { // the library changed: draw nothing
		return 0, 0, fmt.Errorf("calibrating the library's noise: %w", ErrSigma)
	}
	return low, sigma, nil
}

// Gaussian is the Source of real noise. Make it with New.
type Gaussian struct {
	mu      sync.Mutex
	epsilon map[float64]float64 // by wanted sigma; public, at most memoSize
}

const memoSize = 256

// New returns a Source of real noise.
func New() *Gaussian { return &Gaussian{epsilon: make(map[float64]float64)} }

// AddGaussian implements Source.
func (g *Gaussian) AddGaussian(x int64, sigma float64) (int64, error) {
	if x > MaxValue || x < -MaxValue {
		return 0, ErrValue
	}
	epsilon, err := g.calibrated(sigma)
	if err != nil {
		return 0, err
	}
	y, err := google.Gaussian().AddNoiseInt64(x, 1, 1, epsilon, anchorDelta)
	if err != nil { // only for parameters, which calibrate has tried
		return 0, fmt.Errorf("drawing Gaussian noise: %w", err)
	}
	return y, nil
}

// calibrated remembers calibrate: a release asks for the same sigma in each cell.
func (g *Gaussian) calibrated(sigma float64) (float64, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e, ok := g.epsilon[sigma]; ok {
		return e, nil
	}
	e, _, err := calibrate(sigma)
	if err != nil {
		return 0, err
	}
	if len(g.epsilon) >= memoSize {
		clear(g.epsilon)
	}
	g.epsilon[sigma] = e
	return e, nil
}
