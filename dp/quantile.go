package dp

import "math"

// branching is that of the tree above the bins of a quantile.
const branching = 4

// level is the released numbers of one level of a tree over bins, the bins themselves
// being level 0: the node j of level l has the bins from j 4^l to (j+1) 4^l.
type level struct {
	values    []int64
	deviation float64
}

// balance is, at the edge below bin i,
//
//	d = (1-rank) (number below) - rank (number above)
//
// and the standard deviation of its noise. d is below zero at every edge at or
// below the quantile and not below zero above it, whatever the number of
// patients is. At each level at most branching nodes are read.
func balance(levels []level, i int, rank float64) normal {
	var d, variance float64
	add := func(l level, from, to int, weight float64) {
		for _, v := range l.values[from:to] {
			d += mul(weight, float64(v))
			variance += mul(mul(weight, weight), mul(l.deviation, l.deviation))
		}
	}
	split := 0 // 1 if node i is partly below and partly above
	for _, l := range levels {
		first := i - i%branching
		end := min(first+branching, len(l.values))
		if i > first || split > 0 {
			add(l, first, i, 1-rank)
			add(l, i+split, end, -rank)
			split = 1
		}
		i /= branching
	}
	if split == 0 { // an edge of the whole: everything is on one side
		top := levels[len(levels)-1]
		if i == 0 {
			add(top, 0, len(top.values), -rank)
		} else {
			add(top, 0, len(top.values), 1-rank)
		}
	}
	return normal{d, math.Sqrt(variance)}
}

// quantile estimates where the balance passes zero. The 95% set is the hull of the bins
// that two one-sided tests at 2.5% leave: the balance not clearly above zero at
// the bin's lower edge, nor clearly below it at its upper edge. The bin of the true
// quantile passes both with 95% at least, as the edges around it do not depend on
// the noise. Some bin always passes: one that fails at its upper edge makes the
// next pass at its lower one, and the outermost edges are not tested.
func quantile(levels []level, edges []float64, rank float64) (value float64, set span) {
	bins := len(edges) - 1
	at := make([]normal, bins+1)
	for i := range at {
		at[i] = balance(levels, i, rank)
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
