package dp

import (
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Fixed is the number of units of a fixed-point sum that one patient adds at most.
const Fixed = 1 << 20

// Tally is what an engine computes: Width whole numbers for each cell, each a
// sum over the patients of the cell.
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
	// Half, which is above zero, how they become whole numbers; see [Tally.Point].
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
	TallyMatching TallyKind = "matching" // 1 in slot 0 if Of holds for her, else 1 in slot 1
	TallyRecords  TallyKind = "records"  // her events, at most Max
	TallyValued   TallyKind = "valued"   // 1 if she has a value
	TallySum      TallyKind = "sum"      // q, the point of her value
	TallySquare   TallyKind = "square"   // (q*q + 2^19) >> 20
	TallyBins     TallyKind = "bins"     // 1 in the slot of her value; see [Tally.Slot]
)

// Point turns a value into a whole number from -Fixed to Fixed:
//
//	q = round((clamp(x, Low, High) - Centre) / Half * 2^20), half away from zero
//
// Of several events' values each is turned into a point, and the points are
// reduced; the mean is the sum of the points divided by their number and cut
// off towards zero. Only "sum" adds up what is not clamped yet: each event's
// [Tally.Addend], and of their sum [Tally.Total].
func (t Tally) Point(x float64) int64 {
	x = min(max(x, t.Low), t.High)
	return int64(math.Round(min(max((x-t.Centre)/t.Half, -1), 1) * Fixed))
}

// Total turns the sum of a patient's addends into a point:
//
//	clamp(sum - Addend(Centre), Point(Low), Point(High))
func (t Tally) Total(sum int64) int64 {
	return min(max(sum-t.Addend(t.Centre), t.Point(t.Low)), t.Point(t.High))
}

// Addend is what one event's value adds to a patient's sum:
//
//	round(clamp(x / Half, -2^20, 2^20) * 2^20), half away from zero
func (t Tally) Addend(x float64) int64 {
	return int64(math.Round(min(max(x/t.Half, -Fixed), Fixed) * Fixed))
}

// Slot is the slot of a reduced value: the last whose lower edge is at or below it, the
// first if none is, and never beyond the last.
func (t Tally) Slot(x float64) int {
	i, found := slices.BinarySearch(t.Edges, x)
	if !found {
		i--
	}
	return min(max(i, 0), t.Width-1)
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
		return []Tally{{Kind: TallyBins, Width: leaves, Value: m.Value, Edges: edges, Tree: true}}
	default:
		return []Tally{{Kind: TallyBins, Width: len(m.Edges) - 1, Value: m.Value, Edges: m.Edges}}
	}
}

// centre is the middle of the measure's bounds.
func (m Measure) centre() float64 { return m.Low + mul(m.High-m.Low, 0.5) }

// fixed is a tally of fixed-point numbers. Half is the least power of two that leads
// from the centre to both bounds: then whole and half values become points without
// rounding, and the noise is that for the bounds all the same.
func (m Measure) fixed(kind TallyKind, centre float64) Tally {
	part, exponent := math.Frexp(max(m.High-centre, centre-m.Low))
	if part == 0.5 { // a power of two itself
		exponent--
	}
	return Tally{
		Kind: kind, Width: 1, Value: m.Value, Low: m.Low, High: m.High, Centre: centre, Half: math.Ldexp(1, exponent),
	}
}
