package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/review"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantService struct {
	pb.UnimplementedGrantServiceServer
	market *marketplace.Market
}

func (s *grantService) RequestGrant(ctx context.Context, r *pb.RequestGrantRequest) (*pb.RequestGrantResponse, error) {
	id, err := s.market.RequestGrant(ctx, documentFrom(r.GetDocument()))
	if err != nil {
		return nil, err
	}
	return &pb.RequestGrantResponse{Id: id[:]}, nil
}

func (s *grantService) ApproveGrant(ctx context.Context, r *pb.ApproveGrantRequest) (*pb.ApproveGrantResponse, error) {
	return &pb.ApproveGrantResponse{}, s.market.ApproveGrant(ctx, ledger.Hash(r.GetId()), ledger.Signature(r.GetSignature()))
}

var changes = map[pb.GrantChange]review.Action{
	pb.GrantChange_GRANT_CHANGE_SUSPEND: review.Suspend, pb.GrantChange_GRANT_CHANGE_RESUME: review.Resume,
	pb.GrantChange_GRANT_CHANGE_RENEW: review.Renew, pb.GrantChange_GRANT_CHANGE_REVOKE: review.Revoke,
	pb.GrantChange_GRANT_CHANGE_CLOSE: review.Close,
}

func (s *grantService) ChangeGrant(ctx context.Context, r *pb.ChangeGrantRequest) (*pb.ChangeGrantResponse, error) {
	c := marketplace.Change{Action: changes[r.GetChange()], ReviewBy: r.GetReviewBy(), Signature: ledger.Signature(r.GetSignature())}
	copy(c.Report[:], r.GetReport())
	return &pb.ChangeGrantResponse{}, s.market.ChangeGrant(ctx, ledger.Hash(r.GetId()), c)
}

func (s *grantService) GetGrant(ctx context.Context, r *pb.GetGrantRequest) (*pb.GetGrantResponse, error) {
	one, err := s.market.Review(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetId()))
	if err != nil {
		return nil, err
	}
	g := grantTo(one)
	return &pb.GetGrantResponse{Grant: g, Final: one.Status == ledger.GrantActive, Status: g.GetStatus()}, nil
}

func (s *grantService) ListGrants(ctx context.Context, r *pb.ListGrantsRequest) (*pb.ListGrantsResponse, error) {
	after, err := numberIn(r, 0)
	if err != nil {
		return nil, err
	}
	f, err := reviewFilter(r)
	if err != nil {
		return nil, err
	}
	all, next, err := s.market.Reviews(ctx, callerFrom(ctx).Address, f, after, pageOf(r.GetPageSize(), marketplace.MaxPage))
	if err != nil {
		return nil, err
	}
	out := &pb.ListGrantsResponse{}
	if out.NextPageToken, err = tokenAtNumber(r, next); err != nil {
		return nil, err
	}
	for _, one := range all {
		out.Grants = append(out.Grants, grantTo(one))
	}
	return out, nil
}

// reviewFilter is which studies a request lists.
func reviewFilter(r *pb.ListGrantsRequest) (out marketplace.ReviewFilter, err error) {
	f, err := filterFrom(r.GetFilter(), "state", "status", "dataset")
	if err != nil {
		return out, err
	}
	out = marketplace.ReviewFilter{Waiting: r.GetWaiting(), Dataset: f["dataset"]}
	for state, name := range reviewStates {
		if f["state"] == small(name.String(), "REVIEW_STATE_") {
			out.State = state
		}
	}
	for status, name := range grantStates {
		if f["status"] == small(name.String(), "GRANT_STATUS_") {
			out.Status = status
		}
	}
	if (out.State == "") != (f["state"] == "") || (out.Status == 0) != (f["status"] == "") {
		return out, fmt.Errorf("%w: filter: no such state or status", errMalformed)
	}
	return out, nil
}

