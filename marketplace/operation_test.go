package marketplace_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// start has an order go on by itself.
func (w *world) start(o marketplace.Order) marketplace.Operation {
	w.t.Helper()
	op, err := w.market.StartAsk(w.t.Context(), w.Researcher.Address(), o)
	ok(w.t, err)
	return op
}

// operation is how an ask of the researcher's stands.
func (w *world) operation(o marketplace.Order) marketplace.Operation {
	w.t.Helper()
	op, err := w.market.Operation(w.t.Context(), w.Researcher.Address(), o.Ask.RequestID)
	ok(w.t, err)
	return op
}

// ended is how an ask stands that nothing holds up.
func (w *world) ended(o marketplace.Order) marketplace.Operation {
	w.t.Helper()
	for {
		if op := w.operation(o); op.State != marketplace.OperationRunning {
			return op
		}
		runtime.Gosched()
	}
}

func (w *world) cancel(o marketplace.Order) marketplace.Operation {
	w.t.Helper()
	op, err := w.market.CancelOperation(w.t.Context(), w.Researcher.Address(), o.Ask.RequestID)
	ok(w.t, err)
	return op
}

// openOperating is open with a marketplace that is closed at the end.
func openOperating(t *testing.T) *world {
	t.Helper()
	w := open(t)
	t.Cleanup(func() { w.market.Close() })
	return w
}

// An ask that nobody waits for says how far it is, is answered once, and is on record after a restart.
func TestOperationIsAnswered(t *testing.T) {
	w := openOperating(t)
	arrived, on := make(chan struct{}), make(chan struct{})
	w.wire.onWay = func(provider.Question) error {
		close(arrived)
		<-on
		return nil
	}
	o := w.order("one", func(a *ledger.Ask) { a.RequestID = ledger.Hash{1} })
	equal(t, "started", w.start(o).State, marketplace.OperationRunning)
	<-arrived
	running := w.operation(o)
	equal(t, "progress", []any{running.State, running.Hospitals}, []any{
		marketplace.OperationRunning, []marketplace.HospitalState{{Dataset: providertest.Dataset, State: marketplace.HospitalAsked}},
	})
	equal(t, "started again", w.start(o).State, marketplace.OperationRunning)
	close(on)
	reply, err := w.market.Ask(t.Context(), w.Researcher.Address(), o) // waits for it
	ok(t, err)
	done := w.ended(o)
	equal(t, "answered", []any{done.State, done.Hospitals[0].State}, []any{marketplace.OperationAnswered, ledger.MissingState("")})
	equal(t, "the answer", done.Reply.Receipt.Statement, reply.Receipt.Statement)
	equal(t, "cost", w.drawn(), "1 drawn, 1 charged, 1 receipts")
	w.market.Close()
	w.restart()
	again := w.operation(o)
	equal(t, "after a restart", []any{again.State, again.Reply.Receipt.Statement}, []any{marketplace.OperationAnswered, reply.Receipt.Statement})
	equal(t, "too late to cancel", w.cancel(o).State, marketplace.OperationAnswered)
	equal(t, "cost", w.drawn(), "1 drawn, 1 charged, 1 receipts")
}

// What is cancelled before the hospital charges costs nothing, and can be asked again.
func TestG5CancelledBeforeTheCharge(t *testing.T) {
	w := openOperating(t)
	arrived, leave := make(chan struct{}), make(chan struct{})
	w.wire.onWay = func(provider.Question) error {
		close(arrived)
		<-leave
		return context.Canceled
	}
	o := w.order("one", nil)
	w.start(o)
	<-arrived
	equal(t, "taken", w.drawn(), "1 drawn, 0 charged, 0 receipts")
	done := make(chan marketplace.Operation, 1)
	go func() { done <- w.cancel(o) }()
	close(leave)
	equal(t, "cancelled", <-done, marketplace.Operation{Request: o.Ask.RequestID, State: marketplace.OperationCancelled})
	equal(t, "shown", w.operation(o).State, marketplace.OperationCancelled)
	equal(t, "cost", w.drawn(), "0 drawn, 0 charged, 0 receipts")
	equal(t, "once more", w.cancel(o).State, marketplace.OperationCancelled)
	w.wire.onWay = nil
	w.answered(o)
	equal(t, "cost of asking again", w.drawn(), "1 drawn, 1 charged, 1 receipts")
}

// counting has the hospital count until the question is broken off; the channel is closed when it begins.
func (w *world) counting() (begun chan struct{}) {
	begun = make(chan struct{})
	w.Engine.Before = func(ctx context.Context, _ provider.Active) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}
	return begun
}

