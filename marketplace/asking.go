package marketplace

import (
	"context"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// asking serialises calls by request id. The zero value is ready for use; it
// holds only the ids of calls under way.
type asking struct {
	mu   sync.Mutex
	busy map[ledger.Hash]chan struct{} // closed when the call that holds the id ends
}

// lock waits until no other call holds id, or ctx ends.
func (a *asking) lock(ctx context.Context, id ledger.Hash) (unlock func(), err error) {
	for {
		a.mu.Lock()
		held, taken := a.busy[id]
		if !taken {
			break
		}
		a.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer a.mu.Unlock()
	if a.busy == nil {
		a.busy = map[ledger.Hash]chan struct{}{}
	}
	done := make(chan struct{})
	a.busy[id] = done
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.busy, id)
		close(done)
	}, nil
}
