package dp

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/noise"
)

// Release adds noise of each series' standard deviation to its numbers and returns what
// may leave the hospital. Numbers may be negative: cutting them off at zero
// would bias every sum of cells. After an error nothing may be released, and the
// charge stands. Errors tell nothing of the counts.
func Release(p Plan, e Exact, src noise.Source) ([]int64, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	exact := e.vector()
	if len(exact) != p.Size() {
		return nil, fmt.Errorf("release: %w", ErrShape)
	}
	noisy := make([]int64, 0, p.Released())
	for _, s := range p.Series {
		from, width := p.Offset(s.Tally), p.Tallies[s.Tally].Width
		numbers := exact[from : from+width*len(p.Cells)]
		for ; width > s.Width; width /= branching { // up the tree
			numbers = sums(numbers, branching)
		}
		for _, x := range numbers {
			y, err := src.AddGaussian(x, s.Sigma)
			if err != nil {
				return nil, fmt.Errorf("release: adding noise: %w", err)
			}
			noisy = append(noisy, y)
		}
	}
	return noisy, nil
}

// sums adds every n numbers.
func sums(numbers []int64, n int) []int64 {
	out := make([]int64, len(numbers)/n)
	for i, x := range numbers {
		out[i/n] += x
	}
	return out
}
