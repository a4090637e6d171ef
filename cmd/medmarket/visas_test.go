package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/verifier"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
)

func TestReadVisaIssuers(t *testing.T) {
	office, _ := providertest.NewOffice(t, providertest.Issuer)
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "keys.json"), office.Keys(), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "none.json"), []byte(`{"keys":[]}`), 0o600))
	for text, want := range map[string]string{
		`{"issuers": [{"issuer": "https://a.example", "jwks_file": "keys.json"}]}`:                                      "",
		`{"issuers": [{"issuer": "https://a.example", "jwks_url": "https://a.example/jwks"}]}`:                          "",
		`{"issuers": [{"issuer": "https://a.example", "jwks_url": "http://a.example/jwks", "jwks_file": "keys.json"}]}`: "",
		`{"issuers": [{"issuer": "https://a.example", "jwks_url": "http://a.example/jwks"}]}`:                           "begins with https",
		`{"issuers": [{"issuer": "https://a.example"}]}`:                                                                "begins with https",
		`{"issuers": [{"jwks_file": "keys.json"}]}`:                                                                     "no URL",
		`{"issuers": [{"issuer": "https://a.example", "jwks_file": "none.json"}]}`:                                      "no usable key",
		`{"issuers": [{"issuer": "https://a.example", "jwks_file": "nowhere.json"}]}`:                                   "no such file",
		`{"issuers": [{"issuer": "https://a.example", "jwks": {}}]}`:                                                    "unknown field",
		`{"issuers": [{"issuer": "a", "jwks_file": "keys.json"}, {"issuer": "a", "jwks_file": "keys.json"}]}`:           "twice",
	} {
		file := filepath.Join(dir, "issuers.json")
		must(t, os.WriteFile(file, []byte(text), 0o600))
		v, err := readVisaIssuers(file)
		switch {
		case want == "" && (err != nil || strings.Join(v.trusted.Names(), "") != "https://a.example"):
			t.Errorf("%s: %v", text, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if v, err := readVisaIssuers(""); v.trusted != nil || err != nil {
		t.Errorf("no file: %v, %v", v, err)
	}
}

// Keys are fetched from where the operator said and nowhere else; what cannot be fetched leaves them as they are for a day,
// and an issuer that says it has none is believed in nothing at once.
func TestKeysOfVisaIssuersAreFetched(t *testing.T) {
	office, _ := providertest.NewOffice(t, providertest.Issuer)
	visa, err := office.Sign(policy.Visa{
		Identity: providertest.Ada, Type: policy.ResearcherStatus, Value: providertest.BonaFide, Source: providertest.Issuer, Asserted: 1, Expires: 2,
	}, 1, "1")
	must(t, err)
	answer := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(office.Keys()) }
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r) }))
	t.Cleanup(web.Close)
	trusted, err := passport.NewIssuers([]passport.Issuer{{URL: providertest.Issuer, JKU: providertest.Issuer + passport.KeyPath}})
	must(t, err)
	client := web.Client()
	client.CheckRedirect = noRedirect
	v := visaIssuers{trusted: trusted, fetch: map[string]string{providertest.Issuer: web.URL}, client: client}
	var said bytes.Buffer
	log := slog.New(slog.NewTextHandler(&said, nil))
	fresh := map[string]time.Time{}
	reads := func(when string, want bool) {
		t.Helper()
		v.renew(t.Context(), log, fresh)
		if _, err := trusted.Read(visa); (err == nil) != want {
			t.Errorf("%s: %v", when, err)
		}
	}
	answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }
	reads("sent elsewhere", false)
	answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(office.Keys()) }
	reads("fetched", true)
	for name, broken := range map[string]http.HandlerFunc{
		"gone":   http.NotFound,
		"no set": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) },
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(office.Keys(), make([]byte, passport.MaxKeySet)...))
		},
	} {
		said.Reset()
		answer = broken
		reads(name, true)
		if !strings.Contains(said.String(), providertest.Issuer) {
			t.Errorf("%s: nobody was told: %s", name, said.String())
		}
	}
	answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) }
	reads("all taken back", false)
	answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(office.Keys()) }
	reads("given again", true)
	answer = http.NotFound
	fresh[providertest.Issuer] = time.Now().Add(-visaKeysLast - time.Second)
	reads("gone for a day", false)
}

