package consent

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/medmarket/medmarket/ledger"
)

// OdometerDepth is the number of levels of the tree of odometers below its root: the bits of a [Place].
const OdometerDepth = 24

// ErrPlaces: two odometers have one place.
var ErrPlaces = errors.New("two odometers stand at one place")

// Place is where the odometer of a class stands in the tree. It is drawn when the class first appears, stays for as
// long as the class does, and says nothing of it. As text it is 0x and 6 lower-case hex digits, so that all are of one length.
type Place uint32

// MarshalText implements encoding.TextMarshaler.
func (p Place) MarshalText() ([]byte, error) {
	if p >= 1<<OdometerDepth {
		return nil, fmt.Errorf("%w: a place has %d bits", ledger.ErrMalformed, OdometerDepth)
	}
	return ledger.Bytes(binary.BigEndian.AppendUint32(nil, uint32(p))[1:]).MarshalText()
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Place) UnmarshalText(text []byte) error {
	var b ledger.Bytes
	if err := b.UnmarshalText(text); err != nil {
		return err
	}
	if len(b) != OdometerDepth/8 {
		return fmt.Errorf("%w: a place has %d bits", ledger.ErrMalformed, OdometerDepth)
	}
	*p = Place(binary.BigEndian.Uint32([]byte{0, b[0], b[1], b[2]}))
	return nil
}

// Reading is what the odometer of a class read when an interval closed.
type Reading struct {
	Class   ledger.Hash `json:"class"`    // SHA-256 of the canonical document of the class
	NanoRho int64       `json:"nano_rho"` // charged to the class since it first appeared, above a random secret that it began at
	Delta   int64       `json:"delta"`    // the same, 2^-63 units; it began at another
	Charged bool        `json:"charged"`  // the charge that closed the interval, if one did, moved it
}

// Odometer is a reading and where it stands.
type Odometer struct {
	Place Place
	Reading
}

// OdometerPath leads from a reading to the root of the tree of odometers.
type OdometerPath struct {
	Salt     ledger.Hash   `json:"salt"`
	Siblings []ledger.Hash `json:"siblings"` // OdometerDepth; from the top: the one at i stands at depth i+1
}

// Odometers is the tree of the odometers of all classes in one version. Every hash in it is of that version alone, those
// of empty subtrees too: two proofs have no sibling in common, and nothing shows how many classes there are nor which
// of them were charged. Making its root takes time in proportion to their number.
type Odometers struct {
	seed ledger.Hash
	all  []Odometer // by place
}

// Odometers returns the tree of the version that m is of, with one odometer a class. ErrPlaces.
func (m *Map) Odometers(all []Odometer) (*Odometers, error) {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Odometer) int { return cmp.Compare(a.Place, b.Place) })
	for i := range sorted {
		if i > 0 && sorted[i].Place == sorted[i-1].Place {
			return nil, ErrPlaces
		}
	}
	return &Odometers{seed: m.secret("odometers/", binary.BigEndian.AppendUint64(nil, m.version)), all: sorted}, nil
}

// String keeps what the tree is made from from being printed.
func (o *Odometers) String() string { return "odometers" }

// GoString is String.
func (o *Odometers) GoString() string { return o.String() }

// Root is the root of the tree.
func (o *Odometers) Root() ledger.Hash { return o.fold(0, 0, o.all) }

// Prove returns the reading at a place and its path. ErrAbsent.
func (o *Odometers) Prove(at Place) (Reading, OdometerPath, error) {
	path := OdometerPath{Salt: o.keyed(tagOdometerSalt, OdometerDepth, uint32(at)), Siblings: make([]ledger.Hash, 0, OdometerDepth)}
	below := o.all
	for depth := uint8(0); depth < OdometerDepth; depth++ {
		halves, prefix := o.halves(depth, below), prefixAt(at, depth+1)
		side := prefix & 1
		path.Siblings = append(path.Siblings, o.fold(depth+1, prefix^1, halves[1-side]))
		below = halves[side]
	}
	if len(below) == 0 {
		return Reading{}, OdometerPath{}, ErrAbsent
	}
	return below[0].Reading, path, nil
}

// fold is the hash of the subtree that holds just the odometers given.
func (o *Odometers) fold(depth uint8, prefix uint32, all []Odometer) ledger.Hash {
	switch {
	case len(all) == 0:
		return o.keyed(tagNoOdometer, depth, prefix)
	case depth == OdometerDepth:
		return all[0].leaf(o.keyed(tagOdometerSalt, depth, prefix))
	}
	halves := o.halves(depth, all)
	var sides [2]ledger.Hash
	half := func(side uint32) { sides[side] = o.fold(depth+1, prefix<<1|side, halves[side]) }
	if depth < wideDepth && len(all) > 1 {
		var other sync.WaitGroup
		other.Go(func() { half(0) })
		half(1)
		other.Wait()
	} else {
		half(0)
		half(1)
	}
	return tagged(tagNode, sides[0][:], sides[1][:])
}

// wideDepth is above where the halves of a tree are hashed side by side.
const wideDepth = 3

// halves divides the odometers of a subtree at depth between its two halves.
func (o *Odometers) halves(depth uint8, all []Odometer) [2][]Odometer {
	i, _ := slices.BinarySearchFunc(all, 1, func(a Odometer, one uint32) int { return cmp.Compare(prefixAt(a.Place, depth+1)&1, one) })
	return [2][]Odometer{all[:i], all[i:]}
}

// keyed is a hash of this version that nobody can make without the seed.
func (o *Odometers) keyed(tag, depth uint8, prefix uint32) ledger.Hash {
	b := [1 + 32 + 1 + 4]byte{tag}
	copy(b[1:], o.seed[:])
	b[33] = depth
	binary.BigEndian.PutUint32(b[34:], prefix)
	return sha256.Sum256(b[:])
}

// prefixAt names the subtree at depth that holds a place.
func prefixAt(p Place, depth uint8) uint32 { return uint32(p) >> (OdometerDepth - depth) }

// leaf is the leaf of a reading.
func (r Reading) leaf(salt ledger.Hash) ledger.Hash {
	b := [1 + 32 + 32 + 2*8 + 1]byte{tagOdometer}
	copy(b[1:], salt[:])
	copy(b[33:], r.Class[:])
	binary.BigEndian.PutUint64(b[65:], uint64(r.NanoRho))
	binary.BigEndian.PutUint64(b[73:], uint64(r.Delta))
	if r.Charged {
		b[81] = 1
	}
	return sha256.Sum256(b[:])
}

// root is the one that the path leads to from a reading at a place.
func (p OdometerPath) root(at Place, r Reading) (h ledger.Hash, err error) {
	if len(p.Siblings) != OdometerDepth {
		return h, ErrForm
	}
	h = r.leaf(p.Salt)
	for d := OdometerDepth - 1; d >= 0; d-- {
		h = above(h, p.Siblings[d], uint64(prefixAt(at, uint8(d)+1)&1))
	}
	return h, nil
}

// Committed is the root that a [Checkpoint] names: of a version of the map ([Map.Root]) and of its odometers together.
func Committed(mapRoot, odometers ledger.Hash) ledger.Hash {
	return tagged(tagCommitted, mapRoot[:], odometers[:])
}
