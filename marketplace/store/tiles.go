package store

import (
	"context"
	"database/sql"
	"errors"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Tile implements [provider.LogStore].
func (d *database) Tile(ctx context.Context, level int, n int64, width int) (tile []byte, err error) {
	const levels = 8 // 2^64 leaves have no more
	if level < 0 || level >= levels || n < 0 || width < 1 || width > 1<<ledger.TileHeight {
		return nil, provider.ErrNoTile
	}
	err = d.read(ctx, "reading a tile", func(tx *sql.Tx) error {
		size, err := logSize(ctx, tx)
		if err != nil {
			return err
		}
		there := size >> (level * ledger.TileHeight) // hashes of the level
		if uint64(n) > there>>ledger.TileHeight || uint64(n)<<ledger.TileHeight+uint64(width) > there {
			return provider.ErrNoTile
		}
		tile, err = ledger.ReadTile(level, n, width, tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
			return hashesAt(ctx, tx, at)
		}))
		return err
	})
	return tile, err
}

// hashesAt reads stored hashes of the log, all at once. Positions rise.
func hashesAt(ctx context.Context, tx *sql.Tx, positions []int64) ([]tlog.Hash, error) {
	args := make([]any, len(positions))
	for i, p := range positions {
		args[i] = p
	}
	hashes, err := collect(ctx, tx, func(r row) (h tlog.Hash, err error) {
		return h, r.Scan(fixed(h[:]))
	}, `SELECT hash FROM log_hashes WHERE position IN `+tuples(1, len(args))+` ORDER BY position`, args...)
	if err == nil && len(hashes) != len(positions) {
		err = errors.New("hashes of the log are missing")
	}
	return hashes, err
}
