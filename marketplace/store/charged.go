package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/medmarket/medmarket/dp/accountant"
)

// classSet is a set of classes: a bit of each, by its id, the lowest of a byte first. The last byte is not 0.
type classSet []byte

// has says whether a class is in the set.
func (s classSet) has(class int64) bool {
	return class >= 0 && class/8 < int64(len(s)) && s[class/8]>>(class%8)&1 == 1
}

// add adds a class.
func (s *classSet) add(class uint32) {
	if more := int(class/8) + 1 - len(*s); more > 0 {
		*s = append(*s, make([]byte, more)...)
	}
	(*s)[class/8] |= 1 << (class % 8)
}

// each calls see for each class, by rising id.
func (s classSet) each(see func(class int) error) error {
	for i, b := range s {
		for ; b != 0; b &= b - 1 {
			if err := see(8*i + bits.TrailingZeros8(b)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Scan implements sql.Scanner.
func (s *classSet) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok {
		return fmt.Errorf("a set of classes is a %T", v)
	}
	*s = bytes.Clone(b)
	return nil
}

// totals are what classes have been charged since each first appeared, by id: nothing from their end on.
type totals []accountant.Cost

// of is the total of a class.
func (t totals) of(class int64) accountant.Cost {
	if class < 0 || class >= int64(len(t)) {
		return accountant.Cost{}
	}
	return t[class]
}

// charge adds what a charge of some classes cost.
func (t *totals) charge(classes classSet, cost accountant.Cost) error {
	if more := 8*len(classes) - len(*t); more > 0 {
		*t = append(*t, make(totals, more)...)
	}
	return classes.each(func(class int) (err error) {
		(*t)[class], err = (*t)[class].Add(loss(cost))
		return err
	})
}

// loss is what an odometer counts of a cost.
func loss(c accountant.Cost) accountant.Cost {
	return accountant.Cost{NanoRho: c.NanoRho, Delta: c.Delta}
}

// totalBytes is how many bytes a total takes on disk: nano-rho and delta, 8 each, the high byte first.
const totalBytes = 16

// blob is how totals are on disk.
func (t totals) blob() []byte {
	b := make([]byte, 0, totalBytes*len(t))
	for _, c := range t {
		b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(c.NanoRho)), uint64(c.Delta))
	}
	return b
}

// Scan implements sql.Scanner.
func (t *totals) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b)%totalBytes != 0 {
		return errors.New("totals of classes that are none")
	}
	*t = make(totals, 0, len(b)/totalBytes)
	for ; len(b) > 0; b = b[totalBytes:] {
		*t = append(*t, accountant.Cost{NanoRho: int64(binary.BigEndian.Uint64(b)), Delta: int64(binary.BigEndian.Uint64(b[8:]))})
	}
	return nil
}

// addedUp is after how many charges the totals are written down, so that no more than that need be added up.
const addedUp = 16

// aRow is how many classes a row of totals has: what one class was charged is read without the others.
const aRow = 256

// keep writes totals down as they are after a charge.
func (t totals) keep(ctx context.Context, tx *sql.Tx, charge int64) error {
	for first := 0; first == 0 || first < len(t); first += aRow {
		_, err := tx.ExecContext(ctx, `INSERT INTO odometers (charge, first, totals) VALUES (?, ?, ?)`,
			charge, first, t[first:min(first+aRow, len(t))].blob())
		if err != nil {
			return fmt.Errorf("writing what classes were charged: %w", err)
		}
	}
	return nil
}

// totalsAt returns what classes had been charged once a charge, or the last one up to that number, was made, and how many
// charges were made since totals were last written down.
func totalsAt(ctx context.Context, tx *sql.Tx, charge int64) (t totals, since int, err error) {
	last, err := lastKept(ctx, tx, charge)
	if err != nil {
		return nil, 0, err
	}
	err = each(ctx, tx, func(r row) error {
		var more totals
		err := r.Scan(&more)
		t = append(t, more...)
		return err
	}, `SELECT totals FROM odometers WHERE charge = ? ORDER BY first`, last)
	if err != nil {
		return nil, 0, fmt.Errorf("reading what classes were charged: %w", err)
	}
	since, err = charges(ctx, tx, last, charge, func(classes classSet, cost accountant.Cost) error { return t.charge(classes, cost) })
	return t, since, err
}

// totalNow returns what a class has been charged by now.
func totalNow(ctx context.Context, tx *sql.Tx, class int64) (total accountant.Cost, err error) {
	last, err := lastKept(ctx, tx, math.MaxInt64)
	if err != nil {
		return total, err
	}
	var kept totals
	err = tx.QueryRowContext(ctx, `SELECT totals FROM odometers WHERE charge = ? AND first = ?`, last, class/aRow*aRow).Scan(&kept)
	if err := absent(err); err != nil {
		return total, fmt.Errorf("reading what a class was charged: %w", err)
	}
	total = kept.of(class % aRow)
	_, err = charges(ctx, tx, last, math.MaxInt64, func(classes classSet, cost accountant.Cost) (err error) {
		if classes.has(class) {
			total, err = total.Add(loss(cost))
		}
		return err
	})
	return total, err
}

// lastKept is the last charge, up to one, after which totals were written down; 0 if there is none.
func lastKept(ctx context.Context, tx *sql.Tx, charge int64) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `SELECT coalesce(max(charge), 0) FROM odometers WHERE charge <= ?`, charge).Scan(&last)
	if err != nil {
		return 0, fmt.Errorf("reading when classes were added up: %w", err)
	}
	return last, nil
}

// charges calls see for each charge after one, up to another, and counts them.
func charges(ctx context.Context, tx *sql.Tx, after, until int64, see func(classSet, accountant.Cost) error) (n int, err error) {
	err = each(ctx, tx, func(r row) error {
		var cost accountant.Cost
		var classes classSet
		if err := r.Scan(&cost.NanoRho, &cost.Delta, &classes); err != nil {
			return err
		}
		n++
		return see(classes, cost)
	}, `SELECT nano_rho, delta, classes FROM charges WHERE number > ? AND number <= ? ORDER BY number`, after, until)
	if err != nil {
		return 0, fmt.Errorf("adding up what classes were charged: %w", err)
	}
	return n, nil
}
