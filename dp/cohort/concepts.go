package cohort

import "slices"

// Concepts are the OMOP concepts by which the criterion chooses records, those it excludes too: sorted, once each. What a
// person is (sex, race, ethnicity), units and kinds of record are not among them.
func (c Criterion) Concepts() []int64 { return sortedIDs(c.concepts(nil)) }

// Concepts is [Criterion.Concepts] of events.
func (e Events) Concepts() []int64 { return sortedIDs(e.concepts(nil)) }

func sortedIDs(ids []int64) []int64 {
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (c Criterion) concepts(ids []int64) []int64 {
	for _, o := range c.Parts() {
		ids = o.concepts(ids)
	}
	if c.Has != nil {
		ids = c.Has.Events.concepts(ids)
	}
	return ids
}

func (e Events) concepts(ids []int64) []int64 {
	if r := e.Records; r != nil {
		for _, one := range r.Concepts {
			ids = append(ids, one.ID)
		}
		ids = append(ids, r.ValueConcepts...)
	}
	for _, u := range e.Union {
		ids = u.concepts(ids)
	}
	if e.Where != nil {
		ids = e.Where.concepts(ids)
	}
	return ids
}
