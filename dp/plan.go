package dp

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
)

// ErrPlan: a plan's parts do not fit together, so NewPlan did not make it.
var ErrPlan = errors.New("not a plan made by NewPlan")

// Plan is a query ready to be decided on, charged and counted. Query and Metadata
// determine the rest: to hash or compare plans, take those two. Treat it as
// read-only; who receives one from elsewhere makes it anew with NewPlan.
type Plan struct {
	Query    Query    `json:"query"` // canonical
	Metadata Metadata `json:"metadata"`
	// Cells are every combination of the groups' labels, in the order of the
	// exact and the released vector; the last group's label changes fastest.
	Cells []Cell `json:"cells"`
	// Sigma is the standard deviation, in patients, of the noise on each cell.
	Sigma float64 `json:"sigma"`
	// Cost is that of noise Sigma at sensitivity one: at most Query.NanoRho, no delta.
	Cost accountant.Cost `json:"cost"`
}

// NewPlan plans a query, or returns an *InvalidQueryError. It looks at nothing but its
// arguments.
func NewPlan(q Query, m Metadata) (Plan, error) {
	q, err := canonical(q, m)
	if err != nil {
		return Plan{}, err
	}
	sigma, cost, err := spend(q.NanoRho)
	if err != nil {
		return Plan{}, fmt.Errorf("plan noise: %w", err)
	}
	return Plan{Query: q, Metadata: m, Cells: cross(q.GroupBy), Sigma: sigma, Cost: cost}, nil
}

// Columns returns the columns of patients' records that the plan reads, without
// repetition, by name. person_id is not among them: it says whom a row belongs
// to, and is counted, never shown.
func (p Plan) Columns() []Column {
	var columns []Column
	for _, g := range p.Query.GroupBy {
		if c := g.column(); !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	slices.SortFunc(columns, func(a, b Column) int { return cmp.Compare(a.Name, b.Name) })
	return columns
}

// Margin returns half the width of each cell's 95% interval, in patients.
func (p Plan) Margin() float64 { return margin(p.Sigma) }

// spend returns the least noise that nanoRho buys, and its cost. The noise drawn
// is a little more than wanted and its standard deviation has few binary
// digits, too few to lie within the square root's rounding below sqrt(1/(2 rho))
// and not on it; so the cost does not exceed nanoRho. Release would refuse it.
func spend(nanoRho int64) (sigma float64, cost accountant.Cost, err error) {
	wanted := math.Max(noise.MinSigma, math.Sqrt(accountant.NanoPerRho/2/float64(nanoRho)))
	if sigma, err = noise.Sigma(wanted); err != nil {
		return 0, accountant.Cost{}, err
	}
	cost, err = accountant.Gaussian(sigma)
	return sigma, cost, err
}
