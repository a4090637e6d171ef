package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Delegate implements [provider.Mandates].
func (p *Provider) Delegate(ctx context.Context, m provider.Mandate, by *ledger.Address, now int64) error {
	return p.write(ctx, "delegating", func(tx *sql.Tx) (err error) {
		if by != nil {
			if m.Patient, err = patientOf(ctx, tx, *by); err != nil {
				return err
			}
		}
		known, err := mandate(ctx, tx, m.ID)
		if !errors.Is(err, provider.ErrNoMandate) {
			if err == nil && known.Patient != m.Patient {
				err = provider.ErrNoMandate
			}
			return err
		}
		if by == nil {
			if err := keyless(ctx, tx, m.Patient); err != nil {
				return err
			}
		}
		var running int
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM mandates WHERE patient = ? AND revoked IS NULL AND until > ?`, m.Patient, now).Scan(&running)
		if err == nil && running >= provider.MaxMandates {
			err = provider.ErrTooManyMandates
		}
		if err != nil {
			return err
		}
		if err := p.enter(ctx, tx, m.Patient); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO mandates (id, patient, key, kind, until) VALUES (?, ?, ?, ?, ?)`,
			m.ID[:], m.Patient, m.Key[:], string(m.Kind), m.Until)
		if err != nil {
			return err
		}
		return notify(ctx, tx, m.Patient, provider.Notice{At: now, Kind: provider.NoticeDelegate, Key: m.Key})
	})
}

// Revoke implements [provider.Mandates].
func (p *Provider) Revoke(ctx context.Context, id ledger.Hash, by *ledger.Address, now int64) error {
	return p.write(ctx, "revoking a mandate", func(tx *sql.Tx) error {
		m, err := mandate(ctx, tx, id)
		if err != nil {
			return err
		}
		if by != nil {
			patient, err := patientOf(ctx, tx, *by)
			if err == nil && patient != m.Patient || errors.Is(err, provider.ErrNotEnrolled) {
				err = provider.ErrNoMandate
			}
			if err != nil {
				return err
			}
		}
		if m.Revoked != 0 {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE mandates SET revoked = ? WHERE id = ?`, now, id[:]); err != nil {
			return err
		}
		return notify(ctx, tx, m.Patient, provider.Notice{At: now, Kind: provider.NoticeRevoked, Key: m.Key})
	})
}

// keyless is ErrHasKey if a patient has a key.
func keyless(ctx context.Context, tx *sql.Tx, patient int64) error {
	bound, err := hasKey(ctx, tx, patient)
	if err == nil && bound {
		err = provider.ErrHasKey
	}
	return err
}

// endMandates revokes all mandates for a patient that run and tells her.
func (p *Provider) endMandates(ctx context.Context, tx *sql.Tx, patient, now int64) error {
	rows, err := within(ctx, tx, p.revoke).QueryContext(ctx, now, patient)
	if err != nil {
		return err
	}
	running, err := drain(rows, scanMandate)
	if err != nil {
		return err
	}
	for _, m := range running {
		if err := notify(ctx, tx, patient, provider.Notice{At: now, Kind: provider.NoticeRevoked, Key: m.Key}); err != nil {
			return err
		}
	}
	return nil
}

const mandateColumns = `id, patient, key, kind, until, coalesce(revoked, 0)`

func scanMandate(r row) (m provider.Mandate, err error) {
	return m, r.Scan(fixed(m.ID[:]), &m.Patient, fixed(m.Key[:]), &m.Kind, &m.Until, &m.Revoked)
}

func mandate(ctx context.Context, tx *sql.Tx, id ledger.Hash) (m provider.Mandate, err error) {
	m, err = scanMandate(tx.QueryRowContext(ctx, `SELECT `+mandateColumns+` FROM mandates WHERE id = ?`, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		err = provider.ErrNoMandate
	}
	return m, err
}

// Mandate implements [provider.Mandates].
func (p *Provider) Mandate(ctx context.Context, id ledger.Hash) (m provider.Mandate, err error) {
	err = p.read(ctx, "reading a mandate", func(tx *sql.Tx) error {
		m, err = mandate(ctx, tx, id)
		return err
	})
	return m, err
}

// MandatesOf implements [provider.Mandates].
func (p *Provider) MandatesOf(ctx context.Context, key ledger.Address) (all []provider.Mandate, err error) {
	err = p.read(ctx, "reading mandates", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, scanMandate, `
			SELECT `+mandateColumns+` FROM mandates
			WHERE key = ?1 OR patient = (SELECT patient FROM enrolments WHERE key = ?1) ORDER BY until, id`, key[:])
		return err
	})
	return all, err
}

// PreferenceOf implements [provider.Mandates].
func (p *Provider) PreferenceOf(ctx context.Context, id ledger.Hash) (s provider.Standing, err error) {
	err = p.read(ctx, "reading a preference", func(tx *sql.Tx) error {
		m, err := mandate(ctx, tx, id)
		if err != nil {
			return err
		}
		s, err = standingOf(ctx, tx, m.Patient)
		return err
	})
	return s, err
}
