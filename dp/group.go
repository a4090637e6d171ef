package dp

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
)

// groupOrder is that of the groups in a canonical query.
var groupOrder = []GroupKind{Sex, Race, Ethnicity, AgeBand, BirthYear, HasEvent, EventCount, Concept, Calendar, ValueBand}

// DividesEvents reports whether the group divides a patient's events, not patients.
func (g Group) DividesEvents() bool {
	return g.Kind == Concept || g.Kind == Calendar || g.Kind == ValueBand
}

// Divided is the events that the query's groups divide, the same in all of them; nil if they divide patients only.
func (q Query) Divided() *cohort.Events {
	for _, g := range q.GroupBy {
		if g.DividesEvents() {
			return g.Events
		}
	}
	return nil
}

func canonicalGroups(groups []Group, m Metadata) ([]Group, error) {
	var out []Group
	concepts := 0
	for i, g := range groups {
		c, err := canonicalGroup(at("group_by", i), g, m)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(out, c.clashes) {
			return nil, invalid(at("group_by", i), "divides by the same as another group")
		}
		if slices.ContainsFunc(out, c.dividesOthers) {
			return nil, invalid(at("group_by", i)+".events", "must be those that the other group divides")
		}
		concepts += len(c.Concepts)
		out = append(out, c)
	}
	if concepts > MaxConcepts {
		return nil, invalid("group_by", "names more than %d concepts", MaxConcepts)
	}
	if cells(out) > MaxCells {
		return nil, invalid("group_by", "makes more than %d cells", MaxCells)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(slices.Index(groupOrder, a.Kind), slices.Index(groupOrder, b.Kind)), bytes.Compare(text(a), text(b)))
	})
	return out, nil
}

// canonicalGroup takes from g what its kind has, and refuses what is left.
func canonicalGroup(field string, g Group, m Metadata) (Group, error) {
	c := Group{Kind: g.Kind}
	rest := g
	var err error
	switch g.Kind {
	case Sex:
	case Race, Ethnicity:
		rest.Concepts = nil
		c.Concepts, err = canonicalConcepts(field+".concepts", g.Concepts)
	case AgeBand:
		rest.Edges = nil
		if c.Edges, err = canonicalEdges(field+".edges", g.Edges, 0, MaxAge); err == nil {
			err = m.needsYear(field + ".edges")
		}
	case BirthYear:
		rest.Edges = nil
		c.Edges, err = canonicalEdges(field+".edges", g.Edges, MinYear, MaxYear)
	case HasEvent:
		rest.Matches = nil
		c.Matches, err = canonicalCriterion(field+".matches", g.Matches)
	case EventCount:
		rest.Events, rest.Cap = nil, 0
		c.Events, c.Cap, err = canonicalCount(field, g)
	case Concept, Calendar, ValueBand:
		rest, c, err = canonicalDivision(field, g)
	default:
		return Group{}, invalid(field+".kind", "%q is not supported", string(g.Kind))
	}
	if err == nil && !same(rest, Group{Kind: g.Kind}) {
		err = invalid(field, "has fields that %q does not have", string(g.Kind))
	}
	if err != nil {
		return Group{}, err
	}
	return c, nil
}

// canonicalCount checks what is counted, and up to what.
func canonicalCount(field string, g Group) (*cohort.Events, int, error) {
	if g.Cap < 1 || g.Cap > MaxCap {
		return nil, 0, invalid(field+".cap", "must be 1 to %d", MaxCap)
	}
	events, err := canonicalEvents(field+".events", g.Events)
	if err == nil && events.Keep != "" {
		return events, 1, nil
	}
	return events, g.Cap, err
}

// canonicalDivision is canonicalGroup for the groups that divide events.
func canonicalDivision(field string, g Group) (rest, c Group, err error) {
	rest, c = g, Group{Kind: g.Kind}
	rest.Events = nil
	if c.Events, err = canonicalEvents(field+".events", g.Events); err != nil {
		return rest, c, err
	}
	switch g.Kind {
	case Concept:
		rest.Concepts, rest.Descendants = nil, false
		c.Descendants = g.Descendants
		if !c.Events.Has(cohort.ConceptID) {
			return rest, c, invalid(field+".events", "have no concept")
		}
		if len(g.Concepts) == 0 {
			if g.Descendants {
				err = invalid(field+".descendants", "are of concepts that are named")
			}
			return rest, c, err
		}
		c.Concepts, err = canonicalConcepts(field+".concepts", g.Concepts)
	case Calendar:
		rest.Unit, rest.From, rest.To = "", "", ""
		c.Unit, c.From, c.To = g.Unit, g.From, g.To
		err = checkCalendar(field, c)
	default:
		rest.EdgesReal = nil
		if !c.Events.Has(cohort.Value) {
			return rest, c, invalid(field+".events", "have no value")
		}
		c.EdgesReal, err = canonicalReals(field+".edges_real", g.EdgesReal, 1)
	}
	return rest, c, err
}

