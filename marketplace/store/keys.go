package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// insertEnrolment binds a key unless its patient has one or it ever was a patient's.
const insertEnrolment = `
	INSERT INTO enrolments (patient, key) SELECT ?1, ?2
	WHERE NOT EXISTS (SELECT 1 FROM retired_keys WHERE key = ?2) ON CONFLICT DO NOTHING`

// Invite implements [provider.Keys].
func (p *Provider) Invite(ctx context.Context, i provider.Invitations) error {
	return p.write(ctx, "keeping codes", func(tx *sql.Tx) error {
		key, err := codeKey(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM codes WHERE until <= ?`, i.Now); err != nil {
			return err
		}
		for _, c := range i.Codes {
			bound, err := hasKey(ctx, tx, c.Patient)
			if err == nil && bound && !i.Recovery {
				err = provider.ErrAlreadyEnrolled
			}
			if err != nil {
				return err
			}
			marks := c.Code.Marks(key)
			if _, err := tx.ExecContext(ctx, `DELETE FROM codes WHERE patient = ?`, c.Patient); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `
				INSERT INTO codes (name, secret, patient, recovery, until, tries, steward) VALUES (?, ?, ?, ?, ?, 0, ?)`,
				marks.Name[:], marks.Secret[:], c.Patient, bit(i.Recovery), i.Until, i.Steward[:])
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// codeKey is what codes are hashed with, drawn when the first is made.
func codeKey(ctx context.Context, tx *sql.Tx) (key ledger.Hash, err error) {
	drawn := newSecret()
	if _, err := tx.ExecContext(ctx, `INSERT INTO code_key (one, key) VALUES (1, ?) ON CONFLICT DO NOTHING`, drawn[:]); err != nil {
		return key, err
	}
	err = tx.QueryRowContext(ctx, `SELECT key FROM code_key`).Scan(fixed(key[:]))
	return key, err
}

// Redeem implements [provider.Keys].
func (p *Provider) Redeem(ctx context.Context, c provider.Code, key ledger.Address, now int64) (good bool, err error) {
	named := false
	err = p.read(ctx, "looking for a code", func(tx *sql.Tx) (err error) {
		if err := neverBound(ctx, tx, key); err != nil {
			return err
		}
		named, err = isNamed(ctx, tx, c)
		return err
	})
	if err != nil || !named { // who guesses does not hold up who writes
		return false, err
	}
	err = p.write(ctx, "redeeming a code", func(tx *sql.Tx) error {
		if err := neverBound(ctx, tx, key); err != nil {
			return err
		}
		var patient int64
		if patient, good, err = useUp(ctx, tx, c, now); err != nil || !good {
			return err
		}
		return p.bind(ctx, tx, patient, key, now)
	})
	return good && err == nil, err
}

// isNamed reports whether there is a code of a code's name.
func isNamed(ctx context.Context, tx *sql.Tx, c provider.Code) (named bool, err error) {
	var key ledger.Hash
	if err := tx.QueryRowContext(ctx, `SELECT key FROM code_key`).Scan(fixed(key[:])); err != nil {
		return false, absent(err) // no code was ever made
	}
	name := c.Marks(key).Name
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM codes WHERE name = ?)`, name[:]).Scan(&named)
	return named, err
}

// hasKey reports whether a patient has a key.
func hasKey(ctx context.Context, tx *sql.Tx, patient int64) (bound bool, err error) {
	err = tx.QueryRowContext(ctx, patientHasKey, patient).Scan(&bound)
	return bound, err
}

const patientHasKey = `SELECT EXISTS (SELECT 1 FROM enrolments WHERE patient = ?)`

// neverBound is ErrAlreadyEnrolled if key is or ever was a patient's.
func neverBound(ctx context.Context, tx *sql.Tx, key ledger.Address) error {
	var bound bool
	err := tx.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM enrolments WHERE key = ?1) OR EXISTS (SELECT 1 FROM retired_keys WHERE key = ?1)`, key[:]).Scan(&bound)
	if err == nil && bound {
		err = provider.ErrAlreadyEnrolled
	}
	return err
}

// useUp takes a code that is good off the list; one of its name that is wrong
// costs it a try.
func useUp(ctx context.Context, tx *sql.Tx, c provider.Code, now int64) (patient int64, good bool, err error) {
	key, err := codeKey(ctx, tx)
	if err != nil {
		return 0, false, err
	}
	tried := c.Marks(key)
	kept := provider.CodeMarks{Name: tried.Name}
	var until, tries int64
	var recovery, hasKey bool
	err = tx.QueryRowContext(ctx, `
		SELECT c.secret, c.patient, c.recovery, c.until, c.tries, EXISTS (SELECT 1 FROM enrolments AS n WHERE n.patient = c.patient)
		FROM codes AS c WHERE c.name = ?`, tried.Name[:]).
		Scan(fixed(kept.Secret[:]), &patient, &recovery, &until, &tries, &hasKey)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	switch {
	case tries >= provider.MaxTries:
		return 0, false, nil
	case !kept.Is(tried):
		_, err = tx.ExecContext(ctx, `UPDATE codes SET tries = tries + 1 WHERE name = ?`, tried.Name[:])
		return 0, false, err
	case now >= until, hasKey && !recovery:
		return 0, false, nil
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM codes WHERE name = ?`, tried.Name[:])
	return patient, err == nil, err
}

