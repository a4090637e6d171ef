package omop

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// ErrMemberships: a patient is in two classes, or a class is not below 2^31.
var ErrMemberships = errors.New("memberships are not a function from patients to classes")

// minSlots is the least number of slots, so that how many classes are permitted shows only when they are
// more, and then as a power of two.
const minSlots = 4096

// firstUnused is the least class number that no patient may have; the slots
// that are left over get numbers from here.
const firstUnused uint32 = 1 << 31

// Sorted returns memberships by patient, or ErrMemberships.
func Sorted(rows []provider.Membership) ([]provider.Membership, error) {
	sorted := slices.SortedFunc(slices.Values(rows), func(a, b provider.Membership) int {
		return cmp.Compare(a.Patient, b.Patient)
	})
	for i, m := range sorted {
		if m.Class >= firstUnused || i > 0 && m.Patient == sorted[i-1].Patient {
			return nil, ErrMemberships
		}
	}
	return sorted, nil
}

// Slots pads the classes with numbers that no patient has, up to 4096 or
// the next power of two. Numbers that Sorted would refuse are left out; of a class that
// is there twice, which would count its patients twice, the greater odometers stay.
func Slots(classes []provider.Permitted) []provider.Permitted {
	n := minSlots
	for n < len(classes) {
		n *= 2
	}
	slots := make([]provider.Permitted, 0, n)
	at := make(map[uint32]int, len(classes))
	for _, c := range classes {
		i, twice := at[c.Class]
		switch {
		case twice:
			o := &slots[i].Odometer
			o.NanoRho, o.Delta = max(o.NanoRho, c.Odometer.NanoRho), max(o.Delta, c.Odometer.Delta)
		case c.Class < firstUnused:
			at[c.Class] = len(slots)
			slots = append(slots, c)
		}
	}
	for len(slots) < n {
		slots = append(slots, provider.Permitted{Class: firstUnused + uint32(len(slots))})
	}
	return slots
}

// Bound are the values to bind of a statement for Postgres: the time, who may be counted in lists of a fixed shape
// ([Slots]), who is excluded, and what [Statement.Args] has.
func (s Statement) Bound(a provider.Active) []any {
	slots := Slots(a.Classes)
	class, nanoRho, delta := make([]int64, len(slots)), make([]int64, len(slots)), make([]int64, len(slots))
	for i, k := range slots {
		class[i], nanoRho[i], delta[i] = int64(k.Class), k.Odometer.NanoRho, k.Odometer.Delta
	}
	return append([]any{a.Now, class, nanoRho, delta, append([]int64{}, a.Excluded...)}, s.args...)
}

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
