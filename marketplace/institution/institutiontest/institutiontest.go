// Package institutiontest is an institution for tests: an OpenID provider that really signs, over https on loopback, at which
// everybody signs in at once.
package institutiontest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"
)

// Provider is the institution's server.
type Provider struct {
	*mockoidc.MockOIDC
	tb    testing.TB
	roots *x509.CertPool
	ca    []byte
}

// signingKey is the key of all of them: it takes longest to make, and tests start hundreds.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// Start starts one that ends with the test. They all sign with one key: a test of two gives one of them another Keypair.
func Start(tb testing.TB) *Provider {
	tb.Helper()
	lent := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate, which is for loopback
	defer lent.Close()
	p := &Provider{tb: tb, roots: x509.NewCertPool()}
	p.roots.AddCert(lent.Certificate())
	p.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: lent.Certificate().Raw})
	key, err := signingKey()
	if err != nil {
		tb.Fatal(err)
	}
	if p.MockOIDC, err = mockoidc.NewServer(key); err != nil {
		tb.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	secure := &tls.Config{Certificates: lent.TLS.Certificates, MinVersion: tls.VersionTLS12}
	if err := p.Start(tls.NewListener(l, secure), secure); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Server.Close(); err != nil {
			tb.Error(err)
		}
	})
	return p
}

// CA is what another process must trust to reach it, in PEM.
func (p *Provider) CA() []byte { return p.ca }

// Transport reaches it, and trusts its certificate; each call returns one of its own, which ends with the test.
func (p *Provider) Transport() http.RoundTripper {
	t := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: p.roots, MinVersion: tls.VersionTLS12}}
	p.tb.Cleanup(t.CloseIdleConnections)
	return t
}

// person is somebody who has claims beside the usual ones.
type person struct {
	*mockoidc.MockUser
	claims map[string]any
}

// Claims implements [mockoidc.User].
func (p person) Claims(_ []string, base *mockoidc.IDTokenClaims) (jwt.Claims, error) {
	all := jwt.MapClaims{}
	b, err := json.Marshal(base)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &all); err != nil {
		return nil, err
	}
	for name, value := range p.claims {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all, nil
}

// Next has the next one who signs in be subject, with claims that come beside the usual ones, or in place of them; nil takes one away.
func (p *Provider) Next(subject string, claims map[string]any) {
	p.QueueUser(person{&mockoidc.MockUser{Subject: subject}, claims})
}

// Open is what her browser does with the address that she is sent to: it follows it, back to who sent her.
func (p *Provider) Open(address string) {
	p.tb.Helper()
	client := &http.Client{Transport: p.Transport(), Timeout: 10 * time.Second}
	answer, err := client.Get(address) //nolint:noctx // a test's browser
	if err != nil {
		p.tb.Error(err)
		return
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		p.tb.Errorf("signing in: %s, %v", answer.Status, err)
	}
}

// Token is an ID token of subject, had without a browser.
func (p *Provider) Token(subject, nonce string, claims map[string]any) string {
	p.tb.Helper()
	s := mockoidc.Session{SessionID: "0", OIDCNonce: nonce, User: person{&mockoidc.MockUser{Subject: subject}, claims}}
	token, err := s.IDToken(p.Config(), p.Keypair, p.Now())
	if err != nil {
		p.tb.Fatal(err)
	}
	return token
}
