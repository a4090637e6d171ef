package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// patientService is what a hospital offers as to whose key is whose. The node
// checks documents; the service, that the caller may bring them.
type patientService struct {
	pb.UnimplementedPatientServiceServer
	node  *provider.Node
	names func(context.Context, ...dp.Query) cohort.Names
}

func (s *patientService) InvitePatients(ctx context.Context, r *pb.InvitePatientsRequest) (*pb.InvitePatientsResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	codes, err := s.node.Invite(ctx, documentFrom(r.GetInvitation()))
	if err != nil {
		return nil, err
	}
	out := &pb.InvitePatientsResponse{}
	for _, c := range codes {
		out.Codes = append(out.Codes, &pb.PatientCode{Patient: c.Patient, Code: c.Code.Reveal()})
	}
	return out, nil
}

func (s *patientService) RedeemCode(ctx context.Context, r *pb.RedeemCodeRequest) (*pb.RedeemCodeResponse, error) {
	return &pb.RedeemCodeResponse{}, s.node.Redeem(ctx, r.GetCode(), callerFrom(ctx).Address)
}

func (s *patientService) ChangeKey(ctx context.Context, r *pb.ChangeKeyRequest) (*pb.ChangeKeyResponse, error) {
	who := callerFrom(ctx).Address
	mayBring := func(c provider.KeyChange) bool { return who == c.Key || who == c.Next }
	return &pb.ChangeKeyResponse{}, s.node.ChangeKey(ctx, documentFrom(r.GetChange()), ledger.Signature(r.GetNextSignature()), mayBring)
}

func (s *patientService) SetContacts(ctx context.Context, r *pb.SetContactsRequest) (*pb.SetContactsResponse, error) {
	return &pb.SetContactsResponse{}, s.node.SetContacts(ctx, documentFrom(r.GetContacts()), herself(ctx))
}

// noticeKinds are those that the API shows.
var noticeKinds = map[provider.NoticeKind]pb.NoticeKind{
	provider.NoticeEnrolled: pb.NoticeKind_NOTICE_KIND_ENROLLED, provider.NoticeRotated: pb.NoticeKind_NOTICE_KIND_ROTATED,
	provider.NoticeRecovered: pb.NoticeKind_NOTICE_KIND_RECOVERED, provider.NoticeElsewhere: pb.NoticeKind_NOTICE_KIND_ELSEWHERE,
	provider.NoticeDelegate: pb.NoticeKind_NOTICE_KIND_DELEGATE, provider.NoticeRevoked: pb.NoticeKind_NOTICE_KIND_REVOKED,
	provider.NoticeEmergency: pb.NoticeKind_NOTICE_KIND_EMERGENCY,
}

func (s *patientService) ListNotices(ctx context.Context, r *pb.ListNoticesRequest) (*pb.ListNoticesResponse, error) {
	all, carry, err := s.node.Notices(ctx, callerFrom(ctx).Address)
	if err != nil {
		return nil, err
	}
	out := &pb.ListNoticesResponse{}
	if all, out.NextPageToken, err = cut(r, all, provider.MaxPast); err != nil {
		return nil, err
	}
	for _, n := range all {
		kind, known := noticeKinds[n.Kind]
		if !known {
			return nil, fmt.Errorf("a notice of kind %q", n.Kind)
		}
		out.Notices = append(out.Notices, &pb.Notice{At: n.At, Kind: kind, Key: n.Key[:], Former: orEmpty(n.Former), From: orEmpty(n.From)})
	}
	for _, d := range carry {
		out.Carry = append(out.Carry, documentTo(d))
	}
	return out, nil
}

// orEmpty is an address for a field that is empty if there is none.
func orEmpty(a ledger.Address) []byte {
	if a.IsZero() {
		return nil
	}
	return a[:]
}

func (s *patientService) CarryNotice(ctx context.Context, r *pb.CarryNoticeRequest) (*pb.CarryNoticeResponse, error) {
	return &pb.CarryNoticeResponse{}, s.node.Tell(ctx, documentFrom(r.GetNotice()))
}

func (s *patientService) ListPreferences(ctx context.Context, r *pb.ListPreferencesRequest) (*pb.ListPreferencesResponse, error) {
	after, err := numberIn(r, r.GetAfterRevision())
	if err != nil {
		return nil, err
	}
	all, err := s.node.History(ctx, callerFrom(ctx).Address, after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListPreferencesResponse{}
	all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(p provider.PastPreference) uint64 { return p.Document.Revision })
	if err != nil {
		return nil, err
	}
	for _, h := range all {
		out.Preferences = append(out.Preferences, &pb.PastPreference{Preference: documentTo(h.Document), AsOf: h.AsOf, RecordedAt: h.At})
	}
	return out, nil
}

