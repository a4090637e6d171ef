package pow_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/medmarket/medmarket/ledger/pow"
)

// sealedChain returns genesis and count sealed headers, encoded.
func sealedChain(t testing.TB, count int) (headers []*types.Header, encoded [][]byte) {
	t.Helper()
	headers = []*types.Header{genesis()}
	for i := range count {
		headers = append(headers, child(t, headers[i], nil))
	}
	for _, h := range headers {
		encoded = append(encoded, encode(t, h))
	}
	return headers, encoded
}

func encode(t testing.TB, h *types.Header) []byte {
	t.Helper()
	enc, err := rlp.EncodeToBytes(h)
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func TestVerifyHeaders(t *testing.T) {
	headers, encoded := sealedChain(t, 20)
	for _, start := range []int{0, 7, 20} {
		trusted := pow.Trusted{Hash: headers[start].Hash(), Number: uint64(start)}
		got, err := pow.VerifyHeaders(easy, trusted, encoded[start:], headers[20].Time)
		if err != nil {
			t.Fatalf("from block %d: %v", start, err)
		}
		if len(got) != 21-start || got[len(got)-1].Hash() != headers[20].Hash() {
			t.Errorf("from block %d: %d headers", start, len(got))
		}
	}
}

func TestVerifyHeadersNamesTheBlock(t *testing.T) {
	headers, encoded := sealedChain(t, 5)
	trusted := pow.Trusted{Hash: headers[0].Hash()}
	now := headers[5].Time
	replace := func(i int, enc []byte) [][]byte {
		out := append([][]byte(nil), encoded...)
		out[i] = enc
		return out
	}
	late := child(t, headers[3], func(h *types.Header) { h.Time -= 20 })
	otherRule := genesis()
	otherRule.Extra = pow.Rule{GenesisDifficulty: 99, MinDifficulty: 1, TargetSpacing: 10}.Extra()

	for name, tc := range map[string]struct {
		trusted pow.Trusted
		headers [][]byte
		block   uint64
		want    error
	}{
		"missing block":    {trusted, append(append([][]byte(nil), encoded[:2]...), encoded[3:]...), 2, pow.ErrParentHash},
		"repeated block":   {trusted, append(append([][]byte(nil), encoded[:3]...), encoded[2:]...), 3, pow.ErrParentHash},
		"time falls":       {trusted, replace(4, encode(t, late)), 4, pow.ErrTimeNotRising},
		"trailing byte":    {trusted, replace(3, append(bytes.Clone(encoded[3]), 0)), 3, pow.ErrHeaderEncoding},
		"no header at all": {trusted, replace(3, nil), 3, pow.ErrHeaderEncoding},
		"huge header":      {trusted, replace(3, make([]byte, 1<<20)), 3, pow.ErrHeaderEncoding},
		"another start":    {pow.Trusted{Hash: headers[1].Hash()}, encoded, 0, pow.ErrTrusted},
		"another number":   {pow.Trusted{Hash: headers[1].Hash(), Number: 2}, encoded[1:], 2, pow.ErrTrusted},
		"another rule":     {pow.Trusted{Hash: otherRule.Hash()}, replace(0, encode(t, otherRule)), 0, pow.ErrGenesisRule},
	} {
		_, err := pow.VerifyHeaders(easy, tc.trusted, tc.headers, now)
		var at *pow.BlockError
		if !errors.As(err, &at) || at.Number != tc.block || !errors.Is(err, tc.want) {
			t.Errorf("%s: error %v, want block %d: %v", name, err, tc.block, tc.want)
		}
	}

	_, err := pow.VerifyHeaders(easy, trusted, encoded, headers[4].Time-pow.MaxFuture)
	if want := "block 5: block time is too far in the future"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	if _, err := pow.VerifyHeaders(easy, trusted, nil, now); !errors.Is(err, pow.ErrNoHeaders) {
		t.Errorf("nothing: %v", err)
	}
	if _, err := pow.VerifyHeaders(pow.Rule{}, trusted, encoded, now); !errors.Is(err, pow.ErrRule) {
		t.Errorf("no rule: %v", err)
	}
}

// Every bit of every header counts.
func TestVerifyHeadersNoticesEveryBit(t *testing.T) {
	headers, encoded := sealedChain(t, 3)
	trusted := pow.Trusted{Hash: headers[0].Hash()}
	for i := range encoded {
		for bit := range 8 * len(encoded[i]) {
			changed := append([][]byte(nil), encoded...)
			changed[i] = bytes.Clone(encoded[i])
			changed[i][bit/8] ^= 1 << (bit % 8)
			_, err := pow.VerifyHeaders(easy, trusted, changed, headers[3].Time)
			var at *pow.BlockError
			if err == nil {
				// The last header has no child to pin its hash: another one may
				// meet the target by luck, and is then as good as the first.
				if i == len(encoded)-1 && crypto.Keccak256Hash(changed[i]).Cmp(pow.Target(64)) <= 0 {
					continue
				}
				t.Fatalf("block %d, bit %d flipped: accepted", i, bit)
			}
			if !errors.As(err, &at) || at.Index < i || at.Index > i+1 {
				t.Fatalf("block %d, bit %d flipped: %v", i, bit, err)
			}
		}
	}
}

// FuzzDecodeHeader: what decodes is canonical, so both hashes agree, and no header
// makes the checks panic.
func FuzzDecodeHeader(f *testing.F) {
	_, encoded := sealedChain(f, 2)
	for _, enc := range encoded {
		f.Add(enc)
	}
	f.Add([]byte{0xc0})
	f.Fuzz(func(t *testing.T, enc []byte) {
		h, err := pow.DecodeHeader(enc)
		if err != nil {
			return
		}
		hash := crypto.Keccak256Hash(enc)
		if h.Hash() != hash {
			t.Fatalf("header %x has two hashes", enc)
		}
		trusted := pow.Trusted{Hash: hash}
		if h.Number.IsUint64() {
			trusted.Number = h.Number.Uint64()
		}
		_, err = pow.VerifyHeaders(easy, trusted, [][]byte{enc, enc}, h.Time)
		if err == nil {
			t.Fatalf("header %x is its own child", enc)
		}
	})
}
