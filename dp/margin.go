package dp

import (
	"fmt"
	"math"
	"sort"
)

// Margin is a wanted precision: half the width of a measure's 95% interval in each cell.
type Margin struct {
	// Measure is the index of the measure in the query, as it is written.
	Measure int
	// Half is the wanted half width, in the measure's unit; required.
	Half float64
	// Size is the number of patients with a value in the smallest cell of interest, as
	// declared or released before, never looked up. Required for proportion, mean and
	// variance, whose margin depends on it; the others do not use it.
	Size float64
}

// Margin returns half the width of the 95% interval of the number of patients in
// each cell, 0 if the query does not ask for it.
func (p Plan) Margin() float64 {
	for i, m := range p.Query.Measures {
		if m.Kind == Patients {
			half, _ := p.MarginOf(i, 0)
			return half
		}
	}
	return 0
}

// MarginOf returns half the width of the 95% interval of a measure of the plan in each
// cell, in the measure's unit: exactly, for counts and sums; for proportion, mean
// and variance in a cell of so many patients, to first order in the noise, at the
// values for which it is widest. The rounding of the disclosure rule is in it. For quantiles, whose margin depends on where
// the values lie, and for a size not above zero where it matters, it is not known.
func (p Plan) MarginOf(measure int, size float64) (half float64, known bool) {
	m := p.Query.Measures[measure]
	var off []float64 // of one number of each series, as its deviation times z
	for _, s := range p.needs(m) {
		off = append(off, mul(z, p.Series[s].deviation(1)))
	}
	rounding := p.Metadata.Disclosure.rounding()
	t := m.fixed(TallySum, m.centre()) // of mean and variance
	most := mul(float64(t.Point(m.High)), point)
	switch m.Kind {
	case Patients, Records, Histogram:
		return off[0] + rounding, true
	case Sum:
		return off[0] / Fixed * m.fixed(TallySum, 0).Half, true
	case Quantiles:
		return 0, false
	case Proportion: // of nobody or of all
		half = off[0] + mul(math.Sqrt2, rounding)
	case Mean: // at a bound
		half = t.Half * (norm(off[0]*most, off[1]/Fixed) + mul(rounding, most))
	case Variance: // of values all at a bound
		half = t.Half * t.Half * (norm(off[0]*most*most, 2*most*off[1]/Fixed, off[2]/Fixed) + mul(rounding, most*most))
	}
	return half / size, size > 0
}

// norm is the root of the sum of the squares, of numbers neither large nor small.
func norm(xs ...float64) float64 {
	var sum float64
	for _, x := range xs {
		sum += mul(x, x)
	}
	return math.Sqrt(sum)
}

// CostForMargin returns the least nano-rho to offer in a query so that its plan's MarginOf is
// at most the wanted one. The query's own NanoRho is not looked at. A query that
// cannot be planned, or a margin that is not known or narrower than the least noise
// allows, is an *InvalidQueryError.
func CostForMargin(q Query, m Metadata, want Margin) (nanoRho int64, err error) {
	q.NanoRho = MaxNanoRho
	p, err := NewPlan(q, m)
	if err != nil {
		return 0, err
	}
	measure, err := p.measure(q, m, want.Measure)
	if err != nil {
		return 0, err
	}
	least, known := p.MarginOf(measure, want.Size)
	switch {
	case !known && p.Query.Measures[measure].Kind == Quantiles:
		return 0, invalid("margin", "of quantiles is not known beforehand: say nano_rho instead")
	case !known:
		return 0, invalid("margin_size", "must be above zero for a margin of %q: how many patients have a value in the smallest group of interest, "+
			"as was declared or released before", string(p.Query.Measures[measure].Kind))
	case !(least <= want.Half):
		return 0, invalid("margin", "must be at least %.3g", least)
	}
	shares := len(p.Series)
	most := leastNoise * shares
	needs := p.needs(p.Query.Measures[measure])
	n := shares + sort.Search(most-shares, func(i int) bool {
		for _, s := range needs { // only these say how wide the margin is
			bought, e := p.Series[s].buy(m.accounting(), int64((shares+i)/shares), p.Query.cells())
			if e != nil {
				err = e
				return true
			}
			p.Series[s] = bought
		}
		half, _ := p.MarginOf(measure, want.Size)
		return half <= want.Half
	})
	if err != nil {
		return 0, fmt.Errorf("cost for margin: %w", err)
	}
	return int64(n), nil
}

// measure is the index, in the plan, of the measure that is number i in q as it was written.
func (p Plan) measure(q Query, m Metadata, i int) (int, error) {
	if i < 0 || i > max(0, len(q.Measures)-1) {
		return 0, invalid("margin", "is of a measure that is not asked for")
	}
	c := Measure{Kind: Patients}
	if len(q.Measures) > 0 {
		var err error
		if c, err = canonicalMeasure(at("measures", i), q.Measures[i], m); err != nil {
			return 0, err
		}
	}
	for j, o := range p.Query.Measures {
		if same(o, c) {
			return j, nil
		}
	}
	return 0, ErrPlan
}
