package dp

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// Bounds of a query. All are public, and checked before anything is planned.
const (
	MaxGroups   = 3
	MaxConcepts = 1000 // in the whole query, duplicates removed
	MaxAge      = 130  // years
	MaxNanoRho  = 1_000_000_000_000
	MaxCells    = (MaxAge + 1) * 2 * 2 // follows from the others: every age, sex, one event
	maxConcept  = 1<<53 - 1
	maxName     = 256 // bytes
)

// InvalidQueryError says why a query cannot be planned.
type InvalidQueryError struct {
	Field string // as in the query's JSON: "group_by[1].age_edges"
	Why   string
}

func (e *InvalidQueryError) Error() string { return "query: " + e.Field + " " + e.Why }

func invalid(field, format string, args ...any) error {
	return &InvalidQueryError{Field: field, Why: fmt.Sprintf(format, args...)}
}

// canonical checks the query and writes it in its one form: concepts sorted
// without repetition; groups in the order sex, age band, events, the events by
// domain, concepts and descendants. It shares no memory with the argument.
func canonical(q Query, m Metadata) (Query, error) {
	if err := checkNames(q, m); err != nil {
		return Query{}, err
	}
	if q.NanoRho < 1 || q.NanoRho > MaxNanoRho {
		return Query{}, invalid("nano_rho", "must be 1 to %d", int64(MaxNanoRho))
	}
	if len(q.GroupBy) < 1 || len(q.GroupBy) > MaxGroups {
		return Query{}, invalid("group_by", "must have 1 to %d groups", MaxGroups)
	}
	groups := make([]Group, len(q.GroupBy))
	concepts := 0
	for i, g := range q.GroupBy {
		field := fmt.Sprintf("group_by[%d]", i)
		c, err := canonicalGroup(field, g, m)
		if err != nil {
			return Query{}, err
		}
		if slices.ContainsFunc(groups[:i], c.clashes) {
			return Query{}, invalid(field, "divides by the same as another group")
		}
		if c.Event != nil {
			concepts += len(c.Event.Concepts)
		}
		groups[i] = c
	}
	if concepts > MaxConcepts {
		return Query{}, invalid("group_by", "names more than %d concepts", MaxConcepts)
	}
	slices.SortFunc(groups, compareGroups)
	q.GroupBy = groups
	return q, nil
}

func checkNames(q Query, m Metadata) error {
	if q.Dataset == "" || len(q.Dataset) > maxName || !utf8.ValidString(q.Dataset) {
		return invalid("dataset", "must be UTF-8 of 1 to %d bytes", maxName)
	}
	if m.Dataset != q.Dataset {
		return invalid("dataset", "is not the dataset described")
	}
	if m.Version == "" || len(m.Version) > maxName || !utf8.ValidString(m.Version) {
		return invalid("dataset", "has no usable version")
	}
	return nil
}

func canonicalGroup(field string, g Group, m Metadata) (Group, error) {
	switch g.Kind {
	case Sex, AgeBand, HasEvent:
	default:
		return Group{}, invalid(field+".kind", "must be %q, %q or %q", Sex, AgeBand, HasEvent)
	}
	if g.Kind != AgeBand && len(g.AgeEdges) > 0 {
		return Group{}, invalid(field+".age_edges", "is only for %q", AgeBand)
	}
	if g.Kind != HasEvent && g.Event != nil {
		return Group{}, invalid(field+".event", "is only for %q", HasEvent)
	}
	c := Group{Kind: g.Kind}
	var err error
	switch g.Kind {
	case AgeBand:
		c.AgeEdges, err = canonicalEdges(field+".age_edges", g.AgeEdges, m)
	case HasEvent:
		c.Event, err = canonicalEvent(field+".event", g.Event)
	}
	return c, err
}

func canonicalEdges(field string, edges []int, m Metadata) ([]int, error) {
	if m.ReferenceYear < 1900 || m.ReferenceYear > 2200 {
		return nil, invalid(field, "needs a dataset with a reference year")
	}
	if len(edges) == 0 {
		return nil, invalid(field, "must not be empty")
	}
	for i, e := range edges {
		if e < 0 || e > MaxAge {
			return nil, invalid(field, "must lie in 0 to %d", MaxAge)
		}
		if i > 0 && e <= edges[i-1] {
			return nil, invalid(field, "must rise")
		}
	}
	return slices.Clone(edges), nil
}

func canonicalEvent(field string, e *Event) (*Event, error) {
	if e == nil {
		return nil, invalid(field, "is missing")
	}
	if _, ok := eventColumns[e.Domain]; !ok {
		return nil, invalid(field+".domain", "must be %q, %q or %q", Condition, Drug, Measurement)
	}
	if len(e.Concepts) == 0 {
		return nil, invalid(field+".concepts", "must not be empty")
	}
	concepts := slices.Clone(e.Concepts)
	slices.Sort(concepts)
	concepts = slices.Compact(concepts)
	if concepts[0] < 1 || concepts[len(concepts)-1] > maxConcept {
		return nil, invalid(field+".concepts", "must lie in 1 to 2^53-1")
	}
	return &Event{Domain: e.Domain, Concepts: concepts, Descendants: e.Descendants}, nil
}

// clashes reports whether two canonical groups cannot stand in one query: the
// same event twice, or two divisions by sex or by age.
func (g Group) clashes(o Group) bool {
	return g.Kind == o.Kind && (g.Kind != HasEvent || compareGroups(g, o) == 0)
}

// compareGroups orders canonical groups. It is 0 only for equal ones.
func compareGroups(a, b Group) int {
	kinds := []GroupKind{Sex, AgeBand, HasEvent}
	c := cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), slices.Compare(a.AgeEdges, b.AgeEdges))
	if c != 0 || a.Kind != HasEvent {
		return c
	}
	c = cmp.Or(cmp.Compare(a.Event.Domain, b.Event.Domain), slices.Compare(a.Event.Concepts, b.Event.Concepts))
	switch {
	case c != 0 || a.Event.Descendants == b.Event.Descendants:
		return c
	case b.Event.Descendants:
		return -1
	default:
		return 1
	}
}
