package cohort

import "fmt"

// Bounds of a criterion. All are public and hold for its canonical form too.
const (
	MaxDepth    = 32     // of criteria and sets of events inside one another
	MaxNodes    = 2000   // criteria and sets of events in all
	MaxConcepts = 10_000 // items of concept sets and ids of lists in all
	MaxCount    = 10_000 // Has.Min, Has.Max
	MaxDays     = 150_000
	maxNumber   = 1_000_000_000 // either side of 0, of an IntRange
	maxID       = 1<<53 - 1
	minYear     = 1800
	maxYear     = 2200
)

// InvalidError says why a criterion has no meaning or is out of bounds.
type InvalidError struct {
	Field string // in the criterion's JSON: "all[0].has.events.records.value"; empty for the whole
	Why   string
}

func (e *InvalidError) Error() string {
	if e.Field == "" {
		return "criterion " + e.Why
	}
	return "criterion: " + e.Field + " " + e.Why
}

// path is a place in the JSON of a criterion.
type path string

func (p path) field(name string) path {
	if p == "" {
		return path(name)
	}
	return p + "." + path(name)
}

func (p path) item(name string, i int) path { return p.field(fmt.Sprintf("%s[%d]", name, i)) }

func (p path) invalid(format string, args ...any) error {
	return &InvalidError{Field: string(p), Why: fmt.Sprintf(format, args...)}
}

// checker counts what it has seen; the first fault ends the walk.
type checker struct{ nodes, concepts int }

func (k *checker) node(at path, depth int) error {
	k.nodes++
	switch {
	case depth > MaxDepth:
		return at.invalid("lies deeper than %d", MaxDepth)
	case k.nodes > MaxNodes:
		return at.invalid("is one of more than %d criteria and sets of events", MaxNodes)
	}
	return nil
}

// criterion checks c; inside says that there is an index.
func (k *checker) criterion(at path, c Criterion, inside bool, depth int) error {
	if err := k.node(at, depth); err != nil {
		return err
	}
	set := 0
	for _, is := range []bool{len(c.All) > 0, len(c.Any) > 0, c.Not != nil, c.AtLeast != nil, c.Person != nil, c.Has != nil} {
		if is {
			set++
		}
	}
	if set != 1 {
		return at.invalid("must be exactly one of all, any, not, at_least, person and has")
	}
	switch {
	case len(c.All) > 0:
		return k.list(at, "all", c.All, inside, depth)
	case len(c.Any) > 0:
		return k.list(at, "any", c.Any, inside, depth)
	case c.Not != nil:
		return k.criterion(at.field("not"), *c.Not, inside, depth+1)
	case c.AtLeast != nil:
		at = at.field("at_least")
		if c.AtLeast.K < 1 || c.AtLeast.K > len(c.AtLeast.Of) {
			return at.field("k").invalid("must be 1 to the number of conditions")
		}
		return k.list(at, "of", c.AtLeast.Of, inside, depth)
	case c.Person != nil:
		return k.person(at.field("person"), *c.Person, inside)
	default:
		return k.has(at.field("has"), *c.Has, inside, depth)
	}
}

