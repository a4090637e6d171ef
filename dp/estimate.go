package dp

import (
	"errors"
	"fmt"
	"reflect"
)

var (
	// ErrShape: a vector does not have the plan's number of numbers.
	ErrShape = errors.New("vector does not match the plan")
	// ErrSum: a sum of hospitals' answers does not fit into an int64.
	ErrSum = errors.New("sum of answers overflows")
)

// Row is the answer for one cell.
type Row struct {
	Key []string `json:"key"` // the cell's
	// Estimates are those of the query's measures, in their order, at least one for each.
	Estimates []Estimate `json:"estimates"`
}

// Estimate is one number of an answer and its 95% interval, which covers the noise
// only, and the rounding of the dataset's disclosure rule. Low <= Value <= High.
type Estimate struct {
	Measure int     `json:"measure"`         // index into the query's
	Label   string  `json:"label,omitempty"` // of several numbers of one measure: "p50", "[0,10)"
	Value   float64 `json:"value"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	// Suppressed: the disclosure rule keeps the number back. Value, Low and High are then zero and say nothing.
	Suppressed bool `json:"suppressed,omitempty"`
}

// Estimate turns released vectors, one of each hospital that answered this plan, into
// the answer about all their patients; those known at several count once at
// each. What the disclosure rule suppresses at one of them is suppressed. It is post-processing,
// costs nothing, and gives the same everywhere. A vector that no release of the plan can be is
// ErrShape, ErrDisclosure or ErrSum.
func (p Plan) Estimate(released ...[]int64) ([]Row, error) {
	lines, err := p.lines(released)
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	rows := make([]Row, len(lines))
	needs := make([][]int, len(p.Query.Measures)) // of each measure, its series
	for i, m := range p.Query.Measures {
		needs[i] = p.needs(m)
	}
	for c := range rows {
		rows[c].Key = lines[c].key
		for i, m := range p.Query.Measures {
			told := make([]level, len(needs[i]))
			for j, s := range needs[i] {
				told[j] = p.told(lines[c], s, len(released))
			}
			for _, e := range m.estimates(told) {
				e.Measure = i
				rows[c].Estimates = append(rows[c].Estimates, e)
			}
		}
	}
	return rows, nil
}

// needs are the series of the measure's tallies, in the order of these.
func (p Plan) needs(m Measure) []int {
	var out []int
	for _, t := range m.tallies() {
		for i, s := range p.Series {
			if reflect.DeepEqual(p.Tallies[s.Tally], t) {
				out = append(out, i)
			}
		}
	}
	return out
}

// line is what was released of one cell.
type line struct {
	key    []string
	series [][]int64 // the numbers of each
}

// table is a released vector taken apart.
type table struct {
	lines []line
	// cohort is the number of patients in any cell; none where the rule does not ask for it.
	cohort []int64
}

// lines are the cells of an answer, with the sum of the hospitals' numbers.
func (p Plan) lines(released [][]int64) ([]line, error) {
	if p.Query.PrivateKeys() {
		return p.linesOfKeys(released)
	}
	sum, err := p.combine(released)
	if err != nil {
		return nil, err
	}
	return p.cut(sum).lines, nil
}

// cut divides a vector of numbers to release, with which the table shares memory.
func (p Plan) cut(vector []int64) table {
	lines := make([]line, len(p.Cells))
	for c := range lines {
		lines[c] = line{key: p.Cells[c].Key, series: make([][]int64, len(p.Series))}
	}
	for i, s := range p.ofCells() {
		for c := range lines {
			lines[c].series[i], vector = vector[:s.Width], vector[s.Width:]
		}
	}
	if p.Metadata.Disclosure.MinCohort > 0 && len(p.Query.GroupBy) == 0 { // all are in the one cell
		vector = lines[0].series[p.patients()]
	}
	return table{lines, vector}
}

// told is what a series says of a cell, with the noise of n hospitals.
func (p Plan) told(l line, series, n int) level {
	s, rule := p.Series[series], p.Metadata.Disclosure
	out := level{values: l.series[series], deviation: s.deviation(n), suppressing: rule.suppressing()}
	if p.Tallies[s.Tally].counts() {
		out.rounding = mul(float64(n), rule.rounding())
	}
	return out
}

// combine adds hospitals' vectors. A sum is suppressed if some number in it is.
func (p Plan) combine(released [][]int64) ([]int64, error) {
	if len(released) == 0 {
		return nil, ErrShape
	}
	sums, suppressing := make([]int64, p.Released()), p.Metadata.Disclosure.suppressing()
	for _, vector := range released {
		if len(vector) != len(sums) {
			return nil, ErrShape
		}
		if !p.disclosed(p.cut(vector)) {
			return nil, ErrDisclosure
		}
		for i, v := range vector {
			if suppressing && (v == Suppressed || sums[i] == Suppressed) {
				sums[i] = Suppressed
				continue
			}
			sum := sums[i] + v
			if (sum > sums[i]) != (v > 0) {
				return nil, ErrSum
			}
			sums[i] = sum
		}
	}
	return sums, nil
}
