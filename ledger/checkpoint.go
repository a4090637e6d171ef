package ledger

import "errors"

// ErrNoConflict is returned for evidence that convicts nobody: two votes that an
// honest signer may have signed both, or that are not of one signer.
var ErrNoConflict = errors.New("the votes do not convict a signer")

// CheckpointVote is a signer's word that the target block should be final after the
// source block. Both are checkpoints, and the target descends from the source. The
// rules are those of Casper FFG (Buterin and Griffith 2017, arXiv:1710.09437).
type CheckpointVote struct {
	SourceNumber uint64
	SourceHash   Hash
	TargetNumber uint64
	TargetHash   Hash
}

// Conflicts reports whether no honest signer signs both v and w: they are two votes
// for one target number, or one surrounds the other.
func (v CheckpointVote) Conflicts(w CheckpointVote) bool {
	if v.TargetNumber == w.TargetNumber {
		return v != w
	}
	return v.surrounds(w) || w.surrounds(v)
}

// surrounds reports whether v spans w with room on both sides.
func (v CheckpointVote) surrounds(w CheckpointVote) bool {
	return v.SourceNumber < w.SourceNumber && w.TargetNumber < v.TargetNumber
}

// SignedCheckpointVote is a vote as it travels and is kept.
type SignedCheckpointVote struct {
	Vote      CheckpointVote
	Signature Signature
}

// NewSignedCheckpointVote signs v. It does not know what k signed before: whoever
// calls it sees to it that no two votes of one key conflict.
func NewSignedCheckpointVote(k *Key, d Domain, v CheckpointVote) SignedCheckpointVote {
	return SignedCheckpointVote{v, k.Sign(d.CheckpointVoteDigest(v))}
}

// Signer returns the address that signed s, or [ErrBadSignature].
func (s SignedCheckpointVote) Signer(d Domain) (Address, error) {
	return Recover(d.CheckpointVoteDigest(s.Vote), s.Signature)
}

// CheckpointEvidence is two votes of one signer that conflict, in either order.
type CheckpointEvidence struct {
	First, Second SignedCheckpointVote
}

// CheckpointVoteDigest returns the EIP-712 digest of v.
func (d Domain) CheckpointVoteDigest(v CheckpointVote) Hash {
	return d.digest("CheckpointVote(uint64 sourceNumber,bytes32 sourceHash,uint64 targetNumber,bytes32 targetHash,bytes32 genesisHash)",
		word(v.SourceNumber), v.SourceHash, word(v.TargetNumber), v.TargetHash, d.Genesis)
}

// Offender returns the signer whom e convicts. The error is [ErrNoConflict], or
// [ErrBadSignature] if a signature recovers nobody.
func (d Domain) Offender(e CheckpointEvidence) (Address, error) {
	first, err := e.First.Signer(d)
	if err != nil {
		return Address{}, err
	}
	second, err := e.Second.Signer(d)
	if err != nil {
		return Address{}, err
	}
	if first != second || !e.First.Vote.Conflicts(e.Second.Vote) {
		return Address{}, ErrNoConflict
	}
	return first, nil
}
