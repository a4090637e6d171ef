package marketplace_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

func TestAsk(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	r := w.answered(o)
	equal(t, "state", w.drawn(), "1 drawn, 1 charged, 1 receipts")
	var got []string
	for _, g := range r.Statement.Answer {
		got = append(got, strings.Join(g.Key, " ")+fmt.Sprint(" ", g.Estimates[0].Value))
		if e := g.Estimates[0]; len(g.Estimates) != 1 || e.Low >= e.Value || e.High <= e.Value {
			t.Errorf("interval %+v", g)
		}
	}
	equal(t, "answer", got, []string{"female yes 0", "female no 1", "male yes 1", "male no 0"})
	equal(t, "price", []int64{r.Statement.Work, r.Statement.NanoRho}, []int64{w.price, w.price / providertest.Price})

	before := w.observe()
	equal(t, "the same ask again", w.answered(o), r)
	w.Clock.Advance(10_000) // the ask has expired, its answer has not
	equal(t, "the same ask much later", w.answered(o), r)
	equal(t, "state", w.observe(), before)
}

func TestWhatIsRefusedCostsNothing(t *testing.T) {
	w := open(t)
	w.answered(w.order("first", nil)) // so that there is something to lose
	stranger := providertest.NewKey(t)
	for name, c := range map[string]struct {
		ask    func(*ledger.Ask)
		change func(*marketplace.Order)
		want   error
	}{
		"expires this second": {ask: func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() }, want: marketplace.ErrExpired},
		"one below the price": {ask: func(a *ledger.Ask) { a.MaxWork-- }, want: marketplace.ErrPrice},
		"one below the cost":  {ask: func(a *ledger.Ask) { a.MaxNanoRho-- }, want: marketplace.ErrPrice},
		"unknown grant":       {ask: func(a *ledger.Ask) { a.Grant[0] ^= 1 }, want: marketplace.ErrUnknownGrant},
		"no request id":       {ask: func(a *ledger.Ask) { a.RequestID = ledger.Hash{} }, want: marketplace.ErrMalformed},
		"another dataset":     {ask: func(a *ledger.Ask) { a.Dataset = "hospital-b" }, want: marketplace.ErrMalformed},
		"another plan":        {change: func(o *marketplace.Order) { o.Plan = append(o.Plan, ' ') }, want: marketplace.ErrMalformed},
		"another ask":         {change: func(o *marketplace.Order) { o.Ask.MaxWork++ }, want: marketplace.ErrSignature},
		"no signature":        {change: func(o *marketplace.Order) { o.Signature = ledger.Signature{} }, want: marketplace.ErrSignature},
		"signed by another":   {change: func(o *marketplace.Order) { o.Signature = w.SignAsk(stranger, o.Ask) }, want: marketplace.ErrSignature},
		"voucher by another":  {change: func(o *marketplace.Order) { o.VoucherBy = w.voucher(stranger, o.Voucher) }, want: marketplace.ErrSignature},
		"voucher for more":    {change: func(o *marketplace.Order) { o.Voucher++ }, want: marketplace.ErrSignature},
		"promises less": {change: func(o *marketplace.Order) {
			o.Voucher--
			o.VoucherBy = w.voucher(w.Researcher, o.Voucher)
		}, want: marketplace.ErrVoucher},
		"promises more": {change: func(o *marketplace.Order) {
			o.Voucher++
			o.VoucherBy = w.voucher(w.Researcher, o.Voucher)
		}, want: marketplace.ErrVoucher},
	} {
		t.Run(name, func(t *testing.T) {
			o := w.order("refused", c.ask)
			if c.change != nil {
				c.change(&o)
			}
			w.refusedAsk(t, c.want, o)
		})
	}
	w.answered(w.order("refused", nil))
}

// The marketplace knows the version that is on offer: the hospital is not asked.
func TestAPlanForAnotherVersion(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	w.Metadata.Version = "2"
	w.Restart()
	w.wire.onWay = func(provider.Question) error {
		t.Error("the question went to the hospital")
		return nil
	}
	w.refusedAsk(t, marketplace.ErrPlanMismatch, o)
}

func TestTheEscrowMustCoverThePrice(t *testing.T) {
	w := open(t)
	w.escrow(2*w.price - 1)
	w.answered(w.order("one", nil))
	w.refusedAsk(t, marketplace.ErrNoCredit, w.order("two", nil))
	w.escrow(2 * w.price)
	w.answered(w.order("two", nil))
	w.refusedAsk(t, marketplace.ErrNoCredit, w.order("three", nil))
}

