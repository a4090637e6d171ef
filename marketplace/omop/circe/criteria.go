package circe

import (
	"maps"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// names are how circe calls what a domain has; an empty one it lacks.
type names struct {
	domain                cohort.Domain
	start, end            string
	length, age           string
	kind                  string // concepts of the record's type, and kind+"Exclude"
	value, quantity, days bool
	ranges                bool
	occurrences, gap      bool
	visitType             bool // of the visit in which it was recorded
}

var domains = map[string]names{
	"ConditionOccurrence": {
		domain: cohort.Condition, start: "OccurrenceStartDate", end: "OccurrenceEndDate", age: "Age", kind: "ConditionType", visitType: true,
	},
	"DrugExposure": {
		domain: cohort.Drug, start: "OccurrenceStartDate", end: "OccurrenceEndDate", age: "Age", kind: "DrugType", visitType: true,
		quantity: true, days: true,
	},
	"ProcedureOccurrence": {domain: cohort.Procedure, start: "OccurrenceStartDate", age: "Age", kind: "ProcedureType", visitType: true},
	"Measurement": {
		domain: cohort.Measurement, start: "OccurrenceStartDate", age: "Age", kind: "MeasurementType", visitType: true, value: true, ranges: true,
	},
	"Observation": {domain: cohort.Observation, start: "OccurrenceStartDate", age: "Age", kind: "ObservationType", visitType: true, value: true},
	"VisitOccurrence": {
		domain: cohort.Visit, start: "OccurrenceStartDate", end: "OccurrenceEndDate", length: "VisitLength", age: "Age", kind: "VisitType",
	},
	"Death": {domain: cohort.Death, start: "OccurrenceStartDate", age: "Age", kind: "DeathType"},
	"DeviceExposure": {
		domain: cohort.Device, start: "OccurrenceStartDate", end: "OccurrenceEndDate", age: "Age", kind: "DeviceType", visitType: true,
	},
	"Specimen":     {domain: cohort.Specimen, start: "OccurrenceStartDate", age: "Age", kind: "SpecimenType"},
	"ConditionEra": {domain: cohort.ConditionEra, start: "EraStartDate", end: "EraEndDate", length: "EraLength", age: "AgeAtStart", occurrences: true},
	"DrugEra": {
		domain: cohort.DrugEra, start: "EraStartDate", end: "EraEndDate", length: "EraLength", age: "AgeAtStart", occurrences: true, gap: true,
	},
	"ObservationPeriod": {
		domain: cohort.ObservationPeriod, start: "PeriodStartDate", end: "PeriodEndDate", length: "PeriodLength", age: "AgeAtStart", kind: "PeriodType",
	},
}

// criteria reads one Criteria, {"ConditionOccurrence": {...}}, into sets of events that exclude one another: more than one
// where a range is left out. Observed says that the caller asks for observed events itself.
func (r *reader) criteria(o *object, observed bool) []cohort.Events {
	for _, name := range slices.Sorted(maps.Keys(domains)) {
		if c := o.child(name); c != nil {
			o.done()
			return r.events(c, domains[name], observed)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		r.fault(o.at(name), "is not supported")
	}
	if len(o.fields) == 0 {
		r.fault(o.path, "is empty")
	}
	return nil
}

func (r *reader) events(o *object, n names, observed bool) []cohort.Events {
	defer o.done()
	where := []verdict{r.patient(o, n)}
	var within *cohort.Observed
	if group := o.child("CorrelatedCriteria"); group != nil {
		if group.members() > 0 && !observed {
			// An index of other criteria has to start in an observation period.
			within = &cohort.Observed{}
		}
		where = append(where, r.group(group))
	}
	all := atLeast(len(where), where)
	var events []cohort.Events
	for _, records := range r.records(o, n) {
		e := cohort.Events{Records: &records, Observed: within, Where: all.criterion}
		if all.criterion == nil && !all.always {
			r.fault(o.path, "can hold for nobody")
		}
		events = append(events, e)
	}
	return events
}

// members is how many criteria a group has.
func (o *object) members() (n int) {
	for _, name := range []string{"CriteriaList", "DemographicCriteriaList", "Groups"} {
		if raw := o.fields[name]; raw != nil && string(raw) != "[]" {
			n++
		}
	}
	return n
}

// patient reads what the criteria ask of the patient and of the visit at the event.
func (r *reader) patient(o *object, n names) verdict {
	all := []verdict{anyOf(o.integers(n.age), func(age *cohort.IntRange) cohort.Person { return cohort.Person{Age: age} })}
	if sexes := o.concepts("Gender"); len(sexes) > 0 {
		all = append(all, asks(cohort.Criterion{Person: &cohort.Person{Sexes: sexes}}))
	}
	if n.visitType {
		if visits := o.concepts("VisitType"); len(visits) > 0 {
			all = append(all, asks(cohort.Criterion{Has: &cohort.Has{
				Events: cohort.Events{Records: &cohort.Records{Domain: cohort.Visit, Concepts: plain(visits)}},
				Min:    1,
				Window: &cohort.Window{SameVisit: true, AnyTime: true},
			}}))
		}
	}
	return atLeast(len(all), all)
}

// records reads what the criteria ask of the record itself.
func (r *reader) records(o *object, n names) []cohort.Records {
	all := []cohort.Records{{Domain: n.domain, First: o.yes("First")}}
	if n.domain.Has(cohort.ConceptID) {
		all[0].Concepts = r.codeset(o)
	}
	if n.kind != "" {
		all[0].Types = o.concepts(n.kind)
		if o.yes(n.kind+"Exclude") && len(all[0].Types) > 0 {
			r.fault(o.at(n.kind+"Exclude"), "is not supported")
		}
	}
	if n.value {
		all[0].ValueConcepts, all[0].Units = o.concepts("ValueAsConcept"), o.concepts("Unit")
		all = split(all, o.reals("ValueAsNumber"), func(r *cohort.Records, v *cohort.Range) { r.Value = v })
	}
	if n.ranges {
		all = split(all, o.reals("RangeLow"), func(r *cohort.Records, v *cohort.Range) { r.RangeLow = v })
		all = split(all, o.reals("RangeHigh"), func(r *cohort.Records, v *cohort.Range) { r.RangeHigh = v })
	}
	if n.quantity {
		all = split(all, o.reals("Quantity"), func(r *cohort.Records, v *cohort.Range) { r.Quantity = v })
	}
	if n.days {
		all = split(all, o.integers("DaysSupply"), func(r *cohort.Records, v *cohort.IntRange) { r.DaysSupply = v })
	}
	if n.occurrences {
		all = split(all, o.integers("OccurrenceCount"), func(r *cohort.Records, v *cohort.IntRange) { r.Occurrences = v })
	}
	if n.gap {
		all = split(all, o.integers("GapDays"), func(r *cohort.Records, v *cohort.IntRange) { r.GapDays = v })
	}
	if n.length != "" {
		all = split(all, o.integers(n.length), func(r *cohort.Records, v *cohort.IntRange) { r.Length = v })
	}
	if n.end != "" {
		all = split(all, o.dates(n.end), func(r *cohort.Records, v *cohort.DateRange) { r.End = v })
	}
	return split(all, o.dates(n.start), func(r *cohort.Records, v *cohort.DateRange) { r.Start = v })
}

// split writes all once for each of the ranges, of which none means any.
func split[R any](all []cohort.Records, ranges []*R, set func(*cohort.Records, *R)) []cohort.Records {
	if len(ranges) == 0 {
		return all
	}
	var out []cohort.Records
	for _, v := range ranges {
		for _, r := range all {
			set(&r, v)
			out = append(out, r)
		}
	}
	return out
}

func union(events []cohort.Events) cohort.Events {
	if len(events) == 1 {
		return events[0]
	}
	return cohort.Events{Union: events}
}
