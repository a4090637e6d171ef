package dp

import "math"

// Precision is what is known beforehand, of the plan alone, about half the width of a measure's 95% interval in a cell.
type Precision struct {
	// Exact: it is Half, in the measure's unit, whatever the data. So it is for counts and sums.
	Exact bool
	Half  float64
	// Times, for the others: in a cell of n patients who have a value it is about Times/n, at most, to first order in the noise;
	// and never more than Most.
	Times float64
	Most  float64
	// Ranks, for quantiles: Times and Most are differences of rank, since the values between two ranks are the data's to
	// tell. A quantile is not known better than to a thousandth of its bounds' range in any case.
	Ranks bool
}

// In is the half width in a cell of n > 0 patients, all with a value; an estimate unless it is Exact.
func (x Precision) In(n float64) float64 {
	if x.Exact {
		return x.Half
	}
	return min(x.Times/n, x.Most)
}

// Precision is that of a measure of the plan.
func (p Plan) Precision(measure int) Precision {
	m := p.Query.Measures[measure]
	if half, exact := p.MarginOf(measure, 0); exact {
		return Precision{Exact: true, Half: half}
	}
	if m.Kind == Quantiles {
		return Precision{Times: p.rankMargin(m), Most: 1, Ranks: true}
	}
	times, _ := p.MarginOf(measure, 1)
	x := Precision{Times: times, Most: 1}
	switch m.Kind {
	case Mean:
		x.Most = m.High - m.Low
	case Variance:
		x.Most = mul(m.High-m.Low, m.High-m.Low) / 4
	}
	return x
}

// rankMargin is z times the greatest deviation that the balance at an edge of the quantiles' tree has: the balance
// rises by n from rank 0 to rank 1, so it is where the intervals' tests turn, in ranks times n.
func (p Plan) rankMargin(m Measure) float64 {
	var levels []level
	for _, s := range p.needs(m) {
		levels = append(levels, level{values: make([]int64, p.Series[s].Width), deviation: p.Series[s].deviation(1)})
	}
	t, most := treeOf(levels), 0.0
	for _, rank := range m.Ranks {
		for i := range len(levels[0].values) + 1 {
			most = math.Max(most, t.balance(i, rank).deviation)
		}
	}
	return mul(z, most)
}
