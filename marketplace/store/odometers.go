package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// class is what never changes of a class, but for its document.
type class struct {
	id    int64
	place consent.Place
	hash  ledger.Hash
	base  accountant.Cost // what its odometer began at
}

// odometers are all classes with what they have been charged, in memory: some 70 bytes each. Transactions that write use them, one at a
// time. What is on disk is the charges, and now and then the totals ([totalsAt]).
type odometers struct {
	classes []class // by id
	totals  totals
	since   int  // charges since the totals were last written down
	read    bool // the totals were
	changed bool // by the transaction that is under way
	session int64
}

// begin begins a transaction, as [crown.begin] does.
func (o *odometers) begin(session int64) {
	if o.session != session {
		o.forget()
	}
	o.session = session
}

// end ends a transaction: what it changed is true if it was committed.
func (o *odometers) end(committed bool) {
	if o.changed && !committed {
		o.forget()
	}
	o.changed = false
}

func (o *odometers) forget() { o.classes, o.totals, o.read = nil, nil, false }

// load reads what is not known yet. Its transaction has made no class.
func (o *odometers) load(ctx context.Context, tx *sql.Tx) (err error) {
	if !o.read {
		if o.totals, o.since, err = totalsAt(ctx, tx, math.MaxInt64); err != nil {
			return err
		}
		o.read = true
	}
	more, err := classesFrom(ctx, tx, len(o.classes), math.MaxInt64)
	if err != nil {
		return err
	}
	for _, c := range more {
		if c.id != int64(len(o.classes)) {
			return fmt.Errorf("there is no class %d", len(o.classes))
		}
		o.classes = append(o.classes, c)
	}
	return nil
}

// classesFrom are the classes from an id on that had appeared when the interval of a number closed.
func classesFrom(ctx context.Context, tx *sql.Tx, first int, version int64) ([]class, error) {
	all, err := collect(ctx, tx, func(r row) (c class, err error) {
		return c, r.Scan(&c.id, &c.place, fixed(c.hash[:]), &c.base.NanoRho, &c.base.Delta)
	}, `SELECT id, place, hash, base_nano_rho, base_delta FROM classes WHERE id >= ? AND since <= ? ORDER BY id`, first, version)
	if err != nil {
		return nil, fmt.Errorf("reading classes: %w", err)
	}
	return all, nil
}

// of is what the odometer of a class reads; false if its class was made by the transaction that is under way.
func (o *odometers) of(id int64) (c accountant.Cost, known bool) {
	if id < 0 || id >= int64(len(o.classes)) {
		return c, false
	}
	return reading(o.classes[id].base, o.totals.of(id)), true
}

func reading(base, total accountant.Cost) accountant.Cost {
	return accountant.Cost{NanoRho: base.NanoRho + total.NanoRho, Delta: base.Delta + total.Delta}
}

var errOdometer = errors.New("a class: its odometer must rise by the cost")

// charge moves the odometers of the permitted classes of a charge on by its cost, to what the charge has them read.
func (o *odometers) charge(c provider.Charged) (moved classSet, err error) {
	for _, k := range c.Classes {
		was, known := o.of(int64(k.Class))
		if is, err := was.Add(loss(c.Cost)); err != nil || !known || is != loss(k.Odometer) || moved.has(int64(k.Class)) {
			return nil, errors.Join(err, errOdometer)
		}
		moved.add(k.Class)
	}
	o.changed = true
	o.since++
	return moved, o.totals.charge(moved, c.Cost)
}

// keep writes the totals down after a charge, if it is time.
func (o *odometers) keep(ctx context.Context, tx *sql.Tx, charge int64) error {
	if o.since < addedUp {
		return nil
	}
	o.since = 0
	return o.totals.keep(ctx, tx, charge)
}

// tree is that of the odometers of all classes, in the version of m, of which a charge has moved some.
func tree(m *consent.Map, classes []class, t totals, moved classSet) (*consent.Odometers, error) {
	all := make([]consent.Odometer, 0, len(classes))
	for _, c := range classes {
		if c.id == 0 { // who was never asked has no entry
			continue
		}
		is := reading(c.base, t.of(c.id))
		all = append(all, consent.Odometer{Place: c.place, Reading: consent.Reading{
			Class: c.hash, NanoRho: is.NanoRho, Delta: is.Delta, Charged: moved.has(c.id),
		}})
	}
	return m.Odometers(all)
}

// odometersAt returns the odometers of all classes that had appeared when the interval of a number closed; m is of the same version.
func odometersAt(ctx context.Context, tx *sql.Tx, m *consent.Map, version uint64) (*consent.Odometers, error) {
	var last int64 // number of the last charge by then
	var asOf uint64
	var moved classSet
	err := tx.QueryRowContext(ctx, `SELECT number, as_of, classes FROM charges WHERE as_of <= ? ORDER BY as_of DESC LIMIT 1`, clamp(version*consent.IntervalLeaves)).
		Scan(&last, &asOf, &moved)
	if err := absent(err); err != nil {
		return nil, fmt.Errorf("reading odometers: %w", err)
	}
	if asOf != version*consent.IntervalLeaves {
		moved = nil
	}
	t, _, err := totalsAt(ctx, tx, last)
	if err != nil {
		return nil, err
	}
	classes, err := classesFrom(ctx, tx, 0, clamp(version))
	if err != nil {
		return nil, err
	}
	return tree(m, classes, t, moved)
}

// odometerOf is what the odometer of a class reads, for a transaction that only reads. How long it takes depends on the number of
// classes by a bit of each in some charges.
func odometerOf(ctx context.Context, tx *sql.Tx, id int64) (is accountant.Cost, err error) {
	var base accountant.Cost
	if err := tx.QueryRowContext(ctx, `SELECT base_nano_rho, base_delta FROM classes WHERE id = ?`, id).Scan(&base.NanoRho, &base.Delta); err != nil {
		return is, fmt.Errorf("reading a class: %w", err)
	}
	total, err := totalNow(ctx, tx, id)
	return reading(base, total), err
}

// addOdometers adds to a proof the root of the odometers and, if it shows a preference, the one of its class.
func addOdometers(ctx context.Context, tx *sql.Tx, m *consent.Map, proof *consent.Proof) error {
	o, err := odometersAt(ctx, tx, m, proof.Checkpoint.Version())
	if err != nil {
		return err
	}
	proof.Odometers = o.Root()
	if proof.Present == nil || proof.Present.Preference == nil {
		return nil
	}
	proof.Counted = new(consent.Counted)
	proof.Counted.Reading, proof.Counted.Path, err = o.Prove(proof.Present.Entry.Odometer)
	return err
}

// maxDraws bounds the search for a place that is free; one draw is mostly enough until there are millions of classes.
const maxDraws = 64

var errNoPlace = errors.New("no place is free for the odometer of a class")

// newPlace draws a place.
func newPlace() (p consent.Place) {
	var b [4]byte
	rand.Read(b[:]) // never fails; it would end the program
	return consent.Place(binary.BigEndian.Uint32(b[:]) >> (32 - consent.OdometerDepth))
}

// leastBase is the least that an odometer begins at. Together with 50 random bits it is below 2^51, and all readings have 16 digits.
const leastBase = 1_000_000_000_000_000

// newBase draws what one component of the odometer of a class begins at, so that the first reading does not show that it is the first.
func newBase() int64 {
	var b [8]byte
	rand.Read(b[:]) // never fails; it would end the program
	return leastBase + int64(binary.BigEndian.Uint64(b[:])>>14)
}
