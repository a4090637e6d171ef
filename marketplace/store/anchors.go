package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// SaveAnchor implements [provider.LogStore].
func (d *database) SaveAnchor(ctx context.Context, a provider.Anchor) error {
	return d.write(ctx, "saving an anchor", func(tx *sql.Tx) error {
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		root, err := l.root(ctx, a.Size)
		if err != nil {
			return err
		}
		if root != a.Root {
			return fmt.Errorf("the root of the first %d leaves is another", a.Size)
		}
		r, err := tx.ExecContext(ctx, `
			INSERT INTO anchors (size, root, block) SELECT ?1, ?2, ?3
			WHERE NOT EXISTS (SELECT 1 FROM anchors WHERE size >= ?1)`, int64(a.Size), a.Root[:], int64(a.Block))
		return changed(r, err, errors.New("its size does not rise"))
	})
}

// Covering implements [provider.LogStore].
func (d *database) Covering(ctx context.Context, index uint64) (provider.Anchor, bool, error) {
	return d.anchor(ctx, `SELECT size, root, block FROM anchors WHERE size > ? ORDER BY size LIMIT 1`, clamp(index))
}

// LastAnchor implements [provider.LogStore].
func (d *database) LastAnchor(ctx context.Context) (provider.Anchor, bool, error) {
	return d.anchor(ctx, `SELECT size, root, block FROM anchors ORDER BY size DESC LIMIT 1`)
}

func (d *database) anchor(ctx context.Context, query string, args ...any) (a provider.Anchor, found bool, err error) {
	err = d.read(ctx, "reading an anchor", func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, query, args...).Scan(&a.Size, fixed(a.Root[:]), &a.Block)
		found = err == nil
		return absent(err)
	})
	return a, found, err
}
