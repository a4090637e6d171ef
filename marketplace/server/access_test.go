package server_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// row says how to call a method and what comes of it: a reason by caller, ""
// for success. Who is not named gets "FORBIDDEN", anonymous "UNAUTHENTICATED".
type row struct {
	request func(w *world, caller string) proto.Message
	want    map[string]string
}

func empty(m proto.Message) func(*world, string) proto.Message {
	return func(*world, string) proto.Message { return m }
}

var (
	registered = map[string]string{
		researcher: "", otherResearcher: "", committee: "", otherCommittee: "", steward: "", otherSteward: "",
		providerKey: "", otherProvider: "", marketKey: "", operator: "",
	}
	researchers = map[string]string{researcher: "", otherResearcher: ""}
	everyone    = of("", map[string]string{anonymous: ""})
	notEnrolled = of("NOT_ENROLLED", map[string]string{patient: "", otherPatient: "NO_PREFERENCE"})
	noInterval  = of("NOT_ENROLLED", map[string]string{patient: "NOT_REACHED", otherPatient: "NOT_REACHED"})
	notHers     = of("WRONG_SIGNATURE", map[string]string{patient: "", steward: ""})
)

// theirStudy is what comes of a call about a study by who has to do with it, by other researchers and committees, and, unless
// it is empty, by others who are registered.
func theirStudy(others string) map[string]string {
	want := map[string]string{otherResearcher: "UNKNOWN_GRANT", otherCommittee: "UNKNOWN_GRANT"}
	for name := range registered {
		if others != "" {
			want[name] = others
		}
	}
	want[researcher], want[committee] = "", ""
	return want
}

// of is what comes of a call by anyone with a key, but for those named.
func of(reason string, but map[string]string) map[string]string {
	want := map[string]string{}
	for name := range callers {
		if name != anonymous {
			want[name] = reason
		}
	}
	maps.Copy(want, but)
	return want
}

