package eth_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/chain"
	"github.com/medmarket/medmarket/ledger/eth"
)

func TestRotate(t *testing.T) {
	w := newWorld(t)
	ctx, old, next := t.Context(), w.hospital.Address(), w.transactor(t, "stranger")
	signed := func(by *ledger.Key, r ledger.KeyRotation) error {
		digest := w.domain.KeyRotationDigest(r)
		return w.marketplace.RotateSigned(ctx, r, by.Sign(digest), keyOf(t, "stranger").Sign(digest))
	}
	toNext := ledger.KeyRotation{Account: old, Next: next.Address()}
	refused(t, w.rotate(t, next, keyOf(t, "nobody")), eth.NotRegistered)
	refused(t, w.hospital.Rotate(ctx, ledger.Address{}, ledger.Signature{}), eth.ZeroValue)
	refused(t, w.rotate(t, w.hospital, keyOf(t, "researcher")), eth.NotNew)
	refused(t, signed(keyOf(t, "stranger"), toNext), eth.ForgedRotation)
	refused(t, w.replace(t, w.researcher, old, keyOf(t, "stranger")), eth.NotOperator)
	must(t, w.hospital.Allow(ctx, "liver", 7))
	must(t, signed(keyOf(t, "hospital"), toNext))

	refused(t, signed(keyOf(t, "hospital"), toNext), eth.NotRegistered) // the old signature revives nothing
	refused(t, w.operator.Register(ctx, ledger.Participant{Address: old, Roles: ledger.RoleProvider, Organisation: hospitalOrg}), eth.Retired)
	refused(t, w.rotate(t, next, keyOf(t, "hospital")), eth.NotNew)
	refused(t, w.hospital.Allow(ctx, "liver", 8), eth.NotAllower)
	refused(t, next.Allow(ctx, "liver", 6), eth.AllowanceFell) // it is the same provider
	third := keyOf(t, "third").Address()
	must(t, w.replace(t, w.operator, next.Address(), keyOf(t, "third")))
	w.finalise(t)
	for _, account := range []ledger.Address{old, next.Address(), third} {
		if got, err := w.client.Current(ctx, account); err != nil || got != third {
			t.Errorf("Current(%s) is %s, %v; want %s", account, got, err, third)
		}
		if got, err := w.client.Allowance(ctx, account, "liver"); err != nil || got != 7 {
			t.Errorf("the allowance of %s is %d, %v; want 7", account, got, err)
		}
	}
	got, err := w.client.Participant(ctx, third)
	must(t, err)
	if diff := cmp.Diff(ledger.Participant{Address: third, Roles: ledger.RoleProvider, Organisation: hospitalOrg}, got); diff != "" {
		t.Errorf("the new account (-want +got):\n%s", diff)
	}
	if got, err := w.client.Participant(ctx, old); err != nil || got != (ledger.Participant{Address: old}) {
		t.Errorf("the old account is %+v, %v; want no roles", got, err)
	}
}

// rotate moves by's roles to next, which signs that it takes them.
func (w *world) rotate(t *testing.T, by *eth.Transactor, next *ledger.Key) error {
	t.Helper()
	r := ledger.KeyRotation{Account: by.Address(), Next: next.Address()}
	return by.Rotate(t.Context(), r.Next, next.Sign(w.domain.KeyRotationDigest(r)))
}

// replace gives the roles of a lost key to next, which signs that it takes them.
func (w *world) replace(t *testing.T, by *eth.Transactor, lost ledger.Address, next *ledger.Key) error {
	t.Helper()
	r := ledger.KeyRotation{Account: lost, Next: next.Address()}
	return by.Replace(t.Context(), r, next.Sign(w.domain.KeyRotationDigest(r)))
}

