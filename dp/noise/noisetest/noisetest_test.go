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
	if y, err := source.AddLaplace(7, 3, 500_000_000); y != 7 || err != nil {
		t.Errorf("AddLaplace(7, 3, 500000000) = %d, %v", y, err)
	}
	values, scales := source.Drawn()
	if d := cmp.Diff([]int64{5, -3, 7}, values) + cmp.Diff([]float64{2, 2, 6}, scales); d != "" {
		t.Error(d)
	}
}

func TestLifted(t *testing.T) {
	source := noisetest.Lifted(t, 40)
	if y, err := source.AddGaussian(5, 2); y != 45 || err != nil {
		t.Errorf("AddGaussian(5, 2) = %d, %v", y, err)
	}
	if values, _ := source.Drawn(); len(values) != 1 || values[0] != 5 {
		t.Errorf("recorded %v, want the exact 5", values)
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
	for _, c := range [][3]int64{{1, 0, 1}, {1, noise.MaxSensitivity + 1, 1}, {1, 1, 0}, {1, 1, noise.MaxNanoEpsilon + 1}, {1, 1000, 1 - 1<<40}, {math.MaxInt64, 1, 1000}} {
		_, want := noise.New().AddLaplace(c[0], c[1], c[2])
		_, got := noisetest.None(t).AddLaplace(c[0], c[1], c[2])
		if want == nil || !errors.Is(got, want) {
			t.Errorf("AddLaplace(%v): %v, real noise says %v", c, got, want)
		}
	}
}
