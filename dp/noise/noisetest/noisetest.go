// Package noisetest has noise sources for tests of exact logic.
//
// They promise that no real noise is drawn, so they must never meet real
// patients: their constructors take a testing.TB, which only a test has. That
// does not protect against someone who writes a Source of her own.
package noisetest

import (
	"errors"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/dp/noise"
)

// ErrDraw is what a source made by FailAfter returns.
var ErrDraw = errors.New("noisetest: no randomness")

// Source adds nothing, or always the same, and records the exact values that it was given.
type Source struct {
	mu     sync.Mutex
	values []int64
	scales []float64
	left   int // draws before ErrDraw; negative: never
	lift   int64
}

// None returns a Source that adds nothing. It refuses the arguments that real
// noise refuses.
func None(tb testing.TB) *Source {
	tb.Helper()
	return &Source{left: -1}
}

// Lifted returns a Source that raises every value by so many, so that private keys appear.
func Lifted(tb testing.TB, by int64) *Source {
	tb.Helper()
	return &Source{left: -1, lift: by}
}

// FailAfter returns a Source that adds nothing to n values, then fails.
func FailAfter(tb testing.TB, n int) *Source {
	tb.Helper()
	return &Source{left: n}
}

// AddGaussian implements noise.Source.
func (s *Source) AddGaussian(x int64, sigma float64) (int64, error) {
	if !(sigma >= noise.MinSigma && sigma <= noise.MaxSigma) {
		return 0, noise.ErrSigma
	}
	return s.draw(x, sigma)
}

// AddLaplace implements noise.Source.
func (s *Source) AddLaplace(x, sensitivity, nanoEpsilon int64) (int64, error) {
	if err := noise.CheckLaplace(sensitivity, nanoEpsilon); err != nil {
		return 0, err
	}
	return s.draw(x, noise.Scale(sensitivity, nanoEpsilon))
}

func (s *Source) draw(x int64, scale float64) (int64, error) {
	if x > noise.MaxValue || x < -noise.MaxValue {
		return 0, noise.ErrValue
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		return 0, ErrDraw
	}
	s.left--
	s.values, s.scales = append(s.values, x), append(s.scales, scale)
	return x + s.lift, nil
}

// Drawn returns the exact values given so far and, with each, the standard deviation of Gaussian or
// the scale of Laplace noise asked for: what a grey-box test of sensitivity compares for neighbours.
func (s *Source) Drawn() (values []int64, scales []float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]int64(nil), s.values...), append([]float64(nil), s.scales...)
}
