package providerrpc_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"

	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/providerrpc"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/policy"
)

var _ marketplace.Hospital = (*providerrpc.Hospital)(nil)

// world is a hospital with its policy, one consenting patient and a grant, on
// its real store, served over TLS on loopback.
type world struct {
	*providertest.Hospital
	tb           testing.TB
	store        *gate
	address      string
	market, node *providerrpc.Identity
}

// gate counts what the node reads of its store before it does anything else,
// and may fail there or wait.
type gate struct {
	provider.Store
	reads  atomic.Int32
	Before func(context.Context) error // nil: nothing fails
}

func (g *gate) pass(ctx context.Context) error {
	g.reads.Add(1)
	if g.Before == nil {
		return nil
	}
	return g.Before(ctx)
}

func (g *gate) Policy(ctx context.Context) (ledger.SignedDocument, error) {
	if err := g.pass(ctx); err != nil {
		return ledger.SignedDocument{}, err
	}
	return g.Store.Policy(ctx)
}

func (g *gate) Charged(ctx context.Context, request ledger.Hash) (provider.Charged, bool, error) {
	if err := g.pass(ctx); err != nil {
		return provider.Charged{}, false, err
	}
	return g.Store.Charged(ctx, request)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldUnder(t, func(p policy.DatasetPolicy) policy.DatasetPolicy { return p })
}

// newWorldUnder has another policy of the hospital's.
func newWorldUnder(t *testing.T, change func(policy.DatasetPolicy) policy.DatasetPolicy) *world {
	t.Helper()
	s, err := store.OpenProvider(t.Context(), store.Config{File: filepath.Join(t.TempDir(), "hospital.db"), Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	w := &world{tb: t, store: &gate{Store: s}, market: identity(t, "marketplace"), node: identity(t, "hospital")}
	w.Hospital = providertest.Open(t, w.store, noise.New(), []providertest.Record{{Patient: 1, Female: true}})
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1)
	p := change(w.Policy())
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.Metadata = provider.Under(w.Metadata, p)
	w.store.reads.Store(0) // what the steward had it read does not count
	w.serve()
	return w
}

func (w *world) serve() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ok(w.tb, err)
	w.address = l.Addr().String()
	s := providerrpc.NewServer(w.Node, w.node, w.market.Fingerprint())
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	w.tb.Cleanup(func() {
		s.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // it stopped before it began
			ok(w.tb, err)
		}
	})
}

// dial connects as own to a node that should show the pinned certificate.
func (w *world) dial(own *providerrpc.Identity, pinned ledger.Hash) *providerrpc.Hospital {
	w.tb.Helper()
	h, err := providerrpc.Dial(w.address, own, pinned)
	ok(w.tb, err)
	w.tb.Cleanup(func() { ok(w.tb, h.Close()) })
	return h
}

// link is the connection as it should be.
func (w *world) link() *providerrpc.Hospital { return w.dial(w.market, w.node.Fingerprint()) }

func identity(tb testing.TB, name string) *providerrpc.Identity {
	tb.Helper()
	i, err := providerrpc.ParseIdentity(pemOf(tb, name))
	ok(tb, err)
	return i
}

func pemOf(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := providerrpc.NewIdentity(name)
	ok(tb, err)
	return b
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
