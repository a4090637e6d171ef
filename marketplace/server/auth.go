package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
)

// Metadata keys of a signed request.
const (
	mdAddress   = "medmarket-address"
	mdNonce     = "medmarket-nonce"
	mdIssuedAt  = "medmarket-issued-at-ms"
	mdSignature = "medmarket-signature"
)

var signatureKeys = [4]string{mdAddress, mdNonce, mdIssuedAt, mdSignature}

// Bounds on freshness.
const (
	maxAge    = 60 * time.Second
	maxAhead  = 15 * time.Second
	maxNonces = 500_000 // remembered at once; a caller beyond that is turned away
	// maxOfOneKey are those of one key, so that no single one can turn all others away. A key costs nothing, but to
	// check the signatures of four of them at this rate costs us more than there is time for.
	maxOfOneKey = maxNonces / 4
)

var (
	errUnauthenticated = errors.New("request signature")
	errReplayed        = errors.New("nonce was used before")
	errStaleRequest    = errors.New("request was not signed within the last minute, or before this server started")
	errBusy            = errors.New("too many requests within a minute")
)

// SignRequests returns a client interceptor that signs every call with k, for
// the party (a marketplace or a hospital) with the given address.
func SignRequests(k *ledger.Key, d ledger.Domain, audience ledger.Address) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		body, err := bodyHash(req)
		if err != nil {
			return err
		}
		values, err := sign(k, d, ledger.Request{Audience: audience, Method: method, BodyHash: body})
		if err != nil {
			return err
		}
		for i, key := range signatureKeys {
			ctx = metadata.AppendToOutgoingContext(ctx, key, values[i])
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

// SignHTTP adds to r, a REST request with the given body, the headers that sign
// it with k for the party with the given address.
func SignHTTP(r *http.Request, body []byte, k *ledger.Key, d ledger.Domain, audience ledger.Address) error {
	values, err := sign(k, d, ledger.Request{
		Audience: audience, Method: restMethod(r.Method, r.URL.RequestURI()), BodyHash: ledger.HashBytes(body),
	})
	if err != nil {
		return err
	}
	for i, key := range signatureKeys {
		r.Header.Set(key, values[i])
	}
	return nil
}

// restMethod is what is signed in place of a method over REST.
func restMethod(verb, target string) string { return verb + " " + target }

// sign signs r now under a new nonce and returns the values of signatureKeys.
func sign(k *ledger.Key, d ledger.Domain, r ledger.Request) (values [4]string, err error) {
	r.IssuedAtMS = time.Now().UnixMilli()
	if _, err := rand.Read(r.Nonce[:]); err != nil {
		return values, err
	}
	signature := text(k.Sign(d.RequestDigest(r)))
	return [4]string{k.Address().String(), r.Nonce.String(), strconv.FormatInt(r.IssuedAtMS, 10), signature}, nil
}

// authenticator checks signed requests.
type authenticator struct {
	domain  ledger.Domain
	own     ledger.Address // whom requests must be for
	now     func() time.Time
	wait    func(context.Context, time.Duration) error // until now has moved on by so much, or the context's end
	started time.Time

	mu     sync.Mutex
	nonces map[ledger.Hash]used
	of     map[ledger.Address]int // how many of nonces are of a key
	swept  time.Time
	// floor is when the latest request was signed whose nonce is forgotten. What is not later was fresh once and must not
	// be again, should the machine's clock be set back.
	floor time.Time
}

// used is a nonce that was used.
type used struct {
	key    ledger.Address
	issued time.Time // when its request was signed
	forget time.Time // when it may be
}

func newAuthenticator(d ledger.Domain, own ledger.Address, now func() time.Time) *authenticator {
	return &authenticator{domain: d, own: own, now: now, wait: wait, started: now(), nonces: map[ledger.Hash]used{}, of: map[ledger.Address]int{}}
}

// caller returns the key that signed a gRPC request, see check.
func (a *authenticator) caller(ctx context.Context, method string, req any) (ledger.Address, error) {
	body, err := bodyHash(req)
	if err != nil {
		return ledger.Address{}, err
	}
	md, _ := metadata.FromIncomingContext(ctx)
	return a.check(ctx, md.Get, method, body)
}

// check returns the key that signed a request for method (over REST: verb and
// target) with a body of that hash; get returns all values of a key. A nonce is
// remembered for as long as its request is fresh; requests signed before the
// server started are refused, so that none need be kept on disk. For that to
// hold, a request that is ahead of our clock waits for it: else it could be
// sent again to a server that started in between.
func (a *authenticator) check(ctx context.Context, get func(string) []string, method string, body ledger.Hash) (ledger.Address, error) {
	r, claimed, sig, err := requestFrom(get)
	if err != nil {
		return claimed, fmt.Errorf("%w: %w", errUnauthenticated, err)
	}
	r.Audience, r.Method, r.BodyHash = a.own, method, body
	signer, err := ledger.Recover(a.domain.RequestDigest(r), sig)
	if err != nil {
		return claimed, fmt.Errorf("%w: %w", errUnauthenticated, err)
	}
	if signer != claimed {
		return claimed, fmt.Errorf("%w: not by %s for this server, method, message and chain", errUnauthenticated, claimed)
	}
	now, issued := a.now(), time.UnixMilli(r.IssuedAtMS)
	if issued.Before(a.started) || now.Sub(issued) > maxAge || issued.Sub(now) > maxAhead {
		return claimed, errStaleRequest
	}
	if err := a.use(signer, r.Nonce, issued, now); err != nil {
		return claimed, err
	}
	return signer, a.wait(ctx, issued.Sub(now))
}

// wait returns after d, or with the error of ctx if that ends first.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (a *authenticator) use(key ledger.Address, nonce ledger.Hash, issued, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep(now)
	if _, used := a.nonces[nonce]; used {
		return errReplayed
	}
	if !issued.After(a.floor) {
		return errStaleRequest
	}
	if len(a.nonces) >= maxNonces || a.of[key] >= maxOfOneKey {
		return errBusy
	}
	a.nonces[nonce] = used{key, issued, now.Add(maxAge + maxAhead)}
	a.of[key]++
	return nil
}

