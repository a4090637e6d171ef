package dp

import (
	"fmt"
	"math"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// Series is one kind of released numbers, Width for each cell.
type Series struct {
	Tally int `json:"tally"` // index into the plan's
	// Level, of a tally whose bins have a tree, is how far above the bins the sums
	// are: each is of branching^Level bins.
	Level int `json:"level,omitempty"`
	Width int `json:"width"`
	// Sensitivity is by how much one patient changes the numbers of one cell, as
	// the L2 norm of the change.
	Sensitivity int64 `json:"sensitivity"`
	// Sigma is the standard deviation of the noise on each number, in its unit.
	Sigma float64 `json:"sigma"`
	// Cost is that of the noise for a patient who is in as many cells as the query allows.
	Cost accountant.Cost `json:"cost"`
}

// shapes are the series of the tallies, without noise and cost.
func shapes(tallies []Tally) []Series {
	var all []Series
	for i, t := range tallies {
		width := t.Width
		for level := range t.levels() { // a patient is in one node of each level
			all = append(all, Series{Tally: i, Level: level, Width: width, Sensitivity: t.sensitivity()})
			width /= branching
		}
	}
	return all
}

func (s Series) like(o Series) bool {
	return s.Tally == o.Tally && s.Level == o.Level && s.Width == o.Width && s.Sensitivity == o.Sensitivity
}

// squared is the square of the L2 sensitivity to a patient who is in so many cells.
func (s Series) squared(cells int) int64 { return s.Sensitivity * s.Sensitivity * int64(cells) }

// series divides the query's nano-rho evenly: of all divisions this one has the least
// sum of variances, each in units of its squared sensitivity, since the sum of
// 1/(2 rho_i) under a fixed sum of rho_i is least where they are equal.
func series(q Query, tallies []Tally) ([]Series, accountant.Cost, error) {
	all := shapes(tallies)
	share := q.NanoRho / int64(len(all))
	if share < 1 {
		return nil, accountant.Cost{}, invalid("nano_rho", "must be at least %d for these measures", len(all))
	}
	var total accountant.Cost
	bought := make(map[int64]Series) // by sensitivity
	for i := range all {
		s := &all[i]
		b, ok := bought[s.Sensitivity]
		var err error
		if !ok {
			if b.Sigma, b.Cost, err = spend(share, s.squared(q.cells())); err != nil {
				return nil, accountant.Cost{}, fmt.Errorf("plan noise: %w", err)
			}
			bought[s.Sensitivity] = b
		}
		s.Sigma, s.Cost = b.Sigma, b.Cost
		if total, err = total.Add(s.Cost); err != nil {
			return nil, accountant.Cost{}, fmt.Errorf("plan noise: %w", err)
		}
	}
	return all, total, nil
}

// spend returns the least noise that nanoRho buys at a squared sensitivity, and its
// cost. It is never less than the sensitivity, where the bound on the noise would
// come near to the data. The noise drawn is a little more than wanted and its
// standard deviation has few binary digits, too few to lie within the square
// root's rounding below the exact root and not on it; so the cost does not
// exceed nanoRho. NewPlan checks that.
func spend(nanoRho, squared int64) (sigma float64, cost accountant.Cost, err error) {
	d := float64(squared)
	wanted := math.Sqrt(d * math.Max(1, accountant.NanoPerRho/2/float64(nanoRho)))
	if sigma, err = noise.Sigma(wanted); err != nil {
		return 0, accountant.Cost{}, err
	}
	if cost, err = accountant.Gaussian(sigma, squared); err == nil && cost.NanoRho > nanoRho {
		err = accountant.ErrSigma
	}
	return sigma, cost, err
}
