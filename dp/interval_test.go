package dp_test

import (
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// coverage draws n released counts of truth, at hospitals of one cell each, and returns
// the share of intervals around their sum that contain the true sum.
func coverage(t *testing.T, kind accountant.Kind, nanoRho int64, hospitals, n int, narrow float64) float64 {
	t.Helper()
	const truth = 1234
	q := query(dp.Group{Kind: dp.Sex})
	q.NanoRho = nanoRho
	p := under(t, kind, q)
	source, covered := noise.New(), 0
	for range n / 2 {
		var released [][]int64
		for range hospitals {
			values, err := dp.Release(p, dp.NewExact([]int64{truth, truth}), source)
			if err != nil {
				t.Fatal(err)
			}
			released = append(released, values)
		}
		rows, err := p.Estimate(released...)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			e := row.Estimates[0]
			off := math.Abs(e.Value - truth*float64(hospitals))
			if narrow*(e.High-e.Value) >= off && e.Low <= e.Value {
				covered++
			}
		}
	}
	return float64(covered) / float64(n/2*2)
}

// The share of intervals that cover is binomial with at least 95%, so it falls
// five standard errors short once in 3.5 million runs: with the seven cases, one run
// in 500,000 fails by chance. Of the narrower ones 92.2% cover under Gaussian noise and 93.6% under Laplace noise, whose tails
// are longer; they are as many that this, too, is five standard errors from passing.
func TestIntervalCovers(t *testing.T) {
	n, narrow := 10_000, 0.9
	if testing.Short() {
		n, narrow = 2000, 0.8 // fewer runs tell less
	}
	limit := func(n int) float64 { return 0.95 - 5*math.Sqrt(0.95*0.05/float64(n)) }
	for _, c := range []struct {
		kind      accountant.Kind
		nanoRho   int64
		hospitals int
	}{
		{"", 500_000_000, 1}, {"", 20_000_000, 1}, {"", 1_000, 1}, {"", 500_000_000, 10},
		{accountant.Pure, 500_000_000, 1}, {accountant.Pure, 1_000, 1}, {accountant.Pure, 500_000_000, 10},
	} {
		if testing.Short() && c.kind == accountant.Pure { // the race detector finds the same in both
			continue
		}
		got := coverage(t, c.kind, c.nanoRho, c.hospitals, n, 1)
		if got < limit(n) {
			t.Errorf("%+v: covers %v", c, got)
		}
		t.Logf("%+v: covers %.4f", c, got)
	}
	for _, kind := range []accountant.Kind{"", accountant.Pure} {
		if testing.Short() && kind == accountant.Pure {
			continue
		}
		n := n
		if kind == accountant.Pure {
			n *= 4
		}
		if got := coverage(t, kind, 1_000, 1, n, narrow); got >= limit(n) {
			t.Errorf("%q: an interval of %v of the width passes: %v", kind, narrow, got)
		}
	}
}

// A count's interval is z·sigma and half a patient to either side, rounded outward.
func TestInterval(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}))
	m := 1.959963984540054*p.Series[0].Sigma + 0.5
	if math.Abs(p.Margin()-m) > 1e-9 {
		t.Errorf("margin %v, want %v", p.Margin(), m)
	}
	rows, err := p.Estimate([]int64{100, -3})
	if err != nil {
		t.Fatal(err)
	}
	for i, count := range []float64{100, -3} {
		if e := rows[i].Estimates[0]; e.Value != count || e.Low != math.Floor(count-m) || e.High != math.Ceil(count+m) {
			t.Errorf("%v ±%v: %+v", count, m, e)
		}
	}
}
