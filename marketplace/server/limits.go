package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc/peer"

	"github.com/medmarket/medmarket/ledger"
)

// Limits bound how many requests are served of one caller, so that none can take the server from all others. Each may
// send a burst of four seconds' worth at once.
type Limits struct {
	// PerKey are requests a second of one key, on the average. Default DefaultPerKey.
	PerKey float64
	// PerAddress are those of one network address together (of one /64 in IPv6) that are not of a key which is known
	// here: anonymous ones, refused ones, pages. Default DefaultPerAddress.
	PerAddress float64
	// Proxied says that a proxy is in front of REST and pages and names in the last entry of X-Forwarded-For whom it
	// speaks for. Nobody else may reach them then: who does chooses an address. Default: no.
	Proxied bool
}

// What is served of one caller unless it is said otherwise, requests a second.
const (
	DefaultPerKey     = 100
	DefaultPerAddress = 50
	burstSeconds      = 4
	maxBuckets        = 50_000 // callers remembered at once; all others share one bucket
)

// limitError is a request too many.
type limitError struct{ wait time.Duration }

func (e *limitError) Error() string {
	return fmt.Sprintf("%s: wait %d s", errBusy.Error(), e.seconds())
}
func (e *limitError) Unwrap() error { return errBusy }

// seconds is how long to wait, rounded up.
func (e *limitError) seconds() int { return int(math.Ceil(e.wait.Seconds())) }

// limits are the buckets of one server.
type limits struct {
	proxied   bool
	keys      *buckets[ledger.Address]
	addresses *buckets[netip.Prefix]
}

func newLimits(l Limits, now func() time.Time) (*limits, error) {
	if l.PerKey == 0 {
		l.PerKey = DefaultPerKey
	}
	if l.PerAddress == 0 {
		l.PerAddress = DefaultPerAddress
	}
	for _, perSecond := range []float64{l.PerKey, l.PerAddress} {
		if !(perSecond > 0 && perSecond <= 1e6) {
			return nil, fmt.Errorf("server: a limit of %v requests a second: want more than 0 and at most 1,000,000", perSecond)
		}
	}
	return &limits{l.Proxied, newBuckets[ledger.Address](l.PerKey, now), newBuckets[netip.Prefix](l.PerAddress, now)}, nil
}

// key takes a request of a key.
func (l *limits) key(k ledger.Address) error { return limited(l.keys.take(k)) }

// stranger takes a request of whoever is at the other end of ctx.
func (l *limits) stranger(ctx context.Context) error {
	return limited(l.addresses.take(addressOf(ctx)))
}

// refused is err, with which a request was refused before it was known that somebody known here sends it, or that those are too many.
func (l *limits) refused(ctx context.Context, err error) error {
	if many := l.stranger(ctx); many != nil {
		return many
	}
	return err
}

func limited(wait time.Duration) error {
	if wait > 0 {
		return &limitError{wait}
	}
	return nil
}

// buckets are token buckets, one a caller, of which only those that are not full are kept.
type buckets[K comparable] struct {
	now   func() time.Time
	limit rate.Limit
	burst int

	mu     sync.Mutex
	of     map[K]*rate.Limiter
	others *rate.Limiter // of all for whom there was no room
	swept  time.Time
}

func newBuckets[K comparable](perSecond float64, now func() time.Time) *buckets[K] {
	burst := max(1, int(perSecond*burstSeconds))
	return &buckets[K]{
		now: now, limit: rate.Limit(perSecond), burst: burst,
		of: map[K]*rate.Limiter{}, others: rate.NewLimiter(rate.Limit(perSecond), burst),
	}
}

// take takes a token, or says how long it would be until there is one.
func (b *buckets[K]) take(k K) (wait time.Duration) {
	now := b.now()
	l := b.get(k, now)
	r := l.ReserveN(now, 1)
	if wait = r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (b *buckets[K]) get(k K, now time.Time) *rate.Limiter {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l, ok := b.of[k]; ok {
		return l
	}
	if len(b.of) >= maxBuckets {
		b.sweep(now)
	}
	if len(b.of) >= maxBuckets {
		return b.others
	}
	l := rate.NewLimiter(b.limit, b.burst)
	b.of[k] = l
	return l
}

// sweep forgets full buckets, once in the time in which each fills.
func (b *buckets[K]) sweep(now time.Time) {
	if now.Sub(b.swept) < burstSeconds*time.Second {
		return
	}
	b.swept = now
	for k, l := range b.of {
		if l.TokensAt(now) >= float64(b.burst) {
			delete(b.of, k)
		}
	}
}

type addressKey struct{}

// withAddress says where an HTTP request comes from.
func (l *limits) withAddress(r *http.Request) *http.Request {
	from := r.RemoteAddr
	if forwarded := r.Header.Values("X-Forwarded-For"); l.proxied && len(forwarded) > 0 {
		entries := strings.Split(forwarded[len(forwarded)-1], ",")
		from = strings.TrimSpace(entries[len(entries)-1])
	}
	return r.WithContext(context.WithValue(r.Context(), addressKey{}, prefix(from)))
}

// addressOf is the network address of who calls; all whose is unknown have the same.
func addressOf(ctx context.Context) netip.Prefix {
	if p, ok := ctx.Value(addressKey{}).(netip.Prefix); ok {
		return p
	}
	if p, ok := peer.FromContext(ctx); ok && p.Addr != nil {
		return prefix(p.Addr.String())
	}
	return netip.Prefix{}
}

// prefix is an address, with or without a port, and of IPv6 the /64 that one subscriber has.
func prefix(text string) netip.Prefix {
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}
	}
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // within bounds
	return p
}

// pages serves pages to strangers, within their limit.
func (e *edge) pages(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = e.limits.withAddress(r)
		if many := (*limitError)(nil); errors.As(e.limits.stranger(r.Context()), &many) {
			w.Header().Set("Retry-After", strconv.Itoa(many.seconds()))
			http.Error(w, many.Error(), http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
