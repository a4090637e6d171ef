package dp

import (
	"math"
	"slices"
	"strconv"
)

// estimates turns what the series of the measure's tallies say of a cell into its numbers.
func (m Measure) estimates(told []level) []Estimate {
	switch m.Kind {
	case Patients, Records:
		return []Estimate{told[0].count("", 0)}
	case Histogram:
		labels := binLabels(m.Edges)
		out := make([]Estimate, len(labels))
		for i, l := range labels {
			out[i] = told[0].count(l, i)
		}
		return out
	}
	if slices.ContainsFunc(told, level.suppressed) {
		return m.suppressed()
	}
	switch m.Kind {
	case Proportion:
		value, set := share(told[0].counted(0), told[0].counted(1))
		return []Estimate{shown("", value, set)}
	case Sum:
		return []Estimate{m.total(told[0])}
	case Mean:
		return []Estimate{m.mean(told[0], told[1])}
	case Variance:
		return m.variance(told[0], told[1], told[2])
	default:
		return m.quantiles(told)
	}
}

// suppressed is what the measure shows where it shows nothing.
func (m Measure) suppressed() []Estimate {
	labels := []string{""}
	switch m.Kind {
	case Variance:
		labels = []string{"", labelSD}
	case Quantiles:
		labels = rankLabels(m.Ranks)
	}
	out := make([]Estimate, len(labels))
	for i, l := range labels {
		out[i] = Estimate{Label: l, Suppressed: true}
	}
	return out
}

func (l level) number(slot int) normal { return normal{float64(l.values[slot]), l.deviation} }

func (l level) suppressed() bool { return l.suppressing && slices.Contains(l.values, Suppressed) }

// counted is one of the two counts yes and no of a proportion r, with rounding taken for noise.
// In (1-r) yes - r no, which is zero but for noise, rounding makes a difference of at most
//
//	(1-r) rounding + r rounding = rounding <= √((1-r)² + r²) √2 rounding
//
// and the right side is what z standard deviations of noise grow by.
func (l level) counted(slot int) normal {
	return normal{float64(l.values[slot]), l.deviation + mul(math.Sqrt2, l.rounding)/z}
}

// point is one unit of the last place of a fixed-point number, three of which a value
// may lose on its way into a tally; intervals of ratios allow for them.
const point = 1.0 / Fixed

// total is a sum of values, whose centre is zero.
func (m Measure) total(sum level) Estimate {
	t := m.fixed(TallySum, 0)
	n := sum.number(0).over(Fixed)
	value, off := mul(n.value, t.Half), mul(mul(z, n.deviation), t.Half)
	return shown("", value, span{value - off, value + off})
}

// mean is the centre and the ratio of the sum of the points to their number.
func (m Measure) mean(valued, sum level) Estimate {
	t := m.fixed(TallySum, m.centre())
	within := span{(m.Low - t.Centre) / t.Half, (m.High - t.Centre) / t.Half}
	n, s := valued.number(0), sum.number(0).over(Fixed)
	value := quotient(s, n, within)
	set := valued.unrounded(within, func(n normal) span { return ratioAround(quotient(s, n, within), s, n, 0, within) })
	bounds := span{m.Low, m.High}
	at := func(r float64) float64 { return bounds.clamp(t.Centre + mul(t.Half, r)) }
	return shown("", at(value), span{at(set.low - 3*point), at(set.high + 3*point)})
}

// variance is that of the values as a whole population, and its square root.
func (m Measure) variance(valued, sum, squares level) []Estimate {
	t := m.fixed(TallySum, m.centre())
	within := span{(m.Low - t.Centre) / t.Half, (m.High - t.Centre) / t.Half}
	squared, s := squares.number(0).over(Fixed), sum.number(0).over(Fixed)
	value, _ := spread(squared, s, valued.number(0), within)
	set := valued.unrounded(span{0, mul(within.high, within.high)}, func(n normal) span {
		_, set := spread(squared, s, n, within)
		return set
	})
	unit := mul(t.Half, t.Half)
	most := mul(unit, mul(within.high, within.high))
	v := mul(unit, value)
	set = span{math.Max(0, mul(unit, set.low-12*point)), math.Min(most, mul(unit, set.high+12*point))}.with(v)
	return []Estimate{shown("", v, set), shown(labelSD, math.Sqrt(v), span{math.Sqrt(set.low), math.Sqrt(set.high)})}
}

func (m Measure) quantiles(levels []level) []Estimate {
	edges, tree := m.tallies()[0].Edges, treeOf(levels)
	out := make([]Estimate, len(m.Ranks))
	labels := rankLabels(m.Ranks)
	for i, rank := range m.Ranks {
		value, set := tree.quantile(edges, rank)
		out[i] = shown(labels[i], value, set)
	}
	return out
}

// labelSD is that of a standard deviation.
const labelSD = "sd"

func rankLabels(ranks []float64) []string {
	out := make([]string, len(ranks))
	for i, rank := range ranks {
		out[i] = "p" + strconv.FormatFloat(100*rank, 'g', 4, 64)
	}
	return out
}

// unrounded is the hull of the sets that of gives for the numbers of patients n that the
// released one may have been before it was rounded. A ratio to n is monotonic in n while n is
// above zero, so the outermost tell; down from zero all is possible.
func (l level) unrounded(all span, of func(n normal) span) span {
	n := l.number(0)
	set := of(n)
	if l.rounding == 0 {
		return set
	}
	if n.value <= l.rounding {
		return all
	}
	for _, off := range []float64{-l.rounding, l.rounding} {
		s := of(normal{n.value + off, n.deviation})
		set = set.with(s.low).with(s.high)
	}
	return set
}

// count is a released count and its interval, rounded outward to whole numbers.
func (l level) count(label string, slot int) Estimate {
	if l.suppressing && l.values[slot] == Suppressed {
		return Estimate{Label: label, Suppressed: true}
	}
	n := l.number(slot)
	m := mul(z, n.deviation) + l.rounding
	return Estimate{Label: label, Value: held(n.value), Low: held(math.Floor(n.value - m)), High: held(math.Ceil(n.value + m))}
}

// shown rounds an estimate to what its readers need, and to numbers that JSON holds.
func shown(label string, value float64, set span) Estimate {
	return Estimate{Label: label, Value: nine(value), Low: nine(set.low), High: nine(set.high)}
}

// held clamps to where whole numbers are exact, beyond which receipts cannot spell them,
// and makes a negative zero positive. It cuts no variance, since the square of MaxSummed
// is less, nor, without noise, a sum over fewer than 180 million patients.
func held(x float64) float64 {
	const most = 1<<53 - 1
	return math.Min(math.Max(x, -most), most) + 0
}

// nine rounds to nine significant digits.
func nine(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 9, 64), 64)
	if err != nil { // only beyond all numbers
		r = x
	}
	return held(r)
}

// binLabels names the bins "[0,10)", ..., "[90,100]".
func binLabels(edges []float64) []string {
	labels := make([]string, len(edges)-1)
	for i := range labels {
		closing := ")"
		if i == len(labels)-1 {
			closing = "]"
		}
		labels[i] = "[" + number(edges[i]) + "," + number(edges[i+1]) + closing
	}
	return labels
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
