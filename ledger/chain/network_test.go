package chain_test

import (
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/params"

	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
)

// deep is more confirmations than any test has blocks: nothing gets final.
const deep = 100_000

// patience is how long a test waits for what should happen in far less.
const patience = 3 * time.Minute

// fewer is a third of count with -short, as under the race detector.
func fewer(count int) int {
	if testing.Short() {
		return count / 3
	}
	return count
}

// notUnderRace skips a test with -short, as under the race detector, which sees nothing of other processes.
func notUnderRace(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that TestRestartWhileSyncing does not show it")
	}
}

// member is the configuration of a node that may have peers, on a chain that all
// nodes with the same clock share.
func member(t *testing.T, clock *chaintest.Clock) chain.Config {
	t.Helper()
	_, sender := chaintest.Key(t, "sender")
	cfg := chaintest.Config(t, clock)
	cfg.GenesisTime = uint64(chaintest.NewClock().Now().Unix())
	cfg.Alloc = map[common.Address]*big.Int{sender: new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))}
	cfg.ListenAddr = "127.0.0.1:0"
	cfg.Confirmations = deep
	cfg.PeerTimeout = 2 * time.Second
	return cfg
}

func join(t *testing.T, clock *chaintest.Clock, change func(*chain.Config)) *chaintest.Chain {
	t.Helper()
	cfg := member(t, clock)
	if change != nil {
		change(&cfg)
	}
	return chaintest.Open(t, cfg, clock)
}

func connect(t *testing.T, from, to *chaintest.Chain) {
	t.Helper()
	if err := from.AddPeer(to.Enode()); err != nil {
		t.Fatal(err)
	}
}

// await waits until holds says so, asks again every few milliseconds, and returns
// how long it took.
func await(t *testing.T, what string, holds func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(start) > patience {
			t.Fatalf("after %s: not yet: %s", patience, what)
		}
		<-tick.C
	}
	return time.Since(start)
}

func agree(nodes ...*chaintest.Chain) bool {
	return !slices.ContainsFunc(nodes, func(c *chaintest.Chain) bool { return c.Head().Hash != nodes[0].Head().Hash })
}

