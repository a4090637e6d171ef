package server_test

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// signed is a request before it is sent, with all that can be wrong about it.
type signed struct {
	key      *ledger.Key
	domain   ledger.Domain
	audience ledger.Address
	method   string        // that is signed for
	body     proto.Message // that is signed for
	nonce    ledger.Hash
	issued   time.Time
	headers  func(map[string][]string) // has the last word; nil: nothing is changed
}

// send calls GetGrant with it.
func (s signed) send(w *world, body proto.Message) error {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(s.body)
	ok(w.tb, err)
	sig, err := s.key.Sign(s.domain.RequestDigest(ledger.Request{
		Audience: s.audience, Method: s.method, BodyHash: sha256.Sum256(b), Nonce: s.nonce, IssuedAtMS: s.issued.UnixMilli(),
	})).MarshalText()
	ok(w.tb, err)
	h := map[string][]string{
		"medmarket-address": {s.key.Address().String()}, "medmarket-nonce": {s.nonce.String()},
		"medmarket-issued-at-ms": {strconv.FormatInt(s.issued.UnixMilli(), 10)}, "medmarket-signature": {string(sig)},
	}
	if s.headers != nil {
		s.headers(h)
	}
	ctx := metadata.NewOutgoingContext(w.tb.Context(), metadata.MD(h))
	return w.as(anonymous, w.marketAt).Invoke(ctx, pb.GrantService_GetGrant_FullMethodName, body, &pb.GetGrantResponse{})
}

func TestSignedRequest(t *testing.T) {
	w := newWorld(t)
	body := grantByID(w, "").(*pb.GetGrantRequest)
	other := ledger.HashBytes([]byte("another"))
	header := func(key string, values ...string) func(*signed) {
		return func(s *signed) { s.headers = func(h map[string][]string) { h[key] = values } }
	}
	change := func(key string, f func(string) string) func(*signed) {
		return func(s *signed) { s.headers = func(h map[string][]string) { h[key] = []string{f(h[key][0])} } }
	}
	for name, c := range map[string]struct {
		change func(*signed)
		want   string
	}{
		"right":                 {func(*signed) {}, ""},
		"another's address":     {header("medmarket-address", w.Committee.Address().String()), "UNAUTHENTICATED"},
		"signed by another key": {func(s *signed) { s.key = w.keys[patient] }, "FORBIDDEN"},
		"unknown key":           {func(s *signed) { s.key = providertest.NewKey(t) }, "FORBIDDEN"},
		"other method":          {func(s *signed) { s.method = pb.GrantService_ApproveGrant_FullMethodName }, "UNAUTHENTICATED"},
		"method without slash":  {func(s *signed) { s.method = s.method[1:] }, "UNAUTHENTICATED"},
		"changed body":          {func(s *signed) { s.body = &pb.GetGrantRequest{Id: other[:]} }, "UNAUTHENTICATED"},
		"empty body":            {func(s *signed) { s.body = &pb.GetGrantRequest{} }, "UNAUTHENTICATED"},
		"other genesis":         {func(s *signed) { s.domain.Genesis = other }, "UNAUTHENTICATED"},
		"another server":        {func(s *signed) { s.audience = ledger.Address(other[:20]) }, "UNAUTHENTICATED"},
		"other chain id":        {func(s *signed) { s.domain.ChainID++ }, "UNAUTHENTICATED"},
		"other nonce":           {header("medmarket-nonce", other.String()), "UNAUTHENTICATED"},
		"other time":            {change("medmarket-issued-at-ms", func(v string) string { return v[:len(v)-1] + string('0'+(v[len(v)-1]-'0'+1)%10) }), "UNAUTHENTICATED"},
		"no address":            {header("medmarket-address"), "UNAUTHENTICATED"},
		"no nonce":              {header("medmarket-nonce"), "UNAUTHENTICATED"},
		"no time":               {header("medmarket-issued-at-ms"), "UNAUTHENTICATED"},
		"no signature":          {header("medmarket-signature"), "UNAUTHENTICATED"},
		"two addresses":         {header("medmarket-address", w.Researcher.Address().String(), w.Committee.Address().String()), "UNAUTHENTICATED"},
		"upper-case signature":  {change("medmarket-signature", func(v string) string { return "0x" + strings.ToUpper(v[2:]) }), "UNAUTHENTICATED"},
		"short signature":       {change("medmarket-signature", func(v string) string { return v[:len(v)-2] }), "UNAUTHENTICATED"},
		"signature of zeros":    {header("medmarket-signature", "0x"+strings.Repeat("00", 65)), "UNAUTHENTICATED"},
		"time in words":         {header("medmarket-issued-at-ms", "now"), "UNAUTHENTICATED"},
		"time beyond int64":     {header("medmarket-issued-at-ms", "9223372036854775808"), "UNAUTHENTICATED"},
		"stale":                 {func(s *signed) { s.issued = s.issued.Add(-61 * time.Second) }, "REQUEST_STALE"},
		"almost stale":          {func(s *signed) { s.issued = s.issued.Add(-30 * time.Second) }, ""},
		"before the start":      {func(s *signed) { s.issued = s.issued.Add(-2 * time.Minute) }, "REQUEST_STALE"},
		"future":                {func(s *signed) { s.issued = s.issued.Add(time.Minute) }, "REQUEST_STALE"},
		"far future":            {func(s *signed) { s.issued = time.UnixMilli(1<<63 - 1) }, "REQUEST_STALE"},
		"far past":              {func(s *signed) { s.issued = time.UnixMilli(-1 << 63) }, "REQUEST_STALE"},
	} {
		t.Run(name, func(t *testing.T) {
			s := signed{
				key: w.Researcher, domain: w.Domain, audience: w.market.Address(), method: pb.GrantService_GetGrant_FullMethodName, body: body,
				nonce: ledger.HashBytes([]byte(name)), issued: time.Now(),
			}
			c.change(&s)
			if err := s.send(w, body); reason(err) != c.want {
				t.Errorf("got %q (%v), want %q", reason(err), err, c.want)
			}
		})
	}
}

