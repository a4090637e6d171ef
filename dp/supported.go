package dp

import "slices"

// kinds are those of groups and measures that NewPlan may let through.
type kinds struct {
	groups   []GroupKind
	measures []MeasureKind
	cohort   bool
}

// built are the kinds that the engines can compute. A kind enters with its SQL.
var built = kinds{
	groups:   []GroupKind{Sex, AgeBand, HasEvent},
	measures: []MeasureKind{Patients},
}

// every is all that a query can say.
var every = kinds{groups: groupOrder, measures: measureOrder, cohort: true}

func (k kinds) check(q Query) error {
	if q.Cohort != nil && !k.cohort {
		return invalid("cohort", "is not supported")
	}
	for i, g := range q.GroupBy {
		if !slices.Contains(k.groups, g.Kind) {
			return invalid(at("group_by", i)+".kind", "%q is not supported", string(g.Kind))
		}
		if g.Matches != nil && !k.cohort {
			return invalid(at("group_by", i)+".matches", "is not supported")
		}
	}
	for i, m := range q.Measures {
		if !slices.Contains(k.measures, m.Kind) {
			return invalid(at("measures", i)+".kind", "%q is not supported", string(m.Kind))
		}
	}
	return nil
}
