package server

import (
	"context"
	"encoding/binary"
	"fmt"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

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
	out := &pb.PointAtRecordsResponse{Records: int64(done.Records), Added: int64(done.Added)}
	for _, f := range done.Faulty {
		out.Faulty = append(out.Faulty, &pb.FaultyRecord{Patient: f.Patient, Kind: string(f.Kind), Day: f.Day, Fault: f.Fault})
	}
	return out, nil
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
	after, err := afterIn(r)
	if err != nil {
		return nil, err
	}
	page, err := s.index.Pointers(ctx, callerFrom(ctx).Address, documentFrom(r.GetAccess()), after, r.GetKnownBlock())
	if err != nil {
		return nil, err
	}
	out := &pb.ListPointersResponse{More: page.Next != nil}
	shown := page.Pointers
	if size := pageOf(r.GetPageSize(), recordindex.MaxPage); len(shown) > size {
		shown, out.More = shown[:size], true
	}
	for i, p := range shown {
		out.Pointers = append(out.Pointers, &pb.ShownPointer{
			Place: &pb.PointerPlace{Kind: string(p.Kind), Month: p.Month.String(), Number: p.Number},
			Key:   p.Entry.Key[:], Value: p.Entry.Value, Salt: p.Salt[:], Inclusion: inclusionTo(p.Inclusion),
			Standing: string(page.Standings[i]),
		})
	}
	if out.More {
		last, err := proto.MarshalOptions{Deterministic: true}.Marshal(out.GetPointers()[len(shown)-1].GetPlace())
		if err != nil {
			return nil, err
		}
		if out.NextPageToken, err = tokenAt(r, last); err != nil {
			return nil, err
		}
	}
	out.Anchor, err = anchorTo(page.Anchor)
	return out, err
}

// afterIn is the place beyond which a request goes on: that of its token, or else the one that it names; nil: from the first.
func afterIn(r *pb.ListPointersRequest) (*recordindex.Place, error) {
	token, err := placeIn(r)
	if err != nil {
		return nil, err
	}
	named := r.GetAfter()
	if token != nil {
		named = &pb.PointerPlace{}
		if proto.Unmarshal(token, named) != nil || protovalidate.Validate(named) != nil {
			return nil, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
		}
	}
	if named == nil {
		return nil, nil
	}
	at, err := placeFrom(named)
	return &at, err
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
	after, err := after(r, r.GetAfter())
	if err != nil {
		return nil, err
	}
	all, anchor, err := s.index.Uses(ctx, callerFrom(ctx).Address, mandateOf(r.GetMandate()), after, r.GetKnownBlock())
	if err != nil {
		return nil, err
	}
	out := &pb.ListAccessUsesResponse{}
	all, out.NextPageToken, err = begin(r, all, recordindex.MaxPage, func(u recordindex.Shown) uint64 { return uint64(u.Number) })
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		out.Uses = append(out.Uses, &pb.AccessUse{Number: u.Number, Content: u.Content, Salt: u.Salt[:], Inclusion: inclusionTo(u.Inclusion)})
	}
	out.Anchor, err = anchorTo(anchor)
	return out, err
}

func (s *recordService) SetOpinion(ctx context.Context, r *pb.SetOpinionRequest) (*pb.SetOpinionResponse, error) {
	return &pb.SetOpinionResponse{}, s.index.Opine(ctx, documentFrom(r.GetOpinion()), herself(ctx))
}

