package provider

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// Columns hold in memory, of every patient in the records, the class that she is in, and her end and limit if she has
// one: 16 bytes and a bit a patient with her number, and 24 more with an end or a cap of her own. An active set is one pass
// over them, whatever has changed since the last.
//
// They are a copy of what a [Store] keeps, as of one of its events. Not safe for concurrent use.
type Columns struct {
	patients []int64           // rising
	class    []uint32          // place of her class, 0: in none, as she was never asked
	bound    []uint32          // place of her bound, which stays hers; 0: she never had one
	bounded  []uint64          // a bit for each who has one
	places   map[uint32]uint32 // of classes, by id; from 1 on
	bounds   []bound           // the first is of those who have none
}

// bound is before when, and up to which reading of her class's odometer, a patient may be counted.
type bound struct {
	until          int64
	nanoRho, delta int64 // -1 at least, which no odometer reads
}

var unbounded = bound{math.MaxInt64, math.MaxInt64, math.MaxInt64}

func boundOf(m Membership) bound {
	b := bound{max(m.Until, 0), max(m.Limit.NanoRho, -1), max(m.Limit.Delta, -1)}
	if m.Until == 0 {
		b.until = math.MaxInt64
	}
	return b
}

// NewColumns returns columns in which nobody is in a class. ErrPersons unless patients rise. It keeps them.
func NewColumns(patients []int64) (*Columns, error) {
	for i := 1; i < len(patients); i++ {
		if patients[i] <= patients[i-1] {
			return nil, ErrPersons
		}
	}
	return &Columns{
		patients: patients, class: make([]uint32, len(patients)), bound: make([]uint32, len(patients)), bounded: NewActive(len(patients)),
		places: map[uint32]uint32{}, bounds: []bound{unbounded},
	}, nil
}

// Ordinal is which of the patients has a number; false if none has.
func (c *Columns) Ordinal(patient int64) (i int, found bool) {
	return slices.BinarySearch(c.patients, patient)
}

// Set places a patient in a class, of id 0 in none. Whoever is not in the records is left out.
func (c *Columns) Set(m Membership) {
	i, found := c.Ordinal(m.Patient)
	if !found {
		return
	}
	c.class[i] = c.place(m.Class)
	b := boundOf(m)
	switch at := c.bound[i]; {
	case at != 0:
		c.bounds[at] = b
	case b != unbounded:
		c.bound[i] = uint32(len(c.bounds))
		c.bounded[i/64] |= 1 << (i % 64)
		c.bounds = append(c.bounds, b)
	}
}

func (c *Columns) place(class uint32) uint32 {
	if class == 0 {
		return 0
	}
	at, known := c.places[class]
	if !known {
		at = uint32(len(c.places) + 1)
		c.places[class] = at
	}
	return at
}

// Classes are those that somebody was placed in, in rising order.
func (c *Columns) Classes() []uint32 { return slices.Sorted(maps.Keys(c.places)) }

// together is how many words of a set one goroutine makes at least.
const together = 1 << 10

// Active is who may be counted at a time under a charge that permits classes: whoever is in one of them, whose end
// has not come and whose limit the odometer of her class has not passed. Class 0 is whoever is in none. Of a class that is there twice
// the greater odometers hold.
func (c *Columns) Active(classes []Permitted, now int64) Active {
	p := c.permits(classes)
	yes := make([]uint8, len(p))
	for at := range p {
		yes[at] = uint8(p[at].yes)
	}
	a := NewActive(len(c.patients))
	spread(len(a), together, func(first, end int) { c.fill(a, first, end, p, yes, now) })
	return a
}

// permit is what a charge permits of a class.
type permit struct {
	nanoRho, delta int64  // odometer
	yes            uint64 // 1: it is permitted
}

// counts is 1 if it permits to count a patient of the class at a time that is not negative.
func (p permit) counts(b bound, now int64) uint64 {
	// The sign of each is whether she is past it. No difference overflows.
	past := uint64((b.until-1-now)|(b.nanoRho-p.nanoRho)|(b.delta-p.delta)) >> 63
	return p.yes &^ past
}

// permitsOf are by class.
func permitsOf(classes []Permitted) map[uint32]permit {
	all := make(map[uint32]permit, len(classes))
	for _, k := range classes {
		if k.Class == 0 { // whoever is in none; nobody of them has an end or a cap
			all[0] = permit{yes: 1}
			continue
		}
		p := all[k.Class]
		all[k.Class] = permit{yes: 1, nanoRho: max(p.nanoRho, k.Odometer.NanoRho), delta: max(p.delta, k.Odometer.Delta)}
	}
	return all
}

// permits are by place of the class.
func (c *Columns) permits(classes []Permitted) []permit {
	all := make([]permit, len(c.places)+1)
	for class, p := range permitsOf(classes) {
		if at, known := c.places[class]; known || class == 0 {
			all[at] = p
		}
	}
	return all
}

// Amend returns a function that puts a patient into a set, or takes her out of it, by a membership other than the one that
// the columns have of her. Whoever is not in the records is left out.
func (c *Columns) Amend(a Active, classes []Permitted, now int64) func(Membership) {
	permits := permitsOf(classes)
	now = max(now, 0)
	return func(m Membership) {
		i, found := c.Ordinal(m.Patient)
		if !found {
			return
		}
		a.Remove(i)
		if permits[m.Class].counts(boundOf(m), now) == 1 {
			a.Add(i)
		}
	}
}

// fill makes the words of a set from first to before end. yes is which permits permit. For most patients that is all, and a
// byte of a small table; who of them is in the set is as good as random, so that nothing branches on it.
func (c *Columns) fill(a Active, first, end int, permits []permit, yes []uint8, now int64) {
	now = max(now, 0)
	for w := first; w < end; w++ {
		from, to := w*64, min(w*64+64, len(c.class))
		class, bound := c.class[from:to], c.bound[from:to]
		var word uint64
		for i, at := range class {
			word |= uint64(yes[at]) << (i & 63)
		}
		for left := word & c.bounded[w]; left != 0; left &= left - 1 {
			i := bits.TrailingZeros64(left)
			word &^= (permits[class[i]].counts(c.bounds[bound[i]], now) ^ 1) << i
		}
		a[w] = word
	}
}
