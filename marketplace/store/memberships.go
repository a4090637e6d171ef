package store

import (
	"context"
	"database/sql"

	"github.com/medmarket/medmarket/marketplace/provider"
)

// changedMemberships are those as of an event of whoever has one after ?2 up to ?3.
const changedMemberships = `
	SELECT c.patient, coalesce(e.class, 0), coalesce(e.until, 0), coalesce(e.limit_nano_rho, 0), coalesce(e.limit_delta, 0)
	FROM (SELECT DISTINCT patient FROM events WHERE seq > ?2 AND seq <= ?3) AS c
	LEFT JOIN events AS e ON e.seq = (SELECT max(b.seq) FROM events AS b WHERE b.patient = c.patient AND b.seq <= ?1)`

// Memberships implements [provider.Store]. What it costs depends on how many have changed.
func (p *Provider) Memberships(ctx context.Context, since, to uint64, see func(provider.Membership)) (asOf uint64, err error) {
	err = p.read(ctx, "reading memberships", func(tx *sql.Tx) error {
		last, err := lastEvent(ctx, tx)
		if err != nil {
			return err
		}
		asOf = min(to, last)
		if since == 0 {
			return memberships(ctx, tx, see, p.engine.allMemberships, clamp(asOf))
		}
		return memberships(ctx, tx, see, changedMemberships, clamp(asOf), clamp(min(since, asOf)), clamp(max(since, asOf)))
	})
	return asOf, err
}

func memberships(ctx context.Context, tx *sql.Tx, see func(provider.Membership), query string, args ...any) error {
	var m provider.Membership
	return each(ctx, tx, func(r row) error {
		if err := r.Scan(&m.Patient, &m.Class, &m.Until, &m.Limit.NanoRho, &m.Limit.Delta); err != nil {
			return err
		}
		see(m)
		return nil
	}, query, args...)
}
