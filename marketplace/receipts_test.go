package marketplace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func (b *brokenStore) SaveAnchor(ctx context.Context, a marketplace.Anchor) error {
	if b.saveAnchor != nil {
		return b.saveAnchor
	}
	return b.Store.SaveAnchor(ctx, a)
}

func (b *brokenStore) SaveSettled(ctx context.Context, who ledger.Address, cumulative int64) error {
	if b.saveSettled != nil {
		return b.saveSettled
	}
	return b.Store.SaveSettled(ctx, who, cumulative)
}

// receipt is the receipt of an order as it is shown now; its inclusion holds.
func (w *world) receipt(o marketplace.Order) ledger.Receipt {
	w.t.Helper()
	r, err := w.market.Receipt(w.t.Context(), o.Ask.RequestID)
	ok(w.t, err)
	ok(w.t, r.Check(w.trusted()))
	return r
}

func (w *world) trusted() ledger.Keys {
	return ledger.Keys{Domain: w.Domain, Marketplaces: []ledger.Address{w.key.Address()}, Providers: []ledger.Address{w.Address()}}
}

func TestAReceiptBecomesAnchored(t *testing.T) {
	w := open(t)
	one := w.order("one", nil)
	w.answered(one)
	pending := w.receipt(one)
	equal(t, "pending", []any{pending.Anchor, pending.Inclusion.Size}, []any{(*ledger.AnchorProof)(nil), uint64(1)})
	ok(t, w.market.Record(t.Context()))
	ok(t, w.market.Record(t.Context()))
	if _, found, err := w.market.NewestAnchor(t.Context()); w.receipt(one).Anchor != nil || found || err != nil {
		t.Errorf("anchored before its block is final (register: %t, %v)", found, err)
	}
	two := w.order("two", nil)
	w.answered(two)
	block := w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	newest, _, err := w.market.NewestAnchor(t.Context())
	ok(t, err)
	r := w.receipt(one)
	equal(t, "the register's", newest, marketplace.Anchor{Size: 1, Root: r.Inclusion.Root, Block: block})
	if r.Anchor == nil || r.Anchor.Block != block {
		t.Fatalf("anchor %+v", r.Anchor)
	}
	equal(t, "proven under what is anchored", r.Inclusion.Root, w.chain.Anchored(ledger.LogReceipts, 1))
	if r := w.receipt(two); r.Anchor != nil || r.Inclusion.Size != 2 {
		t.Errorf("the later one: anchor %v, size %d", r.Anchor, r.Inclusion.Size)
	}
	again := w.answered(one) // as long as it would be on any chain
	ok(t, again.Check(w.trusted()))
	equal(t, "what was asked again", []any{again.Statement, again.Signature, again.Anchor, again.Inclusion.Size},
		[]any{r.Statement, r.Signature, (*ledger.AnchorProof)(nil), uint64(2)})
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	equal(t, "the later one's root", w.receipt(two).Inclusion.Root, w.chain.Anchored(ledger.LogReceipts, 2))
	equal(t, "the first one's stays", w.receipt(one), r)
	if _, err := w.market.Receipt(t.Context(), ledger.Hash{1}); !errors.Is(err, marketplace.ErrUnknownReceipt) {
		t.Errorf("receipt of nothing: %v", err)
	}
}

// Whatever fails, recording again ends with each root anchored and each
// voucher burnt once; and the one does not wait for the other.
func TestRecordAfterFailures(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		arrange           func(*world, *brokenStore)
		anchored, settled bool // on record in spite of it
	}{
		"anchoring":            {func(w *world, _ *brokenStore) { w.Chain.Fail = failing("Anchor", broken) }, false, true},
		"settling":             {func(w *world, _ *brokenStore) { w.Chain.Fail = failing("Settle", broken) }, true, false},
		"saving the anchor":    {func(_ *world, b *brokenStore) { b.saveAnchor = broken }, false, true},
		"saving what is burnt": {func(_ *world, b *brokenStore) { b.saveSettled = broken }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := &brokenStore{Store: w.store}
			w.store = b
			w.restart()
			o := w.order("one", nil)
			w.answered(o)
			w.answered(w.order("two", nil))
			c.arrange(w, b)
			for again := range 3 {
				if err := w.market.Record(t.Context()); again > 0 && !errors.Is(err, broken) {
					t.Fatal(err)
				}
				w.chain.Finalise()
			}
			s := w.observe()
			equal(t, "anchored, settled", []bool{s.Anchor.Size == 2, s.Account.Settled == 2*w.price}, []bool{c.anchored, c.settled})
			w.Chain.Fail, b.saveAnchor, b.saveSettled = nil, nil, nil
			w.recorded(t, o)
		})
	}
}

