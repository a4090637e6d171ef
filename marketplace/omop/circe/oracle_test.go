package circe_test

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

// oracle is what circe does with one patient, from its JSON, step by step as its SQL does: it knows nothing of package
// cohort's language. It stops at what Import refuses. No two records of hers start on one day.
type oracle struct {
	definition map[string]any
	below      cohorttest.Vocabulary
	patient    cohorttest.History
}

// event is a row of one of circe's criteria queries.
type event struct {
	id, concept    int64
	domain         cohort.Domain
	start, end     int
	visit          *int64
	opStart, opEnd int // of the observation period, once joined
	record         cohorttest.Record
}

type fields = map[string]any

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func object(v any) fields {
	o, _ := v.(fields)
	return o
}

func whole(v any) int {
	f, _ := v.(float64)
	return int(f)
}

// inCohort reports whether a stay in the cohort starts.
func (o oracle) inCohort() bool {
	primary := object(o.definition["PrimaryCriteria"])
	var all []event
	for _, c := range list(primary["CriteriaList"]) {
		all = append(all, o.query(object(c))...)
	}
	window := object(primary["ObservationWindow"])
	all = slices.DeleteFunc(o.observed(all), func(e event) bool {
		return e.opStart+whole(window["PriorDays"]) > e.start || e.start+whole(window["PostDays"]) > e.opEnd
	})
	all = limited(all, primary["PrimaryCriteriaLimit"])
	if additional := object(o.definition["AdditionalCriteria"]); additional != nil {
		all = limited(o.grouped(all, additional), o.definition["QualifiedLimit"])
	}
	for _, rule := range list(o.definition["InclusionRules"]) {
		all = o.grouped(all, object(object(rule)["expression"]))
	}
	return len(all) > 0
}

func limited(all []event, limit any) []event {
	slices.SortFunc(all, func(a, b event) int { return cmp.Compare(a.start, b.start) })
	switch kind, _ := object(limit)["Type"].(string); {
	case len(all) == 0, strings.EqualFold(kind, "ALL"):
		return all
	case strings.EqualFold(kind, "LAST"):
		return all[len(all)-1:]
	default:
		return all[:1]
	}
}

// observed joins the observation period in which each event starts; what starts in none is gone.
func (o oracle) observed(all []event) (in []event) {
	for _, e := range all {
		for _, p := range o.patient.Records {
			if p.Domain == cohort.ObservationPeriod && *p.Start <= e.start && e.start <= *p.End {
				e.opStart, e.opEnd = *p.Start, *p.End
				in = append(in, e)
			}
		}
	}
	return in
}

// grouped keeps the events for which the group holds.
func (o oracle) grouped(all []event, group fields) (in []event) {
	for _, e := range all {
		if o.group(group, e) {
			in = append(in, e)
		}
	}
	return in
}

func (o oracle) group(g fields, e event) bool {
	n, held := 0, 0
	add := func(holds bool) {
		n++
		if holds {
			held++
		}
	}
	for _, c := range list(g["CriteriaList"]) {
		add(o.correlated(object(c), e))
	}
	for _, c := range list(g["DemographicCriteriaList"]) {
		add(o.demographic(object(c), e))
	}
	for _, c := range list(g["Groups"]) {
		add(o.group(object(c), e))
	}
	switch kind, _ := g["Type"].(string); {
	case n == 0:
		return true
	case kind == "ALL":
		return held == n
	case kind == "ANY":
		return held > 0
	case kind == "AT_LEAST":
		return held >= whole(g["Count"])
	default:
		return held <= whole(g["Count"])
	}
}

func (o oracle) correlated(c fields, e event) bool {
	ignore, _ := c["IgnoreObservationPeriod"].(bool)
	restrict, _ := c["RestrictVisit"].(bool)
	var found []event
	for _, a := range o.query(object(c["Criteria"])) {
		switch {
		case !ignore && (a.start < e.opStart || a.start > e.opEnd):
		case restrict && (a.visit == nil || e.visit == nil || *a.visit != *e.visit):
		case !inWindow(object(c["StartWindow"]), a, e, false, ignore), !inWindow(object(c["EndWindow"]), a, e, true, ignore):
		default:
			found = append(found, a)
		}
	}
	occurrence := object(c["Occurrence"])
	n, count := len(found), whole(occurrence["Count"])
	if distinct, _ := occurrence["IsDistinct"].(bool); distinct {
		values := map[int64]bool{}
		for _, a := range found {
			if occurrence["CountColumn"] == "START_DATE" {
				values[int64(a.start)] = true
			} else {
				values[a.concept] = true
			}
		}
		n = len(values)
	}
	return [...]bool{n == count, n <= count, n >= count}[whole(occurrence["Type"])]
}

func inWindow(w fields, a, e event, byEnd, ignore bool) bool {
	if w == nil {
		return true
	}
	if end, ok := w["UseEventEnd"].(bool); ok {
		byEnd = end
	}
	day, index := a.start, e.start
	if byEnd {
		day = a.end
	}
	if end, _ := w["UseIndexEnd"].(bool); end {
		index = e.end
	}
	bound := func(name string) (int, bool) {
		p := object(w[name])
		if days, ok := p["Days"].(float64); ok {
			return index + whole(p["Coeff"])*int(days), true
		}
		if whole(p["Coeff"]) == -1 {
			return e.opStart, !ignore
		}
		return e.opEnd, !ignore
	}
	if from, ok := bound("Start"); ok && day < from {
		return false
	}
	to, ok := bound("End")
	return !ok || day <= to
}

func (o oracle) demographic(c fields, e event) bool {
	return o.aged(c["Age"], e) && listed(c["Gender"], &o.patient.Sex) && listed(c["Race"], &o.patient.Race) &&
		listed(c["Ethnicity"], &o.patient.Ethnicity) && dated(c["OccurrenceStartDate"], e.start) && dated(c["OccurrenceEndDate"], e.end)
}

