package server

import (
	"context"
	"fmt"
	"strconv"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type participantService struct {
	pb.UnimplementedParticipantServiceServer
	market *marketplace.Market
}

func (s *participantService) RegisterParticipant(ctx context.Context, r *pb.RegisterParticipantRequest) (*pb.RegisterParticipantResponse, error) {
	p := r.GetParticipant()
	return &pb.RegisterParticipantResponse{}, s.market.Register(ctx, ledger.Participant{
		Address: ledger.Address(p.GetAddress()), Roles: rolesFrom(p.GetRoles()), Organisation: ledger.Hash(p.GetOrganisation()),
	})
}

func (s *participantService) GetParticipant(ctx context.Context, r *pb.GetParticipantRequest) (*pb.GetParticipantResponse, error) {
	p, err := s.market.Participant(ctx, ledger.Address(r.GetAddress()))
	if err != nil {
		return nil, err
	}
	return &pb.GetParticipantResponse{Participant: &pb.Participant{
		Address: r.GetAddress(), Roles: rolesTo(p.Roles), Organisation: p.Organisation[:],
	}}, nil
}

type datasetService struct {
	pb.UnimplementedDatasetServiceServer
	market *marketplace.Market
}

func (s *datasetService) ListDatasets(ctx context.Context, r *pb.ListDatasetsRequest) (*pb.ListDatasetsResponse, error) {
	list, err := s.market.Datasets(ctx)
	if err != nil {
		return nil, err
	}
	out := &pb.ListDatasetsResponse{}
	if list, out.NextPageToken, err = cut(r, list, marketplace.MaxPage); err != nil {
		return nil, err
	}
	for _, d := range list {
		out.Datasets = append(out.Datasets, datasetTo(d))
	}
	return out, nil
}

func (s *datasetService) GetDataset(ctx context.Context, r *pb.GetDatasetRequest) (*pb.GetDatasetResponse, error) {
	d, err := s.market.Dataset(ctx, r.GetId())
	if err != nil {
		return nil, err
	}
	return &pb.GetDatasetResponse{Dataset: datasetTo(d)}, nil
}

func (s *datasetService) AcceptTerms(ctx context.Context, r *pb.AcceptTermsRequest) (*pb.AcceptTermsResponse, error) {
	return &pb.AcceptTermsResponse{}, s.market.AcceptTerms(ctx, documentFrom(r.GetAcceptance()))
}

func datasetTo(d provider.Description) *pb.Dataset {
	out := &pb.Dataset{
		Id: d.Metadata.Dataset, Version: d.Metadata.Version, ReferenceYear: int32(d.Metadata.ReferenceYear),
		Provider: d.Provider[:], WorkPerNanoRho: d.WorkPerNanoRho, Policy: documentTo(d.Policy),
		Budget: costTo(d.Budget), Spent: costTo(d.Spent), RoundedPatients: d.Metadata.RoundedPatients,
	}
	if d.Profile != nil {
		out.Profile = documentTo(*d.Profile)
	}
	out.NextRise = riseTo(d.NextRise)
	return out
}

func riseTo(r *provider.PriceRise) *pb.PriceRise {
	if r == nil {
		return nil
	}
	return &pb.PriceRise{SpentPercent: r.SpentPercent, WorkPerNanoRho: r.WorkPerNanoRho}
}

type queryService struct {
	pb.UnimplementedQueryServiceServer
	market *marketplace.Market
}

func (s *queryService) Quote(ctx context.Context, r *pb.QuoteRequest) (*pb.QuoteResponse, error) {
	q, within := queryFrom(r.GetQuery())
	quote, err := s.market.Quote(ctx, callerFrom(ctx).Address, q, within, r.GetQuery().GetAlso()...)
	if err != nil {
		return nil, err
	}
	out := &pb.QuoteResponse{
		Plan: quote.Content, PlanHash: quote.Hash[:], Cost: costTo(quote.Plan.Cost), Margin: quote.Plan.Margin(),
		Work: quote.Total, Drawn: quote.Drawn, Escrow: quote.Escrow,
		Threshold: quote.Plan.Threshold,
	}
	for _, h := range quote.Each() {
		out.Hospitals = append(out.Hospitals, &pb.HospitalQuote{
			Dataset: h.Provider.Metadata.Dataset, Provider: h.Provider.Provider[:], Plan: h.Content, Cost: costTo(h.Plan.Cost), Work: h.Work,
			WorkPerNanoRho: h.Provider.WorkPerNanoRho, NextRise: riseTo(h.Provider.NextRise),
		})
	}
	var grant ledger.Hash
	copy(grant[:], r.GetGrant())
	size, sized, err := s.market.Size(ctx, callerFrom(ctx).Address, grant, quote.Plan, r.GetQuery().GetMarginSize())
	if err != nil {
		return nil, err
	}
	for i := range quote.Plan.Query.Measures {
		out.Margins = append(out.Margins, marginTo(quote.Plan, i, size, sized))
	}
	for _, c := range quote.Plan.Cells {
		out.Keys = append(out.Keys, &pb.Key{Labels: c.Key})
	}
	return out, nil
}

var sizeBases = map[marketplace.SizeBasis]pb.SizeBasis{
	marketplace.SizeAsked: pb.SizeBasis_SIZE_BASIS_ASKED, marketplace.SizeReleased: pb.SizeBasis_SIZE_BASIS_RELEASED,
	marketplace.SizeDeclared: pb.SizeBasis_SIZE_BASIS_DECLARED, marketplace.SizeThreshold: pb.SizeBasis_SIZE_BASIS_THRESHOLD,
}

// marginTo says how exact a measure of a plan will be, for a size if there is one.
func marginTo(p dp.Plan, measure int, size marketplace.Size, sized bool) *pb.Margin {
	x := p.Precision(measure)
	out := &pb.Margin{Measure: string(p.Query.Measures[measure].Kind), TimesPatients: x.Times, InRanks: x.Ranks}
	if x.Exact || sized {
		out.Half = new(x.In(size.Patients))
	}
	if !x.Exact && sized {
		out.Size = &pb.GroupSize{Patients: size.Patients, Basis: sizeBases[size.Basis]}
		if size.Basis == marketplace.SizeReleased {
			out.Size.RequestId = size.Request[:]
		}
	}
	return out
}

func (s *queryService) Ask(ctx context.Context, r *pb.AskRequest) (*pb.AskResponse, error) {
	order, err := orderFrom(r)
	if err != nil {
		return nil, err
	}
	reply, err := s.market.Ask(ctx, callerFrom(ctx).Address, order)
	if err != nil {
		return nil, err
	}
	return replyTo(reply)
}

func orderFrom(r *pb.AskRequest) (marketplace.Order, error) {
	order := marketplace.Order{
		Signature: ledger.Signature(r.GetSignature()), Plan: r.GetPlan(), Plans: r.GetPlans(),
		Voucher: r.GetVoucher(), VoucherBy: ledger.Signature(r.GetVoucherSignature()),
		Passport: provider.Passport{Visas: r.GetPassport().GetVisas()},
	}
	if len(r.GetPartial()) > 0 {
		order.Partial = ledger.Signature(r.GetPartial())
	}
	for _, l := range r.GetPassport().GetLinks() {
		order.Passport.Links = append(order.Passport.Links, documentFrom(l))
	}
	if err := ledger.ParseCanonical(r.GetAsk(), &order.Ask); err != nil {
		return order, fmt.Errorf("%w: ask: %w", errMalformed, err)
	}
	return order, nil
}

func replyTo(r marketplace.Reply) (*pb.AskResponse, error) {
	content, err := ledger.Canonical(r.Receipt)
	if err != nil {
		return nil, err
	}
	return &pb.AskResponse{Answer: answerTo(r.Receipt), Receipt: content, Repeated: r.Repeated}, nil
}

func (s *queryService) GetAccount(ctx context.Context, _ *pb.GetAccountRequest) (*pb.GetAccountResponse, error) {
	a, escrow, err := s.market.Account(ctx, callerFrom(ctx).Address)
	if err != nil {
		return nil, err
	}
	free, err := s.market.Free(ctx, callerFrom(ctx).Address)
	if err != nil {
		return nil, err
	}
	return &pb.GetAccountResponse{Drawn: a.Drawn, Settled: a.Settled, Escrow: escrow, Free: free}, nil
}

func (s *queryService) ListDrawings(ctx context.Context, r *pb.ListDrawingsRequest) (*pb.ListDrawingsResponse, error) {
	after, err := hashIn(r)
	if err != nil {
		return nil, err
	}
	if after.IsZero() {
		copy(after[:], r.GetAfter())
	}
	f, err := filterFrom(r.GetFilter(), "complete", "dataset")
	if err != nil {
		return nil, err
	}
	if c := f["complete"]; c != "" && c != "true" && c != "false" {
		return nil, fmt.Errorf("%w: filter: complete is true or false", errMalformed)
	}
	all, err := s.market.Drawings(ctx, callerFrom(ctx).Address, after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListDrawingsResponse{}
	if size := pageOf(r.GetPageSize(), marketplace.MaxPage); len(all) >= size {
		all = all[:size]
		if out.NextPageToken, err = tokenAt(r, all[size-1].Ask.RequestID[:]); err != nil {
			return nil, err
		}
	}
	for _, d := range all {
		one := &pb.Drawing{RequestId: d.Ask.RequestID[:], Grant: d.Ask.Grant[:], Work: d.Work, Time: d.At, Complete: d.Complete}
		for _, asked := range d.Ask.Each() {
			one.Datasets = append(one.Datasets, asked.Dataset)
		}
		if !f.admits("complete", strconv.FormatBool(d.Complete)) || !f.admits("dataset", one.GetDatasets()...) {
			continue
		}
		out.Drawings = append(out.Drawings, one)
	}
	return out, nil
}

type receiptService struct {
	pb.UnimplementedReceiptServiceServer
	market *marketplace.Market
}

func (s *receiptService) GetReceipt(ctx context.Context, r *pb.GetReceiptRequest) (*pb.GetReceiptResponse, error) {
	known := new(r.GetKnownBlock())
	if r.GetUnproven() {
		known = nil
	}
	receipt, err := s.market.ReceiptFor(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetRequestId()), known)
	if err != nil {
		return nil, err
	}
	content, err := ledger.Canonical(receipt)
	if err != nil {
		return nil, err
	}
	return &pb.GetReceiptResponse{Receipt: content, Anchored: receipt.Anchor != nil}, nil
}
