package finality_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain/finality"
)

const interval = 2

// block of the model. Its set says who signs after it.
type block struct {
	number uint64
	hash   ledger.Hash
	parent *block
	set    []int
}

// world is a network of signers, node i having the key i.
type world struct {
	t      *rapid.T
	blocks map[ledger.Hash]*block
	order  []*block // by age
	nodes  []*node
	group  []int // of each node: it hears those in its own
}

// node is an honest node, or one whose key is used against the rules.
type node struct {
	*finality.Engine
	world  *world
	who    int
	faulty bool
	known  map[ledger.Hash]bool
	head   *block
	last   ledger.CheckpointVote
	links  []finality.Link
}

func address(i int) ledger.Address { return ledger.Address{byte(i + 1)} }

// signed is a vote with a signature that the model takes for one of who.
func signed(who int, v ledger.CheckpointVote) finality.Vote {
	return finality.Vote{Signer: address(who), SignedCheckpointVote: ledger.SignedCheckpointVote{Vote: v, Signature: ledger.Signature{byte(who + 1)}}}
}

func unsigned(s ledger.SignedCheckpointVote) finality.Vote {
	return finality.Vote{Signer: address(int(s.Signature[0]) - 1), SignedCheckpointVote: s}
}

func newWorld(t *rapid.T, count int, faulty, first []int) *world {
	genesis := &block{hash: ledger.Hash{0xff}, set: first}
	w := &world{t: t, blocks: map[ledger.Hash]*block{genesis.hash: genesis}, order: []*block{genesis}, group: make([]int, count)}
	for i := range count {
		n := &node{world: w, who: i, faulty: slices.Contains(faulty, i), known: map[ledger.Hash]bool{genesis.hash: true}, head: genesis}
		var err error
		if n.Engine, err = finality.New(finality.Config{Interval: interval, Genesis: genesis.hash, Tree: n}); err != nil {
			t.Fatal(err)
		}
		w.nodes = append(w.nodes, n)
	}
	return w
}

func (b *block) ancestor(number uint64) *block {
	for b.number > number {
		b = b.parent
	}
	return b
}

func (b *block) checkpoint() finality.Checkpoint {
	return finality.Checkpoint{Number: b.number, Hash: b.hash}
}

// Descends implements finality.Tree.
func (n *node) Descends(target, source finality.Checkpoint) bool {
	b := n.world.blocks[target.Hash]
	return b != nil && n.known[target.Hash] && b.number == target.Number && b.ancestor(source.Number).hash == source.Hash
}

// Signers implements finality.Tree.
func (n *node) Signers(_ context.Context, c finality.Checkpoint) (out []ledger.Address, err error) {
	for _, i := range n.world.blocks[c.Hash].set {
		out = append(out, address(i))
	}
	return out, nil
}

func (n *node) descends(b *block, c finality.Checkpoint) bool {
	return b.number >= c.Number && b.ancestor(c.Number).hash == c.Hash
}

// choose is the fork choice: the longest known chain on the highest justified checkpoint.
func (n *node) choose() {
	if !n.descends(n.head, n.Justified()) {
		n.head = n.world.blocks[n.Justified().Hash]
	}
	for _, b := range n.world.order {
		if n.known[b.hash] && b.number > n.head.number && n.descends(b, n.Justified()) {
			n.head = b
		}
	}
}

func (n *node) learn(votes ...finality.Vote) {
	p, err := n.Learn(n.world.t.Context(), votes)
	n.progress(p, err)
}

func (n *node) progress(p finality.Progress, err error) {
	if errors.Is(err, finality.ErrNotSigner) && len(n.world.nodes) > 7 {
		err = nil // sets change: not everybody signs everywhere
	}
	if err != nil {
		n.world.t.Fatalf("node %d: %v", n.who, err)
	}
	n.links = append(n.links, p.Links...)
	n.choose()
}

// receive takes a block with its ancestors.
func (n *node) receive(b *block) {
	if n.known[b.hash] {
		return
	}
	for ; b != nil && !n.known[b.hash]; b = b.parent {
		n.known[b.hash] = true
	}
	p, err := n.Reconsider(n.world.t.Context())
	n.progress(p, err)
}

// hearers are the nodes that hear n.
func (n *node) hearers() (out []*node) {
	for _, m := range n.world.nodes {
		if n.world.group[m.who] == n.world.group[n.who] {
			out = append(out, m)
		}
	}
	return out
}

func (n *node) mine(set []int) {
	b := &block{number: n.head.number + 1, parent: n.head, set: n.head.set, hash: ledger.Hash{byte(len(n.world.blocks) >> 8), byte(len(n.world.blocks))}}
	if set != nil {
		b.set = set
	}
	n.world.blocks[b.hash] = b
	n.world.order = append(n.world.order, b)
	for _, m := range n.hearers() {
		m.receive(b)
	}
}

// vote is what an honest signer does; lost says who misses it.
func (n *node) vote(lost func() bool) {
	target := n.head.ancestor(n.head.number / interval * interval).checkpoint()
	v, ok := n.Next(n.last, target)
	if !ok {
		return
	}
	n.last = v
	for _, m := range n.hearers() {
		if m == n || !lost() {
			m.learn(signed(n.who, v))
		}
	}
}

