package circe

import (
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
)

// verdict is a criterion on an event, or without one what holds of every event or of none.
type verdict struct {
	criterion *cohort.Criterion
	always    bool
}

func asks(c cohort.Criterion) verdict { return verdict{criterion: &c} }

// group reads a CriteriaGroup. An empty one holds.
func (r *reader) group(o *object) verdict {
	defer o.done()
	var members []verdict
	for _, c := range o.children("CriteriaList") {
		members = append(members, r.correlated(c))
	}
	for _, c := range o.children("DemographicCriteriaList") {
		members = append(members, r.demographic(c))
	}
	for _, g := range o.children("Groups") {
		members = append(members, r.group(g))
	}
	kind, _ := o.text("Type")
	count, counted := o.number("Count")
	if len(members) == 0 {
		return verdict{always: true}
	}
	switch strings.ToUpper(kind) {
	case "ALL":
		return atLeast(len(members), members)
	case "ANY":
		return atLeast(1, members)
	case "AT_LEAST", "AT_MOST":
		if !counted || count < 0 || count > cohort.MaxNodes {
			r.fault(o.at("Count"), "must be 0 to %d", cohort.MaxNodes)
			return verdict{always: true}
		}
		if strings.EqualFold(kind, "AT_LEAST") {
			return atLeast(int(count), members)
		}
		return not(atLeast(int(count)+1, members))
	default:
		r.fault(o.at("Type"), "%q is not supported", kind)
		return verdict{always: true}
	}
}

// atLeast holds if k or more of the members do.
func atLeast(k int, members []verdict) verdict {
	var of []cohort.Criterion
	for _, m := range members {
		switch {
		case m.criterion != nil:
			of = append(of, *m.criterion)
		case m.always:
			k--
		}
	}
	if k <= 0 || k > len(of) {
		return verdict{always: k <= 0}
	}
	return asks(cohort.Criterion{AtLeast: &cohort.AtLeast{K: k, Of: of}})
}

func not(v verdict) verdict {
	if v.criterion == nil {
		return verdict{always: !v.always}
	}
	return asks(cohort.Criterion{Not: v.criterion})
}

// demographic asks for what is known of the patient when the event starts.
func (r *reader) demographic(o *object) verdict {
	defer o.done()
	all := []verdict{
		anyOf(o.integers("Age"), func(age *cohort.IntRange) cohort.Person { return cohort.Person{Age: age} }),
		anyOf(o.dates("OccurrenceStartDate"), func(d *cohort.DateRange) cohort.Person { return cohort.Person{Start: d} }),
		anyOf(o.dates("OccurrenceEndDate"), func(d *cohort.DateRange) cohort.Person { return cohort.Person{End: d} }),
	}
	p := cohort.Person{Sexes: o.concepts("Gender"), Races: o.concepts("Race"), Ethnicities: o.concepts("Ethnicity")}
	if len(p.Sexes)+len(p.Races)+len(p.Ethnicities) > 0 {
		all = append(all, asks(cohort.Criterion{Person: &p}))
	}
	return atLeast(len(all), all)
}

// anyOf asks for one of the ranges; without one, everything holds.
func anyOf[R any](ranges []*R, person func(*R) cohort.Person) verdict {
	if len(ranges) == 0 {
		return verdict{always: true}
	}
	var of []verdict
	for _, r := range ranges {
		of = append(of, asks(cohort.Criterion{Person: new(person(r))}))
	}
	return atLeast(1, of)
}

// correlated asks for a number of events around the index.
func (r *reader) correlated(o *object) verdict {
	defer o.done()
	criteria := o.child("Criteria")
	if criteria == nil {
		r.fault(o.at("Criteria"), "is missing")
		return verdict{always: true}
	}
	w := cohort.Window{SameVisit: o.yes("RestrictVisit"), AnyTime: o.yes("IgnoreObservationPeriod")}
	for _, name := range []string{"StartWindow", "EndWindow"} {
		if span := o.child(name); span != nil {
			w.Spans = append(w.Spans, r.span(span, name == "EndWindow", w.AnyTime))
		}
	}
	h := cohort.Has{Events: union(r.criteria(criteria, false)), Window: &w}
	if !r.occurrence(o.child("Occurrence"), &h, o) {
		return verdict{always: true}
	}
	return asks(cohort.Criterion{Has: &h})
}

// occurrence reads how many are asked for; false if any number will do.
func (r *reader) occurrence(o *object, h *cohort.Has, parent *object) bool {
	if o == nil {
		r.fault(parent.at("Occurrence"), "is missing")
		return true
	}
	defer o.done()
	kind, _ := o.number("Type")
	count, ok := o.number("Count")
	if !ok || count < 0 || count > cohort.MaxCount {
		r.fault(o.at("Count"), "must be 0 to %d", cohort.MaxCount)
	}
	column, _ := o.text("CountColumn")
	if o.yes("IsDistinct") {
		switch column {
		case "", "DOMAIN_CONCEPT":
			h.Distinct = cohort.DistinctConcepts
		case "START_DATE":
			h.Distinct = cohort.DistinctDays
		case "VISIT_ID":
			h.Distinct = cohort.DistinctVisits
		default:
			r.fault(o.at("CountColumn"), "%q is not supported", column)
		}
	}
	switch kind {
	case 0: // exactly
		h.Min, h.Max = int(count), new(int(count))
	case 1: // at most
		h.Max = new(int(count))
	case 2: // at least
		h.Min = int(count)
		return count > 0
	default:
		r.fault(o.at("Type"), "%d is not supported", kind)
	}
	return true
}

// span reads a Window. In an EndWindow it is the event's end that counts unless it says otherwise.
func (r *reader) span(o *object, endWindow, anyTime bool) cohort.Span {
	defer o.done()
	s := cohort.Span{EventEnd: endWindow, IndexEnd: o.yes("UseIndexEnd")}
	if end, ok := value[bool](o, "UseEventEnd", "true or false"); ok {
		s.EventEnd = end
	}
	s.From = r.endpoint(o, "Start", -1, anyTime)
	s.To = r.endpoint(o, "End", 1, anyTime)
	return s
}

// endpoint is so many days from the index. Without a number of days it is the first (-1) or the last (1) day of the
// observation period, or no bound if that does not matter.
func (r *reader) endpoint(o *object, name string, outward int64, anyTime bool) *int {
	e := o.child(name)
	if e == nil {
		r.fault(o.at(name), "is missing")
		return nil
	}
	defer e.done()
	side, ok := e.number("Coeff")
	if !ok || side != -1 && side != 1 {
		r.fault(e.at("Coeff"), "must be -1 or 1")
	}
	days, ok := e.number("Days")
	switch {
	case ok && (days < -cohort.MaxDays || days > cohort.MaxDays):
		r.fault(e.at("Days"), "must lie within %d", cohort.MaxDays)
	case ok:
		return new(int(side * days))
	case side != outward && !anyTime:
		r.fault(e.path, "the other side of the observation period as this end of a window is not supported")
	}
	return nil
}
