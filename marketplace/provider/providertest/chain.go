package providertest

import (
	"context"
	"errors"
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
	anchors      map[string]map[uint64]anchored // by kind of log and size: one keeper each
	keepers      []ledger.Address               // of logs
	steps        map[ledger.Hash][2]ledger.Hash // heads of the steps of studies' reviews: in the newest block, and final
	block        uint64                         // of the last anchor
	final        uint64                         // last final block
	sealed       int64                          // when that was, Unix seconds; 0: just now
	now          func() time.Time
	allowed      map[string]ledger.Allowance // by dataset: one hospital each
	escrow       map[[2]ledger.Address]int64 // by researcher and marketplace

	Fail    func(method string) error // hook, to be set while no one reads; nil: nothing fails
	Shallow bool                      // likewise: what is final is not deep enough to be proven
}

type anchored struct {
	root  ledger.Hash
	block uint64
}

// NewChain returns a chain on which nothing is recorded.
func NewChain() *Chain {
	return &Chain{
		grants: map[ledger.Hash]ledger.GrantRecord{}, participants: map[ledger.Address]ledger.Participant{},
		anchors: map[string]map[uint64]anchored{}, steps: map[ledger.Hash][2]ledger.Hash{}, now: time.Now,
		allowed: map[string]ledger.Allowance{}, escrow: map[[2]ledger.Address]int64{},
	}
}

// Put records a grant, or replaces it.
func (c *Chain) Put(g ledger.GrantRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	g.Since = g.NotBefore
	if first, known := c.grants[g.Study]; known && !g.Amends.IsZero() {
		g.Since = first.NotBefore
	}
	c.grants[g.Document] = g
}

// Enter records a participant, or replaces her.
func (c *Chain) Enter(p ledger.Participant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.participants[p.Address] = p
}

// SetEscrow sets what a researcher has set aside for a marketplace in all.
func (c *Chain) SetEscrow(researcher, marketplace ledger.Address, work int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.escrow[[2]ledger.Address{researcher, marketplace}] = work
}

