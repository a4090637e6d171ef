package server

import (
	"github.com/medmarket/medmarket/dp/cohort"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// What a criterion may say, and how much, is cohort.Canonical's business; here it
// only changes its form. A message that lacks what its oneof requires becomes an
// empty value, which Canonical refuses.

var recordDomains = map[pb.Domain]cohort.Domain{
	pb.Domain_DOMAIN_CONDITION: cohort.Condition, pb.Domain_DOMAIN_CONDITION_ERA: cohort.ConditionEra,
	pb.Domain_DOMAIN_DRUG: cohort.Drug, pb.Domain_DOMAIN_DRUG_ERA: cohort.DrugEra,
	pb.Domain_DOMAIN_PROCEDURE: cohort.Procedure, pb.Domain_DOMAIN_MEASUREMENT: cohort.Measurement,
	pb.Domain_DOMAIN_OBSERVATION: cohort.Observation, pb.Domain_DOMAIN_VISIT: cohort.Visit,
	pb.Domain_DOMAIN_DEATH: cohort.Death, pb.Domain_DOMAIN_DEVICE: cohort.Device,
	pb.Domain_DOMAIN_SPECIMEN: cohort.Specimen, pb.Domain_DOMAIN_OBSERVATION_PERIOD: cohort.ObservationPeriod,
}

var (
	distincts = map[pb.Criterion_Distinct]cohort.Distinct{
		pb.Criterion_DISTINCT_DAY: cohort.DistinctDays, pb.Criterion_DISTINCT_CONCEPT: cohort.DistinctConcepts,
		pb.Criterion_DISTINCT_VISIT: cohort.DistinctVisits,
	}
	keeps = map[pb.Events_Keep]cohort.Keep{pb.Events_KEEP_FIRST: cohort.KeepFirst, pb.Events_KEEP_LAST: cohort.KeepLast}
)

// key is the key of a value in a map of few; the zero key if there is none.
func key[K, V comparable](m map[K]V, value V) (k K) {
	for k, v := range m {
		if v == value {
			return k
		}
	}
	return k
}

// CriterionFrom turns a criterion on the wire into the language's own, unchecked.
func CriterionFrom(c *pb.Criterion) cohort.Criterion {
	switch k := c.GetKind().(type) {
	case *pb.Criterion_All:
		return cohort.Criterion{All: criteriaFrom(k.All.GetOf())}
	case *pb.Criterion_Any:
		return cohort.Criterion{Any: criteriaFrom(k.Any.GetOf())}
	case *pb.Criterion_Not:
		return cohort.Criterion{Not: new(CriterionFrom(k.Not))}
	case *pb.Criterion_AtLeast_:
		return cohort.Criterion{AtLeast: &cohort.AtLeast{K: int(k.AtLeast.GetK()), Of: criteriaFrom(k.AtLeast.GetOf())}}
	case *pb.Criterion_Person_:
		p := k.Person
		return cohort.Criterion{Person: &cohort.Person{
			Sexes: p.GetSexIds(), Races: p.GetRaceIds(), Ethnicities: p.GetEthnicityIds(),
			YearOfBirth: intRangeFrom(p.GetYearOfBirth()), Age: intRangeFrom(p.GetAge()),
			Start: dateRangeFrom(p.GetStart()), End: dateRangeFrom(p.GetEnd()),
		}}
	case *pb.Criterion_Has_:
		h := k.Has
		if h == nil {
			return cohort.Criterion{}
		}
		return cohort.Criterion{Has: &cohort.Has{
			Events: EventsFrom(h.GetEvents()), Min: int(h.GetMin()), Max: intFrom(h.Max),
			Distinct: distincts[h.GetDistinct()], Window: windowFrom(h.GetWindow()),
		}}
	default:
		return cohort.Criterion{}
	}
}

func criteriaFrom(list []*pb.Criterion) []cohort.Criterion {
	out := make([]cohort.Criterion, len(list))
	for i, c := range list {
		out[i] = CriterionFrom(c)
	}
	return out
}

func windowFrom(w *pb.Criterion_Window) *cohort.Window {
	if w == nil {
		return nil
	}
	out := cohort.Window{SameVisit: w.GetSameVisit(), AnyTime: w.GetAnyTime()}
	for _, s := range w.GetSpans() {
		out.Spans = append(out.Spans, cohort.Span{
			From: intFrom(s.From), To: intFrom(s.To), EventEnd: s.GetEventEnd(), IndexEnd: s.GetIndexEnd(),
		})
	}
	return &out
}

// EventsFrom turns a set of events on the wire into the language's own, unchecked.
func EventsFrom(e *pb.Events) cohort.Events {
	out := cohort.Events{Keep: keeps[e.GetKeep()]}
	switch of := e.GetOf().(type) {
	case *pb.Events_Records:
		out.Records = recordsFrom(of.Records)
	case *pb.Events_Union_:
		for _, u := range of.Union.GetOf() {
			out.Union = append(out.Union, EventsFrom(u))
		}
	}
	if o := e.GetObserved(); o != nil {
		out.Observed = &cohort.Observed{Before: int(o.GetBefore()), After: int(o.GetAfter())}
	}
	if e.GetWhere() != nil {
		out.Where = new(CriterionFrom(e.GetWhere()))
	}
	return out
}

func recordsFrom(r *pb.Records) *cohort.Records {
	out := cohort.Records{
		Domain: recordDomains[r.GetDomain()], First: r.GetFirst(),
		Start: dateRangeFrom(r.GetStart()), End: dateRangeFrom(r.GetEnd()), Length: intRangeFrom(r.GetLength()),
		Value: rangeFrom(r.GetValue()), RangeLow: rangeFrom(r.GetRangeLow()), RangeHigh: rangeFrom(r.GetRangeHigh()),
		Quantity: rangeFrom(r.GetQuantity()), DaysSupply: intRangeFrom(r.GetDaysSupply()),
		Occurrences: intRangeFrom(r.GetOccurrences()), GapDays: intRangeFrom(r.GetGapDays()),
		ValueConcepts: r.GetValueConceptIds(), Units: r.GetUnitConceptIds(), Types: r.GetTypeConceptIds(),
	}
	for _, c := range r.GetConcepts() {
		out.Concepts = append(out.Concepts, cohort.Concept{
			ID: c.GetId(), Descendants: c.GetIncludeDescendants(), Exclude: c.GetExclude(),
		})
	}
	return &out
}

func intRangeFrom(r *pb.IntRange) *cohort.IntRange {
	if r == nil {
		return nil
	}
	return &cohort.IntRange{Min: r.Min, Max: r.Max}
}

func rangeFrom(r *pb.Range) *cohort.Range {
	if r == nil {
		return nil
	}
	return &cohort.Range{Min: r.Min, Max: r.Max, MinOpen: r.GetMinOpen(), MaxOpen: r.GetMaxOpen()}
}

func dateRangeFrom(r *pb.DateRange) *cohort.DateRange {
	if r == nil {
		return nil
	}
	return &cohort.DateRange{From: r.GetFrom(), To: r.GetTo()}
}

func intFrom(v *int32) *int {
	if v == nil {
		return nil
	}
	return new(int(*v))
}
