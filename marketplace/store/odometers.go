package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/ledger/consent"
)

// odometersAt returns the odometers of all classes that had appeared when the interval of a number closed, or, if it
// is the one under construction, have by now; m is of the same version.
func odometersAt(ctx context.Context, tx *sql.Tx, m *consent.Map, version uint64) (*consent.Odometers, error) {
	var last int64 // number of the last charge by then
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM charges WHERE as_of <= ?`, clamp(version*consent.IntervalLeaves)).
		Scan(&last)
	if err != nil {
		return nil, fmt.Errorf("reading odometers: %w", err)
	}
	all, err := collect(ctx, tx, func(r row) (o consent.Odometer, err error) {
		return o, r.Scan(&o.Place, fixed(o.Class[:]), &o.NanoRho, &o.Delta, &o.Charged)
	}, `
		SELECT c.place, c.hash, coalesce(k.nano_rho, c.base_nano_rho), coalesce(k.delta, c.base_delta), coalesce(h.as_of = ?3, FALSE)
		FROM classes AS c
		LEFT JOIN charge_classes AS k ON k.class = c.id AND k.charge = (
			SELECT max(l.charge) FROM charge_classes AS l WHERE l.class = c.id AND l.charge <= ?1)
		LEFT JOIN charges AS h ON h.number = k.charge
		WHERE c.id > 0 AND c.since <= ?2`, last, clamp(version), clamp(version*consent.IntervalLeaves))
	if err != nil {
		return nil, fmt.Errorf("reading odometers: %w", err)
	}
	return m.Odometers(all)
}

// odometersNow is odometersAt of the version under construction, from what the odometers read now.
func odometersNow(ctx context.Context, tx *sql.Tx, m *consent.Map, version uint64) (*consent.Odometers, error) {
	all, err := collect(ctx, tx, func(r row) (o consent.Odometer, err error) {
		return o, r.Scan(&o.Place, fixed(o.Class[:]), &o.NanoRho, &o.Delta, &o.Charged)
	}, `
		SELECT c.place, c.hash, c.nano_rho, c.delta, k.class IS NOT NULL
		FROM classes AS c
		LEFT JOIN charge_classes AS k ON k.class = c.id AND k.charge = (
			SELECT number FROM charges WHERE number = (SELECT max(number) FROM charges) AND as_of = ?)
		WHERE c.id > 0`, clamp(version*consent.IntervalLeaves))
	if err != nil {
		return nil, fmt.Errorf("reading odometers: %w", err)
	}
	return m.Odometers(all)
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
