package store

import (
	"database/sql"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// tally is how the loss of one patient is counted since her latest event,
// without a write of hers at any charge.
type tally struct {
	class    int64            // hers; 0 before her first event
	cap      *accountant.Cost // her own; nil: none
	carried  accountant.Cost  // a bound of what she had lost before the event
	joined   accountant.Cost  // odometer of her class at the event
	odometer accountant.Cost  // of her class now
}

// latestTally has the last revision, the class and the tally of a patient; no row before her first event.
const latestTally = `
	SELECT e.revision, e.class, e.cap_nano_rho, e.cap_delta, e.carried_nano_rho, e.carried_delta, e.joined_nano_rho, e.joined_delta, c.nano_rho, c.delta
	FROM events AS e JOIN classes AS c ON c.id = e.class
	WHERE e.patient = ? ORDER BY e.seq DESC LIMIT 1`

func scanTally(r row) (revision uint64, t tally, err error) {
	var nanoRho, delta sql.NullInt64
	err = r.Scan(&revision, &t.class, &nanoRho, &delta, &t.carried.NanoRho, &t.carried.Delta, &t.joined.NanoRho, &t.joined.Delta, &t.odometer.NanoRho, &t.odometer.Delta)
	if nanoRho.Valid {
		t.cap = &accountant.Cost{NanoRho: nanoRho.Int64, Delta: delta.Int64}
	}
	return revision, t, err
}

// limit is the last reading of the odometer up to which her cap lets her be
// counted; below zero if the cap is below what she carried.
func (t tally) limit() accountant.Cost {
	if t.cap == nil {
		return provider.NoLimit
	}
	return accountant.Cost{
		NanoRho: t.cap.NanoRho - t.carried.NanoRho + t.joined.NanoRho, Delta: t.cap.Delta - t.carried.Delta + t.joined.Delta,
	}
}

// lost is a bound of all that she has lost: what she carried, and what was
// charged to her class since. Every charge that counted her left the sum within
// her cap, so that it is no more than her cap either. But one that was set
// below what she carried has counted her nowhere: she still carries that.
func (t tally) lost() accountant.Cost {
	lost := accountant.Cost{
		NanoRho: t.carried.NanoRho + t.odometer.NanoRho - t.joined.NanoRho, // below 2^54: no overflow
		Delta:   t.carried.Delta + t.odometer.Delta - t.joined.Delta,
	}
	switch {
	case t.cap == nil:
		return lost
	case t.carried.NanoRho > t.cap.NanoRho || t.carried.Delta > t.cap.Delta:
		return t.carried
	}
	return accountant.Cost{NanoRho: min(lost.NanoRho, t.cap.NanoRho), Delta: min(lost.Delta, t.cap.Delta)}
}
