package consent

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

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

// Stratum is how many levels lie between the depths at which subtrees are kept.
const Stratum = 8

// Child is a kept subtree: one that is not empty, [Stratum] levels below another.
type Child struct {
	Prefix uint64 // of its depth
	Hash   ledger.Hash
	Only   *Leaf // the one leaf below, in a subtree that has no other; else nil
}

// Nodes is where a map is kept. A subtree is named by its depth (0 is the root,
// Depth a leaf) and its prefix: the first depth bits of the positions below it,
// as a number. Kept are those at the multiples of Stratum, below the root and
// below each kept one that holds several leaves, unless they are empty: one a
// leaf, and one for some 2^Stratum leaves above them. What lies between is
// computed.
//
// A version is read as it was when its interval closed: the greatest version up
// to it holds. Nothing is ever deleted. An implementation works in the caller's
// transaction and context. While a map is set its methods are called by several goroutines at once.
type Nodes interface {
	// Below returns what is kept Stratum levels below a subtree, by rising prefix,
	// in the version that is read. The hash in Only may be left out. The Map does
	// not change what it was given, nor use it once it has Put anything there.
	Below(depth uint8, prefix uint64) ([]Child, error)
	// Put sets a subtree in the version under construction; Below of that version sees it at once. What Below returned there
	// before, if there was anything, was read.
	Put(depth uint8, c Child) error
	// Leaf returns the hash of the leaf at an index that Below named, in the version that is read.
	Leaf(index ledger.Hash) (ledger.Hash, error)
}

// Map is a hospital's consent map in one version of its nodes. It is not safe
// for concurrent use, but for [Map.Index].
type Map struct {
	blank   ledger.Hash // what the hashes of empty subtrees are made from
	version uint64
	nodes   Nodes
	cache   *Cache // nil: none

	mu  sync.Mutex
	mac hash.Hash
}

// New returns the map in nodes, which read (and write) the version given: the
// number of an interval, from 1. secret is the hospital's: 32 random bytes, the
// same for as long as the map lives.
func New(secret ledger.Hash, version uint64, nodes Nodes) *Map {
	m := &Map{mac: hmac.New(sha256.New, secret[:]), version: version, nodes: nodes}
	m.blank = m.secret("empty", nil)
	return m
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
	below, err := m.below(0, 0)
	if err != nil {
		return err
	}
	m.cache.prepare()
	_, err = m.set(0, 0, below, unique(leaves))
	return err
}

// Root is the blinded root of the map, which a [Checkpoint] commits to ([Committed]).
func (m *Map) Root() (ledger.Hash, error) {
	below, err := m.below(0, 0)
	if err != nil {
		return ledger.Hash{}, err
	}
	return blinded(m.blind(), m.fold(0, 0, below, Stratum)), nil
}

func (m *Map) below(depth uint8, prefix uint64) ([]Child, error) {
	below, err := m.nodes.Below(depth, prefix)
	if err != nil {
		return nil, fmt.Errorf("reading the consent map: %w", err)
	}
	return below, nil
}

// set writes leaves, at least one and sorted, into a kept subtree, whose
// children are below, and returns its hash.
func (m *Map) set(depth uint8, prefix uint64, below []Child, leaves []Leaf) (ledger.Hash, error) {
	m.cache.forget(depth, leaves)
	under := depth + Stratum
	parts := divide(under, below, leaves)
	err := each(parts, depth == 0, func(p *part) (err error) {
		p.child, err = m.child(under, p.child, p.found, p.leaves)
		return err
	})
	if err != nil {
		return ledger.Hash{}, err
	}
	for _, p := range parts {
		if err := m.nodes.Put(under, p.child); err != nil {
			return ledger.Hash{}, fmt.Errorf("writing the consent map: %w", err)
		}
	}
	if below, err = m.below(depth, prefix); err != nil {
		return ledger.Hash{}, err
	}
	return m.fold(depth, prefix, below, under), nil
}

// part is the leaves to be set in one child, which was there before or not.
type part struct {
	child  Child
	found  bool
	leaves []Leaf
}

// divide divides sorted leaves by the children, kept at a depth, that they are in.
func divide(under uint8, below []Child, leaves []Leaf) (parts []part) {
	for len(leaves) > 0 {
		p := part{child: Child{Prefix: prefixOf(position(leaves[0].Index), under)}}
		n := slices.IndexFunc(leaves, func(l Leaf) bool { return prefixOf(position(l.Index), under) != p.child.Prefix })
		if n < 0 {
			n = len(leaves)
		}
		p.leaves, leaves = leaves[:n], leaves[n:]
		var i int
		if i, p.found = childAt(below, p.child.Prefix); p.found {
			p.child = below[i]
		}
		parts = append(parts, p)
	}
	return parts
}

