package eth_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// grant is a record of two datasets in force now.
func (w *world) grant(name string) ledger.GrantRecord {
	datasets := []ledger.Hash{ledger.DatasetID("liver"), ledger.DatasetID("heart")}
	slices.SortFunc(datasets, func(a, b ledger.Hash) int { return slices.Compare(a[:], b[:]) })
	document := ledger.HashBytes([]byte(name))
	return ledger.GrantRecord{
		Document: document, Study: document, Revision: 3, Committee: w.committee.Address(), Organisation: hospitalOrg,
		Datasets: datasets, Ceilings: []uint64{1_000_000, 2_000_000},
		NotBefore: w.now() - 100, Since: w.now() - 100, Expiry: w.now() + 1_000_000, Status: ledger.GrantActive,
	}
}

func (w *world) sign(t *testing.T, key *ledger.Key, g ledger.GrantRecord) ledger.Signature {
	t.Helper()
	terms, err := g.TermsHash()
	must(t, err)
	return key.Sign(w.domain.GrantTermsDigest(ledger.GrantTerms{
		Document: g.Document, Revision: g.Revision, Expiry: g.Expiry, TermsHash: terms,
	}))
}

func (w *world) wantGrant(t *testing.T, want ledger.GrantRecord, wantOK bool) {
	t.Helper()
	w.finalise(t)
	got, ok, err := w.client.Grant(t.Context(), want.Document, want.Committee)
	must(t, err)
	if ok != wantOK {
		t.Fatalf("Grant found %t, want %t", ok, wantOK)
	}
	if diff := cmp.Diff(want, got); wantOK && diff != "" {
		t.Errorf("grant (-want +got):\n%s", diff)
	}
	if want.Committee != w.committee.Address() {
		return
	}
	want.Committee = ledger.Address{}
	got, ok, err = w.client.GrantOf(t.Context(), want.Document, hospitalOrg)
	must(t, err)
	if diff := cmp.Diff(want, got); ok != wantOK || wantOK && diff != "" {
		t.Errorf("GrantOf found %t, want %t (-want +got):\n%s", ok, wantOK, diff)
	}
}

func TestApproveAndRevoke(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	g := w.grant("study")
	w.wantGrant(t, g, false)
	sig := w.sign(t, w.committee, g)
	must(t, w.marketplace.ApproveGrant(ctx, g, sig)) // anybody carries it
	w.wantGrant(t, g, true)
	must(t, w.hospital.ApproveGrant(ctx, g, sig)) // on record already
	changed := g
	changed.Revision++
	refused(t, w.hospital.ApproveGrant(ctx, changed, w.sign(t, w.committee, changed)), eth.OtherTerms)

	stranger, other := keyOf(t, "stranger"), keyOf(t, "other committee")
	colleague := keyOf(t, "colleague")
	w.register(t, other.Address(), ledger.RoleCommittee, otherOrg)
	w.register(t, colleague.Address(), ledger.RoleCommittee, hospitalOrg)
	revoke := func(key *ledger.Key, document ledger.Hash) error {
		return w.marketplace.RevokeGrant(ctx, document, key.Sign(w.domain.GrantRevocationDigest(document)))
	}
	refused(t, revoke(stranger, g.Document), eth.NotCommittee)
	refused(t, revoke(other, g.Document), eth.WrongStatus) // of her own organisation there is none
	refused(t, revoke(w.committee, ledger.Hash{1}), eth.WrongStatus)
	refused(t, w.marketplace.RevokeGrant(ctx, g.Document, sig), eth.NotCommittee) // not a revocation
	refused(t, w.marketplace.RevokeGrant(ctx, g.Document, ledger.Signature{}), eth.MalformedSignature)
	must(t, revoke(colleague, g.Document))
	final, _, err := w.client.Grant(ctx, g.Document, g.Committee)
	must(t, err)
	now, _, err := w.client.GrantNow(ctx, g.Document, g.Committee)
	must(t, err)
	if final.Status != ledger.GrantActive || now.Status != ledger.GrantRevoked {
		t.Errorf("before it is final: %d at the last final block, %d at the newest", final.Status, now.Status)
	}
	g.Status = ledger.GrantRevoked
	w.wantGrant(t, g, true)
	refused(t, revoke(w.committee, g.Document), eth.WrongStatus)
	refused(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, colleague, g)), eth.WrongStatus)
	refused(t, w.marketplace.ApproveGrant(ctx, g, sig), eth.WrongStatus) // the old signature revives nothing
}

