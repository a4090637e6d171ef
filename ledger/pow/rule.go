package pow

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/ethereum/go-ethereum/core/types"
)

// halvingSpacings is how many target spacings a block must be late for its
// difficulty to halve. Small, so that a network whose miners leave goes on with
// what little is left: a sealer with 1/1000 of the hash rate waits about 160
// spacings for its first block. The price is scatter: difficulty wanders by
// about 15 % around its mean. docs/difficulty.svg shows how it follows the hash rate.
const halvingSpacings = 16

// ruleMagic opens the extraData of a genesis header.
const ruleMagic = "MRG1"

// ErrRule refuses a rule with a field out of bounds.
var ErrRule = errors.New("difficulty rule out of bounds")

// Rule sets the difficulty of every block. All nodes of a chain share one rule:
// it is written into the genesis header's extraData (see [Rule.Extra]).
type Rule struct {
	// GenesisDifficulty is the difficulty the genesis block hands on, in expected
	// hashes, MinDifficulty to MaxDifficulty. Required.
	GenesisDifficulty uint64 `json:"genesis_difficulty"`
	// MinDifficulty is the floor, in expected hashes, at least 1. Required.
	MinDifficulty uint64 `json:"min_difficulty"`
	// TargetSpacing is the mean time between blocks the rule aims at, in seconds,
	// 1 to 3600. Required. With 1 the difficulty falls after each late block and never
	// rises, since block times rise by a second at least: for tests alone.
	TargetSpacing uint64 `json:"target_spacing"`
}

// Validate says which field is out of bounds.
func (r Rule) Validate() error {
	switch {
	case r.MinDifficulty == 0 || r.MinDifficulty > MaxDifficulty:
		return fmt.Errorf("%w: min difficulty %d is not in 1..2^53", ErrRule, r.MinDifficulty)
	case r.GenesisDifficulty < r.MinDifficulty || r.GenesisDifficulty > MaxDifficulty:
		return fmt.Errorf("%w: genesis difficulty %d is not in %d..2^53", ErrRule, r.GenesisDifficulty, r.MinDifficulty)
	case r.TargetSpacing == 0 || r.TargetSpacing > 3600:
		return fmt.Errorf("%w: target spacing %d s is not in 1..3600", ErrRule, r.TargetSpacing)
	}
	return nil
}

// Extra is the extraData of a genesis header under this rule, so that who trusts
// the genesis hash trusts the rule:
//
//	magic "MRG1" (4) | genesis difficulty (8) | min difficulty (8) | target spacing (8) | zero (4)
func (r Rule) Extra() []byte {
	b := make([]byte, 0, SealSize)
	b = append(b, ruleMagic...)
	b = binary.BigEndian.AppendUint64(b, r.GenesisDifficulty)
	b = binary.BigEndian.AppendUint64(b, r.MinDifficulty)
	b = binary.BigEndian.AppendUint64(b, r.TargetSpacing)
	return append(b, 0, 0, 0, 0)
}

// NextDifficulty is the difficulty of a child of parent whose header says time
// (Unix seconds):
//
//	difficulty(parent) * 2^((spacing - (time - parent.Time)) / (16 * spacing))
//
// rounded to the nearest integer, between MinDifficulty and MaxDifficulty. It is the
// relative form of ASERT: the exponent averages 0 exactly when blocks come one
// spacing apart. Because it counts the time of the block being sealed, waiting
// makes the block easier, for every sealer. A sealer gains nothing by a false
// time: weight and credit are linear in the difficulty.
func NextDifficulty(rule Rule, parent *types.Header, time uint64) (uint64, error) {
	if time <= parent.Time {
		return 0, ErrTimeNotRising
	}
	difficulty := rule.GenesisDifficulty
	if parent.Number.Sign() != 0 {
		seal, err := ParseSeal(parent.Extra)
		if err != nil {
			return 0, fmt.Errorf("parent: %w", err)
		}
		difficulty = seal.Difficulty
	}
	late := min(time-parent.Time, 1<<40) // keeps the exponent within int64
	exponent := (int64(rule.TargetSpacing) - int64(late)) << 16 / int64(halvingSpacings*rule.TargetSpacing)
	scaled := scale(difficulty, exponent)
	return min(max(scaled, rule.MinDifficulty), MaxDifficulty), nil
}

// scale returns d * 2^(exponent/65536) for d <= 2^53 and exponent <= 65536.
//
// The power of the fraction f = x/65536 is the cubic of aserti3-2d (Bitcoin Cash
// specification 2020-11-15-asert, error below 0.013 %):
//
//	65536 * 2^f ~ 65536 + (195766423245049 x + 971821376 x^2 + 5127 x^3 + 2^47) / 2^48
func scale(d uint64, exponent int64) uint64 {
	whole := exponent >> 16 // rounds down, so the fraction below is not negative
	x := uint64(exponent & 0xffff)
	factor := 65536 + (195766423245049*x+971821376*x*x+5127*x*x*x+1<<47)>>48

	hi, lo := bits.Mul64(d, factor) // < 2^71
	shift := 16 - whole             // 15 and up: at most one doubling
	if shift > 71 {
		return 0
	}
	lo, carry := bits.Add64(lo, roundBit(shift, 0), 0)
	hi += roundBit(shift, 64) + carry
	if shift >= 64 {
		return hi >> (shift - 64)
	}
	return hi<<(64-shift) | lo>>shift
}

// roundBit is the part of 2^(shift-1) that falls into the 64-bit word at base.
func roundBit(shift, base int64) uint64 {
	at := shift - 1 - base
	if at < 0 || at > 63 {
		return 0
	}
	return 1 << at
}
