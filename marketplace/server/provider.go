package server

import (
	"context"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/fhir"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// preferenceService is what a hospital offers to its patients and stewards.
// The node checks who signed each document; the service checks that the caller
// may bring it.
type preferenceService struct {
	pb.UnimplementedPreferenceServiceServer
	node *provider.Node
}

func (s *preferenceService) EnrolPatients(ctx context.Context, r *pb.EnrolPatientsRequest) (*pb.EnrolPatientsResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	return &pb.EnrolPatientsResponse{}, s.node.Enrol(ctx, documentFrom(r.GetEnrolments()))
}

func (s *preferenceService) SetPreferences(ctx context.Context, r *pb.SetPreferencesRequest) (*pb.SetPreferencesResponse, error) {
	docs := make([]ledger.SignedDocument, len(r.GetPreferences()))
	for i, d := range r.GetPreferences() {
		docs[i] = documentFrom(d)
	}
	owns := herself(ctx)
	if s.node.IsSteward(callerFrom(ctx).Participant) {
		owns = func(ledger.Address) bool { return true }
	}
	asOf, err := s.node.SetPreferences(ctx, docs, owns)
	if err != nil {
		return nil, err
	}
	return &pb.SetPreferencesResponse{AsOf: asOf}, nil
}

func (s *preferenceService) RecordPreferences(ctx context.Context, r *pb.RecordPreferencesRequest) (*pb.RecordPreferencesResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	asOf, err := s.node.RecordPreferences(ctx, documentFrom(r.GetRecorded()))
	if err != nil {
		return nil, err
	}
	return &pb.RecordPreferencesResponse{AsOf: asOf}, nil
}

func (s *preferenceService) GetPreference(ctx context.Context, r *pb.GetPreferenceRequest) (*pb.GetPreferenceResponse, error) {
	who := callerFrom(ctx).Address
	patient := who.String()
	var standing provider.Standing
	var err error
	if len(r.GetMandate()) > 0 {
		patient = ledger.Hash(r.GetMandate()).String() // her key is not his to know
		standing, err = s.node.PreferenceBy(ctx, who, ledger.Hash(r.GetMandate()))
	} else {
		standing, err = s.node.Preference(ctx, who)
	}
	if err != nil {
		return nil, err
	}
	out := &pb.GetPreferenceResponse{Preference: documentTo(standing.Document), AsOf: standing.AsOf, LossAtMost: costTo(standing.Lost)}
	if standing.Cap != nil {
		out.OwnCap = costTo(*standing.Cap)
	}
	if r.GetConsent() != "" {
		out.Consent, err = consentTo(standing.Document, fhir.Release(r.GetConsent()), patient)
	}
	return out, err
}

// consentTo is a preference on record as a FHIR Consent about who is named.
func consentTo(d ledger.SignedDocument, release fhir.Release, patient string) (string, error) {
	var s provider.PreferenceStatement
	if err := ledger.ParseCanonical(d.Content, &s); err != nil {
		return "", fmt.Errorf("preference on record: %w", err)
	}
	b, err := s.Consent(release, patient, d.Revision)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errMalformed, err)
	}
	return string(b), nil
}

func (s *preferenceService) ReadConsent(_ context.Context, r *pb.ReadConsentRequest) (*pb.ReadConsentResponse, error) {
	var rest *policy.ReleasePreference
	if len(r.GetRest()) > 0 {
		rest = &policy.ReleasePreference{}
		if err := ledger.ParseCanonical(r.GetRest(), rest); err != nil {
			return nil, fmt.Errorf("%w: rest: %w", errMalformed, err)
		}
	}
	p, err := fhir.Import([]byte(r.GetConsent()), rest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	content, err := ledger.Canonical(p)
	if err != nil {
		return nil, err
	}
	return &pb.ReadConsentResponse{Preference: content, Words: policy.Words(p)}, nil
}

// GetConsentProof proves to a patient what was committed to for her, and to a
// steward what was for anybody.
func (s *preferenceService) GetConsentProof(ctx context.Context, r *pb.GetConsentProofRequest) (*pb.GetConsentProofResponse, error) {
	p, err := s.consentProof(ctx, r)
	if err != nil {
		return nil, err
	}
	content, err := ledger.Canonical(p)
	if err != nil {
		return nil, err
	}
	return &pb.GetConsentProofResponse{Proof: content, Anchored: p.Anchor != nil}, nil
}

func (s *preferenceService) consentProof(ctx context.Context, r *pb.GetConsentProofRequest) (consent.Proof, error) {
	if r.GetOfWhom() == nil {
		return s.node.ConsentProof(ctx, callerFrom(ctx).Address, r.GetAsOf())
	}
	if err := mustBeSteward(ctx, s.node); err != nil {
		return consent.Proof{}, err
	}
	if of, byIndex := r.GetOfWhom().(*pb.GetConsentProofRequest_Index); byIndex {
		return s.node.AbsenceProof(ctx, ledger.Hash(of.Index), r.GetAsOf()) // of 32 bytes: the edge has checked
	}
	return s.node.ConsentProofOf(ctx, r.GetPatient(), r.GetAsOf())
}

func (s *preferenceService) SetDatasetPolicy(ctx context.Context, r *pb.SetDatasetPolicyRequest) (*pb.SetDatasetPolicyResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	return &pb.SetDatasetPolicyResponse{}, s.node.SetPolicy(ctx, documentFrom(r.GetPolicy()))
}

func (s *preferenceService) SetDatasetProfile(ctx context.Context, r *pb.SetDatasetProfileRequest) (*pb.SetDatasetProfileResponse, error) {
	if err := mustBeSteward(ctx, s.node); err != nil {
		return nil, err
	}
	return &pb.SetDatasetProfileResponse{}, s.node.SetProfile(ctx, documentFrom(r.GetProfile()))
}

// mustBeSteward refuses the stewards of other hospitals, who have the role too.
func mustBeSteward(ctx context.Context, n *provider.Node) error {
	if !n.IsSteward(callerFrom(ctx).Participant) {
		return fmt.Errorf("%w: not a steward of this hospital", errForbidden)
	}
	return nil
}