// bind makes key the patient's, in place of the one that she had if any. Nobody goes
// on speaking for her: a guardian was for want of a key, and whoever stole the former
// one may have named anybody.
func (p *Provider) bind(ctx context.Context, tx *sql.Tx, patient int64, key ledger.Address, now int64) error {
	notice := provider.Notice{At: now, Kind: provider.NoticeEnrolled, Key: key}
	err := tx.QueryRowContext(ctx, `SELECT key FROM enrolments WHERE patient = ?`, patient).Scan(fixed(notice.Former[:]))
	if err == nil {
		notice.Kind = provider.NoticeRecovered
		if err := replace(ctx, tx, patient, notice); err != nil {
			return err
		}
		return p.endMandates(ctx, tx, patient, now)
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err := p.enter(ctx, tx, patient); err != nil {
		return err
	}
	r, err := tx.ExecContext(ctx, insertEnrolment, patient, key[:])
	if err := changed(r, err, provider.ErrAlreadyEnrolled); err != nil {
		return err
	}
	if err := notify(ctx, tx, patient, notice); err != nil {
		return err
	}
	return p.endMandates(ctx, tx, patient, now)
}

// enter enters a patient of whom nothing was recorded yet into the consent map.
func (p *Provider) enter(ctx context.Context, tx *sql.Tx, patient int64) error {
	m, err := newCommitter(ctx, tx, p)
	if err != nil {
		return err
	}
	if err := m.admit(ctx, patient); err != nil {
		return err
	}
	return m.commit()
}

// replace retires the former key of a notice and has its key take the place. Mandates
// stay.
func replace(ctx context.Context, tx *sql.Tx, patient int64, n provider.Notice) error {
	r, err := tx.ExecContext(ctx, `UPDATE enrolments SET key = ? WHERE patient = ? AND key = ?`, n.Key[:], patient, n.Former[:])
	if err := changed(r, err, provider.ErrNotEnrolled); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO retired_keys (key, patient, at) VALUES (?, ?, ?)`, n.Former[:], patient, n.At); err != nil {
		return err
	}
	return notify(ctx, tx, patient, n)
}

// ChangeKey implements [provider.Keys].
func (p *Provider) ChangeKey(ctx context.Context, key, next ledger.Address, now int64) error {
	return p.write(ctx, "changing a key", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, key)
		if err != nil {
			return err
		}
		if err := neverBound(ctx, tx, next); err != nil {
			return err
		}
		return replace(ctx, tx, patient, provider.Notice{At: now, Kind: provider.NoticeRotated, Key: next, Former: key})
	})
}
