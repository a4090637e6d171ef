package dp

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
)

// Series is one kind of released numbers, Width for each cell.
type Series struct {
	Tally int `json:"tally"` // index into the plan's
	// Level, of a tally whose bins have a tree, is how far above the bins the sums
	// are: each is of branching^Level bins.
	Level int `json:"level,omitempty"`
	Width int `json:"width"`
	// Sensitivity is by how much one patient changes the numbers of one cell: one of them, so
	// that it is the L1 and the L2 norm of the change.
	Sensitivity int64 `json:"sensitivity"`
	// Sigma is the standard deviation of Gaussian noise on each number, in its unit; 0 with Laplace noise.
	Sigma float64 `json:"sigma,omitempty"`
	// NanoEpsilon is the loss of each number to Laplace noise of scale 10⁹ Sensitivity/NanoEpsilon; 0 with Gaussian noise.
	NanoEpsilon int64 `json:"nano_epsilon,omitempty"`
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
// 1/(2 rho_i) under a fixed sum of rho_i is least where they are equal; as is, for Laplace noise, that of 2/epsilon_i² under a fixed
// sum of epsilon_i.
func series(q Query, m Metadata, tallies []Tally) ([]Series, accountant.Cost, error) {
	all := shapes(tallies)
	share := q.NanoRho / int64(len(all))
	if share < 1 {
		return nil, accountant.Cost{}, invalid("nano_rho", "must be at least %d for these measures", len(all))
	}
	var total accountant.Cost
	type change struct { // of a patient
		sensitivity int64
		reach       int
	}
	bought := make(map[change]Series)
	for i, s := range all {
		c := change{s.Sensitivity, q.reach(tallies[s.Tally])}
		b, ok := bought[c]
		var err error
		if !ok {
			if b, err = s.buy(m.accounting(), share, c.reach); err != nil {
				return nil, accountant.Cost{}, fmt.Errorf("plan noise: %w", err)
			}
			bought[c] = b
		}
		all[i].Sigma, all[i].NanoEpsilon, all[i].Cost = b.Sigma, b.NanoEpsilon, b.Cost
		if total, err = total.Add(b.Cost); err != nil {
			return nil, accountant.Cost{}, fmt.Errorf("plan noise: %w", err)
		}
	}
	return all, total, nil
}
