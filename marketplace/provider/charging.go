package provider

import (
	"context"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// charging are the calls that may charge yet, by request id. The zero value is ready for use; it holds none else.
type charging struct {
	mu sync.Mutex
	by map[ledger.Hash]*callers
}

type callers struct {
	n    int
	none chan struct{} // closed when the last of them is through
}

// begin counts a call until through is called.
func (c *charging) begin(request ledger.Hash) (through func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[ledger.Hash]*callers{}
	}
	all := c.by[request]
	if all == nil {
		all = &callers{none: make(chan struct{})}
		c.by[request] = all
	}
	all.n++
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if all.n--; all.n == 0 {
			delete(c.by, request)
			close(all.none)
		}
	}
}

// wait returns once no call for a request may charge it any more.
func (c *charging) wait(ctx context.Context, request ledger.Hash) error {
	c.mu.Lock()
	all := c.by[request]
	c.mu.Unlock()
	if all == nil {
		return ctx.Err()
	}
	select {
	case <-all.none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Charged says whether a request was charged, once no call that came before may charge it any more: whoever broke an ask off learns
// what it cost. It waits for no counting, which would tell how long that takes, and changes nothing: what was charged stands, and the same ask
// sent again is answered.
func (n *Node) Charged(ctx context.Context, request ledger.Hash) (bool, error) {
	if err := n.charging.wait(ctx, request); err != nil {
		return false, err
	}
	_, found, err := n.cfg.Store.Charged(ctx, request)
	return found, err
}