// A passport is a visa a line or a broker's object; she signs for each identity once.
func TestPassportOfAFile(t *testing.T) {
	w, office := t.TempDir(), func() *passport.Signer { o, _ := providertest.NewOffice(t, providertest.Issuer); return o }()
	sign := func(subject string) string {
		visa, err := office.Sign(policy.Visa{
			Identity: policy.Identity{Subject: subject}, Type: policy.ResearcherStatus, Value: providertest.BonaFide, Source: providertest.Issuer, Asserted: 1, Expires: 2,
		}, 1, "1")
		must(t, err)
		return visa
	}
	visas := []string{sign("ada"), sign("a.l."), sign("ada")}
	object, err := json.Marshal(map[string]any{"sub": "x", "ga4gh_passport_v1": visas})
	must(t, err)
	key, err := ledger.NewKey()
	must(t, err)
	p := &person{key: key, net: network{Trust: verifier.Trust{ChainID: 7, Genesis: ledger.HashBytes([]byte("g"))}}}
	for name, content := range map[string]string{"lines": strings.Join(visas, "\n") + "\n", "object": string(object)} {
		file := filepath.Join(w, name)
		must(t, os.WriteFile(file, []byte(content), 0o600))
		got, err := shown{file}.passport(p, []string{"what was sent before"})
		must(t, err)
		if strings.Join(got.GetVisas(), " ") != strings.Join(visas, " ") || len(got.GetLinks()) != 2 {
			t.Fatalf("%s: %d visas, %d links", name, len(got.GetVisas()), len(got.GetLinks()))
		}
		for i, want := range []string{`{"issuer":"https://visas.university.example","subject":"ada"}`, `{"issuer":"https://visas.university.example","subject":"a.l."}`} {
			l := got.GetLinks()[i]
			d := ledger.SignedDocument{Content: l.GetContent(), Expiry: l.GetExpiry(), Signature: ledger.Signature(l.GetSignature())}
			signer, err := d.Signer(p.net.Trust.Domain(), ledger.KindIdentityLink)
			if err != nil || signer != key.Address() || string(l.GetContent()) != want {
				t.Errorf("%s: %s signed by %s, want %s: %v", name, l.GetContent(), signer, want, err)
			}
		}
	}
	if got, err := (shown{}).passport(p, visas[:1]); err != nil || len(got.GetLinks()) != 1 {
		t.Errorf("as before: %v, %v", got, err)
	}
	if got, err := (shown{}).passport(p, nil); got != nil || err != nil {
		t.Errorf("nothing: %v, %v", got, err)
	}
	must(t, os.WriteFile(filepath.Join(w, "bad"), []byte("a.b.c"), 0o600))
	if _, err := (shown{filepath.Join(w, "bad")}).passport(p, nil); err == nil || !strings.Contains(err.Error(), "visa 1") {
		t.Error(err)
	}
}

func TestReadVisaKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "good.pem"), filepath.Join(dir, "bad.pem")
	must(t, os.WriteFile(good, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	must(t, os.WriteFile(bad, []byte("secret"), 0o600))
	if s, err := readVisaKey(good, "https://market.example/"); err != nil || s.Issuer() != "https://market.example" {
		t.Errorf("%v", err)
	}
	if s, err := readVisaKey("", ""); s != nil || err != nil {
		t.Errorf("none: %v", err)
	}
	for name, c := range map[string][3]string{
		"no origin": {good, "", "wants --market-origin"}, "no key": {bad, "https://market.example", "no PRIVATE KEY"}, "no file": {good + "x", "https://market.example", "no such file"},
	} {
		if s, err := readVisaKey(c[0], c[1]); s != nil || err == nil || !strings.Contains(err.Error(), c[2]) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", name, err, c[2])
		}
	}
}
