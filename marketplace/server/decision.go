package server

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// decisionService is what a hospital tells of its decisions to its own stewards.
type decisionService struct {
	pb.UnimplementedDecisionServiceServer
	node     *provider.Node
	notReady func(context.Context) []string
	names    func(context.Context, ...dp.Query) cohort.Names
}

func (s *decisionService) GetOwnDataset(ctx context.Context, _ *pb.GetOwnDatasetRequest) (*pb.GetOwnDatasetResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	d, err := s.node.Describe(ctx)
	if err != nil {
		return nil, err
	}
	return &pb.GetOwnDatasetResponse{Dataset: datasetTo(d)}, nil
}

func (s *decisionService) GetConnector(ctx context.Context, _ *pb.GetConnectorRequest) (*pb.GetConnectorResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	h := s.node.Heard()
	out := &pb.GetConnectorResponse{
		NotReady: s.notReady(ctx), Version: s.node.RecordsVersion(), Since: h.Since.Unix(), NotNow: h.NotNow, Failed: h.Failed,
	}
	for _, code := range slices.Sorted(maps.Keys(h.Refused)) {
		out.Refusals = append(out.Refusals, &pb.ConnectorRefusal{Reason: reasonTo(code), Times: h.Refused[code].Times, Last: h.Refused[code].Last.Unix()})
	}
	for _, age := range slices.Sorted(maps.Keys(h.Departed)) {
		out.Departures = append(out.Departures, &pb.ConnectorDeparture{AgeMs: age.Milliseconds(), Answers: h.Departed[age]})
	}
	return out, nil
}

func (s *decisionService) ListDecisions(ctx context.Context, r *pb.ListDecisionsRequest) (*pb.ListDecisionsResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	until := cmp.Or(r.GetUntil(), math.MaxInt64) // 0: without end
	after, err := numberIn(r, r.GetAfter())
	if err != nil {
		return nil, err
	}
	out := &pb.ListDecisionsResponse{}
	if r.GetRefused() {
		all, err := s.node.Refusals(ctx, after, r.GetFrom(), until)
		if err != nil {
			return nil, err
		}
		all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(d provider.RefusalName) uint64 { return d.Number })
		for _, d := range all {
			out.Decisions = append(out.Decisions, decisionTo(d.DecisionName))
		}
		return out, err
	}
	all, err := s.node.Decisions(ctx, after, r.GetFrom(), until)
	if err != nil {
		return nil, err
	}
	all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(d provider.DecisionName) uint64 { return d.AsOf })
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		out.Decisions = append(out.Decisions, decisionTo(d))
	}
	return out, nil
}

func (s *decisionService) ListProcessing(ctx context.Context, r *pb.ListProcessingRequest) (*pb.ListProcessingResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	until := cmp.Or(r.GetUntil(), math.MaxInt64) // 0: without end
	after, err := numberIn(r, r.GetAfter())
	if err != nil {
		return nil, err
	}
	all, err := s.node.Processing(ctx, after, r.GetFrom(), until)
	if err != nil {
		return nil, err
	}
	out := &pb.ListProcessingResponse{}
	all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(a provider.Asked) uint64 { return a.AsOf })
	if err != nil {
		return nil, err
	}
	asked := make([]dp.Query, len(all))
	for i, a := range all {
		asked[i] = a.Question
	}
	names := s.names(ctx, asked...)
	for _, a := range all {
		out.Questions = append(out.Questions, askedTo(a, names))
	}
	return out, nil
}

func askedTo(a provider.Asked, names cohort.Names) *pb.AskedQuestion {
	out := &pb.AskedQuestion{Decision: decisionTo(a.DecisionName), Cost: costTo(a.Cost), Policy: a.Policy[:], Answered: a.Release != nil, Unreadable: a.Unreadable}
	if a.Release != nil {
		out.ReleaseSignature = a.Release.Signature[:]
	}
	if a.Unreadable {
		return out
	}
	out.Grant, out.Protocol, out.Committee = a.Grant[:], a.Study.Protocol, addressTo(a.Study.Committee)
	out.SponsorType, out.Commercial, out.Countries, out.GrantExpiry = string(a.Study.SponsorType), a.Study.CommercialUse, a.Study.Countries, a.Study.Period.End
	out.Researcher, out.Organisation, out.RecipientName, out.RecipientAddress = a.Researcher[:], a.Organisation[:], a.Recipient.Organisation, a.Recipient.Address
	out.Permission, out.Diseases, out.Words, out.Categories = a.Purpose.Permission, a.Purpose.Diseases, a.Question.Words(names), a.Categories()
	for _, c := range a.Columns {
		out.Columns = append(out.Columns, c.Name)
	}
	return out
}

func decisionTo(d provider.DecisionName) *pb.DecisionName {
	out := &pb.DecisionName{RequestId: d.Request[:], AsOf: d.AsOf, Time: d.At, Recheck: d.Recheck}
	if !d.Refusal.IsZero() {
		out.Refusal = d.Refusal[:]
	}
	return out
}

func (s *decisionService) ReplayDecision(ctx context.Context, r *pb.ReplayDecisionRequest) (*pb.ReplayDecisionResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	again, err := s.node.Replay(ctx, ledger.Hash(r.GetRequestId()), r.GetActiveSet()) // of 32 bytes: the edge has checked
	if err != nil {
		return nil, err
	}
	return &pb.ReplayDecisionResponse{
		Decision: decisionTo(again.DecisionName), Digest: again.Digest[:], Same: again.Difference == "", Difference: again.Difference,
	}, nil
}

func (s *decisionService) ExplainDecision(ctx context.Context, r *pb.ExplainDecisionRequest) (*pb.ExplainDecisionResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	x, err := s.node.Explain(ctx, ledger.Hash(r.GetRequestId()), mandateOf(r.GetDocument()))
	if err != nil {
		return nil, err
	}
	out := &pb.ExplainDecisionResponse{
		Decision: decisionTo(x.DecisionName), Outcome: string(x.Decision.Outcome), Vocabulary: x.Decision.Vocabulary,
		Grant: x.Grant[:], Policy: documentTo(x.Policy), Organisation: x.Organisation,
	}
	for _, code := range x.Decision.Reasons {
		out.Reasons = append(out.Reasons, reasonTo(code))
	}
	for _, name := range slices.Sorted(maps.Keys(x.Scopes)) {
		out.Scopes = append(out.Scopes, &pb.DecisionScope{Name: name, Budget: costTo(x.Scopes[name].Budget), Spent: costTo(x.Scopes[name].Spent)})
	}
	for _, d := range x.Documents {
		one := &pb.DecisionDocument{Kind: string(d.Kind), Hash: d.Hash[:], Revision: d.Revision, Signer: d.Signer[:]}
		if !d.Approved.IsZero() {
			one.ApprovedBy = d.Approved[:]
		}
		out.Documents = append(out.Documents, one)
	}
	for _, c := range x.Classes {
		out.Classes = append(out.Classes, &pb.DecisionClass{
			Document: c.Document[:], Reason: reasonTo(c.Reason), Odometer: costTo(c.Odometer), Content: c.Content, DefaultRow: c.Default.Row, DefaultWords: c.Default.Words,
		})
	}
	return out, nil
}

func reasonTo(code policy.ReasonCode) *pb.DecisionReason {
	return &pb.DecisionReason{Code: string(code), Words: policy.Explain(code), Reads: policy.Reads(code)}
}
