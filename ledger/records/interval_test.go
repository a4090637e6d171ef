package records_test

import (
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
)

// Every leaf stands where it is said to, public ones first, and hidden ones anywhere behind them: each place is as
// likely as another. A chi-square of 19 degrees of freedom is above 70 with a chance of 1e-7.
func TestIntervalPlaces(t *testing.T) {
	public, hidden := []ledger.Hash{{1}, {2}}, []ledger.Hash{{3}, {4}, {5}}
	const size, runs = 22, 4000
	counts := make([]int, size)
	for range runs {
		leaves, at := records.Interval(public, hidden, size)
		if len(leaves) != size || leaves[0] != public[0] || leaves[1] != public[1] {
			t.Fatalf("%d leaves, first %v", len(leaves), leaves[:2])
		}
		for i, h := range hidden {
			if leaves[at[i]] != h {
				t.Fatalf("leaf %d is not at %d", i, at[i])
			}
		}
		counts[at[0]]++
	}
	chi, want := 0.0, float64(runs)/(size-2)
	for place, n := range counts {
		if place < 2 && n > 0 {
			t.Fatalf("a hidden leaf at %d", place)
		}
		if place >= 2 {
			chi += (float64(n) - want) * (float64(n) - want) / want
		}
	}
	if chi > 70 {
		t.Errorf("chi-square %.1f of places %v", chi, counts)
	}
}
