package dp_test

import (
	"errors"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"pgregory.net/rapid"
)

// CostForMargin is the least offer whose plan is that precise, for each measure of a query.
func TestCostForMargin(t *testing.T) {
	q := everything(1)
	q.Measures = q.Measures[:6] // a quantile's margin is not known
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(q.Measures)-1).Draw(t, "measure")
		want := dp.Margin{Measure: i, Size: rapid.Float64Range(1, 1e6).Draw(t, "size")}
		// What the least noise gives, and up to 10,000 times that.
		q.NanoRho = dp.MaxNanoRho
		want.Half = marginAt(t, q, want, dp.MaxNanoRho) * math.Exp(rapid.Float64Range(1e-6, math.Log(1e4)).Draw(t, "log width"))
		n, err := dp.CostForMargin(q, metadata, want)
		if err != nil {
			t.Fatal(err)
		}
		if m := marginAt(t, q, want, n); m > want.Half {
			t.Fatalf("%d nano-rho gives margin %v, want at most %v", n, m, want.Half)
		}
		if least := int64(8); n > least && marginAt(t, q, want, n-1) <= want.Half {
			t.Fatalf("%d nano-rho would do for %v", n-1, want.Half)
		}
	})
}

func marginAt(t *rapid.T, q dp.Query, want dp.Margin, nanoRho int64) float64 {
	q.NanoRho = nanoRho
	p, err := dp.NewPlan(q, metadata)
	if err != nil {
		t.Fatal(err)
	}
	half, known := p.MarginOf(want.Measure, want.Size) // everything is in canonical order
	if !known {
		t.Fatal("the margin is not known")
	}
	return half
}

// The margin that is told beforehand is that of the intervals: of those that depend on the
// size, in a town near to that for which it is widest, and for a variance, whose
// intervals end at zero there, from half of it on.
func TestMarginIsThatOfIntervals(t *testing.T) {
	town := make([]patient, 20_000)
	for i := range town {
		town[i] = patient{0: {values: []float64{87}, records: 1, matches: i%32 > 0}}
	}
	for _, rule := range []dp.Disclosure{{}, {RoundTo: 1000}} {
		checkMargins(t, disclosing(t, everything(2_000_000), rule), town)
	}
	checkMargins(t, under(t, accountant.Pure, everything(2_000_000)), town)
}

func checkMargins(t *testing.T, p dp.Plan, town []patient) {
	t.Helper()
	size := float64(len(town))
	exact, source := dp.NewExact(tally(p, town, none)), quick()
	widths, runs := map[int]float64{}, 30
	for range runs {
		released, err := dp.Release(p, exact, source)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := p.Estimate(released)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[int]bool{}
		for _, e := range rows[0].Estimates {
			if !seen[e.Measure] {
				widths[e.Measure] += max(e.High-e.Value, e.Value-e.Low) / float64(runs)
			}
			seen[e.Measure] = true
		}
	}
	for i, m := range p.Query.Measures {
		half, known := p.MarginOf(i, size)
		if m.Kind == dp.Quantiles {
			if known {
				t.Error("the margin of a quantile is known")
			}
			continue
		}
		low, high := half*0.999, half*1.001+1 // counts are rounded outward
		switch m.Kind {
		case dp.Proportion, dp.Mean:
			low, high = half*0.9, half*1.05
		case dp.Variance:
			low, high = half*0.5, half*1.05
		}
		if !known || widths[i] < low || widths[i] > high {
			t.Errorf("%s: intervals reach %v, the margin says %v, %v", m.Kind, widths[i], half, known)
		}
		if _, known := p.MarginOf(i, 0); known != (m.Kind == dp.Patients || m.Kind == dp.Records || m.Kind == dp.Sum || m.Kind == dp.Histogram) {
			t.Errorf("%s: known without a size: %v", m.Kind, known)
		}
	}
}

func TestCostForMarginRefuses(t *testing.T) {
	q := everything(1)
	for _, tt := range []struct {
		want  dp.Margin
		field string
	}{
		{dp.Margin{Half: 2.45}, "margin"}, {dp.Margin{Half: 0}, "margin"}, {dp.Margin{Half: -1}, "margin"}, {dp.Margin{Half: math.NaN()}, "margin"},
		{dp.Margin{Half: math.Inf(-1)}, "margin"}, {dp.Margin{Measure: 8, Half: 10}, "margin"}, {dp.Margin{Measure: -1, Half: 10}, "margin"},
		{dp.Margin{Measure: 2, Half: 0.1}, "margin_size"}, {dp.Margin{Measure: 4, Half: 1, Size: -1}, "margin_size"},
		{dp.Margin{Measure: 6, Half: 10, Size: 100}, "margin"},
	} {
		var invalid *dp.InvalidQueryError
		if n, err := dp.CostForMargin(q, metadata, tt.want); !errors.As(err, &invalid) || invalid.Field != tt.field || n != 0 {
			t.Errorf("CostForMargin(%+v) = %d, %v, want a refusal of %s", tt.want, n, err, tt.field)
		}
	}
	var invalid *dp.InvalidQueryError
	if _, err := dp.CostForMargin(dp.Query{Dataset: "other"}, metadata, dp.Margin{Half: 10}); !errors.As(err, &invalid) || invalid.Field != "dataset" {
		t.Errorf("a query that cannot be planned: %v", err)
	}
}