// Escrow implements [provider.Chain].
func (c *Chain) Escrow(_ context.Context, researcher, marketplace ledger.Address) (int64, error) {
	if err := c.Failing("Escrow"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.escrow[[2]ledger.Address{researcher, marketplace}], nil
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
func (c *Chain) Grant(_ context.Context, document ledger.Hash, _ ledger.Address) (ledger.GrantRecord, bool, error) {
	if err := c.Failing("Grant"); err != nil {
		return ledger.GrantRecord{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	g, ok := c.grants[document]
	return g, ok, nil
}

// GrantNow is Grant: its blocks are final at once.
func (c *Chain) GrantNow(ctx context.Context, document ledger.Hash, committee ledger.Address) (ledger.GrantRecord, bool, error) {
	return c.Grant(ctx, document, committee)
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

// Anchor implements [provider.AnchorChain], a block an anchor. The newest root
// may be anchored again.
func (c *Chain) Anchor(_ context.Context, kind string, size uint64, root ledger.Hash) (uint64, error) {
	if err := c.Failing("Anchor"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.anchors[kind][size]; ok && old.root != root {
		return 0, errors.New("another root is anchored")
	}
	if c.anchors[kind] == nil {
		c.anchors[kind] = map[uint64]anchored{}
	}
	c.block++
	c.anchors[kind][size] = anchored{root, c.block}
	return c.block, nil
}

// FinalTime implements [provider.Chain].
func (c *Chain) FinalTime(context.Context) (int64, error) {
	if err := c.Failing("FinalTime"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sealed == 0 {
		return c.now().Unix(), nil
	}
	return c.sealed, nil
}

// Sealed sets when the last final block was sealed, Unix seconds. Until it is
// called that is never long ago.
func (c *Chain) Sealed(at int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sealed = at
}

// FinalBlock implements [provider.AnchorChain].
func (c *Chain) FinalBlock(context.Context) (uint64, error) {
	if err := c.Failing("FinalBlock"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.final, nil
}

// AnchorRoot implements [provider.AnchorChain], for the logs of those who were
// named to Keep.
func (c *Chain) AnchorRoot(_ context.Context, log ledger.Hash, size uint64) (ledger.Hash, error) {
	if err := c.Failing("AnchorRoot"); err != nil {
		return ledger.Hash{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for kind, anchors := range c.anchors {
		for _, keeper := range c.keepers {
			if a := anchors[size]; ledger.LogID(kind, keeper) == log && a.block <= c.final {
				return a.root, nil
			}
		}
	}
	return ledger.Hash{}, nil
}

// Keep names a keeper of logs.
func (c *Chain) Keep(keeper ledger.Address) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keepers = append(c.keepers, keeper)
}

// Reorganise takes every anchor that is not final off the chain. The blocks in
// their place are empty.
func (c *Chain) Reorganise() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, anchors := range c.anchors {
		for size, a := range anchors {
			if a.block > c.final {
				delete(anchors, size)
			}
		}
	}
}

// NewestAnchor implements [provider.AnchorChain].
func (c *Chain) NewestAnchor(_ context.Context, log ledger.Hash) (newest uint64, err error) {
	if err := c.Failing("NewestAnchor"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for kind, anchors := range c.anchors {
		for _, keeper := range c.keepers {
			for size, a := range anchors {
				if ledger.LogID(kind, keeper) == log && a.block <= c.final {
					newest = max(newest, size)
				}
			}
		}
	}
	return newest, nil
}

// RaiseAllowance implements [provider.Chain]; it is final at once.
func (c *Chain) RaiseAllowance(_ context.Context, dataset string, a ledger.Allowance) error {
	if err := c.Failing("RaiseAllowance"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.allowed[dataset] = c.allowed[dataset].Max(a)
	return nil
}

// FinalAllowance implements [provider.Chain].
func (c *Chain) FinalAllowance(_ context.Context, _ ledger.Address, dataset string) (ledger.Allowance, error) {
	if err := c.Failing("FinalAllowance"); err != nil {
		return ledger.Allowance{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.allowed[dataset], nil
}

// AnchorProof implements [provider.AnchorChain]. The proof names its block only.
func (c *Chain) AnchorProof(_ context.Context, _ ledger.Hash, _, block, known uint64) (ledger.AnchorProof, bool, error) {
	if err := c.Failing("AnchorProof"); err != nil {
		return ledger.AnchorProof{}, false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return ledger.AnchorProof{Block: max(block, known)}, block <= c.final && !c.Shallow, nil
}

// AnchorProvable implements provider.AnchorChain.
func (c *Chain) AnchorProvable(ctx context.Context, log ledger.Hash, size, block uint64) (bool, error) {
	_, provable, err := c.AnchorProof(ctx, log, size, block, 0)
	return provable, err
}

// Finalise makes every anchor final and returns the last block.
func (c *Chain) Finalise() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.final = c.block
	for study, heads := range c.steps {
		c.steps[study] = [2]ledger.Hash{heads[0], heads[0]}
	}
	return c.final
}

// StepsHead returns the final head of a study's steps, whoever recorded them.
func (c *Chain) StepsHead(_ context.Context, _ ledger.Address, study ledger.Hash) (ledger.Hash, error) {
	if err := c.Failing("StepsHead"); err != nil {
		return ledger.Hash{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.steps[study][1], nil
}

// RecordSteps records steps of a study, but for those that are there, as the contract does; final once [Chain.Finalise] is
// called.
func (c *Chain) RecordSteps(_ context.Context, study, before ledger.Hash, steps []ledger.Hash) error {
	if err := c.Failing("RecordSteps"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	newest, there := c.steps[study][0], false
	for head, i := before, 0; ; i++ {
		if there = there || head == newest; i == len(steps) {
			break
		}
		head = ledger.StepsHead(head, steps[i])
		if there {
			newest = head
		}
	}
	if !there {
		return errors.New("other steps are recorded")
	}
	c.steps[study] = [2]ledger.Hash{newest, c.steps[study][1]}
	return nil
}

// Anchored is the root that is anchored for a kind of log at a size; zero if none is.
func (c *Chain) Anchored(kind string, size uint64) ledger.Hash {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.anchors[kind][size].root
}

// Clock is a clock that only tests move. It starts at [Start].
type Clock struct{ seconds atomic.Int64 }

// Start is when every [Clock] starts, in Unix seconds.
const Start = 1_800_000_000

// Now is the time on the clock.
func (c *Clock) Now() time.Time { return time.Unix(Start+c.seconds.Load(), 0) }

// Advance moves the clock on by whole seconds.
func (c *Clock) Advance(seconds int64) { c.seconds.Add(seconds) }