func childAt(below []Child, prefix uint64) (i int, found bool) {
	return slices.BinarySearchFunc(below, prefix, func(c Child, at uint64) int { return cmp.Compare(c.Prefix, at) })
}

// each runs f on the parts, on all cores if wide and there are several for each. The error is that of the first part that has one.
func each(parts []part, wide bool, f func(*part) error) error {
	workers := 1
	if wide {
		workers = min(runtime.GOMAXPROCS(0), 1+len(parts)/8)
	}
	errs := make([]error, len(parts))
	var next atomic.Int64
	work := func() {
		for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
			errs[i] = f(&parts[i])
		}
	}
	var group sync.WaitGroup
	for range workers - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	return cmp.Or(errs...)
}

// child is what becomes of a child, which may have been empty, when leaves are set in it.
func (m *Map) child(depth uint8, old Child, found bool, leaves []Leaf) (c Child, err error) {
	var below []Child
	switch {
	case found && old.Only == nil:
		if depth == Depth {
			return c, errBroken
		}
		if below, err = m.below(depth, old.Prefix); err != nil {
			return c, err
		}
	case found:
		if leaves, err = m.joined(*old.Only, leaves); err != nil {
			return c, err
		}
		fallthrough
	default:
		if len(leaves) == 1 {
			return Child{Prefix: old.Prefix, Hash: m.lone(leaves[0], depth), Only: &leaves[0]}, nil
		}
		if depth == Depth {
			return c, ErrCollision
		}
	}
	c.Prefix = old.Prefix
	c.Hash, err = m.set(depth, old.Prefix, below, leaves)
	return c, err
}

// joined is leaves together with the one that was alone before, unless it is set anew.
func (m *Map) joined(only Leaf, leaves []Leaf) ([]Leaf, error) {
	if slices.ContainsFunc(leaves, func(l Leaf) bool { return l.Index == only.Index }) {
		return leaves, nil
	}
	only, err := m.whole(only)
	return unique(append([]Leaf{only}, leaves...)), err
}

// whole fills in the hash of a leaf that [Nodes.Below] named.
func (m *Map) whole(only Leaf) (Leaf, error) {
	hash, err := m.nodes.Leaf(only.Index)
	if err != nil {
		return only, fmt.Errorf("reading a leaf of the consent map: %w", err)
	}
	return Leaf{Index: only.Index, Hash: hash}, nil
}

// fold is the hash of the subtree that holds just the kept subtrees given, which
// are sorted and stand at the depth kept.
func (m *Map) fold(depth uint8, prefix uint64, below []Child, kept uint8) ledger.Hash {
	switch {
	case len(below) == 0:
		return m.empty(depth, prefix)
	case depth == kept:
		return below[0].Hash
	}
	if h, known := m.cache.get(depth, prefix); known {
		return h
	}
	parts := halves(depth, prefix, below, kept)
	left, right := m.fold(depth+1, prefix<<1, parts[0], kept), m.fold(depth+1, prefix<<1|1, parts[1], kept)
	h := tagged(tagNode, left[:], right[:])
	m.cache.put(depth, prefix, h)
	return h
}

// halves divides kept subtrees between the two halves of the subtree that holds them.
func halves(depth uint8, prefix uint64, below []Child, kept uint8) [2][]Child {
	middle := (prefix<<1 | 1) << (kept - depth - 1)
	i, _ := slices.BinarySearchFunc(below, middle, func(c Child, at uint64) int { return cmp.Compare(c.Prefix, at) })
	return [2][]Child{below[:i], below[i:]}
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

// opening is what an empty subtree's hash is made from. A change of one entry
// needs some fifty: keyed by a prefix, which inputs of one length allow, it is a
// quarter of the work of an HMAC.
func (m *Map) opening(depth uint8, prefix uint64) ledger.Hash {
	b := [1 + 32 + 1 + 8]byte{tagOpening}
	copy(b[1:], m.blank[:])
	b[33] = depth
	binary.BigEndian.PutUint64(b[34:], prefix)
	return sha256.Sum256(b[:])
}

// blind hides whether the root of a version is that of the one before.
func (m *Map) blind() ledger.Hash {
	return m.secret("root/", binary.BigEndian.AppendUint64(nil, m.version))
}

func (m *Map) secret(use string, of []byte) (h ledger.Hash) {
	m.mu.Lock()
	defer m.mu.Unlock()
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
	tagOpening
	tagNoOdometer
	tagOdometerSalt
	tagOdometer
	tagCommitted
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