// sameState compares state roots, which the head hash already implies, through the
// public interface.
func sameState(t *testing.T, nodes ...*chaintest.Chain) {
	t.Helper()
	for _, c := range nodes {
		header, err := c.Client().HeaderByNumber(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		first, err := nodes[0].Client().HeaderByNumber(t.Context(), nil)
		if err != nil || header.Root != first.Root {
			t.Errorf("state roots differ: %s and %s, %v", header.Root, first.Root, err)
		}
	}
}

func TestFiveNodesConverge(t *testing.T) {
	clock := chaintest.NewClock()
	nodes := make([]*chaintest.Chain, 5)
	for i := range nodes {
		nodes[i] = join(t, clock, nil)
		if i > 0 {
			connect(t, nodes[i], nodes[i-1]) // a line: blocks are passed on
		}
	}
	await(t, "connected", func() bool {
		return len(nodes[0].Peers()) == 1 && len(nodes[2].Peers()) == 2 && len(nodes[4].Peers()) == 1
	})
	tx := send(t, nodes[4].Node, "sender", 0)
	await(t, "the transaction is everywhere", func() bool {
		_, pending, err := nodes[0].Client().TransactionByHash(t.Context(), tx)
		return err == nil && pending
	})
	for range 4 {
		for _, c := range nodes {
			c.Seal(t, alice, 1)
			await(t, "one head", func() bool { return agree(nodes...) })
		}
	}
	if head := nodes[0].Head(); head.Number != 20 {
		t.Errorf("head %+v, want block 20", head)
	}
	if _, err := nodes[2].Client().TransactionReceipt(t.Context(), tx); err != nil {
		t.Errorf("the transaction was not mined: %v", err)
	}
	sameState(t, nodes...)
}

func TestFreshNodeSyncs(t *testing.T) {
	count := fewer(600)
	clock := chaintest.NewClock()
	old := join(t, clock, nil)
	for nonce := range uint64(40) {
		send(t, old.Node, "sender", nonce)
	}
	old.Seal(t, alice, count)
	fresh := join(t, clock, func(c *chain.Config) { c.Peers = []string{old.Enode()} })
	took := await(t, "synced", func() bool { return agree(old, fresh) })
	t.Logf("%d blocks in %s: %.0f blocks/s", count, took, float64(count)/took.Seconds())
	sameState(t, old, fresh)
}

// Two sides of a network that share ten blocks go on by themselves. The side with
// less work, although longer, takes over the other's chain when they meet; its
// transactions are mined by the other side.
func TestPartitionHeals(t *testing.T) {
	clock, away := chaintest.NewClock(), chaintest.NewClock()
	var left, right []*chaintest.Chain
	for range 2 {
		left = append(left, join(t, away, nil))
	}
	for range 3 {
		right = append(right, join(t, clock, nil))
	}
	trunk := right[0].Seal(t, alice, 10)
	away.Advance(10 * time.Second)
	importAll(t, left[0], trunk)
	connect(t, left[1], left[0])
	connect(t, right[1], right[0])
	connect(t, right[2], right[1])

	tx := send(t, left[1].Node, "sender", 0)
	await(t, "the transaction has spread", func() bool {
		_, _, err := left[0].Client().TransactionByHash(t.Context(), tx)
		return err == nil
	})
	lost, won := fewer(300), fewer(200)
	for range lost {
		away.Advance(2 * time.Second) // and another in Seal: late blocks are light
		left[0].Seal(t, alice, 1)
	}
	right[0].Seal(t, bob, won)
	clock.Advance(away.Now().Sub(clock.Now()))
	await(t, "each side agrees", func() bool { return agree(left...) && agree(right...) })
	if _, err := left[1].Client().TransactionReceipt(t.Context(), tx); err != nil {
		t.Fatalf("before: %v", err)
	}
	want := right[0].Head()

	connect(t, right[2], left[1])
	took := await(t, "healed", func() bool { return agree(slices.Concat(left, right)...) })
	t.Logf("%d blocks given up for %d in %s", lost, won, took)
	if head := left[0].Head(); head.Hash != want.Hash {
		t.Errorf("head %+v, want the heavier side's %+v", head, want)
	}
	await(t, "the orphaned transaction is back", func() bool {
		_, pending, err := right[0].Client().TransactionByHash(t.Context(), tx)
		return err == nil && pending
	})
	right[0].Seal(t, bob, 1)
	await(t, "one head again", func() bool { return agree(slices.Concat(left, right)...) })
	if _, err := left[0].Client().TransactionReceipt(t.Context(), tx); err != nil {
		t.Errorf("the orphaned transaction was not mined again: %v", err)
	}
	sameState(t, slices.Concat(left, right)...)
}

// A node stopped while it syncs goes on where it was.
func TestRestartWhileSyncing(t *testing.T) {
	clock := chaintest.NewClock()
	old := join(t, clock, nil)
	old.Seal(t, alice, 300) // blocks come 128 at a time
	cfg := member(t, clock)
	cfg.Peers = []string{old.Enode()}
	for part := uint64(100); part < 300; part += 100 {
		node := open(t, cfg)
		await(t, "partly synced", func() bool { return node.Head().Number >= part })
		shut(t, node)
	}
	again := chaintest.Open(t, cfg, clock)
	if head := again.Head(); head.Number < 100 {
		t.Errorf("after the restart the head is block %d", head.Number)
	}
	await(t, "synced", func() bool { return agree(old, again) })
	sameState(t, old, again)
}

func TestPeersAreFoundAgain(t *testing.T) {
	clock := chaintest.NewClock()
	first := join(t, clock, nil)
	cfg := member(t, clock)
	node := open(t, cfg)
	url := node.Enode()
	cfg.ListenAddr = addrOf(t, url)
	shut(t, node)
	if err := first.AddPeer(url); err != nil { // nobody is there yet
		t.Fatal(err)
	}
	again := chaintest.Open(t, cfg, clock)
	if again.Enode() != url || again.ID() != node.ID() {
		t.Errorf("the node was %s and is %s", url, again.Enode())
	}
	await(t, "connected", func() bool { return len(first.Peers()) == 1 })
	peer := first.Peers()[0]
	if peer.ID != again.ID() || peer.Inbound || peer.Head != again.Head().Hash {
		t.Errorf("peer %+v, want %s", peer, again.ID())
	}
	if err := first.RemovePeer(url); err != nil {
		t.Fatal(err)
	}
	await(t, "gone", func() bool { return len(first.Peers()) == 0 && len(again.Peers()) == 0 })
}

func addrOf(t *testing.T, url string) string {
	t.Helper()
	node, err := enode.ParseV4(url)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, _ := node.TCPEndpoint()
	return endpoint.String()
}

func TestAllowListDecides(t *testing.T) {
	clock := chaintest.NewClock()
	friend, stranger := join(t, clock, nil), join(t, clock, nil)
	node := join(t, clock, func(c *chain.Config) {
		c.AllowPeer = func(id chain.PeerID) bool { return id == friend.ID() }
	})
	connect(t, stranger, node)
	connect(t, friend, node)
	await(t, "the friend is in", func() bool { return len(node.Peers()) == 1 })
	node.Seal(t, alice, 1)
	await(t, "the friend follows", func() bool { return agree(node, friend) })
	if peers := node.Peers(); len(peers) != 1 || peers[0].ID != friend.ID() {
		t.Errorf("peers %+v, want %s alone", peers, friend.ID())
	}
	if stranger.Head().Number != 0 {
		t.Error("the stranger was told of a block")
	}
}

func TestInboundIsBounded(t *testing.T) {
	clock := chaintest.NewClock()
	node := join(t, clock, func(c *chain.Config) { c.MaxInbound = 2 })
	var others []*chaintest.Chain
	for range 3 {
		c := join(t, clock, nil)
		connect(t, c, node)
		others = append(others, c)
	}
	await(t, "two are in", func() bool { return len(node.Peers()) == 2 })
	node.Seal(t, alice, 1)
	follows := func() (count int) {
		for _, c := range others {
			if c.Head().Number == 1 {
				count++
			}
		}
		return count
	}
	await(t, "two follow", func() bool { return follows() == 2 })
	var out *chaintest.Chain
	for _, c := range others {
		if c.Head().Number == 0 {
			out = c
		}
	}
	connect(t, node, out) // called by us, it is welcome
	await(t, "the third follows", func() bool { return follows() == 3 })
}
