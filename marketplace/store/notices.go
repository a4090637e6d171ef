package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// notify keeps a notice and forgets those that are shown no more.
func notify(ctx context.Context, tx *sql.Tx, patient int64, n provider.Notice) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM notices WHERE patient = ? AND at < ?`, patient, shown(n.At)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO notices (patient, at, kind, key, former, teller) VALUES (?, ?, ?, ?, ?, ?)`,
		patient, n.At, string(n.Kind), n.Key[:], orNull(n.Former), orNull(n.From))
	return err
}

// shown is since when notices are shown at a time.
func shown(at int64) int64 { return at - int64(provider.NoticeLife.Seconds()) }

// orNull is an address for a column that is NULL if there is none.
func orNull(a ledger.Address) any {
	if a.IsZero() {
		return nil
	}
	return a[:]
}

// SetContacts implements [provider.Keys].
func (p *Provider) SetContacts(ctx context.Context, key ledger.Address, hospitals []ledger.Address, revision uint64) error {
	return p.write(ctx, "setting contacts", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, key)
		if err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `
			INSERT INTO contacts (patient, revision, hospitals) SELECT ?1, ?2, ?3 WHERE CAST(?2 AS BIGINT) > 0
			ON CONFLICT (patient) DO UPDATE SET revision = excluded.revision, hospitals = excluded.hospitals
			WHERE excluded.revision > contacts.revision`, patient, clamp(revision), joined(hospitals))
		return changed(r, err, provider.ErrStaleRevision)
	})
}

// joined writes addresses one after the other.
func joined(all []ledger.Address) []byte {
	out := []byte{} // not NULL
	for _, a := range all {
		out = append(out, a[:]...)
	}
	return out
}

// Notices implements [provider.Keys].
func (p *Provider) Notices(ctx context.Context, key ledger.Address, since int64) (all []provider.Notice, contacts []ledger.Address, err error) {
	err = p.read(ctx, "reading notices", func(tx *sql.Tx) error {
		patient, end, err := heldBy(ctx, tx, key, since)
		if err != nil {
			return err
		}
		// Of one second the number tells what came first: a retired key sees nothing after the notice that ended it.
		all, err = collect(ctx, tx, scanNotice, `
			SELECT `+noticeColumns+` FROM notices
			WHERE patient = ?1 AND at >= ?2 AND number <= coalesce((
				SELECT max(number) FROM notices WHERE patient = ?1 AND former = ?3 AND kind IN ('rotated', 'recovered')), number)
			ORDER BY number`, patient, since, key[:])
		if err != nil || end {
			return err
		}
		var list []byte
		if err := absent(tx.QueryRowContext(ctx, `SELECT hospitals FROM contacts WHERE patient = ?`, patient).Scan(&list)); err != nil {
			return err
		}
		for a := range slices.Chunk(list, len(ledger.Address{})) {
			contacts = append(contacts, ledger.Address(a))
		}
		return nil
	})
	return all, contacts, err
}

// heldBy returns whose key it is, or was since a time.
func heldBy(ctx context.Context, tx *sql.Tx, key ledger.Address, since int64) (patient int64, ended bool, err error) {
	patient, err = patientOf(ctx, tx, key)
	if !errors.Is(err, provider.ErrNotEnrolled) {
		return patient, false, err
	}
	err = tx.QueryRowContext(ctx, `SELECT patient FROM retired_keys WHERE key = ? AND at >= ?`, key[:], since).Scan(&patient)
	if errors.Is(err, sql.ErrNoRows) {
		err = provider.ErrNotEnrolled
	}
	return patient, true, err
}

// Knows implements [provider.Keys].
func (p *Provider) Knows(ctx context.Context, key ledger.Address, since, now int64) (known bool, err error) {
	err = p.read(ctx, "looking a key up", func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM enrolments WHERE key = ?1)
				OR EXISTS (SELECT 1 FROM retired_keys WHERE key = ?1 AND at >= ?2)
				OR EXISTS (SELECT 1 FROM mandates WHERE key = ?1 AND until > ?3 AND revoked IS NULL)`, key[:], since, now).Scan(&known)
	})
	return known, err
}

const noticeColumns = `at, kind, key, former, teller`

func scanNotice(r row) (n provider.Notice, err error) {
	return n, r.Scan(&n.At, &n.Kind, fixed(n.Key[:]), ifAny(n.Former[:]), ifAny(n.From[:]))
}

// Tell implements [provider.Keys].
func (p *Provider) Tell(ctx context.Context, n provider.Notice) error {
	return p.write(ctx, "keeping another hospital's notice", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, n.Former)
		if errors.Is(err, provider.ErrNotEnrolled) {
			return nil
		}
		if err != nil {
			return err
		}
		all, err := collect(ctx, tx, scanNotice, `
			SELECT `+noticeColumns+` FROM notices
			WHERE patient = ? AND kind = ? AND teller = ? AND at >= ?`, patient, string(provider.NoticeElsewhere), n.From[:], shown(n.At))
		if err != nil {
			return err
		}
		for _, known := range all {
			if known.Key == n.Key && known.Former == n.Former {
				return nil
			}
		}
		if len(all) >= provider.MaxNotices {
			return nil
		}
		return notify(ctx, tx, patient, n)
	})
}
