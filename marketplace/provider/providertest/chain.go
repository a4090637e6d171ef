package providertest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// Chain is what is final on a chain, in memory. It implements [provider.Chain].
type Chain struct {
	mu           sync.Mutex
	grants       map[ledger.Hash]ledger.GrantRecord
	participants map[ledger.Address]ledger.Participant

	Fail func(method string) error // hook, to be set while no one reads; nil: nothing fails
}

// NewChain returns a chain on which nothing is recorded.
func NewChain() *Chain {
	return &Chain{grants: map[ledger.Hash]ledger.GrantRecord{}, participants: map[ledger.Address]ledger.Participant{}}
}

// Put records a grant, or replaces it.
func (c *Chain) Put(g ledger.GrantRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grants[g.Document] = g
}

// Enter records a participant, or replaces her.
func (c *Chain) Enter(p ledger.Participant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.participants[p.Address] = p
}

// String writes down all that is recorded.
func (c *Chain) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.grants, c.participants)
}

// Failing calls the hook.
func (c *Chain) Failing(method string) error {
	if c.Fail == nil {
		return nil
	}
	return c.Fail(method)
}

// Grant implements [provider.Chain].
func (c *Chain) Grant(_ context.Context, document ledger.Hash) (ledger.GrantRecord, bool, error) {
	if err := c.Failing("Grant"); err != nil {
		return ledger.GrantRecord{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.grants[document]
	return g, ok, nil
}

// Participant implements [provider.Chain].
func (c *Chain) Participant(_ context.Context, address ledger.Address) (ledger.Participant, error) {
	if err := c.Failing("Participant"); err != nil {
		return ledger.Participant{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.participants[address], nil
}

// Clock is a clock that only tests move. It starts at [Start].
type Clock struct{ seconds atomic.Int64 }

// Start is when every [Clock] starts, in Unix seconds.
const Start = 1_800_000_000

// Now is the time on the clock.
func (c *Clock) Now() time.Time { return time.Unix(Start+c.seconds.Load(), 0) }

// Advance moves the clock on by whole seconds.
func (c *Clock) Advance(seconds int64) { c.seconds.Add(seconds) }