// matrix has a row for every method of every service. A new method needs one.
var matrix = map[string]row{
	pb.ParticipantService_RegisterParticipant_FullMethodName: {registration, map[string]string{operator: ""}},
	pb.ParticipantService_GetParticipant_FullMethodName:      {participant, registered},
	pb.DatasetService_ListDatasets_FullMethodName:            {empty(&pb.ListDatasetsRequest{}), registered},
	pb.DatasetService_GetDataset_FullMethodName:              {empty(&pb.GetDatasetRequest{Id: providertest.Dataset}), registered},
	pb.ConceptService_SearchConcepts_FullMethodName:          {empty(&pb.SearchConceptsRequest{Query: "diabetes"}), registered},
	pb.ConceptService_GetConcept_FullMethodName:              {empty(&pb.GetConceptRequest{Id: 201826}), registered},
	pb.ConceptService_NameConcepts_FullMethodName:            {empty(&pb.NameConceptsRequest{Ids: []int64{201826}}), registered},
	pb.GrantService_RequestGrant_FullMethodName:              {study, map[string]string{researcher: "", otherResearcher: "WRONG_SIGNATURE"}},
	pb.GrantService_ApproveGrant_FullMethodName:              {approval, map[string]string{committee: "", otherCommittee: "WRONG_SIGNATURE"}},
	pb.GrantService_ChangeGrant_FullMethodName:               {suspension, map[string]string{committee: "", otherCommittee: "WRONG_SIGNATURE"}},
	pb.GrantService_GetGrant_FullMethodName:                  {grantByID, theirStudy("UNKNOWN_GRANT")},
	pb.GrantService_CreateStep_FullMethodName:                {nextStep, theirStudy("")},
	pb.GrantService_ListSteps_FullMethodName:                 {stepsOfStudy, theirStudy("")},
	pb.GrantService_CreateFile_FullMethodName:                {newFile, theirStudy("")},
	pb.GrantService_GetFile_FullMethodName:                   {fileOfStudy, theirStudy("")},
	pb.DatasetService_AcceptTerms_FullMethodName:             {acceptance, researchers},
	pb.GrantService_ListGrants_FullMethodName:                {empty(&pb.ListGrantsRequest{}), registered},
	pb.VisaService_CreateVisa_FullMethodName:                 {visaOfGrant, map[string]string{researcher: "", otherResearcher: "UNKNOWN_GRANT"}},
	pb.QueryService_Quote_FullMethodName:                     {quote, researchers},
	pb.QueryService_Ask_FullMethodName:                       {ask, map[string]string{researcher: "", otherResearcher: "REFUSED"}},
	pb.QueryService_StartAsk_FullMethodName:                  {startedAsk, map[string]string{researcher: "", otherResearcher: "REFUSED"}},
	pb.QueryService_GetOperation_FullMethodName:              {operationOf, map[string]string{researcher: "", otherResearcher: "UNKNOWN_RECEIPT"}},
	pb.QueryService_CancelOperation_FullMethodName:           {cancellation, map[string]string{researcher: "", otherResearcher: "UNKNOWN_RECEIPT"}},
	pb.QueryService_GetAccount_FullMethodName:                {empty(&pb.GetAccountRequest{}), researchers},
	pb.QueryService_ListDrawings_FullMethodName:              {empty(&pb.ListDrawingsRequest{}), researchers},
	pb.ReceiptService_GetReceipt_FullMethodName: {receipt, map[string]string{
		researcher: "", otherResearcher: "UNKNOWN_RECEIPT", committee: "", otherCommittee: "UNKNOWN_RECEIPT",
	}},
	pb.SessionService_OpenInstitutionSession_FullMethodName: {idToken, everyone},
	pb.SessionService_CreateNonce_FullMethodName:            {empty(&pb.CreateNonceRequest{}), everyone},
	pb.SessionService_OpenSession_FullMethodName:            {signInMessage, everyone},
	pb.SessionService_CloseSessions_FullMethodName:          {empty(&pb.CloseSessionsRequest{}), of("", nil)},
	pb.LiveService_GetLive_FullMethodName:                   {empty(&pb.GetLiveRequest{}), registered},
	pb.LiveService_ListBlocks_FullMethodName:                {empty(&pb.ListBlocksRequest{}), registered},
	pb.RegisterService_GetAnchor_FullMethodName:             {empty(&pb.GetAnchorRequest{}), everyone},
	pb.RegisterService_ListStudies_FullMethodName:           {empty(&pb.ListStudiesRequest{}), everyone},
	pb.RegisterService_GetStudy_FullMethodName:              {studyByID, everyone},
	pb.RegisterService_ListQueries_FullMethodName:           {queriesOfStudy, everyone},
	pb.RegisterService_GetQuery_FullMethodName:              {answered, everyone},
	pb.PreferenceService_EnrolPatients_FullMethodName:       {enrolment, map[string]string{steward: "ALREADY_ENROLLED"}},
	pb.PreferenceService_RecordPreferences_FullMethodName:   {recorded, map[string]string{steward: "PATIENT_HAS_KEY"}},
	pb.PreferenceService_SetPreferences_FullMethodName:      {preference, notHers},
	pb.PreferenceService_GetPreference_FullMethodName:       {empty(&pb.GetPreferenceRequest{}), notEnrolled},
	pb.PreferenceService_ReadConsent_FullMethodName:         {fhirConsent, of("", nil)},
	pb.PreferenceService_GetConsentProof_FullMethodName:     {empty(&pb.GetConsentProofRequest{AsOf: 64 << 20}), noInterval},
	pb.PreferenceService_SetDatasetPolicy_FullMethodName:    {datasetPolicy, map[string]string{steward: ""}},
	pb.PreferenceService_SetDatasetProfile_FullMethodName:   {datasetProfile, map[string]string{steward: ""}},
	pb.DecisionService_GetOwnDataset_FullMethodName:         {empty(&pb.GetOwnDatasetRequest{}), map[string]string{steward: ""}},
	pb.DecisionService_ListDecisions_FullMethodName:         {empty(&pb.ListDecisionsRequest{}), map[string]string{steward: ""}},
	pb.DecisionService_ReplayDecision_FullMethodName:        {replay, map[string]string{steward: ""}},
	pb.DecisionService_ExplainDecision_FullMethodName:       {why, map[string]string{steward: ""}},
	pb.RecordService_PointAtRecords_FullMethodName:          {empty(&pb.PointAtRecordsRequest{Patients: []int64{1}}), map[string]string{steward: ""}},
	pb.RecordService_GetIndexSecret_FullMethodName:          {indexSecret, of("NO_ACCESS", map[string]string{patient: "", otherPatient: ""})},
	pb.RecordService_ListPointers_FullMethodName:            {shownPointers, of("NO_ACCESS", map[string]string{researcher: ""})},
	pb.RecordService_GetRecord_FullMethodName:               {shownRecord, of("NO_ACCESS", map[string]string{researcher: ""})},
	pb.RecordService_RevokeAccess_FullMethodName:            {revokedAccess, of("NO_ACCESS", map[string]string{patient: ""})},
	pb.RecordService_SetOpinion_FullMethodName:              {opinion, of("NO_ACCESS", map[string]string{patient: ""})},
	pb.RecordService_ListDoubts_FullMethodName:              {empty(&pb.ListDoubtsRequest{}), map[string]string{steward: ""}},
	pb.RecordService_ReplyToDoubt_FullMethodName:            {replied, map[string]string{steward: ""}},
	pb.RecordService_BreakGlass_FullMethodName:              {brokenGlass, of("NO_ACCESS", map[string]string{steward: ""})},
	pb.RecordService_CountersignEmergency_FullMethodName:    {countersigned, of("NO_ACCESS", map[string]string{otherSteward: ""})},
	pb.RecordService_ListEmergencies_FullMethodName:         {empty(&pb.ListEmergenciesRequest{}), of("NO_ACCESS", map[string]string{patient: "", otherPatient: "", steward: ""})},
	pb.RecordService_ListOpinions_FullMethodName:            {empty(&pb.ListOpinionsRequest{}), of("NO_ACCESS", map[string]string{patient: "", otherPatient: ""})},
	pb.RecordService_ListAccessUses_FullMethodName:          {empty(&pb.ListAccessUsesRequest{}), of("NO_ACCESS", map[string]string{patient: "", otherPatient: ""})},
	pb.PatientService_InvitePatients_FullMethodName:         {invitation, map[string]string{steward: ""}},
	pb.PatientService_RedeemCode_FullMethodName: {empty(&pb.RedeemCodeRequest{Code: "no code"}),
		of("CODE_REFUSED", nil)},
	pb.PatientService_ChangeKey_FullMethodName:       {keyChange, of("WRONG_SIGNATURE", map[string]string{patient: ""})},
	pb.PatientService_SetContacts_FullMethodName:     {contacts, of("WRONG_SIGNATURE", map[string]string{patient: ""})},
	pb.PatientService_ListNotices_FullMethodName:     {empty(&pb.ListNoticesRequest{}), of("NOT_ENROLLED", map[string]string{patient: "", otherPatient: ""})},
	pb.PatientService_CarryNotice_FullMethodName:     {keyNotice, of("", nil)},
	pb.PatientService_DelegateTo_FullMethodName:      {delegation, of("WRONG_SIGNATURE", map[string]string{patient: ""})},
	pb.PatientService_RevokeMandate_FullMethodName:   {revocation, of("WRONG_SIGNATURE", map[string]string{patient: ""})},
	pb.PatientService_ListMandates_FullMethodName:    {empty(&pb.ListMandatesRequest{}), of("", nil)},
	pb.PatientService_ListPreferences_FullMethodName: {empty(&pb.ListPreferencesRequest{}), of("NOT_ENROLLED", map[string]string{patient: "", otherPatient: ""})},
	pb.DecisionService_GetConnector_FullMethodName:   {empty(&pb.GetConnectorRequest{}), map[string]string{steward: ""}},
	pb.DecisionService_ListProcessing_FullMethodName: {empty(&pb.ListProcessingRequest{}), map[string]string{steward: ""}},
	pb.PatientService_ListDisclosures_FullMethodName: {
		func(_ *world, who string) proto.Message { // the steward asks of a patient
			if who == steward || who == otherSteward {
				return &pb.ListDisclosuresRequest{Patient: new(int64(1))}
			}
			return &pb.ListDisclosuresRequest{}
		},
		of("NOT_ENROLLED", map[string]string{patient: "", otherPatient: "", steward: "", otherSteward: "FORBIDDEN"}),
	},
	pb.PatientService_ListExposures_FullMethodName: {empty(&pb.ListExposuresRequest{}), of("NOT_ENROLLED", map[string]string{patient: "", otherPatient: ""})},
}

