package chain

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/trie"

	"github.com/medmarket/medmarket/ledger/pow"
)

// TestOwnFaultsBanNobody: a database of ours that fails is no fault of the peer whose
// block we were about to store, and is not passed over either.
func TestOwnFaultsBanNobody(t *testing.T) {
	_, n, err := damaged(t, func(*Node, []*types.Block) {})
	if err != nil {
		t.Fatal(err)
	}
	invalid := func(err error) error { return fmt.Errorf("block 4: %w: %w", cause(err), err) }
	for name, c := range map[string]struct {
		err    error
		banned bool
		own    bool
	}{
		"closed database":    {err: invalid(pebble.ErrClosed), own: true},
		"full disk":          {err: invalid(&fs.PathError{Op: "write", Path: "000004.log", Err: syscall.ENOSPC}), own: true},
		"input/output error": {err: invalid(syscall.EIO), own: true},
		"lost state":         {err: invalid(&trie.MissingNodeError{}), own: true},
		"unsynced":           {err: fmt.Errorf("syncing the chain: %w", errors.New("disk")), own: true},
		"bad state root":     {err: invalid(errors.New("invalid merkle root")), banned: true},
		"bad reward":         {err: ErrReward, banned: true},
		"bad seal":           {err: fmt.Errorf("%w: %w", errHeader, pow.ErrWork), banned: true},
		"unknown parent":     {err: ErrUnknownParent},
		"below final":        {err: ErrBelowFinal},
		"nothing":            {},
	} {
		p := newPeer(n.net, p2p.NewPeer(PeerID{1}, "", nil), nil)
		best := claim{head: Hash{1}, work: new(big.Int).Lsh(big.NewInt(1), 100)}
		p.note(best)
		p.net.node.log = slog.New(slog.DiscardHandler)
		got := p.conclude(best, false, c.err)
		var ban *offence
		var own *failure
		if errors.As(got, &ban) != c.banned || errors.As(got, &own) != c.own {
			t.Errorf("%s: concluded %v", name, got)
		}
		if struck := p.strikes > 0; struck == (c.banned || c.own) {
			t.Errorf("%s: %f strikes", name, p.strikes)
		}
	}
}

// Another claim meanwhile saves nobody from a strike, unless it is of more.
func TestClaimsThatTakeTurns(t *testing.T) {
	_, n, err := damaged(t, func(*Node, []*types.Block) {})
	if err != nil {
		t.Fatal(err)
	}
	n.log = slog.New(slog.DiscardHandler)
	n.genesis.Interval = 8
	work := new(big.Int).Lsh(big.NewInt(1), 100)
	for name, c := range map[string]struct {
		next   claim
		struck bool
	}{
		"as much":        {next: claim{head: Hash{2}, work: work, justified: 8}, struck: true},
		"less":           {next: claim{head: Hash{2}, work: new(big.Int), justified: 8}, struck: true},
		"more work":      {next: claim{head: Hash{2}, work: new(big.Int).Add(work, work), justified: 8}},
		"more justified": {next: claim{head: Hash{2}, work: new(big.Int), justified: 16}},
	} {
		p := newPeer(n.net, p2p.NewPeer(PeerID{1}, "", nil), nil)
		p.note(c.next)
		err := p.conclude(claim{head: Hash{1}, work: work, justified: 8}, false, nil)
		if err != nil || p.strikes > 0 != c.struck {
			t.Errorf("%s: %f strikes, %v", name, p.strikes, err)
		}
	}
}

// Forks without end are not remembered without end: the heaviest are.
func TestLeavesAreBounded(t *testing.T) {
	l := leaves{}
	for i := range int64(2 * maxLeaves) {
		l.add(&types.Header{Number: big.NewInt(i), ParentHash: Hash{1}, Difficulty: new(big.Int)}, big.NewInt(i))
	}
	if len(l) != maxLeaves {
		t.Fatalf("%d leaves", len(l))
	}
	for _, leaf := range l {
		if leaf.work.Int64() < maxLeaves {
			t.Errorf("a light leaf was kept: %s", leaf.work)
		}
	}
}
