package server_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// Requests as a caller would make them who signs all documents herself.

func wire(d ledger.SignedDocument) *pb.SignedDocument {
	return &pb.SignedDocument{Content: d.Content, Revision: d.Revision, Expiry: d.Expiry, Signature: d.Signature[:]}
}

func registration(w *world, _ string) proto.Message {
	a := providertest.NewKey(w.tb).Address()
	return &pb.RegisterParticipantRequest{Participant: &pb.Participant{
		Address: a[:], Roles: []pb.Role{pb.Role_ROLE_RESEARCHER}, Organisation: providertest.Organisation[:],
	}}
}

func participant(w *world, _ string) proto.Message {
	a := w.Researcher.Address()
	return &pb.GetParticipantRequest{Address: a[:]}
}

func study(w *world, name string) proto.Message {
	g := w.Grant()
	g.ID = "study by " + name
	return &pb.RequestGrantRequest{Document: wire(w.Sign(w.keys[name], ledger.KindDataGrant, g, 1))}
}

// approval approves a second study, that the researcher filed.
func approval(w *world, name string) proto.Message {
	g := w.Grant()
	g.ID = "study-2"
	signed := w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
	id, err := w.market.RequestGrant(w.tb.Context(), signed)
	ok(w.tb, err)
	sig := w.approval(w.keys[name], g, signed)
	return &pb.ApproveGrantRequest{Id: id[:], Signature: sig[:]}
}

// suspension is of the researcher's study, signed by a caller.
func suspension(w *world, name string) proto.Message {
	id := w.grant.Hash()
	sig := w.keys[name].Sign(w.Domain.GrantSuspensionDigest(id, 0))
	return &pb.ChangeGrantRequest{Id: id[:], Change: pb.GrantChange_GRANT_CHANGE_SUSPEND, Signature: sig[:]}
}

func grantByID(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	return &pb.GetGrantRequest{Id: id[:]}
}

func visaOfGrant(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	return &pb.CreateVisaRequest{Grant: id[:], Dataset: providertest.Dataset}
}

// nextStep is what a caller does next in the researcher's study: the committee asks, others answer.
func nextStep(w *world, name string) proto.Message {
	return w.step(name, w.grant.Hash(), map[string]review.Action{committee: review.Inquire, otherCommittee: review.Inquire}[name], 1)
}

// step is a step of a study signed by a caller, so many after the last; no action is a reply.
func (w *world) step(name string, study ledger.Hash, a review.Action, ahead uint64) *pb.CreateStepRequest {
	w.tb.Helper()
	r, err := w.book.Review(w.tb.Context(), study)
	ok(w.tb, err)
	if a == "" {
		a = review.Reply
	}
	key := w.keys[name]
	if name == anonymous {
		key = w.keys[researcher]
	}
	s := review.Step{Study: study, Number: r.Steps + ahead, Action: a, Grant: r.Grant, Text: "because"}
	return &pb.CreateStepRequest{Id: study[:], Step: wire(w.Sign(key, ledger.KindReviewStep, s, s.Number))}
}

func stepsOfStudy(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	return &pb.ListStepsRequest{Id: id[:]}
}

func newFile(w *world, name string) proto.Message {
	id := w.grant.Hash()
	return &pb.CreateFileRequest{Id: id[:], Name: "protocol.pdf", Content: []byte(name)}
}

func fileOfStudy(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	a, err := w.market.AddFile(w.tb.Context(), w.Researcher.Address(), id, "protocol.pdf", []byte("%PDF-"))
	ok(w.tb, err)
	return &pb.GetFileRequest{Id: id[:], Hash: a.Hash[:]}
}

