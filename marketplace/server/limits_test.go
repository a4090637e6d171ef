package server

import (
	"context"
	"net"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"google.golang.org/grpc/peer"

	"github.com/medmarket/medmarket/ledger"
)

// A caller has a burst of four seconds' worth, then what comes in with time; another has her own.
func TestBucketsFillWithTime(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	b := newBuckets[ledger.Address](2, func() time.Time { return now })
	one, other := ledger.Address{1}, ledger.Address{2}
	for i := range 8 {
		if wait := b.take(one); wait > 0 {
			t.Fatalf("request %d: wait %v", i+1, wait)
		}
	}
	for range 3 { // a refused one takes nothing
		if wait := b.take(one); wait != 500*time.Millisecond {
			t.Fatalf("one too many: wait %v, want 0.5 s", wait)
		}
	}
	if wait := b.take(other); wait > 0 {
		t.Errorf("another: wait %v", wait)
	}
	now = now.Add(500 * time.Millisecond)
	if wait := b.take(one); wait > 0 {
		t.Errorf("half a second later: wait %v", wait)
	}
	if wait := b.take(one); wait == 0 {
		t.Error("and one more was let through")
	}
}

// The table is bounded: who comes when it is full shares one bucket with all others, until some are full again and forgotten.
func TestBucketsAreBounded(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	b := newBuckets[int](1, func() time.Time { return now })
	for i := range maxBuckets {
		b.take(i)
	}
	for i := range burstSeconds {
		if wait := b.take(maxBuckets + i); wait > 0 {
			t.Fatalf("newcomer %d: wait %v", i, wait)
		}
	}
	if wait := b.take(2 * maxBuckets); wait == 0 {
		t.Error("newcomers have more than one bucket")
	}
	if wait := b.take(7); wait > 0 {
		t.Error("who was there before them shares it")
	}
	if len(b.of) != maxBuckets {
		t.Errorf("%d buckets", len(b.of))
	}
	now = now.Add(burstSeconds * time.Second)
	if wait := b.take(2 * maxBuckets); wait > 0 || len(b.of) > 2 {
		t.Errorf("later: wait %v, %d buckets", wait, len(b.of))
	}
}

func TestAddressesOfCallers(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.7:4711": "192.0.2.7/32", "192.0.2.7": "192.0.2.7/32", "[::ffff:192.0.2.7]:1": "192.0.2.7/32",
		"[2001:db8:1:2:3:4:5:6]:80": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "[fe80::1%eth0]:1": "fe80::/64",
		"bufconn": "invalid Prefix", "": "invalid Prefix",
	} {
		if got := prefix(text).String(); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for name, c := range map[string]struct {
		proxied   bool
		forwarded []string
		want      string
	}{
		"nobody in front":            {false, []string{"203.0.113.9"}, "192.0.2.1/32"},
		"a proxy":                    {true, []string{"203.0.113.9"}, "203.0.113.9/32"},
		"what the caller says":       {true, []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9/32"},
		"what the caller says first": {true, []string{"198.51.100.1", "203.0.113.9"}, "203.0.113.9/32"},
		"no header":                  {true, nil, "192.0.2.1/32"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil) // from 192.0.2.1:1234
		r.Header["X-Forwarded-For"] = c.forwarded
		l := &limits{proxied: c.proxied}
		if got := addressOf(l.withAddress(r).Context()).String(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	ctx := peer.NewContext(t.Context(), &peer.Peer{Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 3), Port: 9}})
	if got := addressOf(ctx).String(); got != "192.0.2.3/32" {
		t.Errorf("over gRPC: %s", got)
	}
	if got := addressOf(context.WithoutCancel(t.Context())); got != (netip.Prefix{}) {
		t.Errorf("nowhere: %s", got)
	}
}

func TestLimitsWantSense(t *testing.T) {
	for _, l := range []Limits{{PerKey: -1}, {PerAddress: -1}, {PerKey: 2e6}} {
		if _, err := newLimits(l, time.Now); err == nil {
			t.Errorf("%+v was taken", l)
		}
	}
}
