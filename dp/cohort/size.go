package cohort

import "slices"

// Parts are the criteria that c joins, of the same patient or index as c itself; none of a Person or a Has.
func (c Criterion) Parts() []Criterion {
	parts := slices.Concat(c.All, c.Any)
	if c.Not != nil {
		parts = append(parts, *c.Not)
	}
	if c.AtLeast != nil {
		parts = append(parts, c.AtLeast.Of...)
	}
	return parts
}

// Nodes is how many criteria and sets of events c is made of.
func (c Criterion) Nodes() int {
	n := 1
	for _, o := range c.Parts() {
		n += o.Nodes()
	}
	if c.Has != nil {
		n += c.Has.Events.Nodes()
	}
	return n
}

// Nodes is how many criteria and sets of events e is made of.
func (e Events) Nodes() int {
	n := 1
	for _, o := range e.Union {
		n += o.Nodes()
	}
	if e.Where != nil {
		n += e.Where.Nodes()
	}
	return n
}
