package dp

import (
	"math"
	"math/rand/v2"
	"testing"
)

// grown is a tree's levels over the bins, with noise.
func grown(bins []int64, r *rand.Rand, sigma float64) []level {
	var out []level
	for len(bins) > 1 {
		noisy := make([]int64, len(bins))
		for i, x := range bins {
			noisy[i] = x + int64(math.Round(sigma*r.NormFloat64()))
		}
		out = append(out, level{values: noisy, deviation: sigma})
		bins = sums(bins, branching)
	}
	return out
}

// The balance is exact without noise, and with it has the variance that it says: four times in
// a million tries one of the 66 below is five standard errors off (the seed is fixed).
func TestBalance(t *testing.T) {
	const n, runs, sigma = 64, 4000, 1000
	r := rand.New(rand.NewPCG(5, 6))
	bins := make([]int64, n)
	for i := range bins {
		bins[i] = int64(r.IntN(1000))
	}
	exact := treeOf(grown(bins, r, 0))
	trees := make([]tree, runs)
	for i := range trees {
		trees[i] = treeOf(grown(bins, r, sigma))
	}
	for _, rank := range []float64{0.1, 0.5} {
		for i := 0; i <= n; i += 2 {
			var want float64
			for j, x := range bins {
				if j < i {
					want += (1 - rank) * float64(x)
				} else {
					want -= rank * float64(x)
				}
			}
			if got := exact.balance(i, rank).value; math.Abs(got-want) > 1e-6 {
				t.Fatalf("balance at %d is %v, want %v", i, got, want)
			}
			var sum, squares, says float64
			for _, tree := range trees {
				b := tree.balance(i, rank)
				sum += b.value - want
				squares += (b.value - want) * (b.value - want)
				says = b.deviation
			}
			if off := sum / runs / says * math.Sqrt(runs); math.Abs(off) > 5 {
				t.Errorf("balance at %d is biased by %v standard errors", i, off)
			}
			if ratio := squares / runs / (says * says); math.Abs(ratio-1) > 5*math.Sqrt(2.0/runs) {
				t.Errorf("variance at %d, rank %v is %v of what it says", i, rank, ratio)
			}
		}
	}
}

// What a quantile is found by has less than two thirds of the variance that adding the fewest
// nodes would give, and less than half at the ends.
func TestBalanceIsBetterThanNodeByNode(t *testing.T) {
	levels := grown(make([]int64, leaves), rand.New(rand.NewPCG(5, 6)), 1)
	tree := treeOf(levels)
	for rank, share := range map[float64]float64{0.5: 2.0 / 3, 0.1: 0.5, 0.95: 0.5} {
		var better, plain float64
		for i := 1; i < leaves; i++ {
			d := tree.balance(i, rank).deviation
			better += d * d
			plain += nodeByNode(i, rank, len(levels))
		}
		if better > plain*share {
			t.Errorf("rank %v: variance %v, node by node %v", rank, better, plain)
		}
		t.Logf("rank %v: %.3f of node by node", rank, better/plain)
	}
}

// nodeByNode is the variance of a balance that adds the fewest nodes.
func nodeByNode(i int, rank float64, levels int) (v float64) {
	split := 0
	for range levels {
		j := i % branching
		if j > 0 || split > 0 {
			v += float64(j)*(1-rank)*(1-rank) + float64(branching-j-split)*rank*rank
			split = 1
		}
		i /= branching
	}
	return v
}
