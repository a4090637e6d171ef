package consent

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"

	"github.com/medmarket/medmarket/ledger"
)

// Depth is the number of levels below the root: the bits of a position.
const Depth = 64

// Faults of a map and of what is asked of it.
var (
	// ErrCollision: another index in the map begins with the same 8 bytes.
	ErrCollision = errors.New("another index has this position in the map")
	// ErrAbsent: there is no entry at the index.
	ErrAbsent = errors.New("the index is not in the map")
	// ErrPresent: there is an entry at the index.
	ErrPresent = errors.New("the index is in the map")

	errBroken = errors.New("a stored node of the consent map is not one")
)

// Node is a stored node of the map: the top of a subtree that is not empty.
type Node struct {
	Hash ledger.Hash
	Only *Leaf // the one leaf below, in a subtree that has no other; else nil
}

// Nodes is where the nodes of a map are kept. A subtree is named by its depth
// (0 is the root, Depth a leaf) and its prefix: the first depth bits of the
// positions below it, as a number. Stored are the subtrees that hold several
// leaves, and of each that holds a single one the topmost: about 2.5 nodes a leaf.
//
// A version is read as it was when its interval closed: the greatest version up
// to it holds. Nodes are never deleted. An implementation works in the caller's
// transaction and context.
type Nodes interface {
	// Get returns the node in the version that is read; false if the subtree is empty.
	Get(depth uint8, prefix uint64) (Node, bool, error)
	// Put sets the node in the version under construction; Get of that version sees it at once.
	Put(depth uint8, prefix uint64, n Node) error
}

// Map is a hospital's consent map in one version of its nodes. It is not safe
// for concurrent use.
type Map struct {
	mac     hash.Hash
	version uint64
	nodes   Nodes
}

// New returns the map in nodes, which read (and write) the version given: the
// number of an interval, from 1. secret is the hospital's: 32 random bytes, the
// same for as long as the map lives.
func New(secret ledger.Hash, version uint64, nodes Nodes) *Map {
	return &Map{mac: hmac.New(sha256.New, secret[:]), version: version, nodes: nodes}
}

// String keeps the secret from being printed.
func (m *Map) String() string { return "consent map" }

// GoString is String.
func (m *Map) GoString() string { return m.String() }

// Index is the index of the patient with the hospital's own number. It stays
// hers whatever her key is; nothing of the number can be told from it.
func (m *Map) Index(patient int64) ledger.Hash {
	return m.secret("index/", strconv.AppendInt(nil, patient, 10))
}

// Set puts leaves into the map; of several at one index the last holds.
// ErrCollision.
func (m *Map) Set(leaves ...Leaf) error {
	if len(leaves) == 0 {
		return nil
	}
	_, err := m.set(0, 0, unique(leaves))
	return err
}

// Root is the public root: what the [Checkpoint] of this version holds.
func (m *Map) Root() (ledger.Hash, error) {
	top, err := m.hash(0, 0)
	if err != nil {
		return ledger.Hash{}, err
	}
	return blinded(m.blind(), top), nil
}

// set writes leaves, at least one and sorted, into the subtree and returns its hash.
func (m *Map) set(depth uint8, prefix uint64, leaves []Leaf) (ledger.Hash, error) {
	old, found, err := m.nodes.Get(depth, prefix)
	switch {
	case err != nil:
		return ledger.Hash{}, err
	case !found:
		return m.build(depth, prefix, leaves)
	case old.Only != nil:
		return m.build(depth, prefix, unique(append([]Leaf{*old.Only}, leaves...)))
	}
	return m.branch(depth, prefix, leaves, m.set, m.hash)
}

// build writes a subtree that holds exactly leaves, at least one and sorted.
func (m *Map) build(depth uint8, prefix uint64, leaves []Leaf) (ledger.Hash, error) {
	if len(leaves) > 1 {
		if depth == Depth {
			return ledger.Hash{}, ErrCollision
		}
		return m.branch(depth, prefix, leaves, m.build,
			func(depth uint8, prefix uint64) (ledger.Hash, error) { return m.empty(depth, prefix), nil })
	}
	n := Node{Hash: m.lone(leaves[0], depth), Only: &leaves[0]}
	return n.Hash, m.nodes.Put(depth, prefix, n)
}

