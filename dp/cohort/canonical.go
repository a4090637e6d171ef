package cohort

import (
	"cmp"
	"encoding/json"
	"slices"
)

// Canonical checks the criterion and writes it in its one form, which holds for the same patients. It shares no memory
// with the argument, and its own canonical form is itself. The error is an [*InvalidError].
//
//   - all and any: flattened, sorted by their JSON, without repetition, without a single child
//   - at_least: sorted; of one it is any, of every one it is all
//   - not: driven inwards until it stands before a person or a has with both ends, the only ones left
//   - person: one field each
//   - has: min is written out; "none" is min 0 and max 0; what cannot change the count's verdict is left out
//   - events: a union in a union is flattened, sorted and without repetition, a union of one is that one
//   - concept sets, lists of ids and spans: sorted sets, without what others of them imply
func Canonical(c Criterion) (Criterion, error) {
	var before, after checker
	if err := before.criterion("", c, false, 1); err != nil {
		return Criterion{}, err
	}
	c = canonical(c, false)
	return c, after.criterion("", c, false, 1)
}

// Canonical is [Canonical] for a set of events that stands outside of any criterion. A single event's Keep stays.
func (e Events) Canonical() (Events, error) {
	var before, after checker
	if err := before.events("", e, 1); err != nil {
		return Events{}, err
	}
	e = canonicalEvents(e)
	return e, after.events("", e, 1)
}

// canonical writes c, or where negated its opposite.
func canonical(c Criterion, negated bool) Criterion {
	switch {
	case len(c.All) > 0:
		return canonicalList(c.All, negated, negated)
	case len(c.Any) > 0:
		return canonicalList(c.Any, !negated, negated)
	case c.Not != nil:
		return canonical(*c.Not, !negated)
	case c.AtLeast != nil:
		return canonicalAtLeast(*c.AtLeast, negated)
	case c.Person != nil:
		return canonicalPerson(*c.Person, negated)
	default:
		return canonicalHas(*c.Has, negated)
	}
}

// canonicalList is any or all of the list, each child negated if asked to.
func canonicalList(list []Criterion, disjunction, negated bool) Criterion {
	var flat []Criterion
	for _, c := range list {
		c = canonical(c, negated)
		switch {
		case disjunction && len(c.Any) > 0:
			flat = append(flat, c.Any...)
		case !disjunction && len(c.All) > 0:
			flat = append(flat, c.All...)
		default:
			flat = append(flat, c)
		}
	}
	flat = sortedByJSON(flat, true)
	switch {
	case len(flat) == 1:
		return flat[0]
	case disjunction:
		return Criterion{Any: flat}
	default:
		return Criterion{All: flat}
	}
}

// canonicalAtLeast uses that fewer than k of n hold if and only if n-k+1 or more do not.
func canonicalAtLeast(a AtLeast, negated bool) Criterion {
	k, n := a.K, len(a.Of)
	if negated {
		k = n - k + 1
	}
	if k == 1 || k == n {
		return canonicalList(a.Of, k == 1, negated)
	}
	of := make([]Criterion, n)
	for i, c := range a.Of {
		of[i] = canonical(c, negated)
	}
	return Criterion{AtLeast: &AtLeast{K: k, Of: sortedByJSON(of, false)}}
}

func canonicalPerson(p Person, negated bool) Criterion {
	var fields []Criterion
	add := func(p Person) {
		c := Criterion{Person: &p}
		if negated {
			c = Criterion{Not: &Criterion{Person: &p}}
		}
		fields = append(fields, c)
	}
	if len(p.Sexes) > 0 {
		add(Person{Sexes: sortedSet(p.Sexes)})
	}
	if len(p.Races) > 0 {
		add(Person{Races: sortedSet(p.Races)})
	}
	if len(p.Ethnicities) > 0 {
		add(Person{Ethnicities: sortedSet(p.Ethnicities)})
	}
	if p.YearOfBirth != nil {
		add(Person{YearOfBirth: clonedInts(p.YearOfBirth)})
	}
	if p.Age != nil {
		add(Person{Age: clonedInts(p.Age)})
	}
	if p.Start != nil {
		add(Person{Start: cloned(p.Start)})
	}
	if p.End != nil {
		add(Person{End: cloned(p.End)})
	}
	fields = sortedByJSON(fields, true)
	switch {
	case len(fields) == 1:
		return fields[0]
	case negated:
		return Criterion{Any: fields}
	default:
		return Criterion{All: fields}
	}
}

func canonicalHas(h Has, negated bool) Criterion {
	c := Has{Events: canonicalEvents(h.Events), Min: h.Min, Max: cloned(h.Max), Distinct: h.Distinct}
	if h.Window != nil {
		c.Window = canonicalWindow(*h.Window)
	}
	if c.Min == 0 && c.Max == nil {
		c.Min = 1
	}
	// One of the two ends is open: the opposite is the other side.
	switch {
	case negated && c.Max == nil:
		c.Min, c.Max, negated = 0, new(c.Min-1), false
	case negated && c.Min == 0 && *c.Max < MaxCount:
		c.Min, c.Max, negated = *c.Max+1, nil, false
	}
	if c.Window == nil && c.whetherAny() {
		c.Events = unkept(c.Events)
	}
	out := Criterion{Has: &c}
	if negated {
		return Criterion{Not: &out}
	}
	return out
}

// whetherAny reports that the number of records matters only as none or some.
func (h Has) whetherAny() bool {
	return h.Distinct == "" && (h.Min == 1 && h.Max == nil || h.Max != nil && *h.Max == 0)
}

func canonicalWindow(w Window) *Window {
	c := Window{SameVisit: w.SameVisit, AnyTime: w.AnyTime}
	for _, s := range w.Spans {
		s.From, s.To = cloned(s.From), cloned(s.To)
		if s.From == nil && s.To == nil {
			if w.AnyTime || !s.EventEnd {
				continue // says nothing
			}
			s.IndexEnd = false
		}
		c.Spans = append(c.Spans, s)
	}
	c.Spans = sortedByJSON(c.Spans, true)
	return &c
}

func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

func clonedInts(r *IntRange) *IntRange {
	if r == nil {
		return nil
	}
	return &IntRange{Min: cloned(r.Min), Max: cloned(r.Max)}
}

func sortedSet[T cmp.Ordered](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Clip(slices.Compact(list))
}

// sortedByJSON sorts a list of canonical values, and as a set drops repetitions.
func sortedByJSON[T any](list []T, set bool) []T {
	type written struct {
		value T
		text  string
	}
	all := make([]written, len(list))
	for i, v := range list {
		text, err := json.Marshal(v)
		if err != nil {
			panic("cohort: a checked criterion is not JSON: " + err.Error()) // no type of this package can fail once checked
		}
		all[i] = written{v, string(text)}
	}
	slices.SortFunc(all, func(a, b written) int { return cmp.Compare(a.text, b.text) })
	if set {
		all = slices.CompactFunc(all, func(a, b written) bool { return a.text == b.text })
	}
	var out []T
	for _, w := range all {
		out = append(out, w.value)
	}
	return out
}
