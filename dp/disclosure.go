package dp

import (
	"errors"
	"reflect"
	"slices"
)

// ErrDisclosure: a vector does not keep to the disclosure rule of the plan's dataset.
var ErrDisclosure = errors.New("vector does not keep to the dataset's disclosure rule")

// Disclosure is a steward's rule for small numbers. It is applied to numbers that have their
// noise already, so it costs no privacy and its result tells no more than they do. The zero value
// shows everything as it is.
type Disclosure struct {
	// MinCount, at most MaxMinCount, is the least count that is shown; 0: any. With it a plan
	// counts the patients of each cell, and for a sum those who have the value, and pays for that. Of a cell with fewer every
	// number is suppressed. Elsewhere smaller counts are; a proportion if either side is smaller; and
	// the sum, mean, variance and quantiles of a value that fewer patients have. Of [FieldCount], which everybody has,
	// there is a histogram only: the others would tell how many have an event.
	MinCount int64 `json:"min_count,omitempty"`
	// RoundTo, at most MaxRoundTo, is what counts are rounded to multiples of, half away from
	// zero; 0 is as 1. A count that comes below MinCount by this is suppressed, too. The counts in a
	// quantile's tree are not rounded: no answer shows them.
	RoundTo int64 `json:"round_to,omitempty"`
}

// Bounds of a Disclosure.
const (
	MaxMinCount = 10_000
	MaxRoundTo  = 1000
)

// Suppressed stands for a suppressed number in the released vector of a plan whose dataset
// has a MinCount. No number with noise is that far from zero (noise.MaxValue, noise.MaxSigma).
const Suppressed = -(1<<53 - 1)

func (d Disclosure) valid() bool {
	return d.MinCount >= 0 && d.MinCount <= MaxMinCount && d.RoundTo >= 0 && d.RoundTo <= MaxRoundTo
}

// forbids reports whether a measure of the field would tell how many patients have an event and not be a count.
func (d Disclosure) forbids(k MeasureKind, f Field) bool {
	return d.MinCount > 0 && f == FieldCount && k != Histogram
}

// rounding is by how much a count changes at most when it is rounded.
func (d Disclosure) rounding() float64 { return float64(max(d.RoundTo, 1) / 2) }

// count is how a noisy count is shown.
func (d Disclosure) count(x int64) int64 {
	shown := x
	if d.RoundTo > 1 {
		rest := x % d.RoundTo // with the sign of x
		shown = x - rest
		switch {
		case 2*rest >= d.RoundTo:
			shown += d.RoundTo
		case 2*rest <= -d.RoundTo:
			shown -= d.RoundTo
		}
	}
	if d.suppresses(min(x, shown)) {
		return Suppressed
	}
	return shown
}

func (d Disclosure) suppresses(count int64) bool { return d.MinCount > 0 && count < d.MinCount }

// disclose applies the rule to the noised numbers of cells, in place. Applied again it changes nothing.
func (p Plan) disclose(lines []line) {
	having := p.having()
	for _, l := range lines {
		p.discloseCell(l.series, having)
	}
}

func (p Plan) discloseCell(series [][]int64, having []int) {
	small := false // too few patients for anything
	for i, s := range p.Series {
		if t := p.Tallies[s.Tally]; t.counts() {
			for j, x := range series[i] {
				series[i][j] = p.Metadata.Disclosure.count(x)
			}
			if t.Kind == TallyMatching && slices.Contains(series[i], Suppressed) {
				fill(series[i], Suppressed)
			}
			small = small || t.Kind == TallyPatients && series[i][0] == Suppressed
		}
	}
	if p.Metadata.Disclosure.MinCount == 0 {
		return
	}
	for i, told := range having {
		if small || told >= 0 && p.Metadata.Disclosure.suppresses(sums(series[told], len(series[told]))[0]) {
			fill(series[i], Suppressed)
		}
	}
}

// having names, for each series that is no count itself, the one of which the sum is how many patients of a cell have
// the value; -1 for the others.
func (p Plan) having() []int {
	out := make([]int, len(p.Series))
	for i, s := range p.Series {
		t := p.Tallies[s.Tally]
		out[i] = slices.IndexFunc(p.Series, func(o Series) bool {
			switch {
			case t.counts():
				return false
			case t.Tree:
				return o.Tally == s.Tally && o.Level == t.levels()-1
			default:
				counted := p.Tallies[o.Tally]
				return counted.Kind == TallyValued && reflect.DeepEqual(counted.Value, t.Value)
			}
		})
	}
	return out
}

// disclosed reports whether the lines of a released vector keep to the rule.
func (p Plan) disclosed(lines []line) bool {
	if p.Metadata.Disclosure == (Disclosure{}) {
		return true
	}
	again := make([]line, len(lines))
	for i, l := range lines {
		again[i].series = make([][]int64, len(l.series))
		for j, numbers := range l.series {
			again[i].series[j] = slices.Clone(numbers)
		}
	}
	p.disclose(again)
	return slices.EqualFunc(again, lines, func(a, b line) bool { return slices.EqualFunc(a.series, b.series, slices.Equal[[]int64]) })
}

// counts reports whether the tally's numbers are counts that an answer shows or divides by.
func (t Tally) counts() bool { return t.Kind != TallySum && t.Kind != TallySquare && !t.Tree }

func fill(numbers []int64, x int64) {
	for i := range numbers {
		numbers[i] = x
	}
}
