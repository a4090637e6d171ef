package store

import (
	"context"
	"database/sql"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
)

// leafLog is the transparency log of a file within one transaction. Both kinds
// of file have its two tables, log_size and log_hashes.
type leafLog struct {
	tx   *sql.Tx
	size uint64 // leaves
	hash *sql.Stmt
	base uint64        // position of the first of own
	own  []ledger.Hash // stored by this transaction, so that a batch does not read back what it wrote
}

func openLog(ctx context.Context, tx *sql.Tx) (*leafLog, error) {
	size, err := logSize(ctx, tx)
	if err != nil {
		return nil, err
	}
	l := &leafLog{tx: tx, size: size, base: ledger.StoredHashCount(size)}
	if l.hash, err = tx.PrepareContext(ctx, `SELECT hash FROM log_hashes WHERE position = ?`); err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return l, nil
}

// logSize is how many leaves the log has.
func logSize(ctx context.Context, tx *sql.Tx) (size uint64, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT size FROM log_size WHERE one = 1`).Scan(&size); err != nil {
		return 0, fmt.Errorf("reading the size of the log: %w", err)
	}
	return size, nil
}

// reader reads stored hashes while ctx lasts.
func (l *leafLog) reader(ctx context.Context) ledger.HashReader {
	return tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(positions))
		for at, p := range positions {
			if i := p - int64(l.base); i >= 0 && i < int64(len(l.own)) {
				hashes[at] = tlog.Hash(l.own[i])
				continue
			}
			if err := l.hash.QueryRowContext(ctx, p).Scan(fixed(hashes[at][:])); err != nil {
				return nil, fmt.Errorf("hash %d of the log: %w", p, err)
			}
		}
		return hashes, nil
	})
}

// add appends leaves and returns the index of the first.
func (l *leafLog) add(ctx context.Context, leaves ...ledger.Hash) (first uint64, err error) {
	first = l.size
	stored := len(l.own)
	for _, leaf := range leaves {
		hashes, err := ledger.AppendHashes(l.size, leaf, l.reader(ctx))
		if err != nil {
			return 0, err
		}
		l.own = append(l.own, hashes...)
		l.size++
	}
	if err := l.store(ctx, stored); err != nil {
		return 0, fmt.Errorf("appending to the log: %w", err)
	}
	return first, nil
}

// store writes what own holds from index stored on, and the size. Rows go many
// to a statement: a batch of 1000 events has 2000 of them.
func (l *leafLog) store(ctx context.Context, stored int) error {
	const rows = 100
	for ; stored < len(l.own); stored += rows {
		chunk := l.own[stored:min(stored+rows, len(l.own))]
		args := make([]any, 0, 2*rows)
		for i, h := range chunk {
			args = append(args, int64(l.base)+int64(stored+i), h[:])
		}
		if _, err := l.tx.ExecContext(ctx, `INSERT INTO log_hashes (position, hash) VALUES `+tuples(len(chunk), 2), args...); err != nil { //nolint:gosec // G202: question marks only
			return err
		}
	}
	_, err := l.tx.ExecContext(ctx, `UPDATE log_size SET size = ? WHERE one = 1`, int64(l.size))
	return err
}

// root is the root of the first size leaves.
func (l *leafLog) root(ctx context.Context, size uint64) (ledger.Hash, error) {
	if size > l.size {
		return ledger.Hash{}, fmt.Errorf("the log has %d leaves, not %d", l.size, size)
	}
	return ledger.Root(size, l.reader(ctx))
}

// LogRoot returns the size and root of the log.
func (d *database) LogRoot(ctx context.Context) (size uint64, root ledger.Hash, err error) {
	err = d.read(ctx, "reading the log's root", func(tx *sql.Tx) error {
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		size = l.size
		root, err = l.root(ctx, size)
		return err
	})
	return size, root, err
}

// Inclusion proves the leaf at index under the root of the first size leaves.
// It is an error unless index < size <= size of the log.
func (d *database) Inclusion(ctx context.Context, size, index uint64) (path []ledger.Hash, root ledger.Hash, err error) {
	paths, root, err := d.Inclusions(ctx, size, []uint64{index})
	if err != nil {
		return nil, root, err
	}
	return paths[0], root, nil
}

// Inclusions proves many leaves, like Inclusion: the paths of many share most hashes, and each is read once.
func (d *database) Inclusions(ctx context.Context, size uint64, indexes []uint64) (paths [][]ledger.Hash, root ledger.Hash, err error) {
	err = d.read(ctx, "proving leaves", func(tx *sql.Tx) error {
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		if root, err = l.root(ctx, size); err != nil {
			return err
		}
		read := remembering(l.reader(ctx))
		for _, index := range indexes {
			if index >= size {
				return fmt.Errorf("leaf %d is not among the first %d", index, size)
			}
			path, err := ledger.ProveInclusion(size, index, read)
			if err != nil {
				return err
			}
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, root, err
	}
	return paths, root, nil
}

// remembering reads each hash once.
func remembering(r ledger.HashReader) ledger.HashReader {
	known := map[int64]tlog.Hash{}
	return tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		var wanted []int64
		for _, p := range positions {
			if _, ok := known[p]; !ok {
				wanted = append(wanted, p)
			}
		}
		read, err := r.ReadHashes(wanted)
		if err != nil {
			return nil, err
		}
		for i, p := range wanted {
			known[p] = read[i]
		}
		out := make([]tlog.Hash, len(positions))
		for i, p := range positions {
			out[i] = known[p]
		}
		return out, nil
	})
}
