package main

import (
	"context"
	"math/big"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/ledger/pow"
)

// forever is more confirmations than a test has blocks: confirmations are no
// agreement, and sides of a partition that call different blocks final stay apart.
const forever = "100000"

// ledgerNode is medmarket chain run as a process of its own.
type ledgerNode struct {
	*worker
	args  []string
	http  string
	enode string
	pow   *powrpc.Client
}

func runNode(t *testing.T, dir, listen string, peers ...string) *ledgerNode {
	t.Helper()
	n := &ledgerNode{http: freeAddress(t)}
	n.args = []string{"chain", "run", "--dir", dir, "--http", n.http, "--confirmations", forever, "--listen", listen}
	for _, p := range peers {
		n.args = append(n.args, "--peer", p)
	}
	n.start(t)
	var err error
	if n.pow, err = powrpc.Dial(t.Context(), "http://"+n.http); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.pow.Close)
	return n
}

func (n *ledgerNode) start(t *testing.T) {
	t.Helper()
	n.worker = work(t, n.args...)
	n.enode = n.await(t, "ready", nil).Enode
}

func (n *ledgerNode) status(t *testing.T) powrpc.Status {
	t.Helper()
	s, err := n.pow.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mine runs medmarket mine for an address of the given last byte.
func (n *ledgerNode) mine(t *testing.T, last string) *worker {
	t.Helper()
	w := work(t, "mine", "--coinbase", "0x"+strings.Repeat("0", 40-len(last))+last, "--node", "http://"+n.http)
	w.await(t, "mining", nil)
	return w
}

// awaitNodes waits until holds says so and returns how long that took.
func awaitNodes(t *testing.T, what string, holds func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(start) > patience {
			t.Fatalf("after %s: not yet: %s", patience, what)
		}
		<-tick.C
	}
	return time.Since(start)
}

func oneHead(t *testing.T, nodes ...*ledgerNode) bool {
	t.Helper()
	first := nodes[0].status(t).Head.Hash
	for _, n := range nodes[1:] {
		if n.status(t).Head.Hash != first {
			return false
		}
	}
	return true
}

// sameRoots compares the state roots of a block that all nodes have.
func sameRoots(t *testing.T, number uint64, nodes ...*ledgerNode) {
	t.Helper()
	var roots []chain.Hash
	for _, n := range nodes {
		client, err := eth.Dial(t.Context(), "http://"+n.http)
		if err != nil {
			t.Fatal(err)
		}
		header, err := client.HeaderByNumber(t.Context(), new(big.Int).SetUint64(number))
		client.Close()
		if err != nil {
			t.Fatal(err)
		}
		if roots = append(roots, header.Root); header.Root != roots[0] {
			t.Errorf("state roots of block %d differ: %v", number, roots)
		}
	}
}

// past makes a chain with some history, in dir, on which operator owns coins.
func past(t *testing.T, dir string, blocks int, operator ledger.Address) ledger.Domain {
	t.Helper()
	clock := chaintest.NewClock()
	_, historian := chaintest.Key(t, chaintest.Historian)
	node, err := chain.Open(chain.Config{
		Dir: dir, ChainID: chaintest.ChainID, GenesisTime: uint64(clock.Now().Unix()), Now: clock.Now,
		Rule:  pow.Rule{GenesisDifficulty: 1024, MinDifficulty: 256, TargetSpacing: 2},
		Alloc: chaintest.Wealth(historian, chain.Address(operator)),
	})
	if err != nil {
		t.Fatal(err)
	}
	(&chaintest.Chain{Node: node, Clock: clock}).History(t, blocks, 5)
	if err := node.Close(); err != nil {
		t.Fatal(err)
	}
	return ledger.Domain{ChainID: node.ChainID(), Genesis: ledger.Hash(node.GenesisHash())}
}