func (m Metadata) needsYear(field string) error {
	if m.ReferenceYear < 1900 || m.ReferenceYear > 2200 {
		return invalid(field, "needs a dataset with a reference year")
	}
	return nil
}

func canonicalConcepts(field string, ids []int64) ([]int64, error) {
	if len(ids) == 0 || len(ids) > MaxConcepts {
		return nil, invalid(field, "must have 1 to %d", MaxConcepts)
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if ids[0] < 1 || ids[len(ids)-1] > maxConcept {
		return nil, invalid(field, "must lie in 1 to 2^53-1")
	}
	return ids, nil
}

func canonicalEdges(field string, edges []int, low, high int) ([]int, error) {
	if len(edges) == 0 {
		return nil, invalid(field, "must not be empty")
	}
	for i, e := range edges {
		if e < low || e > high {
			return nil, invalid(field, "must lie in %d to %d", low, high)
		}
		if i > 0 && e <= edges[i-1] {
			return nil, invalid(field, "must rise")
		}
	}
	return slices.Clone(edges), nil
}

// canonicalReals checks edges of values, at least least of them.
func canonicalReals(field string, edges []float64, least int) ([]float64, error) {
	if len(edges) < least || len(edges) > MaxEdges {
		return nil, invalid(field, "must have %d to %d edges", least, MaxEdges)
	}
	out := make([]float64, len(edges))
	for i, e := range edges {
		if !(e >= -MaxBound && e <= MaxBound) {
			return nil, invalid(field, "must lie in ±%d", int64(MaxBound))
		}
		if i > 0 && e <= edges[i-1] {
			return nil, invalid(field, "must rise")
		}
		out[i] = e + 0 // no negative zero
	}
	return out, nil
}

// checkCalendar checks that the group's labels are years or months.
func checkCalendar(field string, g Group) error {
	layout, ok := layouts[g.Unit]
	if !ok {
		return invalid(field+".unit", "must be %q or %q", string(Year), string(Month))
	}
	for _, end := range []struct{ field, text string }{{".from", g.From}, {".to", g.To}} {
		day, err := time.Parse(layout, end.text)
		if err != nil || day.Year() < MinYear || day.Year() > MaxYear {
			return invalid(field+end.field, "must look like %q, from %d to %d", layout, MinYear, MaxYear)
		}
	}
	if g.From > g.To {
		return invalid(field+".to", "is before from")
	}
	return nil
}

// layouts are those of a calendar's labels, which sort like the days they name.
var layouts = map[Unit]string{Year: "2006", Month: "2006-01"}

// clashes reports whether two canonical groups cannot stand in one query: the same
// twice, or two of a kind of which there is one.
func (g Group) clashes(o Group) bool {
	return g.Kind == o.Kind && (g.Kind != HasEvent && g.Kind != EventCount || same(g, o))
}

// dividesOthers reports whether two groups divide different events.
func (g Group) dividesOthers(o Group) bool {
	return g.DividesEvents() && o.DividesEvents() && !same(g.Events, o.Events)
}

// canonicalMaxGroups is in how many cells a patient counts at most: never more than there
// are for the events that she has. A single one is in one month and in one band, but
// may be a kind of several concepts.
func canonicalMaxGroups(q Query) (int, error) {
	labels := 1
	for _, g := range q.GroupBy {
		if g.DividesEvents() && (g.Events.Keep == "" || g.Descendants) {
			labels *= len(g.Labels())
			if g.PrivateKeys() {
				labels *= MaxMaxGroups
			}
		}
	}
	switch {
	case labels == 1:
		if q.MaxGroups != 0 {
			return 0, invalid("max_groups", "is only for groups that put one patient in several cells")
		}
		return 0, nil
	case q.MaxGroups < 1 || q.MaxGroups > MaxMaxGroups:
		return 0, invalid("max_groups", "must be 1 to %d", MaxMaxGroups)
	default:
		return min(q.MaxGroups, labels), nil
	}
}

// text is the JSON of a part of a query, which tells different ones apart.
func text(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // NaN and infinities, which canonical forms do not have
		return fmt.Appendf(nil, "%v", err)
	}
	return b
}

// same reports whether two canonical parts of a query are equal.
func same[T any](a, b T) bool { return bytes.Equal(text(a), text(b)) }