func TestReplayedNonce(t *testing.T) {
	w := newWorld(t)
	body := grantByID(w, "").(*pb.GetGrantRequest)
	s := signed{
		key: w.Researcher, domain: w.Domain, audience: w.market.Address(), method: pb.GrantService_GetGrant_FullMethodName, body: body,
		nonce: ledger.HashBytes([]byte("once")), issued: time.Now(),
	}
	ok(t, s.send(w, body))
	if got := reason(s.send(w, body)); got != "REQUEST_REPLAYED" {
		t.Errorf("sent again: got %q, want REQUEST_REPLAYED", got)
	}
	s.issued = time.Now().Add(time.Millisecond)
	if got := reason(s.send(w, body)); got != "REQUEST_REPLAYED" {
		t.Errorf("signed anew under the same nonce: got %q, want REQUEST_REPLAYED", got)
	}
}

// A signature that does not check out must not use up the nonce that it names:
// else anyone could spoil another's request.
func TestBadSignatureUsesNoNonce(t *testing.T) {
	w := newWorld(t)
	body := grantByID(w, "").(*pb.GetGrantRequest)
	s := signed{
		key: w.Researcher, domain: w.Domain, audience: w.market.Address(), method: pb.GrantService_ApproveGrant_FullMethodName, body: body,
		nonce: ledger.HashBytes([]byte("hers")), issued: time.Now(),
	}
	if got := reason(s.send(w, body)); got != "UNAUTHENTICATED" {
		t.Fatalf("got %q, want UNAUTHENTICATED", got)
	}
	s.method = pb.GrantService_GetGrant_FullMethodName
	ok(t, s.send(w, body))
}

// The reason of a request that ends while it is held back is the caller's own.
func TestAheadOfTheClockWaits(t *testing.T) {
	w := newWorld(t)
	body := grantByID(w, "").(*pb.GetGrantRequest)
	s := signed{
		key: w.Researcher, domain: w.Domain, audience: w.market.Address(), method: pb.GrantService_GetGrant_FullMethodName, body: body,
		nonce: ledger.HashBytes([]byte("ahead")), issued: time.Now().Add(200 * time.Millisecond),
	}
	ok(t, s.send(w, body))
	if now := time.Now(); now.UnixMilli() < s.issued.UnixMilli() {
		t.Errorf("answered %v before it was signed", s.issued.Sub(now))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	w.tb = withContext{t, ctx}
	s.nonce, s.issued = ledger.HashBytes([]byte("hung up")), time.Now().Add(10*time.Second)
	if got := reason(s.send(w, body)); got != "DeadlineExceeded" {
		t.Errorf("got %q, want DeadlineExceeded", got)
	}
}

// withContext is a test whose calls end with ctx.
type withContext struct {
	testing.TB
	ctx context.Context
}

func (w withContext) Context() context.Context { return w.ctx }
