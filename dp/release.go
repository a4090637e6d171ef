package dp

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/noise"
)

// Release adds each series' noise to its numbers and returns what
// may leave the hospital. Numbers may be negative: cutting them off at zero
// would bias every sum of cells. The dataset's disclosure rule is applied last, to
// numbers with noise. After an error nothing may be released, and the
// charge stands. Errors tell nothing of the counts.
func Release(p Plan, e Exact, src noise.Source) ([]int64, error) {
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	if p.Query.PrivateKeys() {
		return p.releaseKeys(e, src)
	}
	exact := e.vector()
	if len(exact) != p.Size() {
		return nil, fmt.Errorf("release: %w", ErrShape)
	}
	noisy := make([]int64, 0, p.Released())
	for _, s := range p.Series {
		t, from := p.Tallies[s.Tally], p.Offset(s.Tally)
		var err error
		if noisy, err = s.release(noisy, exact[from:from+p.slots(t)], t.Width, src); err != nil {
			return nil, err
		}
	}
	p.disclose(p.cut(noisy))
	return noisy, nil
}

// release appends to noisy the series' numbers, with noise, of cells in which the tally has width.
func (s Series) release(noisy, numbers []int64, width int, src noise.Source) ([]int64, error) {
	for ; width > s.Width; width /= branching { // up the tree
		numbers = sums(numbers, branching)
	}
	for _, x := range numbers {
		y, err := s.draw(x, src)
		if err != nil {
			return nil, fmt.Errorf("release: adding noise: %w", err)
		}
		noisy = append(noisy, y)
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
