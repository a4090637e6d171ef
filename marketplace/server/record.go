package server

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// recordService is what a hospital offers of its record index. The index checks what a reader brings; the service, that
// the steward is the hospital's and that revocations are brought by who signed them.
type recordService struct {
	pb.UnimplementedRecordServiceServer
	node  *provider.Node
	index *recordindex.Index
}

func (s *recordService) PointAtRecords(ctx context.Context, r *pb.PointAtRecordsRequest) (*pb.PointAtRecordsResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	done, err := s.index.Point(ctx, r.GetPatients(), r.GetSince())
	if err != nil {
		return nil, err
	}
	return &pb.PointAtRecordsResponse{Records: int64(done.Records), Added: int64(done.Added)}, nil
}

// mandateOf is a mandate that a request may name: its length was checked at the edge.
func mandateOf(b []byte) *ledger.Hash {
	if len(b) == 0 {
		return nil
	}
	h := ledger.Hash(b)
	return &h
}

func (s *recordService) GetIndexSecret(ctx context.Context, r *pb.GetIndexSecretRequest) (*pb.GetIndexSecretResponse, error) {
	sealed, err := s.index.SecretFor(ctx, callerFrom(ctx).Address, mandateOf(r.GetMandate()), records.SealingKey(r.GetSealingKey()))
	if err != nil {
		return nil, err
	}
	return &pb.GetIndexSecretResponse{Sealed: sealed}, nil
}

func placeFrom(p *pb.PointerPlace) (at recordindex.Place, err error) {
	at.Kind, at.Number = records.Kind(p.GetKind()), p.GetNumber()
	if err := at.Month.UnmarshalText([]byte(p.GetMonth())); err != nil {
		return at, fmt.Errorf("%w: %w", errMalformed, err)
	}
	return at, nil
}

func inclusionTo(p *ledger.LogProof) *pb.LogInclusion {
	if p == nil {
		return nil
	}
	out := &pb.LogInclusion{Index: p.Index, Size: p.Size, Root: p.Root[:]}
	for _, h := range p.Path {
		out.Path = append(out.Path, h[:])
	}
	return out
}

// anchorTo is the canonical form of a proof, empty if there is none.
func anchorTo(a *ledger.AnchorProof) ([]byte, error) {
	if a == nil {
		return nil, nil
	}
	return ledger.Canonical(a)
}

func (s *recordService) ListPointers(ctx context.Context, r *pb.ListPointersRequest) (*pb.ListPointersResponse, error) {
	var after *recordindex.Place
	if r.GetAfter() != nil {
		at, err := placeFrom(r.GetAfter())
		if err != nil {
			return nil, err
		}
		after = &at
	}
	page, err := s.index.Pointers(ctx, callerFrom(ctx).Address, documentFrom(r.GetAccess()), after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListPointersResponse{More: page.Next != nil}
	for _, p := range page.Pointers {
		out.Pointers = append(out.Pointers, &pb.ShownPointer{
			Place: &pb.PointerPlace{Kind: string(p.Kind), Month: p.Month.String(), Number: p.Number},
			Key:   p.Entry.Key[:], Value: p.Entry.Value, Salt: p.Salt[:], Inclusion: inclusionTo(p.Inclusion),
		})
	}
	out.Anchor, err = anchorTo(page.Anchor)
	return out, err
}

func (s *recordService) GetRecord(ctx context.Context, r *pb.GetRecordRequest) (*pb.GetRecordResponse, error) {
	at, err := placeFrom(r.GetPlace())
	if err != nil {
		return nil, err
	}
	record, err := s.index.Record(ctx, callerFrom(ctx).Address, documentFrom(r.GetAccess()), at)
	if err != nil {
		return nil, err
	}
	return &pb.GetRecordResponse{Record: record}, nil
}

func (s *recordService) RevokeAccess(ctx context.Context, r *pb.RevokeAccessRequest) (*pb.RevokeAccessResponse, error) {
	return &pb.RevokeAccessResponse{}, s.index.Revoke(ctx, documentFrom(r.GetRevocation()), herself(ctx))
}

func (s *recordService) ListAccessUses(ctx context.Context, r *pb.ListAccessUsesRequest) (*pb.ListAccessUsesResponse, error) {
	all, anchor, err := s.index.Uses(ctx, callerFrom(ctx).Address, mandateOf(r.GetMandate()), r.GetAfter())
	if err != nil {
		return nil, err
	}
	out := &pb.ListAccessUsesResponse{}
	for _, u := range all {
		out.Uses = append(out.Uses, &pb.AccessUse{Number: u.Number, Content: u.Content, Salt: u.Salt[:], Inclusion: inclusionTo(u.Inclusion)})
	}
	out.Anchor, err = anchorTo(anchor)
	return out, err
}
