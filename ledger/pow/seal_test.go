package pow_test

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger/pow"
)

func TestSealLayout(t *testing.T) {
	seal := pow.Seal{Difficulty: 0x0102030405, ExtraNonce: [12]byte{0xa0, 11: 0xab}, Nonce: 0xfeedface}
	want := common.FromHex("4d525031" + "0000000102030405" + "a000000000000000000000ab" + "00000000feedface")
	if diff := cmp.Diff(want, seal.Bytes()); diff != "" {
		t.Errorf("encoding (-want +got):\n%s", diff)
	}
	got, err := pow.ParseSeal(want)
	if err != nil || got != seal {
		t.Errorf("ParseSeal = %+v, %v; want %+v", got, err, seal)
	}
}

func TestParseSealRefuses(t *testing.T) {
	good := pow.Seal{Difficulty: 1}.Bytes()
	edit := func(f func([]byte) []byte) []byte { return f(bytes.Clone(good)) }
	for name, tc := range map[string]struct {
		extra []byte
		want  error
	}{
		"empty":           {nil, pow.ErrSealSize},
		"31 bytes":        {good[:31], pow.ErrSealSize},
		"33 bytes":        {append(bytes.Clone(good), 0), pow.ErrSealSize},
		"wrong magic":     {edit(func(b []byte) []byte { b[3] = '2'; return b }), pow.ErrSealMagic},
		"difficulty 0":    {pow.Seal{}.Bytes(), pow.ErrSealBounds},
		"difficulty 2^53": {pow.Seal{Difficulty: pow.MaxDifficulty + 1}.Bytes(), pow.ErrSealBounds},
	} {
		if _, err := pow.ParseSeal(tc.extra); !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want %v", name, err, tc.want)
		}
	}
}

func TestTarget(t *testing.T) {
	for difficulty, want := range map[uint64]string{
		0: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		1: "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		2: "0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		3: "0x5555555555555555555555555555555555555555555555555555555555555555",
		7: "0x2492492492492492492492492492492492492492492492492492492492492492",
	} {
		if got := pow.Target(difficulty).Hex(); got != want {
			t.Errorf("Target(%d) = %s, want %s", difficulty, got, want)
		}
	}
}

// FuzzParseSeal: what parses encodes to the same bytes, and its target follows
// from the difficulty by the contract's formula.
func FuzzParseSeal(f *testing.F) {
	f.Add(pow.Seal{Difficulty: 1 << 20, Nonce: 1}.Bytes())
	f.Add(pow.Seal{Difficulty: pow.MaxDifficulty, ExtraNonce: [12]byte{1}}.Bytes())
	f.Add([]byte("MRP1"))
	f.Add(pow.Rule{GenesisDifficulty: 1, MinDifficulty: 1, TargetSpacing: 1}.Extra())
	f.Fuzz(func(t *testing.T, extra []byte) {
		seal, err := pow.ParseSeal(extra)
		if err != nil {
			return
		}
		if !bytes.Equal(seal.Bytes(), extra) {
			t.Fatalf("%x encodes again as %x", extra, seal.Bytes())
		}
		target, difficulty := pow.Target(seal.Difficulty).Big(), new(big.Int).SetUint64(seal.Difficulty)
		most := new(big.Int).SetBytes(common.MaxHash[:])
		rest := new(big.Int).Sub(most, target.Mul(target, difficulty))
		if rest.Sign() < 0 || rest.Cmp(difficulty) >= 0 {
			t.Fatalf("target of %d is not the rounded quotient", seal.Difficulty)
		}
	})
}
