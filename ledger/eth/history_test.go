package eth_test

import (
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/verify"
	"github.com/medmarket/medmarket/marketplace"
)

// TestAnchorHistory: every root that the contract took of a log, none of another, and each can be proven in one state.
func TestAnchorHistory(t *testing.T) {
	w := newWorld(t)
	ctx, log := t.Context(), ledger.LogID(ledger.LogReceipts, w.marketplace.Address())
	roots := []ledger.Hash{ledger.HashBytes([]byte("a")), ledger.HashBytes([]byte("b"))}
	must(t, anchor(ctx, w.marketplace, ledger.LogReceipts, 3, roots[0]))
	must(t, anchor(ctx, w.hospital, ledger.LogReceipts, 4, roots[1]))
	must(t, anchor(ctx, w.marketplace, ledger.LogReceipts, 5, roots[1]))
	w.finalise(t)
	must(t, anchor(ctx, w.marketplace, ledger.LogReceipts, 6, roots[0])) // not final
	all, err := w.client.AnchorHistory(ctx, log)
	must(t, err)
	for i := range all {
		all[i].Block = 0
	}
	if diff := cmp.Diff([]ledger.Anchored{{Size: 3, Root: roots[0]}, {Size: 5, Root: roots[1]}}, all); diff != "" {
		t.Fatalf("anchors (-want +got):\n%s", diff)
	}

	block, err := w.client.ProvableBlock(ctx)
	must(t, err)
	proof, storage, found, err := w.client.AnchorProofs(ctx, log, []uint64{3, 5}, block)
	must(t, err)
	proof.Headers, err = w.client.Headers(ctx, 0, block)
	must(t, err)
	claims := []verify.Claim{{Log: log, Size: 3, Root: roots[0]}, {Log: log, Size: 5, Root: roots[1]}}
	if !found {
		t.Fatal("not found")
	}
	must(t, verify.Anchors(proof, storage, w.trust(), claims, uint64(w.now())))
	claims[1].Root = roots[0]
	if verify.Anchors(proof, storage, w.trust(), claims, uint64(w.now())) == nil {
		t.Error("another root passes")
	}
	if verify.Anchors(proof, storage[:1], w.trust(), claims, uint64(w.now())) == nil {
		t.Error("a claim without a proof passes")
	}
	if _, _, found, err := w.client.AnchorProofs(ctx, log, []uint64{3, 4}, block); found || err != nil {
		t.Errorf("a size that is not anchored: %t, %v", found, err)
	}
}

// TestCreditHistory: what happened to an account's credit comes to what the contract holds of it, before and after its
// holder has moved to another; and each block's work is credited to one of the two.
func TestCreditHistory(t *testing.T) {
	w := newWorld(t)
	ctx, key, old, market := t.Context(), keyOf(t, "researcher"), w.researcher.Address(), w.marketplace.Address()
	w.rich(t)
	must(t, w.researcher.AddEscrow(ctx, market, 100))
	must(t, w.marketplace.Settle(ctx, []marketplace.SignedVoucher{w.voucher(key, 30)}))
	r := ledger.EscrowRelease{Researcher: old, Marketplace: market, Work: 20}
	must(t, w.hospital.ReleaseEscrow(ctx, r, keyOf(t, "marketplace").Sign(w.domain.EscrowReleaseDigest(r))))
	late := w.seal(t, common.Address(old), 2)
	must(t, w.rotate(t, w.researcher, keyOf(t, "stranger")))
	must(t, w.hospital.Inherit(ctx, old))
	w.finalise(t)
	w.seal(t, common.Address{1}, 1)
	must(t, w.hospital.ClaimHeaders(ctx, late...)) // sealed by the old account, credited to the new one
	w.finalise(t)

	block, err := w.client.FinalBlock(ctx)
	must(t, err)
	kinds := map[ledger.Address][]ledger.CreditKind{}
	for _, who := range []ledger.Address{old, keyOf(t, "stranger").Address()} {
		all, err := w.client.CreditHistory(ctx, who, block)
		must(t, err)
		var got ledger.CreditBalance
		for _, e := range all {
			kinds[who] = append(kinds[who], e.Kind)
			got = got.After(e, market)
			if e.Time == 0 || e.Transaction.IsZero() {
				t.Errorf("event without time or transaction: %+v", e)
			}
		}
		want, err := w.client.CreditBalance(ctx, who, market, block)
		must(t, err)
		if got != want {
			t.Errorf("the history of %s comes to %+v, the contract holds %+v", who, got, want)
		}
	}
	claimed := slices.Repeat([]ledger.CreditKind{ledger.CreditClaimed}, 10)
	if diff := cmp.Diff(append(claimed, ledger.CreditEscrowed, ledger.CreditSettled, ledger.CreditReturned, ledger.CreditMoved), kinds[old]); diff != "" {
		t.Errorf("of the old account (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]ledger.CreditKind{ledger.CreditInherited, ledger.CreditClaimed, ledger.CreditClaimed}, kinds[keyOf(t, "stranger").Address()]); diff != "" {
		t.Errorf("of the new account (-want +got):\n%s", diff)
	}
}
