package provider

import (
	"context"
	"errors"

	"github.com/medmarket/medmarket/dp"
)

// ErrStale: the engine's copy of the memberships is not of the moment that was
// asked for.
var ErrStale = errors.New("memberships are of another moment")

// Membership places a patient in a class.
type Membership struct {
	Patient int64  // the hospital's stable patient number, OMOP person_id
	Class   uint32 // below 2^31
	Until   int64  // Unix seconds, first second at which it no longer holds; 0 = open-ended
}

// Active is the set that was charged: who may be counted.
type Active struct {
	AsOf     uint64   // number of the event up to which memberships are taken
	Now      int64    // Unix seconds, at which they are held against Until
	Classes  []uint32 // permitted classes, in any order
	Excluded []int64  // patients no longer permitted since AsOf
}

// Engine counts patients in a hospital's records. It may be used by several
// goroutines at once.
type Engine interface {
	// Refresh replaces the copy of the memberships, wholly or not at all, and
	// stamps it with the number of the event they are taken up to. Each patient
	// is in at most one class.
	Refresh(ctx context.Context, asOf uint64, rows []Membership) error
	// Stamp tells which copy it holds, 0 before the first Refresh.
	Stamp() uint64
	// Count returns one number for each cell of the plan, in order: patients who
	// are in the records, in a permitted class, not past its until and not
	// excluded. ErrStale when the copy is not of a.AsOf; every other
	// error is opaque, as what went wrong may depend on patients. No error
	// carries a value from the records.
	Count(ctx context.Context, p dp.Plan, a Active) (dp.Exact, error)
}
