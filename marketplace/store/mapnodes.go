package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
)

// openMap opens the consent map as it is in a version: the number of a closed
// interval, or of the one under construction, which alone may be written.
func openMap(ctx context.Context, tx *sql.Tx, version uint64) (*consent.Map, *mapNodes, error) {
	var secret ledger.Hash
	if err := tx.QueryRowContext(ctx, `SELECT secret FROM map_secret WHERE one = 1`).Scan(fixed(secret[:])); err != nil {
		return nil, nil, fmt.Errorf("reading the secret of the consent map: %w", err)
	}
	n := &mapNodes{ctx: ctx, tx: tx, version: int64(version), own: map[place][]byte{}}
	var err error
	n.get, err = tx.PrepareContext(ctx, `
		SELECT node FROM map_nodes WHERE depth = ? AND prefix = ? AND version <= ? ORDER BY version DESC LIMIT 1`)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the consent map: %w", err)
	}
	return consent.New(secret, version, n), n, nil
}

// mapNodes implements [consent.Nodes] within one transaction, in one version.
type mapNodes struct {
	ctx     context.Context
	tx      *sql.Tx
	version int64
	get     *sql.Stmt        // closed with its transaction
	own     map[place][]byte // put, not yet on disk
}

// place names a subtree of the map.
type place struct {
	depth  uint8
	prefix uint64
}

// Get implements [consent.Nodes].
func (n *mapNodes) Get(depth uint8, prefix uint64) (consent.Node, bool, error) {
	if b, ok := n.own[place{depth, prefix}]; ok {
		return nodeFrom(b), true, nil
	}
	var b []byte
	if err := n.get.QueryRowContext(n.ctx, int(depth), int64(prefix), n.version).Scan(&b); err != nil {
		return consent.Node{}, false, absent(err)
	}
	return nodeFrom(b), true, nil
}

// nodeFrom reads a node as it is stored: its hash and, of a single entry, that
// entry's index and leaf hash.
func nodeFrom(b []byte) (n consent.Node) {
	copy(n.Hash[:], b)
	if len(b) > len(n.Hash) {
		n.Only = new(consent.Leaf)
		copy(n.Only.Index[:], b[32:64])
		copy(n.Only.Hash[:], b[64:])
	}
	return n
}

// Put implements [consent.Nodes]; flush writes.
func (n *mapNodes) Put(depth uint8, prefix uint64, node consent.Node) error {
	b := append(make([]byte, 0, 96), node.Hash[:]...)
	if node.Only != nil {
		b = append(append(b, node.Only.Index[:]...), node.Only.Hash[:]...)
	}
	n.own[place{depth, prefix}] = b
	return nil
}

// flush writes what was put, in the order of the table and many rows to a
// statement: a batch of 1000 preferences has some 8000.
func (n *mapNodes) flush() error {
	places := slices.SortedFunc(maps.Keys(n.own), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(int64(a.prefix), int64(b.prefix)))
	})
	for chunk := range slices.Chunk(places, 100) {
		args := make([]any, 0, 4*len(chunk))
		for _, at := range chunk {
			args = append(args, int(at.depth), int64(at.prefix), n.version, n.own[at])
		}
		_, err := n.tx.ExecContext(n.ctx, `INSERT INTO map_nodes (depth, prefix, version, node) VALUES `+tuples(len(chunk), 4)+ //nolint:gosec // G202: question marks only
			` ON CONFLICT (depth, prefix, version) DO UPDATE SET node = excluded.node`, args...)
		if err != nil {
			return fmt.Errorf("writing the consent map: %w", err)
		}
	}
	clear(n.own)
	return nil
}
