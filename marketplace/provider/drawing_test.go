package provider_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// escrow sets what the chain says that the researcher has set aside and not taken back.
func (w *world) escrow(work int64) {
	w.Chain.SetEscrow(w.Researcher.Address(), w.Market.Address(), work)
}

// unpaid checks that a question is refused because the escrow does not cover it, at no cost.
func (w *world) unpaid(q provider.Question) {
	w.t.Helper()
	w.refused(provider.ErrNoCredit, func(ctx context.Context) error {
		_, err := w.Release(ctx, q)
		return err
	})
	w.uncharged(q)
}

// A marketplace that lets somebody ask who has set nothing aside for it.
func TestG3NobodyAsksWithoutEscrow(t *testing.T) {
	w := openExact(t)
	price := w.cost * providertest.Price
	w.escrow(0)
	w.unpaid(w.ask("one"))
	w.Chain.SetEscrow(w.Researcher.Address(), w.Key.Address(), 1<<50) // for somebody else
	w.unpaid(w.ask("one"))
	w.escrow(price - 1)
	w.unpaid(w.ask("one"))
	w.escrow(price)
	w.release(w.ask("one"))
}

// A marketplace that lets her ask beyond her escrow, after a restart of the hospital too. What is charged is paid.
func TestG3NobodyAsksBeyondTheEscrow(t *testing.T) {
	w := openExact(t)
	price := w.cost * providertest.Price
	w.escrow(2*price + 1)
	one := w.release(w.ask("one"))
	w.release(w.ask("two"))
	w.unpaid(w.ask("three"))
	w.Store = openStore(t, w.file)
	w.Restart()
	w.unpaid(w.ask("three"))
	w.escrow(0)
	equal(t, "the first, asked again", w.release(w.ask("one")), one)
	w.escrow(3 * price)
	w.release(w.ask("three"))
}

// A marketplace that counts escrow which she has taken back. What is burnt stays: it has paid for what was asked before, and for nothing since.
func TestG3EscrowThatWasTakenBack(t *testing.T) {
	w := openExact(t)
	price := w.cost * providertest.Price
	w.escrow(2 * price)
	w.release(w.ask("one"))
	w.escrow(0) // all of it is taken back, though one is not settled
	w.unpaid(w.ask("two"))
	w.escrow(price) // and set aside again
	w.unpaid(w.ask("two"))
	w.escrow(2 * price)
	w.release(w.ask("two"))
	// Settled or not, the chain says the same of it: all that was set aside is burnt.
	w.unpaid(w.ask("three"))
}

// Asks that come at once take no more than the escrow together.
func TestG3ManyAsksOneEscrow(t *testing.T) {
	const asks, covered = 6, 3
	w := openExact(t)
	w.escrow(covered * w.cost * providertest.Price)
	errs := make([]error, asks)
	var group sync.WaitGroup
	for i := range asks {
		q := w.ask(fmt.Sprint("ask ", i))
		group.Go(func() { _, errs[i] = w.Release(t.Context(), q) })
	}
	group.Wait()
	answered := 0
	for _, err := range errs {
		if err == nil {
			answered++
		} else if !errors.Is(err, provider.ErrNoCredit) {
			t.Error(err)
		}
	}
	dataset, _ := w.spent()
	equal(t, "answered, spent", []int64{int64(answered), dataset}, []int64{covered, covered * w.cost})
}

// Escrow that cannot be read is none; what was charged before needs none.
func TestG3TheEscrowCannotBeRead(t *testing.T) {
	w := openExact(t)
	w.Engine.Before = fails(errors.New("broken"))
	charged := w.ask("charged")
	if _, err := w.Release(t.Context(), charged); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.Before = nil
	down := errors.New("the node is down")
	w.Chain.Fail = func(method string) error {
		if method == "Escrow" {
			return down
		}
		return nil
	}
	w.refused(down, func(ctx context.Context) error {
		_, err := w.Release(ctx, w.ask("one"))
		return err
	})
	w.release(charged)
}

// A researcher who signs for less than the price is not asked to pay less.
func TestG3NothingIsSoldBelowItsPrice(t *testing.T) {
	w := openExact(t)
	ask := func(work int64) provider.Question {
		return w.Question("one", w.grant, w.Query(loss), func(a *ledger.Ask) { a.MaxWork = work })
	}
	price := w.cost * providertest.Price
	for _, work := range []int64{0, -1, price - 1} {
		w.refused(provider.ErrPrice, func(ctx context.Context) error {
			_, err := w.Release(ctx, ask(work))
			return err
		})
	}
	w.escrow(price)
	got := w.release(ask(1 << 50)) // the price is drawn, not what she would have paid, and the hospital signs that
	equal(t, "work", got.Release.Work, price)
}
