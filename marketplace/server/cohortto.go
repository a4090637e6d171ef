package server

import (
	"github.com/medmarket/medmarket/dp/cohort"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// CriterionTo puts a checked criterion on the wire.
func CriterionTo(c cohort.Criterion) *pb.Criterion {
	switch {
	case len(c.All) > 0:
		return &pb.Criterion{Kind: &pb.Criterion_All{All: &pb.Criterion_Criteria{Of: criteriaTo(c.All)}}}
	case len(c.Any) > 0:
		return &pb.Criterion{Kind: &pb.Criterion_Any{Any: &pb.Criterion_Criteria{Of: criteriaTo(c.Any)}}}
	case c.Not != nil:
		return &pb.Criterion{Kind: &pb.Criterion_Not{Not: CriterionTo(*c.Not)}}
	case c.AtLeast != nil:
		return &pb.Criterion{Kind: &pb.Criterion_AtLeast_{AtLeast: &pb.Criterion_AtLeast{
			K: int32(c.AtLeast.K), Of: criteriaTo(c.AtLeast.Of),
		}}}
	case c.Person != nil:
		p := c.Person
		return &pb.Criterion{Kind: &pb.Criterion_Person_{Person: &pb.Criterion_Person{
			SexIds: p.Sexes, RaceIds: p.Races, EthnicityIds: p.Ethnicities,
			YearOfBirth: intRangeTo(p.YearOfBirth), Age: intRangeTo(p.Age), Start: dateRangeTo(p.Start), End: dateRangeTo(p.End),
		}}}
	case c.Has != nil:
		h := c.Has
		return &pb.Criterion{Kind: &pb.Criterion_Has_{Has: &pb.Criterion_Has{
			Events: EventsTo(h.Events), Min: int32(h.Min), Max: intTo(h.Max), Distinct: key(distincts, h.Distinct), Window: windowTo(h.Window),
		}}}
	default:
		return &pb.Criterion{}
	}
}

func criteriaTo(list []cohort.Criterion) []*pb.Criterion {
	out := make([]*pb.Criterion, len(list))
	for i, c := range list {
		out[i] = CriterionTo(c)
	}
	return out
}

func windowTo(w *cohort.Window) *pb.Criterion_Window {
	if w == nil {
		return nil
	}
	out := &pb.Criterion_Window{SameVisit: w.SameVisit, AnyTime: w.AnyTime}
	for _, s := range w.Spans {
		out.Spans = append(out.Spans, &pb.Criterion_Span{
			From: intTo(s.From), To: intTo(s.To), EventEnd: s.EventEnd, IndexEnd: s.IndexEnd,
		})
	}
	return out
}

// EventsTo puts a checked set of events on the wire.
func EventsTo(e cohort.Events) *pb.Events {
	out := &pb.Events{Keep: key(keeps, e.Keep)}
	if e.Records != nil {
		out.Of = &pb.Events_Records{Records: recordsTo(*e.Records)}
	} else {
		union := &pb.Events_Union{}
		for _, u := range e.Union {
			union.Of = append(union.Of, EventsTo(u))
		}
		out.Of = &pb.Events_Union_{Union: union}
	}
	if e.Observed != nil {
		out.Observed = &pb.Events_Observed{Before: int32(e.Observed.Before), After: int32(e.Observed.After)}
	}
	if e.Where != nil {
		out.Where = CriterionTo(*e.Where)
	}
	return out
}

func recordsTo(r cohort.Records) *pb.Records {
	out := &pb.Records{
		Domain: key(recordDomains, r.Domain), First: r.First,
		Start: dateRangeTo(r.Start), End: dateRangeTo(r.End), Length: intRangeTo(r.Length),
		Value: rangeTo(r.Value), RangeLow: rangeTo(r.RangeLow), RangeHigh: rangeTo(r.RangeHigh),
		Quantity: rangeTo(r.Quantity), DaysSupply: intRangeTo(r.DaysSupply),
		Occurrences: intRangeTo(r.Occurrences), GapDays: intRangeTo(r.GapDays),
		ValueConceptIds: r.ValueConcepts, UnitConceptIds: r.Units, TypeConceptIds: r.Types,
	}
	for _, c := range r.Concepts {
		out.Concepts = append(out.Concepts, &pb.Concept{Id: c.ID, IncludeDescendants: c.Descendants, Exclude: c.Exclude})
	}
	return out
}

func intRangeTo(r *cohort.IntRange) *pb.IntRange {
	if r == nil {
		return nil
	}
	return &pb.IntRange{Min: r.Min, Max: r.Max}
}

func rangeTo(r *cohort.Range) *pb.Range {
	if r == nil {
		return nil
	}
	return &pb.Range{Min: r.Min, Max: r.Max, MinOpen: r.MinOpen, MaxOpen: r.MaxOpen}
}

func dateRangeTo(r *cohort.DateRange) *pb.DateRange {
	if r == nil {
		return nil
	}
	return &pb.DateRange{From: r.From, To: r.To}
}

func intTo(v *int) *int32 {
	if v == nil {
		return nil
	}
	return new(int32(*v))
}
