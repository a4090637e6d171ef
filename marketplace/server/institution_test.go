package server_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	"github.com/medmarket/medmarket/marketplace/institution"
	"github.com/medmarket/medmarket/marketplace/institution/institutiontest"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/server"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// desk is where both servers of a world ask whom an institution signs in.
type desk struct{ server.Institutions }

// unreachable is an institution that does not answer.
const unreachable = "https://login.example"

type noRoute struct{}

func (noRoute) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("dial tcp 10.0.0.9")
}

// newDesk knows an institution that does not answer.
func newDesk(tb testing.TB) *desk {
	tb.Helper()
	return &desk{institutions(tb, institution.Issuer{URL: unreachable, ClientID: "medmarket"}, noRoute{})}
}

func institutions(tb testing.TB, i institution.Issuer, base http.RoundTripper) server.Institutions {
	tb.Helper()
	for claim, role := range map[string]ledger.Role{
		"researcher": ledger.RoleResearcher, "committee": ledger.RoleCommittee, "steward": ledger.RoleSteward,
	} {
		i.Rules = append(i.Rules, institution.Rule{Claim: "groups", Value: claim, Role: role, Organisation: providertest.Organisation})
	}
	all, err := institution.New(institution.Config{Issuers: []institution.Issuer{i}, Base: base})
	ok(tb, err)
	return all
}

// login has an institution that signs in; the operator knows the named person.
func (w *world) login(people map[string]ledger.Address) *institutiontest.Provider {
	w.tb.Helper()
	p := institutiontest.Start(w.tb)
	w.desk.Institutions = institutions(w.tb, institution.Issuer{URL: p.Issuer(), ClientID: p.ClientID, People: people}, p.Transport())
	return p
}

// nonce is one of the marketplace's.
func (w *world) nonce() string {
	w.tb.Helper()
	n, err := pb.NewSessionServiceClient(w.as(anonymous, w.marketAt)).CreateNonce(w.tb.Context(), &pb.CreateNonceRequest{})
	ok(w.tb, err)
	return n.GetNonce()
}

// linked is of a caller's key to anna, for the marketplace, for an hour.
func (w *world) linked(name string, p *institutiontest.Provider) *pb.SignedDocument {
	w.tb.Helper()
	l := signin.Link{Issuer: p.Issuer(), Subject: "anna", Party: w.market.Address()}
	d, err := ledger.NewSignedDocument(w.keys[name], w.Domain, ledger.KindSignInLink, l, 0, time.Now().Add(time.Hour).Unix())
	ok(w.tb, err)
	return wire(d)
}

func groups(all ...string) map[string]any { return map[string]any{"groups": all} }

// idToken signs the researcher in.
func idToken(w *world, _ string) proto.Message {
	p := w.login(nil)
	return &pb.OpenInstitutionSessionRequest{IdToken: p.Token("anna", w.nonce(), groups("researcher")), Link: w.linked(researcher, p)}
}

// signInBy opens a session at the marketplace and returns its token.
func (w *world) signInBy(r *pb.OpenInstitutionSessionRequest) (*pb.OpenInstitutionSessionResponse, error) {
	return pb.NewSessionServiceClient(w.as(anonymous, w.marketAt)).OpenInstitutionSession(w.tb.Context(), r)
}

// A person whom her institution signs in reads what her key may read, and brings what it signed, as long as the
// institution vouches for all that the key is.
func TestInstitutionSession(t *testing.T) {
	w := newWorld(t)
	p := w.login(nil)
	opened, err := w.signInBy(&pb.OpenInstitutionSessionRequest{IdToken: p.Token("anna", w.nonce(), groups("researcher")), Link: w.linked(researcher, p)})
	ok(t, err)
	token := opened.GetToken()
	if left := time.Until(time.Unix(opened.GetExpiresAt(), 0)); left > 15*time.Minute || left > p.AccessTTL {
		t.Errorf("it lasts %s", left)
	}
	for method, c := range map[string]struct {
		r    proto.Message
		want string
	}{
		pb.QueryService_GetAccount_FullMethodName:           {&pb.GetAccountRequest{}, ""},
		pb.GrantService_GetGrant_FullMethodName:             {grantByID(w, ""), ""},
		pb.QueryService_Ask_FullMethodName:                  {ask(w, researcher), ""},
		pb.GrantService_ApproveGrant_FullMethodName:         {approval(w, committee), "FORBIDDEN"},
		pb.GrantService_CreateFile_FullMethodName:           {newFile(w, researcher), "FORBIDDEN"},
		pb.PreferenceService_GetPreference_FullMethodName:   {&pb.GetPreferenceRequest{}, "UNAUTHENTICATED"},
		pb.SessionService_CreateNonce_FullMethodName:        {&pb.CreateNonceRequest{}, ""},
		pb.ParticipantService_GetParticipant_FullMethodName: {participant(w, ""), ""},
	} {
		if got := reason(w.with(token, method, c.r)); got != c.want {
			t.Errorf("%s: got %q, want %q", method, got, c.want)
		}
	}
	if got := reason(w.with(token, pb.QueryService_Ask_FullMethodName, ask(w, otherResearcher))); got != "WRONG_SIGNATURE" {
		t.Errorf("another's ask: %q", got)
	}
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, "anna") {
		t.Error("the token, or who she is at her institution, is in the log")
	}
	w.chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher | ledger.RoleCommittee, Organisation: providertest.Organisation})
	if got := reason(w.with(token, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})); got != "FORBIDDEN" {
		t.Errorf("the key is more than the institution vouched for: %q", got)
	}
	w.chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: ledger.HashBytes([]byte("elsewhere"))})
	if got := reason(w.with(token, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})); got != "FORBIDDEN" {
		t.Errorf("the key is another organisation's: %q", got)
	}
	w.chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: providertest.Organisation})
	ok(t, w.with(token, pb.SessionService_CloseSessions_FullMethodName, &pb.CloseSessionsRequest{}))
	if got := reason(w.with(token, pb.QueryService_GetAccount_FullMethodName, &pb.GetAccountRequest{})); got != "UNAUTHENTICATED" {
		t.Errorf("after she ended it: %q", got)
	}
}

