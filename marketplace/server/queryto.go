package server

import (
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

func queryTo(q dp.Query) *pb.Query {
	out := &pb.Query{
		Dataset: q.Dataset, Precision: &pb.Query_NanoRho{NanoRho: q.NanoRho}, MaxGroups: int32(q.MaxGroups), Cohort: criterionTo(q.Cohort),
		Delta: accountant.DeltaOf(q.Delta),
	}
	for _, g := range q.GroupBy {
		out.GroupBy = append(out.GroupBy, groupTo(g))
	}
	for _, m := range q.Measures {
		out.Measures = append(out.Measures, measureTo(m))
	}
	return out
}

func criterionTo(c *cohort.Criterion) *pb.Criterion {
	if c == nil {
		return nil
	}
	return CriterionTo(*c)
}

func eventsTo(e *cohort.Events) *pb.Events {
	if e == nil {
		return nil
	}
	return EventsTo(*e)
}

func groupTo(g dp.Group) *pb.GroupBy {
	switch g.Kind {
	case dp.Sex:
		return &pb.GroupBy{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}}
	case dp.AgeBand:
		return &pb.GroupBy{Kind: &pb.GroupBy_AgeBand_{AgeBand: &pb.GroupBy_AgeBand{Edges: intsTo(g.Edges)}}}
	case dp.BirthYear:
		return &pb.GroupBy{Kind: &pb.GroupBy_BirthYear_{BirthYear: &pb.GroupBy_BirthYear{Edges: intsTo(g.Edges)}}}
	case dp.Race:
		return &pb.GroupBy{Kind: &pb.GroupBy_Race{Race: &pb.GroupBy_PersonConcept{ConceptIds: g.Concepts}}}
	case dp.Ethnicity:
		return &pb.GroupBy{Kind: &pb.GroupBy_Ethnicity{Ethnicity: &pb.GroupBy_PersonConcept{ConceptIds: g.Concepts}}}
	case dp.HasEvent:
		return &pb.GroupBy{Kind: &pb.GroupBy_Matches{Matches: criterionTo(g.Matches)}}
	default:
		return divisionTo(g)
	}
}

// divisionTo is a group that is made by events.
func divisionTo(g dp.Group) *pb.GroupBy {
	events := eventsTo(g.Events)
	switch g.Kind {
	case dp.EventCount:
		return &pb.GroupBy{Kind: &pb.GroupBy_EventCount_{EventCount: &pb.GroupBy_EventCount{Events: events, Cap: int32(g.Cap)}}}
	case dp.Concept:
		return &pb.GroupBy{Kind: &pb.GroupBy_Concept{Concept: &pb.GroupBy_ByConcept{
			Events: events, ConceptIds: g.Concepts, IncludeDescendants: g.Descendants,
		}}}
	case dp.Calendar:
		return &pb.GroupBy{Kind: &pb.GroupBy_Calendar_{Calendar: &pb.GroupBy_Calendar{
			Events: events, Unit: key(units, g.Unit), From: g.From, To: g.To,
		}}}
	case dp.ValueBand:
		return &pb.GroupBy{Kind: &pb.GroupBy_ValueBand_{ValueBand: &pb.GroupBy_ValueBand{Events: events, Edges: g.EdgesReal}}}
	default:
		return &pb.GroupBy{}
	}
}

func intsTo(list []int) (out []int32) {
	for _, x := range list {
		out = append(out, int32(x))
	}
	return out
}

func measureTo(m dp.Measure) *pb.Measure {
	bounded := &pb.Measure_Bounded{Value: valueTo(m.Value), Low: m.Low, High: m.High}
	switch m.Kind {
	case dp.Patients:
		return &pb.Measure{Kind: &pb.Measure_Patients_{Patients: &pb.Measure_Patients{}}}
	case dp.Records:
		return &pb.Measure{Kind: &pb.Measure_Records_{Records: &pb.Measure_Records{Events: eventsTo(m.Events), Max: int32(m.Max)}}}
	case dp.Proportion:
		return &pb.Measure{Kind: &pb.Measure_Proportion_{Proportion: &pb.Measure_Proportion{Of: criterionTo(m.Of)}}}
	case dp.Sum:
		return &pb.Measure{Kind: &pb.Measure_Sum{Sum: bounded}}
	case dp.Mean:
		return &pb.Measure{Kind: &pb.Measure_Mean{Mean: bounded}}
	case dp.Variance:
		return &pb.Measure{Kind: &pb.Measure_Variance{Variance: bounded}}
	case dp.Quantiles:
		return &pb.Measure{Kind: &pb.Measure_Quantiles_{Quantiles: &pb.Measure_Quantiles{
			Value: bounded.GetValue(), Low: m.Low, High: m.High, Ranks: m.Ranks,
		}}}
	case dp.Histogram:
		return &pb.Measure{Kind: &pb.Measure_Histogram_{Histogram: &pb.Measure_Histogram{Value: bounded.GetValue(), Edges: m.Edges}}}
	default:
		return &pb.Measure{}
	}
}

func valueTo(v *dp.Value) *pb.Value {
	if v == nil {
		return nil
	}
	return &pb.Value{Events: eventsTo(v.Events), Field: key(fields, v.Field), Reduce: key(reductions, v.Reduce)}
}
