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
}

func openLog(ctx context.Context, tx *sql.Tx) (*leafLog, error) {
	l := &leafLog{tx: tx}
	if err := tx.QueryRowContext(ctx, `SELECT size FROM log_size WHERE one = 1`).Scan(&l.size); err != nil {
		return nil, fmt.Errorf("reading the size of the log: %w", err)
	}
	var err error
	if l.hash, err = tx.PrepareContext(ctx, `SELECT hash FROM log_hashes WHERE position = ?`); err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	return l, nil
}

// reader reads stored hashes while ctx lasts.
func (l *leafLog) reader(ctx context.Context) ledger.HashReader {
	return tlog.HashReaderFunc(func(positions []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(positions))
		for i, p := range positions {
			if err := l.hash.QueryRowContext(ctx, p).Scan(fixed(hashes[i][:])); err != nil {
				return nil, fmt.Errorf("hash %d of the log: %w", p, err)
			}
		}
		return hashes, nil
	})
}

// add appends leaves and returns the index of the first.
func (l *leafLog) add(ctx context.Context, leaves ...ledger.Hash) (first uint64, err error) {
	insert, err := l.tx.PrepareContext(ctx, `INSERT INTO log_hashes (position, hash) VALUES (?, ?)`)
	if err != nil {
		return 0, fmt.Errorf("appending to the log: %w", err)
	}
	first = l.size
	for _, leaf := range leaves {
		hashes, err := ledger.AppendHashes(l.size, leaf, l.reader(ctx))
		if err != nil {
			return 0, err
		}
		position := ledger.StoredHashCount(l.size)
		for i, h := range hashes {
			if _, err := insert.ExecContext(ctx, int64(position)+int64(i), h[:]); err != nil {
				return 0, fmt.Errorf("appending to the log: %w", err)
			}
		}
		l.size++
	}
	if _, err := l.tx.ExecContext(ctx, `UPDATE log_size SET size = ? WHERE one = 1`, int64(l.size)); err != nil {
		return 0, fmt.Errorf("appending to the log: %w", err)
	}
	return first, nil
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
	err = d.read(ctx, "proving a leaf", func(tx *sql.Tx) error {
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		if index >= size {
			return fmt.Errorf("leaf %d is not among the first %d", index, size)
		}
		if root, err = l.root(ctx, size); err != nil {
			return err
		}
		path, err = ledger.ProveInclusion(size, index, l.reader(ctx))
		return err
	})
	return path, root, err
}