// methods are those of the matrix; with -short, as under the race detector, every fourth: each call is a case of its own, and
// TestG1LogHasNoContent makes them all.
func methods() []string {
	all := slices.Sorted(maps.Keys(matrix))
	if !testing.Short() {
		return all
	}
	var some []string
	for i := 0; i < len(all); i += 4 {
		some = append(some, all[i])
	}
	return some
}

// TestG2AccessMatrix calls every method as everyone.
func TestG2AccessMatrix(t *testing.T) {
	for _, method := range methods() {
		r := matrix[method]
		t.Run(strings.TrimPrefix(method, "/medmarket.v1."), func(t *testing.T) {
			w := newWorld(t)
			w.otherStudy()
			for _, name := range order(r) {
				request := r.request(w, name)
				before := w.chain.written()
				err := w.call(name, method, request)
				if got := reason(err); got != expected(r, name) {
					t.Errorf("%s: got %q (%v), want %q", name, got, err, expected(r, name))
				}
				if err != nil && w.chain.written() != before {
					t.Errorf("%s was refused, and something was written to the chain", name)
				}
			}
		})
	}
}

func expected(r row, name string) string {
	if want, named := r.want[name]; named {
		return want
	}
	if name == anonymous {
		return "UNAUTHENTICATED"
	}
	return "FORBIDDEN"
}