// acceptance is of terms that the hospital has then, and that both researchers have accepted.
func acceptance(w *world, name string) proto.Message {
	p := w.Policy()
	p.Revision, p.Terms = 2, &policy.DatasetTerms{Revision: 1, Text: "Keep it."}
	if err := w.SetPolicy(w.tb.Context(), w.SignPolicy(p)); err != nil && !errors.Is(err, provider.ErrStaleRevision) {
		w.tb.Fatal(err)
	}
	sign := func(name string) ledger.SignedDocument {
		return w.Sign(w.keys[name], ledger.KindTermsAcceptance, provider.AcceptanceOf(providertest.Dataset, *p.Terms), 1)
	}
	for _, who := range []string{researcher, otherResearcher} {
		ok(w.tb, w.market.AcceptTerms(w.tb.Context(), sign(who)))
	}
	return &pb.AcceptTermsRequest{Acceptance: wire(sign(name))}
}

// query divides by all kinds of group.
func query() *pb.Query {
	return &pb.Query{
		Dataset: providertest.Dataset, Precision: &pb.Query_NanoRho{NanoRho: 1000},
		GroupBy: []*pb.GroupBy{
			{Kind: &pb.GroupBy_Sex_{Sex: &pb.GroupBy_Sex{}}},
			{Kind: &pb.GroupBy_AgeBand_{AgeBand: &pb.GroupBy_AgeBand{Edges: []int32{0, 40}}}},
			{Kind: &pb.GroupBy_HasEvent_{HasEvent: &pb.GroupBy_HasEvent{
				Domain: pb.Domain_DOMAIN_CONDITION, ConceptIds: []int64{providertest.Diabetes},
			}}},
		},
	}
}

func quote(*world, string) proto.Message { return &pb.QuoteRequest{Query: query()} }

// ask signs an ask for patients by sex and diabetes under the world's grant.
func ask(w *world, name string) proto.Message { return w.order(name, w.Query(1000), nil) }

// order signs an ask at its quoted cost and price; change, unless nil, has the
// last word on what is signed.
func (w *world) order(name string, query dp.Query, change func(*ledger.Ask)) *pb.AskRequest {
	w.tb.Helper()
	k := w.keys[name]
	q, err := w.market.Quote(w.tb.Context(), k.Address(), query, nil)
	ok(w.tb, err)
	a := ledger.Ask{
		PlanHash: q.Hash, Grant: w.grant.Hash(), Provider: w.Address(), Dataset: providertest.Dataset,
		Purpose: ledger.Purpose{Permission: string(duo.HMB)}, MaxNanoRho: q.Plan.Cost.NanoRho, MaxWork: q.Work,
		Expiry: w.Clock.Now().Unix() + 600,
	}
	_, err = rand.Read(a.RequestID[:])
	ok(w.tb, err)
	if change != nil {
		change(&a)
	}
	content, err := ledger.Canonical(a)
	ok(w.tb, err)
	sig := w.SignAsk(k, a)
	r := &pb.AskRequest{Ask: content, Signature: sig[:], Plan: q.Content, Voucher: uint64(q.Drawn + q.Work)}
	w.promise(name, r)
	return r
}

// promise signs the voucher of an ask.
func (w *world) promise(name string, r *pb.AskRequest) {
	k := w.keys[name]
	by := k.Sign(w.Domain.VoucherDigest(ledger.Voucher{Researcher: k.Address(), Marketplace: w.market.Address(), Cumulative: r.GetVoucher()}))
	r.VoucherSignature = by[:]
}

// receipt is about a question that the researcher asked.
func receipt(w *world, _ string) proto.Message {
	a := &pb.AskResponse{}
	ok(w.tb, w.as(researcher, w.marketAt).Invoke(w.tb.Context(), pb.QueryService_Ask_FullMethodName, ask(w, researcher), a))
	id := receiptOf(w, a).Statement.Ask.RequestID
	return &pb.GetReceiptRequest{RequestId: id[:]}
}

func startedAsk(w *world, name string) proto.Message {
	return &pb.StartAskRequest{Ask: ask(w, name).(*pb.AskRequest)}
}

// operationOf is about an ask that the researcher made, and cancelled too late for it.
func operationOf(w *world, name string) proto.Message {
	return &pb.GetOperationRequest{RequestId: receipt(w, name).(*pb.GetReceiptRequest).GetRequestId()}
}

