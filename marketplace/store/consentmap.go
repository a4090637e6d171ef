package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"sync"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// newSecret draws what nobody can guess: a salt, a dummy, the map's secret, the key of fingerprints.
func newSecret() (s ledger.Hash) {
	rand.Read(s[:]) // never fails; it would end the program
	return s
}

// committer collects what a transaction changes in the consent map.
type committer struct {
	asOf   uint64 // token of the changes
	m      *consent.Map
	nodes  *mapNodes
	leaves []consent.Leaf
	setter chan error      // has how it ended, if they are set beside whoever goes on writing
	work   *sync.WaitGroup // of the setter; the crown waits for it
}

func newCommitter(ctx context.Context, tx *sql.Tx, p *Provider) (c *committer, err error) {
	c = &committer{work: &p.crown.work}
	if c.asOf, err = nextInterval(ctx, tx); err != nil {
		return nil, err
	}
	c.m, c.nodes, err = openMap(ctx, tx, c.asOf/consent.IntervalLeaves, p)
	return c, err
}

// admit enters a patient of whom nothing was recorded yet, with an entry that
// says that she has no preference.
func (c *committer) admit(ctx context.Context, patient int64) error {
	salt := newSecret()
	r, err := within(ctx, c.nodes.tx, c.nodes.hot.admit).ExecContext(ctx, patient, int64(c.asOf), salt[:])
	err = changed(r, err, errKnown)
	if errors.Is(err, errKnown) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.set(patient, salt, consent.Entry{})
}

var errKnown = errors.New("patient is in the consent map")

// prefer enters what a patient permits from now on, named by a hash, and what her
// loss is counted from.
func (c *committer) prefer(patient int64, salt, preference ledger.Hash, revision uint64, carried accountant.Cost, in membership) error {
	return c.set(patient, salt, consent.Entry{
		Preference: preference, Revision: revision, CarriedNanoRho: carried.NanoRho, CarriedDelta: carried.Delta,
		JoinedNanoRho: in.odometer.NanoRho, JoinedDelta: in.odometer.Delta, Odometer: in.place,
	})
}

// begin has another goroutine set the leaves, which are all of the transaction, while events are written. None may be taken back from now on.
func (c *committer) begin() error {
	for _, l := range c.leaves {
		if err := c.nodes.lookAhead(l.Index); err != nil {
			return err
		}
	}
	c.setter, c.nodes.top.changed = make(chan error, 1), true
	c.work.Go(func() { c.setter <- c.m.Set(c.leaves...) })
	return nil
}

// set replaces the entry of a patient.
func (c *committer) set(patient int64, salt ledger.Hash, e consent.Entry) error {
	index := c.m.Index(patient)
	leaf, err := consent.NewLeaf(index, salt, e)
	c.nodes.is(index, patient)
	c.leaves = append(c.leaves, leaf)
	return err
}

// commit writes the changes, all at once.
func (c *committer) commit() (err error) {
	if c.setter != nil {
		err = <-c.setter
	} else {
		c.nodes.top.changed = true
		err = c.m.Set(c.leaves...)
	}
	if err != nil {
		return err
	}
	return c.nodes.flush()
}

// Patient implements [provider.Store].
func (p *Provider) Patient(ctx context.Context, key ledger.Address) (patient int64, err error) {
	err = p.read(ctx, "reading whose key it is", func(tx *sql.Tx) error {
		patient, err = patientOf(ctx, tx, key)
		return err
	})
	return patient, err
}

func patientOf(ctx context.Context, tx *sql.Tx, key ledger.Address) (patient int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT patient FROM enrolments WHERE key = ?`, key[:]).Scan(&patient)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, provider.ErrNotEnrolled
	}
	return patient, err
}

// Consent implements [provider.Store].
func (p *Provider) Consent(ctx context.Context, patient int64, asOf uint64) (proof consent.Proof, err error) {
	err = p.proveAt(ctx, asOf, &proof, func(tx *sql.Tx, m *consent.Map) error {
		proof.Index = m.Index(patient)
		if proof.Present, err = entryAt(ctx, tx, patient, asOf); err != nil {
			return err
		}
		if proof.Present == nil {
			return absence(&proof, m)
		}
		path, err := m.Prove(proof.Index)
		proof.Siblings, proof.Blind = path.Siblings, path.Blind
		return err
	})
	return proof, err
}

// Absence implements [provider.Store].
func (p *Provider) Absence(ctx context.Context, index ledger.Hash, asOf uint64) (proof consent.Proof, err error) {
	err = p.proveAt(ctx, asOf, &proof, func(_ *sql.Tx, m *consent.Map) error {
		proof.Index = index
		return absence(&proof, m)
	})
	return proof, err
}

func absence(proof *consent.Proof, m *consent.Map) error {
	path, opening, err := m.ProveAbsence(proof.Index)
	proof.Siblings, proof.Blind, proof.Absent = path.Siblings, path.Blind, &consent.Absent{Opening: opening}
	return err
}

// proveAt runs prove on the map as it was at asOf. An error leaves proof empty.
func (p *Provider) proveAt(ctx context.Context, asOf uint64, proof *consent.Proof, prove func(*sql.Tx, *consent.Map) error) error {
	err := p.read(ctx, "proving an entry", func(tx *sql.Tx) (err error) {
		if proof.Checkpoint, err = checkpointAt(ctx, tx, asOf); err != nil {
			return err
		}
		m, _, err := openMap(ctx, tx, proof.Checkpoint.Version(), nil)
		if err != nil {
			return err
		}
		if err := prove(tx, m); err != nil {
			return err
		}
		return addOdometers(ctx, tx, m, proof)
	})
	if err != nil {
		*proof = consent.Proof{}
	}
	return err
}

// entryAt is what the map holds of a patient at asOf; nil if it does not hold her.
func entryAt(ctx context.Context, tx *sql.Tx, patient int64, asOf uint64) (*consent.Present, error) {
	var e consent.Present
	err := tx.QueryRowContext(ctx, `SELECT entry_salt FROM patients WHERE patient = ? AND as_of <= ?`, patient, clamp(asOf)).
		Scan(fixed(e.Salt[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var s ledger.SignedDocument
	err = tx.QueryRowContext(ctx, `
		SELECT e.entry_salt, e.content, e.revision, e.expiry, e.signature, e.carried_nano_rho, e.carried_delta, e.joined_nano_rho, e.joined_delta, c.place
		FROM events AS e JOIN classes AS c ON c.id = e.class WHERE e.patient = ? AND e.as_of <= ? ORDER BY e.seq DESC LIMIT 1`, patient, clamp(asOf)).
		Scan(fixed(e.Salt[:]), &s.Content, &s.Revision, &s.Expiry, fixed(s.Signature[:]),
			&e.Entry.CarriedNanoRho, &e.Entry.CarriedDelta, &e.Entry.JoinedNanoRho, &e.Entry.JoinedDelta, &e.Entry.Odometer)
	if errors.Is(err, sql.ErrNoRows) {
		return &e, nil
	}
	if err != nil {
		return nil, err
	}
	shown := consent.PreferenceOf(s)
	e.Preference, e.Entry.Revision = &shown, s.Revision
	e.Entry.Preference, err = shown.Hash()
	return &e, err
}
