package server

import (
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// What a query may say, and how much, is dp.NewPlan's business; here it only changes
// its form. What lacks what it requires becomes a value that NewPlan refuses.

var (
	units  = map[pb.CalendarUnit]dp.Unit{pb.CalendarUnit_CALENDAR_UNIT_YEAR: dp.Year, pb.CalendarUnit_CALENDAR_UNIT_MONTH: dp.Month}
	fields = map[pb.Field]dp.Field{
		pb.Field_FIELD_VALUE: dp.FieldValue, pb.Field_FIELD_QUANTITY: dp.FieldQuantity, pb.Field_FIELD_DAYS_SUPPLY: dp.FieldDaysSupply,
		pb.Field_FIELD_LENGTH: dp.FieldLength, pb.Field_FIELD_AGE: dp.FieldAge, pb.Field_FIELD_COUNT: dp.FieldCount,
	}
	reductions = map[pb.Reduce]dp.Reduce{
		pb.Reduce_REDUCE_FIRST: dp.ReduceFirst, pb.Reduce_REDUCE_LAST: dp.ReduceLast, pb.Reduce_REDUCE_MIN: dp.ReduceMin,
		pb.Reduce_REDUCE_MAX: dp.ReduceMax, pb.Reduce_REDUCE_MEAN: dp.ReduceMean, pb.Reduce_REDUCE_SUM: dp.ReduceSum,
	}
)

// queryFrom reads a query, and the margin that it may say instead of a cost.
func queryFrom(q *pb.Query) (out dp.Query, within *dp.Margin) {
	out = dp.Query{
		Dataset: q.GetDataset(), NanoRho: q.GetNanoRho(), MaxGroups: int(q.GetMaxGroups()), Cohort: criterionFrom(q.GetCohort()),
		Delta: deltaFrom(q.GetDelta()),
	}
	if m, ok := q.GetPrecision().(*pb.Query_Margin); ok {
		within = &dp.Margin{Half: m.Margin, Measure: int(q.GetMarginMeasure()), Size: q.GetMarginSize()}
	}
	for _, g := range q.GetGroupBy() {
		out.GroupBy = append(out.GroupBy, groupFrom(g))
	}
	for _, m := range q.GetMeasures() {
		out.Measures = append(out.Measures, measureFrom(m))
	}
	return out, within
}

// deltaFrom is -1, which no query has, for what is no delta.
func deltaFrom(delta float64) int64 {
	units, err := accountant.DeltaUnits(delta)
	if err != nil {
		return -1
	}
	return units
}

// criterionFrom and eventsFrom are nil for what is missing.
func criterionFrom(c *pb.Criterion) *cohort.Criterion {
	if c == nil {
		return nil
	}
	return new(CriterionFrom(c))
}

func eventsFrom(e *pb.Events) *cohort.Events {
	if e == nil {
		return nil
	}
	return new(EventsFrom(e))
}

func groupFrom(g *pb.GroupBy) dp.Group {
	switch k := g.GetKind().(type) {
	case *pb.GroupBy_Sex_:
		return dp.Group{Kind: dp.Sex}
	case *pb.GroupBy_AgeBand_:
		return dp.Group{Kind: dp.AgeBand, Edges: intsFrom(k.AgeBand.GetEdges())}
	case *pb.GroupBy_BirthYear_:
		return dp.Group{Kind: dp.BirthYear, Edges: intsFrom(k.BirthYear.GetEdges())}
	case *pb.GroupBy_Race:
		return dp.Group{Kind: dp.Race, Concepts: k.Race.GetConceptIds()}
	case *pb.GroupBy_Ethnicity:
		return dp.Group{Kind: dp.Ethnicity, Concepts: k.Ethnicity.GetConceptIds()}
	case *pb.GroupBy_HasEvent_:
		h := k.HasEvent
		matches := cohort.Recorded(recordDomains[h.GetDomain()], h.GetIncludeDescendants(), h.GetConceptIds()...)
		return dp.Group{Kind: dp.HasEvent, Matches: matches}
	case *pb.GroupBy_Matches:
		return dp.Group{Kind: dp.HasEvent, Matches: criterionFrom(k.Matches)}
	case *pb.GroupBy_EventCount_:
		return dp.Group{Kind: dp.EventCount, Events: eventsFrom(k.EventCount.GetEvents()), Cap: int(k.EventCount.GetCap())}
	case *pb.GroupBy_Concept:
		c := k.Concept
		return dp.Group{Kind: dp.Concept, Events: eventsFrom(c.GetEvents()), Concepts: c.GetConceptIds(), Descendants: c.GetIncludeDescendants()}
	case *pb.GroupBy_Calendar_:
		c := k.Calendar
		return dp.Group{Kind: dp.Calendar, Events: eventsFrom(c.GetEvents()), Unit: units[c.GetUnit()], From: c.GetFrom(), To: c.GetTo()}
	case *pb.GroupBy_ValueBand_:
		return dp.Group{Kind: dp.ValueBand, Events: eventsFrom(k.ValueBand.GetEvents()), EdgesReal: k.ValueBand.GetEdges()}
	default:
		return dp.Group{}
	}
}

func intsFrom(list []int32) (out []int) {
	for _, x := range list {
		out = append(out, int(x))
	}
	return out
}

func measureFrom(m *pb.Measure) dp.Measure {
	bounded := func(kind dp.MeasureKind, b *pb.Measure_Bounded) dp.Measure {
		return dp.Measure{Kind: kind, Value: valueFrom(b.GetValue()), Low: b.GetLow(), High: b.GetHigh()}
	}
	switch k := m.GetKind().(type) {
	case *pb.Measure_Patients_:
		return dp.Measure{Kind: dp.Patients}
	case *pb.Measure_Records_:
		return dp.Measure{Kind: dp.Records, Events: eventsFrom(k.Records.GetEvents()), Max: int(k.Records.GetMax())}
	case *pb.Measure_Proportion_:
		return dp.Measure{Kind: dp.Proportion, Of: criterionFrom(k.Proportion.GetOf())}
	case *pb.Measure_Sum:
		return bounded(dp.Sum, k.Sum)
	case *pb.Measure_Mean:
		return bounded(dp.Mean, k.Mean)
	case *pb.Measure_Variance:
		return bounded(dp.Variance, k.Variance)
	case *pb.Measure_Quantiles_:
		q := k.Quantiles
		return dp.Measure{Kind: dp.Quantiles, Value: valueFrom(q.GetValue()), Low: q.GetLow(), High: q.GetHigh(), Ranks: q.GetRanks()}
	case *pb.Measure_Histogram_:
		return dp.Measure{Kind: dp.Histogram, Value: valueFrom(k.Histogram.GetValue()), Edges: k.Histogram.GetEdges()}
	default:
		return dp.Measure{}
	}
}

func valueFrom(v *pb.Value) *dp.Value {
	if v == nil {
		return nil
	}
	return &dp.Value{Events: eventsFrom(v.GetEvents()), Field: fields[v.GetField()], Reduce: reductions[v.GetReduce()]}
}
