package dp

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// ErrBounds: declared bounds that no question could use.
var ErrBounds = errors.New("unusable bounds")

// MaxBounds is the most that a dataset declares.
const MaxBounds = 1000

// Bound is what a dataset declares for the values of a field, so that a question need
// not: it stands in for Low and High, or for Max, where a measure leaves them out. Like the question's own it is
// never looked up in the records.
type Bound struct {
	Domain cohort.Domain `json:"domain,omitempty"` // of the events; empty exactly for "age"
	Field  Field         `json:"field"`
	// Concept is that of the events, with or without what is below it; 0 holds for those without a bound of their own.
	Concept int64 `json:"concept,omitempty"`
	// Unit, for "value", is the OMOP concept of the unit that the bounds are in; 0: any. They stand in where a question takes
	// values in that unit only, or names no unit and there is no other.
	Unit int64 `json:"unit,omitempty"`
	// Low and High are as in [Measure]. For "count", Low is 0 and High, a whole number of 1 to MaxRecords, the most
	// records of one patient; of several concepts their sum, and in a sum of values that many times a value.
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// CheckBounds returns [ErrBounds] with the first that is unusable, or that is there twice.
func CheckBounds(bounds []Bound) error {
	if len(bounds) > MaxBounds {
		return fmt.Errorf("%w: more than %d", ErrBounds, MaxBounds)
	}
	seen := map[boundKey]bool{}
	for i, b := range bounds {
		if why := b.unusable(); why != "" {
			return fmt.Errorf("%w: bounds[%d] %s", ErrBounds, i, why)
		}
		if seen[b.key()] {
			return fmt.Errorf("%w: bounds[%d] is there twice", ErrBounds, i)
		}
		seen[b.key()] = true
	}
	return nil
}

// SortBounds returns them in their canonical order.
func SortBounds(bounds []Bound) []Bound {
	return slices.SortedFunc(slices.Values(bounds), func(a, b Bound) int {
		return cmp.Or(cmp.Compare(a.Domain, b.Domain), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Concept, b.Concept), cmp.Compare(a.Unit, b.Unit))
	})
}

// unusable says why, or nothing.
func (b Bound) unusable() string {
	switch {
	case !b.ofField():
		return fmt.Sprintf("is of %q %q, which there is not", string(b.Domain), string(b.Field))
	case !id(b.Concept) || b.Concept != 0 && !b.Domain.Has(cohort.ConceptID):
		return "is of no such concept"
	case !id(b.Unit) || b.Unit != 0 && b.Field != FieldValue:
		return "has a unit that it cannot have"
	case b.Field == FieldCount && (b.Low != 0 || b.High != math.Trunc(b.High) || b.High > MaxRecords):
		return fmt.Sprintf("of a count must be 0 to a whole number of at most %d", MaxRecords)
	case !apart([]float64{b.Low, b.High}, leastShare) || math.Max(-b.Low, b.High) > MaxBound:
		return "must have high well above low, both within what a measure may say"
	}
	return ""
}

// ofField reports whether events of the domain have the field, or it is an age, which has no domain.
func (b Bound) ofField() bool {
	needs, known := fields[b.Field]
	if b.Field == FieldAge {
		return b.Domain == ""
	}
	return known && slices.Contains(cohort.Domains(), b.Domain) && (needs == "" || b.Domain.Has(needs))
}

// id reports whether n may be a concept, or 0 for none.
func id(n int64) bool { return n >= 0 && n <= maxConcept }

// boundKey is what a bound is declared for.
type boundKey struct {
	domain  cohort.Domain
	field   Field
	concept int64
	unit    int64
}

func (b Bound) key() boundKey { return boundKey{b.Domain, b.Field, b.Concept, b.Unit} }

// Stated is what of the metadata goes into a plan's statement: without what only fills in for a
// question, which is written out in the query then, or estimates beforehand. A new revision of those leaves
// questions what they are.
func (m Metadata) Stated() Metadata {
	m.RoundedPatients, m.Bounds = 0, nil
	return m
}

// Same reports whether two datasets are described alike.
func (m Metadata) Same(o Metadata) bool { return reflect.DeepEqual(m, o) }

