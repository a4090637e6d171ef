package dp

import (
	"errors"

	"github.com/medmarket/medmarket/dp/cohort"
)

// canonicalCriterion is the one form of a criterion that has to be there.
func canonicalCriterion(field string, c *cohort.Criterion) (*cohort.Criterion, error) {
	if c == nil {
		return nil, invalid(field, "is missing")
	}
	canonical, err := cohort.Canonical(*c)
	if err != nil {
		return nil, within(field, err)
	}
	return &canonical, nil
}

// canonicalEvents is the one form of a set of events that has to be there.
func canonicalEvents(field string, e *cohort.Events) (*cohort.Events, error) {
	if e == nil {
		return nil, invalid(field, "are missing")
	}
	canonical, err := e.Canonical()
	if err != nil {
		return nil, within(field, err)
	}
	return &canonical, nil
}

// within places what is wrong with a criterion in the query.
func within(field string, err error) error {
	var e *cohort.InvalidError
	if !errors.As(err, &e) {
		return invalid(field, "cannot be read")
	}
	if e.Field != "" {
		field += "." + e.Field
	}
	return &InvalidQueryError{Field: field, Why: e.Why}
}
