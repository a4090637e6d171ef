package eth_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// gasFile holds the gas of one transaction each; -update writes it.
const gasFile = "testdata/gas.json"

// gasMargin is by how much, in percent, gas may rise before it is a regression:
// zero bytes in hashes and signatures make a little difference from run to run.
const gasMargin = 2

// TestGas fails when a transaction costs more than it did.
func TestGas(t *testing.T) {
	notUnderRace(t)
	got := map[string]uint64{}
	measureBudget(t, got)
	measureGrants(t, got)
	measureRegistry(t, got)
	if each := got["claim of 32 blocks, each"]; each > 19_000 {
		t.Errorf("a claim of 32 blocks costs %d gas each, the most is 19000", each)
	}
	if *update {
		raw, err := json.MarshalIndent(got, "", " ")
		must(t, err)
		must(t, os.WriteFile(gasFile, append(raw, '\n'), 0o644))
		return
	}
	raw, err := os.ReadFile(gasFile)
	must(t, err)
	var want map[string]uint64
	must(t, json.Unmarshal(raw, &want))
	for name, gas := range got {
		if before, known := want[name]; known && gas*100 > before*(100+gasMargin) {
			t.Errorf("%s costs %d gas, and did cost %d", name, gas, before)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("transactions (-%s +measured), run with -update:\n%s", gasFile, diff)
	}
}

// meter returns a function that writes down what the transaction just sent cost.
func (w *world) meter(t *testing.T, into map[string]uint64) func(name string, err error) {
	return func(name string, err error) {
		t.Helper()
		must(t, err)
		into[name] = w.lastGas()
	}
}

func measureBudget(t *testing.T, into map[string]uint64) {
	w := newWorld(t)
	ctx, me, market, key := t.Context(), w.researcher.Address(), w.marketplace.Address(), keyOf(t, "researcher")
	gas := w.meter(t, into)
	headers := w.seal(t, common.Address(me), 35)
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	gas("claim, first", w.researcher.ClaimHeaders(ctx, headers[0]))
	gas("claim, later", w.researcher.ClaimHeaders(ctx, headers[1]))
	gas("claim of 32 blocks, each", w.researcher.ClaimHeaders(ctx, headers[2:34]...))
	into["claim of 32 blocks, each"] /= 32
	w.seal(t, common.Address{1}, 300) // further back than the 256 blocks of BLOCKHASH
	gas("claim of an old block", w.researcher.ClaimHeaders(ctx, headers[34]))
	gas("escrow, first", w.researcher.AddEscrow(ctx, market, 100))
	gas("escrow, later", w.researcher.AddEscrow(ctx, market, 100))
	settle := func(cumulative uint64) error {
		return w.marketplace.Settle(ctx, []marketplace.SignedVoucher{w.voucher(key, cumulative)})
	}
	gas("settle, first", settle(10))
	gas("settle, later", settle(20))
	r := ledger.EscrowRelease{Researcher: me, Marketplace: market, Work: 10}
	gas("release", w.marketplace.ReleaseEscrow(ctx, r, keyOf(t, "marketplace").Sign(w.domain.EscrowReleaseDigest(r))))
	gas("announce release", w.researcher.AnnounceRelease(ctx, me, market))
	w.seal(t, common.Address{1}, releaseDelay)
	gas("withdraw", w.researcher.Withdraw(ctx, me, market))
	must(t, w.rotate(t, w.researcher, keyOf(t, "next")))
	gas("inherit", w.marketplace.Inherit(ctx, me))
}

func measureGrants(t *testing.T, into map[string]uint64) {
	w := newWorld(t)
	ctx, gas := t.Context(), w.meter(t, into)
	g, most, again := w.grant("study"), w.grant("most"), w.grant("again")
	many(64)(&most)
	gas("approve, two datasets", w.marketplace.ApproveGrant(ctx, g, w.sign(t, w.committee, g)))
	gas("approve, 64 datasets", w.marketplace.ApproveGrant(ctx, most, w.sign(t, w.committee, most)))
	colleague := keyOf(t, "colleague")
	w.register(t, colleague.Address(), ledger.RoleCommittee, hospitalOrg)
	gas("approve, second member", w.marketplace.ApproveGrant(ctx, g, w.sign(t, colleague, g)))
	gas("suspend", w.marketplace.SuspendGrant(ctx, g.Document, 0, w.committee.Sign(w.domain.GrantSuspensionDigest(g.Document, 0))))
	gas("resume", w.marketplace.ResumeGrant(ctx, g.Document, 1, w.committee.Sign(w.domain.GrantResumptionDigest(g.Document, 1))))
	gas("record a step, first", w.marketplace.RecordSteps(ctx, g.Document, ledger.Hash{}, []ledger.Hash{{1}}))
	gas("record a step, later", w.marketplace.RecordSteps(ctx, g.Document, ledger.StepsHead(ledger.Hash{}, ledger.Hash{1}), []ledger.Hash{{2}}))
	amendment, due := w.grant("amendment"), w.now()+1000
	amendment.Amends, amendment.ReviewBy = g.Document, due
	gas("approve an amendment, two datasets", w.marketplace.ApproveGrant(ctx, amendment, w.sign(t, w.committee, amendment)))
	gas("renew", w.marketplace.RenewGrant(ctx, amendment.Document, due+1, w.committee.Sign(w.domain.GrantReviewDigest(amendment.Document, due+1))))
	gas("close", w.marketplace.CloseGrant(ctx, amendment.Document, ledger.Hash{3}, w.committee.Sign(w.domain.GrantClosureDigest(amendment.Document, ledger.Hash{3}))))
	must(t, w.marketplace.ApproveGrant(ctx, again, w.sign(t, w.committee, again)))
	gas("revoke", w.marketplace.RevokeGrant(ctx, again.Document, w.committee.Sign(w.domain.GrantRevocationDigest(again.Document))))
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))
	pending := w.grant("pending")
	must(t, w.marketplace.ApproveGrant(ctx, pending, w.sign(t, w.committee, pending)))
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 1))
	gas("conclude, two datasets", w.researcher.ConcludeGrant(ctx, pending.Document, hospitalOrg))
	gas("anchor, first", anchor(ctx, w.marketplace, ledger.LogReceipts, 1, ledger.HashBytes([]byte("first"))))
	gas("anchor, later", anchor(ctx, w.marketplace, ledger.LogReceipts, 2, ledger.HashBytes([]byte("later"))))
	gas("allow, first", w.hospital.Allow(ctx, "liver", 1_000_000))
	gas("allow, later", w.hospital.Allow(ctx, "liver", 2_000_000))
}

