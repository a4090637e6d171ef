package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// message is what a key signs to sign in at the server behind conn, as the server takes it.
func (w *world) message(conn grpc.ClientConnInterface, k *ledger.Key) signin.Message {
	w.tb.Helper()
	n, err := pb.NewSessionServiceClient(conn).CreateNonce(w.tb.Context(), &pb.CreateNonceRequest{})
	ok(w.tb, err)
	now := time.Now().Add(time.Duration(w.shift.Load())).UTC().Truncate(time.Second)
	return signin.Message{
		Domain: n.GetDomain(), Address: k.Address(), URI: n.GetUri(), ChainID: n.GetChainId(), Nonce: n.GetNonce(),
		IssuedAt: now.Format(time.RFC3339), Expires: now.Add(15 * time.Minute).Format(time.RFC3339),
	}
}

func opening(m signin.Message, k *ledger.Key) *pb.OpenSessionRequest {
	sig := k.Sign(signin.Digest(m.String()))
	return &pb.OpenSessionRequest{Message: m.String(), Signature: sig[:]}
}

// signInMessage signs the patient in at the marketplace.
func signInMessage(w *world, _ string) proto.Message {
	k := w.keys[patient]
	return opening(w.message(w.as(anonymous, w.marketAt), k), k)
}

// signIn opens a session at the hospital and returns its token.
func (w *world) signIn(name string) string { return w.signInAt(name, w.clinicAt) }

func (w *world) signInAt(name string, l *bufconn.Listener) string {
	w.tb.Helper()
	conn := w.as(anonymous, l)
	r, err := pb.NewSessionServiceClient(conn).OpenSession(w.tb.Context(), opening(w.message(conn, w.keys[name]), w.keys[name]))
	ok(w.tb, err)
	return r.GetToken()
}

// with calls a method over a session.
func (w *world) with(token, method string, r proto.Message) error {
	w.tb.Helper()
	ctx := metadata.AppendToOutgoingContext(w.tb.Context(), "authorization", "Bearer "+token)
	return w.conn(anonymous, method).Invoke(ctx, method, r, reply(w, method))
}

const showMethod = pb.PreferenceService_GetPreference_FullMethodName

// Who signs in is told what her key is, as it is on the chain; at a hospital too.
func TestSessionsSayRoles(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name string
		at   *bufconn.Listener
		want []pb.Role
	}{
		{committee, w.marketAt, []pb.Role{pb.Role_ROLE_COMMITTEE}},
		{steward, w.clinicAt, []pb.Role{pb.Role_ROLE_STEWARD}},
		{patient, w.clinicAt, nil},
	} {
		conn := w.as(anonymous, c.at)
		r, err := pb.NewSessionServiceClient(conn).OpenSession(t.Context(), opening(w.message(conn, w.keys[c.name]), w.keys[c.name]))
		ok(t, err)
		if !slices.Equal(r.GetRoles(), c.want) {
			t.Errorf("%s: %v, want %v", c.name, r.GetRoles(), c.want)
		}
	}
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	token := w.signIn(patient)
	ok(t, w.with(token, showMethod, &pb.GetPreferenceRequest{}))
	ok(t, w.with(token, pb.PreferenceService_SetPreferences_FullMethodName, preference(w, patient)))
	for name, c := range map[string]struct {
		token, method string
		r             proto.Message
		want          string
	}{
		"a code":                      {token, redeemMethod, &pb.RedeemCodeRequest{Code: provider.NewCode().Reveal()}, "FORBIDDEN"},
		"codes, by a steward":         {w.signIn(steward), pb.PatientService_InvitePatients_FullMethodName, invitation(w, steward), "FORBIDDEN"},
		"another's document":          {w.signIn(otherPatient), pb.PreferenceService_SetPreferences_FullMethodName, preference(w, patient), "WRONG_SIGNATURE"},
		"without the role":            {token, pb.PreferenceService_EnrolPatients_FullMethodName, enrolment(w, steward), "FORBIDDEN"},
		"at the marketplace":          {token, pb.DatasetService_ListDatasets_FullMethodName, &pb.ListDatasetsRequest{}, "UNAUTHENTICATED"},
		"no token":                    {"", showMethod, &pb.GetPreferenceRequest{}, "UNAUTHENTICATED"},
		"another token":               {strings.Repeat("A", 43), showMethod, &pb.GetPreferenceRequest{}, "UNAUTHENTICATED"},
		"a token with something more": {token + "A", showMethod, &pb.GetPreferenceRequest{}, "UNAUTHENTICATED"},
	} {
		if got := reason(w.with(c.token, c.method, c.r)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	signedToo := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+token)
	if got := reason(w.as(patient, w.clinicAt).Invoke(signedToo, showMethod, &pb.GetPreferenceRequest{}, &pb.GetPreferenceResponse{})); got != "UNAUTHENTICATED" {
		t.Errorf("signed too: got %q", got)
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the token is in the log")
	}
	w.shift.Store(int64(15*time.Minute + time.Second))
	if got := reason(w.with(token, showMethod, &pb.GetPreferenceRequest{})); got != "UNAUTHENTICATED" {
		t.Errorf("after its end: got %q", got)
	}
}