// TestRotateNeedsTheNewKey: nobody becomes another's successor without wanting it, and
// so nobody answers for what another's key signs.
func TestRotateNeedsTheNewKey(t *testing.T) {
	w := electorate(t, "hospital", "marketplace", "operator")
	ctx, victim := t.Context(), keyOf(t, "stranger")
	r := ledger.KeyRotation{Account: w.researcher.Address(), Next: victim.Address()}
	digest := w.domain.KeyRotationDigest(r)
	hers := keyOf(t, "researcher").Sign(digest)
	other := r // what the victim may have signed for another
	other.Account = w.hospital.Address()
	for _, forged := range []ledger.Signature{hers, victim.Sign(w.domain.KeyRotationDigest(other))} {
		refused(t, w.researcher.Rotate(ctx, r.Next, forged), eth.ForgedRotation)
		refused(t, w.hospital.RotateSigned(ctx, r, hers, forged), eth.ForgedRotation)
		refused(t, w.operator.Replace(ctx, r, forged), eth.ForgedRotation)
	}

	// The victim becomes a signer; a vote for two histories by the researcher does not touch it.
	w.register(t, victim.Address(), ledger.RoleProvider, otherOrg)
	for _, by := range []*eth.Transactor{w.hospital, w.marketplace, w.operator} {
		must(t, by.VoteSigner(ctx, victim.Address(), true))
	}
	vote := func(hash byte) ledger.SignedCheckpointVote {
		return ledger.NewSignedCheckpointVote(keyOf(t, "researcher"), w.domain, ledger.CheckpointVote{TargetNumber: 8, TargetHash: ledger.Hash{hash}})
	}
	refused(t, w.hospital.RemoveOffender(ctx, ledger.CheckpointEvidence{First: vote(1), Second: vote(2)}), eth.NotSigner)
	w.wantSigners(t, "hospital", "marketplace", "operator", "stranger")
}

func TestAllowance(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	refused(t, w.marketplace.Allow(ctx, "liver", 1), eth.NotAllower)
	must(t, w.hospital.Allow(ctx, "liver", 5))
	must(t, w.hospital.Allow(ctx, "liver", 5)) // again: nothing happens
	refused(t, w.hospital.Allow(ctx, "liver", 4), eth.AllowanceFell)
	must(t, w.hospital.Allow(ctx, "heart", 1))
	must(t, w.hospital.Allow(ctx, "liver", 1<<62))
	w.finalise(t)
	for dataset, want := range map[string]int64{"liver": 1 << 62, "heart": 1, "lung": 0} {
		if got, err := w.client.Allowance(ctx, w.hospital.Address(), dataset); err != nil || got != want {
			t.Errorf("the allowance at %s is %d, %v; want %d", dataset, got, err, want)
		}
	}
	if got, err := w.client.Allowance(ctx, w.researcher.Address(), "liver"); err != nil || got != 0 {
		t.Errorf("the allowance of another is %d, %v; want 0", got, err)
	}
}

// TestRaiseAllowance: all parts are raised, none falls, and what the chain has is not sent again.
func TestRaiseAllowance(t *testing.T) {
	w := newWorld(t)
	ctx, want := t.Context(), ledger.Allowance{NanoRho: 5, Delta: 6, NanoEpsilon: 7, Size: 64}
	must(t, w.hospital.RaiseAllowance(ctx, "liver", want))
	if got, err := w.client.FinalAllowance(ctx, w.hospital.Address(), "liver"); err != nil || got != (ledger.Allowance{}) {
		t.Errorf("allowed before it is final: %+v, %v", got, err)
	}
	before, err := w.client.Head(ctx)
	must(t, err)
	must(t, w.hospital.RaiseAllowance(ctx, "liver", ledger.Allowance{NanoRho: 5, Delta: 1}))
	if head, err := w.client.Head(ctx); err != nil || head != before {
		t.Errorf("what the chain has was sent again: block %d, %v, after %d", head, err, before)
	}
	must(t, w.hospital.RaiseAllowance(ctx, "liver", ledger.Allowance{Size: 128}))
	must(t, anchor(ctx, w.hospital, ledger.LogProvider, 64, ledger.Hash{1}))
	w.finalise(t)
	want.Size = 128
	if got, err := w.client.FinalAllowance(ctx, w.hospital.Address(), "liver"); err != nil || got != want {
		t.Errorf("the allowance is %+v, %v; want %+v", got, err, want)
	}
	if size, err := w.client.NewestAnchor(ctx, ledger.LogID(ledger.LogProvider, w.hospital.Address())); err != nil || size != 64 {
		t.Errorf("the newest anchor is at %d, %v; want 64", size, err)
	}
}

// electorate is a world whose first signers are the given accounts.
func electorate(t *testing.T, names ...string) *world {
	return newWorld(t, func(d *eth.Deployment) {
		for _, name := range names {
			d.Signers = append(d.Signers, eth.Signer{Address: keyOf(t, name).Address(), Organisation: hospitalOrg})
		}
	})
}

