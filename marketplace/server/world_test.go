package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/server"
	"github.com/medmarket/medmarket/marketplace/store"
	"github.com/medmarket/medmarket/policy"
)

// The callers of the access matrix.
const (
	anonymous       = "anonymous"
	patient         = "patient"
	otherPatient    = "other patient"
	researcher      = "researcher"
	otherResearcher = "other researcher"
	committee       = "committee"
	otherCommittee  = "other committee"
	steward         = "steward"
	otherSteward    = "other hospital's steward"
	providerKey     = "provider"
	otherProvider   = "other hospital"
	marketKey       = "marketplace"
	miner           = "miner" // who seals blocks, and is registered for nothing
	operator        = "operator"
)

// callers lists them; roles are those on the chain.
var callers = map[string]ledger.Role{
	anonymous: 0, patient: 0, otherPatient: 0, miner: 0,
	researcher: ledger.RoleResearcher, otherResearcher: ledger.RoleResearcher,
	committee: ledger.RoleCommittee, otherCommittee: ledger.RoleCommittee,
	steward: ledger.RoleSteward, otherSteward: ledger.RoleSteward,
	providerKey: ledger.RoleProvider, otherProvider: ledger.RoleProvider, marketKey: ledger.RoleMarketplace, operator: ledger.RoleOperator,
}

// world is a marketplace and a hospital behind their real servers, on their
// real stores. Two patients are enrolled and the first has a preference; the
// policy is set; the researcher has a grant that the committee approved.
type world struct {
	*providertest.Hospital
	tb     testing.TB // of who calls
	market *marketplace.Market
	index  *recordindex.Index
	link   *link // between the two
	shelf  *shelf
	chain  *chain
	desk   *desk // of institutions
	log    *providertest.Buffer
	shift  atomic.Int64 // of the servers' clock against ours, nanoseconds
	keys   map[string]*ledger.Key
	grant  ledger.SignedDocument

	book *store.Market

	marketAt, clinicAt         *bufconn.Listener
	marketServer, clinicServer *server.Server
	files                      []string // of the stores

	configure func(*server.Config) // before they start; nil: as they are
}

// link is the way to the hospital. Break, if set, is asked before each call.
type link struct {
	*provider.Node
	Break func() error
}

func (l *link) Describe(ctx context.Context) (provider.Description, error) {
	if l.Break != nil {
		if err := l.Break(); err != nil {
			return provider.Description{}, err
		}
	}
	return l.Node.Describe(ctx)
}

// newWorld opens a world; more registers further services on the marketplace's server.
func newWorld(tb testing.TB, more ...func(*grpc.Server)) *world {
	tb.Helper()
	discard := slog.New(slog.DiscardHandler)
	files := []string{filepath.Join(tb.TempDir(), "hospital.db"), filepath.Join(tb.TempDir(), "market.db")}
	hospital, err := store.OpenProvider(tb.Context(), store.Config{File: files[0], Log: discard})
	ok(tb, err)
	tb.Cleanup(func() { ok(tb, hospital.Close()) })
	book, err := store.OpenMarket(tb.Context(), store.Config{File: files[1], Log: discard})
	ok(tb, err)
	tb.Cleanup(func() { ok(tb, book.Close()) })

	w := &world{
		Hospital: providertest.Open(tb, hospital, noise.New(), []providertest.Record{{Patient: 1, Female: true}, {Patient: 2}}),
		tb:       tb, shelf: &shelf{}, desk: newDesk(tb), log: &providertest.Buffer{}, keys: map[string]*ledger.Key{},
	}
	w.book, w.files = book, files
	w.index = w.newIndex(hospital)
	w.chain, w.link = &chain{Chain: w.Chain}, &link{Node: w.Node}
	w.people()
	w.market, err = marketplace.New(marketplace.Config{
		Key: w.keys[marketKey], Domain: w.Domain, Store: book, Chain: w.chain, Now: w.Clock.Now, Log: discard,
		Hospitals: map[string]marketplace.Hospital{providertest.Dataset: w.link}, Vocabulary: w.shelf, Diseases: w.Diseases(),
		VisaIssuers: w.Issuers, Visas: w.Office,
	})
	ok(tb, err)
	tb.Cleanup(w.market.Close)
	w.settle()
	w.serve(more)
	return w
}

