package dp_test

import (
	"errors"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"pgregory.net/rapid"
)

// Bounds and edges that an engine could not tell apart are refused, the next ones are not: an
// engine that fails on the values of somebody would show that she is there.
func TestBoundsAreApart(t *testing.T) {
	total := &dp.Value{Events: records(cohort.Measurement, 1), Field: dp.FieldValue, Reduce: dp.ReduceSum}
	between := func(low, high float64) []dp.Measure {
		return []dp.Measure{
			{Kind: dp.Mean, Value: total, Low: low, High: high},
			{Kind: dp.Quantiles, Value: total, Low: low, High: high, Ranks: []float64{0.5}},
		}
	}
	summed := func(low, high float64) []dp.Measure {
		return []dp.Measure{{Kind: dp.Sum, Value: total, Low: low, High: high}, {Kind: dp.Variance, Value: total, Low: low, High: high}}
	}
	bins := func(edges ...float64) []dp.Measure {
		return []dp.Measure{{Kind: dp.Histogram, Value: total, Edges: edges}}
	}
	for name, c := range map[string]struct {
		planned, refused []dp.Measure
	}{
		"a millionth at a million": {between(1e6, 1e6+2), between(1e6, 1e6+1e-6)},
		"a unit at a billion":      {between(1e9-2000, 1e9), between(1e9-1, 1e9)},
		"summed":                   {summed(-5e7, 5e7), summed(-5e7, 6e7)},
		"summed, apart":            {summed(1e6, 1e6+2), summed(1e6, 1e6+1)},
		"below zero":               {between(-1e6-2, -1e6), between(-1e6-1, -1e6)},
		"least":                    {between(0, 1e-6), between(0, 0.9e-6)},
		"beside zero":              {between(-1, 1e-6), between(-1, 5e-324)},
		"bins":                     {bins(0, 0.01, 1e6), bins(0, 0.001, 1e6)},
		"bins beside zero":         {bins(-1, 0, 1), bins(-1, 1e-300, 1)},
	} {
		for _, m := range c.planned {
			mustPlan(t, asked(1_000_000, m))
		}
		for _, m := range c.refused {
			var invalid *dp.InvalidQueryError
			if _, err := dp.NewPlan(asked(1_000_000, m), metadata); !errors.As(err, &invalid) {
				t.Errorf("%s: %s is planned, %v", name, m.Kind, err)
			}
		}
	}
}

// Sums and variances of a hundred million patients, all at the widest bounds, are answered as
// they are: a number is cut where receipts cannot spell it, and none comes that far.
func TestNoEstimateIsCut(t *testing.T) {
	const n = 100_000_000
	for kind, want := range map[dp.MeasureKind]float64{dp.Sum: n, dp.Variance: 0.25} { // in units of the range
		most := 0.0
		for _, bound := range []float64{1, 1e3, dp.MaxSummed, 1e8, dp.MaxBound} {
			m := dp.Measure{Kind: kind, Value: age, Low: -bound, High: bound}
			unit := 4 * bound * bound
			if kind == dp.Sum {
				m.Low, unit = 0, bound
			}
			p, err := dp.NewPlan(asked(1_000_000_000, m), metadata)
			if err != nil {
				continue
			}
			most = bound
			exact := make([]int64, p.Size())
			for i, t := range p.Tallies {
				switch q := t.Point(bound); {
				case t.Kind == dp.TallyValued:
					exact[i] = n
				case t.Kind == dp.TallySquare:
					exact[i] = n * ((q*q + 1<<19) >> 20)
				case kind == dp.Sum: // half of a variance's patients are at either bound
					exact[i] = n * q
				}
			}
			rows, err := p.Estimate(exact)
			if err != nil {
				t.Fatal(err)
			}
			if e := rows[0].Estimates[0]; math.Abs(e.Value/(want*unit)-1) > 1e-6 || e.Low > want*unit*(1+1e-6) || e.High < want*unit*(1-1e-6) {
				t.Errorf("%s within ±%g: %v, want %v", kind, bound, e, want*unit)
			}
		}
		if most < dp.MaxSummed {
			t.Errorf("%s is planned up to %v only", kind, most)
		}
	}
}

// Wherever the bounds may be, a patient's sum at a bound or in the middle becomes the point of
// that value, but for its rounding: no addend is cut.
func TestAddendsReachTheBounds(t *testing.T) {
	total := &dp.Value{Events: records(cohort.Measurement, 1), Field: dp.FieldValue, Reduce: dp.ReduceSum}
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-dp.MaxBound, dp.MaxBound).Draw(t, "low")
		high := low + math.Exp2(rapid.Float64Range(-20, 30).Draw(t, "log range"))
		kind := rapid.SampledFrom([]dp.MeasureKind{dp.Sum, dp.Mean, dp.Variance}).Draw(t, "kind")
		p, err := dp.NewPlan(asked(1_000_000, dp.Measure{Kind: kind, Value: total, Low: low, High: high}), metadata)
		if err != nil {
			return
		}
		for _, tally := range p.Tallies {
			if tally.Kind == dp.TallyValued {
				continue
			}
			for _, x := range []float64{low, low + (high-low)/2, high} {
				if off := tally.Total(tally.Addend(x), 1) - tally.Point(x); off < -2 || off > 2 {
					t.Fatalf("%v of %v to %v is %d beside its point", x, low, high, off)
				}
			}
		}
	})
}
