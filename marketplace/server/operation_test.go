package server_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// An ask that nobody waits for is answered over the wire as one that is waited for, and its drawing is listed by what it is.
func TestOperationOverTheWire(t *testing.T) {
	w := newWorld(t)
	queries := pb.NewQueryServiceClient(w.as(researcher, w.marketAt))
	started, err := queries.StartAsk(t.Context(), startedAsk(w, researcher).(*pb.StartAskRequest))
	ok(t, err)
	id := started.GetOperation().GetRequestId()
	op := started.GetOperation()
	for op.GetState() == pb.OperationState_OPERATION_STATE_RUNNING {
		r, err := queries.GetOperation(t.Context(), &pb.GetOperationRequest{RequestId: id})
		ok(t, err)
		op = r.GetOperation()
	}
	if op.GetState() != pb.OperationState_OPERATION_STATE_ANSWERED || len(op.GetHospitals()) != 1 || op.GetHospitals()[0].GetState() != "answered" {
		t.Fatalf("operation %v", op)
	}
	if got := receiptOf(w, op.GetAnswer()).Statement.Ask.RequestID; got != ledger.Hash(id) || len(op.GetAnswer().GetAnswer().GetGroups()) == 0 {
		t.Errorf("the answer is of %s: %v", got, op.GetAnswer())
	}
	late, err := queries.CancelOperation(t.Context(), &pb.CancelOperationRequest{RequestId: id})
	ok(t, err)
	if late.GetOperation().GetState() != pb.OperationState_OPERATION_STATE_ANSWERED {
		t.Errorf("cancelled too late: %v", late)
	}
	for filter, want := range map[string]int{
		"": 1, "complete = true": 1, "complete = false": 0, "dataset = " + providertest.Dataset: 1, "dataset = elsewhere AND complete = true": 0,
	} {
		r, err := queries.ListDrawings(t.Context(), &pb.ListDrawingsRequest{Filter: filter})
		ok(t, err)
		if len(r.GetDrawings()) != want {
			t.Errorf("drawings with %q: %d, want %d", filter, len(r.GetDrawings()), want)
		}
	}
}

