package cohort

// Nodes is how many criteria and sets of events c is made of.
func (c Criterion) Nodes() int {
	n := 1
	for _, list := range [][]Criterion{c.All, c.Any} {
		for _, o := range list {
			n += o.Nodes()
		}
	}
	if c.Not != nil {
		n += c.Not.Nodes()
	}
	if c.AtLeast != nil {
		for _, o := range c.AtLeast.Of {
			n += o.Nodes()
		}
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
