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
	n := &mapNodes{ctx: ctx, tx: tx, version: version, own: map[place]map[uint64]consent.Child{}, who: map[ledger.Hash]int64{}}
	n.m = consent.New(secret, version, n)
	if writer != nil {
		n.top, n.hot = &writer.crown, writer.statements
		n.m.Cached(&n.top.hashes)
	}
	return n.m, n, nil
}

// mapNodes implements [consent.Nodes] within one transaction, in one version.
type mapNodes struct {
	ctx     context.Context
	tx      *sql.Tx
	version uint64
	m       *consent.Map
	top     *crown                             // nil in a transaction that only reads
	hot     *statements                        // nil likewise
	mu      sync.Mutex                         // held by the methods of consent.Nodes, and so by whoever uses tx meanwhile
	own     map[place]map[uint64]consent.Child // put, not yet on disk: by parent and prefix
	who     map[ledger.Hash]int64              // patients by index
}

// place names a subtree of the map.
type place struct {
	depth  uint8
	prefix uint64
}

// parent is the kept subtree that holds a child at depth.
func parent(depth uint8, c consent.Child) place {
	return place{depth - consent.Stratum, c.Prefix >> consent.Stratum}
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
	n.mu.Lock()
	defer n.mu.Unlock()
	at := place{depth, prefix}
	below, known := n.top.children(at)
	if !known {
		var err error
		if below, err = n.read(at); err != nil {
			return nil, err
		}
		n.top.learn(at, below)
	}
	return merged(below, n.own[at]), nil
}

// read reads the children of a subtree from disk.
func (n *mapNodes) read(at place) (below []consent.Child, err error) {
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

func (n *mapNodes) child(r row) (c consent.Child, err error) {
	var prefix int64
	var patient sql.NullInt64
	if err := r.Scan(&prefix, fixed(c.Hash[:]), &patient); err != nil {
		return c, err
	}
	c.Prefix = uint64(prefix)
	if patient.Valid {
		c.Only = &consent.Leaf{Index: n.m.Index(patient.Int64)}
		n.who[c.Only.Index] = patient.Int64
	}
	return c, nil
}

// Put implements [consent.Nodes]; flush writes.
func (n *mapNodes) Put(depth uint8, c consent.Child) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	at := parent(depth, c)
	if n.own[at] == nil {
		n.own[at] = map[uint64]consent.Child{}
	}
	n.own[at][c.Prefix] = c
	return nil
}

// Leaf implements [consent.Nodes]: it is made again from what is on record of the patient.
func (n *mapNodes) Leaf(index ledger.Hash) (h ledger.Hash, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
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

// patient is who stands alone in a kept subtree at an index.
func (n *mapNodes) patient(index ledger.Hash) (patient int64, err error) {
	if patient, ok := n.who[index]; ok {
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
			n.who[index] = p.Int64
			return p.Int64, nil
		}
	}
	return 0, errors.New("nobody is at this index of the map")
}

// flush writes what was put, in the order of the table.
func (n *mapNodes) flush() error {
	type node struct {
		depth uint8
		consent.Child
	}
	var all []node
	for at, children := range n.own {
		below, _ := n.top.children(at)
		n.top.learn(at, merged(below, children))
		for _, c := range children {
			all = append(all, node{at.depth + consent.Stratum, c})
		}
	}
	slices.SortFunc(all, func(a, b node) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(int64(a.Prefix), int64(b.Prefix)))
	})
	values := make([]any, 0, 5*len(all))
	for _, c := range all {
		var patient any // NULL: several
		if c.Only != nil {
			number, err := n.patient(c.Only.Index)
			if err != nil {
				return err
			}
			patient = number
		}
		values = append(values, int64(c.depth), int64(c.Prefix), clamp(n.version), c.Hash[:], patient)
	}
	if err := n.hot.nodes.insert(n.ctx, n.tx, len(all), values); err != nil {
		return fmt.Errorf("writing the consent map: %w", err)
	}
	clear(n.own)
	return nil
}

// merged is children, by rising prefix, with some of them set anew.
func merged(below []consent.Child, anew map[uint64]consent.Child) []consent.Child {
	if len(anew) == 0 {
		return below
	}
	out := make([]consent.Child, 0, len(below)+len(anew))
	for _, c := range below {
		if _, ok := anew[c.Prefix]; !ok {
			out = append(out, c)
		}
	}
	out = slices.AppendSeq(out, maps.Values(anew))
	slices.SortFunc(out, func(a, b consent.Child) int { return cmp.Compare(a.Prefix, b.Prefix) })
	return out
}