func (s *patientService) ListExposures(ctx context.Context, r *pb.ListExposuresRequest) (*pb.ListExposuresResponse, error) {
	after, err := numberIn(r, r.GetAfter())
	if err != nil {
		return nil, err
	}
	all, err := s.node.Exposures(ctx, callerFrom(ctx).Address, after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListExposuresResponse{}
	all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(e provider.Exposure) uint64 { return e.AsOf })
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		grant, err := e.Grant()
		if err != nil {
			return nil, err
		}
		shown := &pb.Exposure{
			RequestId: e.Request[:], Grant: grant[:], AsOf: e.AsOf, Time: e.At, Cost: costTo(e.Cost),
			Policy: e.Policy[:], Revision: e.Revision, LossAtMost: costTo(e.Lost),
		}
		study, question, purpose, err := e.Asked()
		switch {
		case e.Restored():
			shown.Question = restoredWords
		case err != nil: // what she lost is known all the same
			shown.Question = unreadableWords
		default:
			shown.Study, shown.Sponsor, shown.Purpose, shown.Question = study.Protocol, string(study.SponsorType), purposeWords(purpose), question.Query.Words(s.names(ctx, question.Query))
		}
		if e.Cap != nil {
			shown.OwnCap = costTo(*e.Cap)
		}
		out.Exposures = append(out.Exposures, shown)
	}
	return out, nil
}

// What is said of what nobody knows any more.
const (
	restoredWords   = "whatever was asked and lost when the hospital's store was brought back from a backup; all that the chain allowed is counted"
	unreadableWords = "the hospital cannot read any more what was asked; what it cost is counted"
)

// purposeWords are DUO's for what a question is for.
func purposeWords(p ledger.Purpose) string {
	words := duo.Permission(p.Permission).Label()
	if len(p.Diseases) > 0 {
		words += ": " + strings.Join(p.Diseases, ", ")
	}
	return words
}

// ListDisclosures returns to a patient what was disclosed that could have counted her, and to a steward of anybody.
func (s *patientService) ListDisclosures(ctx context.Context, r *pb.ListDisclosuresRequest) (*pb.ListDisclosuresResponse, error) {
	after, err := numberIn(r, r.GetAfter())
	if err != nil {
		return nil, err
	}
	all, err := s.disclosures(ctx, r, after)
	if err != nil {
		return nil, err
	}
	out := &pb.ListDisclosuresResponse{}
	all, out.NextPageToken, err = begin(r, all, provider.MaxPast, func(d provider.Disclosure) uint64 { return d.AsOf })
	if err != nil {
		return nil, err
	}
	asked := make([]dp.Query, len(all))
	for i, d := range all {
		asked[i] = d.Question
	}
	names := s.names(ctx, asked...)
	for _, d := range all {
		out.Disclosures = append(out.Disclosures, &pb.Disclosure{Question: askedTo(d.Asked, names), Revision: d.Revision, LossAtMost: costTo(d.Lost)})
	}
	return out, nil
}

func (s *patientService) disclosures(ctx context.Context, r *pb.ListDisclosuresRequest, after uint64) ([]provider.Disclosure, error) {
	if r.Patient == nil {
		return s.node.Disclosures(ctx, callerFrom(ctx).Address, after)
	}
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	return s.node.DisclosuresOf(ctx, r.GetPatient(), after)
}

// herself reports whether a document is by the caller.
func herself(ctx context.Context) func(ledger.Address) bool {
	who := callerFrom(ctx).Address
	return func(signer ledger.Address) bool { return signer == who }
}

func (s *patientService) DelegateTo(ctx context.Context, r *pb.DelegateToRequest) (*pb.DelegateToResponse, error) {
	id, err := s.node.Delegate(ctx, documentFrom(r.GetDelegation()), herself(ctx))
	if err != nil {
		return nil, err
	}
	return &pb.DelegateToResponse{Mandate: id[:]}, nil
}

func (s *patientService) RevokeMandate(ctx context.Context, r *pb.RevokeMandateRequest) (*pb.RevokeMandateResponse, error) {
	return &pb.RevokeMandateResponse{}, s.node.Revoke(ctx, documentFrom(r.GetRevocation()), herself(ctx))
}

func (s *patientService) ListMandates(ctx context.Context, r *pb.ListMandatesRequest) (*pb.ListMandatesResponse, error) {
	all, err := s.node.Mandates(ctx, callerFrom(ctx).Address)
	if err != nil {
		return nil, err
	}
	out := &pb.ListMandatesResponse{}
	if all, out.NextPageToken, err = cut(r, all, provider.MaxPast); err != nil {
		return nil, err
	}
	for _, m := range all {
		out.Mandates = append(out.Mandates, &pb.Mandate{Id: m.ID[:], Key: m.Key[:], Kind: string(m.Kind), Until: m.Until, RevokedAt: m.Revoked})
	}
	return out, nil
}
