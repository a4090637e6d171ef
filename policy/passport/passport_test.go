package passport_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
)

const (
	uni  = "https://login.uni.example"
	keys = uni + "/jwks"
)

// hand signs with go-jose alone, whatever it is given.
type hand struct {
	key    any
	id     string
	alg    jose.SignatureAlgorithm
	typ    string
	jku    string
	claims map[string]any
}

func newHand(t testing.TB) hand {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return hand{key: key, id: "k1", alg: jose.ES256, typ: "vnd.ga4gh.visa+jwt", jku: keys, claims: map[string]any{
		"iss": uni, "sub": "ada", "iat": 1000, "exp": 2000, "jti": "1",
		"ga4gh_visa_v1": map[string]any{"type": "ResearcherStatus", "asserted": 900, "value": "https://doi.org/10.1038/s41431-018-0219-y", "source": "https://uni.example", "by": "so"},
	}}
}

func (h hand) sign(t testing.TB) string {
	t.Helper()
	payload, err := json.Marshal(h.claims)
	if err != nil {
		t.Fatal(err)
	}
	return h.raw(t, string(payload))
}

func (h hand) raw(t testing.TB, payload string) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if h.typ != "" {
		options.WithType(jose.ContentType(h.typ))
	}
	if h.jku != "" {
		options.WithHeader("jku", h.jku)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: h.alg, Key: jose.JSONWebKey{Key: h.key, KeyID: h.id}}, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

