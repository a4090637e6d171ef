package provider

import (
	"context"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// turn is held by one call at a time. Whoever waits for it can stop waiting.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn; the caller gives it back by through.
func (t turn) take(ctx context.Context) (through func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// turns are a turn for each request. The zero value is ready for use; it holds none that nobody wants.
type turns struct {
	mu sync.Mutex
	by map[ledger.Hash]*wanted
}

type wanted struct {
	turn
	n int // calls that hold it or wait
}

// take is [turn.take] of a request's.
func (t *turns) take(ctx context.Context, request ledger.Hash) (through func(), err error) {
	one := t.want(request)
	back, err := one.take(ctx)
	if err != nil {
		t.leave(request, one)
		return nil, err
	}
	return func() {
		back()
		t.leave(request, one)
	}, nil
}

func (t *turns) want(request ledger.Hash) *wanted {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[ledger.Hash]*wanted{}
	}
	one := t.by[request]
	if one == nil {
		one = &wanted{turn: newTurn()}
		t.by[request] = one
	}
	one.n++
	return one
}

func (t *turns) leave(request ledger.Hash, one *wanted) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if one.n--; one.n == 0 {
		delete(t.by, request)
	}
}
