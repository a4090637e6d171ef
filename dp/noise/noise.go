// Package noise draws the randomness that protects patients. It is the only
// place in medmarket that does.
//
// # Promise
//
// [Real.AddGaussian] adds to a whole number noise of a normal distribution with at least
// the asked standard deviation, drawn from the operating system's randomness by
// the integer path of google/differential-privacy. [Sigma] tells, without
// drawing anything, which standard deviation that will be: a public function of
// the one asked for, so that a release is charged for the noise it gets.
//
// [Real.AddLaplace] adds to a whole number one of which n has probability proportional to
// exp(-epsilon |n| / sensitivity), exactly: its algorithm (Canonne, Kamath and Steinke 2020) compares random
// whole numbers with whole numbers and knows no others. So two numbers that differ by the sensitivity at most make
// each outcome likely within a factor of exp(epsilon), with no delta. The library's own Laplace noise goes through
// floating-point numbers and a wider sensitivity instead.
//
// # What the library does
//
// AddNoiseInt64 draws a multiple of a granularity 2⁻ᵍ, the power of two just above
// sigma/2⁵⁶, with probability proportional to that of a normal distribution, by
// rejection (Bringmann et al. 2014), rounds it to the nearest integer and adds
// it. Up to [MaxSigma] the grid is finer than 2⁻¹⁵ and whole numbers lie on it, so this
// is the discrete Gaussian mechanism, which has the zCDP cost D²/(2 sigma²) of
// the continuous one at L2 sensitivity D (Canonne, Kamath and Steinke 2020),
// followed by rounding, which costs nothing. Rounding adds 1/12 to the variance.
// Three deviations remain, all relative to sigma, so that they are the same for a
// fixed-point sum with D = 2²⁰ as for a count:
//   - a point's probability is off by a relative 10⁻¹⁴ or so;
//   - outputs beyond the bound on the noise, at least 8.81 sigma (sigma·sqrt(2 ln 2⁵⁶)), of one
//     of two neighbouring inputs but not of the other have probability Phi(-8.81 + D/sigma)
//     at most, and that many times over for a patient who counts in several cells:
//     3·10⁻¹⁵ at D = sigma, 5·10⁻¹⁷ at D = sigma/2, under 2·10⁻¹⁸ from sigma/8 on;
//   - before it is rounded the noise, up to 2⁶⁰ multiples of the granularity, becomes a
//     float64, whose last place lies on 2⁻⁹ at most. Between two powers of two this
//     moves the points where rounding changes alike, by half a place, which no
//     input tells; at a power of two one whole number gets half a place more or less.
//     All this has probability 2⁻⁵² at most.
//
// None is charged. A thousand releases at the smallest sigma add less than
// 4·10⁻¹² to delta, those with several cells that many times more. Laplace noise deviates in nothing.
//
// The library's own traps do not arise: we pass it one cell and as greatest
// change a power of two, 2³⁰ at most, so no sensitivity overflows; it takes
// epsilon only from the range in which its search for sigma ends; and a value within
// [MaxValue] plus noise within 8.9·[MaxSigma] is far from where int64 wraps, and below 2⁵³,
// so JSON holds what is released.
//
// # Assumption
//
// The operating system's randomness is good. Where it fails the library ends the
// process rather than go on. The caller asks for a sigma at or above the L2
// sensitivity of what it adds noise to, or names by how much one patient changes the number at most.
//
// # Not protected
//
// Time: rejection takes a random number of rounds, independent of the input; for Laplace noise there are
// more of them, of a microsecond or less, the larger it is, so who could time a single draw so well would know its size.
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
	// MaxSigma is the largest: a fixed-point sum with 2²⁰ units a patient, who counts in
	// 1000 cells, needs no more of it at a cost of one nano-rho.
	MaxSigma = 1 << 40
	// MaxValue bounds the numbers that noise is added to, either way from zero.
	MaxValue = 1 << 52
)

