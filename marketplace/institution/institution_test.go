package institution_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oauth2-proxy/mockoidc"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/signin"
	"github.com/medmarket/medmarket/marketplace/institution"
	"github.com/medmarket/medmarket/marketplace/institution/institutiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var university, clinic = ledger.HashBytes([]byte("University")), ledger.HashBytes([]byte("Clinic"))

// room is an institution, and us, who count how often it is asked.
type room struct {
	*institutiontest.Provider
	us    *institution.Institutions
	clock atomic.Int64 // ahead of the institution's
	asked atomic.Int64
	down  atomic.Bool
	base  http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (r *room) RoundTrip(q *http.Request) (*http.Response, error) {
	r.asked.Add(1)
	if r.down.Load() {
		return nil, errors.New("no route")
	}
	return r.base.RoundTrip(q)
}

func (r *room) now() time.Time { return time.Now().Add(time.Duration(r.clock.Load())) }

func open(tb testing.TB) *room {
	tb.Helper()
	r := &room{Provider: institutiontest.Start(tb)}
	r.base = r.Transport()
	var err error
	if r.us, err = institution.New(institution.Config{Base: r, Now: r.now, Issuers: []institution.Issuer{{
		URL: r.Issuer(), ClientID: r.ClientID, People: map[string]ledger.Address{"known": {7}},
		Rules: []institution.Rule{
			{Claim: "groups", Value: "science", Role: ledger.RoleResearcher, Organisation: university},
			{Claim: "groups", Value: "irb", Role: ledger.RoleCommittee, Organisation: university},
			{Claim: "home", Value: "clinic.example", Role: ledger.RoleSteward, Organisation: clinic},
		},
	}}}); err != nil {
		tb.Fatal(err)
	}
	return r
}

func (r *room) identify(tb testing.TB, token string) (signin.Person, error) {
	tb.Helper()
	p, err := r.us.Identify(tb.Context(), token)
	if err != nil && !errors.Is(err, signin.ErrPerson) && !errors.Is(err, signin.ErrNoAnswer) {
		tb.Errorf("an error of neither kind: %v", err)
	}
	return p, err
}

// What a token says is what is made of it by rules, and nothing else.
func TestIdentify(t *testing.T) {
	r := open(t)
	for name, c := range map[string]struct {
		claims map[string]any
		want   signin.Vouched
	}{
		"a list":      {map[string]any{"groups": []string{"x", "science", "irb"}}, signin.Vouched{university: ledger.RoleResearcher | ledger.RoleCommittee}},
		"a text":      {map[string]any{"groups": "science", "home": "clinic.example"}, signin.Vouched{university: ledger.RoleResearcher, clinic: ledger.RoleSteward}},
		"nothing":     {nil, signin.Vouched{}},
		"part of it":  {map[string]any{"groups": "science fiction"}, signin.Vouched{}},
		"not a text":  {map[string]any{"groups": map[string]any{"science": true}}, signin.Vouched{}},
		"mixed":       {map[string]any{"groups": []any{"science", 1}}, signin.Vouched{}},
		"other claim": {map[string]any{"group": "science"}, signin.Vouched{}},
	} {
		p, err := r.identify(t, r.Token("anna", "n1", c.claims))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, p.Vouched); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if p.Issuer != r.Issuer() || p.Subject != "anna" || p.Nonce != "n1" || !p.Key.IsZero() || !p.Expires.After(time.Now()) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p, err := r.identify(t, r.Token("known", "", nil)); err != nil || p.Key != (ledger.Address{7}) {
		t.Errorf("whom the operator registered: %+v, %v", p, err)
	}
	if n := r.asked.Load(); n != 2 {
		t.Errorf("the institution was asked %d times, want 2: where its keys are, and for them", n)
	}
}

// forged is a token with other claims than were signed.
func forged(tb testing.TB, token string, change map[string]any) string {
	tb.Helper()
	parts := strings.Split(token, ".")
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		tb.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b, &all); err != nil {
		tb.Fatal(err)
	}
	for name, v := range change {
		all[name] = v
	}
	if b, err = json.Marshal(all); err != nil {
		tb.Fatal(err)
	}
	return parts[0] + "." + base64.RawURLEncoding.EncodeToString(b) + "." + parts[2]
}

