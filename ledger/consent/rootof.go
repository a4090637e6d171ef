package consent

import (
	"github.com/medmarket/medmarket/ledger"
)

// RootOf is [Map.Root] of a map that holds just these leaves, in the version of m: made from nothing else, to be held
// against a root that was committed to. ErrCollision.
func (m *Map) RootOf(leaves []Leaf) (ledger.Hash, error) {
	top, err := m.of(0, 0, unique(leaves))
	if err != nil {
		return ledger.Hash{}, err
	}
	return blinded(m.blind(), top), nil
}

// of is the hash of the subtree that holds just the leaves given, which are sorted.
func (m *Map) of(depth uint8, prefix uint64, leaves []Leaf) (h ledger.Hash, err error) {
	switch {
	case len(leaves) == 0:
		return m.empty(depth, prefix), nil
	case len(leaves) == 1:
		return m.lone(leaves[0], depth), nil
	case depth == Depth:
		return h, ErrCollision
	}
	middle := 0
	for middle < len(leaves) && bit(position(leaves[middle].Index), depth) == 0 {
		middle++
	}
	left, err := m.of(depth+1, prefix<<1, leaves[:middle])
	if err != nil {
		return h, err
	}
	right, err := m.of(depth+1, prefix<<1|1, leaves[middle:])
	if err != nil {
		return h, err
	}
	return tagged(tagNode, left[:], right[:]), nil
}
