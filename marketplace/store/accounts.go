package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
)

// Account implements [marketplace.Store].
func (m *Market) Account(ctx context.Context, researcher ledger.Address) (a marketplace.Account, err error) {
	err = m.read(ctx, "reading an account", func(tx *sql.Tx) error {
		a, err = account(ctx, tx, researcher)
		return err
	})
	return a, err
}

func account(ctx context.Context, tx *sql.Tx, researcher ledger.Address) (a marketplace.Account, err error) {
	err = tx.QueryRowContext(ctx, `SELECT drawn, settled FROM accounts WHERE researcher = ?`, researcher[:]).
		Scan(&a.Drawn, &a.Settled)
	return a, absent(err)
}

// Drawings implements [marketplace.Store].
func (m *Market) Drawings(ctx context.Context, researcher ledger.Address, after ledger.Hash) (all []marketplace.Drawing, err error) {
	err = m.read(ctx, "listing drawings", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (d marketplace.Drawing, err error) {
			var ask []byte
			if err := r.Scan(&ask, &d.Work, &d.At, &d.Complete); err != nil {
				return d, err
			}
			return d, json.Unmarshal(ask, &d.Ask)
		}, `
			SELECT a.ask, a.work, a.reserved_at, EXISTS (SELECT 1 FROM receipts AS r WHERE r.request = a.request)
			FROM asks AS a WHERE a.researcher = ? AND a.request > ? ORDER BY a.request LIMIT ?`, researcher[:], after[:], marketplace.MaxPage)
		return err
	})
	return all, err
}

// Unsettled implements [marketplace.Store], in the order of addresses.
func (m *Market) Unsettled(ctx context.Context) (all []marketplace.SignedVoucher, err error) {
	err = m.read(ctx, "listing vouchers", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanVoucher, `
			SELECT a.researcher, a.marketplace, a.cumulative, a.signature
			FROM accounts AS c JOIN asks AS a ON a.request = (
				SELECT b.request
				FROM asks AS b JOIN receipts AS r ON r.request = b.request
				WHERE b.researcher = c.researcher AND b.cumulative > c.settled AND b.cumulative <= c.drawn
				ORDER BY b.cumulative DESC LIMIT 1)
			ORDER BY a.researcher`)
		return err
	})
	return all, err
}

func scanVoucher(r row) (v marketplace.SignedVoucher, err error) {
	return v, r.Scan(fixed(v.Voucher.Researcher[:]), fixed(v.Voucher.Marketplace[:]), &v.Voucher.Cumulative, fixed(v.Signature[:]))
}

// SaveSettled implements [marketplace.Store].
func (m *Market) SaveSettled(ctx context.Context, researcher ledger.Address, cumulative int64) error {
	return m.write(ctx, "saving what is settled", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO accounts (researcher, escrow, drawn, settled) VALUES (?, 0, 0, ?)
			ON CONFLICT (researcher) DO UPDATE SET settled = excluded.settled WHERE excluded.settled > accounts.settled`, researcher[:], cumulative)
		return err
	})
}