func cancellation(w *world, name string) proto.Message {
	return &pb.CancelOperationRequest{RequestId: receipt(w, name).(*pb.GetReceiptRequest).GetRequestId()}
}

// answered is about an ask that the researcher made.
func answered(w *world, name string) proto.Message {
	return &pb.GetQueryRequest{RequestId: receipt(w, name).(*pb.GetReceiptRequest).GetRequestId()}
}

func replay(w *world, name string) proto.Message {
	return &pb.ReplayDecisionRequest{RequestId: receipt(w, name).(*pb.GetReceiptRequest).GetRequestId(), ActiveSet: true}
}

func why(w *world, name string) proto.Message {
	return &pb.ExplainDecisionRequest{RequestId: receipt(w, name).(*pb.GetReceiptRequest).GetRequestId()}
}

func studyByID(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	return &pb.GetStudyRequest{Id: id[:]}
}

func queriesOfStudy(w *world, _ string) proto.Message {
	id := w.grant.Hash()
	return &pb.ListQueriesRequest{Grant: id[:]}
}

func receiptOf(w *world, a *pb.AskResponse) (r ledger.Receipt) {
	w.tb.Helper()
	ok(w.tb, ledger.ParseCanonical(a.GetReceipt(), &r))
	return r
}

// enrolment moves the first patient to a new key: it is refused, but only after the access check.
func enrolment(w *world, name string) proto.Message {
	s := provider.EnrolmentStatement{Provider: w.Address(), Enrolments: []provider.Enrolment{
		{Patient: 1, Key: providertest.NewKey(w.tb).Address()},
	}}
	return &pb.EnrolPatientsRequest{Enrolments: wire(w.Sign(w.keys[name], ledger.KindEnrolment, s, 1))}
}

// recorded has the hospital speak for the second patient, who has a key: it is
// refused, but only after the access check.
func recorded(w *world, name string) proto.Message {
	s := provider.RecordedPreferences{Provider: w.Address(), Form: provider.Paper, Recorded: []provider.RecordedPreference{
		{Patient: 2, Revision: 1, Preference: providertest.Anything()},
	}}
	return &pb.RecordPreferencesRequest{Recorded: wire(w.Sign(w.keys[name], ledger.KindRecordedPreferences, s, 1))}
}

// preference is the first patient's next one, whoever brings it.
func preference(w *world, _ string) proto.Message {
	current, err := w.Node.Preference(w.tb.Context(), w.keys[patient].Address())
	ok(w.tb, err)
	s := provider.PreferenceStatement{Provider: w.Address(), Grantor: provider.Self(), Preference: providertest.Withdrawal()}
	next := w.Sign(w.keys[patient], ledger.KindReleasePreference, s, current.Document.Revision+1)
	return &pb.SetPreferencesRequest{Preferences: []*pb.SignedDocument{wire(next)}}
}

func datasetPolicy(w *world, name string) proto.Message {
	p := w.Policy()
	p.Revision = 2
	p.PermittedUse = []policy.DataUse{{Permission: duo.GRU}}
	return &pb.SetDatasetPolicyRequest{Policy: wire(w.Sign(w.keys[name], ledger.KindDatasetPolicy, p, p.Revision))}
}

func datasetProfile(w *world, name string) proto.Message {
	p := provider.DatasetProfile{Dataset: providertest.Dataset, Revision: 1, Title: "A hospital", Domains: []cohort.Domain{}, Bounds: []dp.Bound{}}
	return &pb.SetDatasetProfileRequest{Profile: wire(w.Sign(w.keys[name], ledger.KindDatasetProfile, p, p.Revision))}
}

// invitation is for a patient with a key, whose use would be a recovery.
func invitation(w *world, name string) proto.Message {
	s := provider.Invitation{Provider: w.Address(), Patients: []int64{1}, Recovery: true, Until: w.Clock.Now().Unix() + 3600}
	return &pb.InvitePatientsRequest{Invitation: wire(w.Sign(w.keys[name], ledger.KindInvitation, s, 1))}
}