func (w *world) wantSigners(t *testing.T, names ...string) {
	t.Helper()
	head, err := w.chain.Client().HeaderByNumber(t.Context(), nil)
	must(t, err)
	got, err := w.client.Signers(t.Context(), ledger.Hash(head.Hash()))
	must(t, err)
	var want []ledger.Address
	for _, name := range names {
		want = append(want, keyOf(t, name).Address())
	}
	sort := func(a []ledger.Address) []ledger.Address {
		slices.SortFunc(a, func(x, y ledger.Address) int { return slices.Compare(x[:], y[:]) })
		return a
	}
	if diff := cmp.Diff(sort(want), sort(got)); diff != "" {
		t.Errorf("signers (-want +got):\n%s", diff)
	}
}

// TestVoteSigner goes from three signers to four and back; t is 3, then 3.
func TestVoteSigner(t *testing.T) {
	w := electorate(t, "hospital", "operator", "marketplace")
	ctx := t.Context()
	vote := func(by *eth.Transactor, who string, member bool) error {
		return by.VoteSigner(ctx, keyOf(t, who).Address(), member)
	}
	fourth, stranger := w.transactor(t, "stranger"), keyOf(t, "stranger").Address()
	refused(t, vote(w.hospital, "stranger", true), eth.NotProvider)
	w.register(t, stranger, ledger.RoleProvider, otherOrg)
	refused(t, vote(w.researcher, "stranger", true), eth.NotSigner)
	refused(t, vote(fourth, "stranger", true), eth.NotSigner)
	must(t, vote(w.hospital, "stranger", true))
	must(t, vote(w.hospital, "stranger", true)) // counts once
	must(t, vote(w.operator, "stranger", true))
	must(t, vote(w.operator, "stranger", false)) // taken back
	must(t, vote(w.marketplace, "stranger", true))
	w.wantSigners(t, "hospital", "operator", "marketplace")
	must(t, vote(w.operator, "stranger", true))
	w.wantSigners(t, "hospital", "operator", "marketplace", "stranger")

	// No operator decides on a signer.
	refused(t, w.operator.Remove(ctx, stranger), eth.IsSigner)
	refused(t, w.replace(t, w.operator, stranger, keyOf(t, "new")), eth.IsSigner)
	refused(t, w.operator.Register(ctx, ledger.Participant{Address: stranger, Roles: ledger.RoleResearcher, Organisation: otherOrg}), eth.IsSigner)

	must(t, vote(fourth, "hospital", false))
	must(t, vote(w.operator, "hospital", false))
	must(t, w.rotate(t, w.operator, keyOf(t, "operator's new key"))) // her vote was the old key's
	must(t, vote(w.marketplace, "hospital", false))
	w.wantSigners(t, "hospital", "operator's new key", "marketplace", "stranger")
	must(t, vote(w.hospital, "hospital", false))
	w.wantSigners(t, "operator's new key", "marketplace", "stranger")
	refused(t, vote(w.hospital, "hospital", true), eth.NotSigner)
	must(t, vote(fourth, "hospital", true))
	w.wantSigners(t, "operator's new key", "marketplace", "stranger") // votes of the time before do not count
}

// TestVotesEndWithTheSeat: who was voted out and in again has not voted.
func TestVotesEndWithTheSeat(t *testing.T) {
	w := electorate(t, "hospital", "operator", "marketplace", "m1")
	candidate, m1 := keyOf(t, "stranger").Address(), w.transactor(t, "m1")
	w.register(t, candidate, ledger.RoleProvider, otherOrg)
	must(t, w.hospital.VoteSigner(t.Context(), candidate, true))
	for _, member := range []bool{false, true} {
		for _, by := range []*eth.Transactor{w.operator, w.marketplace, m1} {
			must(t, by.VoteSigner(t.Context(), w.hospital.Address(), member))
		}
	}
	must(t, w.operator.VoteSigner(t.Context(), candidate, true))
	must(t, w.marketplace.VoteSigner(t.Context(), candidate, true))
	w.wantSigners(t, "hospital", "operator", "marketplace", "m1")
	must(t, w.hospital.VoteSigner(t.Context(), candidate, true))
	w.wantSigners(t, "hospital", "operator", "marketplace", "m1", "stranger")
}

// A node takes the reader as it is.
var _ = chain.Config{ReadSigners: eth.ReadSigners}

// TestSignersBeforeDeployment: there are none, and that is no error.
func TestSignersBeforeDeployment(t *testing.T) {
	w := electorate(t, "hospital")
	if got, err := w.client.Signers(t.Context(), w.domain.Genesis); err != nil || len(got) != 0 {
		t.Errorf("in the genesis block the signers are %v, %v; want none", got, err)
	}
	refused(t, w.hospital.VoteSigner(t.Context(), w.hospital.Address(), false), eth.LastSigner)
}

