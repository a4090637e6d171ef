package marketplace_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc" //nolint:depguard // the hospitals are reached as they are

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/audit" //nolint:depguard // what a marketplace says is held against the chain
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/providerrpc" //nolint:depguard // likewise
	"github.com/medmarket/medmarket/marketplace/store"       //nolint:depguard // tests of the core stand on the real store
	"github.com/medmarket/medmarket/marketplace/verifier"    //nolint:depguard // likewise
	"github.com/medmarket/medmarket/policy"
)

// clinic is one of several hospitals: a node on its own store, behind mutual TLS, and a connection with hooks.
type clinic struct {
	*providertest.Hospital
	wire   *hospital
	asked  atomic.Int32 // how often its release was asked for
	own    *providerrpc.Identity
	market *providerrpc.Identity
	server *grpc.Server
}

// Release counts and passes on.
func (c *clinic) Release(ctx context.Context, q provider.Question) (ledger.SignedRelease, error) {
	c.asked.Add(1)
	return c.wire.Release(ctx, q)
}

// Decide passes on.
func (c *clinic) Decide(ctx context.Context, q provider.Question) error {
	return c.wire.Decide(ctx, q)
}

// Charged passes on.
func (c *clinic) Charged(ctx context.Context, request ledger.Hash) (bool, error) {
	return c.wire.Charged(ctx, request)
}

// Describe passes on.
func (c *clinic) Describe(ctx context.Context) (provider.Description, error) {
	return c.wire.Describe(ctx)
}

// league is a marketplace with five hospitals, and a study at all of them.
type league struct {
	*world
	clinics []*clinic
}

const clinics = 5

// newLeague adds four hospitals to a world, and has all reached by mutual TLS. Each has one patient more than the one before.
func newLeague(t *testing.T) *league {
	t.Helper()
	l := &league{world: open(t)}
	market := newIdentity(t)
	for i := range clinics {
		c := &clinic{Hospital: l.Hospital, own: newIdentity(t), market: market}
		if i > 0 {
			c.Hospital = l.neighbour(t, i)
		}
		l.clinics = append(l.clinics, c)
		c.start(t)
	}
	g := l.Grant()
	g.ID, g.Datasets = "several", nil
	for _, c := range l.clinics {
		g.Datasets = append(g.Datasets, policy.DatasetCeiling{Dataset: c.Metadata.Dataset, NanoRho: 1_000_000_000})
	}
	l.restart()
	var err error
	l.grant, err = l.market.RequestGrant(t.Context(), l.Sign(l.Researcher, ledger.KindDataGrant, g, 1))
	ok(t, err)
	ok(t, l.market.ApproveGrant(t.Context(), l.grant, l.approval(l.Committee)))
	return l
}