// bounds are those declared for a value in its canonical form. An error says what there is no bound of.
func (m Metadata) bounds(v Value) (low, high float64, err error) {
	if v.Field == FieldAge {
		return m.hull(boundKey{field: FieldAge}, nil)
	}
	if v.Field == FieldCount {
		n, err := m.most(v.Events)
		return 0, float64(n), err
	}
	for i, r := range recordsOf(v.Events) {
		l, h, err := m.hull(boundKey{domain: r.Domain, field: v.Field}, r)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 {
			low, high = l, h
		}
		low, high = min(low, l), max(high, h)
	}
	if v.Reduce == ReduceSum {
		n, err := m.most(v.Events)
		return min(low, low*float64(n)), max(high, high*float64(n)), err
	}
	return low, high, nil
}

// most is how many of the events one patient has, as declared.
func (m Metadata) most(e *cohort.Events) (int, error) {
	total := 0
	for _, r := range recordsOf(e) {
		n := 0
		for _, c := range included(r) {
			b, ok := m.own(boundKey{domain: r.Domain, field: FieldCount, concept: c}, nil)
			if !ok {
				n = 0
				break
			}
			n += int(b.High)
		}
		if n == 0 {
			b, ok := m.own(boundKey{domain: r.Domain, field: FieldCount}, nil)
			if !ok {
				return 0, undeclared(boundKey{domain: r.Domain, field: FieldCount}, included(r))
			}
			n = int(b.High)
		}
		total += n
	}
	return min(total, MaxRecords), nil
}

// hull takes in the bounds of every concept of r, or of all there are if it names none.
func (m Metadata) hull(k boundKey, r *cohort.Records) (low, high float64, err error) {
	concepts := []int64{0}
	var units []int64
	if r != nil {
		units = r.Units
		if named := included(r); len(named) > 0 {
			concepts = named
		}
	}
	for i, c := range concepts {
		k.concept = c
		b, ok := m.own(k, units)
		if !ok && c != 0 {
			k.concept = 0
			b, ok = m.own(k, units)
		}
		if !ok {
			return 0, 0, undeclared(k, []int64{c})
		}
		if i == 0 {
			low, high = b.Low, b.High
		}
		low, high = min(low, b.Low), max(high, b.High)
	}
	return low, high, nil
}

// own is the one bound declared for k, in the units that the question takes.
func (m Metadata) own(k boundKey, units []int64) (found Bound, ok bool) {
	var candidates []Bound
	for _, b := range m.Bounds {
		if b.Domain == k.domain && b.Field == k.field && b.Concept == k.concept {
			candidates = append(candidates, b)
		}
	}
	if len(units) > 0 {
		candidates = slices.DeleteFunc(candidates, func(b Bound) bool { return b.Unit != 0 && !slices.Equal(units, []int64{b.Unit}) })
	}
	if len(candidates) == 1 {
		return candidates[0], true
	}
	wanted := int64(0) // of two in its unit and in any, the first
	if len(units) == 1 {
		wanted = units[0]
	}
	i := slices.IndexFunc(candidates, func(b Bound) bool { return b.Unit == wanted })
	if i < 0 {
		return Bound{}, false
	}
	return candidates[i], true
}

// undeclared says what there is no bound of.
func undeclared(k boundKey, concepts []int64) error {
	what := string(k.field)
	if k.domain != "" {
		what = string(k.domain) + " " + what
	}
	if len(concepts) > 0 && concepts[0] != 0 {
		what += " of concept " + some(numbers(concepts))
	}
	return fmt.Errorf("left out, and the dataset declares none for %s", what)
}

// included are the concepts that the records may be of; none: of any.
func included(r *cohort.Records) (ids []int64) {
	for _, c := range r.Concepts {
		if !c.Exclude {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// recordsOf are the records that events are made of.
func recordsOf(e *cohort.Events) []*cohort.Records {
	if e.Records != nil {
		return []*cohort.Records{e.Records}
	}
	var out []*cohort.Records
	for i := range e.Union {
		out = append(out, recordsOf(&e.Union[i])...)
	}
	return out
}