func TestInstitutionSignInRefusals(t *testing.T) {
	w := newWorld(t)
	p := w.login(map[string]ledger.Address{"carl": w.keys[committee].Address()})
	once := w.nonce()
	if _, err := w.signInBy(&pb.OpenInstitutionSessionRequest{IdToken: p.Token("carl", once, groups("committee"))}); err != nil {
		t.Fatalf("whom the operator registered: %v", err)
	}
	there, err := pb.NewSessionServiceClient(w.as(anonymous, w.clinicAt)).CreateNonce(t.Context(), &pb.CreateNonceRequest{})
	ok(t, err)
	for name, c := range map[string]struct {
		subject, nonce string
		groups         map[string]any
		link           *pb.SignedDocument
		want           string
	}{
		"a token used before":               {"carl", once, groups("committee"), nil, "REQUEST_REPLAYED"},
		"a nonce of another server":         {"anna", there.GetNonce(), groups("researcher"), w.linked(researcher, p), "UNAUTHENTICATED"},
		"no nonce":                          {"anna", "", groups("researcher"), w.linked(researcher, p), "UNAUTHENTICATED"},
		"no link":                           {"anna", w.nonce(), groups("researcher"), nil, "UNAUTHENTICATED"},
		"another's link":                    {"bob", w.nonce(), groups("researcher"), w.linked(researcher, p), "UNAUTHENTICATED"},
		"no claim":                          {"anna", w.nonce(), nil, w.linked(researcher, p), "FORBIDDEN"},
		"a claim to something else":         {"anna", w.nonce(), groups("committee"), w.linked(researcher, p), "FORBIDDEN"},
		"the operator's key":                {"anna", w.nonce(), groups("researcher", "committee", "steward"), w.linked(operator, p), "FORBIDDEN"},
		"a patient's key":                   {"anna", w.nonce(), groups("researcher", "committee", "steward"), w.linked(patient, p), "FORBIDDEN"},
		"a steward of another organisation": {"anna", w.nonce(), groups("steward"), w.linked(otherSteward, p), "FORBIDDEN"},
		"one whom the operator registered, as another": {"carl", w.nonce(), groups("researcher"), nil, "FORBIDDEN"},
	} {
		_, err := w.signInBy(&pb.OpenInstitutionSessionRequest{IdToken: p.Token(c.subject, c.nonce, c.groups), Link: c.link})
		if got := reason(err); got != c.want {
			t.Errorf("%s: got %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// A person whom an institution signs in is no patient there, though her key be enrolled.
func TestInstitutionsVouchForNoPatients(t *testing.T) {
	w := newWorld(t)
	p := w.login(nil)
	w.chain.Enter(ledger.Participant{Address: w.keys[patient].Address(), Roles: ledger.RoleSteward, Organisation: providertest.Organisation})
	conn := pb.NewSessionServiceClient(w.as(anonymous, w.clinicAt))
	n, err := conn.CreateNonce(t.Context(), &pb.CreateNonceRequest{})
	ok(t, err)
	if len(n.GetInstitutions()) != 1 || n.GetInstitutions()[0].GetIssuer() != p.Issuer() || n.GetInstitutions()[0].GetClientId() != p.ClientID {
		t.Errorf("institutions: %v", n.GetInstitutions())
	}
	l := signin.Link{Issuer: p.Issuer(), Subject: "anna", Party: w.Address()}
	d, err := ledger.NewSignedDocument(w.keys[patient], w.Domain, ledger.KindSignInLink, l, 0, time.Now().Add(time.Hour).Unix())
	ok(t, err)
	opened, err := conn.OpenInstitutionSession(t.Context(), &pb.OpenInstitutionSessionRequest{IdToken: p.Token("anna", n.GetNonce(), groups("steward")), Link: wire(d)})
	ok(t, err)
	if got := reason(w.with(opened.GetToken(), pb.DecisionService_ListDecisions_FullMethodName, &pb.ListDecisionsRequest{})); got != "" {
		t.Errorf("as a steward: %q", got)
	}
	for _, method := range []string{
		pb.PreferenceService_GetPreference_FullMethodName, pb.PreferenceService_SetPreferences_FullMethodName,
		pb.PatientService_ListNotices_FullMethodName, pb.PatientService_ListMandates_FullMethodName,
		pb.PatientService_ListPreferences_FullMethodName, pb.PatientService_ListExposures_FullMethodName,
	} {
		if got := reason(w.with(opened.GetToken(), method, matrix[method].request(w, patient))); got != "FORBIDDEN" {
			t.Errorf("%s: got %q", method, got)
		}
	}
}

// unreachableToken is of an institution that does not answer.
func unreachableToken(*world) proto.Message {
	encode := base64.RawURLEncoding.EncodeToString
	return &pb.OpenInstitutionSessionRequest{
		IdToken: encode([]byte(`{"alg":"RS256"}`)) + "." + encode([]byte(`{"iss":"`+unreachable+`"}`)) + "." + encode([]byte("x")),
	}
}
