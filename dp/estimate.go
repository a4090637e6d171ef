package dp

import (
	"errors"
	"fmt"
	"math"
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
// only. Low <= Value <= High.
type Estimate struct {
	Measure int     `json:"measure"`         // index into the query's
	Label   string  `json:"label,omitempty"` // of several numbers of one measure: "p50", "[0,10)"
	Value   float64 `json:"value"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
}

// Estimate turns released vectors, one of each hospital that answered this plan, into
// the answer about all their patients; those known at several count once at
// each. It is post-processing, costs nothing, and gives the same everywhere. A
// vector that no release of the plan can be is ErrShape or ErrSum.
func (p Plan) Estimate(released ...[]int64) ([]Row, error) {
	sum, err := combine(p.Released(), released)
	if err != nil {
		return nil, fmt.Errorf("estimate: %w", err)
	}
	rows := make([]Row, len(p.Cells))
	for c := range p.Cells {
		rows[c].Key = p.Cells[c].Key
		for i := range p.Query.Measures {
			s := p.Series[0]
			sigma := combinedSigma(s.Sigma, len(released))
			low, high := Interval(sum[c], sigma)
			rows[c].Estimates = append(rows[c].Estimates, Estimate{
				Measure: i, Value: float64(sum[c]), Low: math.Floor(low), High: math.Ceil(high),
			})
		}
	}
	return rows, nil
}

// combine adds hospitals' vectors of n numbers each.
func combine(n int, released [][]int64) ([]int64, error) {
	if len(released) == 0 {
		return nil, ErrShape
	}
	sums := make([]int64, n)
	for _, vector := range released {
		if len(vector) != n {
			return nil, ErrShape
		}
		for i, v := range vector {
			sum := sums[i] + v
			if (sum > sums[i]) != (v > 0) {
				return nil, ErrSum
			}
			sums[i] = sum
		}
	}
	return sums, nil
}

// combinedSigma is the standard deviation, to be given to Interval, of a sum of n released
// numbers. Each was rounded, which adds 1/12 to its variance; Interval allows
// for one rounding, so the others are added here.
func combinedSigma(sigma float64, n int) float64 {
	return math.Sqrt(float64(n)*sigma*sigma + float64(n-1)/12)
}