// neighbour is another hospital for the same people and on the same chain.
func (l *league) neighbour(t *testing.T, i int) *providertest.Hospital {
	t.Helper()
	s, err := store.OpenProvider(t.Context(), store.Config{File: filepath.Join(t.TempDir(), "hospital.db"), Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	var records []providertest.Record
	for n := range i + 2 {
		records = append(records, providertest.Record{Patient: int64(n + 1), Female: true})
	}
	h := providertest.Open(t, s, noisetest.None(t), records)
	h.Chain, h.Clock, h.Researcher, h.Committee, h.Market = l.Chain, l.Clock, l.Researcher, l.Committee, l.Market
	h.Metadata.Dataset = fmt.Sprintf("hospital-%c", 'a'+i)
	h.Chain.Enter(ledger.Participant{Address: h.Steward.Address(), Roles: ledger.RoleSteward, Organisation: providertest.Organisation})
	h.Chain.Keep(h.Key.Address())
	h.Restart()
	p := l.Policy()
	p.Dataset = h.Metadata.Dataset
	ok(t, h.SetPolicy(t.Context(), h.SignPolicy(p)))
	h.EnrolAll()
	for _, r := range records {
		h.Prefer(providertest.Anything(), r.Patient)
	}
	return h
}

func newIdentity(t *testing.T) *providerrpc.Identity {
	t.Helper()
	pem, err := providerrpc.NewIdentity("party")
	ok(t, err)
	id, err := providerrpc.ParseIdentity(pem)
	ok(t, err)
	return id
}

// start serves the node and connects to it, both until the test ends.
func (c *clinic) start(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	c.server = providerrpc.NewServer(c.Node, c.own, c.market.Fingerprint())
	done := make(chan error, 1)
	go func() { done <- c.server.Serve(listener) }()
	link, err := providerrpc.Dial(listener.Addr().String(), c.market, c.own.Fingerprint())
	ok(t, err)
	server := c.server
	t.Cleanup(func() {
		ok(t, link.Close())
		server.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) {
			ok(t, err)
		}
	})
	c.wire = &hospital{remote: link}
}

// restart makes the marketplace anew over its present store, with all hospitals.
func (l *league) restart() {
	l.t.Helper()
	cfg := l.config()
	cfg.AnswerWithin = 1500 * time.Millisecond
	cfg.Hospitals = map[string]marketplace.Hospital{}
	for _, c := range l.clinics {
		cfg.Hospitals[c.Metadata.Dataset] = c
	}
	var err error
	l.market, err = marketplace.New(cfg)
	ok(l.t, err)
}

// order asks all hospitals a question.
func (l *league) order(name string) marketplace.Order {
	l.t.Helper()
	var also []string
	for _, c := range l.clinics[1:] {
		also = append(also, c.Metadata.Dataset)
	}
	q, err := l.market.Quote(l.t.Context(), l.Researcher.Address(), l.query(name), nil, also...)
	ok(l.t, err)
	equal(l.t, "price in all", q.Total, clinics*l.price)
	o := l.orderOf(name, l.query(name), func(a *ledger.Ask) {
		for _, h := range q.Also {
			a.Also = append(a.Also, ledger.Asked{PlanHash: h.Hash, Provider: h.Provider.Provider, Dataset: h.Provider.Metadata.Dataset, MaxWork: h.Work})
		}
	})
	for _, h := range q.Also {
		o.Plans = append(o.Plans, h.Content)
	}
	o.Voucher = uint64(q.Drawn + q.Total)
	o.VoucherBy = l.voucher(l.Researcher, o.Voucher)
	return o
}

// partial signs that an answer without some hospitals is taken.
func (l *league) partial(by *ledger.Key, a ledger.Ask) ledger.Signature {
	l.t.Helper()
	s, err := ledger.SignDocument(by, l.Domain, ledger.KindPartial, a, 0, 0)
	ok(l.t, err)
	return s
}

// answered sends an order that must be answered, and checks the receipt.
func (l *league) answered(o marketplace.Order) ledger.Receipt {
	l.t.Helper()
	r, err := l.ask(o)
	ok(l.t, err)
	keys := ledger.Keys{Domain: l.Domain, Marketplaces: []ledger.Address{l.key.Address()}}
	for _, c := range l.clinics {
		keys.Providers = append(keys.Providers, c.Address())
	}
	ok(l.t, r.Check(keys))
	return r
}

// incomplete sends an order that stays open.
func (l *league) incomplete(o marketplace.Order, want string) {
	l.t.Helper()
	_, err := l.ask(o)
	if !errors.Is(err, marketplace.ErrUnavailable) || err == nil {
		l.t.Fatalf("error %v, want ErrUnavailable", err)
	}
	equal(l.t, "states", err.Error(), marketplace.ErrUnavailable.Error()+": "+want)
}

// charges are how many questions each hospital has charged, and how many the researcher paid for.
func (l *league) charges() (all []int64) {
	l.t.Helper()
	for _, c := range l.clinics {
		scope, err := c.Store.Spent(l.t.Context(), "dataset/"+c.Metadata.Dataset)
		ok(l.t, err)
		all = append(all, scope.Spent.NanoRho/(l.price/providertest.Price))
	}
	return append(all, l.observe().Account.Drawn/l.price)
}

func (l *league) calls() (all []int32) {
	for _, c := range l.clinics {
		all = append(all, c.asked.Load())
	}
	return all
}

// One question to several hospitals: each decides, charges and signs; their noised numbers are added up, and so is
// what their intervals allow for.
func TestSeveralHospitals(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	r := l.answered(o)
	equal(t, "charges", l.charges(), []int64{1, 1, 1, 1, 1, clinics})
	s := r.Statement
	// One of each sex in the first, of whom he has diabetes; 3 to 6 women in the others.
	var got []float64
	for _, g := range s.Answer {
		got = append(got, g.Estimates[0].Value)
	}
	equal(t, "answer", got, []float64{0, 19, 1, 0})
	alone := l.answered(l.world.order("alone", nil)).Statement.Answer[0].Estimates[0]
	sum := s.Answer[0].Estimates[0]
	if wide := (sum.High - sum.Low) / (alone.High - alone.Low); wide < 2.2 || wide > 2.3 { // √5 = 2.236
		t.Errorf("the interval of the sum of %d is %.3f times as wide as that of one", clinics, wide)
	}
	equal(t, "labels", []any{len(s.Releases), len(s.Missing), s.CountedAtEach, s.Work}, []any{clinics, 0, true, clinics * l.price})

	before := l.charges()
	equal(t, "the same ask again", l.answered(o).Statement, s)
	again, err := l.market.Ask(t.Context(), l.Researcher.Address(), l.order2("two", "one"))
	ok(t, err)
	equal(t, "the same question again", []any{again.Repeated, again.Receipt.Statement}, []any{true, s})
	equal(t, "charges", l.charges(), before)
}

// order2 is an order of another request for the same question.
func (l *league) order2(name, question string) marketplace.Order {
	l.t.Helper()
	o := l.order(question)
	o.Ask.RequestID = ledger.HashBytes([]byte(name))
	o.Signature = l.SignAsk(l.Researcher, o.Ask)
	return o
}

// hinder has hospital b killed, c slow, d return garbage and e answer twice, each time something else.
func (l *league) hinder() (slow *atomic.Bool) {
	l.t.Helper()
	slow = &atomic.Bool{}
	slow.Store(true)
	l.clinics[2].Engine.Before = func(ctx context.Context, _ provider.Active) error {
		if !slow.Load() {
			return nil
		}
		<-ctx.Done()
		return ctx.Err()
	}
	l.clinics[3].wire.onReturn = func(r ledger.SignedRelease, err error) (ledger.SignedRelease, error) {
		r.Release.Vector = []int64{9, 9, 9, 9}
		return r, err
	}
	times := int64(0)
	e := l.clinics[4]
	e.wire.onReturn = func(r ledger.SignedRelease, err error) (ledger.SignedRelease, error) {
		times++
		r.Release.Vector = slices.Clone(r.Release.Vector)
		r.Release.Vector[0] += times
		var sigErr error
		r.Signature, sigErr = ledger.SignDocument(e.Key, e.Domain, ledger.KindRelease, r.Release, 0, 0)
		return r, errors.Join(err, sigErr)
	}
	return slow
}

// One hospital is killed after it was quoted, one is slow, one returns garbage, and one answers otherwise each time: the ask stays
// open, nothing is charged twice and nothing is lost, over a restart of the marketplace as well; once all have answered, the answer is whole.
func TestG5HospitalsInTrouble(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	slow := l.hinder()
	killed := l.clinics[1]
	killed.wire.onWay = func(provider.Question) error { // after it was described, so that the others are asked
		killed.server.Stop()
		return nil
	}
	l.incomplete(o, "hospital-a answered, hospital-b down, hospital-c slow, hospital-d invalid, hospital-e answered")
	equal(t, "charges", l.charges(), []int64{1, 0, 1, 1, 1, clinics})

	l.restart()
	slow.Store(false)
	l.incomplete(o, "hospital-a answered, hospital-b down, hospital-c answered, hospital-d invalid, hospital-e answered")
	equal(t, "calls", l.calls(), []int32{1, 2, 2, 2, 1}) // what was answered is kept
	equal(t, "charges", l.charges(), []int64{1, 0, 1, 1, 1, clinics})

	killed.start(t)
	l.clinics[3].wire.onReturn = nil
	l.restart()
	r := l.answered(o)
	equal(t, "charges", l.charges(), []int64{1, 1, 1, 1, 1, clinics})
	equal(t, "missing", len(r.Statement.Missing), 0)
	equal(t, "what was answered first", r.Statement.Answer[0].Estimates[0].Value, 1.0)
	equal(t, "again", l.answered(o), r)
	equal(t, "calls", l.calls(), []int32{1, 3, 2, 3, 1})
}

// Who takes what there is gets an answer that says whose numbers are missing and why, pays for the others only, and it stays what it is.
func TestG5APartialAnswer(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	o.Partial = l.partial(l.Researcher, o.Ask)
	slow := l.hinder()
	l.clinics[1].server.Stop() // it cannot even be described
	notHers := o
	notHers.Partial = l.partial(l.key, o.Ask)
	l.refusedAsk(t, marketplace.ErrSignature, notHers)
	notHers.Partial = l.partial(l.Researcher, l.world.order("another", nil).Ask)
	l.refusedAsk(t, marketplace.ErrSignature, notHers)
	r := l.answered(o)
	equal(t, "missing", r.Statement.Missing, []ledger.Missing{
		{Provider: l.clinics[1].Address(), State: ledger.MissingDown}, {Provider: l.clinics[2].Address(), State: ledger.MissingSlow},
		{Provider: l.clinics[3].Address(), State: ledger.MissingInvalid},
	})
	equal(t, "labels", []any{len(r.Statement.Releases), r.Statement.CountedAtEach, r.Statement.Work}, []any{2, true, 2 * l.price})
	equal(t, "charges", l.charges(), []int64{1, 0, 1, 1, 1, 2}) // each keeps what it has charged

	l.clinics[1].start(t)
	slow.Store(false)
	l.restart()
	equal(t, "the same ask again", l.answered(o), r)
	equal(t, "charges", l.charges(), []int64{1, 0, 1, 1, 1, 2})
}

// A hospital that could not be reached when the ask was taken on, and has answered all the same, is paid its price, not the most that she signed.
func TestAHospitalThatCameBackCostsItsPrice(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	o.Ask.Also[0].MaxWork += 5 * l.price
	o.Signature = l.SignAsk(l.Researcher, o.Ask)
	o.Partial = l.partial(l.Researcher, o.Ask)
	o.Voucher += 5 * uint64(l.price)
	o.VoucherBy = l.voucher(l.Researcher, o.Voucher)
	var away atomic.Int32
	l.clinics[1].wire.describe = func(d provider.Description, err error) (provider.Description, error) {
		if away.Add(1) == 1 {
			return provider.Description{}, marketplace.ErrUnavailable
		}
		return d, err
	}
	r := l.answered(o)
	equal(t, "missing and work", []any{len(r.Statement.Missing), r.Statement.Work}, []any{0, clinics * l.price})
	equal(t, "charges", l.charges(), []int64{1, 1, 1, 1, 1, clinics})
}

// What cannot be added up, a hospital that cannot be reached, and one that would refuse, end the ask before anything is charged anywhere.
func TestSeveralHospitalsRefusedBeforehand(t *testing.T) {
	l := newLeague(t)
	nothing := l.charges()
	c := l.clinics[4]
	p := l.Policy()
	p.Dataset, p.Revision, p.TotalNanoRho = c.Metadata.Dataset, 2, 1
	ok(t, c.SetPolicy(t.Context(), c.SignPolicy(p)))
	o := l.order("one")
	_, err := l.ask(o)
	var refused *provider.RefusedError
	if !errors.As(err, &refused) || !slices.Equal(refused.Reasons, []policy.ReasonCode{policy.ReasonEpsilonDatasetBudget}) {
		t.Errorf("error %v, want a refusal", err)
	}
	o.Partial = l.partial(l.Researcher, o.Ask)
	r := l.answered(o)
	equal(t, "missing", r.Statement.Missing, []ledger.Missing{{Provider: c.Address(), State: ledger.MissingRefused, Reasons: []string{string(policy.ReasonEpsilonDatasetBudget)}}})
	equal(t, "charges", l.charges(), []int64{1, 1, 1, 1, 0, clinics - 1})

	twice := l.order2("twice", "one")
	twice.Ask.Also[1], twice.Plans[1] = twice.Ask.Also[0], twice.Plans[0]
	twice.Signature = l.SignAsk(l.Researcher, twice.Ask)
	l.refusedAsk(t, marketplace.ErrMalformed, twice)

	p.Revision, p.Disclosure = 3, policy.Disclosure{RoundTo: 5}
	ok(t, c.SetPolicy(t.Context(), c.SignPolicy(p)))
	var invalid *dp.InvalidQueryError
	if _, err := l.market.Quote(t.Context(), l.Researcher.Address(), l.query("two"), nil, c.Metadata.Dataset); !errors.As(err, &invalid) || invalid.Field != "also" {
		t.Errorf("another disclosure rule: %v", err)
	}
	before := l.charges()
	l.clinics[1].server.Stop()
	if _, err := l.market.Quote(t.Context(), l.Researcher.Address(), l.query("two"), nil, l.clinics[1].Metadata.Dataset); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("one that cannot be reached is quoted: %v", err)
	}
	list, err := l.market.Datasets(t.Context())
	ok(t, err)
	equal(t, "listed", len(list), clinics-1)
	equal(t, "charges", l.charges(), before)
	equal(t, "nothing before", nothing, make([]int64, clinics+1))
}

