package ledger

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// ErrNotIncluded is returned when an inclusion proof does not lead to the root.
var ErrNotIncluded = errors.New("leaf is not in the log at this root")

// LogProof shows that a leaf is in a log (RFC 6962): the leaf at Index is
// under Root, the root of the log's first Size leaves.
type LogProof struct {
	Log   Hash   `json:"log"` // who keeps it: LogID
	Index uint64 `json:"index"`
	Size  uint64 `json:"size"`
	Root  Hash   `json:"root"`
	Path  []Hash `json:"path"`
}

// LogID names the one log of a kind that a key keeps on a chain:
//
//	keccak256(abi.encode(keeper, LogKindHash(kind)))
//
// The Anchors contract computes it the same way from whoever calls it, so
// nobody but the keeper can anchor under it.
func LogID(kind string, keeper Address) Hash {
	return keccakWords(addressWord(keeper), LogKindHash(kind))
}

// LogKindHash is how the chain spells a kind of log: SHA-256 of its name.
func LogKindHash(kind string) Hash { return HashBytes([]byte(kind)) }

// The kinds of log.
const (
	LogReceipts = "receipts" // a marketplace's: one leaf a receipt
	LogProvider = "provider" // a hospital's: one salted leaf an event or release
)

// LeafHash is the RFC 6962 hash of a leaf.
func LeafHash(leaf []byte) Hash { return Hash(tlog.RecordHash(leaf)) }

// SaltedLeaf commits to content without showing it: the leaf is
// SHA-256(salt || content). The salt is 32 secret random bytes, new each time.
func SaltedLeaf(salt Hash, content []byte) []byte {
	h := HashBytes(append(salt[:], content...))
	return h[:]
}

// HashReader reads stored hashes of a log by their index in tlog's layout.
type HashReader = tlog.HashReader

// AppendHashes returns the hashes to store, in order, when a leaf with the
// given hash becomes the leaf number size of a log that r reads.
func AppendHashes(size uint64, leaf Hash, r HashReader) ([]Hash, error) {
	hashes, err := tlog.StoredHashesForRecordHash(int64(size), tlog.Hash(leaf), r)
	if err != nil {
		return nil, fmt.Errorf("hashing leaf %d: %w", size, err)
	}
	out := make([]Hash, len(hashes))
	for i, h := range hashes {
		out[i] = Hash(h)
	}
	return out, nil
}

// StoredHashCount is how many hashes a log of the given size stores.
func StoredHashCount(size uint64) uint64 { return uint64(tlog.StoredHashCount(int64(size))) }

// Root is the RFC 6962 root of the first size leaves; the root of nothing is
// SHA-256 of nothing.
func Root(size uint64, r HashReader) (Hash, error) {
	if size == 0 {
		return HashBytes(nil), nil
	}
	h, err := tlog.TreeHash(int64(size), r)
	if err != nil {
		return Hash{}, fmt.Errorf("root of %d leaves: %w", size, err)
	}
	return Hash(h), nil
}

// ProveInclusion makes the path of a [LogProof].
func ProveInclusion(size, index uint64, r HashReader) ([]Hash, error) {
	proof, err := tlog.ProveRecord(int64(size), int64(index), r)
	if err != nil {
		return nil, fmt.Errorf("proving leaf %d of %d: %w", index, size, err)
	}
	path := make([]Hash, len(proof))
	for i, h := range proof {
		path[i] = Hash(h)
	}
	return path, nil
}

// Check returns [ErrNotIncluded] unless the leaf with the given hash is at
// Index under Root.
func (p LogProof) Check(leaf Hash) error {
	const most = 1 << 50 // far beyond any log, far from overflow in tlog
	if p.Size > most || p.Index >= p.Size {
		return ErrNotIncluded
	}
	proof := make(tlog.RecordProof, len(p.Path))
	for i, h := range p.Path {
		proof[i] = tlog.Hash(h)
	}
	if err := tlog.CheckRecord(proof, int64(p.Size), tlog.Hash(p.Root), int64(p.Index), tlog.Hash(leaf)); err != nil {
		return fmt.Errorf("%w: %w", ErrNotIncluded, err)
	}
	return nil
}