// cheat votes for any pair of checkpoints, and tells some.
func (n *node) cheat() {
	var checkpoints []*block
	for _, b := range n.world.order {
		if b.number%interval == 0 {
			checkpoints = append(checkpoints, b)
		}
	}
	to := checkpoints[rapid.IntRange(0, len(checkpoints)-1).Draw(n.world.t, "target")]
	if to.number == 0 {
		return
	}
	from := to.ancestor(rapid.Uint64Range(0, to.number/interval-1).Draw(n.world.t, "source") * interval)
	for _, m := range n.world.nodes {
		if rapid.Bool().Draw(n.world.t, "tell") {
			m.learn(signed(n.who, ledger.CheckpointVote{SourceNumber: from.number, SourceHash: from.hash, TargetNumber: to.number, TargetHash: to.hash}))
		}
	}
}

// sync tells n what m knows, as a connection does.
func (n *node) sync(m *node) {
	for _, b := range m.world.order {
		if m.known[b.hash] {
			n.receive(b)
		}
	}
	for _, l := range m.links {
		if slices.ContainsFunc(n.links, func(k finality.Link) bool { return k.Target == l.Target }) {
			continue
		}
		votes := make([]finality.Vote, len(l.Votes))
		for i, s := range l.Votes {
			votes[i] = unsigned(s)
		}
		n.learn(votes...)
	}
	for _, s := range m.Pending(1000) {
		if !n.Has(s) {
			n.learn(unsigned(s))
		}
	}
}

// check is the promise: finals are on one chain, and no honest signer is convicted.
func (w *world) check() {
	for _, n := range w.nodes {
		for _, m := range w.nodes {
			a, b := w.blocks[n.Final().Hash], w.blocks[m.Final().Hash]
			if low := min(a.number, b.number); a.ancestor(low) != b.ancestor(low) {
				w.t.Fatalf("node %d has block %d final, node %d another fork's %d", n.who, a.number, m.who, b.number)
			}
		}
		for _, e := range n.Evidence() {
			if who := int(e.First.Signature[0]) - 1; !w.nodes[who].faulty {
				w.t.Fatalf("honest signer %d is convicted by %+v", who, e)
			}
		}
	}
}

// play lets the network do its worst for some steps.
func (w *world) play(steps int, sets [][]int) {
	lost := func() bool { return rapid.IntRange(0, 4).Draw(w.t, "lost") == 0 }
	for range steps {
		n := w.nodes[rapid.IntRange(0, len(w.nodes)-1).Draw(w.t, "node")]
		switch what := rapid.IntRange(0, 9).Draw(w.t, "what"); {
		case what < 4:
			var set []int
			if len(sets) > 0 && what == 0 {
				set = rapid.SampledFrom(sets).Draw(w.t, "set")
			}
			n.mine(set)
		case what < 8 && n.faulty:
			n.cheat()
		case what < 8:
			for _, m := range w.nodes {
				if !m.faulty {
					m.vote(lost)
				}
			}
		case what == 8:
			for i := range w.group {
				w.group[i] = rapid.IntRange(0, 1).Draw(w.t, "group")
			}
		default:
			n.sync(n.hearers()[rapid.IntRange(0, len(n.hearers())-1).Draw(w.t, "with")])
		}
		w.check()
	}
}

// heal connects all, and lets them go on until something new must be final.
func (w *world) heal() {
	clear(w.group)
	before, height := uint64(0), uint64(0)
	for range 2 { // what one learns, the others hear the second time
		for _, n := range w.nodes {
			for _, m := range w.nodes {
				n.sync(m)
			}
			before = max(before, n.Final().Number)
		}
	}
	for _, b := range w.order { // votes may have been given up to here, on a fork that is out
		height = max(height, b.number)
	}
	for range height + 8*interval {
		w.nodes[0].mine(nil)
		for _, n := range w.nodes {
			if !n.faulty {
				n.vote(func() bool { return false })
			}
		}
		w.check()
	}
	for _, n := range w.nodes {
		if final := n.Final(); final.Number <= before || final != w.nodes[0].Final() {
			w.t.Fatalf("healed, node %d has block %d final, %d before", n.who, final.Number, before)
		}
	}
}

// TestOneFinalChain: whatever a network does, with fewer than a third of the signers
// breaking the rule there are no two final forks; healed, it finalises again.
func TestOneFinalChain(t *testing.T) {
	for name, c := range map[string]struct {
		count  int
		faulty []int
		long   bool
	}{
		"4":             {4, nil, true},
		"4, one faulty": {4, []int{1}, false},
		"5, one faulty": {5, []int{4}, false},
		"7, two faulty": {7, []int{0, 3}, true},
	} {
		if c.long && os.Getenv("MEDMARKET_LONG") == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				all := []int{0, 1, 2, 3, 4, 5, 6}[:c.count]
				w := newWorld(t, c.count, c.faulty, all)
				w.play(60, nil)
				w.heal()
			})
		})
	}
}

// TestOneFinalChainWhileSetsChange: the same while blocks exchange every signer for
// another, on one fork and not on the other.
func TestOneFinalChainWhileSetsChange(t *testing.T) {
	sets := [][]int{{0, 1, 2, 3}, {4, 5, 6, 7}, {0, 1, 6, 7}}
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t, 8, []int{1, 5}, sets[0])
		w.play(80, sets[:2])
		w.heal()
	})
}
