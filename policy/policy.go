// Package policy decides whether a query may be asked and whose records it may count.
//
// It promises that an answer is allowed only when the grant and the dataset policy each allow it, and that a
// patient is counted only when her own release preference allows it too: no document widens another. Whatever is
// missing, unknown or out of range denies. Every reason that applies to a query is reported, always in the same
// order; a patient's preference yields the first that applies, so that it can be worked out once for all patients of
// a class. The same input gives the same decision on every machine: time, log indexes and what was already spent are
// inputs, and nothing is read from outside.
//
// It assumes that the caller hands over the documents in force at the log index of the request, has checked
// signatures and who the researcher is, and states every column touched anywhere in the query, filters included.
// Charging the cost, and knowing what a patient has lost, are the caller's: a decision reserves nothing.
//
// It does not protect against a researcher who lies about the purpose, a committee that grants too much, or what the
// allowed answers reveal together; the last is the business of package dp and its accountant. Codes of the patient
// level are for the patient alone: shown to a researcher, or counted, they would tell who refused.
package policy

import (
	"cmp"
	"errors"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// DataUse is what data may be used for, or is to be used for.
type DataUse = duo.Use

// RecipientType is the kind of organisation that sponsors a study.
type RecipientType string

// The kinds of sponsor.
const (
	Academic     RecipientType = "academic"
	NotForProfit RecipientType = "not_for_profit"
	Commercial   RecipientType = "commercial"
	Government   RecipientType = "government"
)

// RecipientTypes lists every kind of sponsor.
func RecipientTypes() []RecipientType {
	return []RecipientType{Academic, NotForProfit, Commercial, Government}
}

// Category is the part of a record that a column belongs to, as a patient would name it.
type Category string

// The parts of a record.
const (
	Demographics       Category = "demographics"
	Conditions         Category = "conditions"
	Medication         Category = "medication"
	Laboratory         Category = "laboratory"
	Procedures         Category = "procedures"
	Observations       Category = "observations" // what was noted: habits, history, family
	Visits             Category = "visits"
	Death              Category = "death" // its day and cause
	Devices            Category = "devices"
	Specimens          Category = "specimens"
	ObservationPeriods Category = "observation_periods" // from when to when she was under observation
)

// Categories lists every part of a record. A document that was signed when there were fewer permits those it lists.
func Categories() []Category {
	return []Category{
		Demographics, Conditions, Medication, Laboratory, Procedures, Observations, Visits, Death, Devices, Specimens,
		ObservationPeriods,
	}
}

// Period is half-open: the moment Start is in it, the moment End is not. Unix seconds.
type Period struct {
	Start int64 `json:"start"`
	End   int64 `json:"end"` // 0: no end
}

func (p Period) begun(now int64) bool { return now >= p.Start }
func (p Period) over(now int64) bool  { return p.End != 0 && now >= p.End }

// covers says whether all of the time lies in p. A start of 0 is no start, an end of 0 no end.
func (p Period) covers(time Period) bool {
	return (p.Start == 0 || time.Start >= p.Start) && (p.End == 0 || time.End != 0 && time.End <= p.End)
}

// overlaps says whether some of the time lies in p.
func (p Period) overlaps(time Period) bool {
	return (p.End == 0 || time.Start < p.End) && (time.End == 0 || p.Start < time.End)
}

// hull is the time from where either starts to where both have ended.
func (p Period) hull(q Period) Period {
	h := Period{min(p.Start, q.Start), max(p.End, q.End)}
	if p.End == 0 || q.End == 0 {
		h.End = 0
	}
	return h
}

func (p *Period) clone() *Period {
	if p == nil {
		return nil
	}
	return &Period{p.Start, p.End}
}

// compare orders periods, none before any.
func (p *Period) compare(q *Period) int {
	switch {
	case p == nil && q == nil:
		return 0
	case p == nil:
		return -1
	case q == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(p.Start, q.Start), cmp.Compare(p.End, q.End))
}

var (
	// ErrInvalid says that a required field is missing, or a value out of its range.
	ErrInvalid = errors.New("invalid")
	// ErrUnknownTerm says that a value is not in the vocabulary of its field.
	ErrUnknownTerm = duo.ErrUnknownTerm
)

// FieldError names the field of a document that is wrong, and never its value: documents are personal. It wraps
// [ErrInvalid] or [ErrUnknownTerm].
type FieldError struct {
	Field string // JSON path, e.g. "grant.period"
	Why   string // for people
	Err   error
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Why + ": " + e.Err.Error() }

// Unwrap returns the sentinel.
func (e *FieldError) Unwrap() error { return e.Err }

// sortedSet copies; never nil, so that JSON says [] whichever way emptiness was spelled.
func sortedSet[T ~string](values []T) []T {
	set := slices.AppendSeq(make([]T, 0, len(values)), slices.Values(values))
	slices.Sort(set)
	return slices.Compact(set)
}

// optionalSet is sortedSet for a list that JSON leaves out when it is empty.
func optionalSet[T ~string](values []T) []T {
	if len(values) == 0 {
		return nil
	}
	return sortedSet(values)
}