func unsigned(token string) string {
	parts := strings.Split(token, ".")
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
}

func TestTokensThatAreRefused(t *testing.T) {
	r, other := open(t), open(t)
	other.changeKeys(t)
	now := time.Now()
	good := r.Token("anna", "n1", nil)
	for name, token := range map[string]string{
		"of another institution":    other.Token("anna", "n1", nil),
		"signed by another":         other.Token("anna", "n1", map[string]any{"iss": r.Issuer(), "aud": r.ClientID}),
		"for another client":        r.Token("anna", "n1", map[string]any{"aud": "someone"}),
		"issued to another client":  r.Token("anna", "n1", map[string]any{"aud": []string{r.ClientID, "someone"}, "azp": "someone"}),
		"expired":                   r.Token("anna", "n1", map[string]any{"exp": now.Add(-time.Second).Unix()}),
		"without an end":            r.Token("anna", "n1", map[string]any{"exp": nil}),
		"not yet good":              r.Token("anna", "n1", map[string]any{"nbf": now.Add(time.Hour).Unix()}),
		"about nobody":              r.Token("", "n1", nil),
		"about too long a name":     r.Token(strings.Repeat("a", 256), "n1", nil),
		"with too long a nonce":     r.Token("anna", strings.Repeat("n", 256), nil),
		"with another subject":      forged(t, good, map[string]any{"sub": "bob"}),
		"not signed":                unsigned(good),
		"without a signature":       good[:strings.LastIndexByte(good, '.')+1],
		"too long":                  r.Token("anna", "n1", map[string]any{"x": strings.Repeat("x", institution.MaxToken)}),
		"no token":                  "x",
		"no JSON":                   "e30.e30x.e30",
		"without an issuer":         r.Token("anna", "n1", map[string]any{"iss": nil}),
		"with an issuer like ours":  r.Token("anna", "n1", map[string]any{"iss": r.Issuer() + "/"}),
		"with the issuer as a list": r.Token("anna", "n1", map[string]any{"iss": []string{r.Issuer()}}),
	} {
		if p, err := r.identify(t, token); !errors.Is(err, signin.ErrPerson) {
			t.Errorf("%s: got %+v, %v", name, p, err)
		}
	}
	if _, err := r.identify(t, good); err != nil {
		t.Errorf("and the good one: %v", err)
	}
}

// changeKeys gives an institution a key that no other has.
func (r *room) changeKeys(t *testing.T) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := mockoidc.NewKeypair(key)
	if err != nil {
		t.Fatal(err)
	}
	*r.Keypair = *pair
}

// However many tokens come, an institution is asked for its keys every ten seconds at most; and those that it has withdrawn
// are believed for an hour at most.
func TestKeysOfAnInstitution(t *testing.T) {
	r := open(t)
	old := r.Token("anna", "n1", map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()})
	if _, err := r.identify(t, old); err != nil {
		t.Fatal(err)
	}
	r.changeKeys(t)
	next := r.Token("anna", "n1", map[string]any{"exp": time.Now().Add(24 * time.Hour).Unix()})
	for range 20 {
		if _, err := r.identify(t, next); !errors.Is(err, signin.ErrPerson) {
			t.Fatalf("within ten seconds of asking: %v", err)
		}
	}
	if n := r.asked.Load(); n != 2 {
		t.Errorf("the institution was asked %d times by tokens under a key that it had not, want 2", n)
	}
	r.clock.Add(int64(11 * time.Second))
	if _, err := r.identify(t, next); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if _, err := r.identify(t, old); !errors.Is(err, signin.ErrPerson) {
		t.Errorf("a key that was withdrawn: %v", err)
	}
	r.clock.Add(int64(time.Hour))
	r.down.Store(true)
	if _, err := r.identify(t, next); !errors.Is(err, signin.ErrNoAnswer) {
		t.Errorf("keys that are an hour old, and nobody answers: %v", err)
	}
	r.down.Store(false)
	if _, err := r.identify(t, next); !errors.Is(err, signin.ErrNoAnswer) {
		t.Errorf("asked again at once: %v", err)
	}
	r.clock.Add(int64(11 * time.Second))
	if _, err := r.identify(t, next); err != nil {
		t.Errorf("it answers again: %v", err)
	}
}

