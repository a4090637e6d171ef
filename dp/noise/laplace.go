package noise

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math"
)

const (
	// MaxNanoEpsilon is the largest epsilon of Laplace noise, in 10⁻⁹: one, of noise of which the scale is the sensitivity.
	MaxNanoEpsilon = nano
	// MaxSensitivity is the most that one patient may change a number to which Laplace noise is added.
	MaxSensitivity = 1 << 20
	nano           = 1_000_000_000
)

// ErrScale: the scale of Laplace noise is beyond MaxSigma, its epsilon not in (0, 1], or the sensitivity not in 1 to
// MaxSensitivity.
var ErrScale = errors.New("scale of noise out of range")

// CheckLaplace returns ErrScale unless AddLaplace takes these.
func CheckLaplace(sensitivity, nanoEpsilon int64) error {
	if sensitivity < 1 || sensitivity > MaxSensitivity || nanoEpsilon < 1 || nanoEpsilon > MaxNanoEpsilon ||
		Scale(sensitivity, nanoEpsilon) > MaxSigma {
		return ErrScale
	}
	return nil
}

// Scale is that of Laplace noise, 10⁹ sensitivity / nanoEpsilon, in the unit of the numbers.
func Scale(sensitivity, nanoEpsilon int64) float64 {
	return float64(sensitivity) * nano / float64(nanoEpsilon)
}

// AddLaplace implements Source.
func (r *Real) AddLaplace(x, sensitivity, nanoEpsilon int64) (int64, error) {
	if x > MaxValue || x < -MaxValue {
		return 0, ErrValue
	}
	if err := CheckLaplace(sensitivity, nanoEpsilon); err != nil {
		return 0, err
	}
	return x + bits(system).laplace(uint64(sensitivity)*nano, uint64(nanoEpsilon)), nil
}

// bits returns 64 random bits.
type bits func() uint64

func system() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it ends the process rather than fail
	return binary.LittleEndian.Uint64(b[:])
}

// laplace draws n with probability proportional to exp(-|n| den / num): algorithm 2 of Canonne, Kamath and Steinke
// 2020. With u even in 0 to num-1, kept with probability exp(-u/num), and v geometric with parameter 1-exp(-1),
// u + num v is geometric with parameter 1-exp(-1/num); so is the whole part of its den-th with parameter
// 1-exp(-den/num), and with a sign, zero having one only, it is n. num is below 2⁵⁰, so it takes v = 2¹⁴ to overflow, which has
// probability exp(-2¹⁴).
func (b bits) laplace(num, den uint64) int64 {
	for {
		u := b.below(num)
		if !b.expMinus(u, num) {
			continue
		}
		v := uint64(0)
		for b.expMinus(1, 1) {
			v++
		}
		n := int64((u + num*v) / den)
		switch negative := b()&1 == 1; {
		case !negative:
			return n
		case n > 0:
			return -n
		}
	}
}

// expMinus is true with probability exp(-num/den), for num <= den: algorithm 1 of the same paper. It goes on to
// k+1 with probability num/(den k), so it ends at an odd k with probability 1 - x + x²/2 - x³/6 + ...
func (b bits) expMinus(num, den uint64) bool {
	k := uint64(1)
	for b.below(den) < num && b.below(k) == 0 {
		k++
	}
	return k%2 == 1
}

// below is even in 0 to n-1, for n >= 1.
func (b bits) below(n uint64) uint64 {
	if n == 1 {
		return 0
	}
	most := math.MaxUint64 - math.MaxUint64%n // a multiple of n
	for {
		if u := b(); u < most {
			return u % n
		}
	}
}
