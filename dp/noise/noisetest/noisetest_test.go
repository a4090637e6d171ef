package noisetest_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

func TestNoneRecords(t *testing.T) {
	source := noisetest.None(t)
	for _, x := range []int64{5, -3} {
		if y, err := source.AddGaussian(x, 2); y != x || err != nil {
			t.Errorf("AddGaussian(%d, 2) = %d, %v", x, y, err)
		}
	}
	values, sigmas := source.Drawn()
	if d := cmp.Diff([]int64{5, -3}, values) + cmp.Diff([]float64{2, 2}, sigmas); d != "" {
		t.Error(d)
	}
}

func TestFailAfter(t *testing.T) {
	source := noisetest.FailAfter(t, 1)
	if _, err := source.AddGaussian(1, 2); err != nil {
		t.Fatal(err)
	}
	if y, err := source.AddGaussian(1, 2); !errors.Is(err, noisetest.ErrDraw) || y != 0 {
		t.Errorf("second draw = %d, %v", y, err)
	}
}

// What real noise refuses, the test source refuses too, with the same error.
func TestRefusesLikeRealNoise(t *testing.T) {
	for _, c := range []struct {
		x     int64
		sigma float64
	}{{1, 0.5}, {1, 2 * noise.MaxSigma}, {1, math.NaN()}, {math.MaxInt64, 2}, {math.MinInt64, 2}} {
		_, want := noise.New().AddGaussian(c.x, c.sigma)
		_, got := noisetest.None(t).AddGaussian(c.x, c.sigma)
		if want == nil || !errors.Is(got, want) {
			t.Errorf("AddGaussian(%d, %v): %v, real noise says %v", c.x, c.sigma, got, want)
		}
	}
}
