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

// Rows are a statement's result. *sql.Rows are, and those of pgx.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

// ReadExact reads the result of the statement that CountSQL made of the plan. An error is ErrResult or one of the rows, which may
// quote records.
func ReadExact(p dp.Plan, rows Rows) (dp.Exact, error) {
	if p.Query.PrivateKeys() {
		return readEntries(rows)
	}
	vector := make([]int64, 0, p.Size())
	for rows.Next() {
		var slot, total int64
		if err := rows.Scan(&slot, &total); err != nil {
			return dp.Exact{}, err
		}
		if slot != int64(len(vector)) {
			return dp.Exact{}, fmt.Errorf("%w: slots are not in order", ErrResult)
		}
		vector = append(vector, total)
	}
	if err := rows.Err(); err != nil {
		return dp.Exact{}, err
	}
	if len(vector) != p.Size() {
		return dp.Exact{}, fmt.Errorf("%w: has another length", ErrResult)
	}
	return dp.NewExact(vector), nil
}

func readEntries(rows Rows) (dp.Exact, error) {
	var entries []dp.Entry
	for rows.Next() {
		var e dp.Entry
		if err := rows.Scan(&e.Key, &e.Slot, &e.Total); err != nil {
			return dp.Exact{}, err
		}
		if len(entries) == maxEntries {
			return dp.Exact{}, fmt.Errorf("%w: has too many numbers", ErrResult)
		}
		entries = append(entries, e)
	}
	if err := rows.Err(); err != nil {
		return dp.Exact{}, err
	}
	return dp.NewExactByKey(entries), nil
}
