package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"golang.org/x/crypto/sha3"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
)

// memory is a log's stored hashes.
type memory []ledger.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at >= int64(len(m)) {
			return nil, fmt.Errorf("hash %d of %d", at, len(m))
		}
		out[i] = tlog.Hash(m[at])
	}
	return out, nil
}

// appendLeaf is how a store adds a leaf.
func (m *memory) appendLeaf(t testing.TB, size uint64, leaf []byte) {
	t.Helper()
	hashes, err := ledger.AppendHashes(size, ledger.LeafHash(leaf), m)
	if err != nil {
		t.Fatal(err)
	}
	*m = append(*m, hashes...)
	if want := ledger.StoredHashCount(size + 1); uint64(len(*m)) != want {
		t.Fatalf("%d hashes for %d leaves, want %d", len(*m), size+1, want)
	}
}

// The reference: RFC 6962, section 2.1, as it is written there.

func referenceRoot(leaves [][]byte) ledger.Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	default:
		k := split(n)
		return node(referenceRoot(leaves[:k]), referenceRoot(leaves[k:]))
	}
}

func referencePath(m int, leaves [][]byte) []ledger.Hash {
	n := len(leaves)
	if n == 1 {
		return []ledger.Hash{}
	}
	k := split(n)
	if m < k {
		return append(referencePath(m, leaves[:k]), referenceRoot(leaves[k:]))
	}
	return append(referencePath(m-k, leaves[k:]), referenceRoot(leaves[:k]))
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func node(left, right ledger.Hash) ledger.Hash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// TestLogVectors uses the tree that Certificate Transparency's implementations
// test with.
func TestLogVectors(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"0x6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"0xfac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"0xaeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"0xd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"0x4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"0x76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"0xddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"0x5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var log memory
	for size, want := range roots {
		if root, err := ledger.Root(uint64(size), log); err != nil || root.String() != want {
			t.Errorf("root of %d: %s (%v), want %s", size, root, err, want)
		}
		if size < len(leaves) {
			leaf, err := hex.DecodeString(leaves[size])
			if err != nil {
				t.Fatal(err)
			}
			log.appendLeaf(t, uint64(size), leaf)
		}
	}
}

// TestLogProofs checks every leaf at every size up to 70 against the reference.
func TestLogProofs(t *testing.T) {
	const most = 70
	var log memory
	var leaves [][]byte
	for i := range most {
		leaves = append(leaves, []byte(fmt.Sprint("leaf ", i)))
		log.appendLeaf(t, uint64(i), leaves[i])
	}
	for size := 1; size <= most; size++ {
		root, err := ledger.Root(uint64(size), log)
		if err != nil || root != referenceRoot(leaves[:size]) {
			t.Fatalf("root of %d: %s (%v), want %s", size, root, err, referenceRoot(leaves[:size]))
		}
		for i := range size {
			path, err := ledger.ProveInclusion(uint64(size), uint64(i), log)
			if err != nil || !slices.Equal(path, referencePath(i, leaves[:size])) {
				t.Fatalf("path of %d in %d: %v (%v), want %v", i, size, path, err, referencePath(i, leaves[:size]))
			}
			p := ledger.LogProof{Index: uint64(i), Size: uint64(size), Root: root, Path: path}
			checkProof(t, p, ledger.LeafHash(leaves[i]), ledger.LeafHash(leaves[(i+1)%most]))
		}
	}
}

// checkProof expects p to prove leaf, and nothing changed to.
func checkProof(t *testing.T, p ledger.LogProof, leaf, other ledger.Hash) {
	t.Helper()
	if err := p.Check(leaf); err != nil {
		t.Fatalf("leaf %d of %d: %v", p.Index, p.Size, err)
	}
	if err := p.Check(other); !errors.Is(err, ledger.ErrNotIncluded) {
		t.Fatalf("another leaf passes as %d of %d: %v", p.Index, p.Size, err)
	}
	for name, change := range map[string]func(*ledger.LogProof){
		"root":       func(p *ledger.LogProof) { p.Root[0] ^= 1 },
		"index":      func(p *ledger.LogProof) { p.Index ^= 1 },
		"size":       func(p *ledger.LogProof) { p.Size *= 2 }, // a level more, whatever the index
		"size of 0":  func(p *ledger.LogProof) { p.Size = 0 },
		"beyond":     func(p *ledger.LogProof) { p.Index = p.Size },
		"huge index": func(p *ledger.LogProof) { p.Index = math.MaxUint64 },
		"huge size":  func(p *ledger.LogProof) { p.Size = math.MaxUint64 },
		"size 2^63":  func(p *ledger.LogProof) { p.Size = 1 << 63 },
		"longer":     func(p *ledger.LogProof) { p.Path = append(p.Path, ledger.Hash{}) },
		"shorter":    func(p *ledger.LogProof) { p.Path = p.Path[:max(0, len(p.Path)-1)]; p.Root[1] ^= 1 },
		"no path":    func(p *ledger.LogProof) { p.Path = nil; p.Root[2] ^= 1 },
	} {
		changed := p
		changed.Path = slices.Clone(p.Path)
		change(&changed)
		if err := changed.Check(leaf); !errors.Is(err, ledger.ErrNotIncluded) {
			t.Fatalf("leaf %d of %d, changed %s: %v, want ErrNotIncluded", p.Index, p.Size, name, err)
		}
	}
	for i := range p.Path {
		changed := p
		changed.Path = slices.Clone(p.Path)
		changed.Path[i][31] ^= 1
		if err := changed.Check(leaf); !errors.Is(err, ledger.ErrNotIncluded) {
			t.Fatalf("leaf %d of %d, step %d changed: %v", p.Index, p.Size, i, err)
		}
	}
	for cut := range p.Path {
		changed := p
		changed.Path = p.Path[:cut]
		if err := changed.Check(leaf); !errors.Is(err, ledger.ErrNotIncluded) {
			t.Fatalf("leaf %d of %d, path cut at %d: %v", p.Index, p.Size, cut, err)
		}
	}
}

// TestLogReadErrors: a store that cannot read does not make up hashes.
func TestLogReadErrors(t *testing.T) {
	var log memory
	for i := range 5 {
		log.appendLeaf(t, uint64(i), []byte{byte(i)})
	}
	if _, err := ledger.Root(9, log); err == nil {
		t.Error("a root of more leaves than there are")
	}
	if _, err := ledger.ProveInclusion(5, 5, log); err == nil {
		t.Error("a proof of a leaf that is not there")
	}
	if _, err := ledger.ProveInclusion(9, 0, log); err == nil {
		t.Error("a proof in more leaves than there are")
	}
	if _, err := ledger.AppendHashes(7, ledger.Hash{}, memory{}); err == nil {
		t.Error("a leaf appended to hashes that are not there")
	}
}

// TestLeavesAreNotNodes: a pair of hashes is no leaf (RFC 6962 prefixes them apart).
func TestLeavesAreNotNodes(t *testing.T) {
	a, b := ledger.LeafHash([]byte("a")), ledger.LeafHash([]byte("b"))
	if ledger.LeafHash(slices.Concat(a[:], b[:])) == referenceRoot([][]byte{[]byte("a"), []byte("b")}) {
		t.Error("a leaf passes for a node")
	}
}

func TestLogID(t *testing.T) {
	keeper := ledger.Address{0: 0xa0, 19: 1}
	// The words of abi.encode(address, bytes32), spelt out.
	encoded := make([]byte, 64)
	encoded[12], encoded[31] = 0xa0, 1
	kind := sha256.Sum256([]byte("receipts"))
	copy(encoded[32:], kind[:])
	keccak := sha3.NewLegacyKeccak256()
	keccak.Write(encoded)
	want := ledger.Hash(keccak.Sum(nil))
	if got := ledger.LogID(ledger.LogReceipts, keeper); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	ids := map[ledger.Hash]bool{}
	for _, kind := range []string{ledger.LogReceipts, ledger.LogProvider} {
		for _, a := range []ledger.Address{{}, {1}, keeper} {
			ids[ledger.LogID(kind, a)] = true
		}
	}
	if len(ids) != 6 {
		t.Errorf("%d ids for 6 logs", len(ids))
	}
}

// TestG7SaltedLeaf: the leaf commits to salt and content, and the salt hides it.
func TestG7SaltedLeaf(t *testing.T) {
	content := []byte("patient 7 withdrew")
	salt := ledger.HashBytes([]byte("salt"))
	want := sha256.Sum256(slices.Concat(salt[:], content))
	for range 2 { // twice: neither argument is written to
		if got := ledger.SaltedLeaf(salt, content); !bytes.Equal(got, want[:]) {
			t.Errorf("got %x, want %x", got, want)
		}
	}
	if bytes.Equal(ledger.SaltedLeaf(ledger.Hash{}, content), want[:]) || bytes.Equal(ledger.SaltedLeaf(salt, nil), want[:]) {
		t.Error("the leaf leaves something out")
	}
}