// small is the value of an enum as filters have it.
func small(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

func (s *grantService) CreateStep(ctx context.Context, r *pb.CreateStepRequest) (*pb.CreateStepResponse, error) {
	var document *ledger.SignedDocument
	if r.GetDocument() != nil {
		d := documentFrom(r.GetDocument())
		document = &d
	}
	e, err := s.market.TakeStep(ctx, ledger.Hash(r.GetId()), documentFrom(r.GetStep()), document)
	if err != nil {
		return nil, err
	}
	step, err := stepTo(e, false)
	return &pb.CreateStepResponse{Step: step}, err
}

func (s *grantService) ListSteps(ctx context.Context, r *pb.ListStepsRequest) (*pb.ListStepsResponse, error) {
	entries, recorded, err := s.market.Steps(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetId()))
	if err != nil {
		return nil, err
	}
	out := &pb.ListStepsResponse{}
	if entries, out.NextPageToken, err = cut(r, entries, review.MaxSteps); err != nil {
		return nil, err
	}
	for _, e := range entries {
		step, err := stepTo(e, e.Step.Number <= recorded)
		if err != nil {
			return nil, err
		}
		out.Steps = append(out.Steps, step)
	}
	return out, nil
}

func (s *grantService) CreateFile(ctx context.Context, r *pb.CreateFileRequest) (*pb.CreateFileResponse, error) {
	a, err := s.market.AddFile(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetId()), r.GetName(), r.GetContent())
	if err != nil {
		return nil, err
	}
	return &pb.CreateFileResponse{Hash: a.Hash[:]}, nil
}

func (s *grantService) GetFile(ctx context.Context, r *pb.GetFileRequest) (*pb.GetFileResponse, error) {
	f, err := s.market.File(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetId()), ledger.Hash(r.GetHash()))
	if err != nil {
		return nil, err
	}
	return &pb.GetFileResponse{Name: f.Name, Content: f.Content}, nil
}

var grantStates = map[ledger.GrantStatus]pb.GrantStatus{
	ledger.GrantActive: pb.GrantStatus_GRANT_STATUS_ACTIVE, ledger.GrantSuspended: pb.GrantStatus_GRANT_STATUS_SUSPENDED,
	ledger.GrantRevoked: pb.GrantStatus_GRANT_STATUS_REVOKED, ledger.GrantSuperseded: pb.GrantStatus_GRANT_STATUS_SUPERSEDED,
	ledger.GrantClosed: pb.GrantStatus_GRANT_STATUS_CLOSED,
}

var reviewStates = map[review.State]pb.ReviewState{
	review.Submitted: pb.ReviewState_REVIEW_STATE_SUBMITTED, review.Questioned: pb.ReviewState_REVIEW_STATE_QUESTIONED,
	review.Returned: pb.ReviewState_REVIEW_STATE_RETURNED, review.Approved: pb.ReviewState_REVIEW_STATE_APPROVED,
	review.Rejected: pb.ReviewState_REVIEW_STATE_REJECTED, review.Withdrawn: pb.ReviewState_REVIEW_STATE_WITHDRAWN,
	review.Revoked: pb.ReviewState_REVIEW_STATE_REVOKED, review.Closed: pb.ReviewState_REVIEW_STATE_CLOSED,
}

var reviewRoles = map[review.Role]pb.ReviewRole{
	review.Applicant: pb.ReviewRole_REVIEW_ROLE_APPLICANT, review.Committee: pb.ReviewRole_REVIEW_ROLE_COMMITTEE,
}

func grantTo(r marketplace.Reviewed) *pb.Grant {
	return &pb.Grant{
		Id: r.Grant[:], Document: documentTo(r.Document.Request), CreatedAt: r.CreatedAt, Approved: r.Document.Approval != nil,
		Study: r.Study[:], State: reviewStates[r.State], Steps: r.Steps, Status: grantStates[r.Status], ReviewBy: r.ReviewBy,
		Role: reviewRoles[r.Role], Waiting: r.Waiting, Suspensions: r.Suspensions,
	}
}

func stepTo(e review.Entry, recorded bool) (*pb.Step, error) {
	entry, err := ledger.Canonical(e)
	return &pb.Step{
		Number: e.Step.Number, Action: string(e.Step.Action), By: e.By[:], At: e.At, Text: e.Step.Text, Entry: entry, Recorded: recorded,
	}, err
}