func (k *checker) list(at path, name string, list []Criterion, inside bool, depth int) error {
	for i, c := range list {
		if err := k.criterion(at.item(name, i), c, inside, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (k *checker) person(at path, p Person, inside bool) error {
	if len(p.Sexes)+len(p.Races)+len(p.Ethnicities) == 0 &&
		p.YearOfBirth == nil && p.Age == nil && p.Start == nil && p.End == nil {
		return at.invalid("must say something")
	}
	if !inside && (p.Age != nil || p.Start != nil || p.End != nil) {
		return at.invalid("may have age, start and end only inside where")
	}
	return firstError(
		k.ids(at.field("sexes"), p.Sexes),
		k.ids(at.field("races"), p.Races),
		k.ids(at.field("ethnicities"), p.Ethnicities),
		checkInts(at.field("year_of_birth"), p.YearOfBirth),
		checkInts(at.field("age"), p.Age),
		checkDates(at.field("start"), p.Start),
		checkDates(at.field("end"), p.End),
	)
}

func (k *checker) has(at path, h Has, inside bool, depth int) error {
	switch {
	case h.Min < 0 || h.Min > MaxCount:
		return at.field("min").invalid("must be 0 to %d", MaxCount)
	case h.Max != nil && (*h.Max < h.Min || *h.Max > MaxCount):
		return at.field("max").invalid("must be min to %d", MaxCount)
	case (h.Window != nil) != inside:
		return at.field("window").invalid("must be there inside where, and only there")
	}
	if h.Distinct.field() == "" {
		return at.field("distinct").invalid("must be %q, %q or %q", DistinctDays, DistinctConcepts, DistinctVisits)
	}
	if h.Window != nil {
		if err := checkWindow(at.field("window"), *h.Window); err != nil {
			return err
		}
	}
	if err := k.events(at.field("events"), h.Events, depth+1); err != nil {
		return err
	}
	if !h.Events.Has(h.Distinct.field()) {
		return at.field("distinct").invalid("counts what some of the events never have")
	}
	return nil
}

func checkWindow(at path, w Window) error {
	if len(w.Spans) > 2 {
		return at.field("spans").invalid("must be at most two")
	}
	for i, s := range w.Spans {
		for _, d := range []*int{s.From, s.To} {
			if d != nil && (*d < -MaxDays || *d > MaxDays) {
				return at.item("spans", i).invalid("must lie within %d days", MaxDays)
			}
		}
		if s.From != nil && s.To != nil && *s.From > *s.To {
			return at.item("spans", i).invalid("must not end before it begins")
		}
	}
	return nil
}

func (k *checker) events(at path, e Events, depth int) error {
	if err := k.node(at, depth); err != nil {
		return err
	}
	if (e.Records != nil) == (len(e.Union) > 0) {
		return at.invalid("must be exactly one of records and union")
	}
	if e.Records != nil {
		if err := k.records(at.field("records"), *e.Records); err != nil {
			return err
		}
	}
	for i, u := range e.Union {
		if err := k.events(at.item("union", i), u, depth+1); err != nil {
			return err
		}
	}
	if o := e.Observed; o != nil && (o.Before < 0 || o.Before > MaxDays || o.After < 0 || o.After > MaxDays) {
		return at.field("observed").invalid("must have 0 to %d days", MaxDays)
	}
	switch e.Keep {
	case "", KeepFirst, KeepLast:
	default:
		return at.field("keep").invalid("must be %q or %q", KeepFirst, KeepLast)
	}
	if e.Where != nil {
		return k.criterion(at.field("where"), *e.Where, true, depth+1)
	}
	return nil
}

func (k *checker) records(at path, r Records) error {
	table, ok := tables[r.Domain]
	if !ok {
		return at.field("domain").invalid("is none of the domains")
	}
	for _, f := range []struct {
		name     string
		set, has bool
	}{
		{"concepts", len(r.Concepts) > 0, table.Concept != ""},
		{"end", r.End != nil, r.Domain.Has(End)},
		{"length", r.Length != nil, r.Domain.Has(Length)},
		{"value", r.Value != nil, r.Domain.Has(Value)},
		{"range_low", r.RangeLow != nil, table.RangeLow != ""},
		{"range_high", r.RangeHigh != nil, table.RangeHigh != ""},
		{"quantity", r.Quantity != nil, r.Domain.Has(Quantity)},
		{"days_supply", r.DaysSupply != nil, r.Domain.Has(DaysSupply)},
		{"occurrences", r.Occurrences != nil, table.Occurrences != ""},
		{"gap_days", r.GapDays != nil, table.GapDays != ""},
		{"value_concepts", len(r.ValueConcepts) > 0, table.ValueConcept != ""},
		{"units", len(r.Units) > 0, table.Unit != ""},
		{"types", len(r.Types) > 0, table.Kind != ""},
	} {
		if f.set && !f.has {
			return at.field(f.name).invalid("is not there in the domain %q", r.Domain)
		}
	}
	return firstError(
		k.conceptSet(at.field("concepts"), r.Concepts),
		checkDates(at.field("start"), r.Start),
		checkDates(at.field("end"), r.End),
		checkInts(at.field("length"), r.Length),
		checkRange(at.field("value"), r.Value),
		checkRange(at.field("range_low"), r.RangeLow),
		checkRange(at.field("range_high"), r.RangeHigh),
		checkRange(at.field("quantity"), r.Quantity),
		checkInts(at.field("days_supply"), r.DaysSupply),
		checkInts(at.field("occurrences"), r.Occurrences),
		checkInts(at.field("gap_days"), r.GapDays),
		k.ids(at.field("value_concepts"), r.ValueConcepts),
		k.ids(at.field("units"), r.Units),
		k.ids(at.field("types"), r.Types),
	)
}