// A hospital sees the escrow for itself: what the marketplace says of it does not matter, and an ask that it refuses costs nothing.
func TestG3TheMarketplaceInventsEscrow(t *testing.T) {
	w := open(t)
	w.chain.lies = 1 << 50
	w.escrow(w.price - 1)
	w.refusedAsk(t, provider.ErrNoCredit, w.order("one", nil))
	w.escrow(w.price)
	w.answered(w.order("one", nil))
	w.refusedAsk(t, provider.ErrNoCredit, w.order("two", nil))
}

func TestTheGrantsAllocation(t *testing.T) {
	w := open(t)
	g := w.Grant()
	g.ID, g.Datasets[0].NanoRho = "small", 2*w.price/providertest.Price
	var err error
	w.grant, err = w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
	ok(t, err)
	ok(t, w.market.ApproveGrant(t.Context(), w.grant, w.approval(w.Committee)))
	w.answered(w.order("one", nil))
	w.answered(w.order("two", nil))
	w.refusedAsk(t, marketplace.ErrGrantBudget, w.order("three", nil))
}

// However much a researcher has worked, what patients, hospital and committee
// did not permit is not for sale.
func TestG3WorkBuysNoPrivacy(t *testing.T) {
	w := open(t)
	p := w.Policy()
	p.Revision, p.TotalNanoRho = 2, w.price/providertest.Price
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.answered(w.order("one", nil))
	w.refusedReasons(t, w.order("two", nil), policy.ReasonEpsilonDatasetBudget)
	w.refusedReasons(t, w.order("three", func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }),
		policy.ReasonGrantPurpose, policy.ReasonDatasetPurpose, policy.ReasonEpsilonDatasetBudget)
}

// How far its log is, is the hospital's to say; a refusal costs nothing.
func TestAnAskForALogNotReached(t *testing.T) {
	w := open(t)
	w.refusedReasons(t, w.order("one", func(a *ledger.Ask) { a.AtLeastAsOf = 1 << 52 }), policy.ReasonSnapshotStale)
	token := w.Prefer(providertest.Withdrawal(), 1)
	r := w.answered(w.order("two", func(a *ledger.Ask) { a.AtLeastAsOf = token }))
	if got := r.Statement.Releases[0].Release.AsOf; got < token {
		t.Errorf("as of %d, before %d", got, token)
	}
}

func (w *world) refusedReasons(t testing.TB, o marketplace.Order, want ...policy.ReasonCode) {
	t.Helper()
	w.refused(t, nil, func() error {
		_, err := w.ask(o)
		var refused *provider.RefusedError
		if !errors.As(err, &refused) {
			t.Fatalf("error %v, want a refusal", err)
		}
		equal(t, "reasons", refused.Reasons, want)
		equal(t, "columns are named", len(refused.Columns) > 0, slices.Contains(want, policy.ReasonColumnNotReleased))
		return err
	})
	w.onRecord(t, o, want...)
}

// What a hospital says before it charges gives the reservation back, also when
// the researcher has hung up; the same request id can be used again.
func TestAHospitalsRefusalGivesTheReservationBack(t *testing.T) {
	for _, refusal := range []error{
		&provider.RefusedError{Reasons: []policy.ReasonCode{policy.ReasonEpsilonDatasetBudget}},
		provider.ErrMalformed, provider.ErrSignature, provider.ErrExpired, provider.ErrPlanMismatch, provider.ErrNoPolicy, provider.ErrRequestReused,
		provider.ErrCheckpointStale, provider.ErrNotReady,
	} {
		t.Run(refusal.Error(), func(t *testing.T) {
			w := open(t)
			o := w.order("one", nil)
			ctx, hangUp := context.WithCancel(t.Context())
			w.wire.onWay = func(provider.Question) error {
				hangUp()
				return fmt.Errorf("far away: %w", refusal)
			}
			w.refused(t, refusal, func() error {
				_, err := w.market.Ask(ctx, w.Researcher.Address(), o)
				return err
			})
			w.wire.onWay = nil
			w.answered(o)
			equal(t, "state", w.drawn(), "1 drawn, 1 charged, 1 receipts")
		})
	}
}

