package noise_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// laplace is a scale of noise, and what it says of the noise.
type laplace struct{ sensitivity, nanoEpsilon int64 }

// ratio is exp(-1/scale), by which the probability of n+1 is less than that of n >= 0.
func (l laplace) ratio() float64 { return math.Exp(-1 / noise.Scale(l.sensitivity, l.nanoEpsilon)) }

// probability is that of noise n: all of them have the sum one.
func (l laplace) probability(n int64) float64 {
	q := l.ratio()
	return (1 - q) / (1 + q) * math.Pow(q, math.Abs(float64(n)))
}

// upTo is the probability of noise of at most n.
func (l laplace) upTo(n int64) float64 {
	q := l.ratio()
	if n < 0 {
		return math.Pow(q, float64(-n)) / (1 + q)
	}
	return 1 - math.Pow(q, float64(n+1))/(1+q)
}

// unlike says how a sample differs from the distribution, or nil. There are two checks, each with a false alarm of at
// most 10⁻⁷: Pearson's chi-square over classes of whole numbers, which stays below k + 2 sqrt(k x) + 2 x but for a probability of
// exp(-x) (Laurent and Massart 2000, for a true chi-square variable, to which 50 expected in each class are near
// enough), and that of strays.
func (l laplace) unlike(sample []int64) error {
	scale := int64(math.Ceil(noise.Scale(l.sensitivity, l.nanoEpsilon)))
	width := (scale + 3) / 4
	reach := 3 * scale / width // the first class that is all from there on; and the last that is all up to there
	counts := map[int64]float64{}
	for _, x := range sample {
		counts[min(max(floor(x, width), -reach-1), reach)]++
	}
	below := func(class int64) float64 { // the probability of the classes below
		switch {
		case class <= -reach-1:
			return 0
		case class > reach:
			return 1
		}
		return l.upTo(class*width - 1)
	}
	var chi, k float64
	for class := -reach - 1; class <= reach; class++ {
		expected := float64(len(sample)) * (below(class+1) - below(class))
		if expected < 50 {
			panic("too few expected for the check to mean what it says")
		}
		chi += (counts[class] - expected) * (counts[class] - expected) / expected
		k++
	}
	const x = 16.12 // exp(-16.12) = 10⁻⁷
	if limit := k + 2*math.Sqrt(k*x) + 2*x; chi > limit {
		return fmt.Errorf("chi-square %v of %v classes, limit %v", chi, k, limit)
	}
	return strays(sample, l.upTo)
}

func floor(x, width int64) int64 {
	if x < 0 {
		return -((-x + width - 1) / width)
	}
	return x / width
}

func drawLaplace(t *testing.T, x int64, l laplace) []int64 {
	t.Helper()
	source := noise.New()
	sample := make([]int64, samples)
	for i := range sample {
		y, err := source.AddLaplace(x, l.sensitivity, l.nanoEpsilon)
		if err != nil {
			t.Fatal(err)
		}
		sample[i] = y - x
	}
	return sample
}

// The noise has the promised probabilities whatever it is added to. Six samples and two checks of each: one run in
// 800,000 fails by chance.
func TestNoiseIsLaplace(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	for _, c := range []struct {
		x int64
		laplace
	}{
		{0, laplace{1, noise.MaxNanoEpsilon}}, {5, laplace{1, 146_000_000}}, {-7, laplace{3, 333_333_333}}, {noise.MaxValue, laplace{10_000, 11}},
		{1 << 40, laplace{noise.MaxSensitivity, 999_999_937}}, {-noise.MaxValue, laplace{noise.MaxSensitivity, 1_000_003}},
	} {
		if err := c.unlike(drawLaplace(t, c.x, c.laplace)); err != nil {
			t.Errorf("x %d, %+v: %v", c.x, c.laplace, err)
		}
	}
}

