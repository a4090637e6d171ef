package store

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// day is how long uses of an access, and changes of a preference, are counted for, in seconds.
const day = 24 * 3600

// Giver implements [recordindex.Store].
func (p *Provider) Giver(ctx context.Context, key ledger.Address, mandate *ledger.Hash, at int64) (patient int64, err error) {
	err = p.read(ctx, "looking for whom a key speaks", func(tx *sql.Tx) error {
		patient, err = giver(ctx, tx, key, mandate, at, recordindex.Speaks)
		return err
	})
	return patient, err
}

// giver returns whose word it is that a key signed. ErrNoAccess unless that is a patient's, or one's whose mandate lets him say it.
func giver(ctx context.Context, tx *sql.Tx, signer ledger.Address, id *ledger.Hash, at int64, may func(provider.Mandate, ledger.Address, int64) bool) (patient int64, err error) {
	if id == nil {
		patient, err = patientOf(ctx, tx, signer)
		if errors.Is(err, provider.ErrNotEnrolled) {
			err = recordindex.ErrNoAccess
		}
		return patient, err
	}
	m, err := mandate(ctx, tx, *id)
	if errors.Is(err, provider.ErrNoMandate) || err == nil && !may(m, signer, at) {
		err = recordindex.ErrNoAccess
	}
	return m.Patient, err
}

// Use implements [recordindex.Store].
func (p *Provider) Use(ctx context.Context, u recordindex.Use) (patient int64, err error) {
	err = p.write(ctx, "using an access", func(tx *sql.Tx) (err error) {
		if patient, err = admit(ctx, tx, u); err != nil {
			return err
		}
		if u.Pointer != nil {
			if _, err := pointer(ctx, tx, patient, *u.Pointer); err != nil {
				return err
			}
		}
		if err := seldom(ctx, tx, patient, u); err != nil {
			return err
		}
		return keepUse(ctx, tx, patient, u)
	})
	if err != nil {
		return 0, err
	}
	return patient, nil
}

// Lives implements [recordindex.Store].
func (p *Provider) Lives(ctx context.Context, u recordindex.Use) error {
	return p.read(ctx, "looking at an access again", func(tx *sql.Tx) error {
		_, err := admit(ctx, tx, u)
		return err
	})
}

// admit returns whose access it is. ErrNoAccess unless who signed it may give it, it was not taken back, and the reader was not rejected.
func admit(ctx context.Context, tx *sql.Tx, u recordindex.Use) (patient int64, err error) {
	if u.Emergency {
		patient, err = emergency(ctx, tx, u.Access, u.Reader)
	} else {
		patient, err = giver(ctx, tx, u.Signer, u.Mandate, u.At, recordindex.Speaks)
	}
	if err != nil {
		return 0, err
	}
	var revoked bool
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM revoked_accesses WHERE patient = ? AND access = ?)`, patient, u.Access[:]).Scan(&revoked)
	if err == nil && !revoked {
		revoked, err = rejects(ctx, tx, patient, u.Reader)
	}
	if err == nil && revoked {
		err = recordindex.ErrNoAccess
	}
	return patient, err
}

// keepUse enters a use under its patient's next number and queues its leaf, behind those of hers that wait.
func keepUse(ctx context.Context, tx *sql.Tx, patient int64, u recordindex.Use) error {
	var last int64
	var waits bool
	err := absent(tx.QueryRowContext(ctx, `
		SELECT u.number, l.log_index IS NULL FROM access_uses AS u JOIN index_leaves AS l ON l.number = u.leaf
		WHERE u.patient = ? ORDER BY u.number DESC LIMIT 1`, patient).Scan(&last, &waits))
	if err != nil {
		return err
	}
	to := laneUses
	if waits {
		to = laneLaterUses
	}
	var leaf int64
	if err := tx.QueryRowContext(ctx, insertUseLeaf, int(to), u.Leaf[:]).Scan(&leaf); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO access_uses (leaf, patient, number, access, at, content, salt) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		leaf, patient, last+1, u.Access[:], u.At, u.Content, u.Salt[:])
	return err
}

// nextUse has the use behind the one that a leaf was of, if there is one, wait in its place.
func nextUse(ctx context.Context, tx *sql.Tx, leaf int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE index_leaves SET lane = ? WHERE number = (
			SELECT n.leaf FROM access_uses AS u JOIN access_uses AS n ON n.patient = u.patient AND n.number = u.number + 1
			WHERE u.leaf = ?)`, int(laneUses), leaf)
	return err
}

// seldom is ErrTooOften beyond the most uses of the access, or of all of its patient's, within a day.
func seldom(ctx context.Context, tx *sql.Tx, patient int64, u recordindex.Use) error {
	var ofAccess, ofPatient int64 // when the one was that so many came after
	err := tx.QueryRowContext(ctx, `
		SELECT coalesce((SELECT at FROM access_uses WHERE patient = ?1 AND access = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3), ?5),
			coalesce((SELECT at FROM access_uses WHERE patient = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?4), ?5)`,
		patient, u.Access[:], u.Most-1, u.MostOfAll-1, int64(math.MinInt64)).Scan(&ofAccess, &ofPatient)
	if err == nil && max(ofAccess, ofPatient) > u.At-day {
		err = recordindex.ErrTooOften
	}
	return err
}

// Uses implements [recordindex.Store].
func (p *Provider) Uses(ctx context.Context, patient int64, after int64, limit int) (all []recordindex.Used, err error) {
	err = p.read(ctx, "reading uses of accesses", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (u recordindex.Used, err error) {
			var index sql.NullInt64
			err = r.Scan(&u.Number, &u.Content, fixed(u.Salt[:]), &index)
			u.Index = published(index)
			return u, err
		}, `
			SELECT u.number, u.content, u.salt, l.log_index FROM access_uses AS u JOIN index_leaves AS l ON l.number = u.leaf
			WHERE u.patient = ? AND u.number > ? ORDER BY u.number LIMIT ?`, patient, after, limit)
		return err
	})
	return all, err
}

// Withdraw implements [recordindex.Store].
func (p *Provider) Withdraw(ctx context.Context, w recordindex.Withdrawn) error {
	return p.write(ctx, "taking an access back", func(tx *sql.Tx) error {
		patient, err := giver(ctx, tx, w.Signer, w.Mandate, w.At, recordindex.Narrows)
		if err != nil {
			return err
		}
		var before int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM revoked_accesses WHERE patient = ? AND access <> ?`, patient, w.Access[:]).Scan(&before); err != nil {
			return err
		}
		if before >= w.Most {
			return recordindex.ErrTooOften
		}
		return revoke(ctx, tx, patient, w.Access, w.At)
	})
}

// revoke has an access serve nothing from now on.
func revoke(ctx context.Context, tx *sql.Tx, patient int64, access ledger.Hash, at int64) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO revoked_accesses (patient, access, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, patient, access[:], at)
	return err
}
