package recordindex

import (
	"context"

	"github.com/medmarket/medmarket/ledger/records"
)

// The kinds of records that a hospital points at, which are the categories of a release preference.
const (
	Conditions   records.Kind = "conditions"
	Laboratory   records.Kind = "laboratory"
	Medication   records.Kind = "medication"
	Observations records.Kind = "observations"
	Procedures   records.Kind = "procedures"
	Visits       records.Kind = "visits"
)

// Kinds are all of them, rising.
func Kinds() []records.Kind {
	return []records.Kind{Conditions, Laboratory, Medication, Observations, Procedures, Visits}
}

// Event is one thing in a patient's records, by OMOP concepts. What is not recorded is 0, nil or empty.
type Event struct {
	Kind             records.Kind
	ID               int64 // the hospital's own number of it
	Concept          int64
	Start, End       string // days, as in 2024-03-31
	Value, Low, High *float64
	ValueConcept     int64
	Unit             int64
	Quantity         *float64
	DaysSupply       *int64
}

// Concept is what a hospital's own vocabulary tables say of an OMOP concept.
type Concept struct {
	Vocabulary string // OMOP's name of it, as SNOMED or RxNorm; may be empty
	Code, Name string // in that vocabulary; may be empty
}

// Concepts are concepts by id. One that the hospital's tables do not have, or have more than once, is not among them.
type Concepts map[int64]Concept

// Source is a hospital's records.
type Source interface {
	// Events returns those of a patient that begin on a day, or on any if it is empty, of a kind, or of all [Kinds] if it
	// is empty, in one order whenever they are read, and what is known of the concepts that they name. ErrTooLarge beyond MaxEvents.
	Events(ctx context.Context, patient int64, kind records.Kind, day string) ([]Event, Concepts, error)
}

// Render makes the bytes of a record, the same of the same events, which are all of one kind and day, and the same of what is known of
// the concepts that they name; of others may be more or less.
type Render func([]Event, Concepts) ([]byte, error)

// Document is a record as it is kept: what happened of one kind on one day.
type Document struct {
	Kind    records.Kind
	Day     string // as in 2024-03-31
	Content []byte // a FHIR R4 Bundle
	// Fault is where it is no FHIR R4, without a word of what is written there; empty: it is, and else Content is. Of a faulty one Day is empty if it says none.
	Fault string
}

// Documents is where a hospital has records that are documents already.
type Documents interface {
	// Documents returns those of a patient of a kind, or of all [Kinds] if it is empty, and of a day, or of any: one of each kind and day, by kind and
	// day, in the same bytes whenever they are read and nothing was changed. ErrTooLarge, ErrUnavailable.
	Documents(ctx context.Context, patient int64, kind records.Kind, day string) ([]Document, error)
}
