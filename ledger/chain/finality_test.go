package chain_test

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

// every is the distance of the tests' checkpoints.
const every = 4

// signerKeys are the keys of count signers.
func signerKeys(t *testing.T, count int) []*ledger.Key {
	t.Helper()
	keys := make([]*ledger.Key, count)
	for i := range keys {
		key, err := ledger.KeyFromBytes(append(make([]byte, 31), byte(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = key
	}
	return keys
}

func addresses(keys []*ledger.Key) (out []chain.Address) {
	for _, k := range keys {
		out = append(out, chain.Address(k.Address()))
	}
	return out
}

// voting is the configuration of a node whose network's signers have keys; it votes
// with one of them, or not at all.
func voting(t *testing.T, clock *chaintest.Clock, keys []*ledger.Key, voter *ledger.Key) chain.Config {
	t.Helper()
	cfg := member(t, clock)
	cfg.GenesisSigners, cfg.CheckpointInterval, cfg.Voter = addresses(keys), every, voter
	return cfg
}

// signers opens one node for each of count signers, on one clock.
func signers(t *testing.T, clock *chaintest.Clock, count int) []*chaintest.Chain {
	t.Helper()
	keys := signerKeys(t, count)
	nodes := make([]*chaintest.Chain, count)
	for i := range nodes {
		nodes[i] = chaintest.Open(t, voting(t, clock, keys, keys[i]), clock)
	}
	return nodes
}

// line connects nodes one to the next.
func line(t *testing.T, nodes ...*chaintest.Chain) {
	t.Helper()
	for i := range nodes[1:] {
		connect(t, nodes[i], nodes[i+1])
	}
}

func finalAt(number uint64, nodes ...*chaintest.Chain) func() bool {
	return func() bool {
		return !slices.ContainsFunc(nodes, func(c *chaintest.Chain) bool { return c.Finalized().Number != number })
	}
}

// grow seals count blocks on one node, each after all nodes have the last. All their
// clocks go on.
func grow(t *testing.T, count int, nodes ...*chaintest.Chain) {
	t.Helper()
	for range count {
		nodes[0].Seal(t, alice, 1)
		behind := map[*chaintest.Clock]bool{}
		for _, c := range nodes {
			behind[c.Clock] = c.Clock != nodes[0].Clock
		}
		for clock, yes := range behind {
			if yes {
				clock.Advance(time.Second)
			}
		}
		await(t, "one head", func() bool { return agree(nodes...) })
	}
}

func TestCheckpointsBecomeFinal(t *testing.T) {
	clock := chaintest.NewClock()
	nodes := signers(t, clock, 4)
	line(t, nodes...)
	grow(t, 3*every+1, nodes...)
	await(t, "two checkpoints are final", finalAt(2*every, nodes...))
	status := nodes[3].Checkpoint()
	if status.Justified.Number != 3*every || status.Final.Number != 2*every || status.Interval != every || status.Final.Time == 0 {
		t.Errorf("status %+v", status)
	}
	for tag, want := range map[rpc.BlockNumber]chain.Hash{rpc.FinalizedBlockNumber: status.Final.Hash, rpc.SafeBlockNumber: status.Justified.Hash} {
		if h, err := nodes[0].Client().HeaderByNumber(t.Context(), big.NewInt(int64(tag))); err != nil || h.Hash() != want {
			t.Errorf("tag %s: %v, %v; want %s", tag, h, err, want)
		}
	}
}

// Without a quorum blocks go on, and nothing becomes final.
func TestWithoutQuorumNothingIsFinal(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	a, b := chaintest.Open(t, voting(t, clock, keys, keys[0]), clock), chaintest.Open(t, voting(t, clock, keys, keys[1]), clock)
	line(t, a, b)
	grow(t, 5*every, a, b)
	if status := a.Checkpoint(); status.Final.Number != 0 || status.Justified.Number != 0 {
		t.Errorf("two of four made %+v", status)
	}
}

// apart is two sides of a network with a trunk in common, each with its clock.
func apart(t *testing.T, left, right int) (l, r []*chaintest.Chain) {
	t.Helper()
	keys := signerKeys(t, left+right)
	here, there := chaintest.NewClock(), chaintest.NewClock()
	for i, k := range keys {
		if i < left {
			l = append(l, chaintest.Open(t, voting(t, here, keys, k), here))
		} else {
			r = append(r, chaintest.Open(t, voting(t, there, keys, k), there))
		}
	}
	trunk := l[0].Seal(t, alice, 2)
	there.Advance(2 * time.Second)
	importAll(t, r[0], trunk)
	line(t, l...)
	line(t, r...)
	return l, r
}

// together sets both clocks alike and connects the sides.
func together(t *testing.T, l, r []*chaintest.Chain) {
	t.Helper()
	if gap := l[0].Clock.Now().Sub(r[0].Clock.Now()); gap > 0 {
		r[0].Clock.Advance(gap)
	} else {
		l[0].Clock.Advance(-gap)
	}
	connect(t, l[len(l)-1], r[0])
}

// A partition with a quorum on one side heals to that side, although the other is
// heavier, and transactions are mined again.
func TestQuorumBeatsWeight(t *testing.T) {
	l, r := apart(t, 3, 1)
	all := slices.Concat(l, r)
	tx := send(t, r[0].Node, "sender", 0)
	proved, heavy := fewer(50), fewer(60)
	last := uint64((proved+1)/every-1) * every // the trunk has two blocks; a checkpoint is final once the next one and a block upon it are there
	for range proved {
		l[0].Clock.Advance(2 * time.Second) // late blocks are light
		grow(t, 1, l...)
	}
	grow(t, heavy, r...)
	await(t, "the quorum's side is final", finalAt(last, l...))
	if r[0].Finalized().Number != 0 {
		t.Fatal("one signer of four made a block final")
	}
	want := l[0].Head()
	together(t, l, r)
	took := await(t, "healed", func() bool { return agree(all...) })
	t.Logf("%d heavier blocks given up for %d in %s", heavy, proved, took)
	if head := r[0].Head(); head.Hash != want.Hash {
		t.Errorf("head %+v, want %+v", head, want)
	}
	await(t, "final everywhere", finalAt(last, all...))
	grow(t, 1, all...)
	await(t, "the transaction is mined again", func() bool {
		_, err := l[1].Client().TransactionReceipt(t.Context(), tx)
		if err != nil {
			grow(t, 1, all...)
		}
		return err == nil
	})
	sameState(t, all...)
}

// A partition without a quorum on either side finalises nothing, heals to the heavier
// side, and then finalises: votes given on the lighter side are no obstacle.
func TestSplitInTwoHalves(t *testing.T) {
	l, r := apart(t, 2, 2)
	all := slices.Concat(l, r)
	grow(t, 5*every, l...)
	for range 7 * every {
		r[0].Clock.Advance(time.Second)
		grow(t, 1, r...)
	}
	if l[0].Finalized().Number != 0 || r[0].Finalized().Number != 0 {
		t.Fatal("two of four made a block final")
	}
	together(t, l, r)
	if took := await(t, "healed", func() bool { return agree(all...) }); took > 5*time.Second {
		t.Errorf("healing took %s", took)
	}
	grow(t, 9*every, all...)
	await(t, "final again", func() bool {
		return !slices.ContainsFunc(all, func(c *chaintest.Chain) bool { return c.Finalized().Number < 8*every })
	})
	sameState(t, all...)
}

// Ten times the work does not undo a final block.
func TestWorkDoesNotUndoFinal(t *testing.T) {
	clock := chaintest.NewClock()
	nodes := signers(t, clock, 4)
	line(t, nodes...)
	grow(t, 2*every+1, nodes...)
	await(t, "a checkpoint is final", finalAt(every, nodes...))
	final := nodes[0].Finalized()

	own := chaintest.NewClock()
	attacker := chaintest.Open(t, voting(t, own, signerKeys(t, 4), nil), own)
	secret := attacker.Seal(t, bob, 10*(2*every+1))
	clock.Advance(time.Hour)
	own.Advance(clock.Now().Sub(own.Now()))
	connect(t, attacker, nodes[1])
	if err := nodes[0].Import(secret[0]); err == nil || !errors.Is(err, chain.ErrBelowFinal) {
		t.Errorf("a fork from below the final block: %v", err)
	}
	grow(t, every, nodes...)
	for _, c := range nodes {
		if h, err := c.Client().HeaderByNumber(t.Context(), new(big.Int).SetUint64(final.Number)); err != nil || h.Hash() != final.Hash {
			t.Errorf("block %d is %v, %v", final.Number, h, err)
		}
	}
	await(t, "the attacker follows", func() bool { return agree(append(nodes, attacker)...) })
}

// Who names the signers is part of the chain: no node takes another registry, none at
// all, or one that it cannot read.
func TestRegistryIsOfTheGenesis(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 1)
	cfg := voting(t, clock, keys, nil)
	cfg.Registry = alice
	cfg.ReadSigners = func(context.Context, *ethclient.Client, chain.Address, chain.Hash) ([]chain.Address, error) {
		return nil, nil
	}
	node := open(t, cfg)
	if got := node.Registry(); got != alice {
		t.Errorf("registry %s, want %s", got, alice)
	}
	shut(t, node)
	for name, c := range map[string]struct {
		change func(*chain.Config)
		want   error
	}{
		"another registry":   {func(c *chain.Config) { c.Registry = bob }, chain.ErrGenesisMismatch},
		"no reader":          {func(c *chain.Config) { c.ReadSigners = nil }, chain.ErrConfig},
		"no signers to name": {func(c *chain.Config) { c.Dir, c.GenesisSigners, c.CheckpointInterval = t.TempDir(), nil, 0 }, chain.ErrConfig},
	} {
		changed := cfg
		c.change(&changed)
		if _, err := chain.Open(changed); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}