// A session ends at once: all of a key's by its word, the oldest by a ninth, and what
// it may do with the key's place at the hospital.
func TestSessionsEnd(t *testing.T) {
	w := newWorld(t)
	var tokens []string
	for range 9 {
		tokens = append(tokens, w.signIn(patient))
	}
	other := w.signIn(otherPatient)
	ended := func(token string) bool {
		return reason(w.with(token, showMethod, &pb.GetPreferenceRequest{})) == "UNAUTHENTICATED"
	}
	if !ended(tokens[0]) || ended(tokens[1]) || ended(tokens[8]) {
		t.Error("a ninth session does not end the first alone")
	}
	ok(t, w.call(patient, pb.PatientService_ChangeKey_FullMethodName, keyChange(w, patient)))
	if got := reason(w.with(tokens[8], showMethod, &pb.GetPreferenceRequest{})); got != "NOT_ENROLLED" {
		t.Errorf("a session of a key that was replaced: %q", got)
	}
	r := &pb.CloseSessionsRequest{}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+tokens[3])
	ok(t, w.as(anonymous, w.clinicAt).Invoke(ctx, pb.SessionService_CloseSessions_FullMethodName, r, &pb.CloseSessionsResponse{}))
	for _, token := range tokens {
		if !ended(token) {
			t.Error("a session goes on")
		}
	}
	if ended(other) {
		t.Error("another key's session has ended")
	}
}

func TestSignInRefusals(t *testing.T) {
	w := newWorld(t)
	conn, k := w.as(anonymous, w.clinicAt), w.keys[patient]
	open := func(r *pb.OpenSessionRequest) string {
		_, err := pb.NewSessionServiceClient(conn).OpenSession(t.Context(), r)
		return reason(err)
	}
	good := opening(w.message(conn, k), k)
	if got := open(good); got != "" {
		t.Fatal(got)
	}
	if got := open(good); got != "REQUEST_REPLAYED" {
		t.Errorf("again: %q", got)
	}
	for name, change := range map[string]func(*signin.Message){
		"for another domain":          func(m *signin.Message) { m.Domain = "evil.example" },
		"for another URI":             func(m *signin.Message) { m.URI = origin + "/login" },
		"for another chain":           func(m *signin.Message) { m.ChainID++ },
		"for ever":                    func(m *signin.Message) { m.Expires = "" },
		"for somebody else":           func(m *signin.Message) { m.Address = w.keys[otherPatient].Address() },
		"with a nonce of her own":     func(m *signin.Message) { m.Nonce = strings.Repeat("0", len(m.Nonce)) },
		"with a nonce spelt anew":     func(m *signin.Message) { m.Nonce = strings.ToUpper(m.Nonce) + "A" },
		"with the marketplace's":      func(m *signin.Message) { m.Nonce = w.message(w.as(anonymous, w.marketAt), k).Nonce },
		"with an end put off":         func(m *signin.Message) { m.Nonce = "7" + m.Nonce[1:] },
		"with the text of no message": func(m *signin.Message) { m.Statement = "é" },
	} {
		m := w.message(conn, k)
		change(&m)
		if got := open(opening(m, k)); got != "UNAUTHENTICATED" {
			t.Errorf("%s: %q", name, got)
		}
	}
	late := w.message(conn, k)
	w.shift.Store(int64(5*time.Minute + time.Second))
	late.IssuedAt = time.Now().Add(5 * time.Minute).UTC().Format(time.RFC3339)
	if got := open(opening(late, k)); got != "UNAUTHENTICATED" {
		t.Errorf("with an old nonce: %q", got)
	}
}

func TestSessionOverREST(t *testing.T) {
	w := newWeb(t)
	get := func(name, value string) string {
		r := w.plain(http.MethodGet, w.clinicURL+"/v1/preference", nil)
		r.Header.Add(name, value)
		a, body := w.do(r)
		return reason(statusOf(t, a, body))
	}
	token := w.signIn(patient)
	for _, c := range [][3]string{
		{"Authorization", "Bearer " + token, ""}, {"Authorization", "Bearer x", "UNAUTHENTICATED"}, {"Authorization", "Basic " + token, "UNAUTHENTICATED"},
		{"Authorization", token, "UNAUTHENTICATED"}, {"Token", token, "UNAUTHENTICATED"},
	} {
		if got := get(c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: %q, want %q", c[0], c[1], got, c[2])
		}
	}
	if _, err := w.rest(anonymous, pb.SessionService_CreateNonce_FullMethodName, &pb.CreateNonceRequest{}); err != nil {
		t.Error(err)
	}
}
