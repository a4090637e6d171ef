package records

import (
	"errors"
	"fmt"
	"time"
)

// ErrMalformed: not the one spelling of what it stands for, or out of its bounds.
var ErrMalformed = errors.New("malformed")

// Month counts the months since January 1900, in UTC. As text it is as in 2024-03.
type Month uint16

// Months are as many as keys are made for: up to April 2241.
const Months Month = 1 << depth

const firstYear = 1900

// MonthOf is the month of a time. ErrMalformed if no keys are made for it.
func MonthOf(t time.Time) (Month, error) {
	y, m, _ := t.UTC().Date()
	n := (y-firstYear)*12 + int(m) - 1
	if y < firstYear || n >= int(Months) {
		return 0, fmt.Errorf("%w: %d is out of the years that pointers are of", ErrMalformed, y)
	}
	return Month(n), nil
}

// Start is when m begins.
func (m Month) Start() time.Time {
	return time.Date(firstYear, time.Month(1+int(m)), 1, 0, 0, 0, 0, time.UTC)
}

func (m Month) String() string { return m.Start().Format("2006-01") }

// MarshalText implements encoding.TextMarshaler.
func (m Month) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Month) UnmarshalText(b []byte) error {
	t, err := time.Parse("2006-01", string(b))
	if err != nil {
		return fmt.Errorf("%w: a month is written as in 2024-03", ErrMalformed)
	}
	*m, err = MonthOf(t)
	return err
}