// G2: what a hospital cannot count costs nothing anywhere: no charge there, no credit and no allocation here.
func TestG2RecordsThatAreNotReadyGiveTheReservationBack(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	w.Engine.OnReady = func() error { return errors.New("dial db.example.org") }
	w.refused(t, provider.ErrNotReady, func() error {
		_, err := w.ask(o)
		return err
	})
	w.Engine.OnReady = nil
	w.answered(o)
	equal(t, "state", w.drawn(), "1 drawn, 1 charged, 1 receipts")
}

// After anything else the hospital may have charged: the reservation stays, and
// the same request finishes it once.
func TestAnythingElseKeepsTheReservation(t *testing.T) {
	lost := errors.New("connection lost")
	another := providertest.NewKey(t)
	for name, c := range map[string]struct {
		arrange func(*world)
		want    error
		charged int64
	}{
		"the question is lost": {func(w *world) { w.wire.onWay = func(provider.Question) error { return lost } }, lost, 0},
		"the answer is lost": {func(w *world) {
			w.wire.onReturn = func(r ledger.SignedRelease, _ error) (ledger.SignedRelease, error) { return r, lost }
		}, lost, 1},
		"the query failed": {func(w *world) {
			w.Engine.Before = func(context.Context, provider.Active) error { return lost }
		}, provider.ErrFailed, 1},
		"a signature of nothing": {func(w *world) {
			w.wire.onReturn = func(r ledger.SignedRelease, err error) (ledger.SignedRelease, error) {
				r.Release.Vector = []int64{9, 9, 9, 9}
				return r, err
			}
		}, marketplace.ErrUnavailable, 1},
		"signed by another key": {forged(func(*ledger.Release) {}, another), marketplace.ErrUnavailable, 1},
		"the answer to another": {forged(func(r *ledger.Release) { r.RequestID[0] ^= 1 }, nil), marketplace.ErrUnavailable, 1},
		"asked by another":      {forged(func(r *ledger.Release) { r.Ask[0] ^= 1 }, nil), marketplace.ErrUnavailable, 1},
		"under another grant":   {forged(func(r *ledger.Release) { r.Grant[0] ^= 1 }, nil), marketplace.ErrUnavailable, 1},
		"charged more":          {forged(func(r *ledger.Release) { r.NanoRho++ }, nil), marketplace.ErrUnavailable, 1},
		"charged less":          {forged(func(r *ledger.Release) { r.NanoRho-- }, nil), marketplace.ErrUnavailable, 1},
		"charged a delta":       {forged(func(r *ledger.Release) { r.Delta++ }, nil), marketplace.ErrUnavailable, 1},
		"charged an epsilon":    {forged(func(r *ledger.Release) { r.NanoEpsilon++ }, nil), marketplace.ErrUnavailable, 1},
		"of another version":    {forged(func(r *ledger.Release) { r.DatasetVersion = "0" }, nil), marketplace.ErrUnavailable, 1},
		"with a group too few":  {forged(func(r *ledger.Release) { r.Vector = r.Vector[1:] }, nil), marketplace.ErrUnavailable, 1},
		"the receipt is not stored": {func(w *world) {
			w.store = &brokenStore{Store: w.store, complete: lost}
			w.restart()
		}, lost, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			o := w.order("one", nil)
			c.arrange(w)
			if _, err := w.ask(o); !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			equal(t, "state", w.drawn(), fmt.Sprintf("1 drawn, %d charged, 0 receipts", c.charged))
			if _, err := w.market.Receipt(t.Context(), o.Ask.RequestID); !errors.Is(err, marketplace.ErrUnknownReceipt) {
				t.Errorf("receipt of an unanswered ask: %v", err)
			}
			w.wire.onWay, w.wire.onReturn, w.Engine.Before = nil, nil, nil
			if b, broken := w.store.(*brokenStore); broken {
				b.complete = nil
			}
			w.answered(o)
			w.answered(o)
			equal(t, "state", w.drawn(), "1 drawn, 1 charged, 1 receipts")
		})
	}
}

// forged has the hospital (or, if by is not nil, somebody else) sign another
// release.
func forged(change func(*ledger.Release), by *ledger.Key) func(*world) {
	return func(w *world) {
		w.wire.onReturn = func(r ledger.SignedRelease, err error) (ledger.SignedRelease, error) {
			key := w.Key
			if by != nil {
				key, r.Provider = by, by.Address()
			}
			change(&r.Release)
			sig, signErr := ledger.SignDocument(key, w.Domain, ledger.KindRelease, r.Release, 0, 0)
			r.Signature = sig
			return r, errors.Join(err, signErr)
		}
	}
}

