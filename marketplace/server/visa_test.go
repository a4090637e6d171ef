package server_test

import (
	"net/http"
	"testing"

	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy/passport"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// A visa of a grant is checked with nothing but what the REST server shows everybody.
func TestVisasAreCheckedByTheirPublishedKeys(t *testing.T) {
	w := newWeb(t)
	r, err := pb.NewVisaServiceClient(w.conn(researcher, pb.VisaService_CreateVisa_FullMethodName)).CreateVisa(t.Context(), visaOfGrant(w.world, "").(*pb.CreateVisaRequest))
	ok(t, err)
	got, keys := w.do(w.plain(http.MethodGet, w.marketURL+passport.KeyPath, nil))
	if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != "application/jwk-set+json" {
		t.Fatalf("%s %v", got.Status, got.Header)
	}
	trusted, err := passport.NewIssuers([]passport.Issuer{{URL: providertest.Issuer, JKU: providertest.Issuer + passport.KeyPath, Keys: keys}})
	ok(t, err)
	visa, err := trusted.Read(r.GetVisa())
	ok(t, err)
	if visa.Subject != w.Researcher.Address().String() || visa.Expires != r.GetExpiresAt() {
		t.Errorf("about %s until %d, want %s until %d", visa.Subject, visa.Expires, w.Researcher.Address(), r.GetExpiresAt())
	}
	if got, _ := w.do(w.plain(http.MethodGet, w.clinicURL+passport.KeyPath, nil)); got.StatusCode == http.StatusOK {
		t.Error("the hospital publishes keys of visas that it does not issue")
	}
}
