package dp

import "math"

// Every product below is converted to float64, so that no platform fuses it with a sum:
// who verifies an answer gets the same bits as who gave it.
func mul(x, y float64) float64 { return float64(x * y) }

// normal is a released number as an estimator sees it: its expectation is the exact
// number, its noise normal with the deviation.
type normal struct{ value, deviation float64 }

// over is n divided by an exact number.
func (n normal) over(d float64) normal { return normal{n.value / d, n.deviation / d} }

// span is a range of possible values; low <= high.
type span struct{ low, high float64 }

func (s span) clamp(x float64) float64 { return math.Min(math.Max(x, s.low), s.high) }

// with is the least span around s and x.
func (s span) with(x float64) span { return span{math.Min(s.low, x), math.Max(s.high, x)} }

// ratio is the set that contains a/b with the probability that z stands for, where a and
// b are the exact numbers behind two released ones whose noise has the given
// covariance (Fieller 1954): all r in within with
//
//	(a - r b)² <= z² (var a - 2 r cov + r² var b)
//
// At the true r the left side is the square of normal noise whose variance stands on the right, so
// the probability is exact for any b, zero and less included. The set may be an
// interval, or two, of which it returns the hull; if none of it is in within, not ok.
func ratio(a, b normal, covariance, z float64, within span) (set span, ok bool) {
	z2, va, vb := mul(z, z), mul(a.deviation, a.deviation), mul(b.deviation, b.deviation)
	// p r² - 2 q r + c <= 0
	ab := mul(a.value, b.value)
	p := mul(b.value, b.value) - mul(z2, vb)
	q := ab - mul(z2, covariance)
	c := mul(a.value, a.value) - mul(z2, va)
	// d = q² - p c, without the squares of all patients, which cancel and leave their rounding
	d := mul(z2, mul(va, mul(b.value, b.value))+mul(vb, mul(a.value, a.value))-mul(2, mul(ab, covariance))) -
		mul(mul(z2, z2), mul(va, vb)-mul(covariance, covariance))
	if !(p > 0) && !(d > 0) {
		return within, true
	}
	d = math.Max(0, d) // where p > 0 it is not below zero but by rounding: a/b is in the set
	root := math.Sqrt(d)
	if p > 0 {
		set = span{math.Max((q-root)/p, within.low), math.Min((q+root)/p, within.high)}
		return set, set.low <= set.high
	}
	if p == 0 { // 2 q r >= c
		return half(q, c/2/q, within)
	}
	below, above := (q+root)/p, (q-root)/p // all r up to below and from above on
	set = within
	if below < within.low {
		set.low = math.Max(above, within.low)
	}
	if above > within.high {
		set.high = math.Min(below, within.high)
	}
	return set, set.low <= set.high
}

// half is the part of within where q r >= q edge.
func half(q, edge float64, within span) (set span, ok bool) {
	set = within
	if q > 0 {
		set.low = math.Max(set.low, edge)
	} else {
		set.high = math.Min(set.high, edge)
	}
	return set, set.low <= set.high
}

// quotient is a/b where b is a number of patients, at least one.
func quotient(a, b normal, within span) float64 {
	return within.clamp(a.value / math.Max(1, b.value))
}

// share estimates yes/(yes + no) of two numbers with independent noise of one deviation.
func share(yes, no normal) (value float64, set span) {
	within := span{0, 1}
	v := mul(yes.deviation, yes.deviation)
	all := normal{yes.value + no.value, math.Sqrt(mul(2, v))}
	value = quotient(yes, all, within)
	return value, ratioAround(value, yes, all, v, within)
}

// ratioAround is the 95% set of a ratio and its estimate.
func ratioAround(value float64, a, b normal, covariance float64, within span) span {
	set, ok := ratio(a, b, covariance, z, within)
	if !ok {
		return span{value, value}
	}
	return set.with(value)
}

// Of the 5% by which an interval of a variance may miss, one part in fifty goes to the mean.
const (
	zMean   = 3.2905267314919255 // two-sided 0.1%
	zSpread = 1.9685916691865943 // two-sided 4.9%
)

// spread estimates the variance of n values of which s is the sum and t the sum of the
// squares, all values lying in within. With r the mean and v the variance,
//
//	t - 2 r s + r² n = v n,
//
// so for a given r the set of v - r² is that of the ratio (t - 2 r s)/n, whose noise is
// independent above and below. The 95% set is the hull of these over the r that
// the noise allows at 99.9%. It depends on r in second order only, so a grid does.
func spread(t, s, n normal, within span) (value float64, set span) {
	mean := quotient(s, n, within)
	most := func(r float64) float64 { return math.Max(0, mul(within.high-r, r-within.low)) }
	value = span{0, most(mean)}.clamp(t.value/math.Max(1, n.value) - mul(mean, mean))
	set = span{value, value}
	means, ok := ratio(s, n, 0, zMean, within)
	if !ok {
		means = span{mean, mean}
	}
	means = means.with(mean)
	const steps = 32
	for i := 0; i <= steps+1; i++ {
		r := means.low + mul(means.high-means.low, float64(i)/steps)
		if i == steps+1 {
			r = mean
		}
		a := normal{
			value:     t.value - mul(2, mul(r, s.value)),
			deviation: math.Sqrt(mul(t.deviation, t.deviation) + mul(4, mul(mul(r, r), mul(s.deviation, s.deviation)))),
		}
		r2 := mul(r, r)
		if w, ok := ratio(a, n, 0, zSpread, span{-r2, most(r) - r2}); ok {
			set = set.with(w.low + r2).with(w.high + r2)
		}
	}
	return value, set
}
