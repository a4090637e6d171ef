package dp

import "math"

// branching is that of the tree above the bins of a quantile.
const branching = 4

// level is the released numbers of one level of a tree over bins, the bins themselves
// being level 0: the node j of level l has the bins from j 4^l to (j+1) 4^l. What has no tree has
// level 0 only.
type level struct {
	values      []int64
	deviation   float64
	rounding    float64 // by how much the disclosure rule has changed each at most
	suppressing bool    // whether it may have put Suppressed in their place
}

// tree is what the levels say together. sums[l][j] is the best estimate, of all that are linear
// and unbiased, of the number of patients in node j of level l that can be made from the
// released numbers of the node and of what is below it; variance[l] is its variance, in units of
// that of the noise, which is the same on all levels. With y the node's own number and u the
// sum of its children's estimates, whose variance is 4 v, it is a y + (1-a) u with a = 4v/(1+4v)
// (Hay, Rastogi, Miklau and Suciu 2010).
type tree struct {
	sums      [][]float64
	variance  []float64
	deviation float64
}

func treeOf(levels []level) tree {
	t := tree{deviation: levels[0].deviation}
	for l, level := range levels {
		sums, v := make([]float64, len(level.values)), 1.0
		weight := 1.0
		if l > 0 {
			below := mul(branching, t.variance[l-1])
			weight = below / (1 + below)
			v = weight
		}
		for j, y := range level.values {
			sums[j] = float64(y)
			if l > 0 {
				u := t.children(l, j)
				sums[j] = u + mul(weight, float64(y)-u)
			}
		}
		t.sums, t.variance = append(t.sums, sums), append(t.variance, v)
	}
	return t
}

// children is the sum of the estimates right below a node.
func (t tree) children(l, j int) (sum float64) {
	for _, x := range t.sums[l-1][j*branching : (j+1)*branching] {
		sum += x
	}
	return sum
}

// balance is, at the edge below bin i,
//
//	d = (1-rank) (number below) - rank (number above)
//
// and the standard deviation of its noise. d is below zero at every edge at or
// below the quantile and not below zero above it, whatever the number of
// patients is.
//
// It goes up the path of nodes that the edge splits. Of the split node s it knows d's part, its
// variance and its covariance with the node's estimate, and its slope: what it changes by when s
// is changed and spreads that evenly downwards. The parent's estimate z differs from
// the sum u of its children's by what its own number says, and each child takes a
// quarter of that: d of the parent is t + slope (z - u), where t adds the siblings, each
// weighted by the side that it is on, to the part of s.
func (t tree) balance(i int, rank float64) normal {
	var part, variance, covariance, slope float64
	split := 0 // 1 once a node is partly below and partly above
	top := len(t.sums) - 1
	for l, sums := range t.sums {
		first := i - i%branching
		if i == first && split == 0 && l < top {
			i /= branching
			continue
		}
		below, above := i-first, branching-split-(i-first)
		if i == len(sums) { // the edge above everything
			first, below, above = 0, branching, 0
		}
		for j, x := range sums[first : first+branching] {
			switch {
			case j < below:
				part += mul(1-rank, x)
			case j >= branching-above:
				part -= mul(rank, x)
			}
		}
		weights := mul(float64(below), 1-rank) - mul(float64(above), rank)
		squares := mul(float64(below), mul(1-rank, 1-rank)) + mul(float64(above), mul(rank, rank))
		v := t.variance[l]
		variance += mul(squares, v)
		covariance += mul(weights, v)
		if l == top {
			break
		}
		slope = (weights + slope) / branching
		i /= branching
		split = 1
		u := t.children(l+1, i)
		part += mul(slope, t.sums[l+1][i]-u)
		a := t.variance[l+1] // also the weight of the parent's own number
		variance += mul(mul(slope, slope), mul(mul(a, a), 1+mul(branching, v))) - mul(2, mul(mul(slope, a), covariance))
		covariance = mul(1-a, covariance)
	}
	return normal{part, mul(t.deviation, math.Sqrt(math.Max(0, variance)))}
}

// quantile estimates where the balance passes zero. The 95% set is the hull of the bins
// that two one-sided tests at 2.5% leave: the balance not clearly above zero at
// the bin's lower edge, nor clearly below it at its upper edge. The bin of the true
// quantile passes both with 95% at least, as the edges around it do not depend on
// the noise. Some bin always passes: one that fails at its upper edge makes the
// next pass at its lower one, and the outermost edges are not tested.
func (t tree) quantile(edges []float64, rank float64) (value float64, set span) {
	bins := len(edges) - 1
	at := make([]normal, bins+1)
	for i := range at {
		at[i] = t.balance(i, rank)
	}
	lowest, highest := -1, -1
	for i := range bins {
		if (i == 0 || at[i].value <= mul(z, at[i].deviation)) && (i+1 == bins || at[i+1].value >= -mul(z, at[i+1].deviation)) {
			highest = i
			if lowest < 0 {
				lowest = i
			}
		}
	}
	bin := crossing(at)
	part := 0.5
	if below, above := at[bin].value, at[bin+1].value; below < 0 && above > 0 {
		part = -below / (above - below)
	}
	value = edges[bin] + mul(edges[bin+1]-edges[bin], part)
	return value, span{edges[lowest], edges[highest+1]}.with(value)
}

// crossing is the bin at whose lower edge the balance best turns from below zero to not
// below: the one with the least sum of what is on the wrong side, the first of several.
func crossing(at []normal) int {
	last := len(at) - 1
	cost := 0.0 // of bin 0: the inner edges with a balance below zero
	for _, d := range at[1:last] {
		cost -= math.Min(d.value, 0)
	}
	bin, least := 0, cost
	for i := 1; i < last; i++ {
		cost += at[i].value // a positive one is now wrong, a negative one no longer
		if cost < least {
			bin, least = i, cost
		}
	}
	return bin
}
