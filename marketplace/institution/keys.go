package institution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// Bounds of fetching keys.
const (
	fetchWithin = 5 * time.Second  // each of the two documents
	fetchEvery  = 10 * time.Second // at most
	keysLast    = time.Hour
	maxDocument = 256 << 10
	maxKeys     = 64
)

// keys are those that an institution publishes. go-oidc's own set never forgets a key that was withdrawn while others verify,
// and fetches as often as a token names a key that it has not.
type keys struct {
	issuer string
	client *http.Client
	now    func() time.Time
	turn   chan struct{} // who holds its one token may fetch

	mu    sync.Mutex
	set   []jose.JSONWebKey
	got   time.Time // when set was fetched
	tried time.Time // when it was last tried
	err   error     // how that went
}

func newKeys(issuer string, client *http.Client, now func() time.Time) *keys {
	return &keys{issuer: issuer, client: client, now: now, turn: make(chan struct{}, 1)}
}

// VerifySignature implements [oidc.KeySet]: under the keys of the last hour, and, if none of them will do, under newer ones.
func (k *keys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	algs := make([]jose.SignatureAlgorithm, len(algorithms))
	for i, a := range algorithms {
		algs[i] = jose.SignatureAlgorithm(a)
	}
	signed, err := jose.ParseSignedCompact(token, algs)
	if err != nil {
		return nil, err
	}
	set, got := k.present()
	if payload, ok := verify(signed, set); ok {
		return payload, nil
	}
	if set, err = k.newer(ctx, got); err != nil {
		return nil, err
	}
	if payload, ok := verify(signed, set); ok {
		return payload, nil
	}
	return nil, errors.New("signed by no key of the institution's")
}

// verify returns what was signed, by one of the keys for signing that has the token's key id, if it has one. A key that names
// its algorithm signs with no other.
func verify(signed *jose.JSONWebSignature, set []jose.JSONWebKey) ([]byte, bool) {
	header := signed.Signatures[0].Header
	for _, key := range set {
		if header.KeyID != "" && key.KeyID != header.KeyID || key.Use != "" && key.Use != "sig" || key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(&key); err == nil {
			return payload, true
		}
	}
	return nil, false
}

// present are the keys, none if they are too old, and when they were fetched.
func (k *keys) present() ([]jose.JSONWebKey, time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if age := k.now().Sub(k.got); age < 0 || age >= keysLast {
		return nil, k.got
	}
	return k.set, k.got
}

// failed is why keys could not be had when they were last wanted, nil if they could.
func (k *keys) failed() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.err
}

// newer fetches keys, one caller at a time, unless they were after got, or just have been.
func (k *keys) newer(ctx context.Context, got time.Time) ([]jose.JSONWebKey, error) {
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	k.mu.Lock()
	set, last, err := k.set, k.got, k.err
	since := k.now().Sub(k.tried)
	k.mu.Unlock()
	if last.After(got) {
		return set, nil
	}
	if since >= 0 && since < fetchEvery {
		return nil, err
	}
	set, err = k.fetch(context.WithoutCancel(ctx)) // a caller who goes away must not make it fail for others
	k.mu.Lock()
	defer k.mu.Unlock()
	k.tried, k.err = k.now(), err
	if err == nil {
		k.set, k.got = set, k.tried
	}
	return set, err
}

// fetch asks the institution where its keys are (OpenID Connect Discovery 1.0, section 4), and fetches them.
func (k *keys) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
	if err != nil {
		return nil, err
	}
	var at struct {
		Keys string `json:"jwks_uri"`
	}
	if err := p.Claims(&at); err != nil {
		return nil, err
	}
	if !secure(at.Keys) {
		return nil, errors.New("jwks_uri does not begin with https")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, at.Keys, nil)
	if err != nil {
		return nil, err
	}
	answer, err := k.client.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", at.Keys, answer.Status)
	}
	return parseKeys(body)
}

func parseKeys(body []byte) ([]jose.JSONWebKey, error) {
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(body, &set); err != nil {
		return nil, fmt.Errorf("JWK set: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("a JWK set has at most %d keys", maxKeys)
	}
	var public []jose.JSONWebKey
	for _, key := range set.Keys {
		if key.Valid() && key.IsPublic() {
			public = append(public, key)
		}
	}
	return public, nil
}

// secure reports whether an address begins with https and has a host.
func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != ""
}

// newClient asks institutions, within bounds; base nil is http.DefaultTransport.
func newClient(base http.RoundTripper) *http.Client {
	if base == nil {
		base = http.DefaultTransport
	}
	return &http.Client{Timeout: fetchWithin, Transport: bounded{base}, CheckRedirect: noRedirect}
}

// bounded refuses to read more of an answer than a document may have.
type bounded struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = http.MaxBytesReader(nil, answer.Body, maxDocument)
	return answer, nil
}

// noRedirect keeps to the address that the operator named, and the one named there.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
