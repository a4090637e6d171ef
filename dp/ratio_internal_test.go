package dp

import (
	"math"
	"testing"
)

// The interval of a ratio is as wide as the noise makes it however many patients there are: to
// first order z √(var a - 2 r cov + r² var b) / b to either side.
func TestRatioOfManyPatients(t *testing.T) {
	for n := 1e4; n <= 1e15; n *= 10 {
		for _, r := range []float64{0, 0.1, 0.5, 1} {
			for _, cov := range []float64{0, 0.5, 1} {
				a, b := normal{r * n, 1}, normal{n, 2}
				set, ok := ratio(a, b, cov, z, span{-1, 2})
				half := z * math.Sqrt(1-2*r*cov+4*r*r) / n
				rounding := 4 * 0x1p-52
				if off := math.Abs((set.high-set.low)/2 - half); !ok || off > 0.01*half+rounding || math.Abs((set.high+set.low)/2-r) > 0.01*half+rounding {
					t.Errorf("%v of %v, covariance %v: %v, half width is %v, %v", r, n, cov, set, half, ok)
				}
			}
		}
	}
}
