package consent

import (
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
	whole, err := m.whole(*end)
	if err != nil {
		return Path{}, opening, err
	}
	d := uint8(len(p.Siblings))
	for ; bit(other, d) == bit(at, d); d++ {
		p.Siblings = append(p.Siblings, m.empty(d+1, prefixOf(at, d+1)^1))
	}
	p.Siblings = append(p.Siblings, m.lone(whole, d+1))
	return p, m.opening(d+1, prefixOf(at, d+1)), nil
}

// descend collects siblings down to where the path of index meets a subtree
// with a single leaf, which it returns, or an empty one, and then returns nil.
// ErrCollision if the leaf is another's at the same position.
func (m *Map) descend(index ledger.Hash) (Path, *Leaf, error) {
	p, at := Path{Blind: m.blind(), Siblings: make([]ledger.Hash, 0, Depth)}, position(index)
	for depth := uint8(0); depth < Depth; {
		below, err := m.below(depth, prefixOf(at, depth))
		if err != nil {
			return Path{}, nil, err
		}
		for kept := depth + Stratum; ; depth++ {
			switch {
			case len(below) == 0:
				return p, nil, nil
			case len(below) == 1 && below[0].Only != nil:
				return p, below[0].Only, collides(index, *below[0].Only)
			}
			if depth == kept {
				break
			}
			side, parts := bit(at, depth), halves(depth, prefixOf(at, depth), below, kept)
			p.Siblings = append(p.Siblings, m.fold(depth+1, prefixOf(at, depth+1)^1, parts[1-side], kept))
			below = parts[side]
		}
	}
	return Path{}, nil, errBroken
}

// collides is ErrCollision if another index is where this one would be.
func collides(index ledger.Hash, only Leaf) error {
	if only.Index != index && position(only.Index) == position(index) {
		return ErrCollision
	}
	return nil
}
