package dp_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
)

// patient is what the records say of a patient in each cell that she counts in.
type patient map[int]entry

// entry is a patient's part of a cell.
type entry struct {
	values  []float64 // of her events; none: no value
	records int
	matches bool
}

// fault is a way for an engine to go wrong.
type fault int

const (
	none      fault = iota
	unclamped       // values as they are
	unbounded       // records as many as there are
	twice           // each patient is in one slot more
)

// tally adds the patients up as the documentation of [dp.Tally] says.
func tally(p dp.Plan, town []patient, f fault) []int64 {
	exact := make([]int64, p.Size())
	for i, t := range p.Tallies {
		for _, who := range town {
			if t.Kind == dp.TallyCohort {
				exact[p.Offset(i)] += int64(min(1, len(who)))
				if f == twice {
					exact[p.Offset(i)] += int64(len(who))
				}
				continue
			}
			for cell, e := range who {
				at := exact[p.Offset(i)+cell*t.Width:][:t.Width]
				add(at, t, e, f)
			}
		}
	}
	return exact
}

func add(at []int64, t dp.Tally, e entry, f fault) {
	if f == twice {
		at[len(at)-1]++
	}
	switch t.Kind {
	case dp.TallyPatients:
		at[0]++
	case dp.TallyMatching:
		at[map[bool]int{true: 0, false: 1}[e.matches]]++
	case dp.TallyRecords:
		n := e.records
		if f != unbounded {
			n = min(n, t.Max)
		}
		at[0] += int64(n)
	default:
		if len(e.values) > 0 {
			addValue(at, t, e.values, f)
		}
	}
}

func addValue(at []int64, t dp.Tally, values []float64, f fault) {
	if t.Kind == dp.TallyBins {
		at[slotOf(t, values)]++
		return
	}
	if f == unclamped {
		t.Low, t.High, t.Half = -1e9, 1e9, t.Half/8
	}
	q := reducedPoint(t, values)
	switch t.Kind {
	case dp.TallyValued:
		at[0]++
	case dp.TallySum:
		at[0] += q
	case dp.TallySquare:
		at[0] += (q*q + 1<<19) >> 20
	}
}

func slotOf(t dp.Tally, values []float64) int {
	if how := t.Value.Reduce; how != dp.ReduceMean && how != dp.ReduceSum {
		return t.Slot(values[0])
	}
	return t.SlotOfTotal(sumOf(t, values), int64(len(values)))
}

func reducedPoint(t dp.Tally, values []float64) int64 {
	if how := t.Value.Reduce; how != dp.ReduceMean && how != dp.ReduceSum {
		return t.Point(values[0])
	}
	return t.Total(sumOf(t, values), int64(len(values)))
}

func sumOf(t dp.Tally, values []float64) (sum int64) {
	for _, x := range values {
		sum += t.Addend(x)
	}
	return sum
}

// rounded is a noise source for statistics in a hurry: the noise of noise.New as its
// documentation promises it, from a generator with a fixed seed.
type rounded struct{ random *rand.Rand }

func quick() noise.Source { return rounded{rand.New(rand.NewPCG(1, 2))} }

func (r rounded) AddGaussian(x int64, sigma float64) (int64, error) {
	return x + int64(math.Round(sigma*r.random.NormFloat64())), nil
}

// AddLaplace adds the difference of two geometric numbers, which has the promised distribution.
func (r rounded) AddLaplace(x, sensitivity, nanoEpsilon int64) (int64, error) {
	scale := noise.Scale(sensitivity, nanoEpsilon)
	return x + int64(scale*r.random.ExpFloat64()) - int64(scale*r.random.ExpFloat64()), nil
}

// under plans a query of a dataset with the accounting.
func under(t testing.TB, kind accountant.Kind, q dp.Query) dp.Plan {
	t.Helper()
	m := metadata
	m.Accounting = kind
	return planOf(t, q, m)
}

// answer releases what the town adds up to, and estimates.
func answer(t testing.TB, p dp.Plan, town []patient, src noise.Source) []dp.Row {
	t.Helper()
	released, err := dp.Release(p, dp.NewExact(tally(p, town, none)), src)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := p.Estimate(released)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// age is a value that needs no events.
var age = &dp.Value{Field: dp.FieldAge}

func records(d cohort.Domain, ids ...int64) *cohort.Events {
	e := &cohort.Events{Records: &cohort.Records{Domain: d}}
	for _, id := range ids {
		e.Records.Concepts = append(e.Records.Concepts, cohort.Concept{ID: id})
	}
	return e
}

func has(e *cohort.Events) *cohort.Criterion {
	return &cohort.Criterion{Has: &cohort.Has{Events: *e, Min: 1}}
}

// asked is a query without groups for the measures.
func asked(nanoRho int64, measures ...dp.Measure) dp.Query {
	return dp.Query{Dataset: metadata.Dataset, Measures: measures, NanoRho: nanoRho}
}