// TestGrantOfEachOrganisation: nobody of another organisation can occupy a hash, or
// decide on what is approved under it.
func TestGrantOfEachOrganisation(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	other := keyOf(t, "other committee")
	w.register(t, other.Address(), ledger.RoleCommittee, otherOrg)
	mine := w.grant("study")
	squat := mine
	squat.Committee, squat.Organisation, squat.Ceilings = other.Address(), otherOrg, []uint64{1, 1}
	must(t, w.marketplace.ApproveGrant(ctx, squat, w.sign(t, other, squat)))
	w.wantGrant(t, mine, false)
	must(t, w.marketplace.ApproveGrant(ctx, mine, w.sign(t, w.committee, mine)))
	must(t, w.marketplace.RevokeGrant(ctx, squat.Document, other.Sign(w.domain.GrantRevocationDigest(squat.Document))))
	w.wantGrant(t, mine, true)
	squat.Status = ledger.GrantRevoked
	w.wantGrant(t, squat, true)
}

// TestRevokeAfterMoving shows that who approved may revoke from another
// organisation, but not when removed.
func TestRevokeAfterMoving(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	first, second := w.grant("first"), w.grant("second")
	must(t, w.marketplace.ApproveGrant(ctx, first, w.sign(t, w.committee, first)))
	must(t, w.marketplace.ApproveGrant(ctx, second, w.sign(t, w.committee, second)))
	w.register(t, w.committee.Address(), ledger.RoleCommittee, otherOrg)
	must(t, w.marketplace.RevokeGrant(ctx, first.Document, w.committee.Sign(w.domain.GrantRevocationDigest(first.Document))))
	must(t, w.operator.Remove(ctx, w.committee.Address()))
	refused(t, w.marketplace.RevokeGrant(ctx, second.Document, w.committee.Sign(w.domain.GrantRevocationDigest(second.Document))), eth.NotCommittee)
	w.wantGrant(t, second, true)
}

// TestApprovalsOfSeveral: with two approvals wanted, one member with two keys is not
// enough, and two members are; any one suspends, two resume; and no signature is
// good twice.
func TestApprovalsOfSeveral(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	chair, member, rotated := w.committee, keyOf(t, "member"), keyOf(t, "chair's new key")
	w.register(t, member.Address(), ledger.RoleCommittee, hospitalOrg)
	refused(t, w.researcher.SetApprovals(ctx, hospitalOrg, 2), eth.NotOperator)
	refused(t, w.operator.SetApprovals(ctx, hospitalOrg, 0), eth.BadApprovals)
	refused(t, w.operator.SetApprovals(ctx, hospitalOrg, 17), eth.BadApprovals)
	refused(t, w.operator.SetApprovals(ctx, ledger.Hash{}, 2), eth.ZeroValue)
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))

	g := w.grant("study")
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, chair, g)))
	w.wantGrant(t, g, false)
	refused(t, w.marketplace.SuspendGrant(ctx, g.Document, 0, chair.Sign(w.domain.GrantSuspensionDigest(g.Document, 0))), eth.WrongStatus)
	rotation := ledger.KeyRotation{Account: chair.Address(), Next: rotated.Address()}
	digest := w.domain.KeyRotationDigest(rotation)
	must(t, w.marketplace.RotateSigned(ctx, rotation, chair.Sign(digest), rotated.Sign(digest)))
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, rotated, g))) // the same member: on record
	w.wantGrant(t, g, false)
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, member, g)))
	w.wantGrant(t, g, true) // asked for by the chair's first key, as the document names her
	if n, err := w.client.Approvals(ctx, hospitalOrg); n != 2 || err != nil {
		t.Errorf("Approvals is %d, %v; want 2", n, err)
	}

	suspend := func(key *ledger.Key, n uint64) error {
		return w.marketplace.SuspendGrant(ctx, g.Document, n, key.Sign(w.domain.GrantSuspensionDigest(g.Document, n)))
	}
	resume := func(key *ledger.Key, n uint64) error {
		return w.marketplace.ResumeGrant(ctx, g.Document, n, key.Sign(w.domain.GrantResumptionDigest(g.Document, n)))
	}
	refused(t, resume(member, 0), eth.WrongStatus)
	for n := range uint64(2) {
		refused(t, suspend(keyOf(t, "stranger"), n), eth.NotCommittee)
		refused(t, suspend(member, n+1), eth.WrongSuspension)
		must(t, suspend(member, n))
		refused(t, suspend(rotated, n+1), eth.WrongStatus)
		g.Status, g.Suspensions = ledger.GrantSuspended, n+1
		w.wantGrant(t, g, true)
		refused(t, resume(member, n), eth.WrongSuspension) // the signature of the time before
		must(t, resume(member, n+1))
		must(t, resume(member, n+1)) // once more, which changes nothing
		w.wantGrant(t, g, true)
		must(t, resume(rotated, n+1))
		g.Status = ledger.GrantActive
		w.wantGrant(t, g, true)
		refused(t, suspend(member, n), eth.WrongSuspension)
	}
	must(t, suspend(member, 2))
	must(t, w.marketplace.RevokeGrant(ctx, g.Document, member.Sign(w.domain.GrantRevocationDigest(g.Document))))
	refused(t, resume(rotated, 3), eth.WrongStatus)
}

