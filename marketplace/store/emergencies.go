package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Declare implements [recordindex.Store].
func (p *Provider) Declare(ctx context.Context, patient int64, d recordindex.Declared, line recordindex.Use) error {
	return p.write(ctx, "declaring an emergency", func(tx *sql.Tx) error {
		switch _, err := emergency(ctx, tx, line.Access, d.Clinician); {
		case err == nil:
			return nil // again
		case !errors.Is(err, errNotDeclared):
			return err
		}
		rejected, err := rejects(ctx, tx, patient, d.Clinician)
		if err == nil && rejected {
			err = recordindex.ErrNoAccess
		}
		if err != nil {
			return err
		}
		var today int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM emergencies WHERE clinician = ? AND at > ?`, d.Clinician[:], d.At-day).Scan(&today)
		if err == nil && today >= line.Most {
			err = recordindex.ErrTooOften
		}
		if err != nil {
			return err
		}
		s := d.Document
		_, err = tx.ExecContext(ctx, `INSERT INTO emergencies (id, patient, clinician, at, content, revision, expiry, signature) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			line.Access[:], patient, d.Clinician[:], d.At, s.Content, clamp(s.Revision), s.Expiry, s.Signature[:])
		if err != nil {
			return err
		}
		var known bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM patients WHERE patient = ?)`, patient).Scan(&known); err != nil {
			return err
		}
		if known {
			if err := notify(ctx, tx, patient, provider.Notice{At: d.At, Kind: provider.NoticeEmergency, Key: d.Clinician}); err != nil {
				return err
			}
		}
		return keepUse(ctx, tx, patient, line)
	})
}

// Countersign implements [recordindex.Store].
func (p *Provider) Countersign(ctx context.Context, c recordindex.Countersigned, ends bool, line recordindex.Use) error {
	return p.write(ctx, "countersigning an emergency", func(tx *sql.Tx) error {
		var patient int64
		var first ledger.Address
		err := tx.QueryRowContext(ctx, `SELECT patient, clinician FROM emergencies WHERE id = ? AND second IS NULL`, line.Access[:]).Scan(&patient, fixed(first[:]))
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return recordindex.ErrNoEmergency
		case err != nil:
			return err
		case first == c.Signer:
			return recordindex.ErrNoAccess
		}
		s := c.Document
		_, err = tx.ExecContext(ctx, `
			UPDATE emergencies SET second = ?, second_at = ?, second_content = ?, second_revision = ?, second_expiry = ?, second_signature = ? WHERE id = ?`,
			c.Signer[:], c.At, s.Content, clamp(s.Revision), s.Expiry, s.Signature[:], line.Access[:])
		if err != nil {
			return err
		}
		if ends {
			if err := revoke(ctx, tx, patient, line.Access, c.At); err != nil {
				return err
			}
		}
		return keepUse(ctx, tx, patient, line)
	})
}

// Emergencies implements [recordindex.Store].
func (p *Provider) Emergencies(ctx context.Context, patient *int64, waiting bool, after *recordindex.EmergencyPlace, limit int) (all []recordindex.Declared, err error) {
	if after == nil {
		after = &recordindex.EmergencyPlace{At: math.MinInt64}
	}
	query, args := `
		SELECT clinician, at, content, revision, expiry, signature, second, second_at, second_content, second_revision, second_expiry, second_signature
		FROM emergencies WHERE (? = 0 OR second IS NULL) AND (at, id) > (?, ?)`, []any{bit(waiting), after.At, after.ID[:]}
	if patient != nil {
		query, args = query+` AND patient = ?`, append(args, *patient)
	}
	err = p.read(ctx, "reading emergencies", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanEmergency, query+` ORDER BY at, id LIMIT ?`, append(args, limit)...)
		return err
	})
	return all, err
}

func scanEmergency(r row) (d recordindex.Declared, err error) {
	var other second
	s := &d.Document
	err = r.Scan(append([]any{fixed(d.Clinician[:]), &d.At, &s.Content, &s.Revision, &s.Expiry, fixed(s.Signature[:])}, other.columns()...)...)
	if err != nil || !other.at.Valid {
		return d, err
	}
	d.Second = &recordindex.Countersigned{At: other.at.Int64}
	d.Second.Document, err = other.document(&d.Second.Signer)
	return d, err
}

// errNotDeclared: nobody has declared it.
var errNotDeclared = fmt.Errorf("%w: nobody has declared it", recordindex.ErrNoAccess)

// emergency returns whose emergency it is that a clinician declared, by its id. errNotDeclared; ErrNoAccess if another clinician did: the id is of what
// is signed, which others can sign too.
func emergency(ctx context.Context, tx *sql.Tx, id ledger.Hash, clinician ledger.Address) (patient int64, err error) {
	var by ledger.Address
	err = tx.QueryRowContext(ctx, `SELECT patient, clinician FROM emergencies WHERE id = ?`, id[:]).Scan(&patient, fixed(by[:]))
	switch {
	case errors.Is(err, sql.ErrNoRows):
		err = errNotDeclared
	case err == nil && by != clinician:
		err = recordindex.ErrNoAccess
	}
	return patient, err
}
