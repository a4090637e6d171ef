package omop

import (
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp"
)

// ErrResult: a result is not one of the plan's statement, or too large to hold.
var ErrResult = errors.New("result is not that of the plan")

// maxEntries is how many numbers of private keys are held, 24 bytes each.
const maxEntries = 1 << 24

// Result reads the rows of the statement that CountSQL made of a plan, in their order. The zero value is of none.
type Result struct {
	plan    dp.Plan
	vector  []int64
	entries []dp.Entry
}

// NewResult returns a Result without rows.
func NewResult(p dp.Plan) *Result { return &Result{plan: p} }

// Row reads a row. An error is ErrResult, or scan's, which may quote records.
func (r *Result) Row(scan func(dest ...any) error) error {
	if r.plan.Query.PrivateKeys() {
		var e dp.Entry
		if err := scan(&e.Key, &e.Slot, &e.Total); err != nil {
			return err
		}
		if len(r.entries) == maxEntries {
			return fmt.Errorf("%w: has too many numbers", ErrResult)
		}
		r.entries = append(r.entries, e)
		return nil
	}
	var slot, total int64
	if err := scan(&slot, &total); err != nil {
		return err
	}
	if slot != int64(len(r.vector)) {
		return fmt.Errorf("%w: slots are not in order", ErrResult)
	}
	r.vector = append(r.vector, total)
	return nil
}

// Exact returns what was read once there are no more rows, or ErrResult.
func (r *Result) Exact() (dp.Exact, error) {
	if r.plan.Query.PrivateKeys() {
		return dp.NewExactByKey(r.entries), nil
	}
	if len(r.vector) != r.plan.Size() {
		return dp.Exact{}, fmt.Errorf("%w: has another length", ErrResult)
	}
	return dp.NewExact(r.vector), nil
}