// A request that is sent again under its request id is done once; ten minutes later it is another.
func TestG5RequestsAreDoneOnceOverTheWire(t *testing.T) {
	w := newWorld(t)
	grants := pb.NewGrantServiceClient(w.as(committee, w.marketAt))
	first := nextStep(w, committee).(*pb.CreateStepRequest)
	first.RequestId = "2f6f2a8e-7d1e-4c1b-9d6a-3f0c5a1b7e42"
	step, err := grants.CreateStep(t.Context(), first)
	ok(t, err)
	again, err := grants.CreateStep(t.Context(), first)
	ok(t, err)
	if !proto.Equal(step, again) {
		t.Errorf("sent again: %v, first %v", again, step)
	}
	other := proto.CloneOf(first)
	other.Step.Expiry++
	for name, c := range map[string]struct {
		request *pb.CreateStepRequest
		want    string
	}{
		"another under its id": {other, "REQUEST_ID_REUSED"},
		"without an id":        {&pb.CreateStepRequest{Id: first.GetId(), Step: first.GetStep()}, "STALE_STEP"},
	} {
		if _, err := grants.CreateStep(t.Context(), c.request); reason(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	w.shift.Store(int64(11 * time.Minute))
	if _, err := grants.CreateStep(t.Context(), first); reason(err) == "" {
		t.Error("it was remembered for more than ten minutes")
	}
}

// Lists are narrowed by filters, which are held against what there is.
func TestFiltersOverTheWire(t *testing.T) {
	w := newWorld(t)
	ok(t, w.call(researcher, pb.GrantService_RequestGrant_FullMethodName, study(w, researcher)))
	ok(t, w.call(committee, pb.GrantService_CreateStep_FullMethodName, w.step(committee, w.grant.Hash(), review.Condition, 1)))
	grants := pb.NewGrantServiceClient(w.as(committee, w.marketAt))
	for filter, want := range map[string]int{
		"": 2, `state = "submitted"`: 1, `state = approved AND status = "active"`: 1, "status = suspended": 0,
		"dataset = " + providertest.Dataset: 2, "dataset = elsewhere": 0, "dataset = hospital-a AND state = submitted": 1,
	} {
		r, err := grants.ListGrants(t.Context(), &pb.ListGrantsRequest{Filter: filter})
		ok(t, err)
		if len(r.GetGrants()) != want {
			t.Errorf("studies with %q: %d, want %d", filter, len(r.GetGrants()), want)
		}
	}
	receipt(w, researcher)
	register := pb.NewRegisterServiceClient(w.as(anonymous, w.marketAt))
	for filter, want := range map[string]int{
		"": 1, "dataset = " + providertest.Dataset: 1, "dataset = elsewhere": 0, `permission = "DUO:0000006"`: 1, `permission = "DUO:0000042"`: 0,
	} {
		r, err := register.ListQueries(t.Context(), &pb.ListQueriesRequest{Filter: filter})
		ok(t, err)
		if len(r.GetQueries()) != want {
			t.Errorf("questions with %q: %d, want %d", filter, len(r.GetQueries()), want)
		}
	}
	for filter, want := range map[string]int{
		"": 1, "dataset = " + providertest.Dataset: 1, "sponsor_type = " + string(policy.Academic): 1, "sponsor_type = " + string(policy.Commercial): 0,
	} {
		r, err := register.ListStudies(t.Context(), &pb.ListStudiesRequest{Filter: filter})
		ok(t, err)
		if len(r.GetStudies()) != want {
			t.Errorf("registered studies with %q: %d, want %d", filter, len(r.GetStudies()), want)
		}
	}
	for _, c := range []struct {
		caller, method string
		request        proto.Message
	}{
		{committee, pb.GrantService_ListGrants_FullMethodName, &pb.ListGrantsRequest{Filter: "state = perhaps"}},
		{committee, pb.GrantService_ListGrants_FullMethodName, &pb.ListGrantsRequest{Filter: "status = submitted"}},
		{researcher, pb.QueryService_ListDrawings_FullMethodName, &pb.ListDrawingsRequest{Filter: "complete = perhaps"}},
		{anonymous, pb.RegisterService_ListStudies_FullMethodName, &pb.ListStudiesRequest{Filter: "researcher = x"}},
		{anonymous, pb.RegisterService_ListQueries_FullMethodName, &pb.ListQueriesRequest{Filter: "dataset"}},
	} {
		if got := reason(w.call(c.caller, c.method, c.request)); got != "MALFORMED" {
			t.Errorf("%s with %v: %q, want MALFORMED", c.method, c.request, got)
		}
	}
}

// An accounting that spans several pages is whole, and stays the one that was asked for.
func TestPagesOfAccountings(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		ok(t, w.call(researcher, pb.QueryService_Ask_FullMethodName, w.order(researcher, w.Query(int64(1000+i)), nil)))
	}
	hers, his := pb.NewPatientServiceClient(w.as(patient, w.clinicAt)), pb.NewDecisionServiceClient(w.as(steward, w.clinicAt))
	var disclosed, processed []string
	for r := (&pb.ListDisclosuresRequest{PageSize: 2}); ; {
		page, err := hers.ListDisclosures(t.Context(), r)
		ok(t, err)
		for _, d := range page.GetDisclosures() {
			disclosed = append(disclosed, string(d.GetQuestion().GetDecision().GetRequestId()))
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	for r := (&pb.ListProcessingRequest{PageSize: 2}); ; {
		page, err := his.ListProcessing(t.Context(), r)
		ok(t, err)
		for _, q := range page.GetQuestions() {
			processed = append(processed, string(q.GetDecision().GetRequestId()))
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" {
			break
		}
	}
	if len(disclosed) != 3 || len(processed) != 3 {
		t.Errorf("%d disclosures and %d lines of processing, want 3 of each", len(disclosed), len(processed))
	}
	one := int64(1)
	first, err := hers.ListDisclosures(t.Context(), &pb.ListDisclosuresRequest{PageSize: 2})
	ok(t, err)
	if got := reason(w.call(steward, pb.PatientService_ListDisclosures_FullMethodName, &pb.ListDisclosuresRequest{Patient: &one, PageToken: first.GetNextPageToken()})); got != "MALFORMED" {
		t.Errorf("a token of another accounting: %q", got)
	}
}

// A steward sees how her node stands, and how many answers left.
func TestConnector(t *testing.T) {
	w := newWorld(t)
	his := pb.NewDecisionServiceClient(w.as(steward, w.clinicAt))
	before, err := his.GetConnector(t.Context(), &pb.GetConnectorRequest{})
	ok(t, err)
	if before.GetVersion() == "" || before.GetSince() == 0 || len(before.GetNotReady()) > 0 || len(before.GetDepartures()) > 0 {
		t.Errorf("before any question: %v", before)
	}
	ok(t, w.call(researcher, pb.QueryService_Ask_FullMethodName, w.order(researcher, w.Query(1000), nil)))
	after, err := his.GetConnector(t.Context(), &pb.GetConnectorRequest{})
	ok(t, err)
	if d := after.GetDepartures(); len(d) != 1 || d[0].GetAnswers() != 1 || d[0].GetAgeMs() != 0 || len(after.GetRefusals()) > 0 || after.GetFailed()+after.GetNotNow() > 0 {
		t.Errorf("after one answer: %v", after)
	}
}
