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

// ledgerNode is medmarket chain run as a process of its own.
type ledgerNode struct {
	*worker
	args  []string
	http  string
	enode string
	pow   *powrpc.Client
}

// runNode runs a node; flags are its own, beside those that all need.
func runNode(t *testing.T, dir string, flags ...string) *ledgerNode {
	t.Helper()
	n := &ledgerNode{http: freeAddress(t)}
	n.args = append([]string{"chain", "run", "--dir", dir, "--http", n.http}, flags...)
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
	must(t, err)
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

// past makes a chain with some history, in dir, on which operator owns coins and
// signers, if any, vote every four blocks.
func past(t *testing.T, dir string, blocks int, operator ledger.Address, signers ...ledger.Address) ledger.Domain {
	t.Helper()
	clock := chaintest.NewClock()
	_, historian := chaintest.Key(t, chaintest.Historian)
	cfg := chain.Config{
		Dir: dir, ChainID: chaintest.ChainID, GenesisTime: uint64(clock.Now().Unix()), Now: clock.Now,
		Rule:  pow.Rule{GenesisDifficulty: 1024, MinDifficulty: 256, TargetSpacing: 2},
		Alloc: chaintest.Wealth(historian, chain.Address(operator)),
	}
	for _, s := range signers {
		cfg.GenesisSigners, cfg.CheckpointInterval = append(cfg.GenesisSigners, chain.Address(s)), 4
	}
	node, err := chain.Open(cfg)
	must(t, err)
	(&chaintest.Chain{Node: node, Clock: clock}).History(t, blocks, 5)
	must(t, node.Close())
	return ledger.Domain{ChainID: node.ChainID(), Genesis: ledger.Hash(node.GenesisHash())}
}

// ledgerNet is a network of processes: five nodes and three miners. Four of the nodes
// vote, three make a quorum.
//
//	left: one*, two*, later five*      right: three*, four      bridge: three -> one
type ledgerNet struct {
	dir      string
	operator *ledger.Key
	domain   ledger.Domain
	bridge   *bridge
	apart    uint64 // blocks of a partition

	one, two, three, four, five *ledgerNode
	left, right, right2         *worker // miners at one, three and four
}

// TestNodesAndMiners tells the story of a network of processes. With MEDMARKET_LONG
// the history is of 2,000 blocks, partitions are of 50, and 20 nodes are killed.
func TestNodesAndMiners(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: eight processes that mine, which starve the other tests under the race detector; make test does it")
	}
	t.Parallel()
	history, kills := 200, 2
	n := &ledgerNet{dir: t.TempDir(), apart: 8}
	if long {
		history, kills, n.apart = 2000, 20, 50
	}
	n.found(t, history)
	n.mine(t)
	n.partWithoutQuorum(t)
	n.killed(t, kills)
	n.partWithQuorum(t)
	n.rest(t, "one head at the end", n.left, []*worker{n.right, n.right2}, n.all()...)
	sameRoots(t, uint64(n.five.status(t).Head.Number), n.all()...)
	for _, node := range n.all() {
		node.stop(t)
	}
}

func (n *ledgerNet) all() []*ledgerNode {
	nodes := []*ledgerNode{n.one, n.two, n.three, n.four}
	if n.five != nil {
		nodes = append(nodes, n.five)
	}
	return nodes
}

// folder makes the folder of a node that joins the chain.
func (n *ledgerNet) folder(t *testing.T, name string) string {
	t.Helper()
	_, err := chain.Join(filepath.Join(n.dir, name), filepath.Join(n.dir, "one", "genesis.json"))
	must(t, err)
	return filepath.Join(n.dir, name)
}

func (n *ledgerNet) keyFile(name string) string { return filepath.Join(n.dir, name+".key") }

