package store

import (
	"context"
	"database/sql"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Opine implements [recordindex.Store].
func (p *Provider) Opine(ctx context.Context, o recordindex.Opined, line recordindex.Use) error {
	return p.write(ctx, "keeping an opinion", func(tx *sql.Tx) error {
		patient, err := giver(ctx, tx, line.Signer, line.Mandate, line.At)
		if err != nil {
			return err
		}
		reader, of := []byte{}, recordindex.Place{} // not NULL
		if o.Reader != nil {
			reader = o.Reader[:]
		} else {
			of = *o.Pointer
			if _, err := pointer(ctx, tx, patient, of); err != nil {
				return err
			}
		}
		if err := seldom(ctx, tx, patient, line); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(said), 0) FROM opinions WHERE patient = ?`, patient).Scan(&last); err != nil {
			return err
		}
		d := o.Document
		r, err := tx.ExecContext(ctx, `
			INSERT INTO opinions (patient, reader, kind, month, number, said, standing, at, content, revision, expiry, signature)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (patient, reader, kind, month, number) DO UPDATE SET said = excluded.said, standing = excluded.standing, at = excluded.at,
				content = excluded.content, revision = excluded.revision, expiry = excluded.expiry, signature = excluded.signature
			WHERE excluded.revision > opinions.revision`,
			patient, reader, string(of.Kind), int64(of.Month), clamp(of.Number), last+1, string(o.Standing), o.At,
			d.Content, clamp(d.Revision), d.Expiry, d.Signature[:])
		if err := changed(r, err, provider.ErrStaleRevision); err != nil {
			return err
		}
		return keepUse(ctx, tx, patient, line)
	})
}

// Opinions implements [recordindex.Store].
func (p *Provider) Opinions(ctx context.Context, patient int64, after int64, limit int) (all []recordindex.Opined, err error) {
	err = p.read(ctx, "reading opinions", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanOpinion, `
			SELECT said, at, content, revision, expiry, signature FROM opinions WHERE patient = ? AND said > ? ORDER BY said LIMIT ?`, patient, after, limit)
		return err
	})
	return all, err
}

func scanOpinion(r row) (o recordindex.Opined, err error) {
	d := &o.Document
	if err := r.Scan(&o.Number, &o.At, &d.Content, &d.Revision, &d.Expiry, fixed(d.Signature[:])); err != nil {
		return o, err
	}
	return o, ledger.ParseCanonical(d.Content, &o.Opinion)
}

// rejects reports whether a patient has rejected a reader.
func rejects(ctx context.Context, tx *sql.Tx, patient int64, reader ledger.Address) (rejected bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM opinions WHERE patient = ? AND reader = ? AND standing = ?)`,
		patient, reader[:], string(records.Rejected)).Scan(&rejected)
	return rejected, err
}
