package server_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A steward finds on record, decided again and explained, what the marketplace found to be refused, and what ended a question that had been charged.
func TestG2RefusalsAreOnRecord(t *testing.T) {
	w := newWorld(t)
	his := pb.NewDecisionServiceClient(w.as(steward, w.clinicAt))
	ask := func(r *pb.AskRequest) string {
		return reason(w.call(researcher, pb.QueryService_Ask_FullMethodName, r))
	}
	got := []string{ask(w.order(researcher, w.Query(1000), func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }))}
	charged := w.order(researcher, w.Query(1000), nil)
	w.Engine.Before = func(context.Context, provider.Active) error { return errors.New("broken") }
	got = append(got, ask(charged))
	w.Engine.Before = nil
	p := w.Policy()
	p.Revision, p.EmbargoUntil = 2, providertest.Start+600
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	got = append(got, ask(charged))
	if diff := cmp.Diff([]string{"REFUSED", "QUERY_FAILED", "QUERY_FAILED"}, got); diff != "" {
		t.Fatal(diff)
	}

	type refusal struct {
		Recheck, Same bool
		Outcome       string
		Reasons       []policy.ReasonCode
	}
	list, err := his.ListDecisions(t.Context(), &pb.ListDecisionsRequest{Refused: true})
	ok(t, err)
	var all []refusal
	for _, d := range list.GetDecisions() {
		again, err := his.ReplayDecision(t.Context(), &pb.ReplayDecisionRequest{RequestId: d.GetRefusal()})
		ok(t, err)
		why, err := his.ExplainDecision(t.Context(), &pb.ExplainDecisionRequest{RequestId: d.GetRefusal()})
		ok(t, err)
		one := refusal{Recheck: d.GetRecheck() && again.GetDecision().GetRecheck() && why.GetDecision().GetRecheck(), Same: again.GetSame(), Outcome: why.GetOutcome()}
		for _, r := range why.GetReasons() {
			one.Reasons = append(one.Reasons, policy.ReasonCode(r.GetCode()))
		}
		all = append(all, one)
	}
	if diff := cmp.Diff([]refusal{
		{false, true, "deny", []policy.ReasonCode{policy.ReasonGrantPurpose, policy.ReasonDatasetPurpose}},
		{true, true, "deny", []policy.ReasonCode{policy.ReasonDatasetEmbargoed}},
	}, all); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
	c, err := his.GetConnector(t.Context(), &pb.GetConnectorRequest{})
	ok(t, err)
	if len(c.GetRefusals()) != 2 || c.GetFailed() != 2 {
		t.Errorf("connector: %v", c)
	}
}
