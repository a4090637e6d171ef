package marketplace_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/store" //nolint:depguard // tests of the core stand on the real store
	"github.com/medmarket/medmarket/policy"
)

func TestMain(m *testing.M) {
	// glog, which google/differential-privacy logs with, never ends its flusher.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// loss is what the usual query asks to spend, in nano-rho.
const loss = 100_000

// chain is a chain with contracts that refuse what the real ones refuse.
type chain struct {
	*providertest.Chain
	mu        sync.Mutex
	settled   map[ledger.Address]uint64 // by researcher
	final     map[ledger.Address]uint64 // of settled
	burns     []uint64                  // work burnt by each settlement that burnt
	registers []ledger.Participant
	approvals []ledger.GrantRecord
	onLook    func(context.Context) error // before blocks are listed; nil: nothing
	lies      int64                       // escrow that the marketplace says everybody has; 0: it tells the truth
}

func (c *chain) Credit(context.Context, ledger.Address) (int64, error) { return 7, c.Failing("Credit") }

func (c *chain) Burnt(_ context.Context, researcher, _ ledger.Address) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(c.final[researcher]), c.Failing("Burnt")
}

// Finalise also makes settlements final.
func (c *chain) Finalise() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.final = maps.Clone(c.settled)
	return c.Chain.Finalise()
}

func (c *chain) Register(_ context.Context, p ledger.Participant) error {
	c.registers = append(c.registers, p)
	return c.Failing("Register")
}

func (c *chain) ApproveGrant(_ context.Context, g ledger.GrantRecord, _ ledger.Signature) error {
	if err := c.Failing("ApproveGrant"); err != nil {
		return err
	}
	g.Status = ledger.GrantActive
	c.approvals = append(c.approvals, g)
	c.Put(g)
	return nil
}

func (c *chain) Escrow(ctx context.Context, researcher, marketplace ledger.Address) (int64, error) {
	if c.lies > 0 {
		return c.lies, nil
	}
	return c.Chain.Escrow(ctx, researcher, marketplace)
}

