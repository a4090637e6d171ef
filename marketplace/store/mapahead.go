package store

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// lookAhead reads the subtrees that a leaf at an index is to be set in, so that whoever sets it seldom waits for the transaction.
func (n *mapNodes) lookAhead(index ledger.Hash) error {
	_, _, err := n.descend(index, func(place) bool { return true })
	return err
}

// descend reads the subtrees that a leaf at an index is to be set in, from the first one down, as long as they have several leaves and are wanted. It
// returns the next one, and whether that has several, too.
func (n *mapNodes) descend(index ledger.Hash, wanted func(place) bool) (at place, several bool, err error) {
	position := binary.BigEndian.Uint64(index[:8])
	for several = true; several && wanted(at); several = n.several(at) {
		if _, err := n.Below(at.depth, at.prefix); err != nil {
			return at, false, err
		}
		at.depth += consent.Stratum
		at.prefix = position >> (consent.Depth - at.depth)
	}
	return at, several, nil
}

// lookAheadAll reads in one statement the first subtrees below the crown that leaves at some indexes are to be set in: most stand alone
// further down. Nobody else uses the transaction.
func (n *mapNodes) lookAheadAll(indexes []ledger.Hash) error {
	wanted := map[place][2]uint64{} // with the bounds of their children
	for _, index := range indexes {
		at, several, err := n.descend(index, place.isTop)
		if err != nil {
			return err
		}
		if several {
			wanted[at] = [2]uint64{at.prefix << consent.Stratum, at.prefix<<consent.Stratum | (1<<consent.Stratum - 1)}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	bounds, err := json.Marshal(slices.Collect(maps.Values(wanted)))
	if err != nil {
		return err
	}
	rows, err := within(n.ctx, n.tx, n.hot.belowAll).QueryContext(n.ctx, string(bounds), crownDepth+consent.Stratum, clamp(n.version))
	if err != nil {
		return err
	}
	all, err := drain(rows, n.versioned)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b versioned) int {
		return cmp.Or(cmp.Compare(a.Prefix, b.Prefix), cmp.Compare(a.version, b.version))
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, c := range all {
		if i+1 < len(all) && all[i+1].Prefix == c.Prefix { // there is a later version of it
			continue
		}
		at := place{crownDepth, c.Prefix >> consent.Stratum}
		n.own[at] = append(n.own[at], c.Child)
	}
	return nil
}

// versioned is a child in one of its versions.
type versioned struct {
	consent.Child
	version uint64
}

func (n *mapNodes) versioned(r row) (v versioned, err error) {
	v.Child, err = n.child(r, &v.version)
	return v, err
}

// belowMany is belowDeep of many subtrees of one depth, each with the bounds of its children in a JSON array of its own.
const belowMany = `
	SELECT n.prefix, n.hash, n.patient, n.version
	FROM json_each(CAST(?1 AS TEXT)) AS j CROSS JOIN map_nodes AS n
	WHERE n.depth = ?2 AND n.prefix BETWEEN CAST(j.value ->> 0 AS BIGINT) AND CAST(j.value ->> 1 AS BIGINT) AND n.version <= ?3`
