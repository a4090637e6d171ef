package dp

import (
	"cmp"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Fixed is the number of units of a fixed-point sum that one patient adds at most.
const Fixed = 1 << 20

// Tally is what an engine computes: Width whole numbers for each cell, each a
// sum over the patients of the cell. "cohort" is one number in all.
type Tally struct {
	Kind  TallyKind `json:"kind"`
	Width int       `json:"width"`
	// Events and Max are those of "records".
	Events *cohort.Events `json:"events,omitempty"`
	Max    int            `json:"max,omitempty"`
	// Of is that of "matching".
	Of *cohort.Criterion `json:"of,omitempty"`
	// Value is that of "valued", "sum", "square" and "bins".
	Value *Value `json:"value,omitempty"`
	// Low to High is where values of "sum" and "square" are clamped to, and Centre and
	// Half, a power of two, how they become whole numbers; see [Tally.Point]. "bins" of
	// means and sums have a Half, too.
	Low    float64 `json:"low,omitempty"`
	High   float64 `json:"high,omitempty"`
	Centre float64 `json:"centre,omitempty"`
	Half   float64 `json:"half,omitempty"`
	// Edges are those of "bins": Width+1, rising. Over the bins of a Tree sums are released too.
	Edges []float64 `json:"edges,omitempty"`
	Tree  bool      `json:"tree,omitempty"`
}

// TallyKind says what a tally adds up.
type TallyKind string

// The kinds of tally, by what one patient adds to her cell.
const (
	TallyPatients TallyKind = "patients" // 1
	TallyCohort   TallyKind = "cohort"   // 1, if she is in any cell: a single number, and the last of the vector
	TallyMatching TallyKind = "matching" // 1 in slot 0 if Of holds for her, else 1 in slot 1
	TallyRecords  TallyKind = "records"  // her events, at most Max
	TallyValued   TallyKind = "valued"   // 1 if she has a value
	TallySum      TallyKind = "sum"      // q, the point of her value
	TallySquare   TallyKind = "square"   // (q*q + 2^19) >> 20
	TallyBins     TallyKind = "bins"     // 1 in the slot of her value; see [Tally.Slot], [Tally.SlotOfTotal]
)

// Point turns a value, which is a patient's only one in a cell or the one her events' values
// were reduced to, into a whole number from -Fixed to Fixed:
//
//	q = round((clamp(x, Low, High) - Centre) / Half * 2^20), half away from zero
//
// Means and sums of events' values are taken of whole numbers, since sums of floating-point
// numbers depend on their order: of each event's [Tally.Addend], of which [Tally.Total]
// makes the point. So the bounds are those of the mean or the sum; a single event's
// value may lie far beyond them.
func (t Tally) Point(x float64) int64 {
	x = min(max(x, t.Low), t.High)
	return int64(math.Round(min(max((x-t.Centre)/t.Half, -1), 1) * Fixed))
}

// Addend is what one event's value adds to a patient's mean or sum, in units of which Half
// has so many parts ([Tally.Parts]):
//
//	round(clamp(x / Half, -far, far) * parts), half away from zero
func (t Tally) Addend(x float64) int64 {
	parts, far := t.Parts()
	return int64(math.Round(min(max(x/t.Half, -far), far) * parts))
}

// Parts is of how many units a Half is made where values are added up, and how many
// Halves one event adds at most: 2^20 and 2^20, or for "bins" 2^31 and 2^19.
func (t Tally) Parts() (parts, far float64) {
	if t.Kind == TallyBins {
		return 1 << 31, 1 << 19
	}
	return Fixed, Fixed
}

// Total turns the sum of a patient's n addends into a point, a mean being cut off towards
// zero:
//
//	clamp(sum - Addend(Centre), Point(Low), Point(High)) or with sum/n in place of sum
func (t Tally) Total(sum, n int64) int64 {
	return min(max(t.reduced(sum, n)-t.Addend(t.Centre), t.Point(t.Low)), t.Point(t.High))
}

func (t Tally) reduced(sum, n int64) int64 {
	if t.Value.Reduce == ReduceMean {
		return sum / n
	}
	return sum
}

// Slot is the slot of a value: the last whose lower edge is at or below it, the first if none
// is, and never beyond the last.
func (t Tally) Slot(x float64) int { return slot(t.Edges, x) }

// SlotOfTotal is the slot of the mean or sum of n addends, among the addends of the edges.
func (t Tally) SlotOfTotal(sum, n int64) int { return slot(t.Addends(), t.reduced(sum, n)) }

// Addends are the edges in the unit of [Tally.Addend], in which they rise, too.
func (t Tally) Addends() []int64 {
	all := make([]int64, len(t.Edges))
	for i, e := range t.Edges {
		all[i] = t.Addend(e)
	}
	return all
}

func slot[T cmp.Ordered](edges []T, x T) int {
	i, found := slices.BinarySearch(edges, x)
	if !found {
		i--
	}
	return min(max(i, 0), len(edges)-2)
}

// sensitivity is the L2 norm of what one patient adds to a cell, at most.
func (t Tally) sensitivity() int64 {
	switch t.Kind {
	case TallyRecords:
		return int64(t.Max)
	case TallySum:
		return t.most()
	case TallySquare:
		return square(t.most())
	default: // one in one of the slots
		return 1
	}
}

// most is the largest point, either way from zero.
func (t Tally) most() int64 { return max(-t.Point(t.Low), t.Point(t.High)) }

// square is what a point adds to a tally of squares.
func square(q int64) int64 { return (q*q + Fixed/2) / Fixed }

// levels is the number of levels of a tally: one, or those of the tree over its bins up
// to the last whose nodes are more than one.
func (t Tally) levels() int {
	n := 1
	for w := t.Width; t.Tree && w > branching; w /= branching {
		n++
	}
	return n
}

// leaves is the number of bins in which quantiles are looked for, a power of branching: an
// answer is exact to a thousandth of the range.
const leaves = 1024

// tallies are what the measure needs.
func (m Measure) tallies() []Tally {
	switch m.Kind {
	case Patients:
		return []Tally{{Kind: TallyPatients, Width: 1}}
	case Records:
		return []Tally{{Kind: TallyRecords, Width: 1, Events: m.Events, Max: m.Max}}
	case Proportion:
		return []Tally{{Kind: TallyMatching, Width: 2, Of: m.Of}}
	case Sum:
		return []Tally{m.fixed(TallySum, 0)}
	case Mean:
		return []Tally{{Kind: TallyValued, Width: 1, Value: m.Value}, m.fixed(TallySum, m.centre())}
	case Variance:
		return []Tally{{Kind: TallyValued, Width: 1, Value: m.Value}, m.fixed(TallySum, m.centre()), m.fixed(TallySquare, m.centre())}
	case Quantiles:
		edges := make([]float64, leaves+1)
		for i := range edges {
			edges[i] = m.Low + mul(m.High-m.Low, float64(i)/leaves)
		}
		return []Tally{m.bins(edges, true)}
	default:
		return []Tally{m.bins(m.Edges, false)}
	}
}

func (m Measure) bins(edges []float64, tree bool) Tally {
	t := Tally{Kind: TallyBins, Width: len(edges) - 1, Value: m.Value, Edges: edges, Tree: tree}
	if r := m.Value.Reduce; r == ReduceMean || r == ReduceSum {
		t.Half = atLeast(max(-edges[0], edges[t.Width]))
	}
	return t
}

// centre is the middle of the measure's bounds.
func (m Measure) centre() float64 { return m.Low + mul(m.High-m.Low, 0.5) }

// fixed is a tally of fixed-point numbers. Half is the least power of two that leads
// from the centre to both bounds: then whole and half values become points without
// rounding, and the noise is that for the bounds all the same.
func (m Measure) fixed(kind TallyKind, centre float64) Tally {
	return Tally{
		Kind: kind, Width: 1, Value: m.Value, Low: m.Low, High: m.High, Centre: centre, Half: atLeast(max(m.High-centre, centre-m.Low)),
	}
}

// atLeast is the least power of two that is not below x > 0.
func atLeast(x float64) float64 {
	part, exponent := math.Frexp(x)
	if part == 0.5 { // a power of two itself
		exponent--
	}
	return math.Ldexp(1, exponent)
}
