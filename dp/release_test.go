package dp_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"pgregory.net/rapid"
)

// With no noise a release is the exact vector, each cell drawn once at the
// plan's standard deviation.
func TestReleaseDrawsOnceForEachCell(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}, event(dp.Drug, false, 1)))
	counts := []int64{40, 0, 7, 1_000_000}
	exact := dp.NewExact(counts)
	counts[0] = -1 // Exact has its own copy
	source := noisetest.None(t)
	got, err := dp.Release(p, exact, source)
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{40, 0, 7, 1_000_000}
	values, sigmas := source.Drawn()
	if d := cmp.Diff(want, got) + cmp.Diff(want, values) + cmp.Diff([]float64{p.Sigma, p.Sigma, p.Sigma, p.Sigma}, sigmas); d != "" {
		t.Error(d)
	}
	if got, err = dp.Release(p, exact, source); err != nil || got[0] != 40 {
		t.Errorf("second release %v, %v: the first changed the exact counts", got, err)
	}
}

func TestReleaseRefuses(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}))
	change := func(f func(*dp.Plan)) dp.Plan {
		q := p
		f(&q)
		return q
	}
	for _, c := range []struct {
		name   string
		plan   dp.Plan
		counts []int64
		source noise.Source
		want   error
	}{
		{"too few counts", p, []int64{secret}, noisetest.None(t), dp.ErrShape},
		{"too many counts", p, []int64{secret, secret, secret}, noisetest.None(t), dp.ErrShape},
		{"no counts", p, nil, noisetest.None(t), dp.ErrShape},
		{"no plan", dp.Plan{}, nil, noisetest.None(t), dp.ErrPlan},
		{"less noise than charged", change(func(p *dp.Plan) { p.Sigma /= 2 }), []int64{secret, secret}, noisetest.None(t), dp.ErrPlan},
		{"charge below noise", change(func(p *dp.Plan) { p.Cost.NanoRho-- }), []int64{secret, secret}, noisetest.None(t), dp.ErrPlan},
		{"cost above offer", change(func(p *dp.Plan) { p.Query.NanoRho = p.Cost.NanoRho - 1 }), []int64{secret, secret}, noisetest.None(t), dp.ErrPlan},
		{"absurd count", p, []int64{secret, math.MaxInt64}, noise.New(), noise.ErrValue},
		{"no randomness", p, []int64{secret, secret}, noisetest.FailAfter(t, 1), noisetest.ErrDraw},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := dp.Release(c.plan, dp.NewExact(c.counts), c.source)
			if !errors.Is(err, c.want) || got != nil {
				t.Fatalf("released %v, %v; want %v", got, err, c.want)
			}
			if strings.ContainsAny(err.Error(), "0123456789") {
				t.Errorf("error tells numbers: %v", err)
			}
		})
	}
	if _, err := dp.Release(p, dp.Exact{}, noisetest.None(t)); !errors.Is(err, dp.ErrShape) {
		t.Errorf("zero Exact: %v", err)
	}
}

func TestCombine(t *testing.T) {
	values, sigma, err := dp.Combine([]dp.Part{{Values: []int64{1, -2}, Sigma: 3}, {Values: []int64{10, -20}, Sigma: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{11, -22}, values); d != "" {
		t.Error(d)
	}
	if want := math.Sqrt(9 + 16 + 1.0/12); math.Abs(sigma-want) > 1e-12 {
		t.Errorf("sigma %v, want %v", sigma, want)
	}
	one := []dp.Part{{Values: []int64{5}, Sigma: 2.5}}
	if values, sigma, err := dp.Combine(one); err != nil || values[0] != 5 || sigma != 2.5 {
		t.Errorf("one hospital: %v, %v, %v", values, sigma, err)
	}
}

func TestCombineRefuses(t *testing.T) {
	part := func(sigma float64, values ...int64) dp.Part { return dp.Part{Values: values, Sigma: sigma} }
	for _, c := range []struct {
		name  string
		parts []dp.Part
		want  error
	}{
		{"nothing", nil, dp.ErrShape},
		{"other cells", []dp.Part{part(1, 1, 2), part(1, 1)}, dp.ErrShape},
		{"overflow", []dp.Part{part(1, math.MaxInt64), part(1, 1)}, dp.ErrSum},
		{"underflow", []dp.Part{part(1, math.MinInt64), part(1, -1)}, dp.ErrSum},
		{"no noise", []dp.Part{part(0, 1)}, accountant.ErrSigma},
		{"NaN", []dp.Part{part(math.NaN(), 1)}, accountant.ErrSigma},
		{"infinite", []dp.Part{part(math.Inf(1), 1)}, accountant.ErrSigma},
	} {
		if values, sigma, err := dp.Combine(c.parts); !errors.Is(err, c.want) || values != nil || sigma != 0 {
			t.Errorf("%s: %v, %v, %v", c.name, values, sigma, err)
		}
	}
}

// Sums are exact or refused, in any order of the hospitals as far as they succeed.
func TestCombineIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64()
		a, b := v.Draw(t, "a"), v.Draw(t, "b")
		got, _, err := dp.Combine([]dp.Part{{Values: []int64{a}, Sigma: 1}, {Values: []int64{b}, Sigma: 1}})
		overflow := (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b)
		if overflow != errors.Is(err, dp.ErrSum) || (!overflow && got[0] != a+b) {
			t.Fatalf("%d + %d = %v, %v", a, b, got, err)
		}
	})
}
