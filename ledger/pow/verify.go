package pow

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// MaxFuture is how far a block's time may be ahead of the verifier's clock, in
// seconds.
const MaxFuture = 15

// Refusals of a header, one per fault.
var (
	ErrHeaderShape     = errors.New("header shape")
	ErrParentHash      = errors.New("parent hash")
	ErrNumber          = errors.New("block number is not the parent's plus one")
	ErrTimeNotRising   = errors.New("block time does not rise")
	ErrTimeFuture      = errors.New("block time is too far in the future")
	ErrPrevRandao      = errors.New("prevRandao is not the parent hash")
	ErrBeaconRoot      = errors.New("parent beacon root is not zero")
	ErrWrongDifficulty = errors.New("difficulty")
	ErrWork            = errors.New("proof of work: hash is above the target")
)

// VerifySeal checks header as a child of parent: linkage, the fields a sealer
// must not choose, rising time, the difficulty rule, and the work. now is the
// verifier's clock in Unix seconds. The first fault found is returned.
func VerifySeal(rule Rule, parent, header *types.Header, now uint64) error {
	return verify(rule, parent, header, parent.Hash(), header.Hash(), now)
}

// VerifyUnlinked checks what can be checked of a header whose parent is unknown:
// its shape, that it is not from the future, that the difficulty it claims is one
// the rule could ask for, and the work for it. Whoever makes such a header has done
// at least rule.MinDifficulty hashes on average; nothing else is known of it.
func VerifyUnlinked(rule Rule, header *types.Header, now uint64) error {
	if err := checkShape(header); err != nil {
		return err
	}
	if header.Time > MaxFuture && header.Time-MaxFuture > now {
		return fmt.Errorf("%w: %d at %d", ErrTimeFuture, header.Time, now)
	}
	seal, err := ParseSeal(header.Extra)
	if err != nil {
		return err
	}
	if seal.Difficulty < rule.MinDifficulty {
		return fmt.Errorf("%w: %d, the least is %d", ErrWrongDifficulty, seal.Difficulty, rule.MinDifficulty)
	}
	if header.Hash().Cmp(Target(seal.Difficulty)) > 0 {
		return ErrWork
	}
	return nil
}

// verify is VerifySeal with both hashes already known.
func verify(rule Rule, parent, header *types.Header, parentHash, hash common.Hash, now uint64) error {
	if err := checkShape(header); err != nil {
		return err
	}
	switch {
	case header.ParentHash != parentHash:
		return fmt.Errorf("%w: %s, want %s", ErrParentHash, header.ParentHash, parentHash)
	case header.Number.Cmp(new(big.Int).Add(parent.Number, common.Big1)) != 0:
		return fmt.Errorf("%w: %d after %d", ErrNumber, header.Number, parent.Number)
	case header.Time <= parent.Time:
		return fmt.Errorf("%w: %d after %d", ErrTimeNotRising, header.Time, parent.Time)
	case header.Time > MaxFuture && header.Time-MaxFuture > now:
		return fmt.Errorf("%w: %d at %d", ErrTimeFuture, header.Time, now)
	case header.MixDigest != parentHash:
		return ErrPrevRandao
	case *header.ParentBeaconRoot != (common.Hash{}):
		return ErrBeaconRoot
	}
	return verifyWork(rule, parent, header, hash)
}

func verifyWork(rule Rule, parent, header *types.Header, hash common.Hash) error {
	seal, err := ParseSeal(header.Extra)
	if err != nil {
		return err
	}
	want, err := NextDifficulty(rule, parent, header.Time)
	if err != nil {
		return err
	}
	if seal.Difficulty != want {
		return fmt.Errorf("%w: %d, the rule says %d", ErrWrongDifficulty, seal.Difficulty, want)
	}
	if hash.Cmp(Target(seal.Difficulty)) > 0 {
		return ErrWork
	}
	return nil
}

// checkShape refuses headers of other forks and fields that must be constant
// after the merge; every pointer verify follows is present afterwards.
func checkShape(h *types.Header) error {
	switch {
	case h.Number == nil || !h.Number.IsUint64():
		return fmt.Errorf("%w: number is not 64 bits", ErrHeaderShape)
	case h.Difficulty == nil || h.Difficulty.Sign() != 0:
		return fmt.Errorf("%w: header difficulty is not 0", ErrHeaderShape)
	case h.Nonce != types.BlockNonce{}:
		return fmt.Errorf("%w: header nonce is not 0", ErrHeaderShape)
	case h.UncleHash != types.EmptyUncleHash:
		return fmt.Errorf("%w: uncles are not empty", ErrHeaderShape)
	case h.BaseFee == nil || h.WithdrawalsHash == nil || h.BlobGasUsed == nil ||
		h.ExcessBlobGas == nil || h.ParentBeaconRoot == nil || h.RequestsHash == nil:
		return fmt.Errorf("%w: a field of Prague is missing", ErrHeaderShape)
	case h.BlockAccessListHash != nil || h.SlotNumber != nil:
		return fmt.Errorf("%w: a field of a later fork is present", ErrHeaderShape)
	}
	return nil
}