func measureRegistry(t *testing.T, into map[string]uint64) {
	w := electorate(t, "hospital", "operator", "marketplace", "third")
	ctx, gas := t.Context(), w.meter(t, into)
	some := keyOf(t, "some").Address()
	gas("register", w.operator.Register(ctx, ledger.Participant{Address: some, Roles: ledger.RoleProvider, Organisation: otherOrg}))
	gas("replace", w.replace(t, w.operator, some, keyOf(t, "some next")))
	gas("remove", w.operator.Remove(ctx, keyOf(t, "some next").Address()))
	gas("set approvals", w.operator.SetApprovals(ctx, hospitalOrg, 2))
	gas("rotate a signer", w.rotate(t, w.hospital, keyOf(t, "stranger")))
	third := keyOf(t, "third")
	gas("vote on a signer, first", w.operator.VoteSigner(ctx, third.Address(), false))
	must(t, w.marketplace.VoteSigner(ctx, third.Address(), false))
	gas("vote on a signer, last", w.transactor(t, "stranger").VoteSigner(ctx, third.Address(), false))
	v := ledger.CheckpointVote{SourceNumber: 8, SourceHash: ledger.Hash{1}, TargetNumber: 16, TargetHash: ledger.Hash{2}}
	other := v
	other.TargetHash = ledger.Hash{3}
	key := keyOf(t, "marketplace")
	gas("remove an offender", w.operator.RemoveOffender(ctx, ledger.CheckpointEvidence{
		First: ledger.NewSignedCheckpointVote(key, w.domain, v), Second: ledger.NewSignedCheckpointVote(key, w.domain, other),
	}))
}