// Each hospital that would refuse has it on record, and no other; of one that is asked after all, since the rest is taken, its own refusal of that.
func TestG2EachHospitalKeepsItsRefusal(t *testing.T) {
	l := newLeague(t)
	stop := func(c *clinic) {
		p := l.Policy()
		p.Dataset, p.Revision, p.EmbargoUntil = c.Metadata.Dataset, 2, providertest.Start+60
		ok(t, c.SetPolicy(t.Context(), c.SignPolicy(p)))
	}
	all := func() (n []int) {
		for _, c := range l.clinics {
			n = append(n, kept(t, c.Hospital))
		}
		return n
	}
	stop(l.clinics[1])
	stop(l.clinics[3])
	one, two := l.order("one"), l.order("two")
	equal(t, "why", l.why(t, one).Reasons, []policy.ReasonCode{policy.ReasonDatasetEmbargoed})
	equal(t, "kept", all(), []int{0, 1, 0, 1, 0})
	equal(t, "charges", l.charges(), make([]int64, clinics+1))
	two.Partial = l.partial(l.Researcher, two.Ask)
	equal(t, "missing", len(l.answered(two).Statement.Missing), 2)
	equal(t, "kept", all(), []int{0, 2, 0, 2, 0})
	for _, i := range []int{0, 2, 4} {
		stop(l.clinics[i])
	}
	one.Partial = l.partial(l.Researcher, one.Ask)
	equal(t, "why, of all", l.why(t, one).Reasons, []policy.ReasonCode{policy.ReasonDatasetEmbargoed})
	equal(t, "kept, of the same ask once", all(), []int{1, 2, 1, 2, 1})
}