func (w *world) people() {
	for name, role := range callers {
		w.keys[name] = providertest.NewKey(w.tb)
		switch name {
		case patient:
			w.keys[name] = w.Patient(1)
		case otherPatient:
			w.keys[name] = w.Patient(2)
		case researcher:
			w.keys[name] = w.Researcher
		case committee:
			w.keys[name] = w.Committee
		case steward:
			w.keys[name] = w.Steward
		case providerKey:
			w.keys[name] = w.Key
		case marketKey:
			w.keys[name] = w.Market
		}
		if role != 0 {
			org := providertest.Organisation
			if name == otherSteward || name == otherCommittee || name == otherProvider {
				org = ledger.HashBytes([]byte("another hospital"))
			}
			w.chain.Enter(ledger.Participant{Address: w.keys[name].Address(), Roles: role, Organisation: org})
			if role.Has(ledger.RoleResearcher) {
				w.chain.SetEscrow(w.keys[name].Address(), w.Market.Address(), escrow)
			}
		}
	}
}

func (w *world) settle() {
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1)
	ok(w.tb, w.SetPolicy(w.tb.Context(), w.SignPolicy(w.Policy())))
	g := w.Grant()
	w.grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
	id, err := w.market.RequestGrant(w.tb.Context(), w.grant)
	ok(w.tb, err)
	ok(w.tb, w.market.ApproveGrant(w.tb.Context(), id, w.approval(w.Committee, g, w.grant)))
}

// approval is k's signature over the terms of g.
func (w *world) approval(k *ledger.Key, g policy.Grant, signed ledger.SignedDocument) ledger.Signature {
	w.tb.Helper()
	terms, err := marketplace.Terms(g, signed)
	ok(w.tb, err)
	digest, err := marketplace.TermsDigest(w.Domain, terms)
	ok(w.tb, err)
	return k.Sign(digest)
}

// origin is where both servers say that they are.
const origin = "https://medmarket.example"

// serve starts both servers; they started a minute and a half ago.
func (w *world) serve(more []func(*grpc.Server)) {
	w.shift.Store(int64(-90 * time.Second))
	cfg := server.Config{
		Limits: server.Limits{PerKey: 1e4, PerAddress: 1e4}, // no test but those of limits is too quick
		Origin: origin, Domain: w.Domain, Participant: w.chain.Participant, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
		Now:          func() time.Time { return time.Now().Add(time.Duration(w.shift.Load())) },
		Institutions: w.desk,
	}
	if w.configure != nil {
		w.configure(&cfg)
	}
	market, err := server.NewMarket(cfg, w.market)
	ok(w.tb, err)
	for _, register := range more {
		register(market.Server)
	}
	clinic, err := server.NewProvider(cfg, w.Node, w.index)
	ok(w.tb, err)
	w.shift.Store(0)
	w.marketServer, w.clinicServer = market, clinic
	w.marketAt, w.clinicAt = listen(w.tb, market), listen(w.tb, clinic)
}

func listen(tb testing.TB, s *server.Server) *bufconn.Listener {
	l := bufconn.Listen(1 << 20)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	tb.Cleanup(func() {
		s.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // it stopped before it began
			ok(tb, err)
		}
	})
	return l
}

// dial connects to one of the world's servers.
func (w *world) dial(l *bufconn.Listener, opts ...grpc.DialOption) *grpc.ClientConn {
	w.tb.Helper()
	conn, err := grpc.NewClient("passthrough:world", append(opts, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))...)
	ok(w.tb, err)
	tb := w.tb
	tb.Cleanup(func() { ok(tb, conn.Close()) })
	return conn
}

// as connects a caller, who signs everything unless anonymous.
func (w *world) as(name string, l *bufconn.Listener) *grpc.ClientConn {
	w.tb.Helper()
	if name == anonymous {
		return w.dial(l)
	}
	audience := w.market.Address()
	if l == w.clinicAt {
		audience = w.Address()
	}
	return w.dial(l, grpc.WithUnaryInterceptor(server.SignRequests(w.keys[name], w.Domain, audience)))
}

// reason is the reason of an error, "" for nil, and its code where it has none.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if info := infoOf(err); info != nil {
		return info.GetReason()
	}
	return status.Code(err).String()
}

// infoOf is the detail of an error that names its reason, nil if there is none.
func infoOf(err error) *errdetails.ErrorInfo {
	for _, d := range status.Convert(err).Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return info
		}
	}
	return nil
}

func ok(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