// brokenStore fails where it is told to.
type brokenStore struct {
	marketplace.Store
	complete, cancel, saveAnchor, saveSettled, saveApproval error
}

func (b *brokenStore) Complete(ctx context.Context, id ledger.Hash, r ledger.Receipt, leaf ledger.Hash) (marketplace.Entry, error) {
	if b.complete != nil {
		return marketplace.Entry{}, b.complete
	}
	return b.Store.Complete(ctx, id, r, leaf)
}

func (b *brokenStore) Cancel(ctx context.Context, id ledger.Hash) error {
	if b.cancel != nil {
		return b.cancel
	}
	return b.Store.Cancel(ctx, id)
}

// A question that never arrived gives its reservation back once it has expired
// and is asked again; the hospital then refuses it.
func TestALostQuestionThatExpired(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	lost := errors.New("connection lost")
	w.wire.onWay = func(provider.Question) error { return lost }
	if _, err := w.ask(o); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	w.wire.onWay = nil
	w.Clock.Advance(600)
	if _, err := w.ask(o); !errors.Is(err, provider.ErrExpired) {
		t.Fatal(err)
	}
	equal(t, "state", w.drawn(), "0 drawn, 0 charged, 0 receipts")
}

// If giving back fails, the researcher learns the refusal and nothing of the
// store; asking again gives it back.
func TestGivingBackFails(t *testing.T) {
	w := open(t)
	broken := &brokenStore{Store: w.store, cancel: errors.New("disk I/O error")}
	w.store = broken
	w.restart()
	o := w.order("one", nil)
	w.wire.onWay = func(provider.Question) error { return provider.ErrNoPolicy }
	_, err := w.ask(o)
	if !errors.Is(err, provider.ErrNoPolicy) || strings.Contains(err.Error(), "disk") || !strings.Contains(w.Log.String(), "disk I/O") {
		t.Errorf("error %q, log %q", err, w.Log)
	}
	equal(t, "state", w.drawn(), "1 drawn, 0 charged, 0 receipts")
	broken.cancel = nil
	if _, err := w.ask(o); !errors.Is(err, provider.ErrNoPolicy) {
		t.Error(err)
	}
	equal(t, "state", w.drawn(), "0 drawn, 0 charged, 0 receipts")
}

func TestARequestIDIsForOneAskOfOneResearcher(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	lost := errors.New("connection lost")
	w.wire.onWay = func(provider.Question) error { return lost }
	if _, err := w.ask(o); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	w.wire.onWay = nil
	w.refusedAsk(t, marketplace.ErrRequestReused, w.order("one", func(a *ledger.Ask) { a.Expiry++ }))
	thief := providertest.NewKey(t)
	stolen := o
	stolen.Signature = w.SignAsk(thief, o.Ask)
	w.refused(t, marketplace.ErrRequestReused, func() error {
		_, err := w.market.Ask(t.Context(), thief.Address(), stolen)
		return err
	})
	equal(t, "whose", w.answered(o).Statement.Researcher, w.Researcher.Address())
}

func TestAHospitalThatIsGone(t *testing.T) {
	w := open(t)
	o := w.order("one", nil)
	lost := errors.New("connection lost")
	w.wire.onWay = func(provider.Question) error { return lost }
	if _, err := w.ask(o); !errors.Is(err, lost) {
		t.Fatal(err)
	}
	c := w.config()
	c.Hospitals = map[string]marketplace.Hospital{"hospital-b": w.wire}
	var err error
	w.market, err = marketplace.New(c)
	ok(t, err)
	w.refusedAsk(t, marketplace.ErrUnknownDataset, o)
}

// Many asks with the same voucher: one of them is answered.
func TestManyAsksOneVoucher(t *testing.T) {
	const asks = 16
	w := open(t)
	var orders []marketplace.Order
	for i := range asks {
		orders = append(orders, w.order(fmt.Sprint("ask ", i), nil))
	}
	var group sync.WaitGroup
	errs := make([]error, asks)
	for i, o := range orders {
		group.Go(func() { _, errs[i] = w.ask(o) })
	}
	group.Wait()
	refused := 0
	for _, err := range errs {
		if errors.Is(err, marketplace.ErrVoucher) {
			refused++
		} else if err != nil {
			t.Error(err)
		}
	}
	equal(t, "refused", refused, asks-1)
	equal(t, "state", w.drawn(), "1 drawn, 1 charged, 1 receipts")
}
