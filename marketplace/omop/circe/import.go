package circe

import (
	"errors"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Import returns the canonical criterion that holds for the patients of a cohort definition. The error is [ErrSyntax],
// or every [*UnsupportedError] joined.
func Import(b []byte) (cohort.Criterion, error) {
	var r reader
	definition, err := r.definition(b)
	if err != nil {
		return cohort.Criterion{}, err
	}
	members, ok := r.cohort(definition)
	if len(r.faults) > 0 {
		return cohort.Criterion{}, errors.Join(r.faults...)
	}
	if !ok {
		return cohort.Criterion{}, &UnsupportedError{Path: "InclusionRules", What: "can hold for nobody"}
	}
	c, err := cohort.Canonical(cohort.Criterion{Has: &cohort.Has{Events: members, Min: 1}})
	var invalid *cohort.InvalidError
	if errors.As(err, &invalid) {
		return cohort.Criterion{}, &UnsupportedError{Path: "criterion " + invalid.Field, What: invalid.Why}
	}
	return c, err
}

// Faults are the parts of an error of [Import].
func Faults(err error) []*UnsupportedError {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		var all []*UnsupportedError
		for _, e := range joined.Unwrap() {
			all = append(all, Faults(e)...)
		}
		return all
	}
	var one *UnsupportedError
	if errors.As(err, &one) {
		return []*UnsupportedError{one}
	}
	return nil
}

// cohort are the events that put a patient into the cohort; not ok if there can be none.
func (r *reader) cohort(o *object) (cohort.Events, bool) {
	o.ignore("Title", "cdmVersionRange", "CensoringCriteria")
	r.conceptSets(o.children("ConceptSets"))
	events := r.primary(o.child("PrimaryCriteria"))
	may := true
	if additional := o.child("AdditionalCriteria"); additional != nil {
		events, may = narrowed(events, r.group(additional))
		events = kept(events, r.limit(o, "QualifiedLimit"))
	} else {
		r.limit(o, "QualifiedLimit")
	}
	for _, rule := range o.children("InclusionRules") {
		rule.ignore("name", "description")
		if expression := rule.child("expression"); expression != nil {
			var ok bool
			events, ok = narrowed(events, r.group(expression))
			may = may && ok
		}
		rule.done()
	}
	r.limit(o, "ExpressionLimit")
	r.ends(o)
	o.done()
	return events, may
}

// ends checks that what ends a stay drops none.
func (r *reader) ends(o *object) {
	if s := o.child("EndStrategy"); s != nil {
		if offset := s.child("DateOffset"); offset != nil {
			if days, _ := offset.number("Offset"); days < 0 {
				r.fault(offset.at("Offset"), "may end a stay before it starts")
			}
			offset.ignore("DateField")
			offset.done()
		}
		if era := s.child("CustomEra"); era != nil {
			era.ignore("DrugCodesetId", "GapDays", "Offset", "DaysSupplyOverride")
			era.done()
		}
		s.done()
	}
	if c := o.child("CollapseSettings"); c != nil {
		if how, ok := c.text("CollapseType"); ok && how != "ERA" {
			r.fault(c.at("CollapseType"), "is not supported")
		}
		c.ignore("EraPad")
		c.done()
	}
	if w := o.child("CensorWindow"); w != nil {
		w.done()
	}
}

func (r *reader) primary(o *object) cohort.Events {
	if o == nil {
		r.fault("PrimaryCriteria", "is missing")
		return cohort.Events{}
	}
	var events cohort.Events
	list := o.children("CriteriaList")
	for _, c := range list {
		events.Union = append(events.Union, r.criteria(c, true)...)
	}
	if len(list) == 0 {
		r.fault(o.at("CriteriaList"), "is empty")
	}
	events.Observed = &cohort.Observed{}
	if w := o.child("ObservationWindow"); w != nil {
		before, _ := w.number("PriorDays")
		after, _ := w.number("PostDays")
		events.Observed = &cohort.Observed{Before: int(before), After: int(after)}
		w.done()
	}
	events.Keep = r.limit(o, "PrimaryCriteriaLimit")
	o.done()
	return events
}

