package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// openMap opens the consent map as it is in a version: the number of a closed
// interval, or of the one under construction, which alone may be written. A
// transaction that writes passes the store, whose crown and statements it uses, others nil.
func openMap(ctx context.Context, tx *sql.Tx, version uint64, writer *Provider) (*consent.Map, *mapNodes, error) {
	var secret ledger.Hash
	if err := tx.QueryRowContext(ctx, `SELECT secret FROM map_secret WHERE one = 1`).Scan(fixed(secret[:])); err != nil {
		return nil, nil, fmt.Errorf("reading the secret of the consent map: %w", err)
	}
	n := &mapNodes{ctx: ctx, tx: tx, version: version, own: map[place][]consent.Child{}, put: map[place]bool{}, who: map[ledger.Hash]int64{}}
	n.m = consent.New(secret, version, n)
	if writer != nil {
		n.top, n.hot = &writer.crown, writer.statements
		n.m.Cached(&n.top.hashes)
	}
	return n.m, n, nil
}

// mapNodes implements [consent.Nodes] within one transaction, in one version. While the map is set beside whoever goes on writing,
// both need the transaction: whoever uses it holds sql, which is taken before mu.
type mapNodes struct {
	ctx     context.Context
	version uint64
	m       *consent.Map
	hot     *statements // nil in a transaction that only reads

	sql sync.Mutex
	tx  *sql.Tx

	mu  sync.Mutex                // held for what follows
	top *crown                    // nil in a transaction that only reads
	own map[place][]consent.Child // what this transaction has read or changed: by parent
	put map[place]bool            // what of it is not yet on disk
	who map[ledger.Hash]int64     // patients by index
}

// place names a subtree of the map.
type place struct {
	depth  uint8
	prefix uint64
}

// parent is the kept subtree that holds another.
func (at place) parent() place {
	return place{at.depth - consent.Stratum, at.prefix >> consent.Stratum}
}

// Two ways to read the children of a subtree in a version. Near the top a child
// has about as many versions as there are intervals: there each is sought.
// Further down it has a few, and all are gone through.
const (
	belowTop = `
		WITH RECURSIVE k (prefix) AS (
			SELECT * FROM (
				SELECT prefix FROM map_nodes WHERE depth = ?1 AND prefix BETWEEN ?2 AND ?3 ORDER BY prefix LIMIT 1) AS first
			UNION ALL
			SELECT (
				SELECT n.prefix FROM map_nodes AS n WHERE n.depth = ?1 AND n.prefix > k.prefix AND n.prefix <= ?3
				ORDER BY n.prefix LIMIT 1)
			FROM k WHERE k.prefix IS NOT NULL
		)
		SELECT n.prefix, n.hash, n.patient
		FROM k CROSS JOIN map_nodes AS n WHERE n.depth = ?1 AND n.prefix = k.prefix AND n.version = (
			SELECT v.version FROM map_nodes AS v WHERE v.depth = ?1 AND v.prefix = k.prefix AND v.version <= ?4
			ORDER BY v.version DESC LIMIT 1)
		ORDER BY n.prefix`
	belowDeep = `
		SELECT prefix, hash, patient FROM map_nodes
		WHERE depth = ?1 AND prefix BETWEEN ?2 AND ?3 AND version <= ?4 ORDER BY prefix, version`
)

// Below implements [consent.Nodes].
func (n *mapNodes) Below(depth uint8, prefix uint64) ([]consent.Child, error) {
	at := place{depth, prefix}
	n.mu.Lock()
	below, known := n.known(at)
	n.mu.Unlock()
	if known {
		return below, nil
	}
	below, err := n.read(at)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if below, known := n.known(at); known { // it was read, and may have been put below, meanwhile
		return below, nil
	}
	n.top.learn(at, below)
	if n.hot != nil && !at.isTop() {
		n.own[at] = below
	}
	return below, nil
}

// known returns the children of a subtree, false if they must be read. The caller holds mu.
func (n *mapNodes) known(at place) (below []consent.Child, known bool) {
	if below, known = n.own[at]; known {
		return below, true
	}
	return n.top.children(at)
}

// several says whether a subtree has several leaves.
func (n *mapNodes) several(at place) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	below, _ := n.known(at.parent())
	i, found := find(below, at.prefix)
	return found && below[i].Only == nil && at.depth < consent.Depth
}

func find(below []consent.Child, prefix uint64) (i int, found bool) {
	return slices.BinarySearchFunc(below, prefix, func(c consent.Child, at uint64) int { return cmp.Compare(c.Prefix, at) })
}

