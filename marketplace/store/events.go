package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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

// recorder records events within one transaction: first it makes up its mind about all that callers
// want, which writes no event, and then writes them down.
type recorder struct {
	*statements
	tx        *sql.Tx
	commits   *committer
	unwritten unwritten
	joined    map[ledger.Hash]membership // by hash of the class document
	charged   *odometers
	made      map[int64]accountant.Cost // what the odometers of new classes read
	standings
}

// unwritten are events that are decided on and not yet written.
type unwritten struct {
	values   []any // eventColumns of each
	patients map[int64]bool
	failed   error // writing them did: the transaction is to end
}

// membership is a class with its odometer, which stands still in a transaction
// that records.
type membership struct {
	class    int64
	place    consent.Place
	odometer accountant.Cost
}

func newRecorder(ctx context.Context, tx *sql.Tx, p *Provider, c *committer) (*recorder, error) {
	return &recorder{
		statements: p.statements, tx: tx, commits: c, unwritten: unwritten{patients: map[int64]bool{}}, joined: map[ledger.Hash]membership{},
		charged: &p.odometers, made: map[int64]accountant.Cost{},
		standings: standings{patients: map[ledger.Address]int64{}, of: map[int64]standing{}},
	}, p.odometers.load(ctx, tx)
}

// odometer is what the odometer of a class reads.
func (r *recorder) odometer(class int64) (accountant.Cost, error) {
	if c, known := r.charged.of(class); known {
		return c, nil
	}
	c, made := r.made[class]
	if !made {
		return c, fmt.Errorf("there is no class %d", class)
	}
	return c, nil
}

// planned is an event that may be recorded.
type planned struct {
	provider.Event
	patient    int64
	before     provider.Tally
	preference ledger.Hash // of the document as the map names it
}

// plan says whether an event may be recorded.
func (r *recorder) plan(ctx context.Context, e provider.Event, preference ledger.Hash) (planned, error) {
	p := planned{Event: e, preference: preference}
	var err error
	if p.patient, err = r.whose(ctx, e); err != nil {
		return p, err
	}
	at, err := r.standing(ctx, p.patient)
	switch {
	case err != nil:
		return p, err
	case e.Document.Revision != at.revision+1:
		return p, provider.ErrStaleRevision
	case e.Permits && at.earlier.Valid && at.earlier.Int64 > e.At-day:
		return p, provider.ErrTooManyChanges
	}
	p.before = at.tally
	return p, nil
}

// record has a planned event written, and enters it into the consent map.
func (r *recorder) record(ctx context.Context, p planned) error {
	if p.Recorded != nil {
		if err := r.commits.admit(ctx, p.patient); err != nil {
			return err
		}
	}
	m, err := r.join(ctx, p.Event)
	if err != nil {
		return err
	}
	salt := newSecret()
	r.add(p, salt, m)
	return r.commits.prefer(p.patient, salt, p.preference, p.Document.Revision, p.before.Lost(), m)
}

// add has an event written with the next ones.
func (r *recorder) add(p planned, salt ledger.Hash, m membership) {
	var steward []byte // NULL: she signed herself
	if p.Recorded != nil {
		steward = p.Recorded.Steward[:]
	}
	capNanoRho, capDelta := sql.NullInt64{}, sql.NullInt64{}
	if p.Cap != nil {
		capNanoRho, capDelta = sql.NullInt64{Int64: p.Cap.NanoRho, Valid: true}, sql.NullInt64{Int64: p.Cap.Delta, Valid: true}
	}
	t, d := provider.Tally{Cap: p.Cap, Carried: p.before.Lost(), Joined: m.odometer}, p.Document
	limit := t.Limit()
	delete(r.of, p.patient)
	r.unwritten.patients[p.patient] = true
	r.unwritten.values = append(r.unwritten.values, p.patient, int64(r.commits.asOf), m.class, p.Until, capNanoRho, capDelta,
		t.Carried.NanoRho, t.Carried.Delta, t.Joined.NanoRho, t.Joined.Delta, limit.NanoRho, limit.Delta, p.At,
		d.Content, int64(d.Revision), d.Expiry, d.Signature[:], p.Salt[:], salt[:], steward)
}

// write writes the events that are decided on, some at a time: the map may be being set meanwhile, and need the transaction.
func (r *recorder) write(ctx context.Context) error {
	for len(r.unwritten.values) > 0 {
		some := r.unwritten.values[:min(len(r.unwritten.values), atOnce*eventColumns)]
		if r.unwritten.failed = r.writeSome(ctx, some); r.unwritten.failed != nil {
			return r.unwritten.failed
		}
		r.unwritten.values = r.unwritten.values[len(some):]
	}
	clear(r.unwritten.patients)
	return nil
}

func (r *recorder) writeSome(ctx context.Context, values []any) error {
	r.commits.nodes.sql.Lock()
	defer r.commits.nodes.sql.Unlock()
	return r.events.insert(ctx, r.tx, len(values)/eventColumns, values)
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
		if patient, known := r.patients[e.Key]; known {
			return patient, nil
		}
		err = within(ctx, r.tx, r.patient).QueryRowContext(ctx, e.Key[:]).Scan(&patient)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, provider.ErrNotEnrolled
		}
		return patient, err
	}
	var hasKey bool
	err = within(ctx, r.tx, r.hasKey).QueryRowContext(ctx, e.Recorded.Patient).Scan(&hasKey)
	if err == nil && hasKey && e.Permits {
		err = provider.ErrHasKey
	}
	return e.Recorded.Patient, err
}

// join finds the class of an event, or makes it at its first appearance.
func (r *recorder) join(ctx context.Context, e provider.Event) (membership, error) {
	m, ok := r.joined[e.ClassHash]
	if ok {
		return m, nil
	}
	var base accountant.Cost
	err := within(ctx, r.tx, r.class).QueryRowContext(ctx, e.ClassHash[:]).Scan(&m.class, &m.place)
	since := int64(r.commits.asOf / consent.IntervalLeaves)
	for draws := 0; errors.Is(err, sql.ErrNoRows); draws++ { // no such class yet; then: its place is taken
		if draws == maxDraws {
			return m, errNoPlace
		}
		err = within(ctx, r.tx, r.newClass).QueryRowContext(ctx, e.ClassHash[:], e.ClassDocument, newPlace(), since, newBase(), newBase()).
			Scan(&m.class, &m.place, &base.NanoRho, &base.Delta)
		r.made[m.class] = base
	}
	if err != nil {
		return m, err
	}
	if m.odometer, err = r.odometer(m.class); err != nil {
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

// Standing implements [provider.Store].
func (p *Provider) Standing(ctx context.Context, patient int64) (s provider.Standing, err error) {
	err = p.read(ctx, "reading a preference", func(tx *sql.Tx) error {
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
	at, err := scanTally(tx.QueryRowContext(ctx, tallyOf(), patient))
	if err != nil {
		return provider.Standing{}, err
	}
	if at.tally.Odometer, err = odometerOf(ctx, tx, at.class); err != nil {
		return provider.Standing{}, err
	}
	s.Cap, s.Lost = at.tally.Cap, at.tally.Lost()
	return s, nil
}
