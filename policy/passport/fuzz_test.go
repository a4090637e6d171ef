package passport_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
)

// FuzzRead reads what an issuer may sign: whatever the claims are, they are refused as malformed or are within the bounds
// that a decision relies on.
func FuzzRead(f *testing.F) {
	h := newHand(f)
	seed, err := json.Marshal(h.claims)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(seed))
	f.Add(`{"iss":"https://login.uni.example","sub":"a","iat":2,"exp":3,"ga4gh_visa_v1":{"type":"LinkedIdentities","asserted":1,"value":"b,c;d,e",` +
		`"source":"https://a.example","conditions":[[{"type":"t","by":"split_pattern:?*"}]]}}`)
	f.Add(`{"iss":"https://login.uni.example","iss":"https://evil.example"}`)
	f.Add(`{"ISS":"https://login.uni.example"}`)
	trusted := issuers(f, h.issuer(f))
	f.Fuzz(func(t *testing.T, payload string) {
		v, err := trusted.Read(h.raw(t, payload))
		if err != nil {
			if !errors.Is(err, passport.ErrMalformed) && !errors.Is(err, passport.ErrIssuer) {
				t.Fatal(err)
			}
			return
		}
		if v.Issuer != uni || v.Subject == "" || v.Type == "" || v.Expires < 1 || v.Asserted < 1 || len(v.Linked) > 16 || len(v.Conditions) > 8 {
			t.Fatalf("%+v", v)
		}
		if (v.Type == policy.LinkedIdentities) != (len(v.Linked) > 0) {
			t.Fatalf("linked: %+v", v)
		}
	})
}

// FuzzToken reads what anybody may send.
func FuzzToken(f *testing.F) {
	h := newHand(f)
	good := h.sign(f)
	for _, seed := range []string{good, good[:len(good)-1], "..", "a.b.c", `{"payload":"","signature":""}`} {
		f.Add(seed)
	}
	trusted := issuers(f, h.issuer(f))
	f.Fuzz(func(t *testing.T, token string) {
		if v, err := trusted.Read(token); err == nil && (v.Issuer != uni || v.Subject != "ada") {
			t.Fatalf("read %+v, which nobody signed", v)
		}
	})
}
