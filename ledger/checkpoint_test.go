package ledger_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
)

// vote of source -> target; fork tells blocks of one number apart.
func vote(source, target uint64, fork byte) ledger.CheckpointVote {
	return ledger.CheckpointVote{
		SourceNumber: source, SourceHash: ledger.Hash{byte(source), fork},
		TargetNumber: target, TargetHash: ledger.Hash{byte(target), fork},
	}
}

func TestOffender(t *testing.T) {
	signer, other := keyOf(t, 1), keyOf(t, 2)
	sign := func(v ledger.CheckpointVote) ledger.SignedCheckpointVote {
		return ledger.NewSignedCheckpointVote(signer, domain, v)
	}
	elsewhere := ledger.Domain{ChainID: domain.ChainID, Genesis: ledger.Hash{1}}
	otherSource := vote(4, 8, 0)
	otherSource.SourceNumber = 0
	bent := sign(vote(4, 8, 0))
	bent.Signature[64] = 0
	for name, c := range map[string]struct {
		first, second ledger.SignedCheckpointVote
		want          error
	}{
		"double":                      {sign(vote(4, 8, 0)), sign(vote(4, 8, 1)), nil},
		"double from another source":  {sign(vote(4, 8, 0)), sign(otherSource), nil},
		"surrounding":                 {sign(vote(0, 12, 0)), sign(vote(4, 8, 1)), nil},
		"surrounded":                  {sign(vote(4, 8, 0)), sign(vote(0, 12, 1)), nil},
		"surrounding on one chain":    {sign(vote(0, 12, 0)), sign(vote(4, 8, 0)), nil},
		"the same twice":              {sign(vote(4, 8, 0)), sign(vote(4, 8, 0)), ledger.ErrNoConflict},
		"one after the other":         {sign(vote(0, 4, 0)), sign(vote(4, 8, 1)), ledger.ErrNoConflict},
		"a longer step from the same": {sign(vote(0, 4, 0)), sign(vote(0, 8, 1)), ledger.ErrNoConflict},
		"overlapping":                 {sign(vote(0, 8, 0)), sign(vote(4, 12, 1)), ledger.ErrNoConflict},
		"two signers":                 {sign(vote(4, 8, 0)), ledger.NewSignedCheckpointVote(other, domain, vote(4, 8, 1)), ledger.ErrNoConflict},
		"another chain":               {sign(vote(4, 8, 0)), ledger.NewSignedCheckpointVote(signer, elsewhere, vote(4, 8, 1)), ledger.ErrNoConflict},
		"first without signature":     {bent, sign(vote(4, 8, 1)), ledger.ErrBadSignature},
		"second without signature":    {sign(vote(4, 8, 1)), bent, ledger.ErrBadSignature},
	} {
		who, err := domain.Offender(ledger.CheckpointEvidence{First: c.first, Second: c.second})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if c.want == nil && who != signer.Address() {
			t.Errorf("%s: convicts %s", name, who)
		}
	}
}

// TestConflictsIsSymmetric: which vote came first is nobody's business.
func TestConflictsIsSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() ledger.CheckpointVote {
			return vote(rapid.Uint64Range(0, 4).Draw(t, "source"), rapid.Uint64Range(0, 4).Draw(t, "target"), rapid.Byte().Draw(t, "fork")%2)
		}
		v, w := draw(), draw()
		if v.Conflicts(w) != w.Conflicts(v) || v.Conflicts(v) {
			t.Fatalf("%+v and %+v", v, w)
		}
	})
}

// FuzzOffender: evidence made of anything convicts nobody but who signed both votes.
func FuzzOffender(f *testing.F) {
	s := ledger.NewSignedCheckpointVote(keyOf(f, 1), domain, vote(4, 8, 0))
	f.Add(uint64(4), uint64(8), byte(1), s.Signature[:])
	f.Add(uint64(0), uint64(12), byte(0), s.Signature[:])
	f.Fuzz(func(t *testing.T, source, target uint64, fork byte, signature []byte) {
		forged, err := ledger.ParseSignature(signature)
		if err != nil {
			return
		}
		second := ledger.SignedCheckpointVote{Vote: vote(source, target, fork), Signature: forged}
		if who, err := domain.Offender(ledger.CheckpointEvidence{First: s, Second: second}); err == nil {
			t.Errorf("%s is convicted by %+v", who, second)
		}
	})
}
