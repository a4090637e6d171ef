package provider

import (
	"context"
	"errors"
	"math"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
)

// ErrStale: the engine's copy of the memberships is not of the moment that was
// asked for.
var ErrStale = errors.New("memberships are of another moment")

// Membership places a patient in a class.
type Membership struct {
	Patient int64  // the hospital's stable patient number, OMOP person_id
	Class   uint32 // below 2^31
	Until   int64  // Unix seconds, first second at which it no longer holds; 0 = open-ended
	// Limit is the last reading of the class's odometer up to which her own cap
	// lets her be counted, in both components. It may be negative: never.
	Limit accountant.Cost
}

// NoLimit is the Limit of a patient without a cap of her own.
var NoLimit = accountant.Cost{NanoRho: math.MaxInt64, Delta: math.MaxInt64}

// Permitted is a class that a charge permits.
type Permitted struct {
	Class    uint32
	Odometer accountant.Cost // as it reads right after the charge
}

// Counts says whether the charge counts a patient of the class who has this
// Limit; meeting it exactly does.
func (p Permitted) Counts(limit accountant.Cost) bool {
	return p.Odometer.NanoRho <= limit.NanoRho && p.Odometer.Delta <= limit.Delta
}

// Active is the set that was charged: who may be counted.
type Active struct {
	AsOf     uint64      // number of the event up to which memberships are taken
	Now      int64       // Unix seconds, at which they are held against Until
	Classes  []Permitted // in any order, each once; held against Limit
	Excluded []int64     // patients no longer permitted since AsOf
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
	// Ready fails when the plan could not be counted, whoever may be: where records have changed since they were
	// adopted, or the engine finds no way to run the plan. It is asked before a question is charged, reads no patient's row, and
	// depends on nobody's preference.
	Ready(ctx context.Context, p dp.Plan) error
	// Count returns one number for each cell of the plan, in order: patients who
	// are in the records, in a permitted class, not past its until, not past
	// their limit and not excluded. ErrStale when the copy is not of a.AsOf; every other
	// error is opaque, as what went wrong may depend on patients. No error
	// carries a value from the records.
	Count(ctx context.Context, p dp.Plan, a Active) (dp.Exact, error)
}
