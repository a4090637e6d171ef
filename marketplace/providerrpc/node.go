package providerrpc

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// NewServer returns a gRPC server that offers node to the one marketplace whose
// certificate has the given fingerprint.
func NewServer(node *provider.Node, own *Identity, marketplace ledger.Hash) *grpc.Server {
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(own.config(marketplace))), grpc.MaxRecvMsgSize(maxMessage))
	pb.RegisterProviderNodeServiceServer(s, &nodeService{node: node})
	return s
}

const maxMessage = 1 << 20

type nodeService struct {
	pb.UnimplementedProviderNodeServiceServer
	node *provider.Node
}

func (s *nodeService) Describe(ctx context.Context, _ *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	d, err := s.node.Describe(ctx)
	if err != nil {
		return nil, encode(err)
	}
	return describeTo(d), nil
}

func (s *nodeService) Release(ctx context.Context, r *pb.ReleaseRequest) (*pb.ReleaseResponse, error) {
	q, err := questionFrom(r)
	if err != nil {
		return nil, encode(err)
	}
	signed, err := s.node.Release(ctx, q)
	if err != nil {
		return nil, encode(err)
	}
	content, err := ledger.Canonical(signed)
	if err != nil {
		return nil, encode(provider.ErrFailed)
	}
	return &pb.ReleaseResponse{Release: content}, nil
}

func (s *nodeService) Decide(ctx context.Context, r *pb.DecideRequest) (*pb.DecideResponse, error) {
	q, err := questionFrom(r)
	if err == nil {
		err = s.node.Decide(ctx, q)
	}
	if err != nil {
		return nil, encode(err)
	}
	return &pb.DecideResponse{}, nil
}

func (s *nodeService) GetCharge(ctx context.Context, r *pb.GetChargeRequest) (*pb.GetChargeResponse, error) {
	if len(r.GetRequestId()) != len(ledger.Hash{}) {
		return nil, encode(fmt.Errorf("%w: request id", provider.ErrMalformed))
	}
	charged, err := s.node.Charged(ctx, ledger.Hash(r.GetRequestId()))
	if err != nil {
		return nil, encode(err)
	}
	return &pb.GetChargeResponse{Charged: charged}, nil
}

// asking is a request with a question in it.
type asking interface {
	GetAsk() []byte
	GetSignature() []byte
	GetPlan() []byte
	GetGrant() *pb.SignedDocument
	GetAcceptance() *pb.SignedDocument
	GetPassport() *pb.Passport
}

func questionFrom(r asking) (q provider.Question, err error) {
	if err := ledger.ParseCanonical(r.GetAsk(), &q.Ask); err != nil {
		return q, fmt.Errorf("%w: ask: %w", provider.ErrMalformed, err)
	}
	if q.Signature, err = ledger.ParseSignature(r.GetSignature()); err != nil {
		return q, fmt.Errorf("%w: %w", provider.ErrSignature, err)
	}
	if q.Grant, err = documentFrom(r.GetGrant()); err != nil {
		return q, err
	}
	q.Plan = r.GetPlan()
	if r.GetAcceptance() != nil {
		signed, err := documentFrom(r.GetAcceptance())
		if err != nil {
			return q, err
		}
		q.Acceptance = &signed
	}
	q.Passport, err = passportFrom(r.GetPassport())
	return q, err
}
