package consent_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// specified is the hash of a subtree as the package comment defines it, level by level.
func specified(depth int, prefix uint64, leaves map[uint64]ledger.Hash) ledger.Hash {
	if len(leaves) == 0 {
		opening := sha256.Sum256(slices.Concat([]byte{4}, keyed("empty", nil), binary.BigEndian.AppendUint64([]byte{byte(depth)}, prefix)))
		return sha256.Sum256(slices.Concat([]byte{2}, opening[:]))
	}
	if depth == 64 {
		return leaves[prefix]
	}
	halves := [2]map[uint64]ledger.Hash{{}, {}}
	for at, h := range leaves {
		halves[at>>(63-depth)&1][at] = h
	}
	left, right := specified(depth+1, 2*prefix, halves[0]), specified(depth+1, 2*prefix+1, halves[1])
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

func keyed(use string, of []byte) []byte {
	h := hmac.New(sha256.New, secret[:])
	h.Write(append([]byte(use), of...))
	return h.Sum(nil)
}

// TestG6RootIsAsSpecified: leaf, index and root are what the package comment says.
func TestG6RootIsAsSpecified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.Uint64Range(1, 1000).Draw(t, "version")
		m := newMemory().at(version)
		leaves := map[uint64]ledger.Hash{}
		for i := range rapid.IntRange(0, 8).Draw(t, "leaves") {
			index := near(t)
			if rapid.Bool().Draw(t, "patient") {
				index = m.Index(int64(i))
				if want := keyed("index/", []byte{'0' + byte(i)}); ledger.Hash(want) != index {
					t.Fatalf("index of patient %d is %s, want %x", i, index, want)
				}
			}
			entry := consent.Entry{Revision: uint64(i), JoinedDelta: 4}
			salt := salt(i)
			salted := sha256.Sum256(slices.Concat(salt[:], must(ledger.Canonical(entry))))
			leaves[binary.BigEndian.Uint64(index[:])] = sha256.Sum256(slices.Concat([]byte{0}, index[:], salted[:]))
			if err := m.Set(must(consent.NewLeaf(index, salt, entry))); err != nil {
				t.Fatal(err)
			}
		}
		top := specified(0, 0, leaves)
		want := ledger.Hash(sha256.Sum256(slices.Concat([]byte{3}, keyed("root/", binary.BigEndian.AppendUint64(nil, version)), top[:])))
		if got := must(m.Root()); got != want {
			t.Fatalf("root %s, want %s", got, want)
		}
	})
}