func (o oracle) aged(r any, e event) bool {
	return compared(r, new(float64(date(e.start).Year()-int(o.patient.YearOfBirth))))
}

var domainNames = map[string]cohort.Domain{
	"ConditionOccurrence": cohort.Condition, "DrugExposure": cohort.Drug, "ProcedureOccurrence": cohort.Procedure,
	"Measurement": cohort.Measurement, "Observation": cohort.Observation, "VisitOccurrence": cohort.Visit, "Death": cohort.Death,
	"DeviceExposure": cohort.Device, "Specimen": cohort.Specimen, "ConditionEra": cohort.ConditionEra, "DrugEra": cohort.DrugEra,
	"ObservationPeriod": cohort.ObservationPeriod,
}

// query are the events of one of circe's criteria.
func (o oracle) query(c fields) []event {
	for kind, v := range c {
		a := object(v)
		domain := domainNames[kind]
		all := o.table(domain, a)
		if first, _ := a["First"].(bool); first && len(all) > 1 {
			all = all[:1]
		}
		all = slices.DeleteFunc(all, func(e event) bool { return !o.matches(a, e) })
		if group := object(a["CorrelatedCriteria"]); group != nil {
			all = o.grouped(o.observed(all), group)
		}
		return all
	}
	return nil
}

// table are the rows of the concepts, by start.
func (o oracle) table(domain cohort.Domain, a fields) (all []event) {
	for _, r := range o.patient.Records {
		if r.Domain != domain || a["CodesetId"] != nil && !o.inSet(whole(a["CodesetId"]), *r.Concept) {
			continue
		}
		e := event{id: r.ID, domain: domain, concept: *r.Concept, start: *r.Start, end: *r.Start + 1, record: r}
		switch domain {
		case cohort.Condition, cohort.Drug, cohort.Visit, cohort.Device, cohort.ConditionEra, cohort.DrugEra, cohort.ObservationPeriod:
			if r.End != nil {
				e.end = *r.End
			} else if domain == cohort.Drug && r.DaysSupply != nil {
				e.end = *r.Start + int(*r.DaysSupply)
			}
		}
		switch domain {
		case cohort.Visit:
			e.visit = &r.ID
		case cohort.Condition, cohort.Drug, cohort.Procedure, cohort.Measurement, cohort.Observation, cohort.Device:
			e.visit = r.Visit
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b event) int { return cmp.Compare(a.start, b.start) })
	return all
}

func (o oracle) matches(a fields, e event) bool {
	length := float64(e.end - e.start)
	real := func(v *int64) *float64 {
		if v == nil {
			return nil
		}
		return new(float64(*v))
	}
	starts := []any{a["OccurrenceStartDate"], a["EraStartDate"], a["PeriodStartDate"]}
	if slices.ContainsFunc(starts, func(r any) bool { return !dated(r, e.start) }) {
		return false
	}
	if visits := list(a["VisitType"]); len(visits) > 0 && e.domain != cohort.Visit {
		if !slices.ContainsFunc(o.patient.Records, func(r cohorttest.Record) bool {
			return r.Domain == cohort.Visit && e.visit != nil && r.ID == *e.visit && listed(visits, r.Concept)
		}) {
			return false
		}
	}
	return compared(a["ValueAsNumber"], e.record.Value) && compared(a["RangeLow"], e.record.RangeLow) && compared(a["RangeHigh"], e.record.RangeHigh) &&
		listed(a["ValueAsConcept"], e.record.ValueConcept) && listed(a["Unit"], e.record.Unit) &&
		compared(a["EraLength"], &length) && compared(a["OccurrenceCount"], real(e.record.Occurrences)) &&
		o.aged(a["Age"], e) && listed(a["Gender"], &o.patient.Sex)
}

func (o oracle) inSet(id int, concept int64) bool {
	for _, s := range list(o.definition["ConceptSets"]) {
		if whole(object(s)["id"]) != id {
			continue
		}
		in := false
		for _, i := range list(object(object(s)["expression"])["items"]) {
			item := object(i)
			root := int64(whole(object(item["concept"])["CONCEPT_ID"]))
			below, _ := item["includeDescendants"].(bool)
			if concept != root && (!below || !slices.Contains(o.below[root], concept)) {
				continue
			}
			if excluded, _ := item["isExcluded"].(bool); excluded {
				return false
			}
			in = true
		}
		return in
	}
	return false
}

func listed(v any, id *int64) bool {
	concepts := list(v)
	return len(concepts) == 0 || id != nil && slices.ContainsFunc(concepts, func(c any) bool {
		return int64(whole(object(c)["CONCEPT_ID"])) == *id
	})
}

func compared(r any, v *float64) bool {
	if r == nil {
		return true
	}
	if v == nil {
		return false
	}
	a, _ := object(r)["Value"].(float64)
	b, _ := object(r)["Extent"].(float64)
	return map[any]bool{
		"gt": *v > a, "gte": *v >= a, "lt": *v < a, "lte": *v <= a, "eq": *v == a, "bt": a <= *v && *v <= b,
	}[object(r)["Op"]]
}

func dated(r any, day int) bool {
	if r == nil {
		return true
	}
	d := date(day).Format(time.DateOnly)
	a, _ := object(r)["Value"].(string)
	b, _ := object(r)["Extent"].(string)
	return map[any]bool{
		"gt": d > a, "gte": d >= a, "lt": d < a, "lte": d <= a, "eq": d == a, "bt": a <= d && d <= b,
	}[object(r)["Op"]]
}

func date(day int) time.Time { return time.Unix(int64(day)*86_400, 0).UTC() }
