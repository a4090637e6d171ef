package cohort

import (
	"cmp"
	"maps"
	"slices"
)

func canonicalEvents(e Events) Events {
	c := Events{Observed: cloned(e.Observed), Keep: e.Keep}
	if e.Where != nil {
		c.Where = new(canonical(*e.Where, false))
	}
	if e.Records != nil {
		c.Records = new(canonicalRecords(*e.Records))
		return c
	}
	for _, u := range e.Union {
		c.Union = append(c.Union, canonicalEvents(u))
	}
	return grouped(c)
}

// grouped sorts and flattens a union of canonical sets.
func grouped(e Events) Events {
	var members []Events
	for _, u := range e.Union {
		if len(u.Union) > 0 && u.Keep == "" && u.unnarrowed() {
			members = append(members, u.Union...)
		} else {
			members = append(members, u)
		}
	}
	e.Union = sortedByJSON(members, true)
	return lifted(e)
}

func (e Events) unnarrowed() bool { return e.Observed == nil && e.Where == nil }

// unkept drops the Keep of a canonical set that is only asked whether it has an event.
func unkept(e Events) Events {
	e.Keep = ""
	if len(e.Union) == 0 || !e.unnarrowed() {
		return e
	}
	members := make([]Events, len(e.Union))
	for i, u := range e.Union {
		members[i] = unkept(u)
	}
	e.Union = members
	return grouped(e)
}

// lifted writes a canonical union of one set as that set, if the two can be narrowed as one: what must be observed and
// what must hold of each event may be asked in any order, but both before one of them is kept.
func lifted(e Events) Events {
	if len(e.Union) != 1 {
		return e
	}
	in := e.Union[0]
	switch {
	case in.Keep != "" && (e.Observed != nil || e.Where != nil), in.Observed != nil && e.Observed != nil:
		return e
	case in.Keep == "":
		in.Keep = e.Keep // and one that is kept already is the first and the last
	}
	if e.Observed != nil {
		in.Observed = e.Observed
	}
	switch {
	case in.Where == nil:
		in.Where = e.Where
	case e.Where != nil:
		in.Where = new(canonicalList([]Criterion{*in.Where, *e.Where}, false, false))
	}
	return in
}

func canonicalRecords(r Records) Records {
	return Records{
		Domain: r.Domain, Concepts: canonicalConcepts(r.Concepts), First: r.First,
		Start: cloned(r.Start), End: cloned(r.End), Length: clonedInts(r.Length),
		Value: canonicalRange(r.Value), RangeLow: canonicalRange(r.RangeLow), RangeHigh: canonicalRange(r.RangeHigh),
		Quantity: canonicalRange(r.Quantity), DaysSupply: clonedInts(r.DaysSupply),
		Occurrences: clonedInts(r.Occurrences), GapDays: clonedInts(r.GapDays),
		ValueConcepts: sortedSet(r.ValueConcepts), Units: sortedSet(r.Units), Types: sortedSet(r.Types),
	}
}

func canonicalRange(r *Range) *Range {
	if r == nil {
		return nil
	}
	c := Range{Min: cloned(r.Min), Max: cloned(r.Max), MinOpen: r.MinOpen, MaxOpen: r.MaxOpen}
	for _, v := range []*float64{c.Min, c.Max} {
		if v != nil {
			*v += 0 // -0 is 0
		}
	}
	return &c
}

// canonicalConcepts drops what changes nothing: an item beside the same one with Descendants, what is included and
// excluded, and a lone concept's exclusion from concepts that are all named.
func canonicalConcepts(set ConceptSet) ConceptSet {
	has := map[Concept]bool{}
	for _, c := range set {
		has[c] = true
	}
	items := slices.DeleteFunc(slices.Collect(maps.Keys(has)), func(c Concept) bool {
		below, out := c, c
		below.Descendants, out.Exclude = true, true
		outBelow := Concept{ID: c.ID, Descendants: true, Exclude: true}
		return !c.Descendants && has[below] || !c.Exclude && (has[out] || has[outBelow])
	})
	including := func(c Concept) bool { return !c.Exclude }
	if !slices.ContainsFunc(items, including) {
		return nil
	}
	if !slices.ContainsFunc(items, func(c Concept) bool { return including(c) && c.Descendants }) {
		items = slices.DeleteFunc(items, func(c Concept) bool { return c.Exclude && !c.Descendants })
	}
	slices.SortFunc(items, func(a, b Concept) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), compareBool(a.Exclude, b.Exclude))
	})
	return slices.Clip(items)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