// G5: what is cancelled after the charge stays charged, says so, and is answered when it is sent again, without another charge.
func TestG5CancelledAfterTheCharge(t *testing.T) {
	w := openOperating(t)
	counting := w.counting()
	o := w.order("one", nil)
	w.start(o)
	<-counting
	want := marketplace.Operation{Request: o.Ask.RequestID, State: marketplace.OperationOpen, Charged: true}
	equal(t, "cancelled", w.cancel(o), want)
	equal(t, "shown", w.operation(o), want)
	equal(t, "cost", w.drawn(), "1 drawn, 1 charged, 0 receipts")
	w.Engine.Before = nil
	w.answered(o)
	equal(t, "cost once answered", w.drawn(), "1 drawn, 1 charged, 1 receipts")
	equal(t, "at last", w.cancel(o).State, marketplace.OperationAnswered)
}

// While the hospital does not say whether it charged, nothing is given back.
func TestG5CancelledWithoutTheHospital(t *testing.T) {
	w := openOperating(t)
	counting := w.counting()
	o := w.order("one", nil)
	w.start(o)
	<-counting
	w.wire.charged = func() error { return errors.New("no way there") }
	_, err := w.market.CancelOperation(t.Context(), w.Researcher.Address(), o.Ask.RequestID)
	if !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("error %v, want ErrUnavailable", err)
	}
	equal(t, "shown", w.operation(o).State, marketplace.OperationOpen)
	equal(t, "cost", w.drawn(), "1 drawn, 1 charged, 0 receipts")
	w.wire.charged = nil
	equal(t, "charged", w.cancel(o).Charged, true)
}

// A marketplace that is closed ends what runs; the ask is open.
func TestG5ClosedWhileItCounts(t *testing.T) {
	w := openOperating(t)
	counting := w.counting()
	o := w.order("one", nil)
	w.start(o)
	<-counting
	w.market.Close()
	equal(t, "shown", w.operation(o).State, marketplace.OperationOpen)
	if _, err := w.market.StartAsk(t.Context(), w.Researcher.Address(), o); !errors.Is(err, marketplace.ErrTooManyOperations) {
		t.Errorf("started by a closed marketplace: %v", err)
	}
	w.restart()
	w.Engine.Before = nil
	w.start(o)
	equal(t, "after a restart", w.ended(o).State, marketplace.OperationAnswered)
	equal(t, "cost", w.drawn(), "1 drawn, 1 charged, 1 receipts")
}

// What is refused is no operation, but says why for a while; and an operation is nobody else's.
func TestG2OperationsOfOthers(t *testing.T) {
	w := openOperating(t)
	other := providertest.NewKey(t)
	bad := w.order("bad", func(a *ledger.Ask) { a.MaxWork = 1 })
	if _, err := w.market.StartAsk(t.Context(), w.Researcher.Address(), bad); !errors.Is(err, marketplace.ErrPrice) {
		t.Errorf("above what she signed: %v", err)
	}
	failed := w.operation(bad)
	equal(t, "refused", []any{failed.State, errors.Is(failed.Err, marketplace.ErrPrice)}, []any{marketplace.OperationFailed, true})
	equal(t, "cost", w.drawn(), "0 drawn, 0 charged, 0 receipts")
	o := w.order("one", nil)
	if _, err := w.market.StartAsk(t.Context(), other.Address(), o); !errors.Is(err, marketplace.ErrSignature) {
		t.Errorf("started by another: %v", err)
	}
	w.answered(o)
	for name, call := range map[string]func(context.Context, ledger.Address, ledger.Hash) (marketplace.Operation, error){
		"looked at": w.market.Operation, "cancelled": w.market.CancelOperation,
	} {
		if _, err := call(t.Context(), other.Address(), o.Ask.RequestID); !errors.Is(err, marketplace.ErrUnknownReceipt) {
			t.Errorf("%s by another: %v", name, err)
		}
		if _, err := call(t.Context(), w.Researcher.Address(), ledger.Hash{4}); !errors.Is(err, marketplace.ErrUnknownReceipt) {
			t.Errorf("%s, of an ask that there is not: %v", name, err)
		}
	}
	reused := w.order("two", func(a *ledger.Ask) { a.RequestID = bad.Ask.RequestID })
	_, err := w.market.StartAsk(t.Context(), w.Researcher.Address(), reused)
	if !errors.Is(err, marketplace.ErrRequestReused) {
		t.Errorf("another ask under its request id: %v", err)
	}
}

// One researcher has so many under way at once.
func TestTooManyOperations(t *testing.T) {
	w := openOperating(t)
	leave := make(chan struct{})
	w.wire.onWay = func(provider.Question) error {
		<-leave
		return nil
	}
	var orders []marketplace.Order
	for i := range marketplace.MaxOperations + 1 {
		o := w.order(string(rune('a'+i)), nil)
		orders = append(orders, o)
		if i < marketplace.MaxOperations {
			w.start(o)
		}
	}
	last := orders[marketplace.MaxOperations]
	if _, err := w.market.StartAsk(t.Context(), w.Researcher.Address(), last); !errors.Is(err, marketplace.ErrTooManyOperations) {
		t.Errorf("one too many: %v", err)
	}
	close(leave)
	w.ended(orders[0])
	w.start(last)
}