// The check above can fail: it notices a scale off by a tenth, a shift, a second zero, and the wrong shape.
func TestUnlikeNotices(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	l := laplace{1, 100_000_000}
	sample := drawLaplace(t, 0, l)
	if err := l.unlike(sample); err != nil {
		t.Fatal(err)
	}
	if (laplace{10, 900_000_000}).unlike(sample) == nil || (laplace{1, 90_000_000}).unlike(sample) == nil {
		t.Error("missed noise off by 10%")
	}
	shifted, signed := make([]int64, samples), make([]int64, samples)
	for i, x := range sample {
		shifted[i] = x + 1
		if signed[i] = x; i%20 == 0 {
			signed[i] = 0
		}
	}
	if l.unlike(shifted) == nil {
		t.Error("missed a shift by one patient")
	}
	if l.unlike(signed) == nil {
		t.Error("missed zeros too many")
	}
	if l.unlike(draw(t, 0, math.Sqrt2*10)) == nil {
		t.Error("missed normal noise of the same variance")
	}
}

// On the exact probabilities: two numbers that differ by the sensitivity or less make no outcome likelier than by a factor of
// exp(epsilon), and by all of it where they differ by the sensitivity; and the charge for it in zCDP is never below what
// Rényi's divergence of any order is, and above that of order one by a thousandth at most where the sensitivity is one.
func TestLaplaceIsPaidFor(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	for _, l := range []laplace{{1, 1_000_000_000}, {1, 146_000_000}, {1, 10_000_000}, {2, 700_000_000}, {5, 300_000_000}, {9, 1_000_000_000}} {
		epsilon := float64(l.nanoEpsilon) / 1e9
		cost, err := accountant.Laplace(l.nanoEpsilon, 1)
		if err != nil {
			t.Fatal(err)
		}
		rho, far := float64(cost.NanoRho)/1e9, int64(60*noise.Scale(l.sensitivity, l.nanoEpsilon))
		var most float64
		for _, order := range []float64{1, 1.001, 1.1, 1.5, 2, 3, 5, 10, 40} {
			for by := int64(1); by <= l.sensitivity; by++ {
				var sum float64
				for n := -far; n <= far; n++ {
					p, q := l.probability(n), l.probability(n-by)
					loss := math.Log(p / q)
					most = math.Max(most, loss)
					if order == 1 {
						sum += p * loss
					} else {
						sum += p * math.Exp((order-1)*loss)
					}
				}
				d := sum
				if order != 1 {
					d = math.Log(sum) / (order - 1)
				}
				if d/order > rho*(1+1e-9) {
					t.Errorf("%+v, order %v, change %d: the loss is %v rho, charged %v", l, order, by, d/order, rho)
				}
				if order == 1 && l.sensitivity == 1 && rho > d*1.001 {
					t.Errorf("%+v: charged %v rho, and the loss is %v", l, rho, d)
				}
			}
		}
		if math.Abs(most-epsilon) > 1e-9 || cost.NanoEpsilon != l.nanoEpsilon {
			t.Errorf("%+v: an outcome is likelier by exp(%v), charged %d", l, most, cost.NanoEpsilon)
		}
	}
}

func TestRefusesScale(t *testing.T) {
	for _, l := range []laplace{{0, 1}, {-1, 1}, {1, 0}, {1, -1}, {1, noise.MaxNanoEpsilon + 1}, {noise.MaxSensitivity + 1, 1000}, {noise.MaxSensitivity, 900}, {math.MaxInt64, 1 << 20}} {
		if y, err := noise.New().AddLaplace(1000, l.sensitivity, l.nanoEpsilon); !errors.Is(err, noise.ErrScale) || y != 0 {
			t.Errorf("%+v: %d, %v", l, y, err)
		}
	}
	if y, err := noise.New().AddLaplace(noise.MaxValue+1, 1, 1000); !errors.Is(err, noise.ErrValue) || y != 0 {
		t.Errorf("beyond MaxValue: %d, %v", y, err)
	}
}