// Settle burns the increase of each voucher, as the contract does.
func (c *chain) Settle(ctx context.Context, vouchers []marketplace.SignedVoucher) error {
	if err := c.Failing("Settle"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range vouchers {
		who := v.Voucher.Researcher
		escrow, err := c.Escrow(ctx, who, v.Voucher.Marketplace)
		if err != nil {
			return err
		}
		if v.Voucher.Cumulative < c.settled[who] || v.Voucher.Cumulative > uint64(escrow) {
			return errors.New("voucher superseded or beyond the escrow")
		}
		if burnt := v.Voucher.Cumulative - c.settled[who]; burnt > 0 {
			c.burns = append(c.burns, burnt)
		}
		c.settled[who] = v.Voucher.Cumulative
	}
	return nil
}

// hospital is a real node behind a connection with hooks.
type hospital struct {
	node     func() *provider.Node
	remote   marketplace.Hospital                                            // instead of node: the node over a network
	onWay    func(provider.Question) error                                   // the question never arrives
	onReturn func(ledger.SignedRelease, error) (ledger.SignedRelease, error) // what comes back instead
	describe func(provider.Description, error) (provider.Description, error)
	charged  func() error                  // the question whether it charged never arrives
	onDecide func(provider.Question) error // nor what it should decide on
}

func (h *hospital) Describe(ctx context.Context) (provider.Description, error) {
	d, err := h.far().Describe(ctx)
	if h.describe != nil {
		return h.describe(d, err)
	}
	return d, err
}

func (h *hospital) Charged(ctx context.Context, request ledger.Hash) (bool, error) {
	if h.charged != nil {
		if err := h.charged(); err != nil {
			return false, err
		}
	}
	return h.far().Charged(ctx, request)
}

func (h *hospital) Decide(ctx context.Context, q provider.Question) error {
	if h.onDecide != nil {
		if err := h.onDecide(q); err != nil {
			return err
		}
	}
	return h.far().Decide(ctx, q)
}

func (h *hospital) far() marketplace.Hospital {
	if h.remote != nil {
		return h.remote
	}
	return h.node()
}

func (h *hospital) Release(ctx context.Context, q provider.Question) (ledger.SignedRelease, error) {
	if h.onWay != nil {
		if err := h.onWay(q); err != nil {
			return ledger.SignedRelease{}, err
		}
	}
	r, err := h.far().Release(ctx, q)
	if h.onReturn != nil {
		return h.onReturn(r, err)
	}
	return r, err
}

// world is a marketplace over the real store with one hospital, where the
// researcher has an approved study and much escrow.
type world struct {
	*providertest.Hospital
	t        testing.TB
	market   *marketplace.Market
	store    marketplace.Store
	clinic   *store.Provider // the hospital's store
	chain    *chain
	wire     *hospital
	key      *ledger.Key
	grant    ledger.Hash
	price    int64
	path     string        // of store
	requests []ledger.Hash // to look at
}

func open(t testing.TB) *world {
	t.Helper()
	return openUnder(t, same)
}

// openUnder is open with another policy of the hospital's.
func openUnder(t testing.TB, change func(policy.DatasetPolicy) policy.DatasetPolicy) *world {
	t.Helper()
	return openIn(t, [2]string{t.TempDir(), t.TempDir()}, change)
}

// same is a policy as it is.
func same(p policy.DatasetPolicy) policy.DatasetPolicy { return p }

// openClinic opens the hospital's store in a folder.
func openClinic(t testing.TB, dir string) (*store.Provider, error) {
	return store.OpenProvider(t.Context(), store.Config{File: filepath.Join(dir, "hospital.db"), Log: slog.New(slog.DiscardHandler)})
}

func openShop(t testing.TB, dir string) (*store.Market, error) {
	return store.OpenMarket(t.Context(), store.Config{File: filepath.Join(dir, "market.db"), Log: slog.New(slog.DiscardHandler)})
}

// openIn is openUnder with the hospital's store in the first folder and the marketplace's in the second.
func openIn(t testing.TB, dirs [2]string, change func(policy.DatasetPolicy) policy.DatasetPolicy) *world {
	t.Helper()
	clinic, err := openClinic(t, dirs[0])
	ok(t, err)
	market, err := openShop(t, dirs[1])
	ok(t, err)
	records := []providertest.Record{{Patient: 1, Female: true}, {Patient: 2, Conditions: []int64{providertest.Diabetes}}}
	w := &world{Hospital: providertest.Open(t, clinic, noisetest.None(t), records), t: t, store: market, clinic: clinic}
	t.Cleanup(func() { ok(t, errors.Join(w.clinic.Close(), market.Close())) })
	w.path = filepath.Join(dirs[1], "market.db")
	w.key = w.Market
	w.chain = &chain{Chain: w.Chain, settled: map[ledger.Address]uint64{}}
	w.Chain.Enter(ledger.Participant{Address: w.Committee.Address(), Roles: ledger.RoleCommittee})
	w.Chain.Keep(w.key.Address())
	w.wire = &hospital{node: func() *provider.Node { return w.Node }}
	w.restart()
	p := change(w.Policy())
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.Metadata = provider.Under(w.Metadata, p)
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1, 2)
	w.grant, err = w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, w.Grant(), 1))
	ok(t, err)
	ok(t, w.market.ApproveGrant(t.Context(), w.grant, w.approval(w.Committee)))
	q, err := w.market.Quote(t.Context(), w.Researcher.Address(), w.Query(loss), nil)
	ok(t, err)
	w.price = q.Work
	return w
}

// restart makes the marketplace anew over its present store.
func (w *world) restart() {
	w.t.Helper()
	var err error
	w.market, err = marketplace.New(w.config())
	ok(w.t, err)
}

func (w *world) config() marketplace.Config {
	return marketplace.Config{
		Key: w.key, Domain: w.Domain, Store: w.store, Chain: w.chain, Now: w.Clock.Now,
		Hospitals: map[string]marketplace.Hospital{providertest.Dataset: w.wire}, Log: slog.New(slog.NewTextHandler(w.Log, nil)),
	}
}

// escrow sets what the researcher has set aside in all.
func (w *world) escrow(work int64) {
	w.Chain.SetEscrow(w.Researcher.Address(), w.Market.Address(), work)
}

// approval is a signature of the study's terms.
func (w *world) approval(by *ledger.Key) ledger.Signature {
	w.t.Helper()
	s, err := w.store.Study(w.t.Context(), w.grant)
	ok(w.t, err)
	var g = w.Grant()
	ok(w.t, ledger.ParseCanonical(s.Request.Content, &g))
	terms, err := marketplace.Terms(g, s.Request)
	ok(w.t, err)
	digest, err := marketplace.TermsDigest(w.Domain, terms)
	ok(w.t, err)
	return by.Sign(digest)
}

