package dp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

func canonicalGroups(groups []Group, m Metadata) ([]Group, error) {
	out := make([]Group, 0, len(groups))
	concepts := 0
	for i, g := range groups {
		c, err := canonicalGroup(at("group_by", i), g, m)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, c.clashes) {
			return nil, invalid(at("group_by", i), "divides by the same as another group")
		}
		if c.Event != nil {
			concepts += len(c.Event.Concepts)
		}
		out = append(out, c)
	}
	if concepts > MaxConcepts {
		return nil, invalid("group_by", "names more than %d concepts", MaxConcepts)
	}
	slices.SortFunc(out, compareGroups)
	return out, nil
}

func canonicalGroup(field string, g Group, m Metadata) (Group, error) {
	if g.Kind != AgeBand && len(g.Edges) > 0 {
		return Group{}, invalid(field+".edges", "is only for %q", AgeBand)
	}
	if g.Kind != HasEvent && g.Event != nil {
		return Group{}, invalid(field+".event", "is only for %q", HasEvent)
	}
	c := Group{Kind: g.Kind}
	rest := g
	rest.Edges, rest.Event = nil, nil
	if !same(rest, c) {
		return Group{}, invalid(field, "has fields that %q does not have", string(g.Kind))
	}
	var err error
	switch g.Kind {
	case AgeBand:
		c.Edges, err = canonicalEdges(field+".edges", g.Edges, m)
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
	return g.Kind == o.Kind && (g.Kind != HasEvent || same(g, o))
}

// groupOrder is that of the groups in a canonical query.
var groupOrder = []GroupKind{Sex, Race, Ethnicity, AgeBand, BirthYear, HasEvent, EventCount, Concept, Calendar, ValueBand}

// compareGroups orders canonical groups. It is 0 only for equal ones.
func compareGroups(a, b Group) int {
	return cmp.Or(cmp.Compare(slices.Index(groupOrder, a.Kind), slices.Index(groupOrder, b.Kind)), bytes.Compare(text(a), text(b)))
}

// text is the JSON of a part of a query, which tells different ones apart.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // NaN and infinities, which canonical forms do not have
		return nil
	}
	return b
}

// same reports whether two canonical parts of a query are equal.
func same[T any](a, b T) bool { return bytes.Equal(text(a), text(b)) }
