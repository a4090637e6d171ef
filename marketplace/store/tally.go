package store

import (
	"database/sql"
	"strings"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// tallyColumns are what scanTally scans, of an event and its class.
const tallyColumns = `e.revision, e.cap_nano_rho, e.cap_delta, e.carried_nano_rho, e.carried_delta, e.joined_nano_rho, e.joined_delta, c.nano_rho, c.delta`

// tallyOf selects the last revision and the tally of a patient, and more; no row before her first event.
func tallyOf(more ...string) string {
	return `
		SELECT ` + strings.Join(append([]string{tallyColumns}, more...), ", ") + `
		FROM events AS e JOIN classes AS c ON c.id = e.class
		WHERE e.patient = ?1 ORDER BY e.seq DESC LIMIT 1`
}

// scanTally scans a row of tallyOf, with what is more in it.
func scanTally(r row, more ...any) (revision uint64, t provider.Tally, err error) {
	var nanoRho, delta sql.NullInt64
	err = r.Scan(append([]any{&revision, &nanoRho, &delta, &t.Carried.NanoRho, &t.Carried.Delta, &t.Joined.NanoRho, &t.Joined.Delta,
		&t.Odometer.NanoRho, &t.Odometer.Delta}, more...)...)
	t.Cap = capOf(nanoRho, delta)
	return revision, t, err
}

// capOf is a cap of her own as it is on record; nil for NULL.
func capOf(nanoRho, delta sql.NullInt64) *accountant.Cost {
	if !nanoRho.Valid {
		return nil
	}
	return &accountant.Cost{NanoRho: nanoRho.Int64, Delta: delta.Int64}
}
