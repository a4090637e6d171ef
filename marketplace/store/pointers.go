package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

var _ recordindex.Store = (*Provider)(nil)

// IndexSecret implements [recordindex.Store].
func (p *Provider) IndexSecret(ctx context.Context) (secret ledger.Hash, err error) {
	drawn := newSecret()
	err = p.write(ctx, "making the secret of the record index", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO index_secret (one, secret) VALUES (1, ?) ON CONFLICT DO NOTHING`, drawn[:]); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT secret FROM index_secret`).Scan(fixed(secret[:]))
	})
	return secret, err
}

// Lanes of the record index. Of a patient's uses that wait, the oldest is in one lane and the others are behind it in another.
const (
	lanePointers  lane = 0
	laneUses      lane = 1
	laneLaterUses lane = 2
)

// insertUseLeaf queues a leaf under the next number: none is ever deleted.
const insertUseLeaf = `INSERT INTO index_leaves (number, lane, leaf) VALUES ((SELECT coalesce(max(number), 0) + 1 FROM index_leaves), ?, ?) RETURNING number`

func insertIndexLeaves(n int) string {
	return `INSERT INTO index_leaves (number, lane, leaf) VALUES ` + tuples(n, 3)
}

func insertPointers(n int) string {
	return `INSERT INTO pointers (leaf, patient, kind, month, number, locator, record, value, salt) VALUES ` + tuples(n, 9)
}

const keptPointers = `
	SELECT p.kind, p.month, p.number, p.locator, p.record, p.value, p.salt, l.log_index, coalesce(o.standing, '')
	FROM pointers AS p JOIN index_leaves AS l ON l.number = p.leaf
	LEFT JOIN opinions AS o ON o.patient = p.patient AND o.reader = zeroblob(0) AND o.kind = p.kind AND o.month = p.month AND o.number = p.number
	WHERE p.patient = ? AND `

func scanPointer(r row) (k recordindex.Kept, err error) {
	var value []byte
	var index sql.NullInt64
	err = r.Scan(&k.Kind, &k.Month, &k.Number, &k.Locator, fixed(k.Record[:]), &value, fixed(k.Salt[:]), &index, &k.Standing)
	k.Value, k.Index = value, published(index)
	return k, err
}

// published is a leaf's place in the log, nil before it has one.
func published(index sql.NullInt64) *uint64 {
	if !index.Valid {
		return nil
	}
	at := uint64(index.Int64)
	return &at
}

// Pointers implements [recordindex.Store].
func (p *Provider) Pointers(ctx context.Context, patient int64, s recordindex.Scope, after *recordindex.Place, limit int) (all []recordindex.Kept, err error) {
	args := []any{patient}
	for _, k := range s.Kinds {
		args = append(args, string(k))
	}
	args = append(args, int64(s.From), int64(s.To))
	if after == nil {
		args = append(args, "", -1, -1)
	} else {
		args = append(args, string(after.Kind), int64(after.Month), clamp(after.Number))
	}
	if len(s.Kinds) == 0 {
		return nil, nil
	}
	query := keptPointers + `p.kind IN ` + tuples(1, len(s.Kinds)) + ` AND p.month BETWEEN ? AND ? AND (p.kind, p.month, p.number) > (?, ?, ?)
		ORDER BY p.kind, p.month, p.number LIMIT ?`
	err = p.read(ctx, "reading pointers", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanPointer, query, append(args, limit)...)
		return err
	})
	return all, err
}

// Pointer implements [recordindex.Store].
func (p *Provider) Pointer(ctx context.Context, patient int64, at recordindex.Place) (k recordindex.Kept, err error) {
	err = p.read(ctx, "reading a pointer", func(tx *sql.Tx) error {
		k, err = pointer(ctx, tx, patient, at)
		return err
	})
	return k, err
}

func pointer(ctx context.Context, tx *sql.Tx, patient int64, at recordindex.Place) (recordindex.Kept, error) {
	k, err := scanPointer(tx.QueryRowContext(ctx, keptPointers+`p.kind = ? AND p.month = ? AND p.number = ?`,
		patient, string(at.Kind), int64(at.Month), clamp(at.Number)))
	if errors.Is(err, sql.ErrNoRows) {
		err = recordindex.ErrNoPointer
	}
	return k, err
}

// waitingIndexLeaves takes the leaves of the record index that an interval has places for, with their numbers: pointers, and one use
// of each of some patients, those whose use has waited longest. Their next ones are for the next interval.
func waitingIndexLeaves(ctx context.Context, tx *sql.Tx) (leaves []ledger.Hash, numbers []int64, err error) {
	for _, share := range []struct {
		of     lane
		places int
	}{{lanePointers, placesOfPointers}, {laneUses, placesOfUses}} {
		err = each(ctx, tx, func(r row) error {
			var leaf ledger.Hash
			var number int64
			err := r.Scan(&number, fixed(leaf[:]))
			leaves, numbers = append(leaves, leaf), append(numbers, number)
			return err
		}, `SELECT number, leaf FROM index_leaves WHERE log_index IS NULL AND lane = ? ORDER BY number LIMIT ?`, int(share.of), share.places)
		if err != nil {
			return nil, nil, fmt.Errorf("reading leaves of the record index that wait: %w", err)
		}
	}
	return leaves, numbers, nil
}

// placeIndexLeaves says where in the log leaves of the record index are.
func placeIndexLeaves(ctx context.Context, tx *sql.Tx, numbers []int64, at []uint64) error {
	for i, number := range numbers {
		var of lane
		err := tx.QueryRowContext(ctx, `UPDATE index_leaves SET log_index = ? WHERE number = ? RETURNING lane`, int64(at[i]), number).Scan(&of)
		if err == nil && of == laneUses {
			err = nextUse(ctx, tx, number)
		}
		if err != nil {
			return fmt.Errorf("publishing leaves of the record index: %w", err)
		}
	}
	return nil
}
