package eth_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// A node reads its signers from the registry, and has those removed that it convicts.
func TestConvict(t *testing.T) {
	w := electorate(t, "hospital", "marketplace", "third")
	signers := func(block common.Hash) []common.Address {
		t.Helper()
		got, err := eth.ReadSigners(t.Context(), w.chain.Client(), common.Address(w.at.Registry), block)
		must(t, err)
		slices.SortFunc(got, common.Address.Cmp)
		return got
	}
	if got := signers(w.chain.GenesisHash()); len(got) != 0 {
		t.Errorf("signers of the genesis block: %v", got)
	}
	all := signers(w.chain.Head().Hash)
	if len(all) != 3 {
		t.Fatalf("signers %v, want three", all)
	}

	guilty := keyOf(t, "third")
	vote := func(target byte) ledger.SignedCheckpointVote {
		return ledger.NewSignedCheckpointVote(guilty, w.domain, ledger.CheckpointVote{TargetNumber: 8, TargetHash: ledger.Hash{target}})
	}
	evidence := []ledger.CheckpointEvidence{{First: vote(1), Second: vote(2)}}
	p := eth.Prosecutor{Client: w.chain.Client(), Registry: w.at.Registry, Domain: w.domain, Key: keyOf(t, "hospital")}
	for _, want := range [][]ledger.Address{{guilty.Address()}, nil} { // the second time there is nobody to remove
		removed, err := p.Convict(t.Context(), evidence)
		must(t, err)
		if diff := cmp.Diff(want, removed); diff != "" {
			t.Errorf("removed (-want +got):\n%s", diff)
		}
	}
	left := slices.DeleteFunc(all, func(a common.Address) bool { return a == common.Address(guilty.Address()) })
	if diff := cmp.Diff(left, signers(w.chain.Head().Hash)); diff != "" {
		t.Errorf("signers afterwards (-want +got):\n%s", diff)
	}

	// Moving to a new key does not save who voted twice.
	moved := keyOf(t, "marketplace")
	must(t, w.rotate(t, w.marketplace, keyOf(t, "marketplace's new key")))
	again := ledger.CheckpointEvidence{
		First:  ledger.NewSignedCheckpointVote(moved, w.domain, vote(1).Vote),
		Second: ledger.NewSignedCheckpointVote(moved, w.domain, vote(2).Vote),
	}
	innocent := ledger.CheckpointEvidence{First: vote(1), Second: vote(1)} // does not hold up the other
	if removed, err := w.hospital.Convict(t.Context(), []ledger.CheckpointEvidence{innocent, again}); err == nil || len(removed) != 1 {
		t.Errorf("who moved to a new key, after no evidence: removed %v, %v; want her and an error", removed, err)
	}

	// With what is no evidence, or before there is a registry, nobody was removed.
	if removed, err := p.Convict(t.Context(), []ledger.CheckpointEvidence{innocent}); err == nil || len(removed) != 0 {
		t.Errorf("the same vote twice: removed %v, %v", removed, err)
	}
	early := p
	early.Registry = keyOf(t, "nobody").Address()
	if removed, err := early.Convict(t.Context(), evidence); !errors.Is(err, eth.ErrNoContract) || len(removed) != 0 {
		t.Errorf("before there is a registry: removed %v, %v", removed, err)
	}
	p.Key = nil
	if _, err := p.Convict(t.Context(), evidence); !errors.Is(err, eth.ErrConfig) {
		t.Errorf("without a key: %v", err)
	}
}