// order puts those who succeed last, so that what they do cannot be why others fail.
func order(r row) []string {
	names := slices.Sorted(maps.Keys(callers))
	slices.SortStableFunc(names, func(a, b string) int { return -strings.Compare(expected(r, a), expected(r, b)) })
	return names
}

// TestG2AccessMatrixOverSessions calls every method with the session of each caller whom it refuses, or may not take one
// from: a session is never more than its key.
func TestG2AccessMatrixOverSessions(t *testing.T) {
	w := newWorld(t)
	w.otherStudy()
	tokens := map[*bufconn.Listener]map[string]string{w.marketAt: {}, w.clinicAt: {}}
	for l, of := range tokens {
		for name := range callers {
			if name != anonymous {
				of[name] = w.signInAt(name, l)
			}
		}
	}
	for method, r := range matrix {
		for _, name := range order(r) {
			want := expected(r, name)
			if server.WantsSignature(method) {
				want = "FORBIDDEN"
			}
			if want == "" || name == anonymous {
				continue
			}
			if got := reason(w.with(tokens[w.at(method)][name], method, r.request(w, name))); got != want {
				t.Errorf("%s, %s: got %q, want %q", method, name, got, want)
			}
		}
	}
}

// otherStudy has the other researcher have a study of her own, which the same committee approved.
func (w *world) otherStudy() {
	w.tb.Helper()
	g := w.Grant()
	g.ID, g.Researchers = "another study", []string{w.keys[otherResearcher].Address().String()}
	signed := w.Sign(w.keys[otherResearcher], ledger.KindDataGrant, g, 1)
	id, err := w.market.RequestGrant(w.tb.Context(), signed)
	ok(w.tb, err)
	ok(w.tb, w.market.ApproveGrant(w.tb.Context(), id, w.approval(w.Committee, g, signed)))
}

// between are the services that parties' servers offer to each other alone. No key of the matrix gets there: they are told
// apart by their certificates, which package providerrpc tests for every method.
var between = []string{pb.ProviderNodeService_ServiceDesc.ServiceName}

// Every method that there is in proto/ has a row, whoever serves it.
func TestEveryMethodOfTheAPIHasARow(t *testing.T) {
	protoregistry.GlobalFiles.RangeFilesByPackage("medmarket.v1", func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				name := "/" + string(s.FullName()) + "/" + string(s.Methods().Get(j).Name())
				if _, listed := matrix[name]; !listed && !slices.Contains(between, string(s.FullName())) {
					t.Errorf("%s has no row in the matrix", name)
				}
			}
		}
		return true
	})
}

// TestEveryMethodHasARow asks the servers themselves, by reflection and
// unsigned, what they offer.
func TestEveryMethodHasARow(t *testing.T) {
	w := newWorld(t)
	var got []string
	for _, conn := range []*grpc.ClientConn{w.as(anonymous, w.marketAt), w.as(anonymous, w.clinicAt)} {
		for _, service := range services(t, conn) {
			if strings.HasPrefix(service, "grpc.health.") || strings.HasPrefix(service, "grpc.reflection.") {
				continue
			}
			d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
			ok(t, err)
			methods := d.(protoreflect.ServiceDescriptor).Methods()
			for i := range methods.Len() {
				got = append(got, "/"+service+"/"+string(methods.Get(i).Name()))
			}
			state, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: service})
			if err != nil || state.GetStatus() != healthpb.HealthCheckResponse_SERVING {
				t.Errorf("health of %s: %v, %v", service, state, err)
			}
		}
	}
	slices.Sort(got)
	got = slices.Compact(got) // both offer sessions
	if diff := cmp.Diff(slices.Sorted(maps.Keys(matrix)), got); diff != "" {
		t.Errorf("the access matrix and the methods on offer differ (-matrix +servers):\n%s", diff)
	}
}