// read reads the children of a subtree from disk.
func (n *mapNodes) read(at place) (below []consent.Child, err error) {
	n.sql.Lock()
	defer n.sql.Unlock()
	first := at.prefix << consent.Stratum
	args := []any{int(at.depth) + consent.Stratum, int64(first), int64(first | (1<<consent.Stratum - 1)), clamp(n.version)}
	var rows *sql.Rows
	switch {
	case at.isTop():
		rows, err = n.tx.QueryContext(n.ctx, belowTop, args...)
	case n.hot != nil:
		rows, err = within(n.ctx, n.tx, n.hot.below).QueryContext(n.ctx, args...)
	default:
		rows, err = n.tx.QueryContext(n.ctx, belowDeep, args...)
	}
	if err != nil {
		return nil, err
	}
	defer rows.Close() // Err says what went wrong
	for rows.Next() {
		c, err := n.child(rows)
		if err != nil {
			return nil, err
		}
		if last := len(below) - 1; last >= 0 && below[last].Prefix == c.Prefix {
			below[last] = c // a later version of it
			continue
		}
		below = append(below, c)
	}
	return below, rows.Err()
}

// child scans a child, and what more there is in the row.
func (n *mapNodes) child(r row, more ...any) (c consent.Child, err error) {
	var prefix int64
	var patient sql.NullInt64
	if err := r.Scan(append([]any{&prefix, fixed(c.Hash[:]), &patient}, more...)...); err != nil {
		return c, err
	}
	c.Prefix = uint64(prefix)
	if patient.Valid {
		c.Only = &consent.Leaf{Index: n.m.Index(patient.Int64)}
		n.is(c.Only.Index, patient.Int64)
	}
	return c, nil
}

// is keeps who is at an index.
func (n *mapNodes) is(index ledger.Hash, patient int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.who[index] = patient
}

// Put implements [consent.Nodes]; flush writes. Lists of the crown are copied before they are changed.
func (n *mapNodes) Put(depth uint8, c consent.Child) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := place{depth, c.Prefix}
	below, own := n.own[at.parent()]
	if !own {
		below, _ = n.top.children(at.parent())
		below = append(make([]consent.Child, 0, len(below)+1), below...)
	}
	i, found := find(below, c.Prefix)
	if !found {
		below = slices.Insert(below, i, c)
	}
	below[i] = c
	n.own[at.parent()], n.put[at] = below, true
	return nil
}

// Leaf implements [consent.Nodes]: it is made again from what is on record of the patient.
func (n *mapNodes) Leaf(index ledger.Hash) (h ledger.Hash, err error) {
	n.sql.Lock()
	defer n.sql.Unlock()
	patient, err := n.patient(index)
	if err != nil {
		return h, err
	}
	e, err := entryAt(n.ctx, n.tx, patient, n.version*consent.IntervalLeaves)
	if err != nil {
		return h, err
	}
	if e == nil {
		return h, errors.New("the map holds a patient of whom nothing is on record")
	}
	leaf, err := consent.NewLeaf(index, e.Salt, e.Entry)
	return leaf.Hash, err
}

// patient is who stands alone in a kept subtree at an index. The caller holds sql.
func (n *mapNodes) patient(index ledger.Hash) (int64, error) {
	n.mu.Lock()
	patient, known := n.who[index]
	n.mu.Unlock()
	if known {
		return patient, nil
	}
	at := binary.BigEndian.Uint64(index[:8])
	for depth := consent.Stratum; depth <= consent.Depth; depth += consent.Stratum { // mostly she is near the top
		var p sql.NullInt64
		err := n.tx.QueryRowContext(n.ctx, `
			SELECT patient FROM map_nodes WHERE depth = ? AND prefix = ? AND version <= ? ORDER BY version DESC LIMIT 1`,
			depth, int64(at>>(consent.Depth-depth)), clamp(n.version)).Scan(&p)
		if err := absent(err); err != nil {
			return 0, err
		}
		if p.Valid && n.m.Index(p.Int64) == index {
			n.is(index, p.Int64)
			return p.Int64, nil
		}
	}
	return 0, errors.New("nobody is at this index of the map")
}

// flush writes what was put, in the order of the table. Nobody sets the map meanwhile.
func (n *mapNodes) flush() error {
	all := slices.SortedFunc(maps.Keys(n.put), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(int64(a.prefix), int64(b.prefix)))
	})
	values := make([]any, 0, 5*len(all))
	for _, at := range all {
		below := n.own[at.parent()]
		i, _ := find(below, at.prefix)
		var patient any // NULL: several
		if only := below[i].Only; only != nil {
			number, err := n.patient(only.Index)
			if err != nil {
				return err
			}
			patient = number
		}
		values = append(values, int64(at.depth), int64(at.prefix), clamp(n.version), below[i].Hash[:], patient)
	}
	if err := n.hot.nodes.insert(n.ctx, n.tx, len(all), values); err != nil {
		return fmt.Errorf("writing the consent map: %w", err)
	}
	for at, below := range n.own {
		n.top.learn(at, below)
	}
	clear(n.own)
	clear(n.put)
	return nil
}