// sweep forgets nonces once a minute.
func (a *authenticator) sweep(now time.Time) {
	if now.Sub(a.swept) <= maxAge {
		return
	}
	for n, u := range a.nonces {
		if !now.After(u.forget) {
			continue
		}
		if delete(a.nonces, n); u.issued.After(a.floor) {
			a.floor = u.issued
		}
		if a.of[u.key]--; a.of[u.key] == 0 {
			delete(a.of, u.key)
		}
	}
	a.swept = now
}

func requestFrom(get func(string) []string) (r ledger.Request, claimed ledger.Address, sig ledger.Signature, err error) {
	var values [4]string
	for i, key := range signatureKeys {
		v := get(key)
		if len(v) != 1 {
			return r, claimed, sig, fmt.Errorf("metadata %s is needed once", key)
		}
		values[i] = v[0]
	}
	if claimed, err = ledger.ParseAddress(values[0]); err != nil {
		return r, claimed, sig, err
	}
	if r.Nonce, err = ledger.ParseHash(values[1]); err != nil {
		return r, claimed, sig, err
	}
	if r.IssuedAtMS, err = strconv.ParseInt(values[2], 10, 64); err != nil {
		return r, claimed, sig, fmt.Errorf("metadata %s: %w", mdIssuedAt, err)
	}
	err = sig.UnmarshalText([]byte(values[3]))
	return r, claimed, sig, err
}

// bodyHash is the SHA-256 of the message's deterministic wire form.
func bodyHash(req any) (ledger.Hash, error) {
	m, ok := req.(proto.Message)
	if !ok {
		return ledger.Hash{}, fmt.Errorf("%w: %T is not a message", errUnauthenticated, req)
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return ledger.Hash{}, err
	}
	return sha256.Sum256(b), nil
}

func text(s ledger.Signature) string {
	b, _ := s.MarshalText() // hex cannot fail
	return string(b)
}
