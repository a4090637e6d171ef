package pow

import (
	"encoding/binary"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
)

// SealSize is the length of a seal in bytes, the most that extraData may hold.
const SealSize = 32

// MaxDifficulty bounds a difficulty, in expected hashes: it stays exact in JSON.
const MaxDifficulty = 1 << 53

// sealMagic opens the seal of every block but the genesis block.
const sealMagic = "MRP1"

// Refusals of a seal's layout.
var (
	ErrSealSize   = errors.New("seal is not 32 bytes")
	ErrSealMagic  = errors.New("seal does not start with MRP1")
	ErrSealBounds = errors.New("difficulty in the seal is 0 or above 2^53")
)

// Seal is the content of a block's extraData:
//
//	magic "MRP1" (4) | difficulty (8, big-endian) | extra nonce (12) | nonce (8, big-endian)
type Seal struct {
	Difficulty uint64   // expected hashes, 1 to MaxDifficulty
	ExtraNonce [12]byte // keeps sealers of one coinbase off each other's nonces
	Nonce      uint64   // what the search varies
}

// ParseSeal reads a seal; every valid encoding has exactly one Seal.
func ParseSeal(extra []byte) (Seal, error) {
	if len(extra) != SealSize {
		return Seal{}, ErrSealSize
	}
	if string(extra[:4]) != sealMagic {
		return Seal{}, ErrSealMagic
	}
	s := Seal{
		Difficulty: binary.BigEndian.Uint64(extra[4:12]),
		ExtraNonce: [12]byte(extra[12:24]),
		Nonce:      binary.BigEndian.Uint64(extra[24:]),
	}
	if s.Difficulty == 0 || s.Difficulty > MaxDifficulty {
		return Seal{}, ErrSealBounds
	}
	return s, nil
}

// Bytes encodes the seal as extraData.
func (s Seal) Bytes() []byte {
	b := make([]byte, 0, SealSize)
	b = append(b, sealMagic...)
	b = binary.BigEndian.AppendUint64(b, s.Difficulty)
	b = append(b, s.ExtraNonce[:]...)
	return binary.BigEndian.AppendUint64(b, s.Nonce)
}

// Target is the greatest hash that meets the difficulty: (2^256-1)/difficulty,
// rounded down. A difficulty of 0 counts as 1.
func Target(difficulty uint64) common.Hash {
	most := new(big.Int).SetBytes(common.MaxHash[:])
	return common.BigToHash(most.Div(most, new(big.Int).SetUint64(max(difficulty, 1))))
}
