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

// Turns are a turn for each id, of a request or a study: calls for the same follow one another. The zero value is ready for use; it
// holds only the ids of calls under way.
type Turns struct {
	mu   sync.Mutex
	busy map[ledger.Hash]chan struct{} // closed when the call that holds the id ends
}

// Take waits until no other call holds id, or ctx ends.
func (t *Turns) Take(ctx context.Context, id ledger.Hash) (through func(), err error) {
	for {
		t.mu.Lock()
		held, taken := t.busy[id]
		if !taken {
			break
		}
		t.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer t.mu.Unlock()
	if t.busy == nil {
		t.busy = map[ledger.Hash]chan struct{}{}
	}
	done := make(chan struct{})
	t.busy[id] = done
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.busy, id)
		close(done)
	}, nil
}