// The library takes epsilon, delta and the greatest change, not a standard deviation. At
// this delta and a change of one the standard deviations from MinSigma to
// maxScaled lie between these epsilons.
const (
	maxScaled   = 1 << 10
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
	// AddLaplace returns x plus n with probability proportional to exp(-|n| / Scale(sensitivity, nanoEpsilon)), where
	// sensitivity is by how much one patient changes x. It returns an error wrapping ErrScale or ErrValue for arguments
	// out of range, and then no part of x.
	AddLaplace(x, sensitivity, nanoEpsilon int64) (int64, error)
}

// Sigma returns the standard deviation that AddGaussian uses when asked for wanted:
// the least at or above it that the library can be brought to use, at most
// one part in a thousand more. Sigma(Sigma(s)) = Sigma(s).
func Sigma(wanted float64) (actual float64, err error) {
	c, err := sigmas.of(wanted)
	return c.sigma, err
}

// sigmas are those that plans asked for. Whoever looks for the cost of a margin asks for thirty, the same for each question of that margin; to
// calibrate one takes a tenth of a millisecond.
var sigmas = memo{most: 4096}

// memo remembers calibrations, all of which are functions of public numbers.
type memo struct {
	most int // that are remembered
	mu   sync.Mutex
	by   map[float64]calibration // by wanted sigma
}

// of is calibrate(wanted).
func (m *memo) of(wanted float64) (calibration, error) {
	m.mu.Lock()
	c, known := m.by[wanted]
	m.mu.Unlock()
	if known {
		return c, nil
	}
	c, err := calibrate(wanted)
	if err != nil {
		return calibration{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || len(m.by) >= m.most {
		m.by = map[float64]calibration{}
	}
	m.by[wanted] = c
	return c, nil
}

// calibration is what makes the library use a standard deviation.
type calibration struct {
	change  int64 // a power of two
	epsilon float64
	sigma   float64
}

// calibrate finds the least power of two by which the wanted standard deviation comes
// below maxScaled, and the largest epsilon for which the library's own, a falling
// step function of epsilon, is still at least the wanted one. A power of two as the
// change scales the library's result exactly.
func calibrate(wanted float64) (calibration, error) {
	if !(wanted >= MinSigma && wanted <= MaxSigma) {
		return calibration{}, ErrSigma
	}
	change := int64(1)
	for wanted >= float64(maxScaled*change) {
		change *= 2
	}
	sigma := func(epsilon float64) float64 {
		return google.SigmaForGaussian(1, float64(change), epsilon, anchorDelta)
	}
	low, high := leastEps, greatestEps // sigma(low) >= wanted > sigma(high)
	for high > low*(1+1e-9) {
		middle := math.Sqrt(low * high)
		if sigma(middle) >= wanted {
			low = middle
		} else {
			high = middle
		}
	}
	c := calibration{change: change, epsilon: low, sigma: sigma(low)}
	if !(c.sigma >= wanted && c.sigma <= wanted*1.0011) { // the library changed: draw nothing
		return calibration{}, fmt.Errorf("calibrating the library's noise: %w", ErrSigma)
	}
	return c, nil
}

// Real is the Source of real noise. Make it with New.
type Real struct {
	memo memo // a release asks for the same sigma in each cell
}

// New returns a Source of real noise.
func New() *Real { return &Real{memo: memo{most: 256}} }

// AddGaussian implements Source.
func (r *Real) AddGaussian(x int64, sigma float64) (int64, error) {
	if x > MaxValue || x < -MaxValue {
		return 0, ErrValue
	}
	c, err := r.memo.of(sigma)
	if err != nil {
		return 0, err
	}
	y, err := google.Gaussian().AddNoiseInt64(x, 1, c.change, c.epsilon, anchorDelta)
	if err != nil { // only for parameters, which calibrate has tried
		return 0, fmt.Errorf("drawing Gaussian noise: %w", err)
	}
	return y, nil
}
