package eth_test

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
)

// maxGenerations bounds the keys that a mover of the model uses one after the other.
const maxGenerations = 10

// keyName is the name of the key that somebody uses after so many moves.
func keyName(name string, moves int) string {
	if moves == 0 {
		return name
	}
	return fmt.Sprintf("%s/%d", name, moves)
}

// move has somebody rotate to a new key, or an operator replace hers.
func (r *run) move() {
	name := r.pick(movers)
	if r.moves[name]+1 >= maxGenerations {
		return
	}
	next := keyOf(r.t, keyName(name, r.moves[name]+1))
	var want eth.Refusal
	if r.rand.IntN(6) == 0 {
		next, want = r.key(r.pick(keepers)), eth.NotNew
	}
	rotation := ledger.KeyRotation{Account: r.address(name), Next: next.Address()}
	digest := r.domain.KeyRotationDigest(rotation)
	call := "rotate"
	var err error
	if r.rand.IntN(2) == 0 {
		err = r.hospital.RotateSigned(r.t.Context(), rotation, r.key(name).Sign(digest), next.Sign(digest))
	} else {
		call = "replace"
		if r.model.Signers[name] {
			want = eth.IsSigner
		}
		err = r.operator.Replace(r.t.Context(), rotation, next.Sign(digest))
	}
	if !r.expect(call, err, want) {
		return
	}
	r.moves[name]++
	r.seatChanged(name) // her seat went with her: votes name accounts
	if r.by[name] != nil {
		r.by[name] = r.transactor(r.t, keyName(name, r.moves[name]))
		r.model.Newest[name] = 0 // a log is an account's
	}
}

// offend brings two votes that convict somebody, by a key she uses or has used.
func (r *run) offend() {
	if r.rand.IntN(3) > 0 {
		return
	}
	name := r.pick(keepers)
	key := keyOf(r.t, keyName(name, r.rand.IntN(r.moves[name]+1)))
	vote := func(hash byte) ledger.SignedCheckpointVote {
		return ledger.NewSignedCheckpointVote(key, r.domain, ledger.CheckpointVote{TargetNumber: 8, TargetHash: ledger.Hash{hash}})
	}
	var want eth.Refusal
	switch {
	case !r.model.Signers[name]:
		want = eth.NotSigner
	case len(r.model.Signers) == 1:
		want = eth.LastSigner
	}
	err := r.hospital.RemoveOffender(r.t.Context(), ledger.CheckpointEvidence{First: vote(1), Second: vote(2)})
	if r.expect("offend", err, want) {
		delete(r.model.Signers, name)
		r.model.Offended[name] = true
		r.seatChanged(name)
	}
}
