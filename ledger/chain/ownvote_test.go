package chain_test

import (
	"testing"

	"github.com/ethereum/go-ethereum/p2p"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/chain/chaintest"
	"github.com/medmarket/medmarket/ledger/chain/mpow"
)

// reopened closes a node and opens its directory again.
func reopened(t *testing.T, node *chain.Node, cfg chain.Config, clock *chaintest.Clock) *chaintest.Chain {
	t.Helper()
	shut(t, node)
	return chaintest.Open(t, cfg, clock)
}

// A vote that was on disk when the process ended counts and is told of afterwards,
// whether or not anybody heard of it before: it is not made a second time.
func TestOwnVoteOutlivesRestart(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	cfg := voting(t, clock, keys, keys[0])
	node := open(t, cfg)
	(&chaintest.Chain{Node: node, Clock: clock}).Seal(t, alice, every+1) // votes; there is no peer to hear of it
	again := reopened(t, node, cfg, clock)
	own := ledger.NewSignedCheckpointVote(keys[0], domainOf(again), voteFor(t, again, every))
	if votes := heard(t, again, 1); len(votes) != 1 || votes[0] != own {
		t.Errorf("a new peer hears of %+v, want %+v", votes, own)
	}
	cast(t, again, keys[1], voteFor(t, again, every))
	cast(t, again, keys[2], voteFor(t, again, every))
	await(t, "justified by three of four", func() bool { return again.Checkpoint().Justified.Number == every })
}

// cast has a peer tell c of a signer's vote, and waits until c has counted it.
func cast(t *testing.T, c *chaintest.Chain, key *ledger.Key, v ledger.CheckpointVote) {
	t.Helper()
	vote := ledger.NewSignedCheckpointVote(key, domainOf(c), v)
	err := stranger(t, c, func(rw p2p.MsgReadWriter) error {
		if err := twin(rw, nil); err != nil {
			return err
		}
		if err := mpow.Write(rw, &mpow.Votes{Votes: []ledger.SignedCheckpointVote{vote}}); err != nil {
			return err
		}
		await(t, "the vote is counted", func() bool { return c.Counted(vote) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A signer whose directory was lost hears from a peer what it has voted for, and votes
// for nothing else, not even after another restart.
func TestOwnVoteHeardIsKept(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	cfg := voting(t, clock, keys, keys[0])
	node := open(t, cfg)
	c := &chaintest.Chain{Node: node, Clock: clock}
	c.Seal(t, alice, every-1)
	lost := ledger.CheckpointVote{SourceHash: ledger.Hash(c.GenesisHash()), TargetNumber: every, TargetHash: ledger.Hash{1}}
	cast(t, c, keys[0], lost)
	again := reopened(t, node, cfg, clock)
	again.Seal(t, alice, 3)
	if own := ledger.NewSignedCheckpointVote(keys[0], domainOf(again), voteFor(t, again, every)); again.Counted(own) {
		t.Errorf("voted for %+v after %+v", own.Vote, lost)
	}
	again.Seal(t, alice, every)
	if own := ledger.NewSignedCheckpointVote(keys[0], domainOf(again), voteFor(t, again, 2*every)); !again.Counted(own) {
		t.Error("never voted again")
	}
}

// A vote that helped to justify a checkpoint convicts its signer of another one that is
// heard of only after a restart.
func TestVotesOfLinksConvictAfterRestart(t *testing.T) {
	clock := chaintest.NewClock()
	keys := signerKeys(t, 4)
	cfg := voting(t, clock, keys, nil)
	node := open(t, cfg)
	c := &chaintest.Chain{Node: node, Clock: clock}
	c.Seal(t, alice, every+1)
	tell(t, c, keys[:3], 0, every)
	again := reopened(t, node, cfg, clock)
	second := voteFor(t, again, every)
	second.TargetHash[0] ^= 1
	cast(t, again, keys[2], second)
	evidence := again.Evidence()
	if len(evidence) != 1 {
		t.Fatalf("evidence %+v", evidence)
	}
	if who, err := domainOf(again).Offender(evidence[0]); err != nil || who != keys[2].Address() {
		t.Errorf("convicts %s, %v", who, err)
	}
}
