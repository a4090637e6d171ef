package cohort

import "slices"

// Concepts are the OMOP concepts by which the criterion chooses records, those it excludes too: sorted, once each. What a
// person is (sex, race, ethnicity), units and kinds of record are not among them.
func (c Criterion) Concepts() []int64 { return idsOf(c.each, false) }

// Concepts is [Criterion.Concepts] of events.
func (e Events) Concepts() []int64 { return idsOf(e.each, false) }

// Roots are those of [Criterion.Concepts] that are named with all that the vocabulary places below them.
func (c Criterion) Roots() []int64 { return idsOf(c.each, true) }

// Roots is [Criterion.Roots] of events.
func (e Events) Roots() []int64 { return idsOf(e.each, true) }

func idsOf(each func(func(Concept)), roots bool) []int64 {
	var ids []int64
	each(func(c Concept) {
		if c.Descendants || !roots {
			ids = append(ids, c.ID)
		}
	})
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (c Criterion) each(do func(Concept)) {
	for _, o := range c.Parts() {
		o.each(do)
	}
	if c.Has != nil {
		c.Has.Events.each(do)
	}
}

func (e Events) each(do func(Concept)) {
	if r := e.Records; r != nil {
		for _, one := range r.Concepts {
			do(one)
		}
		for _, id := range r.ValueConcepts {
			do(Concept{ID: id})
		}
	}
	for _, u := range e.Union {
		u.each(do)
	}
	if e.Where != nil {
		e.Where.each(do)
	}
}