// TestApprovalsLowered: who has enough signatures once fewer are wanted need not wait for
// another member, neither for an approval nor for a resumption; and not before.
func TestApprovalsLowered(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	member := keyOf(t, "member")
	w.register(t, member.Address(), ledger.RoleCommittee, hospitalOrg)
	g := w.grant("study")
	conclude := func() error { return w.researcher.ConcludeGrant(ctx, g.Document, hospitalOrg) }
	progress := func(want, of int) {
		t.Helper()
		w.finalise(t)
		if signed, needed, err := w.client.GrantSignatures(ctx, g.Document, hospitalOrg); signed != want || needed != of || err != nil {
			t.Errorf("%d of %d have signed, %v; want %d of %d", signed, needed, err, want, of)
		}
	}
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 3))
	refused(t, conclude(), eth.WrongStatus)
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, w.committee, g)))
	must(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, member, g)))
	progress(2, 3)
	refused(t, conclude(), eth.TooFewSignatures)
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))
	progress(2, 2)
	w.wantGrant(t, g, false)
	must(t, conclude())
	w.wantGrant(t, g, true)
	refused(t, conclude(), eth.WrongStatus)

	must(t, w.marketplace.SuspendGrant(ctx, g.Document, 0, member.Sign(w.domain.GrantSuspensionDigest(g.Document, 0))))
	refused(t, conclude(), eth.TooFewSignatures) // what was signed for the approval does not resume
	must(t, w.marketplace.ResumeGrant(ctx, g.Document, 1, member.Sign(w.domain.GrantResumptionDigest(g.Document, 1))))
	progress(1, 2)
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 1))
	must(t, conclude())
	g.Suspensions = 1
	w.wantGrant(t, g, true)
	must(t, w.marketplace.RevokeGrant(ctx, g.Document, member.Sign(w.domain.GrantRevocationDigest(g.Document))))
	refused(t, conclude(), eth.WrongStatus)

	late := w.grant("late")
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 2))
	must(t, w.marketplace.ApproveGrant(ctx, late, w.sign(t, w.committee, late)))
	must(t, w.operator.SetApprovals(ctx, hospitalOrg, 1))
	w.chain.Clock.Advance(time.Duration(late.Expiry-w.now()) * time.Second)
	refused(t, w.researcher.ConcludeGrant(ctx, late.Document, hospitalOrg), eth.GrantExpired)
}

