package policy

// Disclosure is the steward's rule for small numbers in answers. It is applied to numbers that have their noise: it
// suppresses and rounds, and refuses no query.
type Disclosure struct {
	// MinCount, 1 to MaxMinCount, is the least count that an answer shows, and the least number of patients of whom
	// it shows anything; 0: any. Every question is then charged for counting patients, too.
	MinCount int64 `json:"min_count,omitempty"`
	// RoundTo, 1 to MaxRoundTo, is what counts are rounded to multiples of; 0 is as 1.
	RoundTo int64 `json:"round_to,omitempty"`
	// MinCohort, 1 to MaxMinCohort, is the least number of patients in a whole answer, each counted once, of whom it shows
	// anything; 0: any. Every question is then charged for counting them.
	MinCohort int64 `json:"min_cohort,omitempty"`
}

// Bounds of a Disclosure.
const (
	MaxMinCount  = 10_000
	MaxRoundTo   = 1000
	MaxMinCohort = 1_000_000
)

func (c *checks) disclosure(field string, d Disclosure) {
	c.within(field+".min_count", d.MinCount >= 0 && d.MinCount <= MaxMinCount, "from 0 to 10000")
	c.within(field+".round_to", d.RoundTo >= 0 && d.RoundTo <= MaxRoundTo, "from 0 to 1000")
	c.within(field+".min_cohort", d.MinCohort >= 0 && d.MinCohort <= MaxMinCohort, "from 0 to 1000000")
}
