package dp_test

import (
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

// What is told beforehand of a quantile is how far its interval reaches, in ranks: here of values
// that lie evenly, so that a rank is a part of the range. Without noise drawn the reach is what the tests at the edges
// make of its deviation, and a bin at most beside it.
func TestPrecisionOfQuantiles(t *testing.T) {
	const size = 50_000
	town := make([]patient, size)
	for i := range town {
		town[i] = patient{0: {values: []float64{-10 + 100*(float64(i)+0.5)/size}}}
	}
	for _, rank := range []float64{0.05, 0.5, 0.9} {
		q := asked(1_000_000, dp.Measure{Kind: dp.Quantiles, Value: age, Low: -10, High: 90, Ranks: []float64{rank}})
		p := mustPlan(t, q)
		x := p.Precision(0)
		e := answer(t, p, town, noisetest.None(t))[0].Estimates[0]
		reach, told := max(e.High-e.Value, e.Value-e.Low)/100, x.In(size)
		if !x.Ranks || x.Exact || reach > told+2.0/1024 || reach < told/2 {
			t.Errorf("rank %v: reaches %v, told %v", rank, reach, told)
		}
	}
}

// The precision of the other measures is MarginOf's, and never worse than knowing nothing.
func TestPrecisionIsTheMargin(t *testing.T) {
	p := mustPlan(t, everything(2_000_000))
	for i, m := range p.Query.Measures {
		x := p.Precision(i)
		want, known := p.MarginOf(i, 1e6)
		if known && math.Abs(x.In(1e6)-want) > want*1e-12 {
			t.Errorf("%s: %v in a million, the margin says %v", m.Kind, x.In(1e6), want)
		}
		most := map[dp.MeasureKind]float64{dp.Proportion: 1, dp.Mean: 100, dp.Variance: 2500, dp.Quantiles: 1}[m.Kind]
		if (most == 0) != x.Exact || !x.Exact && x.In(1e-9) != most {
			t.Errorf("%s: %+v, in nobody %v", m.Kind, x, x.In(1e-9))
		}
	}
}