func (s *recordService) ListOpinions(ctx context.Context, r *pb.ListOpinionsRequest) (*pb.ListOpinionsResponse, error) {
	after, err := after(r, 0)
	if err != nil {
		return nil, err
	}
	all, err := s.index.Opinions(ctx, callerFrom(ctx).Address, mandateOf(r.GetMandate()), after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListOpinionsResponse{}
	if all, out.NextPageToken, err = begin(r, all, recordindex.MaxPage, func(o recordindex.Opined) uint64 { return uint64(o.Number) }); err != nil {
		return nil, err
	}
	for _, o := range all {
		out.Opinions = append(out.Opinions, opinionTo(o))
	}
	return out, nil
}

func opinionTo(o recordindex.Opined) *pb.Opinion {
	out := &pb.Opinion{Number: o.Number, At: o.At, Document: documentTo(o.Document)}
	if o.Reply != nil {
		out.Reply, out.Replier, out.RepliedAt = documentTo(o.Reply.Document), o.Reply.Signer[:], o.Reply.At
	}
	return out
}

func (s *recordService) ListDoubts(ctx context.Context, r *pb.ListDoubtsRequest) (*pb.ListDoubtsResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	after, err := doubtIn(r)
	if err != nil {
		return nil, err
	}
	all, err := s.index.Doubts(ctx, r.GetWaiting(), after)
	if err != nil {
		return nil, err
	}
	size := pageOf(r.GetPageSize(), recordindex.MaxPage)
	more := len(all) >= size // there may be
	out := &pb.ListDoubtsResponse{}
	for _, d := range all[:min(size, len(all))] {
		at := d.Pointer
		out.Doubts = append(out.Doubts, &pb.Doubt{
			Patient: d.Patient, Place: &pb.PointerPlace{Kind: string(at.Kind), Month: at.Month.String(), Number: at.Number}, Opinion: opinionTo(d.Opined),
		})
	}
	if !more || len(out.GetDoubts()) == 0 {
		return out, nil
	}
	last := out.GetDoubts()[len(out.GetDoubts())-1]
	place, err := proto.MarshalOptions{Deterministic: true}.Marshal(&pb.Doubt{Patient: last.GetPatient(), Place: last.GetPlace()})
	if err != nil {
		return nil, err
	}
	out.NextPageToken, err = tokenAt(r, place)
	return out, err
}

// doubtIn is the place beyond which a request goes on, nil: from the first.
func doubtIn(r *pb.ListDoubtsRequest) (*recordindex.DoubtPlace, error) {
	token, err := placeIn(r)
	if err != nil || token == nil {
		return nil, err
	}
	var last pb.Doubt
	if proto.Unmarshal(token, &last) != nil || protovalidate.Validate(&last) != nil {
		return nil, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
	}
	at, err := placeFrom(last.GetPlace())
	return &recordindex.DoubtPlace{Patient: last.GetPatient(), Place: at}, err
}

func (s *recordService) ReplyToDoubt(ctx context.Context, r *pb.ReplyToDoubtRequest) (*pb.ReplyToDoubtResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	at, err := placeFrom(r.GetPlace())
	if err != nil {
		return nil, err
	}
	return &pb.ReplyToDoubtResponse{}, s.index.Reply(ctx, r.GetPatient(), at, documentFrom(r.GetReply()), herself(ctx))
}

func (s *recordService) BreakGlass(ctx context.Context, r *pb.BreakGlassRequest) (*pb.BreakGlassResponse, error) {
	sealed, err := s.index.BreakGlass(ctx, callerFrom(ctx).Address, documentFrom(r.GetEmergency()), records.SealingKey(r.GetSealingKey()))
	if err != nil {
		return nil, err
	}
	return &pb.BreakGlassResponse{Sealed: sealed}, nil
}

func (s *recordService) CountersignEmergency(ctx context.Context, r *pb.CountersignEmergencyRequest) (*pb.CountersignEmergencyResponse, error) {
	return &pb.CountersignEmergencyResponse{}, s.index.Countersign(ctx, documentFrom(r.GetCountersignature()), herself(ctx))
}

func (s *recordService) ListEmergencies(ctx context.Context, r *pb.ListEmergenciesRequest) (*pb.ListEmergenciesResponse, error) {
	after, err := emergencyIn(r)
	if err != nil {
		return nil, err
	}
	var all []recordindex.Declared
	if s.node.IsSteward(callerFrom(ctx).Participant) {
		all, err = s.index.AllEmergencies(ctx, r.GetWaiting(), after)
	} else {
		all, err = s.index.Emergencies(ctx, callerFrom(ctx).Address, mandateOf(r.GetMandate()), r.GetWaiting(), after)
	}
	if err != nil {
		return nil, err
	}
	out := &pb.ListEmergenciesResponse{}
	if size := pageOf(r.GetPageSize(), recordindex.MaxPage); len(all) >= size {
		all = all[:size]
		last := all[size-1].Place()
		if out.NextPageToken, err = tokenAt(r, append(binary.BigEndian.AppendUint64(nil, uint64(last.At)), last.ID[:]...)); err != nil {
			return nil, err
		}
	}
	for _, d := range all {
		e := &pb.Emergency{Document: documentTo(d.Document), Clinician: d.Clinician[:], At: d.At, Overdue: d.Overdue}
		if d.Second != nil {
			e.Countersignature, e.Countersigner, e.CountersignedAt = documentTo(d.Second.Document), d.Second.Signer[:], d.Second.At
		}
		out.Emergencies = append(out.Emergencies, e)
	}
	return out, nil
}

// emergencyIn is the place beyond which a request goes on, nil: from the first.
func emergencyIn(r *pb.ListEmergenciesRequest) (*recordindex.EmergencyPlace, error) {
	place, err := placeIn(r)
	if err != nil || place == nil {
		return nil, err
	}
	if len(place) != 8+len(ledger.Hash{}) {
		return nil, fmt.Errorf("%w: page_token is none of this server's", errMalformed)
	}
	return &recordindex.EmergencyPlace{At: int64(binary.BigEndian.Uint64(place)), ID: ledger.Hash(place[8:])}, nil
}
