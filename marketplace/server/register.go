package server

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// registerService is public: what it returns is for everyone.
type registerService struct {
	pb.UnimplementedRegisterServiceServer
	market *marketplace.Market
}

func (s *registerService) GetAnchor(ctx context.Context, _ *pb.GetAnchorRequest) (*pb.GetAnchorResponse, error) {
	a, _, err := s.market.NewestAnchor(ctx)
	if err != nil {
		return nil, err
	}
	log := s.market.Log()
	return &pb.GetAnchorResponse{Log: log[:], Size: a.Size, Root: a.Root[:], Block: a.Block}, nil
}

func (s *registerService) ListStudies(ctx context.Context, r *pb.ListStudiesRequest) (*pb.ListStudiesResponse, error) {
	before, err := hashIn(r)
	if err != nil {
		return nil, err
	}
	f, err := filterFrom(r.GetFilter(), "dataset", "sponsor_type")
	if err != nil {
		return nil, err
	}
	studies, next, err := s.market.RegisteredStudies(ctx, before, pageOf(r.GetPageSize(), marketplace.MaxPage))
	if err != nil {
		return nil, err
	}
	out := &pb.ListStudiesResponse{}
	for _, study := range studies {
		if f.admits("dataset", study.Datasets()...) && f.admits("sponsor_type", string(study.Grant.SponsorType)) {
			out.Studies = append(out.Studies, registeredStudyTo(study))
		}
	}
	if !next.IsZero() {
		out.NextPageToken, err = tokenAt(r, next[:])
	}
	return out, err
}

func (s *registerService) GetStudy(ctx context.Context, r *pb.GetStudyRequest) (*pb.GetStudyResponse, error) {
	study, final, err := s.market.RegisteredStudy(ctx, ledger.Hash(r.GetId()))
	if err != nil {
		return nil, err
	}
	spending, err := s.market.StudySpending(ctx, study.ID)
	if err != nil {
		return nil, err
	}
	out := &pb.GetStudyResponse{Study: registeredStudyTo(study), Final: final}
	for _, x := range spending {
		out.Spending = append(out.Spending, &pb.Spending{Dataset: x.Dataset, CeilingNanoRho: x.Ceiling, TakenNanoRho: x.Taken})
	}
	return out, nil
}

func (s *registerService) ListQueries(ctx context.Context, r *pb.ListQueriesRequest) (*pb.ListQueriesResponse, error) {
	before, err := numberIn(r, 0)
	if err != nil {
		return nil, err
	}
	f, err := filterFrom(r.GetFilter(), "dataset", "permission")
	if err != nil {
		return nil, err
	}
	p := marketplace.Page{Before: before, Limit: pageOf(r.GetPageSize(), marketplace.MaxPage)}
	copy(p.Grant[:], r.GetGrant())
	queries, err := s.market.RegisteredQueries(ctx, p)
	if err != nil {
		return nil, err
	}
	anchor, _, err := s.market.NewestAnchor(ctx)
	if err != nil {
		return nil, err
	}
	out := &pb.ListQueriesResponse{}
	for _, q := range queries {
		out.Queries = append(out.Queries, registeredTo(q, anchor))
	}
	out.Queries = fitting(out.Queries)
	if n := len(out.Queries); n == p.Limit || n < len(queries) {
		out.NextPageToken, err = tokenAtNumber(r, queries[n-1].Index)
	}
	out.Queries = slices.DeleteFunc(out.Queries, func(q *pb.RegisteredQuery) bool {
		datasets := []string{}
		for _, h := range q.GetHospitals() {
			datasets = append(datasets, h.GetDataset())
		}
		return !f.admits("dataset", datasets...) || !f.admits("permission", q.GetPurpose().GetPermission())
	})
	return out, err
}

// maxRegistered bounds a page of questions, in bytes: some have half a MiB of
// concepts, and who reads the register takes in 4 MiB.
const maxRegistered = 1 << 20

// fitting is as much of a page as fits, at least one entry.
func fitting(page []*pb.RegisteredQuery) []*pb.RegisteredQuery {
	size := 0
	for i, q := range page {
		if size += proto.Size(q); i > 0 && size > maxRegistered {
			return page[:i]
		}
	}
	return page
}

func (s *registerService) GetQuery(ctx context.Context, r *pb.GetQueryRequest) (*pb.GetQueryResponse, error) {
	q, err := s.market.RegisteredQuery(ctx, ledger.Hash(r.GetRequestId()))
	if err != nil {
		return nil, err
	}
	anchor, _, err := s.market.NewestAnchor(ctx)
	if err != nil {
		return nil, err
	}
	return &pb.GetQueryResponse{Query: registeredTo(q, anchor)}, nil
}

func registeredStudyTo(s marketplace.RegisteredStudy) *pb.RegisteredStudy {
	g := s.Grant
	out := &pb.RegisteredStudy{
		Id: s.ID[:], Protocol: g.Protocol, Committee: addressTo(g.Committee),
		SponsorType: string(g.SponsorType), NotBefore: g.Period.Start, Expiry: g.Period.End, CreatedAt: s.CreatedAt,
	}
	for _, r := range g.Researchers {
		out.Researchers = append(out.Researchers, addressTo(r))
	}
	for _, u := range g.Purposes {
		out.Purposes = append(out.Purposes, useTo(u))
	}
	for _, d := range g.Datasets {
		out.Datasets = append(out.Datasets, &pb.Ceiling{Dataset: d.Dataset, NanoRho: d.NanoRho})
	}
	return out
}

// addressTo converts an address of a grant on record, which was checked.
func addressTo(s string) []byte {
	a, err := ledger.ParseAddress(s)
	if err != nil {
		return nil
	}
	return a[:]
}

func useTo(u policy.DataUse) *pb.Use {
	return &pb.Use{Permission: string(u.Permission), Diseases: u.Diseases}
}

func registeredTo(r marketplace.Registered, newest marketplace.Anchor) *pb.RegisteredQuery {
	out := &pb.RegisteredQuery{
		RequestId: r.Request[:], Researcher: r.Researcher[:], Organisation: r.Organisation[:], Grant: r.Grant[:],
		Protocol: r.Protocol, Purpose: &pb.Use{Permission: r.Purpose.Permission, Diseases: r.Purpose.Diseases},
		Question: queryTo(r.Question.Query), DatasetVersion: r.Question.Metadata.Version, Provider: r.Provider[:],
		Cost: costTo(r.Cost), Work: r.Work, AsOf: r.AsOf, Time: r.Time, Index: r.Index, Anchored: r.Index < newest.Size, Leaf: r.Leaf[:],
	}
	for _, h := range r.Hospitals {
		out.Hospitals = append(out.Hospitals, &pb.RegisteredHospital{
			Dataset: h.Dataset, Provider: h.Provider[:], PlanHash: h.PlanHash[:], State: cmp.Or(string(h.State), "answered"), Cost: costTo(h.Cost), AsOf: h.AsOf,
		})
	}
	return out
}
