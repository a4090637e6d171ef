package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// lastEvent is the greatest seq, 0 before the first event.
func lastEvent(ctx context.Context, tx *sql.Tx) (seq uint64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM events`).Scan(&seq)
	return seq, err
}

// recorder records events within one transaction.
type recorder struct {
	patient, hasKey, last, earlier, class, newClass, enter, empty, leave, appear, undo, vanish, event *sql.Stmt

	tx      *sql.Tx
	commits *committer
	joined  map[ledger.Hash]membership // by hash of the class document
}

// membership is a class with its odometer, which stands still in a transaction
// that records.
type membership struct {
	class    int64
	place    consent.Place
	odometer accountant.Cost
}

func newRecorder(ctx context.Context, tx *sql.Tx, c *committer) (*recorder, error) {
	r := &recorder{tx: tx, commits: c, joined: map[ledger.Hash]membership{}}
	for _, s := range []struct {
		into  **sql.Stmt
		query string
	}{
		{&r.patient, `SELECT patient FROM enrolments WHERE key = ?`},
		{&r.hasKey, patientHasKey},
		{&r.last, latestTally},
		{&r.earlier, `SELECT recorded_at FROM events WHERE patient = ? ORDER BY seq DESC LIMIT 1 OFFSET ?`},
		{&r.enter, `INSERT INTO class_members (class, members) VALUES (?, 1) ON CONFLICT DO UPDATE SET members = members + 1 RETURNING members`},
		{&r.empty, `DELETE FROM class_members WHERE class = ? AND members = 1`},
		{&r.leave, `UPDATE class_members SET members = members - 1 WHERE class = ?`},
		{&r.appear, `INSERT INTO class_spans (class, since) VALUES (?, ?)`},
		{&r.undo, `DELETE FROM class_spans WHERE class = ? AND since = ?`},
		{&r.vanish, `UPDATE class_spans SET until = ?2 WHERE class = ?1 AND until IS NULL`},
		{&r.class, `SELECT id, place, nano_rho, delta FROM classes WHERE hash = ?`},
		{&r.newClass, `
			INSERT INTO classes (id, hash, document, place, nano_rho, delta, charged_at)
			VALUES ((SELECT coalesce(max(id), 0) + 1 FROM classes), ?, ?, ?, 0, 0, 0)
			ON CONFLICT (place) DO NOTHING RETURNING id, place, nano_rho, delta`},
		{&r.event, `
			INSERT INTO events (patient, as_of, class, until, cap_nano_rho, cap_delta, carried_nano_rho, carried_delta,
				joined_nano_rho, joined_delta, limit_nano_rho, limit_delta, recorded_at,
				content, revision, expiry, signature, salt, entry_salt, steward)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`}, // no event is ever deleted, so that seq rises
	} {
		var err error
		if *s.into, err = tx.PrepareContext(ctx, s.query); err != nil { //nolint:sqlclosecheck // closed with its transaction
			return nil, err
		}
	}
	return r, nil
}

func (r *recorder) record(ctx context.Context, e provider.Event, preference ledger.Hash) error {
	patient, err := r.whose(ctx, e)
	if err != nil {
		return err
	}
	last, before, err := scanTally(r.last.QueryRowContext(ctx, patient))
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // whose first event it is has lost nothing: the zero tally
		return err
	}
	if e.Document.Revision != last+1 {
		return provider.ErrStaleRevision
	}
	if err := r.spare(ctx, patient, e); err != nil {
		return err
	}
	m, err := r.join(ctx, e)
	if err != nil {
		return err
	}
	if err := r.move(ctx, before.class, m.class); err != nil {
		return err
	}
	var steward []byte // NULL: she signed herself
	if e.Recorded != nil {
		steward = e.Recorded.Steward[:]
	}
	capNanoRho, capDelta := sql.NullInt64{}, sql.NullInt64{}
	if e.Cap != nil {
		capNanoRho, capDelta = sql.NullInt64{Int64: e.Cap.NanoRho, Valid: true}, sql.NullInt64{Int64: e.Cap.Delta, Valid: true}
	}
	salt, t := newSecret(), provider.Tally{Cap: e.Cap, Carried: before.Lost(), Joined: m.odometer}
	limit := t.Limit()
	_, err = r.event.ExecContext(ctx, patient, int64(r.commits.asOf), m.class, e.Until, capNanoRho, capDelta, t.Carried.NanoRho, t.Carried.Delta,
		t.Joined.NanoRho, t.Joined.Delta, limit.NanoRho, limit.Delta, e.At,
		e.Document.Content, int64(e.Document.Revision), e.Document.Expiry, e.Document.Signature[:], e.Salt[:], salt[:], steward)
	if err != nil {
		return err
	}
	return r.commits.prefer(patient, salt, preference, e.Document.Revision, t.Carried, m)
}

// whose returns the patient of an event.
func (r *recorder) whose(ctx context.Context, e provider.Event) (patient int64, err error) {
	if e.Mandate != nil {
		m, err := mandate(ctx, r.tx, *e.Mandate)
		if err == nil && !m.Runs(e.Key, e.At) {
			err = provider.ErrNoMandate
		}
		return m.Patient, err
	}
	if e.Recorded == nil {
		err = r.patient.QueryRowContext(ctx, e.Key[:]).Scan(&patient)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, provider.ErrNotEnrolled
		}
		return patient, err
	}
	patient = e.Recorded.Patient
	if err := r.commits.admit(ctx, patient); err != nil {
		return 0, err
	}
	var hasKey bool
	err = r.hasKey.QueryRowContext(ctx, patient).Scan(&hasKey)
	if err == nil && hasKey && e.Permits {
		err = provider.ErrHasKey
	}
	return patient, err
}

// spare is ErrTooManyChanges for a document that may permit something and comes after
// MaxDaily others of its patient within a day.
func (r *recorder) spare(ctx context.Context, patient int64, e provider.Event) error {
	if !e.Permits {
		return nil
	}
	var at int64
	err := r.earlier.QueryRowContext(ctx, patient, provider.MaxDaily-1).Scan(&at)
	if err != nil {
		return absent(err)
	}
	if at > e.At-24*3600 {
		return provider.ErrTooManyChanges
	}
	return nil
}

// move counts a patient out of the class that she was in, 0 for none, and into another.
func (r *recorder) move(ctx context.Context, from, to int64) error {
	if from == to {
		return nil
	}
	version := int64(r.commits.asOf / consent.IntervalLeaves)
	var members int64
	if err := r.enter.QueryRowContext(ctx, to).Scan(&members); err != nil {
		return err
	}
	if members == 1 {
		if _, err := r.appear.ExecContext(ctx, to, version); err != nil {
			return err
		}
	}
	emptied, err := r.empty.ExecContext(ctx, from)
	if err != nil {
		return err
	}
	switch n, err := emptied.RowsAffected(); {
	case err != nil:
		return err
	case n > 0:
		return r.desert(ctx, from, version)
	}
	_, err = r.leave.ExecContext(ctx, from)
	return err
}

// desert ends the span of a class that its last patient has left. One that began in the interval under construction
// has not been seen by anybody and is taken back.
func (r *recorder) desert(ctx context.Context, class, version int64) error {
	undone, err := r.undo.ExecContext(ctx, class, version)
	if err != nil {
		return err
	}
	if n, err := undone.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = r.vanish.ExecContext(ctx, class, version)
	return err
}

// join finds the class of an event, or makes it at its first appearance.
func (r *recorder) join(ctx context.Context, e provider.Event) (membership, error) {
	m, ok := r.joined[e.ClassHash]
	if ok {
		return m, nil
	}
	err := r.class.QueryRowContext(ctx, e.ClassHash[:]).Scan(&m.class, &m.place, &m.odometer.NanoRho, &m.odometer.Delta)
	for draws := 0; errors.Is(err, sql.ErrNoRows); draws++ { // no such class yet; then: its place is taken
		if draws == maxDraws {
			return m, errNoPlace
		}
		err = r.newClass.QueryRowContext(ctx, e.ClassHash[:], e.ClassDocument, newPlace()).Scan(&m.class, &m.place, &m.odometer.NanoRho, &m.odometer.Delta)
	}
	if err != nil {
		return m, err
	}
	r.joined[e.ClassHash] = m
	return m, nil
}

// Preference implements [provider.Store].
func (p *Provider) Preference(ctx context.Context, key ledger.Address) (s provider.Standing, err error) {
	err = p.read(ctx, "reading a preference", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, key)
		if err != nil {
			return err
		}
		s, err = standingOf(ctx, tx, patient)
		return err
	})
	return s, err
}

// standingOf is what is on record of a patient.
func standingOf(ctx context.Context, tx *sql.Tx, patient int64) (s provider.Standing, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT content, revision, expiry, signature, as_of
		FROM events WHERE patient = ? ORDER BY seq DESC LIMIT 1`, patient).
		Scan(&s.Document.Content, &s.Document.Revision, &s.Document.Expiry, fixed(s.Document.Signature[:]), &s.AsOf)
	if errors.Is(err, sql.ErrNoRows) {
		err = provider.ErrNoPreference
	}
	if err != nil {
		return provider.Standing{}, err
	}
	_, t, err := scanTally(tx.QueryRowContext(ctx, latestTally, patient))
	if err != nil {
		return provider.Standing{}, err
	}
	s.Cap, s.Lost = t.Cap, t.Lost()
	return s, nil
}
