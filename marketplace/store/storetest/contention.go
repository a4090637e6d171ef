package storetest

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/medmarket/medmarket/marketplace"
)

// goroutines that compete for one budget.
const goroutines = 64

// compete runs do in many goroutines at once and counts those that return
// true; an error ends the test.
func compete(t *testing.T, do func(i int) (bool, error)) int {
	t.Helper()
	var won atomic.Int64
	var group sync.WaitGroup
	errs := make([]error, goroutines)
	for i := range goroutines {
		group.Go(func() {
			var first bool
			first, errs[i] = do(i)
			if first {
				won.Add(1)
			}
		})
	}
	group.Wait()
	ok(t, errors.Join(errs...))
	return int(won.Load())
}

func testGrantContention(t *testing.T, b *bench) {
	grant := b.study(t, "study")
	reservations := make([]marketplace.Reservation, goroutines)
	for i := range reservations {
		reservations[i] = b.reservation(fmt.Sprint(i), person("researcher %d", i), grant, 90, 1, 1)
	}
	won := compete(t, func(i int) (bool, error) {
		_, err := b.Reserve(t.Context(), reservations[i])
		if errors.Is(err, marketplace.ErrGrantBudget) {
			return false, nil
		}
		return err == nil, err
	})
	equal(t, "asks of 90 within 1000", won, 11)
	b.survives(t)
}

func testEscrowContention(t *testing.T, b *bench) {
	grant, ada := b.study(t, "study"), person("ada")
	reservations := make([]marketplace.Reservation, goroutines)
	for i := range reservations {
		reservations[i] = b.reservation(fmt.Sprint(i), ada, grant, 1, 90, 0)
	}
	won := compete(t, func(i int) (bool, error) {
		for { // somebody always gets ahead, so this ends
			a, err := b.Account(t.Context(), ada)
			if err != nil {
				return false, err
			}
			r := reservations[i]
			r.Voucher.Cumulative = uint64(a.Drawn + r.Work())
			_, err = b.Reserve(t.Context(), r)
			switch {
			case errors.Is(err, marketplace.ErrVoucher):
				continue
			case errors.Is(err, marketplace.ErrNoCredit):
				return false, nil
			}
			return err == nil, err
		}
	})
	equal(t, "asks of 90 within 1000", won, 11)
	a, err := b.Account(t.Context(), ada)
	ok(t, err)
	equal(t, "account", a, marketplace.Account{Drawn: 990})
}
