package chain_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/pow"
)

func encodeHeader(t *testing.T, h *types.Header) []byte {
	t.Helper()
	enc, err := rlp.EncodeToBytes(h)
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

// mining runs miner until the test stops it, and checks what Run returns.
func mining(t *testing.T, miner *chain.Miner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- miner.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	}
}

func newMiner(t *testing.T, node *chain.Node, cfg chain.MineConfig) *chain.Miner {
	t.Helper()
	m, err := node.NewMiner(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// realTime is a chain on the machine's clock.
func realTime(t *testing.T) *chain.Node {
	t.Helper()
	cfg := chaintest.Config(t, nil)
	cfg.Now = nil
	node := open(t, cfg)
	t.Cleanup(func() { shut(t, node) })
	return node
}

// The miner keeps the pace of a block a second, never runs ahead of the clock,
// and switches its coinbase on the way.
func TestMinerPaces(t *testing.T) {
	node := realTime(t)
	sealed := make(chan chain.Head, 100)
	m := newMiner(t, node, chain.MineConfig{Coinbase: alice, OnBlock: func(h chain.Head) {
		if now := uint64(time.Now().Unix()); h.Time > now {
			t.Errorf("block %d is %d s ahead of the clock", h.Number, h.Time-now)
		}
		sealed <- h
	}})
	stop := mining(t, m)
	first := <-sealed
	m.SetCoinbase(bob)
	if first.Coinbase != alice {
		t.Errorf("the first block is for %s", first.Coinbase)
	}
	last := first
	for last.Coinbase != bob { // blocks begun for alice are finished for her
		next := <-sealed
		if next.Number != last.Number+1 || next.Time <= last.Time {
			t.Errorf("block %+v follows %+v", next, last)
		}
		last = next
	}
	stop()
	s := m.Stats()
	if s.Blocks < last.Number || s.Hashes == 0 || s.HashRate <= 0 || s.Difficulty < chaintest.Rule.MinDifficulty {
		t.Errorf("stats %+v", s)
	}
}

// Two sealers on one node share one chain, and a fallback sealer stays quiet while
// another works.
func TestFallbackSealer(t *testing.T) {
	node := realTime(t)
	heads, done := node.Heads()
	defer done()
	worker := newMiner(t, node, chain.MineConfig{Coinbase: alice, Threads: 2})
	fallback := newMiner(t, node, chain.MineConfig{Coinbase: bob, MinInterval: time.Hour})
	stopWorker, stopFallback := mining(t, worker), mining(t, fallback)
	for head := range heads {
		if head.Coinbase != alice {
			t.Errorf("the fallback sealed block %d", head.Number)
		}
		if head.Number == 3 {
			break
		}
	}
	stopWorker()
	stopFallback()
	if s := fallback.Stats(); s.Blocks != 0 || s.Hashes != 0 {
		t.Errorf("the fallback did %+v", s)
	}
}

// A block from elsewhere makes the miner drop its candidate at once: left alone it
// would have worked on it for hours.
func TestMinerFollowsTheHead(t *testing.T) {
	clock, later := chaintest.NewClock(), chaintest.NewClock()
	cfg, otherCfg := chaintest.Config(t, clock), chaintest.Config(t, later)
	cfg.Rule.GenesisDifficulty = 1 << 40
	otherCfg.Rule = cfg.Rule
	c, other := chaintest.Open(t, cfg, clock), chaintest.Open(t, otherCfg, later)
	later.Advance(24 * time.Hour) // the difficulty falls with time: now bob can seal
	blocks := other.Seal(t, bob, 1)

	clock.Advance(time.Second)
	sealed := make(chan chain.Head, 10)
	m := newMiner(t, c.Node, chain.MineConfig{Coinbase: alice, Refresh: time.Hour, OnBlock: func(h chain.Head) {
		select {
		case sealed <- h:
		default:
		}
	}})
	stop := mining(t, m)
	for m.Stats().Difficulty == 0 { // until it has its hopeless candidate
		runtime.Gosched()
	}
	clock.Advance(25 * time.Hour)
	importAll(t, c, blocks)
	next := <-sealed
	stop()
	if next.Number != 2 || next.Coinbase != alice {
		t.Errorf("next block %+v, want alice's on the imported block 1", next)
	}
}

// A hopeless search ends at once when ctx does, and when the node closes.
func TestMinerStops(t *testing.T) {
	clock := chaintest.NewClock()
	cfg := chaintest.Config(t, clock)
	cfg.Rule = pow.Rule{GenesisDifficulty: pow.MaxDifficulty, MinDifficulty: pow.MaxDifficulty, TargetSpacing: 1}
	c := chaintest.Open(t, cfg, clock)
	clock.Advance(time.Second)

	ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
	defer cancel()
	if _, err := c.SealBlock(ctx, chain.MineConfig{Coinbase: alice}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("SealBlock: %v", err)
	}

	done := make(chan error, 1)
	go func() { done <- c.Mine(context.Background(), chain.MineConfig{Coinbase: alice}) }()
	m := newMiner(t, c.Node, chain.MineConfig{Coinbase: bob})
	stop := mining(t, m)
	stop()
	shut(t, c.Node)
	if err := <-done; !errors.Is(err, chain.ErrClosed) {
		t.Errorf("Mine after Close: %v", err)
	}
}

func TestSealBlockStaysNearTheClock(t *testing.T) {
	c := chaintest.New(t)
	var err error
	count := 0
	for ; err == nil && count < 100; count++ {
		_, err = c.SealBlock(t.Context(), chain.MineConfig{Coinbase: alice})
	}
	if !errors.Is(err, pow.ErrTimeFuture) || count != pow.MaxFuture+1 {
		t.Errorf("block %d without a tick: %v", count, err)
	}
}

func TestMinerNeedsACoinbase(t *testing.T) {
	c := chaintest.New(t)
	if _, err := c.NewMiner(chain.MineConfig{}); !errors.Is(err, chain.ErrConfig) {
		t.Errorf("error %v", err)
	}
}

// Several who build on one node at once wait for its pool one after another:
// go-ethereum lets the first wait for ever when a second comes.
func TestManyBuildAtOnce(t *testing.T) {
	clock := chaintest.NewClock()
	c := chaintest.Open(t, chaintest.Config(t, clock), clock)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	done := make(chan error)
	const builders = 8
	for range builders {
		go func() {
			var err error
			for range 25 {
				clock.Advance(time.Second)
				if _, err = c.SealBlock(ctx, chain.MineConfig{Coinbase: alice}); err != nil {
					break
				}
			}
			done <- err
		}()
	}
	for range builders {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-ctx.Done():
			t.Fatal("somebody waits for the pool for ever")
		}
	}
}

// A miner whose block comes after another one at its height is final goes on.
func TestOwnBlockBesideAFinalOne(t *testing.T) {
	c := chaintest.New(t)
	m := newMiner(t, c.Node, chain.MineConfig{Coinbase: bob})
	err := m.SealLate(t.Context(), func() {
		for c.Finalized().Number == 0 {
			c.Seal(t, alice, 1)
		}
	})
	if !errors.Is(err, chain.ErrStale) {
		t.Errorf("error %v", err)
	}
}
