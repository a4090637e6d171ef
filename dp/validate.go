package dp

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/medmarket/medmarket/dp/accountant"
)

// Bounds of a query. All are public, and checked before anything is planned.
const (
	MaxGroupBy   = 3
	MaxMeasures  = 8
	MaxMaxGroups = 1000
	MaxConcepts  = 1000 // of all groups, besides those in criteria
	MaxNodes     = 200  // criteria and sets of events in all
	MaxAge       = 130  // years
	MinYear      = 1800
	MaxYear      = 2200
	MaxCap       = 1000 // of a count of events that divides patients
	MaxEdges     = 1001
	MaxRanks     = 16
	MaxRecords   = 10_000
	MaxBound     = 1_000_000_000 // of a value, either way from zero
	MaxSummed    = 50_000_000    // of a value that is summed or squared: see held
	MaxNanoRho   = 1_000_000_000_000
	MaxCells     = 10_000
	MaxNumbers   = 100_000       // released
	MaxKey       = math.MaxInt32 // of a concept that is a private key: the CDM's integer
	MinDelta     = 1 << 23       // 2^-40
	DefaultDelta = 1 << 36       // 2^-27, or 7.5e-9
	maxConcept   = 1<<53 - 1
	maxName      = 256 // bytes
)

// InvalidQueryError says why a query cannot be planned.
type InvalidQueryError struct {
	Field string // as in the query's JSON: "group_by[1].edges"
	Why   string
}

func (e *InvalidQueryError) Error() string { return "query: " + e.Field + " " + e.Why }

func invalid(field, format string, args ...any) error {
	return &InvalidQueryError{Field: field, Why: fmt.Sprintf(format, args...)}
}

// at names an element of a list as the query's JSON does.
func at(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// canonical checks the query and writes it in its one form: concepts sorted
// without repetition; groups and measures in the order of their kinds, then of
// their JSON; the measure that an empty list stands for. It shares no memory with
// the argument.
func canonical(q Query, m Metadata) (Query, error) {
	if err := checkNames(q, m); err != nil {
		return Query{}, err
	}
	if q.NanoRho < 1 || q.NanoRho > MaxNanoRho {
		return Query{}, invalid("nano_rho", "must be 1 to %d", int64(MaxNanoRho))
	}
	if len(q.GroupBy) > MaxGroupBy {
		return Query{}, invalid("group_by", "must have at most %d groups", MaxGroupBy)
	}
	if len(q.Measures) > MaxMeasures {
		return Query{}, invalid("measures", "must have at most %d", MaxMeasures)
	}
	var err error
	if q.Cohort != nil {
		if q.Cohort, err = canonicalCriterion("cohort", q.Cohort); err != nil {
			return Query{}, err
		}
	}
	if q.GroupBy, err = canonicalGroups(q.GroupBy, m); err != nil {
		return Query{}, err
	}
	if q.MaxGroups, err = canonicalMaxGroups(q); err != nil {
		return Query{}, err
	}
	if q.Delta, err = canonicalDelta(q, m); err != nil {
		return Query{}, err
	}
	if q.Measures, err = canonicalMeasures(q, m); err != nil {
		return Query{}, err
	}
	return q, checkNodes(q)
}

// checkNodes holds the whole canonical query to what engines plan in a second or two.
func checkNodes(q Query) error {
	n := 0
	for _, c := range q.choosers() {
		n += c.Nodes()
	}
	if n > MaxNodes {
		return invalid("cohort", "has, with groups and measures, more than %d criteria and sets of events", MaxNodes)
	}
	return nil
}

func checkNames(q Query, m Metadata) error {
	if q.Dataset == "" || len(q.Dataset) > maxName || !utf8.ValidString(q.Dataset) {
		return invalid("dataset", "must be UTF-8 of 1 to %d bytes", maxName)
	}
	if m.Dataset != q.Dataset {
		return invalid("dataset", "is not the dataset described")
	}
	if m.Version == "" || len(m.Version) > maxName || !utf8.ValidString(m.Version) {
		return invalid("dataset", "has no usable version")
	}
	if !m.Disclosure.valid() {
		return invalid("dataset", "has no usable disclosure rule")
	}
	if m.Accounting == accountant.ZCDP || m.accounting().Takes(accountant.Cost{}) != nil { // zCDP is left out: one form of one thing
		return invalid("dataset", "has no usable accounting")
	}
	return nil
}