// services lists what a server says it has.
func services(t *testing.T, conn *grpc.ClientConn) (names []string) {
	t.Helper()
	stream, err := reflectionpb.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	ok(t, err)
	ok(t, stream.Send(&reflectionpb.ServerReflectionRequest{
		MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{},
	}))
	r, err := stream.Recv()
	ok(t, err)
	ok(t, stream.CloseSend())
	for _, s := range r.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
	}
	return names
}

// everyRole is a caller with all the roles there are.
func everyRole(w *world) string {
	w.chain.Enter(ledger.Participant{Address: w.keys[operator].Address(), Roles: 1<<6 - 1, Organisation: providertest.Organisation})
	return operator
}

func TestUnlistedMethodIsDenied(t *testing.T) {
	w := newWorld(t, func(s *grpc.Server) {
		pb.RegisterProviderNodeServiceServer(s, pb.UnimplementedProviderNodeServiceServer{})
	})
	err := w.as(everyRole(w), w.marketAt).Invoke(t.Context(), pb.ProviderNodeService_Describe_FullMethodName, &pb.DescribeRequest{}, &pb.DescribeResponse{})
	if got := reason(err); got != "FORBIDDEN" {
		t.Errorf("got %q (%v), want FORBIDDEN", got, err)
	}
}

func TestStreamIsDenied(t *testing.T) {
	reached := false
	w := newWorld(t, func(s *grpc.Server) {
		s.RegisterService(&grpc.ServiceDesc{ServiceName: "medmarket.v1.Feed", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{{
			StreamName: "Watch", ServerStreams: true,
			Handler: func(any, grpc.ServerStream) error { reached = true; return nil },
		}}}, struct{}{})
	})
	stream, err := w.as(everyRole(w), w.marketAt).NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true}, "/medmarket.v1.Feed/Watch")
	ok(t, err)
	ok(t, stream.CloseSend())
	if got := reason(stream.RecvMsg(&pb.DescribeResponse{})); got != "FORBIDDEN" {
		t.Errorf("got %q, want FORBIDDEN", got)
	}
	if reached {
		t.Error("the stream's handler ran")
	}
}

// A signed ask that someone else overheard is of no use to her, even if the
// grant names her too.
func TestAskOfAnother(t *testing.T) {
	w := newWorld(t)
	r := ask(w, researcher)
	if got := reason(w.call(otherResearcher, pb.QueryService_Ask_FullMethodName, r)); got != "WRONG_SIGNATURE" {
		t.Errorf("got %q, want WRONG_SIGNATURE", got)
	}
	ok(t, w.call(researcher, pb.QueryService_Ask_FullMethodName, r))
}

// A steward cannot bring what a steward of this hospital signed to the hospital she is not of.
func TestDocumentsBroughtByAnotherSteward(t *testing.T) {
	w := newWorld(t)
	for method, r := range map[string]proto.Message{
		pb.PreferenceService_EnrolPatients_FullMethodName:     enrolment(w, steward),
		pb.PreferenceService_SetDatasetPolicy_FullMethodName:  datasetPolicy(w, steward),
		pb.PreferenceService_SetDatasetProfile_FullMethodName: datasetProfile(w, steward),
		pb.PreferenceService_RecordPreferences_FullMethodName: recorded(w, steward),
		pb.PatientService_InvitePatients_FullMethodName:       invitation(w, steward),
	} {
		if got := reason(w.call(otherSteward, method, r)); got != "FORBIDDEN" {
			t.Errorf("%s: got %q, want FORBIDDEN", method, got)
		}
	}
}

// Roles count at the moment of the call, not when a key was first seen.
func TestRoleTakenAway(t *testing.T) {
	w := newWorld(t)
	ok(t, w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{}))
	w.chain.Enter(ledger.Participant{Address: w.Researcher.Address()})
	if got := reason(w.call(researcher, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})); got != "FORBIDDEN" {
		t.Errorf("got %q, want FORBIDDEN", got)
	}
}
