package providerrpc

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Hospital is a hospital's node reached over the network. It implements
// [marketplace.Hospital].
type Hospital struct {
	conn   *grpc.ClientConn
	client pb.ProviderNodeServiceClient
}

// Dial returns the node at address (host:port), whose certificate must have the
// given fingerprint. It connects when first used.
func Dial(address string, own *Identity, node ledger.Hash) (*Hospital, error) {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(credentials.NewTLS(own.config(node))))
	if err != nil {
		return nil, fmt.Errorf("hospital at %s: %w", address, err)
	}
	return &Hospital{conn: conn, client: pb.NewProviderNodeServiceClient(conn)}, nil
}

// Close ends the connection.
func (h *Hospital) Close() error { return h.conn.Close() }

// Describe returns the public description of the hospital's dataset.
func (h *Hospital) Describe(ctx context.Context) (provider.Description, error) {
	r, err := h.client.Describe(ctx, &pb.DescribeRequest{})
	if err != nil {
		return provider.Description{}, decode(ctx, err)
	}
	return describeFrom(r)
}

// Release has the hospital answer a question.
func (h *Hospital) Release(ctx context.Context, q provider.Question) (ledger.SignedRelease, error) {
	request, err := questionTo(q)
	if err != nil {
		return ledger.SignedRelease{}, err
	}
	r, err := h.client.Release(ctx, request)
	if err != nil {
		return ledger.SignedRelease{}, decode(ctx, err)
	}
	var signed ledger.SignedRelease
	if err := ledger.ParseCanonical(r.GetRelease(), &signed); err != nil {
		return signed, fmt.Errorf("%w: %w", marketplace.ErrNoAnswer, err)
	}
	return signed, nil
}

// Decide has the hospital decide on a question, which costs nothing.
func (h *Hospital) Decide(ctx context.Context, q provider.Question) error {
	r, err := questionTo(q)
	if err != nil {
		return err
	}
	_, err = h.client.Decide(ctx, &pb.DecideRequest{
		Ask: r.GetAsk(), Signature: r.GetSignature(), Plan: r.GetPlan(), Grant: r.GetGrant(), Acceptance: r.GetAcceptance(), Passport: r.GetPassport(),
	})
	if err != nil {
		return decode(ctx, err)
	}
	return nil
}

func questionTo(q provider.Question) (*pb.ReleaseRequest, error) {
	ask, err := ledger.Canonical(q.Ask)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", provider.ErrMalformed, err)
	}
	out := &pb.ReleaseRequest{Ask: ask, Signature: q.Signature[:], Plan: q.Plan, Grant: documentTo(q.Grant), Passport: passportTo(q.Passport)}
	if q.Acceptance != nil {
		out.Acceptance = documentTo(*q.Acceptance)
	}
	return out, nil
}

// Charged says whether the hospital charged a request.
func (h *Hospital) Charged(ctx context.Context, request ledger.Hash) (bool, error) {
	r, err := h.client.GetCharge(ctx, &pb.GetChargeRequest{RequestId: request[:]})
	if err != nil {
		return false, decode(ctx, err)
	}
	return r.GetCharged(), nil
}

func describeTo(d provider.Description) *pb.DescribeResponse {
	out := &pb.DescribeResponse{
		Organisation: d.Organisation[:],
		Dataset: &pb.Dataset{
			Id: d.Metadata.Dataset, Version: d.Metadata.Version, ReferenceYear: int32(d.Metadata.ReferenceYear),
			Provider: d.Provider[:], WorkPerNanoRho: d.WorkPerNanoRho, Policy: documentTo(d.Policy),
			Budget: costTo(d.Budget), Spent: costTo(d.Spent),
		},
	}
	if d.Profile != nil {
		out.Dataset.Profile = documentTo(*d.Profile)
	}
	return out
}

func describeFrom(r *pb.DescribeResponse) (d provider.Description, err error) {
	s := r.GetDataset()
	if len(s.GetProvider()) != len(d.Provider) || len(r.GetOrganisation()) != len(d.Organisation) {
		return d, fmt.Errorf("%w: malformed description", marketplace.ErrUnavailable)
	}
	if d.Policy, err = documentFrom(s.GetPolicy()); err != nil {
		return d, fmt.Errorf("%w: %w", marketplace.ErrUnavailable, err)
	}
	d.Provider, d.Organisation = ledger.Address(s.GetProvider()), ledger.Hash(r.GetOrganisation())
	d.Metadata = dp.Metadata{Dataset: s.GetId(), Version: s.GetVersion(), ReferenceYear: int(s.GetReferenceYear())}
	p, err := provider.ParsePolicy(d.Policy)
	if err != nil {
		return d, fmt.Errorf("%w: policy: %w", marketplace.ErrUnavailable, err)
	}
	d.Metadata = provider.Under(d.Metadata, p)
	d.WorkPerNanoRho = s.GetWorkPerNanoRho()
	d.Budget, d.Spent = costFrom(s.GetBudget()), costFrom(s.GetSpent())
	if d, err = profileFrom(d, s.GetProfile()); err != nil {
		return d, fmt.Errorf("%w: %w", marketplace.ErrUnavailable, err)
	}
	return d, nil
}

// profileFrom adds the profile, unless there is none, and what it says.
func profileFrom(d provider.Description, p *pb.SignedDocument) (provider.Description, error) {
	if p == nil {
		return d, nil
	}
	signed, err := documentFrom(p)
	if err != nil {
		return d, err
	}
	return d.WithProfile(signed)
}

func costTo(c accountant.Cost) *pb.Cost {
	return &pb.Cost{NanoRho: c.NanoRho, Delta: c.Delta, NanoEpsilon: c.NanoEpsilon}
}

func costFrom(c *pb.Cost) accountant.Cost {
	return accountant.Cost{NanoRho: c.GetNanoRho(), Delta: c.GetDelta(), NanoEpsilon: c.GetNanoEpsilon()}
}

func passportTo(p provider.Passport) *pb.Passport {
	out := &pb.Passport{Visas: p.Visas}
	for _, l := range p.Links {
		out.Links = append(out.Links, documentTo(l))
	}
	return out
}

func passportFrom(p *pb.Passport) (provider.Passport, error) {
	out := provider.Passport{Visas: p.GetVisas()}
	for _, l := range p.GetLinks() {
		link, err := documentFrom(l)
		if err != nil {
			return out, err
		}
		out.Links = append(out.Links, link)
	}
	return out, nil
}

func documentTo(d ledger.SignedDocument) *pb.SignedDocument {
	return &pb.SignedDocument{Content: d.Content, Revision: d.Revision, Expiry: d.Expiry, Signature: d.Signature[:]}
}

func documentFrom(d *pb.SignedDocument) (ledger.SignedDocument, error) {
	sig, err := ledger.ParseSignature(d.GetSignature())
	if err != nil {
		return ledger.SignedDocument{}, fmt.Errorf("%w: %w", provider.ErrSignature, err)
	}
	return ledger.SignedDocument{Content: d.GetContent(), Revision: d.GetRevision(), Expiry: d.GetExpiry(), Signature: sig}, nil
}