func (r *reader) limit(o *object, name string) cohort.Keep {
	l := o.child(name)
	if l == nil {
		return ""
	}
	defer l.done()
	kind, ok := l.text("Type")
	switch {
	case !ok, strings.EqualFold(kind, "All"):
		return ""
	case strings.EqualFold(kind, "First"):
		return cohort.KeepFirst
	case strings.EqualFold(kind, "Last"):
		return cohort.KeepLast
	default:
		r.fault(l.at("Type"), "%q is not supported", kind)
		return ""
	}
}

// narrowed asks each event for more; not ok if nothing can answer.
func narrowed(e cohort.Events, more verdict) (cohort.Events, bool) {
	if more.criterion == nil {
		return e, more.always
	}
	return cohort.Events{Union: []cohort.Events{e}, Where: more.criterion}, true
}

func kept(e cohort.Events, keep cohort.Keep) cohort.Events {
	if keep == "" {
		return e
	}
	return cohort.Events{Union: []cohort.Events{e}, Keep: keep}
}

// conceptSet is one of the definition's, with what it cannot be used for.
type conceptSet struct {
	items  cohort.ConceptSet
	mapped bool
}

func (r *reader) conceptSets(list []*object) {
	r.sets = map[int64]conceptSet{}
	for _, o := range list {
		id, _ := o.number("id")
		o.ignore("name")
		var set conceptSet
		if expression := o.child("expression"); expression != nil {
			for _, item := range expression.children("items") {
				concept := item.child("concept")
				if concept == nil {
					r.fault(item.path, "has no concept")
					continue
				}
				c := cohort.Concept{ID: r.concept(concept), Descendants: item.yes("includeDescendants"), Exclude: item.yes("isExcluded")}
				set.mapped = item.yes("includeMapped") || set.mapped
				set.items = append(set.items, c)
				item.done()
			}
			expression.done()
		}
		o.done()
		if _, twice := r.sets[id]; twice {
			r.fault(o.path, "has the id of another")
		}
		r.sets[id] = set
	}
}

// concept is the id; the rest of a concept is for people.
func (r *reader) concept(o *object) int64 {
	id, ok := o.number("CONCEPT_ID")
	if !ok || id < 0 || id > 1<<53-1 {
		r.fault(o.at("CONCEPT_ID"), "is no concept id")
	}
	o.ignore("CONCEPT_NAME", "STANDARD_CONCEPT", "STANDARD_CONCEPT_CAPTION", "INVALID_REASON", "INVALID_REASON_CAPTION",
		"CONCEPT_CODE", "DOMAIN_ID", "VOCABULARY_ID", "CONCEPT_CLASS_ID", "VALID_START_DATE", "VALID_END_DATE")
	o.done()
	return id
}

// codeset is the concept set that a criterion names; none if it names none, which is any concept.
func (r *reader) codeset(o *object) cohort.ConceptSet {
	id, ok := o.number("CodesetId")
	if !ok {
		return nil
	}
	set, ok := r.sets[id]
	includes := slices.ContainsFunc(set.items, func(c cohort.Concept) bool { return !c.Exclude })
	switch at := o.at("CodesetId"); {
	case !ok:
		r.fault(at, "names no concept set")
	case set.mapped:
		r.fault(at, "names a concept set that includes mapped concepts")
	case !includes:
		r.fault(at, "names a concept set that includes nothing")
	}
	return set.items
}

// concepts are the ids of a list of concepts.
func (o *object) concepts(name string) []int64 {
	var ids []int64
	for _, c := range o.children(name) {
		ids = append(ids, o.r.concept(c))
	}
	return ids
}

func plain(ids []int64) cohort.ConceptSet {
	var set cohort.ConceptSet
	for _, id := range ids {
		set = append(set, cohort.Concept{ID: id})
	}
	return set
}