// branch writes leaves into both halves of a subtree by write, reads a half
// without any by read, and puts the node above them.
func (m *Map) branch(depth uint8, prefix uint64, leaves []Leaf,
	write func(uint8, uint64, []Leaf) (ledger.Hash, error), read func(uint8, uint64) (ledger.Hash, error),
) (ledger.Hash, error) {
	right := slices.IndexFunc(leaves, func(l Leaf) bool { return bit(position(l.Index), depth) == 1 })
	if right < 0 {
		right = len(leaves)
	}
	var halves [2]ledger.Hash
	for side, part := range [2][]Leaf{leaves[:right], leaves[right:]} {
		var err error
		if below := prefix<<1 | uint64(side); len(part) == 0 {
			halves[side], err = read(depth+1, below)
		} else {
			halves[side], err = write(depth+1, below, part)
		}
		if err != nil {
			return ledger.Hash{}, err
		}
	}
	n := Node{Hash: tagged(tagNode, halves[0][:], halves[1][:])}
	return n.Hash, m.nodes.Put(depth, prefix, n)
}

// hash returns the hash of a subtree.
func (m *Map) hash(depth uint8, prefix uint64) (ledger.Hash, error) {
	n, found, err := m.nodes.Get(depth, prefix)
	if err != nil {
		return ledger.Hash{}, fmt.Errorf("reading the consent map: %w", err)
	}
	if !found {
		return m.empty(depth, prefix), nil
	}
	return n.Hash, nil
}

// lone is the hash of the subtree at depth that holds l only.
func (m *Map) lone(l Leaf, depth uint8) ledger.Hash {
	h, at := l.Hash, position(l.Index)
	for d := uint8(Depth); d > depth; d-- {
		h = above(h, m.empty(d, prefixOf(at, d)^1), bit(at, d-1))
	}
	return h
}

func (m *Map) empty(depth uint8, prefix uint64) ledger.Hash {
	opening := m.opening(depth, prefix)
	return tagged(tagEmpty, opening[:], nil)
}

// opening is what an empty subtree's hash is made from.
func (m *Map) opening(depth uint8, prefix uint64) ledger.Hash {
	return m.secret("empty/", binary.BigEndian.AppendUint64([]byte{depth}, prefix))
}

// blind hides whether the root of a version is that of the one before.
func (m *Map) blind() ledger.Hash {
	return m.secret("root/", binary.BigEndian.AppendUint64(nil, m.version))
}

func (m *Map) secret(use string, of []byte) (h ledger.Hash) {
	m.mac.Reset()
	m.mac.Write([]byte(use))
	m.mac.Write(of)
	m.mac.Sum(h[:0])
	return h
}

// Tags keep the hashes of one kind from passing for another's.
const (
	tagLeaf = iota
	tagNode
	tagEmpty
	tagRoot
)

// tagged hashes one or two strings of at most 32 bytes.
func tagged(tag byte, first, second []byte) ledger.Hash {
	b := [1 + 32 + 32]byte{tag}
	n := 1 + copy(b[1:], first)
	n += copy(b[n:], second)
	return sha256.Sum256(b[:n])
}

func blinded(blind, top ledger.Hash) ledger.Hash { return tagged(tagRoot, blind[:], top[:]) }

// above is the node over h and its sibling; side is 1 if h is on the right.
func above(h, sibling ledger.Hash, side uint64) ledger.Hash {
	if side == 1 {
		return tagged(tagNode, sibling[:], h[:])
	}
	return tagged(tagNode, h[:], sibling[:])
}

// position is where an index is in the map: its first 64 bits.
func position(index ledger.Hash) uint64 { return binary.BigEndian.Uint64(index[:8]) }

// bit says on which side of a node at depth the position is: 0 left, 1 right.
func bit(position uint64, depth uint8) uint64 { return position >> (Depth - 1 - depth) & 1 }

// prefixOf names the subtree at depth that holds the position.
func prefixOf(position uint64, depth uint8) uint64 { return position >> (Depth - depth) }

// unique returns leaves in the order of their indices; of several at one index
// the last.
func unique(leaves []Leaf) []Leaf {
	last := make(map[ledger.Hash]Leaf, len(leaves))
	for _, l := range leaves {
		last[l.Index] = l
	}
	sorted := make([]Leaf, 0, len(last))
	for _, l := range last {
		sorted = append(sorted, l)
	}
	slices.SortFunc(sorted, func(a, b Leaf) int { return cmp.Compare(position(a.Index), position(b.Index)) })
	return sorted
}