// If every hospital refuses, all is given back.
func TestSeveralHospitalsAllRefuse(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	o.Partial = l.partial(l.Researcher, o.Ask)
	for _, c := range l.clinics {
		c.wire.onWay = func(provider.Question) error { return provider.ErrNotReady }
	}
	if _, err := l.ask(o); !errors.Is(err, provider.ErrNotReady) {
		t.Errorf("error %v", err)
	}
	equal(t, "charges", l.charges(), make([]int64, clinics+1))
	for _, c := range l.clinics {
		c.wire.onWay = nil
	}
	l.answered(o)
}

// G6: what a marketplace may try is caught: by the hospitals, before they charge, or by whoever verifies the receipt.
func TestG6AMarketplaceThatCheats(t *testing.T) {
	l := newLeague(t)
	o := l.order("one")
	study, err := l.store.Study(t.Context(), l.grant)
	ok(t, err)
	question := func(i int) provider.Question {
		plans := append([][]byte{o.Plan}, o.Plans...)
		return provider.Question{Ask: o.Ask, Signature: o.Signature, Plan: plans[i], Grant: study.Request}
	}
	send := func(to int, q provider.Question) error {
		_, err := l.clinics[to].wire.Release(t.Context(), q)
		return err
	}
	refused := func(trick string, want error, to int, change func(*provider.Question)) {
		t.Helper()
		q := question(to)
		change(&q)
		before := l.charges()
		err := send(to, q)
		if stranger := errors.As(err, new(*provider.RefusedError)); want == nil && !stranger || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v, or a refusal as of somebody who is not on the grant", trick, err, want)
		}
		equal(t, "charges after "+trick, l.charges(), before)
	}
	refused("asking in her name", nil, 1, func(q *provider.Question) { q.Signature = l.SignAsk(l.key, q.Ask) })
	refused("more loss than she signed", nil, 1, func(q *provider.Question) { q.Ask.MaxNanoRho *= 2 })
	refused("another's plan", provider.ErrMalformed, 1, func(q *provider.Question) { q.Plan = o.Plan })
	refused("a hospital that she did not name", provider.ErrPlanMismatch, 1, func(q *provider.Question) {
		q.Ask.Also = q.Ask.Also[1:]
		q.Signature, q.Plan = l.SignAsk(l.Researcher, q.Ask), o.Plan
	})
	l.escrow(0)
	refused("asking for who has set nothing aside", provider.ErrNoCredit, 1, func(*provider.Question) {})
	l.escrow(1 << 50)
	equal(t, "charges", l.charges(), make([]int64, clinics+1))

	r := l.answered(o)
	for i := range l.clinics { // the same ask, replayed
		ok(t, send(i, question(i)))
	}
	equal(t, "charges after a replay", l.charges(), []int64{1, 1, 1, 1, 1, clinics})
	keys := ledger.Keys{Domain: l.Domain, Marketplaces: []ledger.Address{l.key.Address()}}
	for _, c := range l.clinics {
		keys.Providers = append(keys.Providers, c.Address())
	}
	other := l.answered(l.order("two")).Statement
	for trick, change := range map[string]func(*ledger.Statement){
		"overcharges":              func(s *ledger.Statement) { s.Work = clinics*l.price + 1 },
		"swaps hospitals' answers": func(s *ledger.Statement) { s.Releases[1], s.Releases[2] = s.Releases[2], s.Releases[1] },
		"shows another's answer":   func(s *ledger.Statement) { s.Releases[1] = other.Releases[1] },
		"leaves a hospital out":    func(s *ledger.Statement) { s.Releases = s.Releases[1:] },
		"counts one twice":         func(s *ledger.Statement) { s.Releases[1] = s.Releases[0] },
		"changes a number":         func(s *ledger.Statement) { s.Releases[1].Release.Vector[0]++ },
	} {
		bad := r
		bad.Statement.Releases = slices.Clone(r.Statement.Releases)
		bad.Statement.Releases[1].Release.Vector = slices.Clone(r.Statement.Releases[1].Release.Vector)
		change(&bad.Statement)
		bad.Signature, err = ledger.SignDocument(l.key, l.Domain, ledger.KindReceipt, bad.Statement, 0, 0)
		ok(t, err)
		var mismatch *ledger.MismatchError
		if err := bad.Check(keys); !errors.As(err, &mismatch) || mismatch.Part == "statement: signature" || mismatch.Part == "inclusion" {
			t.Errorf("a marketplace that %s: %v", trick, err)
		}
	}
}

