package omop

import (
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// Seat is where a patient is found in an active set: in the bit of Mask of a word. Words are numbered from 1.
type Seat struct{ Patient, Word, Mask int64 }

// Seats are those of patients in rising order; provider.ErrPersons unless they rise.
func Seats(patients []int64) ([]Seat, error) {
	seats := make([]Seat, len(patients))
	for i, p := range patients {
		if i > 0 && p <= patients[i-1] {
			return nil, provider.ErrPersons
		}
		seats[i] = Seat{Patient: p, Word: int64(i/64) + 1, Mask: 1 << (i % 64)}
	}
	return seats, nil
}

// Words are those of an active set, as many as so many patients take: neither their number nor the text of a statement tells
// who or how many may be counted.
func Words(a provider.Active, patients int) []int64 {
	words := make([]int64, len(provider.NewActive(patients)))
	for i := range min(len(words), len(a)) {
		words[i] = int64(a[i])
	}
	return words
}

// Bound are the values to bind of a statement for Postgres: the words of who may be counted, and what [Statement.Args] has.
func (s Statement) Bound(words []int64) []any { return append([]any{words}, s.args...) }

// EngineError replaces an error of a database, whose text may quote records.
type EngineError struct {
	Op   string // what was being done, in our words
	Code string // from a closed list, e.g. "out_of_memory"; "other" if not on it
}

// ErrEngine is what every EngineError is.
var ErrEngine = errors.New("database error")

func (e *EngineError) Error() string { return fmt.Sprintf("%s: database error %s", e.Op, e.Code) }

// Is makes errors.Is(err, ErrEngine) true.
func (e *EngineError) Is(target error) bool { return target == ErrEngine }