func set(t testing.TB, all ...jose.JSONWebKey) []byte {
	t.Helper()
	b, err := json.Marshal(jose.JSONWebKeySet{Keys: all})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (h hand) public() jose.JSONWebKey {
	return jose.JSONWebKey{Key: h.key.(crypto.Signer).Public(), KeyID: h.id, Use: "sig"}
}

func issuers(t testing.TB, all ...passport.Issuer) *passport.Issuers {
	t.Helper()
	s, err := passport.NewIssuers(all)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h hand) issuer(t testing.TB) passport.Issuer {
	t.Helper()
	return passport.Issuer{URL: uni, JKU: keys, Keys: set(t, h.public())}
}

func TestReadVisa(t *testing.T) {
	h := newHand(t)
	h.claims["nbf"] = 1001
	visa := h.claims["ga4gh_visa_v1"].(map[string]any)
	visa["conditions"] = []any{[]any{map[string]any{"type": "AffiliationAndRole", "value": "pattern:faculty@*", "by": "const:so"}}}
	got, err := issuers(t, h.issuer(t)).Read(h.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	want := policy.Visa{
		Identity: policy.Identity{Issuer: uni, Subject: "ada"}, Type: policy.ResearcherStatus, Value: "https://doi.org/10.1038/s41431-018-0219-y",
		Source: "https://uni.example", By: policy.BySigningOfficial, Asserted: 900, NotBefore: 1001, Expires: 2000,
		Conditions: [][]policy.VisaClause{{{Type: policy.AffiliationAndRole, Value: "pattern:faculty@*", By: "const:so"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadRSAAndOlderVisas(t *testing.T) {
	h := newHand(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	h.key, h.alg, h.typ, h.jku = key, jose.RS256, "JWT", ""
	if _, err := issuers(t, h.issuer(t)).Read(h.sign(t)); err != nil {
		t.Error(err)
	}
	h.alg = jose.PS256 // the same key, under an algorithm that it is not for
	if _, err := issuers(t, h.issuer(t)).Read(h.sign(t)); !errors.Is(err, passport.ErrMalformed) {
		t.Errorf("PS256: %v", err)
	}
}

func TestLinkedIdentities(t *testing.T) {
	h := newHand(t)
	visa := h.claims["ga4gh_visa_v1"].(map[string]any)
	visa["type"], visa["value"] = "LinkedIdentities", "123456,https%3A%2F%2Fexample.org%2Fa%7Cb%2Cc;7890,https%3A%2F%2Fexample2.org"
	got, err := issuers(t, h.issuer(t)).Read(h.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []policy.Identity{{Issuer: "https://example.org/a|b,c", Subject: "123456"}, {Issuer: "https://example2.org", Subject: "7890"}}
	if diff := cmp.Diff(want, got.Linked); diff != "" {
		t.Error(diff)
	}
	for _, value := range []string{"ada", "ada,", ",x", "a,b;", "a%zz,b", strings.TrimSuffix(strings.Repeat("a,b;", 17), ";")} {
		visa["value"] = value
		if _, err := issuers(t, h.issuer(t)).Read(h.sign(t)); !errors.Is(err, passport.ErrMalformed) {
			t.Errorf("%q: %v", value, err)
		}
	}
}

// G2: nothing that a token says chooses who is believed, by which key, or under which algorithm.
func TestG2TokensDoNotChooseTheirKeys(t *testing.T) {
	h, other := newHand(t), newHand(t)
	for name, c := range map[string]struct {
		change func(*hand)
		want   error
	}{
		"another's key":         {func(h *hand) { h.key = other.key }, passport.ErrSignature},
		"another key id":        {func(h *hand) { h.id = "k2" }, passport.ErrSignature},
		"no key id":             {func(h *hand) { h.id = "" }, passport.ErrSignature},
		"keys elsewhere":        {func(h *hand) { h.jku = "https://evil.example/jwks" }, passport.ErrIssuer},
		"unknown issuer":        {func(h *hand) { h.claims["iss"] = "https://evil.example" }, passport.ErrIssuer},
		"issuer but for a dash": {func(h *hand) { h.claims["iss"] = uni + "/" }, passport.ErrIssuer},
		"no issuer":             {func(h *hand) { delete(h.claims, "iss") }, passport.ErrIssuer},
		"the public key as a secret": {func(h *hand) {
			h.alg, h.key = jose.HS256, set(t, other.public())
		}, passport.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h := h
			h.claims = map[string]any{}
			for k, v := range newHand(t).claims {
				h.claims[k] = v
			}
			trusted := issuers(t, h.issuer(t))
			c.change(&h)
			if _, err := trusted.Read(h.sign(t)); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	t.Run("not signed", func(t *testing.T) {
		parts := strings.Split(h.sign(t), ".")
		const none = "eyJhbGciOiJub25lIiwidHlwIjoidm5kLmdhNGdoLnZpc2Erand0In0" // {"alg":"none","typ":"vnd.ga4gh.visa+jwt"}
		for _, visa := range []string{none + "." + parts[1] + ".", parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1]} {
			if _, err := issuers(t, h.issuer(t)).Read(visa); err == nil {
				t.Errorf("read %s", visa)
			}
		}
	})
	t.Run("nobody is trusted", func(t *testing.T) {
		var none *passport.Issuers
		if _, err := none.Read(h.sign(t)); !errors.Is(err, passport.ErrIssuer) {
			t.Error(err)
		}
	})
	t.Run("two issuers", func(t *testing.T) { // the key of one says nothing for the other
		second := passport.Issuer{URL: "https://second.example", JKU: keys, Keys: set(t, other.public())}
		trusted := issuers(t, h.issuer(t), second)
		other.claims["iss"] = uni
		if _, err := trusted.Read(other.sign(t)); !errors.Is(err, passport.ErrSignature) {
			t.Error(err)
		}
	})
}

// What is not understood wholly is refused.
func TestReadRefuses(t *testing.T) {
	condition := func(clauses ...any) any { return []any{clauses} }
	for name, change := range map[string]func(h *hand, visa map[string]any){
		"no visa":                   func(h *hand, _ map[string]any) { delete(h.claims, "ga4gh_visa_v1") },
		"another type of token":     func(h *hand, _ map[string]any) { h.typ = "at+jwt" },
		"no type of token":          func(h *hand, _ map[string]any) { h.typ = "" },
		"an access token":           func(h *hand, _ map[string]any) { h.claims["scope"] = "openid ga4gh_passport_v1" },
		"no subject":                func(h *hand, _ map[string]any) { delete(h.claims, "sub") },
		"no end":                    func(h *hand, _ map[string]any) { delete(h.claims, "exp") },
		"no issue":                  func(h *hand, _ map[string]any) { delete(h.claims, "iat") },
		"ends before it begins":     func(h *hand, _ map[string]any) { h.claims["exp"] = 1000 },
		"no whole second":           func(h *hand, _ map[string]any) { h.claims["exp"] = 2000.5 },
		"an end beyond all":         func(h *hand, _ map[string]any) { h.claims["exp"] = 1 << 50 },
		"a long subject":            func(h *hand, _ map[string]any) { h.claims["sub"] = strings.Repeat("a", 256) },
		"a long token":              func(h *hand, _ map[string]any) { h.claims["more"] = strings.Repeat("a", passport.MaxVisa) },
		"no type":                   func(_ *hand, v map[string]any) { delete(v, "type") },
		"no value":                  func(_ *hand, v map[string]any) { delete(v, "value") },
		"a value that is no URL":    func(_ *hand, v map[string]any) { v["value"] = "bona fide" },
		"a long value":              func(_ *hand, v map[string]any) { v["value"] = "https://a.example/" + strings.Repeat("a", 255) },
		"no source":                 func(_ *hand, v map[string]any) { delete(v, "source") },
		"never asserted":            func(_ *hand, v map[string]any) { delete(v, "asserted") },
		"asserted later":            func(_ *hand, v map[string]any) { v["asserted"] = 1001 },
		"by somebody else":          func(_ *hand, v map[string]any) { v["by"] = "me" },
		"terms accepted by unknown": func(_ *hand, v map[string]any) { v["type"] = "AcceptedTermsAndPolicies"; delete(v, "by") },
		"access granted by unknown": func(_ *hand, v map[string]any) { v["type"] = "ControlledAccessGrants"; delete(v, "by") },
		"conditions of no form":     func(_ *hand, v map[string]any) { v["conditions"] = "never" },
		"an empty condition":        func(_ *hand, v map[string]any) { v["conditions"] = condition() },
		"a condition of a type only": func(_ *hand, v map[string]any) {
			v["conditions"] = condition(map[string]any{"type": "ResearcherStatus"})
		},
		"a condition of no type": func(_ *hand, v map[string]any) {
			v["conditions"] = condition(map[string]any{"value": "const:x", "by": "const:so"})
		},
		"a condition of another kind": func(_ *hand, v map[string]any) {
			v["conditions"] = condition(map[string]any{"type": "ResearcherStatus", "value": "regexp:x"})
		},
		"a condition on a time": func(_ *hand, v map[string]any) {
			v["conditions"] = condition(map[string]any{"type": "ResearcherStatus", "asserted": "const:1"})
		},
		"a condition on a number": func(_ *hand, v map[string]any) {
			v["conditions"] = condition(map[string]any{"type": "ResearcherStatus", "value": 1})
		},
		"an unsupported alternative beside a good one": func(_ *hand, v map[string]any) {
			v["conditions"] = []any{
				[]any{map[string]any{"type": "ResearcherStatus", "value": "const:x"}}, []any{map[string]any{"type": "ResearcherStatus", "value": "regexp:x"}},
			}
		},
		"many alternatives": func(_ *hand, v map[string]any) {
			var all []any
			for range 9 {
				all = append(all, []any{map[string]any{"type": "ResearcherStatus", "value": "const:x"}})
			}
			v["conditions"] = all
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHand(t)
			change(&h, h.claims["ga4gh_visa_v1"].(map[string]any))
			if _, err := issuers(t, h.issuer(t)).Read(h.sign(t)); !errors.Is(err, passport.ErrMalformed) {
				t.Errorf("%v, want %v", err, passport.ErrMalformed)
			}
		})
	}
}

func TestIssuersWantUsableKeys(t *testing.T) {
	h := newHand(t)
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := h.public()
	changed := func(change func(*jose.JSONWebKey)) jose.JSONWebKey { k := good; change(&k); return k }
	for name, keys := range map[string][]byte{
		"no set":              []byte("[]"),
		"empty":               set(t),
		"small":               set(t, jose.JSONWebKey{Key: small.Public(), KeyID: "k1"}),
		"another curve":       set(t, jose.JSONWebKey{Key: p384.Public(), KeyID: "k1"}),
		"a secret":            set(t, jose.JSONWebKey{Key: []byte("secret"), KeyID: "k1"}),
		"a private key":       set(t, jose.JSONWebKey{Key: h.key, KeyID: "k1"}),
		"for encryption":      set(t, changed(func(k *jose.JSONWebKey) { k.Use = "enc" })),
		"another algorithm":   set(t, changed(func(k *jose.JSONWebKey) { k.Algorithm = "ES384" })),
		"without an id":       set(t, changed(func(k *jose.JSONWebKey) { k.KeyID = "" })),
		"too long":            append(set(t, good), make([]byte, passport.MaxKeySet)...),
		"of a kind not known": []byte(`{"keys":[{"kty":"OKP9","kid":"k1"}]}`),
	} {
		if _, err := passport.NewIssuers([]passport.Issuer{{URL: uni, Keys: keys}}); !errors.Is(err, passport.ErrKeys) {
			t.Errorf("%s: %v, want %v", name, err, passport.ErrKeys)
		}
	}
	for name, all := range map[string][]passport.Issuer{"no URL": {{Keys: set(t, good)}}, "twice": {h.issuer(t), h.issuer(t)}} {
		if _, err := passport.NewIssuers(all); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	mixed := set(t, jose.JSONWebKey{Key: p384.Public(), KeyID: "k0"}, good) // the one that is good is taken
	if _, err := issuers(t, passport.Issuer{URL: uni, JKU: keys, Keys: mixed}).Read(h.sign(t)); err != nil {
		t.Error(err)
	}
}

// An issuer that takes all its keys back is believed in nothing at once; one whose answer is no key set keeps its keys.
func TestRenewByASetWithoutKeys(t *testing.T) {
	for content, forgotten := range map[string]bool{
		`{"keys":[]}`: true, `{"keys":[{"kty":"OKP9","kid":"k1"}]}`: true, `{"keys":null}`: false, `{}`: false, `[]`: false, `{"keys":{}}`: false,
	} {
		h := newHand(t)
		trusted := issuers(t, h.issuer(t))
		if err := trusted.Renew(uni, []byte(content)); !errors.Is(err, passport.ErrKeys) || errors.Is(err, passport.ErrNoKeys) != forgotten {
			t.Errorf("%s: %v", content, err)
		}
		_, err := trusted.Read(h.sign(t))
		if want := map[bool]error{true: passport.ErrSignature}[forgotten]; !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", content, err, want)
		}
	}
}

func TestRenewTakesTheNewKeysAndForgetsTheOld(t *testing.T) {
	before, after := newHand(t), newHand(t)
	trusted := issuers(t, before.issuer(t))
	if err := trusted.Renew(uni, []byte("{}")); !errors.Is(err, passport.ErrKeys) {
		t.Error(err)
	}
	if err := trusted.Renew("https://other.example", set(t, after.public())); !errors.Is(err, passport.ErrIssuer) {
		t.Error(err)
	}
	if _, err := trusted.Read(before.sign(t)); err != nil {
		t.Errorf("a failed renewal changed the keys: %v", err)
	}
	if err := trusted.Renew(uni, set(t, after.public())); err != nil {
		t.Fatal(err)
	}
	if _, err := trusted.Read(after.sign(t)); err != nil {
		t.Error(err)
	}
	if _, err := trusted.Read(before.sign(t)); !errors.Is(err, passport.ErrSignature) {
		t.Error(err)
	}
	trusted.Forget("https://other.example")
	if diff := cmp.Diff([]string{uni}, trusted.Names()); diff != "" {
		t.Error(diff)
	}
	trusted.Forget(uni)
	if _, err := trusted.Read(after.sign(t)); !errors.Is(err, passport.ErrSignature) {
		t.Errorf("keys that were forgotten: %v", err)
	}
	empty := issuers(t, passport.Issuer{URL: uni, JKU: keys})
	if _, err := empty.Read(after.sign(t)); !errors.Is(err, passport.ErrSignature) {
		t.Errorf("keys to come: %v", err)
	}
	if err := empty.Renew(uni, set(t, after.public())); err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Read(after.sign(t)); err != nil {
		t.Error(err)
	}
}

func privatePEM(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func granted() policy.Visa {
	return policy.Visa{
		Identity: policy.Identity{Subject: "0x1111111111111111111111111111111111111111"}, Type: policy.ControlledAccessGrants,
		Value: "https://market.example/v1/datasets/ds1", Source: "https://market.example", By: policy.ByCommittee, Asserted: 900, Expires: 2000,
	}
}

// What is signed here is read here, and by go-jose alone.
func TestSignedVisasAreReadByOthers(t *testing.T) {
	key := newHand(t).key
	const market = "https://market.example"
	s, err := passport.NewSigner(market, privatePEM(t, key))
	if err != nil {
		t.Fatal(err)
	}
	visa, err := s.Sign(granted(), 1000, "id 1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := issuers(t, passport.Issuer{URL: market, JKU: market + passport.KeyPath, Keys: s.Keys()}).Read(visa)
	if err != nil {
		t.Fatal(err)
	}
	want := granted()
	want.Issuer = market
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	var published jose.JSONWebKeySet
	if err := json.Unmarshal(s.Keys(), &published); err != nil {
		t.Fatal(err)
	}
	signed, err := jose.ParseSignedCompact(visa, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		t.Fatal(err)
	}
	header := signed.Signatures[0].Protected
	named := published.Key(header.KeyID)
	if len(named) != 1 || !named[0].IsPublic() {
		t.Fatalf("%d keys of the id, or a private one, is published", len(named))
	}
	payload, err := signed.Verify(named[0])
	if err != nil {
		t.Fatal(err)
	}
	const claims = `{"iss":"https://market.example","sub":"0x1111111111111111111111111111111111111111","iat":1000,"exp":2000,"jti":"id 1",` +
		`"ga4gh_visa_v1":{"type":"ControlledAccessGrants","asserted":900,"value":"https://market.example/v1/datasets/ds1","source":"https://market.example","by":"dac"}}`
	if string(payload) != claims {
		t.Errorf("payload %s", payload)
	}
	if header.ExtraHeaders["typ"] != "vnd.ga4gh.visa+jwt" || header.ExtraHeaders["jku"] != market+"/.well-known/jwks.json" {
		t.Errorf("header %v", header.ExtraHeaders)
	}
}

func TestSignerRefuses(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good := privatePEM(t, newHand(t).key)
	for name, key := range map[string][]byte{"no PEM": []byte("secret"), "another curve": privatePEM(t, p384), "two": append(good, good...)} {
		if _, err := passport.NewSigner(uni, key); err == nil || strings.Contains(err.Error(), string(key)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := passport.NewSigner("market", good); err == nil {
		t.Error("an issuer without a URL")
	}
	s, err := passport.NewSigner(uni, good)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*policy.Visa){
		"no end": func(v *policy.Visa) { v.Expires = 0 }, "no subject": func(v *policy.Visa) { v.Subject = "" }, "by nobody": func(v *policy.Visa) { v.By = "" },
	} {
		v := granted()
		change(&v)
		if _, err := s.Sign(v, 1000, "1"); !errors.Is(err, passport.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClaimed(t *testing.T) {
	h := newHand(t)
	got, err := passport.Claimed(h.sign(t))
	if want := (policy.Identity{Issuer: uni, Subject: "ada"}); err != nil || got != want {
		t.Errorf("%v, want %v: %v", got, want, err)
	}
	delete(h.claims, "sub")
	for _, visa := range []string{"a.b.c", h.sign(t), h.raw(t, "[]")} {
		if _, err := passport.Claimed(visa); !errors.Is(err, passport.ErrMalformed) {
			t.Errorf("%v, want %v", err, passport.ErrMalformed)
		}
	}
}