// Who goes away while keys are fetched does not make it fail for others.
func TestCallerWhoGoesAway(t *testing.T) {
	r := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.us.Identify(ctx, r.Token("anna", "n1", nil)); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := r.identify(t, r.Token("anna", "n1", nil)); err != nil {
		t.Error(err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := func() institution.Issuer {
		return institution.Issuer{URL: "https://login.example", ClientID: "c", Rules: []institution.Rule{{
			Claim: "groups", Value: "science", Role: ledger.RoleResearcher, Organisation: university,
		}}}
	}
	if _, err := institution.New(institution.Config{Issuers: []institution.Issuer{good()}}); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*institution.Issuer){
		"http":               func(i *institution.Issuer) { i.URL = "http://login.example" },
		"a query":            func(i *institution.Issuer) { i.URL += "?a=b" },
		"no client":          func(i *institution.Issuer) { i.ClientID = "" },
		"no rules":           func(i *institution.Issuer) { i.Rules = nil },
		"an empty value":     func(i *institution.Issuer) { i.Rules[0].Value = "" },
		"no organisation":    func(i *institution.Issuer) { i.Rules[0].Organisation = ledger.Hash{} },
		"the operator":       func(i *institution.Issuer) { i.Rules[0].Role |= ledger.RoleOperator },
		"a person of no key": func(i *institution.Issuer) { i.People = map[string]ledger.Address{"anna": {}} },
	} {
		i := good()
		change(&i)
		if _, err := institution.New(institution.Config{Issuers: []institution.Issuer{i}}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := institution.New(institution.Config{Issuers: []institution.Issuer{good(), good()}}); err == nil {
		t.Error("an issuer named twice: taken")
	}
}

// The whole way of a person: her browser, the code, PKCE and the token.
func TestBrowser(t *testing.T) {
	r := open(t)
	r.Next("anna", map[string]any{"groups": "science"})
	b := institution.Browser{
		Issuer: r.Issuer(), ClientID: r.ClientID, Secret: r.ClientSecret, Nonce: "n1", Base: r, Show: func(address string) {
			if !strings.Contains(address, "code_challenge_method=S256") || !strings.Contains(address, "nonce=n1") {
				t.Errorf("she is sent to %s", address)
			}
			go r.Open(address)
		},
	}
	token, err := b.SignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p, err := r.identify(t, token); err != nil || p.Subject != "anna" || p.Nonce != "n1" || p.Vouched[university] != ledger.RoleResearcher {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Only who was told the state comes back; and a wait ends with its context.
func TestBrowserOfAnother(t *testing.T) {
	r := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	b := institution.Browser{Issuer: r.Issuer(), ClientID: r.ClientID, Nonce: "n1", Base: r, Show: func(address string) {
		go func() {
			defer close(done)
			defer cancel()
			_, query, _ := strings.Cut(address, "redirect_uri=")
			back, _, _ := strings.Cut(query, "&")
			back = strings.NewReplacer("%3A", ":", "%2F", "/").Replace(back)
			q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, back+"?code=stolen&state=guessed", nil)
			if err != nil {
				t.Error(err)
				return
			}
			answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(q)
			if err != nil {
				t.Error(err)
				return
			}
			if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusBadRequest {
				t.Errorf("another state: %s, %v", answer.Status, err)
			}
		}()
	}}
	if _, err := b.SignIn(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-done
}
