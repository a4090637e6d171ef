package dp_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

// With no noise a release is the exact vector, each cell drawn once at the
// plan's standard deviation.
func TestReleaseDrawsOnceForEachCell(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}, event(cohort.Drug, false, 1)))
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
	if d := cmp.Diff(want, got) + cmp.Diff(want, values) + cmp.Diff(slices.Repeat([]float64{p.Series[0].Sigma}, 4), sigmas); d != "" {
		t.Error(d)
	}
	if got, err = dp.Release(p, exact, source); err != nil || got[0] != 40 {
		t.Errorf("second release %v, %v: the first changed the exact counts", got, err)
	}
}

func TestReleaseRefuses(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}))
	change := func(f func(*dp.Plan)) dp.Plan {
		q := mustPlan(t, p.Query)
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
		{"less noise than charged", change(func(p *dp.Plan) { p.Series[0].Sigma /= 2 }), []int64{secret, secret}, noisetest.None(t), dp.ErrPlan},
		{"fewer cells", change(func(p *dp.Plan) { p.Cells = p.Cells[:1] }), []int64{secret}, noisetest.None(t), dp.ErrPlan},
		{"less sensitive", change(func(p *dp.Plan) { p.Series[0].Sensitivity = 0 }), []int64{secret, secret}, noisetest.None(t), dp.ErrPlan},
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
