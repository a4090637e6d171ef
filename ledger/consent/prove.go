package consent

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
)

// Path leads from a leaf or an empty subtree to the root of a version.
type Path struct {
	Siblings []ledger.Hash // from the top: the one at i stands at depth i+1
	Blind    ledger.Hash   // of the version
}

// Prove returns the path of the leaf at index, always with [Depth] siblings.
// Errors: ErrAbsent, ErrCollision.
func (m *Map) Prove(index ledger.Hash) (Path, error) {
	p, end, err := m.descend(index)
	if err != nil {
		return Path{}, err
	}
	if end == nil || end.Index != index {
		return Path{}, ErrAbsent
	}
	at := position(index)
	for d := uint8(len(p.Siblings)); d < Depth; d++ {
		p.Siblings = append(p.Siblings, m.empty(d+1, prefixOf(at, d+1)^1))
	}
	return p, nil
}

// ProveAbsence returns the path of an empty subtree where index would be, and
// what opens its hash. Unlike a path of a leaf, this one shows the shape of the
// map near the index. Errors: ErrPresent, ErrCollision.
func (m *Map) ProveAbsence(index ledger.Hash) (p Path, opening ledger.Hash, err error) {
	p, end, err := m.descend(index)
	if err != nil {
		return Path{}, opening, err
	}
	at := position(index)
	if end == nil {
		d := uint8(len(p.Siblings))
		return p, m.opening(d, prefixOf(at, d)), nil
	}
	if end.Index == index {
		return Path{}, opening, ErrPresent
	}
	// The subtree holds another leaf: go down to where the two part.
	other := position(end.Index)
	d := uint8(len(p.Siblings))
	for ; bit(other, d) == bit(at, d); d++ {
		p.Siblings = append(p.Siblings, m.empty(d+1, prefixOf(at, d+1)^1))
	}
	p.Siblings = append(p.Siblings, m.lone(*end, d+1))
	return p, m.opening(d+1, prefixOf(at, d+1)), nil
}

// descend collects siblings down to where the path of index meets a subtree
// with a single leaf, which it returns, or an empty one, and then returns nil.
// ErrCollision if the leaf is another's at the same position.
func (m *Map) descend(index ledger.Hash) (Path, *Leaf, error) {
	p, at := Path{Blind: m.blind(), Siblings: make([]ledger.Hash, 0, Depth)}, position(index)
	for d := uint8(0); ; d++ {
		n, found, err := m.nodes.Get(d, prefixOf(at, d))
		switch {
		case err != nil:
			return Path{}, nil, fmt.Errorf("reading the consent map: %w", err)
		case !found:
			return p, nil, nil
		case n.Only != nil && n.Only.Index != index && position(n.Only.Index) == at:
			return Path{}, nil, ErrCollision
		case n.Only != nil:
			return p, n.Only, nil
		case d == Depth:
			return Path{}, nil, errBroken
		}
		sibling, err := m.hash(d+1, prefixOf(at, d+1)^1)
		if err != nil {
			return Path{}, nil, err
		}
		p.Siblings = append(p.Siblings, sibling)
	}
}