// query asks for patients by sex and diabetes; each name makes another
// question of the same cost, by a concept that nobody has.
func (w *world) query(name string) dp.Query {
	q := w.Query(loss)
	r := q.GroupBy[1].Matches.Has.Events.Records
	r.Concepts = append(r.Concepts, cohort.Concept{ID: 1<<30 + int64(crc32.ChecksumIEEE([]byte(name)))})
	return q
}

// order is the usual ask, of a question of its own, with a voucher for what is
// drawn and the price.
func (w *world) order(name string, change func(*ledger.Ask)) marketplace.Order {
	w.t.Helper()
	return w.orderOf(name, w.query(name), change)
}

func (w *world) orderOf(name string, query dp.Query, change func(*ledger.Ask)) marketplace.Order {
	w.t.Helper()
	s, err := w.store.Study(w.t.Context(), w.grant)
	ok(w.t, err)
	q := w.Question(name, s.Request, query, change)
	a, err := w.store.Account(w.t.Context(), w.Researcher.Address())
	ok(w.t, err)
	o := marketplace.Order{Ask: q.Ask, Signature: q.Signature, Plan: q.Plan, Voucher: uint64(a.Drawn + w.price)}
	o.VoucherBy = w.voucher(w.Researcher, o.Voucher)
	w.requests = append(w.requests, q.Ask.RequestID)
	return o
}

func (w *world) voucher(by *ledger.Key, cumulative uint64) ledger.Signature {
	return by.Sign(w.Domain.VoucherDigest(ledger.Voucher{
		Researcher: w.Researcher.Address(), Marketplace: w.market.Address(), Cumulative: cumulative,
	}))
}

// ask sends an order, of a question that was not asked before.
func (w *world) ask(o marketplace.Order) (ledger.Receipt, error) {
	r, err := w.market.Ask(w.t.Context(), w.Researcher.Address(), o)
	if r.Repeated {
		w.t.Errorf("ask %s was shown an earlier answer", o.Ask.RequestID)
	}
	return r.Receipt, err
}

// answered sends an order that must be answered, and checks the receipt.
func (w *world) answered(o marketplace.Order) ledger.Receipt {
	w.t.Helper()
	r, err := w.ask(o)
	ok(w.t, err)
	ok(w.t, r.Check(w.trusted()))
	return r
}

// state is all that the store shows, and what the hospital charged.
type state struct {
	Studies   []marketplace.Study
	Entries   map[ledger.Hash]marketplace.Entry
	Account   marketplace.Account
	Unsettled []marketplace.SignedVoucher
	Size      uint64
	Anchor    marketplace.Anchor
	Charged   int64 // nano-rho at the hospital
}

func (w *world) observe() (s state) {
	w.t.Helper()
	ctx := w.t.Context()
	var err error
	s.Studies, err = w.store.Studies(ctx)
	ok(w.t, err)
	s.Entries = map[ledger.Hash]marketplace.Entry{}
	for _, r := range w.requests {
		e, found, err := w.store.Entry(ctx, r)
		ok(w.t, err)
		if found {
			s.Entries[r] = e
		}
	}
	s.Account, err = w.store.Account(ctx, w.Researcher.Address())
	ok(w.t, err)
	s.Unsettled, err = w.store.Unsettled(ctx)
	ok(w.t, err)
	s.Size, _, err = w.store.LogRoot(ctx)
	ok(w.t, err)
	s.Anchor, _, err = w.store.LastAnchor(ctx)
	ok(w.t, err)
	scope, err := w.Store.Spent(ctx, "dataset/"+providertest.Dataset)
	ok(w.t, err)
	s.Charged = scope.Spent.NanoRho
	return s
}

// refused checks that do fails with want and changes nothing anywhere.
func (w *world) refused(t testing.TB, want error, do func() error) {
	t.Helper()
	before := w.observe()
	if err := do(); err == nil || (want != nil && !errors.Is(err, want)) {
		t.Fatalf("error %v, want %v", err, want)
	}
	equal(t, "state after a refusal", w.observe(), before)
}

func (w *world) refusedAsk(t testing.TB, want error, o marketplace.Order) {
	t.Helper()
	w.refused(t, want, func() error {
		_, err := w.ask(o)
		return err
	})
}

// drawn is what the researcher has drawn, in asks at the usual price.
func (w *world) drawn() string {
	s := w.observe()
	return fmt.Sprintf("%d drawn, %d charged, %d receipts", s.Account.Drawn/w.price, s.Charged/(w.price/providertest.Price), s.Size)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