// found starts four nodes: one has the history, the others are fresh and sync it.
func (n *ledgerNet) found(t *testing.T, history int) {
	t.Helper()
	var signers []ledger.Address
	for _, name := range []string{"operator", "one", "two", "three", "five"} {
		key, err := openKey(n.keyFile(name))
		must(t, err)
		if name == "operator" {
			n.operator = key
			continue
		}
		signers = append(signers, key.Address())
	}
	n.domain = past(t, filepath.Join(n.dir, "one"), history, n.operator.Address(), signers...)
	door := freeAddress(t)
	n.bridge = newBridge(t, door)
	n.bridge.join(t)
	n.one = runNode(t, filepath.Join(n.dir, "one"), "--listen", door, "--vote", n.keyFile("one"))
	n.two = runNode(t, n.folder(t, "two"), "--peer", n.one.enode, "--vote", n.keyFile("two"))
	n.four = runNode(t, n.folder(t, "four"), "--listen", freeAddress(t))
	n.three = runNode(t, n.folder(t, "three"), "--listen", freeAddress(t), "--vote", n.keyFile("three"),
		"--peer", strings.Replace(n.one.enode, door, n.bridge.address, 1), "--peer", n.four.enode)
	n.four.args = append(n.four.args, "--peer", n.three.enode) // when it starts again: who calls at the start is not kept waiting
	took := awaitNodes(t, "synced", func() bool {
		return n.four.status(t).Head.Number >= 200 && oneHead(t, n.all()...)
	})
	t.Logf("bench: nodes_sync_blocks_per_s %.0f 1/s", float64(history)/took.Seconds())
}

// mine starts the miners and waits until all nodes agree on their blocks.
func (n *ledgerNet) mine(t *testing.T) {
	t.Helper()
	n.left, n.right, n.right2 = n.one.mine(t, "a1"), n.three.mine(t, "a3"), n.four.mine(t, "a4")
	for _, m := range []*worker{n.left, n.right, n.right2} {
		m.await(t, "block", nil)
	}
	awaitNodes(t, "one final block beyond the history", func() bool {
		final := n.one.status(t).Final
		return final.Number > 200 && n.four.status(t).Final.Hash == final.Hash
	})
}

// rest stops miners, one as the last: two that stop at once may leave blocks of equal
// weight, which nothing decides between.
func (n *ledgerNet) rest(t *testing.T, what string, last *worker, others []*worker, nodes ...*ledgerNode) {
	t.Helper()
	for _, m := range others {
		m.stop(t)
	}
	awaitNodes(t, what, func() bool { return oneHead(t, nodes...) })
	last.stop(t)
	awaitNodes(t, what+", at rest", func() bool { return oneHead(t, nodes...) })
}

// cut parts the network. Node three is killed, and finds nobody when it starts again.
func (n *ledgerNet) cut(t *testing.T) {
	t.Helper()
	n.bridge.cut()
	n.three.kill()
	n.three.start(t)
}

func (n *ledgerNet) outweighs(t *testing.T, heavy, light *ledgerNode) bool {
	t.Helper()
	return heavy.status(t).Work.ToInt().Cmp(light.status(t).Work.ToInt()) > 0
}