// TestDeploySigners: first signers are different accounts, and not too many.
func TestDeploySigners(t *testing.T) {
	w := newWorld(t)
	signers := func(n int) (out []eth.Signer) {
		for i := range n {
			out = append(out, eth.Signer{Address: ledger.Address{byte(i + 1)}, Organisation: hospitalOrg})
		}
		return out
	}
	for name, test := range map[string]struct {
		signers []eth.Signer
		want    eth.Refusal
	}{
		"one twice": {append(signers(2), signers(1)...), eth.IsSigner},
		"nobody":    {[]eth.Signer{{Organisation: hospitalOrg}}, eth.ZeroValue},
		"too many":  {signers(65), eth.TooManySigners},
	} {
		t.Run(name, func(t *testing.T) {
			d := w.deployment(t)
			d.Key = keyOf(t, "stranger") // who has sent nothing yet
			d.Signers = test.signers
			_, err := eth.Deploy(t.Context(), d)
			refused(t, err, test.want)
		})
	}
	d := w.deployment(t)
	d.Signers = signers(64)
	_, err := eth.Deploy(t.Context(), d)
	must(t, err)
}

func TestRemoveOffender(t *testing.T) {
	w := electorate(t, "hospital", "marketplace", "third")
	ctx := t.Context()
	vote := func(s, t uint64, hash byte) ledger.CheckpointVote {
		return ledger.CheckpointVote{SourceNumber: s, SourceHash: ledger.Hash{1}, TargetNumber: t, TargetHash: ledger.Hash{hash}}
	}
	evidence := func(first, second *ledger.Key, v, w2 ledger.CheckpointVote) ledger.CheckpointEvidence {
		return ledger.CheckpointEvidence{
			First: ledger.NewSignedCheckpointVote(first, w.domain, v), Second: ledger.NewSignedCheckpointVote(second, w.domain, w2),
		}
	}
	hospital, market := keyOf(t, "hospital"), keyOf(t, "marketplace")
	bring := func(e ledger.CheckpointEvidence) error { return w.researcher.RemoveOffender(ctx, e) }
	for name, honest := range map[string][2]ledger.CheckpointVote{
		"the same vote twice": {vote(8, 16, 2), vote(8, 16, 2)},
		"one after the other": {vote(8, 16, 2), vote(16, 24, 3)},
		"one source":          {vote(8, 16, 2), vote(8, 24, 3)},
	} {
		e := evidence(hospital, hospital, honest[0], honest[1])
		if _, err := w.domain.Offender(e); err == nil {
			t.Errorf("%s: package ledger convicts", name)
		}
		refused(t, bring(e), eth.NoConflict)
	}
	refused(t, bring(evidence(hospital, market, vote(8, 16, 2), vote(8, 16, 3))), eth.DifferentVoters)
	stranger := keyOf(t, "stranger")
	refused(t, bring(evidence(stranger, stranger, vote(8, 16, 2), vote(8, 16, 3))), eth.NotSigner)
	forged := evidence(hospital, hospital, vote(8, 16, 2), vote(8, 16, 3))
	forged.Second.Signature = ledger.Signature{}
	refused(t, bring(forged), eth.MalformedSignature)

	must(t, bring(evidence(hospital, hospital, vote(16, 24, 2), vote(8, 32, 3)))) // surrounds
	w.wantSigners(t, "marketplace", "third")
	refused(t, bring(evidence(hospital, hospital, vote(16, 24, 2), vote(8, 32, 3))), eth.NotSigner)
	refused(t, w.marketplace.VoteSigner(ctx, hospital.Address(), true), eth.Offender)
	must(t, w.rotate(t, w.hospital, keyOf(t, "hospital's next")))
	refused(t, w.marketplace.VoteSigner(ctx, keyOf(t, "hospital's next").Address(), true), eth.Offender)
	// Moving to a new key does not save the seat.
	must(t, w.rotate(t, w.marketplace, stranger))
	must(t, bring(evidence(market, market, vote(8, 16, 2), vote(8, 16, 3))))
	w.wantSigners(t, "third")
	third := keyOf(t, "third")
	refused(t, bring(evidence(third, third, vote(8, 16, 2), vote(8, 16, 3))), eth.LastSigner)
}
