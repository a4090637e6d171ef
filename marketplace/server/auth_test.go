package server

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

var authDomain = ledger.Domain{ChainID: 7, Genesis: ledger.HashBytes([]byte("genesis"))}

const authMethod = "/medmarket.v1.GrantService/ListGrants"

// numbered is the n-th nonce.
func numbered(n int) (h ledger.Hash) {
	binary.BigEndian.PutUint64(h[:], uint64(n))
	return h
}

func newKey(tb testing.TB) *ledger.Key {
	tb.Helper()
	k, err := ledger.NewKey()
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

// received is a call as the server sees it, signed by k.
func received(ctx context.Context, k *ledger.Key, nonce ledger.Hash, issued time.Time) context.Context {
	body, err := bodyHash(&pb.ListGrantsRequest{})
	if err != nil {
		panic(err)
	}
	r := ledger.Request{Method: authMethod, BodyHash: body, Nonce: nonce, IssuedAtMS: issued.UnixMilli()}
	return metadata.NewIncomingContext(ctx, metadata.Pairs(
		mdAddress, k.Address().String(), mdNonce, nonce.String(),
		mdIssuedAt, strconv.FormatInt(r.IssuedAtMS, 10), mdSignature, text(k.Sign(authDomain.RequestDigest(r)))))
}

// replay is a game of sending signed requests to a server that starts again
// now and then, on a clock that moves only when someone waits.
type replay struct {
	key    *ledger.Key
	now    time.Time
	server *authenticator
	sent   []request
}

type request struct {
	ctx    context.Context
	issued time.Time
	passed bool
}

func (r *replay) start() {
	r.now = r.now.Add(time.Millisecond) // no program starts faster
	r.server = newAuthenticator(authDomain, ledger.Address{}, func() time.Time { return r.now })
	r.server.wait = func(_ context.Context, d time.Duration) error {
		r.now = r.now.Add(max(d, 0))
		return nil
	}
}

// send sends the i-th request, which must pass iff it is fresh and new.
func (r *replay) send(t *rapid.T, i int) {
	q := &r.sent[i]
	age := r.now.Sub(q.issued)
	fresh := !q.issued.Before(r.server.started) && age <= maxAge && age >= -maxAhead
	_, err := r.server.caller(q.ctx, authMethod, &pb.ListGrantsRequest{})
	switch {
	case err == nil && q.passed:
		t.Fatalf("request %d passed again", i)
	case err == nil && !fresh:
		t.Fatalf("request %d passed, %v old", i, age)
	case err != nil && fresh && !q.passed:
		t.Fatalf("request %d, %v old, did not pass: %v", i, age, err)
	}
	q.passed = q.passed || err == nil
}

// Whatever callers' clocks say and however often the server starts again: a
// signed request passes once, and passes if it is fresh and was signed since
// the server started.
func TestRequestPassesOnce(t *testing.T) {
	key := newKey(t)
	rapid.Check(t, func(t *rapid.T) {
		r := &replay{key: key, now: time.Unix(1_800_000_000, 0)}
		r.start()
		t.Repeat(map[string]func(*rapid.T){
			"sign": func(t *rapid.T) {
				off := rapid.OneOf(rapid.Int64Range(-500, 16_000), rapid.Int64Range(-80_000, 80_000)).Draw(t, "off by ms")
				issued := r.now.Add(time.Duration(off) * time.Millisecond)
				r.sent = append(r.sent, request{ctx: received(context.Background(), key, numbered(len(r.sent)), issued), issued: issued})
				r.send(t, len(r.sent)-1)
			},
			"again": func(t *rapid.T) {
				if len(r.sent) == 0 {
					t.Skip("nothing was sent yet")
				}
				r.send(t, rapid.IntRange(0, len(r.sent)-1).Draw(t, "request"))
			},
			"wait": func(t *rapid.T) {
				ms := rapid.OneOf(rapid.Int64Range(1, 10_000), rapid.Int64Range(1, 90_000)).Draw(t, "ms")
				r.now = r.now.Add(time.Duration(ms) * time.Millisecond)
			},
			"restart": func(*rapid.T) { r.start() },
		})
	})
}

// However the machine's clock is set, a signed request passes once while the server runs.
func TestG2RequestPassesOnceWhateverTheClock(t *testing.T) {
	key := newKey(t)
	rapid.Check(t, func(t *rapid.T) {
		r := &replay{key: key, now: time.Unix(1_800_000_000, 0)}
		r.start()
		send := func(i int) {
			if _, err := r.server.caller(r.sent[i].ctx, authMethod, &pb.ListGrantsRequest{}); err == nil && r.sent[i].passed {
				t.Fatalf("request %d passed again", i)
			} else if err == nil {
				r.sent[i].passed = true
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"sign": func(t *rapid.T) {
				off := rapid.Int64Range(-61_000, 16_000).Draw(t, "off by ms")
				r.sent = append(r.sent, request{ctx: received(context.Background(), key, numbered(len(r.sent)), r.now.Add(time.Duration(off)*time.Millisecond))})
				send(len(r.sent) - 1)
			},
			"again": func(*rapid.T) {
				for i := range r.sent {
					send(i)
				}
			},
			"set": func(t *rapid.T) {
				r.now = r.now.Add(time.Duration(rapid.Int64Range(-200, 200).Draw(t, "seconds")) * time.Second)
			},
		})
	})
}

// The table of nonces has a bound, and room again once nonces may be forgotten.
func TestNonceTableIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	now := time.Now()
	a := newAuthenticator(authDomain, ledger.Address{}, func() time.Time { return now })
	key := func(i int) (k ledger.Address) {
		k[0] = byte(i / maxOfOneKey)
		return k
	}
	for i := range maxNonces {
		if err := a.use(key(i), numbered(i), now, now); err != nil {
			t.Fatalf("nonce %d of %d: %v", i, maxNonces, err)
		}
		if i == maxOfOneKey-1 { // one key has all that one may have; another has room
			if err := a.use(key(i), numbered(maxNonces), now, now); !errors.Is(err, errBusy) {
				t.Errorf("one more of one key: got %v, want %v", err, errBusy)
			}
		}
	}
	if err := a.use(ledger.Address{9}, numbered(maxNonces), now, now); !errors.Is(err, errBusy) {
		t.Errorf("one more: got %v, want %v", err, errBusy)
	}
	if err := a.use(key(0), numbered(0), now, now); !errors.Is(err, errReplayed) {
		t.Errorf("one of them: got %v, want %v", err, errReplayed)
	}
	if err := a.use(key(maxNonces-1), numbered(0), now, now); !errors.Is(err, errReplayed) {
		t.Errorf("one of them, by another key: got %v, want %v", err, errReplayed)
	}
	now = now.Add(maxAge + maxAhead + time.Second)
	if err := a.use(key(0), numbered(maxNonces), now, now); err != nil {
		t.Errorf("one more, later: %v", err)
	}
	if len(a.nonces) != 1 || len(a.of) != 1 {
		t.Errorf("%d nonces of %d keys are remembered, want 1 of 1", len(a.nonces), len(a.of))
	}
}

// The longest that a request can be fresh is from the caller's clock being
// ahead of ours until she is stale: its nonce must be remembered all that time.
func TestNonceIsRememberedWhileFresh(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	a := newAuthenticator(authDomain, ledger.Address{}, func() time.Time { return now })
	a.wait = func(context.Context, time.Duration) error { return nil }
	ctx := received(t.Context(), newKey(t), numbered(1), now.Add(maxAhead))
	if _, err := a.caller(ctx, authMethod, &pb.ListGrantsRequest{}); err != nil {
		t.Fatal(err)
	}
	now = now.Add(maxAhead + maxAge)
	if _, err := a.caller(ctx, authMethod, &pb.ListGrantsRequest{}); !errors.Is(err, errReplayed) {
		t.Errorf("at its last moment: got %v, want %v", err, errReplayed)
	}
	now = now.Add(time.Millisecond)
	if _, err := a.caller(ctx, authMethod, &pb.ListGrantsRequest{}); !errors.Is(err, errStaleRequest) {
		t.Errorf("after it: got %v, want %v", err, errStaleRequest)
	}
}