func TestApproveRefusals(t *testing.T) {
	w := newWorld(t)
	tests := map[string]struct {
		change func(*ledger.GrantRecord)
		want   eth.Refusal
	}{
		"no document":      {func(g *ledger.GrantRecord) { g.Document = ledger.Hash{} }, eth.ZeroGrant},
		"no datasets":      {func(g *ledger.GrantRecord) { g.Datasets, g.Ceilings = nil, nil }, eth.UnevenTerms},
		"65 datasets":      {many(65), eth.UnevenTerms},
		"datasets swapped": {func(g *ledger.GrantRecord) { slices.Reverse(g.Datasets) }, eth.DatasetOrder},
		"dataset twice":    {func(g *ledger.GrantRecord) { g.Datasets[1] = g.Datasets[0] }, eth.DatasetOrder},
		"empty period":     {func(g *ledger.GrantRecord) { g.NotBefore = g.Expiry }, eth.EmptyPeriod},
		"expired":          {func(g *ledger.GrantRecord) { g.Expiry = w.now() - 1 }, eth.GrantExpired},
		"review too early": {func(g *ledger.GrantRecord) { g.ReviewBy = g.NotBefore }, eth.BadReview},
		"review too late":  {func(g *ledger.GrantRecord) { g.ReviewBy = g.Expiry + 1 }, eth.BadReview},
		"amends nothing":   {func(g *ledger.GrantRecord) { g.Amends = ledger.Hash{1} }, eth.WrongStatus},
		"amends itself":    {func(g *ledger.GrantRecord) { g.Amends = g.Document }, eth.WrongStatus},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			g := w.grant(name)
			test.change(&g)
			refused(t, w.marketplace.ApproveGrant(t.Context(), g, w.sign(t, w.committee, g)), test.want)
		})
	}
	uneven := w.grant("uneven")
	sig := w.sign(t, w.committee, uneven)
	uneven.Ceilings = uneven.Ceilings[:1]
	refused(t, w.marketplace.ApproveGrant(t.Context(), uneven, sig), eth.UnevenTerms)
	negative := w.grant("negative")
	negative.NotBefore = -1
	if err := w.marketplace.ApproveGrant(t.Context(), negative, sig); !errors.Is(err, eth.ErrRange) {
		t.Errorf("negative time: got %v, want ErrRange", err)
	}
	most := w.grant("most")
	many(64)(&most)
	must(t, w.marketplace.ApproveGrant(t.Context(), most, w.sign(t, w.committee, most)))
	t.Logf("approve of 64 datasets: %d gas", w.lastGas())
	w.wantGrant(t, most, true)
}

func many(n int) func(*ledger.GrantRecord) {
	return func(g *ledger.GrantRecord) {
		g.Datasets, g.Ceilings = make([]ledger.Hash, n), make([]uint64, n)
		for i := range n {
			g.Datasets[i], g.Ceilings[i] = ledger.Hash{0: byte(i)}, uint64(i)
		}
	}
}

// TestApproveSignature changes each thing that the signature must cover.
func TestApproveSignature(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	changes := map[string]func(*ledger.GrantRecord){
		"document":   func(g *ledger.GrantRecord) { g.Document[31]++ },
		"revision":   func(g *ledger.GrantRecord) { g.Revision++ },
		"dataset":    func(g *ledger.GrantRecord) { g.Datasets[1][31]++ },
		"ceiling":    func(g *ledger.GrantRecord) { g.Ceilings[0]++ },
		"not before": func(g *ledger.GrantRecord) { g.NotBefore-- },
		"expiry":     func(g *ledger.GrantRecord) { g.Expiry++ },
		"review":     func(g *ledger.GrantRecord) { g.ReviewBy = g.Expiry },
		"amends":     func(g *ledger.GrantRecord) { g.Amends = ledger.Hash{1} },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			g := w.grant(name)
			sig := w.sign(t, w.committee, g)
			change(&g)
			refused(t, w.marketplace.ApproveGrant(ctx, g, sig), eth.NotCommittee)
		})
	}
	g := w.grant("study")
	refused(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, keyOf(t, "stranger"), g)), eth.NotCommittee)
	refused(t, w.marketplace.ApproveGrant(ctx, g, w.sign(t, keyOf(t, "hospital"), g)), eth.NotCommittee)
	high := w.sign(t, w.committee, g)
	highS(&high)
	refused(t, w.marketplace.ApproveGrant(ctx, g, high), eth.MalformedSignature)
	other := w.domain
	other.Genesis[5] ^= 1
	elsewhere := &world{domain: other}
	refused(t, w.marketplace.ApproveGrant(ctx, g, elsewhere.sign(t, w.committee, g)), eth.NotCommittee)
}