// recorded records twice and checks what must be on the chain by then.
func (w *world) recorded(t *testing.T, o marketplace.Order) {
	t.Helper()
	ok(t, w.market.Record(t.Context()))
	block := w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	equal(t, "nothing more to anchor", w.chain.Finalise(), block)
	s := w.observe()
	equal(t, "account", s.Account, marketplace.Account{Drawn: 2 * w.price, Settled: 2 * w.price})
	equal(t, "burnt", w.chain.burns, []uint64{uint64(2 * w.price)})
	if w.receipt(o).Anchor == nil {
		t.Error("the receipt is still pending")
	}
}

func failing(method string, err error) func(string) error {
	return func(m string) error {
		if m == method {
			return err
		}
		return nil
	}
}

// A settlement that a reorganisation takes off the chain is sent again.
func TestSettledMeansFinal(t *testing.T) {
	w := open(t)
	w.answered(w.order("one", nil))
	for range 2 {
		ok(t, w.market.Record(t.Context()))
		equal(t, "settled before its block is final", w.observe().Account.Settled, int64(0))
	}
	clear(w.chain.settled)
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	equal(t, "settled without being on the chain", w.observe().Account.Settled, int64(0))
	w.chain.Finalise()
	ok(t, w.market.Record(t.Context()))
	equal(t, "settled", w.observe().Account.Settled, w.price)
}

// An ask without an answer is not settled, however often.
func TestOnlyAnswersAreSettled(t *testing.T) {
	w := open(t)
	lost := errors.New("connection lost")
	w.wire.onReturn = func(r ledger.SignedRelease, _ error) (ledger.SignedRelease, error) { return r, lost }
	o := w.order("one", nil)
	if _, err := w.ask(o); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	ok(t, w.market.Record(t.Context()))
	equal(t, "burnt", len(w.chain.burns), 0)
	w.wire.onReturn = nil
	w.answered(o)
	ok(t, w.market.Record(t.Context()))
	equal(t, "burnt", w.chain.burns, []uint64{uint64(w.price)})
}

// countingStore counts how often recording begins.
type countingStore struct {
	marketplace.Store
	begun chan struct{}
}

func (c countingStore) LogRoot(context.Context) (uint64, ledger.Hash, error) {
	c.begun <- struct{}{}
	return 0, ledger.Hash{}, errors.New("disk I/O error")
}

func (c countingStore) Origin(context.Context) (marketplace.Origin, error) {
	return marketplace.Origin{}, nil
}

func (c countingStore) Unsettled(context.Context) ([]marketplace.SignedVoucher, error) {
	return nil, nil
}

func (c countingStore) Unrecorded(context.Context) ([]marketplace.Review, error) { return nil, nil }

// running is a marketplace that runs each minute until stop, which returns when it has ended.
func running(t *testing.T, c marketplace.Config) (m *marketplace.Market, stop func()) {
	t.Helper()
	m, err := marketplace.New(c)
	ok(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		m.Run(ctx, time.Minute)
		close(ended)
	}()
	return m, func() {
		cancel()
		<-ended
	}
}

// Run goes on after failures, each interval, and ends with its context.
func TestRun(t *testing.T) {
	w := open(t)
	c := w.config()
	synctest.Test(t, func(t *testing.T) {
		store := countingStore{begun: make(chan struct{})}
		c.Store, c.Hospitals = store, map[string]marketplace.Hospital{"st-ada": speaker{say: func() (provider.Description, error) { return provider.Description{}, nil }}}
		_, stop := running(t, c)
		start := time.Now()
		for i := range 3 {
			<-store.begun
			equal(t, "begun after", time.Since(start), time.Duration(i+1)*time.Minute)
		}
		synctest.Wait()
		stop()
	})
}

// speaker is a hospital that says what it has, and nothing else.
type speaker struct {
	marketplace.Hospital
	say func() (provider.Description, error)
}

func (s speaker) Describe(context.Context) (provider.Description, error) { return s.say() }

// A hospital is asked what it has when the marketplace starts, again each minute while it has not said, and then no more: so the register
// knows titles though nobody asked for them.
func TestRunHearsHospitals(t *testing.T) {
	w := open(t)
	c := w.config()
	synctest.Test(t, func(t *testing.T) {
		store := countingStore{begun: make(chan struct{}, 100)}
		said := provider.Description{Provider: ledger.Address{7}}
		asked := 0
		c.Store, c.Hospitals = store, map[string]marketplace.Hospital{"st-ada": speaker{say: func() (provider.Description, error) {
			if asked++; asked < 3 {
				return provider.Description{}, marketplace.ErrUnavailable
			}
			return said, nil
		}}}
		m, stop := running(t, c)
		for i, want := range []int{1, 2, 3, 3, 3} {
			synctest.Wait()
			equal(t, "asked", asked, want)
			equal(t, "heard", m.LastSaid("st-ada").Provider == said.Provider, i >= 2)
			<-time.After(time.Minute)
		}
		stop()
	})
}
