package store

import (
	"database/sql"
	"strings"

	"github.com/medmarket/medmarket/dp/accountant"
)

// tallyColumns are what scanTally scans, of an event.
const tallyColumns = `e.revision, e.class, e.cap_nano_rho, e.cap_delta, e.carried_nano_rho, e.carried_delta, e.joined_nano_rho, e.joined_delta`

// tallyOf selects the last revision and the tally of a patient, and more; no row before her first event.
func tallyOf(more ...string) string {
	return `
		SELECT ` + strings.Join(append([]string{tallyColumns}, more...), ", ") + `
		FROM events AS e
		WHERE e.patient = ?1 ORDER BY e.seq DESC LIMIT 1`
}

// scanTally scans a row of tallyOf, with what is more in it. What the odometer of the class reads is still to come.
func scanTally(r row, more ...any) (s standing, err error) {
	var nanoRho, delta sql.NullInt64
	t := &s.tally
	err = r.Scan(append([]any{&s.revision, &s.class, &nanoRho, &delta, &t.Carried.NanoRho, &t.Carried.Delta, &t.Joined.NanoRho, &t.Joined.Delta}, more...)...)
	t.Cap = capOf(nanoRho, delta)
	return s, err
}

// capOf is a cap of her own as it is on record; nil for NULL.
func capOf(nanoRho, delta sql.NullInt64) *accountant.Cost {
	if !nanoRho.Valid {
		return nil
	}
	return &accountant.Cost{NanoRho: nanoRho.Int64, Delta: delta.Int64}
}
