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
	// MinCohort, at most MaxMinCohort, is the least number of patients in all cells together, each counted once, of whom
	// anything is shown; 0: any. With it a plan counts them, and pays for that; without groups, the patients of its only cell.
	// With fewer, or with fewer than MinCount, every number is suppressed, and no private key appears.
	MinCohort int64 `json:"min_cohort,omitempty"`
}

// Bounds of a Disclosure.
const (
	MaxMinCount  = 10_000
	MaxRoundTo   = 1000
	MaxMinCohort = 1_000_000
)

// Suppressed stands for a suppressed number in the released vector of a plan whose dataset
// has a MinCount or a MinCohort. No number with noise is that far from zero (noise.MaxValue, noise.MaxSigma).
const Suppressed = -(1<<53 - 1)

func (d Disclosure) valid() bool {
	return d.MinCount >= 0 && d.MinCount <= MaxMinCount && d.RoundTo >= 0 && d.RoundTo <= MaxRoundTo &&
		d.MinCohort >= 0 && d.MinCohort <= MaxMinCohort
}

func (d Disclosure) suppressing() bool { return d.MinCount > 0 || d.MinCohort > 0 }

// forbids reports whether a measure of the field would tell how many patients have an event and not be a count.
func (d Disclosure) forbids(k MeasureKind, f Field) bool {
	return d.MinCount > 0 && f == FieldCount && k != Histogram
}

// rounding is by how much a count changes at most when it is rounded.
func (d Disclosure) rounding() float64 { return float64(max(d.RoundTo, 1) / 2) }

// count is how a noisy count is shown.
func (d Disclosure) count(x int64) int64 {
	shown := d.rounded(x)
	if d.suppresses(min(x, shown)) {
		return Suppressed
	}
	return shown
}

// few reports whether so many patients, by a noisy count, are too few for an answer.
func (d Disclosure) few(cohort int64) bool {
	return min(cohort, d.rounded(cohort)) < max(d.MinCount, d.MinCohort)
}

func (d Disclosure) rounded(x int64) int64 {
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
	return shown
}

func (d Disclosure) suppresses(count int64) bool { return d.MinCount > 0 && count < d.MinCount }

// disclose applies the rule to noised numbers, in place, and reports whether it suppresses them all. Applied again it changes nothing.
func (p Plan) disclose(t table) (nothing bool) {
	nothing = len(t.cohort) > 0 && p.Metadata.Disclosure.few(t.cohort[0]) // as it is before it is rounded
	if nothing {
		fill(t.cohort, Suppressed)
		for _, l := range t.lines {
			for _, numbers := range l.series {
				fill(numbers, Suppressed)
			}
		}
		return true
	}
	for i, x := range t.cohort {
		t.cohort[i] = p.Metadata.Disclosure.count(x)
	}
	having := p.having()
	for _, l := range t.lines {
		p.discloseCell(l.series, having)
	}
	return false
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

// disclosed reports whether a released vector, cut into its table, keeps to the rule.
func (p Plan) disclosed(t table) bool {
	if p.Metadata.Disclosure == (Disclosure{}) {
		return true
	}
	again := table{make([]line, len(t.lines)), slices.Clone(t.cohort)}
	for i, l := range t.lines {
		again.lines[i].series = make([][]int64, len(l.series))
		for j, numbers := range l.series {
			again.lines[i].series[j] = slices.Clone(numbers)
		}
	}
	if !p.disclose(again) && p.Metadata.Disclosure.MinCount == 0 && t.suppressed() {
		return false // all or nothing
	}
	return slices.Equal(again.cohort, t.cohort) &&
		slices.EqualFunc(again.lines, t.lines, func(a, b line) bool { return slices.EqualFunc(a.series, b.series, slices.Equal[[]int64]) })
}

// suppressed reports whether some number is.
func (t table) suppressed() bool {
	return slices.ContainsFunc(t.lines, func(l line) bool {
		return slices.ContainsFunc(l.series, func(numbers []int64) bool { return slices.Contains(numbers, Suppressed) })
	})
}

// counts reports whether the tally's numbers are counts that an answer shows or divides by.
func (t Tally) counts() bool { return t.Kind != TallySum && t.Kind != TallySquare && !t.Tree }

func fill(numbers []int64, x int64) {
	for i := range numbers {
		numbers[i] = x
	}
}