// TestNodesAndMiners is a network of processes: five nodes and three miners.
//
//	left: one - two      right: three - four      bridge: three -> one
//
// With MEDMARKET_LONG the history is of 2,000 blocks, the partition of 50, and 20 kills.
func TestNodesAndMiners(t *testing.T) {
	t.Parallel()
	history, apart, kills := 200, uint64(4), 2
	if long {
		history, apart, kills = 2000, 50, 20
	}
	dir := t.TempDir()
	operator, err := ledger.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	domain := past(t, filepath.Join(dir, "one"), history, operator.Address())
	fresh := func(name string) string {
		if _, err := chain.Join(filepath.Join(dir, name), filepath.Join(dir, "one", "genesis.json")); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}

	// Three fresh nodes sync the history; all seal on one head.
	doorOne := freeAddress(t)
	one := runNode(t, filepath.Join(dir, "one"), doorOne)
	across := newBridge(t, doorOne)
	across.join(t)
	two := runNode(t, fresh("two"), "127.0.0.1:0", one.enode)
	overBridge := strings.Replace(one.enode, doorOne, across.address, 1)
	four := runNode(t, fresh("four"), freeAddress(t))
	three := runNode(t, fresh("three"), freeAddress(t), overBridge, four.enode)
	four.args = append(four.args, "--peer", three.enode) // when it starts again: who calls at the start is not kept waiting
	nodes := []*ledgerNode{one, two, three, four}
	took := awaitNodes(t, "synced", func() bool { return four.status(t).Head.Number >= 200 && oneHead(t, nodes...) })
	t.Logf("bench: nodes_sync_blocks_per_s %.0f 1/s", float64(history)/took.Seconds())

	left, right, right2 := one.mine(t, "a1"), three.mine(t, "a3"), four.mine(t, "a4")
	for _, m := range []*worker{left, right, right2} {
		m.await(t, "block", nil)
	}
	awaitNodes(t, "one head", func() bool { return oneHead(t, nodes...) })

	// Apart. The contracts go into blocks on the left, which stops at a lesser work.
	across.cut()
	three.kill()
	three.start(t) // while it is mined on; its dialer now finds nobody
	parted := uint64(one.status(t).Head.Number)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, err := eth.Dial(ctx, "http://"+one.http)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	addresses, err := eth.Deploy(ctx, eth.Deployment{
		Client: client, Key: operator, Organisation: organisation("o"), Domain: domain, Confirmations: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	left.await(t, "block", func(e event) bool { return e.Number >= parted+apart })
	left.stop(t)
	awaitNodes(t, "the right is heavier", func() bool {
		return three.status(t).Work.ToInt().Cmp(one.status(t).Work.ToInt()) > 0 && oneHead(t, three, four)
	})
	right.stop(t)
	right2.stop(t)
	awaitNodes(t, "the right has one head", func() bool { return oneHead(t, three, four) })
	lost, heavier := one.status(t), three.status(t)

	// Together again: the heavier wins, and what was in the lighter's blocks is mined again.
	across.join(t)
	took = awaitNodes(t, "healed", func() bool { return oneHead(t, nodes...) })
	t.Logf("bench: nodes_heal_s %.1f s", took.Seconds())
	if limit := 5 * time.Second; long && took > limit {
		t.Errorf("healing took %s, the limit is %s", took, limit)
	}
	if head := one.status(t).Head; head.Hash != heavier.Head.Hash || head.Hash == lost.Head.Hash {
		t.Errorf("healed to %+v, want the heavier %+v", head, heavier.Head)
	}
	sameRoots(t, uint64(heavier.Head.Number), nodes...)
	reorgs, err := one.pow.Reorgs(ctx)
	if err != nil || len(reorgs) == 0 || reorgs[len(reorgs)-1].Undone < 1 {
		t.Errorf("reorganisations on the left: %+v, %v", reorgs, err)
	}
	left = one.mine(t, "a1")
	rejoined, err := eth.Dial(ctx, "http://"+four.http)
	if err != nil {
		t.Fatal(err)
	}
	defer rejoined.Close()
	reader, err := eth.New(ctx, eth.Config{Client: rejoined, Addresses: addresses, Domain: domain, Confirmations: 3})
	if err != nil {
		t.Fatal(err)
	}
	awaitNodes(t, "the orphaned contracts are there again", func() bool {
		who, err := reader.Participant(ctx, operator.Address())
		return err == nil && who.Roles != 0
	})

	// Killed while it is mined on, again and again: what was acknowledged is there.
	right2 = four.mine(t, "a4")
	acknowledged := event{}
	for range kills {
		before := acknowledged.Number
		acknowledged = right2.await(t, "block", func(e event) bool { return e.Number > before })
		four.kill()
		four.start(t)
		hash, err := ledger.ParseHash(acknowledged.Hash)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := rejoined.HeaderByHash(ctx, chain.Hash(hash)); err != nil {
			t.Fatalf("acknowledged block %d is lost: %v", acknowledged.Number, err)
		}
		awaitNodes(t, "rejoined", func() bool { return oneHead(t, nodes...) })
	}

	// A fifth node, fresh, gets all of it.
	five := runNode(t, fresh("five"), "127.0.0.1:0", one.enode, four.enode)
	nodes = append(nodes, five)
	awaitNodes(t, "the fresh node has caught up", func() bool { return oneHead(t, nodes...) })
	left.stop(t)
	right2.stop(t)
	awaitNodes(t, "one head at the end", func() bool { return oneHead(t, nodes...) })
	sameRoots(t, uint64(five.status(t).Head.Number), nodes...)
	for _, n := range nodes {
		n.stop(t)
	}
}