// keyChange is the first patient's, whoever brings it.
func keyChange(w *world, _ string) proto.Message {
	next := providertest.NewKey(w.tb)
	s := provider.KeyChange{Provider: w.Address(), Key: w.keys[patient].Address(), Next: next.Address()}
	d := w.Sign(w.keys[patient], ledger.KindKeyChange, s, 1)
	accepts := w.Sign(next, ledger.KindKeyChange, s, 1).Signature
	return &pb.ChangeKeyRequest{Change: wire(d), NextSignature: accepts[:]}
}

// contacts are the first patient's, whoever brings them.
func contacts(w *world, _ string) proto.Message {
	s := provider.Contacts{Provider: w.Address(), Hospitals: []ledger.Address{{7}}}
	return &pb.SetContactsRequest{Contacts: wire(w.Sign(w.keys[patient], ledger.KindContacts, s, 1))}
}

// keyNotice is another hospital's, of a new key of the first patient.
func keyNotice(w *world, _ string) proto.Message {
	there := providertest.NewKey(w.tb)
	w.chain.Enter(ledger.Participant{Address: there.Address(), Roles: ledger.RoleProvider})
	s := provider.KeyNotice{Provider: there.Address(), To: w.Address(), Key: ledger.Address{8}, Former: w.keys[patient].Address(), At: w.Clock.Now().Unix()}
	return &pb.CarryNoticeRequest{Notice: wire(w.Sign(there, ledger.KindKeyNotice, s, 1))}
}

// delegation has a new key speak for the first patient, whoever brings it.
func delegation(w *world, _ string) proto.Message {
	s := provider.Delegation{
		Provider: w.Address(), Key: providertest.NewKey(w.tb).Address(), Kind: provider.Delegate,
		Until: w.Clock.Now().Unix() + 3600, Nonce: ledger.Hash(another()),
	}
	return &pb.DelegateToRequest{Delegation: wire(w.Sign(w.keys[patient], ledger.KindDelegation, s, 1))}
}

// revocation ends a mandate that the first patient gave, whoever brings it.
func revocation(w *world, _ string) proto.Message {
	d := delegation(w, patient).(*pb.DelegateToRequest)
	ok(w.tb, w.call(patient, pb.PatientService_DelegateTo_FullMethodName, d))
	s := provider.Revocation{Provider: w.Address(), Mandate: ledger.HashBytes(d.GetDelegation().GetContent())}
	return &pb.RevokeMandateRequest{Revocation: wire(w.Sign(w.keys[patient], ledger.KindRevocation, s, 1))}
}

// reply is an empty message of the type that a method answers with.
func reply(w *world, method string) proto.Message {
	return dynamicpb.NewMessage(descriptor(w, method).Output())
}

func descriptor(w *world, method string) protoreflect.MethodDescriptor {
	w.tb.Helper()
	service, name, found := strings.Cut(method[1:], "/")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	ok(w.tb, err)
	s, isService := d.(protoreflect.ServiceDescriptor)
	if !found || !isService {
		w.tb.Fatalf("%s is not a method", method)
	}
	return s.Methods().ByName(protoreflect.Name(name))
}

// call sends a request to the server that has the method.
func (w *world) call(name, method string, r proto.Message) error {
	w.tb.Helper()
	return w.conn(name, method).Invoke(w.tb.Context(), method, r, reply(w, method))
}

func (w *world) conn(name, method string) *grpc.ClientConn {
	return w.as(name, w.at(method))
}

// at is the server that has a method.
func (w *world) at(method string) *bufconn.Listener {
	if slices.Contains(hospitals, descriptor(w, method).Parent()) {
		return w.clinicAt
	}
	return w.marketAt
}

// hospitals are the services that a hospital serves.
var hospitals = []protoreflect.Descriptor{
	pb.File_medmarket_v1_preference_proto.Services().Get(0), pb.File_medmarket_v1_patient_proto.Services().Get(0),
	pb.File_medmarket_v1_decision_proto.Services().Get(0), pb.File_medmarket_v1_record_proto.Services().Get(0),
}
