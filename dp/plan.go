package dp

import (
	"errors"
	"reflect"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
)

// ErrPlan: a plan's parts do not fit together, so NewPlan did not make it.
var ErrPlan = errors.New("not a plan made by NewPlan")

// Plan is a query ready to be decided on, charged and counted. Query and Metadata
// determine the rest: to hash or compare plans, take those two. Treat it as
// read-only; who receives one from elsewhere makes it anew with NewPlan.
type Plan struct {
	Query    Query    `json:"query"` // canonical
	Metadata Metadata `json:"metadata"`
	// Cells are every combination of the groups' labels; the last group's label changes fastest. If a group's keys are
	// private, each concept has these cells.
	Cells []Cell `json:"cells"`
	// Tallies are what the engine computes, without repetition. Its vector has the
	// tallies one after another, and in each the cells, and in each of them the
	// tally's slots: see [Plan.Offset] and [Plan.Size]. If keys are private each concept has such a vector, and the
	// slot of "cohort" is that of key 0.
	Tallies []Tally `json:"tallies"`
	// Series are what is released. The released vector has them one after
	// another, in each the cells, and in each of them Width numbers. If keys are private it has, for each cell that
	// appears, rising, the concept, the cell's place in Cells, and then Width numbers of each series; at the end that of "cohort".
	Series []Series `json:"series"`
	// Threshold, if keys are private, is the noisy number of patients from which on a cell appears.
	Threshold int64 `json:"threshold,omitempty"`
	// Cost is the sum of the series': at most Query.NanoRho; and Query.Delta. With Laplace noise, its epsilon too.
	Cost accountant.Cost `json:"cost"`
}

// NewPlan plans a query, or returns an *InvalidQueryError. It looks at nothing but its
// arguments.
func NewPlan(q Query, m Metadata) (Plan, error) {
	q, err := canonical(q, m)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Query: q, Metadata: m, Cells: cross(q.GroupBy), Tallies: tallies(q, m)}
	p.Series = shapes(p.Tallies)
	if p.Released() > MaxNumbers {
		return Plan{}, invalid("measures", "make more than %d numbers in these cells", MaxNumbers)
	}
	if p.Series, p.Cost, err = series(q, m, p.Tallies); err != nil {
		return Plan{}, err
	}
	p.Cost.Delta = q.Delta
	p.Threshold = p.threshold()
	return p, nil
}

// Offset is where a tally begins in the exact vector: its slot s of cell c is at
// Offset(tally) + c*Width + s.
func (p Plan) Offset(tally int) int {
	n := 0
	for _, t := range p.Tallies[:tally] {
		n += p.slots(t)
	}
	return n
}

// slots is how many numbers the tally has in all cells.
func (p Plan) slots(t Tally) int {
	if t.Kind == TallyCohort {
		return 1
	}
	return t.Width * len(p.Cells)
}

// Size is the length of the exact vector; of that of one concept if keys are private.
func (p Plan) Size() int { return p.Offset(len(p.Tallies)) }

// Released is the length of the released vector; of that of one concept's cells if keys are private.
func (p Plan) Released() int {
	series := p.ofCells()
	n := len(p.Series) - len(series)
	for _, s := range series {
		n += s.Width * len(p.Cells)
	}
	return n
}

// ofCells are the series that have numbers in each cell: all but that of "cohort".
func (p Plan) ofCells() []Series {
	if last := len(p.Series) - 1; last >= 0 && p.Tallies[p.Series[last].Tally].Kind == TallyCohort {
		return p.Series[:last]
	}
	return p.Series
}

// tallies are what the query's measures, its private keys and the dataset's disclosure rule need, each once.
func tallies(q Query, metadata Metadata) []Tally {
	measures, rule := q.Measures, metadata.Disclosure
	if q.PrivateKeys() || rule.MinCount > 0 || rule.MinCohort > 0 && len(q.GroupBy) == 0 { // the number of patients says what appears
		measures = append(slices.Clip(measures), Measure{Kind: Patients})
	}
	var out []Tally
	for _, m := range measures {
		needs := m.tallies()
		if m.Kind == Sum && rule.MinCount > 0 { // of how many it is says whether it is shown
			needs = append([]Tally{{Kind: TallyValued, Width: 1, Value: m.Value}}, needs...)
		}
		for _, t := range needs {
			if !slices.ContainsFunc(out, func(o Tally) bool { return reflect.DeepEqual(o, t) }) {
				out = append(out, t)
			}
		}
	}
	if rule.MinCohort > 0 && len(q.GroupBy) > 0 { // the cells may have a patient several times, and their noise adds up
		out = append(out, Tally{Kind: TallyCohort, Width: 1})
	}
	return out
}

// cells is in how many cells one patient counts at most.
func (q Query) cells() int { return max(1, q.MaxGroups) }

// reach is in how many numbers of a tally one patient counts at most.
func (q Query) reach(t Tally) int {
	if t.Kind == TallyCohort {
		return 1
	}
	return q.cells()
}

// check refuses a plan that NewPlan did not make: whose parts do not follow from
// the query, or whose cost does not pay for its noise.
func (p Plan) check() error {
	if !reflect.DeepEqual(p.Tallies, tallies(p.Query, p.Metadata)) || len(p.Cells) != cells(p.Query.GroupBy) || len(p.Series) == 0 {
		return ErrPlan
	}
	var total accountant.Cost
	shapes := shapes(p.Tallies)
	for i, s := range p.Series {
		if i >= len(shapes) || !s.like(shapes[i]) {
			return ErrPlan
		}
		cost, err := s.price(p.Query.reach(p.Tallies[s.Tally]))
		if err != nil || p.Metadata.accounting().Takes(cost) != nil || cost != s.Cost {
			return ErrPlan
		}
		if total, err = total.Add(cost); err != nil {
			return ErrPlan
		}
	}
	total.Delta = p.Query.Delta
	if len(p.Series) != len(shapes) || total != p.Cost || total.NanoRho > p.Query.NanoRho || p.Threshold != p.threshold() {
		return ErrPlan
	}
	return nil
}