// G3: a marketplace has several hospitals paid with the same work, each of which sees only its own price, and all of them are within the escrow. The
// register says what they came to together, and the chain what was set aside. If the marketplace says less, the hospitals have signed what they drew.
func TestG3TheSameWorkPaysSeveralHospitals(t *testing.T) {
	l := newLeague(t)
	l.chain.lies = 1 << 50
	escrow := clinics*l.price - 1
	l.escrow(escrow)
	r := l.answered(l.order("one"))
	ok(t, l.audit(r, escrow+1))
	cheap := r
	cheap.Statement.Work = 1
	var err error
	cheap.Signature, err = ledger.SignDocument(l.key, l.Domain, ledger.KindReceipt, cheap.Statement, 0, 0)
	ok(t, err)
	leaf, err := cheap.Leaf()
	ok(t, err)
	cheap.Inclusion = ledger.LogProof{Log: r.Inclusion.Log, Size: 1, Root: leaf} // a log of one leaf
	ok(t, l.audit(cheap, escrow+1))
	for _, r := range []ledger.Receipt{r, cheap} {
		var f *audit.Fault
		if err := l.audit(r, escrow); !errors.As(err, &f) || f.Part != "escrow of "+l.Researcher.Address().String() {
			t.Errorf("hospitals drew %d of an escrow of %d, the receipt says %d: %v", clinics*l.price, escrow, r.Statement.Work, err)
		}
	}
}

