package store

import (
	"context"
	"database/sql"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Researchers implements [marketplace.Store].
func (m *Market) Researchers(ctx context.Context) (all []ledger.Address, err error) {
	err = m.read(ctx, "listing accounts", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (a ledger.Address, err error) {
			return a, r.Scan(fixed(a[:]))
		}, `SELECT researcher FROM accounts ORDER BY researcher`)
		return err
	})
	return all, err
}

// Origin implements [marketplace.Store].
func (m *Market) Origin(ctx context.Context) (o marketplace.Origin, err error) {
	err = m.read(ctx, "reading whether it was brought back", func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT s.copied, s.ever, l.size FROM standing AS s JOIN log_size AS l ON l.one = s.one`).
			Scan(&o.Copied, &o.Ever, &o.Size)
	})
	return o, err
}

// Restore implements [marketplace.Store].
func (m *Market) Restore(ctx context.Context, burnt map[ledger.Address]int64, size uint64) error {
	return m.write(ctx, "holding accounts against the chain", func(tx *sql.Tx) error {
		for researcher, work := range burnt {
			_, err := tx.ExecContext(ctx, `
				UPDATE accounts SET escrow = CASE WHEN escrow < ?1 THEN ?1 ELSE escrow END,
					drawn = CASE WHEN drawn < ?1 THEN ?1 ELSE drawn END, settled = CASE WHEN settled < ?1 THEN ?1 ELSE settled END
				WHERE researcher = ?2`, work, researcher[:])
			if err != nil {
				return err
			}
		}
		l, err := openLog(ctx, tx)
		if err != nil {
			return err
		}
		var leaves []ledger.Hash
		for n := l.size; n < size; n++ {
			leaves = append(leaves, newSecret())
		}
		if _, err := l.add(ctx, leaves...); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE standing SET copied = 0, ever = 1`)
		return err
	})
}
