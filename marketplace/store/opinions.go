package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Opine implements [recordindex.Store].
func (p *Provider) Opine(ctx context.Context, o recordindex.Opined, line recordindex.Use) error {
	return p.write(ctx, "keeping an opinion", func(tx *sql.Tx) error {
		may := recordindex.Speaks
		if o.Reader != nil && o.Standing == records.Rejected {
			may = recordindex.Narrows
		}
		patient, err := giver(ctx, tx, line.Signer, line.Mandate, line.At, may)
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
				content = excluded.content, revision = excluded.revision, expiry = excluded.expiry, signature = excluded.signature,
				replier = NULL, reply_at = NULL, reply_content = NULL, reply_revision = NULL, reply_expiry = NULL, reply_signature = NULL
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
			SELECT `+opinionColumns+` FROM opinions WHERE patient = ? AND said > ? ORDER BY said LIMIT ?`, patient, after, limit)
		return err
	})
	return all, err
}

const opinionColumns = `said, at, content, revision, expiry, signature, replier, reply_at, reply_content, reply_revision, reply_expiry, reply_signature`

func scanOpinion(r row) (o recordindex.Opined, err error) {
	d := &o.Document
	var reply second
	if err := r.Scan(append([]any{&o.Number, &o.At, &d.Content, &d.Revision, &d.Expiry, fixed(d.Signature[:])}, reply.columns()...)...); err != nil {
		return o, err
	}
	if reply.at.Valid {
		o.Reply = &recordindex.Replied{At: reply.at.Int64}
		if o.Reply.Document, err = reply.document(&o.Reply.Signer); err != nil {
			return o, err
		}
	}
	return o, ledger.ParseCanonical(d.Content, &o.Opinion)
}

// second is a document that somebody signed of another, in columns that are NULL before that.
type second struct {
	by, content, signature []byte
	at, revision, expiry   sql.NullInt64
}

// columns are who signed, when, and the document.
func (s *second) columns() []any {
	return []any{&s.by, &s.at, &s.content, &s.revision, &s.expiry, &s.signature}
}

// document is the document, and signer who signed it.
func (s *second) document(signer *ledger.Address) (d ledger.SignedDocument, err error) {
	d = ledger.SignedDocument{Content: s.content, Revision: uint64(s.revision.Int64), Expiry: s.expiry.Int64}
	if err := fixed(signer[:]).Scan(s.by); err != nil {
		return d, err
	}
	return d, fixed(d.Signature[:]).Scan(s.signature)
}

// Doubts implements [recordindex.Store].
func (p *Provider) Doubts(ctx context.Context, waiting bool, after *recordindex.DoubtPlace, limit int) (all []recordindex.Doubt, err error) {
	args := []any{bit(waiting), int64(math.MinInt64), "", -1, -1, limit}
	if after != nil {
		args = []any{bit(waiting), after.Patient, string(after.Kind), int64(after.Month), clamp(after.Number), limit}
	}
	err = p.read(ctx, "reading doubts", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (d recordindex.Doubt, err error) {
			d.Opined, err = scanOpinion(prefixed{r, []any{&d.Patient}})
			return d, err
		}, `
			SELECT patient, `+opinionColumns+` FROM opinions
			WHERE reader = zeroblob(0) AND standing <> 'accepted' AND (? = 0 OR replier IS NULL) AND (patient, kind, month, number) > (?, ?, ?, ?)
			ORDER BY patient, kind, month, number LIMIT ?`, args...)
		return err
	})
	return all, err
}

// Reply implements [recordindex.Store].
func (p *Provider) Reply(ctx context.Context, at recordindex.DoubtPlace, reply records.Reply, signed recordindex.Replied, line recordindex.Use) error {
	return p.write(ctx, "keeping a reply", func(tx *sql.Tx) error {
		place := []any{at.Patient, string(at.Kind), int64(at.Month), clamp(at.Number)}
		o, err := scanOpinion(tx.QueryRowContext(ctx, `
			SELECT `+opinionColumns+` FROM opinions
			WHERE patient = ? AND reader = zeroblob(0) AND kind = ? AND month = ? AND number = ? AND standing <> 'accepted' AND replier IS NULL`, place...))
		if errors.Is(err, sql.ErrNoRows) || err == nil && (o.Document.Hash() != reply.Opinion || o.Document.Revision != reply.Revision) {
			err = recordindex.ErrNoPointer
		}
		if err != nil {
			return err
		}
		d := signed.Document
		_, err = tx.ExecContext(ctx, `
			UPDATE opinions SET replier = ?, reply_at = ?, reply_content = ?, reply_revision = ?, reply_expiry = ?, reply_signature = ?
			WHERE patient = ? AND reader = zeroblob(0) AND kind = ? AND month = ? AND number = ?`,
			append([]any{signed.Signer[:], signed.At, d.Content, clamp(d.Revision), d.Expiry, d.Signature[:]}, place...)...)
		if err != nil {
			return err
		}
		return keepUse(ctx, tx, at.Patient, line)
	})
}

// rejects reports whether a patient has rejected a reader.
func rejects(ctx context.Context, tx *sql.Tx, patient int64, reader ledger.Address) (rejected bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM opinions WHERE patient = ? AND reader = ? AND standing = ?)`,
		patient, reader[:], string(records.Rejected)).Scan(&rejected)
	return rejected, err
}
