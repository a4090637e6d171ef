package server_test

import (
	"testing"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// As many concepts as a criterion may have are asked about, answered and in the register.
func TestALargeQuestionGoesTheWholeWay(t *testing.T) {
	omoptest.NotUnderRace(t)
	w := newWorld(t)
	q := w.Query(1000)
	records := q.GroupBy[1].Matches.Has.Events.Records
	for id := range int64(9_999) {
		records.Concepts = append(records.Concepts, cohort.Concept{ID: 2_000_000_000 + id, Descendants: true})
	}
	request := w.order(researcher, q, nil)
	if n := len(request.GetPlan()); n < 300_000 {
		t.Errorf("a plan of %d bytes is not a large one", n)
	}
	a := &pb.AskResponse{}
	ok(t, w.as(researcher, w.marketAt).Invoke(t.Context(), pb.QueryService_Ask_FullMethodName, request, a))
	if len(a.GetAnswer().GetGroups()) != 4 {
		t.Errorf("answered %v", a.GetAnswer())
	}
	listed := &pb.ListQueriesResponse{}
	ok(t, w.as(researcher, w.marketAt).Invoke(t.Context(), pb.RegisterService_ListQueries_FullMethodName, &pb.ListQueriesRequest{}, listed))
	if len(listed.GetQueries()) != 1 {
		t.Fatalf("%d questions in the register", len(listed.GetQueries()))
	}
	has := listed.GetQueries()[0].GetQuestion().GetGroupBy()[1].GetMatches().GetHas()
	if n := len(has.GetEvents().GetRecords().GetConcepts()); n != 10_000 {
		t.Errorf("the register shows %d concepts", n)
	}
}