// audit holds a history of one receipt against a chain with so much escrow.
func (l *league) audit(r ledger.Receipt, escrow int64) error {
	l.t.Helper()
	entry, err := audit.EntryOf(r, 0)
	ok(l.t, err)
	content, err := ledger.Canonical(r)
	ok(l.t, err)
	record, _, err := l.chain.Grant(l.t.Context(), l.grant, l.Committee.Address())
	ok(l.t, err)
	trust := verifier.Trust{ChainID: l.Domain.ChainID, Genesis: l.Domain.Genesis, Confirmations: 1, Marketplaces: []ledger.Address{l.key.Address()}}
	for _, c := range l.clinics {
		trust.Providers = append(trust.Providers, c.Address())
	}
	_, err = audit.Check(audit.History{
		Marketplace: l.key.Address(),
		Studies:     []audit.Study{{ID: l.grant, Researchers: []ledger.Address{l.Researcher.Address()}, Record: record}},
		Entries:     []audit.Entry{entry},
		Receipts:    []audit.Shown{{Content: content}},
		Escrows:     []audit.Escrow{{Researcher: l.Researcher.Address(), Held: escrow}},
		Logs:        []audit.Log{{Kind: ledger.LogReceipts, Keeper: l.key.Address()}},
	}, trust, audit.Options{Now: l.Clock.Now().Unix()})
	return err
}
