package server

import (
	"context"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type liveService struct {
	pb.UnimplementedLiveServiceServer
	market *marketplace.Market
}

func (s *liveService) GetLive(ctx context.Context, _ *pb.GetLiveRequest) (*pb.GetLiveResponse, error) {
	l, err := s.market.Live(ctx, callerFrom(ctx).Address)
	if err != nil {
		return nil, err
	}
	out := &pb.GetLiveResponse{Head: blockTo(l.Head), Final: l.Final, Receipts: l.Receipts, Anchored: l.Anchored}
	for _, a := range l.UnderWay {
		out.UnderWay = append(out.UnderWay, &pb.AskUnderWay{
			RequestId: a.Request[:], Hospitals: int32(a.Hospitals), Done: int32(a.Done),
		})
	}
	return out, nil
}

func (s *liveService) ListBlocks(ctx context.Context, r *pb.ListBlocksRequest) (*pb.ListBlocksResponse, error) {
	before, err := numberIn(r, 0)
	if err != nil {
		return nil, err
	}
	page, final, err := s.market.Blocks(ctx, before, pageOf(r.GetPageSize(), marketplace.MaxBlocks))
	if err != nil {
		return nil, err
	}
	out := &pb.ListBlocksResponse{Final: final}
	for _, b := range page {
		out.Blocks = append(out.Blocks, blockTo(b))
	}
	if len(page) > 0 { // the genesis block has the number 0, below which there is none
		out.NextPageToken, err = tokenAtNumber(r, page[len(page)-1].Number)
	}
	return out, err
}

func blockTo(b ledger.Block) *pb.Block {
	return &pb.Block{Number: b.Number, Time: b.Time, Difficulty: b.Difficulty, Sealer: b.Sealer[:]}
}
