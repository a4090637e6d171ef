package provider

import (
	"context"
	"errors"
	"math"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
)

// ErrStale: the engine does not know, or no longer, whom an active set is about.
var ErrStale = errors.New("the engine does not know which patients there are")

// Membership places a patient in a class.
type Membership struct {
	Patient int64  // the hospital's stable patient number, OMOP person_id
	Class   uint32 // 0: in none
	Until   int64  // Unix seconds, first second at which it no longer holds; 0 = open-ended
	// Limit is the last reading of the class's odometer up to which her own cap
	// lets her be counted, in both components. It may be negative: never.
	Limit accountant.Cost
}

// NoLimit is the Limit of a patient without a cap of her own.
var NoLimit = accountant.Cost{NanoRho: math.MaxInt64, Delta: math.MaxInt64}

// Permitted is a class that a charge permits.
type Permitted struct {
	Class    uint32          // 0: those who were never asked
	Odometer accountant.Cost // as it reads right after the charge
}

// Engine counts patients in a hospital's records. It may be used by several
// goroutines at once.
type Engine interface {
	// Follow says of whom active sets are: patients in rising order of their numbers, which it keeps. It replaces what it
	// was told before, wholly or not at all. Those who are not in the records are counted nowhere.
	Follow(ctx context.Context, patients []int64) error
	// Follows tells whether it knows of whom active sets are.
	Follows() bool
	// Ready fails when the plan could not be counted, whoever may be: where records have changed since they were
	// adopted, or the engine finds no way to run the plan. It is asked before a question is charged, reads no patient's row, and
	// depends on nobody's preference.
	Ready(ctx context.Context, p dp.Plan) error
	// Count returns one number for each cell of the plan, in order: patients who are in the records and in the
	// active set. ErrStale unless it follows patients; every other error is opaque, as what went wrong may depend on
	// patients. No error carries a value from the records.
	Count(ctx context.Context, p dp.Plan, a Active) (dp.Exact, error)
}
