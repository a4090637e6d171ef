package dp_test

import (
	"errors"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

func TestInvalidGroupsAndMeasures(t *testing.T) {
	events := records(cohort.Measurement, 1)
	value := &dp.Value{Events: events, Field: dp.FieldValue, Reduce: dp.ReduceMean}
	group := func(g dp.Group) dp.Query {
		q := asked(1_000_000)
		q.GroupBy, q.MaxGroups = []dp.Group{g}, 1
		if g.Kind != dp.Concept && g.Kind != dp.Calendar && g.Kind != dp.ValueBand {
			q.MaxGroups = 0
		}
		return q
	}
	measure := func(m dp.Measure) dp.Query { return asked(1_000_000, m) }
	divided := func(e *cohort.Events) dp.Query {
		q := group(dp.Group{Kind: dp.Concept, Events: events, Concepts: []int64{1, 2}})
		q.Measures = []dp.Measure{{Kind: dp.Records, Events: e, Max: 1}}
		return q
	}
	wide := make([]float64, dp.MaxEdges)
	for i := range wide {
		wide[i] = float64(i)
	}
	many := group(dp.Group{Kind: dp.AgeBand, Edges: []int{0, 20, 40, 60, 80}})
	many.GroupBy = append(many.GroupBy, dp.Group{Kind: dp.EventCount, Events: events, Cap: 30})
	many.Measures = []dp.Measure{{Kind: dp.Histogram, Value: age, Edges: wide}}
	half := cohort.Criterion{} // of what a query may have, and one more
	for i := range dp.MaxNodes / 4 {
		half.All = append(half.All, cohort.Criterion{Has: &cohort.Has{Events: *records(cohort.Condition, int64(i+1)), Min: 1}})
	}
	long := measure(dp.Measure{Kind: dp.Proportion, Of: &half})
	long.Cohort = &half
	for name, c := range map[string]struct {
		field string
		query dp.Query
	}{
		"criteria that are too many together": {"cohort", long},
		"cohort of nothing":                   {"cohort", dp.Query{Dataset: metadata.Dataset, NanoRho: 1, Cohort: &cohort.Criterion{}}},
		"no races":                            {"group_by[0].concepts", group(dp.Group{Kind: dp.Race})},
		"birth year of nobody":                {"group_by[0].edges", group(dp.Group{Kind: dp.BirthYear, Edges: []int{1799}})},
		"cap zero":                            {"group_by[0].cap", group(dp.Group{Kind: dp.EventCount, Events: events})},
		"no events":                           {"group_by[0].events", group(dp.Group{Kind: dp.EventCount, Cap: 1})},
		"concept of no events":                {"group_by[0].events", group(dp.Group{Kind: dp.Concept, Concepts: []int64{1}})},
		"periods have no concept":             {"group_by[0].events", group(dp.Group{Kind: dp.Concept, Events: records(cohort.ObservationPeriod), Concepts: []int64{1}})},
		"drugs have no value":                 {"group_by[0].events", group(dp.Group{Kind: dp.ValueBand, Events: records(cohort.Drug), EdgesReal: []float64{1}})},
		"band of NaN":                         {"group_by[0].edges_real", group(dp.Group{Kind: dp.ValueBand, Events: events, EdgesReal: []float64{math.NaN()}})},
		"no unit":                             {"group_by[0].unit", group(dp.Group{Kind: dp.Calendar, Events: events, From: "2010", To: "2011"})},
		"no such month":                       {"group_by[0].to", group(dp.Group{Kind: dp.Calendar, Events: events, Unit: dp.Month, From: "2010-01", To: "2010-13"})},
		"short year":                          {"group_by[0].from", group(dp.Group{Kind: dp.Calendar, Events: events, Unit: dp.Year, From: "201", To: "2011"})},
		"backwards":                           {"group_by[0].to", group(dp.Group{Kind: dp.Calendar, Events: events, Unit: dp.Year, From: "2011", To: "2010"})},
		"unit for sex":                        {"group_by[0]", group(dp.Group{Kind: dp.Sex, Unit: dp.Year})},
		"unknown measure":                     {"measures[0].kind", measure(dp.Measure{Kind: "mode"})},
		"no maximum":                          {"measures[0].max", measure(dp.Measure{Kind: dp.Records, Events: events})},
		"records of nothing":                  {"measures[0].events", measure(dp.Measure{Kind: dp.Records, Max: 1})},
		"proportion of nothing":               {"measures[0].of", measure(dp.Measure{Kind: dp.Proportion})},
		"sum of nothing":                      {"measures[0].value", measure(dp.Measure{Kind: dp.Sum, High: 1})},
		"no bounds":                           {"measures[0].high", measure(dp.Measure{Kind: dp.Sum, Value: value})},
		"bounds too far":                      {"measures[0].high", measure(dp.Measure{Kind: dp.Sum, Value: value, High: 1e10})},
		"infinite bounds":                     {"measures[0].high", measure(dp.Measure{Kind: dp.Sum, Value: value, High: math.Inf(1)})},
		"no bound but NaN":                    {"measures[0].high", measure(dp.Measure{Kind: dp.Sum, Value: value, Low: math.NaN(), High: 1})},
		"unknown field":                       {"measures[0].value.field", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Events: events, Field: "x"}})},
		"no reduction":                        {"measures[0].value.reduce", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Events: events, Field: dp.FieldValue}})},
		"reduction of a count":                {"measures[0].value.reduce", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Events: events, Field: dp.FieldCount, Reduce: dp.ReduceSum}})},
		"reduction of an age":                 {"measures[0].value.reduce", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Field: dp.FieldAge, Reduce: dp.ReduceSum}})},
		"quantity of measurements":            {"measures[0].value.field", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Events: events, Field: dp.FieldQuantity, Reduce: dp.ReduceSum}})},
		"value of no events":                  {"measures[0].value.events", measure(dp.Measure{Kind: dp.Sum, High: 1, Value: &dp.Value{Field: dp.FieldValue, Reduce: dp.ReduceSum}})},
		"no ranks":                            {"measures[0].ranks", measure(dp.Measure{Kind: dp.Quantiles, High: 1, Value: value})},
		"rank one":                            {"measures[0].ranks", measure(dp.Measure{Kind: dp.Quantiles, High: 1, Value: value, Ranks: []float64{1}})},
		"fine rank":                           {"measures[0].ranks", measure(dp.Measure{Kind: dp.Quantiles, High: 1, Value: value, Ranks: []float64{0.50001}})},
		"NaN rank":                            {"measures[0].ranks", measure(dp.Measure{Kind: dp.Quantiles, High: 1, Value: value, Ranks: []float64{math.NaN()}})},
		"one edge":                            {"measures[0].edges", measure(dp.Measure{Kind: dp.Histogram, Value: value, Edges: []float64{1}})},
		"edges for a mean":                    {"measures[0]", measure(dp.Measure{Kind: dp.Mean, Value: value, High: 1, Edges: []float64{1, 2}})},
		"other events":                        {"measures[0]", divided(records(cohort.Drug, 1))},
		"too many numbers":                    {"measures", many},
		"too little for each":                 {"nano_rho", asked(2, dp.Measure{Kind: dp.Variance, Value: value, High: 1})},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := dp.NewPlan(c.query, metadata)
			var invalid *dp.InvalidQueryError
			if !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Why == "" {
				t.Fatalf("error %v, want an InvalidQueryError of %s", err, c.field)
			}
			if len(p.Cells) != 0 {
				t.Error("a plan came with the error")
			}
		})
	}
	if _, err := dp.NewPlan(divided(records(cohort.Measurement, 1)), metadata); err != nil {
		t.Errorf("records of the divided events: %v", err)
	}
}
