package server

import (
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// queries that have every kind of group, measure, field and reduction between them.
func everyQuery() []dp.Query {
	labs := func() *cohort.Events {
		return &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 3004410, Descendants: true}}}}
	}
	drugs := func() *cohort.Events { return &cohort.Events{Records: &cohort.Records{Domain: cohort.Drug}} }
	value := func(e *cohort.Events, f dp.Field, r dp.Reduce) *dp.Value {
		return &dp.Value{Events: e, Field: f, Reduce: r}
	}
	visits := &cohort.Events{Records: &cohort.Records{Domain: cohort.Visit}}
	return []dp.Query{
		{GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.AgeBand, Edges: []int{0, 40}}, {Kind: dp.BirthYear, Edges: []int{1950, 1980}}}},
		{
			Cohort:  cohort.Recorded(cohort.Condition, true, 201826),
			GroupBy: []dp.Group{{Kind: dp.Race, Concepts: []int64{8527}}, {Kind: dp.Ethnicity, Concepts: []int64{38003564}}},
			Measures: []dp.Measure{
				{Kind: dp.Patients}, {Kind: dp.Records, Events: labs(), Max: 5}, {Kind: dp.Proportion, Of: cohort.Recorded(cohort.Drug, false, 1503297)},
				{Kind: dp.Sum, Value: value(drugs(), dp.FieldQuantity, dp.ReduceSum), Low: 0, High: 90},
				{Kind: dp.Mean, Value: value(labs(), dp.FieldValue, dp.ReduceLast), Low: 2, High: 20.5},
				{Kind: dp.Variance, Value: value(labs(), dp.FieldValue, dp.ReduceMean), Low: 2, High: 20},
				{Kind: dp.Quantiles, Value: value(labs(), dp.FieldValue, dp.ReduceMax), Low: 2, High: 20, Ranks: []float64{0.25, 0.5}},
				{Kind: dp.Histogram, Value: value(labs(), dp.FieldValue, dp.ReduceMin), Edges: []float64{2, 5, 9.5}},
			},
		},
		{
			GroupBy: []dp.Group{{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Death, false)}, {Kind: dp.EventCount, Events: visits, Cap: 4}},
			Measures: []dp.Measure{
				{Kind: dp.Mean, Value: &dp.Value{Field: dp.FieldAge}, Low: 0, High: 100}, {Kind: dp.Mean, Value: value(visits, dp.FieldLength, dp.ReduceFirst), Low: 0, High: 30},
				{Kind: dp.Mean, Value: value(drugs(), dp.FieldDaysSupply, dp.ReduceFirst), Low: 0, High: 90}, {Kind: dp.Mean, Value: value(visits, dp.FieldCount, ""), Low: 0, High: 20},
			},
		},
		{
			GroupBy: []dp.Group{
				{Kind: dp.Concept, Events: labs(), Concepts: []int64{3004410, 3034639}, Descendants: true},
				{Kind: dp.Calendar, Events: labs(), Unit: dp.Year, From: "2010", To: "2012"}, {Kind: dp.ValueBand, Events: labs(), EdgesReal: []float64{0, 6.5}},
			},
			MaxGroups: 3,
		},
		{GroupBy: []dp.Group{{Kind: dp.Calendar, Events: labs(), Unit: dp.Month, From: "2010-07", To: "2010-09"}}, MaxGroups: 2},
		{GroupBy: []dp.Group{{Kind: dp.Concept, Events: labs()}}, MaxGroups: 2, Delta: dp.MinDelta + 1},
	}
}

// What a query says, it says on the wire: to REST's JSON and back it is the same plan, and the
// field rules let it through.
func TestQueriesOnTheWire(t *testing.T) {
	metadata := dp.Metadata{Dataset: "hospital", Version: "1", ReferenceYear: 2026}
	for _, q := range everyQuery() {
		q.Dataset, q.NanoRho = "hospital", 1_000_000
		want, err := dp.NewPlan(q, metadata)
		if err != nil {
			t.Fatal(err)
		}
		sent := queryTo(want.Query)
		if err := protovalidate.Validate(sent); err != nil {
			t.Errorf("%v: %v", want.Query, err)
		}
		content, err := protojson.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		received := &pb.Query{}
		if err := protojson.Unmarshal(content, received); err != nil {
			t.Fatal(err)
		}
		got, within := queryFrom(received)
		plan, err := dp.NewPlan(got, metadata)
		if diff := cmp.Diff(want.Query, plan.Query); err != nil || within != nil || diff != "" {
			t.Errorf("%v, %v (-want +got):\n%s", err, within, diff)
		}
	}
}

// A record of some concepts is the criterion that says so.
func TestHasEventIsACriterion(t *testing.T) {
	short := &pb.GroupBy{Kind: &pb.GroupBy_HasEvent_{HasEvent: &pb.GroupBy_HasEvent{
		Domain: pb.Domain_DOMAIN_DRUG, ConceptIds: []int64{1, 2}, IncludeDescendants: true,
	}}}
	long := groupTo(groupFrom(short))
	if _, ok := long.GetKind().(*pb.GroupBy_Matches); !ok || !cmp.Equal(groupFrom(short), groupFrom(long)) {
		t.Errorf("%v became %v", short, long)
	}
}

// A margin is about the measure that is named, in groups of the size that is named.
func TestMarginOnTheWire(t *testing.T) {
	_, within := queryFrom(&pb.Query{Precision: &pb.Query_Margin{Margin: 0.5}, MarginMeasure: 2, MarginSize: 100})
	if diff := cmp.Diff(&dp.Margin{Measure: 2, Half: 0.5, Size: 100}, within); diff != "" {
		t.Error(diff)
	}
}

// What lacks what it needs is refused by the plan, and does no harm before.
func TestIncompleteQueries(t *testing.T) {
	metadata := dp.Metadata{Dataset: "hospital", Version: "1", ReferenceYear: 2026}
	for _, q := range []*pb.Query{
		{GroupBy: []*pb.GroupBy{{}}},
		{GroupBy: []*pb.GroupBy{{Kind: &pb.GroupBy_Calendar_{}}}},
		{Measures: []*pb.Measure{{}}},
		{Measures: []*pb.Measure{{Kind: &pb.Measure_Mean{}}}},
		{Cohort: &pb.Criterion{}},
	} {
		q.Dataset, q.Precision = "hospital", &pb.Query_NanoRho{NanoRho: 1000}
		out, _ := queryFrom(q)
		if _, err := dp.NewPlan(out, metadata); err == nil {
			t.Errorf("planned %v", q)
		}
	}
}

// A page ends before it is too large, but not before its first question.
func TestLargeQuestionsMakeShortPages(t *testing.T) {
	large := &pb.RegisteredQuery{Protocol: strings.Repeat("x", maxRegistered/2-100)}
	huge := &pb.RegisteredQuery{Protocol: strings.Repeat("x", 2*maxRegistered)}
	small := &pb.RegisteredQuery{}
	for _, c := range []struct {
		page []*pb.RegisteredQuery
		want int
	}{
		{nil, 0},
		{[]*pb.RegisteredQuery{small, large, large, small}, 4},
		{[]*pb.RegisteredQuery{large, large, large, small}, 2},
		{[]*pb.RegisteredQuery{huge, small}, 1},
		{[]*pb.RegisteredQuery{small, huge, small}, 1},
	} {
		if got := len(fitting(c.page)); got != c.want {
			t.Errorf("%d of %d questions fit, want %d", got, len(c.page), c.want)
		}
	}
}
