package chain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

func justifiedAt(number uint64, nodes ...*chaintest.Chain) func() bool {
	return func() bool {
		return !slices.ContainsFunc(nodes, func(c *chaintest.Chain) bool { return c.Checkpoint().Justified.Number != number })
	}
}

// A heavier side follows the quorum's also if the network parted above a checkpoint
// that was justified and not final, and the sides grew so long that what the other
// shows begins below that. Nobody seals a block to help.
func TestQuorumBeatsWeightAboveJustified(t *testing.T) {
	l, r := apart(t, 3, 1)
	all := slices.Concat(l, r)
	connect(t, r[0], l[2])
	grow(t, 2*every+1, all...)
	await(t, "the last checkpoint is justified", justifiedAt(2*every, all...))
	await(t, "the one before is final", finalAt(every, all...))
	if err := r[0].RemovePeer(l[2].Enode()); err != nil {
		t.Fatal(err)
	}
	await(t, "parted", func() bool { return len(r[0].Peers()) == 0 && len(l[2].Peers()) == 1 })
	for range 5 * every {
		l[0].Clock.Advance(2 * time.Second) // late blocks are light
		grow(t, 1, l...)
	}
	grow(t, 6*every, r...)
	await(t, "the quorum's side is final", finalAt(6*every, l...))
	want := l[0].Head()
	together(t, l, r)
	await(t, "healed", func() bool { return agree(all...) })
	if head := r[0].Head(); head.Hash != want.Hash {
		t.Errorf("head %+v, want %+v", head, want)
	}
	await(t, "final everywhere", finalAt(6*every, all...))
}

// tell gives c votes of keys from source to target, and waits until target is
// justified there.
func tell(t *testing.T, c *chaintest.Chain, keys []*ledger.Key, source, target int64) {
	t.Helper()
	v := voteFor(t, c, target)
	v.SourceNumber, v.SourceHash = uint64(source), ledger.Hash(blockOf(t, c, source).Hash())
	m := &mpow.Votes{}
	for _, k := range keys {
		m.Votes = append(m.Votes, ledger.NewSignedCheckpointVote(k, domainOf(c), v))
	}
	err := stranger(t, c, func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		go func() { _ = dropped(rw, nil) }()
		if err := mpow.Write(rw, m); err != nil {
			return err
		}
		await(t, "justified", justifiedAt(uint64(target), c))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A fork is followed link by link: its first checkpoint may be lower than ours, and
// its votes may start from one that we have the block of, and not the votes.
func TestForkIsProvedLinkByLink(t *testing.T) {
	for name, trunk := range map[string]int{"fork from the start": 0, "votes missing on the trunk": every + 1} {
		t.Run(name, func(t *testing.T) {
			keys := signerKeys(t, 4)
			here, there := chaintest.NewClock(), chaintest.NewClock()
			proved := chaintest.Open(t, voting(t, here, keys, nil), here)
			heavy := chaintest.Open(t, voting(t, there, keys, nil), there)
			importAll(t, heavy, proved.Seal(t, alice, trunk))
			there.Advance(here.Now().Sub(there.Now()))
			for range 3*every + 1 - trunk {
				here.Advance(2 * time.Second) // late blocks are light
				proved.Seal(t, alice, 1)
			}
			heavy.Seal(t, bob, 4*every+1-trunk)
			tell(t, proved, keys[:3], 0, every)
			tell(t, heavy, keys[1:], 0, 2*every)
			tell(t, proved, keys[:3], every, 3*every)
			together(t, []*chaintest.Chain{proved}, []*chaintest.Chain{heavy})
			await(t, "healed", func() bool { return agree(proved, heavy) })
			if head := proved.Head(); head.Number != 3*every+1 || head.Coinbase != chain.Address(alice) {
				t.Errorf("healed to %+v", head)
			}
		})
	}
}