// partWithoutQuorum: two signers on the left, one on the right. Nothing gets final on
// either side. Together again the heavier side wins, within five seconds, and what was
// in the lighter side's blocks is mined again.
func (n *ledgerNet) partWithoutQuorum(t *testing.T) {
	t.Helper()
	n.cut(t)
	parted, final := uint64(n.one.status(t).Head.Number), n.one.status(t).Final.Number
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	client, err := eth.Dial(ctx, "http://"+n.one.http)
	must(t, err)
	defer client.Close()
	addresses, err := eth.Deploy(ctx, eth.Deployment{
		Client: client, Key: n.operator, Organisation: organisation("o"), Domain: n.domain, Confirmations: 3,
	})
	must(t, err)
	n.left.await(t, "block", func(e event) bool { return e.Number >= parted+n.apart })
	n.left.stop(t)
	awaitNodes(t, "the right is heavier", func() bool { return n.outweighs(t, n.three, n.one) })
	n.rest(t, "one head on the right", n.right, []*worker{n.right2}, n.three, n.four)
	lost, won := n.one.status(t), n.three.status(t)
	if most := final + 4; lost.Final.Number > most || won.Final.Number > most { // votes under way when the bridge was cut
		t.Errorf("final without a quorum: block %d on the left, %d on the right, %d before", lost.Final.Number, won.Final.Number, final)
	}

	n.bridge.join(t)
	took := awaitNodes(t, "healed", func() bool { return oneHead(t, n.all()...) })
	t.Logf("bench: nodes_heal_s %.1f s", took.Seconds())
	if limit := 5 * time.Second; long && took > limit {
		t.Errorf("healing took %s, the limit is %s", took, limit)
	}
	if head := n.one.status(t).Head; head.Hash != won.Head.Hash {
		t.Errorf("healed to %+v, want the heavier %+v", head, won.Head)
	}
	sameRoots(t, uint64(won.Head.Number), n.all()...)
	reorgs, err := n.one.pow.Reorgs(ctx)
	if err != nil || len(reorgs) == 0 || reorgs[len(reorgs)-1].From.Hash != lost.Head.Hash {
		t.Errorf("reorganisations on the left: %+v, %v", reorgs, err)
	}
	n.mine(t)
	reader, err := eth.New(ctx, eth.Config{Client: client, Addresses: addresses, Domain: n.domain, Confirmations: 3})
	must(t, err)
	awaitNodes(t, "the orphaned contracts are there again", func() bool {
		who, err := reader.Participant(ctx, n.operator.Address())
		return err == nil && who.Roles != 0
	})
}

// killed: a node that is killed while it is mined on loses nothing it acknowledged and
// rejoins. Then a fifth node, fresh, gets all of it.
func (n *ledgerNet) killed(t *testing.T, kills int) {
	t.Helper()
	client, err := eth.Dial(t.Context(), "http://"+n.four.http)
	must(t, err)
	defer client.Close()
	acknowledged := event{}
	for range kills {
		before := acknowledged.Number
		acknowledged = n.right2.await(t, "block", func(e event) bool { return e.Number > before })
		n.four.kill()
		n.four.start(t)
		hash, err := ledger.ParseHash(acknowledged.Hash)
		must(t, err)
		if _, err := client.HeaderByHash(t.Context(), chain.Hash(hash)); err != nil {
			t.Fatalf("acknowledged block %d is lost: %v", acknowledged.Number, err)
		}
		awaitNodes(t, "rejoined", func() bool { return oneHead(t, n.all()...) })
	}
	n.five = runNode(t, n.folder(t, "five"), "--peer", n.one.enode, "--vote", n.keyFile("five"))
	awaitNodes(t, "the fresh node has caught up", func() bool { return oneHead(t, n.all()...) })
}

// partWithQuorum: three signers on the left, one on the right, which gets heavier.
// Together again all are on the left's chain: what is final stays.
func (n *ledgerNet) partWithQuorum(t *testing.T) {
	t.Helper()
	n.cut(t)
	parted := uint64(n.one.status(t).Head.Number)
	n.left.await(t, "block", func(e event) bool { return e.Number >= parted+n.apart })
	awaitNodes(t, "final on the left", func() bool { return uint64(n.one.status(t).Final.Number) > parted })
	n.left.stop(t)
	awaitNodes(t, "the right is heavier", func() bool {
		return n.outweighs(t, n.three, n.one) && n.outweighs(t, n.four, n.one)
	})
	n.right.stop(t)
	n.right2.stop(t)
	kept, lost := n.one.status(t), n.three.status(t)
	if uint64(lost.Final.Number) > parted {
		t.Errorf("block %d is final on the right, which has one signer of four", lost.Final.Number)
	}

	n.bridge.join(t)
	took := awaitNodes(t, "healed to the final side", func() bool { return oneHead(t, n.all()...) })
	t.Logf("bench: nodes_heal_quorum_s %.1f s", took.Seconds())
	if head := n.four.status(t).Head; head.Hash != kept.Head.Hash {
		t.Errorf("healed to %+v, want the side with the final block, %+v", head, kept.Head)
	}
	n.mine(t)
}
