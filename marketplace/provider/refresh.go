package provider

import (
	"errors"
	"fmt"
	"iter"
	"slices"
)

// ErrOtherDataset: a store keeps the losses of one dataset, for ever.
var ErrOtherDataset = errors.New("the store belongs to another dataset")

// ErrPersons: persons do not come in rising order of their numbers.
var ErrPersons = errors.New("persons are not in rising order of their numbers")

// Records are what a node is about to count in.
type Records struct {
	Dataset string                   // id
	Version string                   // differs when the records do
	Persons iter.Seq2[Person, error] // all, in rising order of their numbers; gone through at most once
}

// Refresh says how the persons of one version of the records differ from all
// that were registered before. It holds patient numbers and exact counts: it is
// for the hospital's own eyes.
type Refresh struct {
	Dataset  string  `json:"dataset"`
	From     string  `json:"from_version"` // registered before; empty at the first
	To       string  `json:"to_version"`
	At       int64   `json:"at"`       // Unix seconds
	Persons  int64   `json:"persons"`  // in the new records
	New      int64   `json:"new"`      // of these, under numbers that were never there
	Gone     int64   `json:"gone"`     // numbers that were there and are not; what was recorded of them stays
	Reused   []int64 `json:"reused"`   // numbers that mean someone else than before
	Changed  []Moved `json:"changed"`  // people who are under another number than before
	Accepted []int64 `json:"accepted"` // numbers of Reused and Changed that the hospital answers for
}

// Moved is an identifier of the hospital's that was found under another number
// than it was registered under.
type Moved struct {
	Number int64 `json:"number"`
	Before int64 `json:"before"`
}

// Compared reports whether there were records to compare with, other than these.
func (r Refresh) Compared() bool { return r.From != "" && r.From != r.To }

// Judge settles which findings accepted answers for, and returns *NumbersError
// if any is left.
func (r *Refresh) Judge(accepted []int64) error {
	answered := make(map[int64]bool, len(accepted))
	for _, number := range accepted {
		answered[number] = true
	}
	var left NumbersError
	for _, number := range r.Reused {
		if answered[number] {
			r.Accepted = append(r.Accepted, number)
		} else {
			left.Reused++
		}
	}
	for _, m := range r.Changed {
		if answered[m.Number] {
			r.Accepted = append(r.Accepted, m.Number)
		} else {
			left.Changed++
		}
	}
	slices.Sort(r.Accepted)
	r.Accepted = slices.Compact(r.Accepted)
	if left.Reused+left.Changed > 0 {
		return &left
	}
	return nil
}

// NumbersError says that records cannot be adopted, since patient numbers do
// not mean who they meant. It names none of them.
type NumbersError struct {
	Reused  int // numbers that mean someone else
	Changed int // people under another number
}

func (e *NumbersError) Error() string {
	return fmt.Sprintf("patient numbers that mean someone else than before: %d; people under another number than before: %d", e.Reused, e.Changed)
}
