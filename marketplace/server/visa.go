package server

import (
	"context"
	"net/http"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type visaService struct {
	pb.UnimplementedVisaServiceServer
	market *marketplace.Market
}

func (s *visaService) CreateVisa(ctx context.Context, r *pb.CreateVisaRequest) (*pb.CreateVisaResponse, error) {
	visa, expires, err := s.market.GrantVisa(ctx, callerFrom(ctx).Address, ledger.Hash(r.GetGrant()), r.GetDataset())
	if err != nil {
		return nil, err
	}
	return &pb.CreateVisaResponse{Visa: visa, ExpiresAt: expires}, nil
}

// visaKeys serves the keys of the visas that a marketplace issues.
func visaKeys(set []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/jwk-set+json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(set) // nobody is left to tell
	})
}
