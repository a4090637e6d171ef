package providertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/passport"
)

// Issuer is the issuer of visas that a [Hospital] trusts, BonaFide what it may say of [Ada].
const (
	Issuer   = "https://visas.university.example"
	BonaFide = "https://doi.org/10.1038/s41431-018-0219-y"
)

// Ada is who the hospital's researcher is to the issuer.
var Ada = policy.Identity{Issuer: Issuer, Subject: "ada"}

// NewOffice draws a key, and returns who signs visas with it and who trusts them.
func NewOffice(tb testing.TB, issuer string) (*passport.Signer, *passport.Issuers) {
	tb.Helper()
	ok := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ok(err)
	office, err := passport.NewSigner(issuer, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	ok(err)
	trusted, err := passport.NewIssuers([]passport.Issuer{{URL: issuer, JKU: issuer + passport.KeyPath, Keys: office.Keys()}})
	ok(err)
	return office, trusted
}

// Visa is what the issuer says of Ada, by its signing official and for an hour, unless change says otherwise.
func (h *Hospital) Visa(t policy.VisaType, value string, change func(*policy.Visa)) string {
	h.tb.Helper()
	now := h.Clock.Now().Unix()
	v := policy.Visa{
		Identity: Ada, Type: t, Value: value, Source: "https://university.example", By: policy.BySigningOfficial, Asserted: now - 60, Expires: now + 3600,
	}
	if change != nil {
		change(&v)
	}
	visa, err := h.Office.Sign(v, v.Asserted, "1")
	h.ok(err)
	return visa
}

// Link is a key's word, good for an hour, that an identity is its owner's.
func (h *Hospital) Link(k *ledger.Key, id policy.Identity) ledger.SignedDocument {
	h.tb.Helper()
	return h.Sign(k, ledger.KindIdentityLink, id, 0)
}

// Passport is one that shows visas of Ada's.
func (h *Hospital) Passport(visas ...string) provider.Passport {
	h.tb.Helper()
	return provider.Passport{Visas: visas, Links: []ledger.SignedDocument{h.Link(h.Researcher, Ada)}}
}

// Requires is a policy's demand for a visa by the hospital's issuer.
func Requires(t policy.VisaType, value string) policy.RequiredVisa {
	return policy.RequiredVisa{Type: t, Values: []string{value}, Issuers: []string{Issuer}}
}
