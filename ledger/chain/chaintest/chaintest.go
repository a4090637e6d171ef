// Package chaintest runs real chains for tests: a node in a temporary directory,
// difficulty low enough to seal hundreds of blocks a second, and a clock that goes
// where the test sends it. It promises nothing a real network would need.
package chaintest

import (
	"context"
	"crypto/ecdsa"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/pow"
)

// ChainID of every chain made here.
const ChainID = 31337

// Rule seals in well under a millisecond. With a spacing of 1 s the difficulty stays at
// 64 while blocks come a second apart, and falls when they come later.
var Rule = pow.Rule{GenesisDifficulty: 64, MinDifficulty: 16, TargetSpacing: 1}

// Clock is a settable clock; it stands still between calls.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at 2026-01-01 UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Chain is a node and its clock.
type Chain struct {
	*chain.Node
	Clock *Clock
}

// Config is what New uses, for tests that need something else as well.
func Config(tb testing.TB, clock *Clock) chain.Config {
	return chain.Config{Dir: tb.TempDir(), ChainID: ChainID, Rule: Rule, Now: clock.Now}
}

// New starts a chain on which each funded account owns 1000 coins. It closes with
// the test.
func New(tb testing.TB, funded ...common.Address) *Chain {
	tb.Helper()
	clock := NewClock()
	cfg := Config(tb, clock)
	cfg.Alloc = map[common.Address]*big.Int{}
	for _, a := range funded {
		cfg.Alloc[a] = new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))
	}
	return Open(tb, cfg, clock)
}

// Open starts the chain cfg describes, whose clock is clock. It closes with the test.
func Open(tb testing.TB, cfg chain.Config, clock *Clock) *Chain {
	tb.Helper()
	node, err := chain.Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := node.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &Chain{Node: node, Clock: clock}
}

// Seal seals count blocks for coinbase, a second of the clock apart, with whatever
// the transaction pool holds.
func (c *Chain) Seal(tb testing.TB, coinbase common.Address, count int) []*types.Block {
	tb.Helper()
	blocks := make([]*types.Block, count)
	for i := range blocks {
		c.Clock.Advance(time.Second)
		block, err := c.SealBlock(context.Background(), chain.MineConfig{Coinbase: coinbase})
		if err != nil {
			tb.Fatal(err)
		}
		blocks[i] = block
	}
	return blocks
}

// Key is a private key made from a name, and its account.
func Key(tb testing.TB, name string) (*ecdsa.PrivateKey, common.Address) {
	tb.Helper()
	key, err := crypto.ToECDSA(crypto.Keccak256([]byte(name)))
	if err != nil {
		tb.Fatal(err)
	}
	return key, crypto.PubkeyToAddress(key.PublicKey)
}
