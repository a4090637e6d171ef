package store

import (
	"context"
	"database/sql"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// History implements [provider.Past].
func (p *Provider) History(ctx context.Context, key ledger.Address, after uint64) (all []provider.PastPreference, err error) {
	err = p.read(ctx, "reading a history", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, key)
		if err != nil {
			return err
		}
		all, err = collect(ctx, tx, func(r row) (h provider.PastPreference, err error) {
			d := &h.Document
			return h, r.Scan(&d.Content, &d.Revision, &d.Expiry, fixed(d.Signature[:]), &h.AsOf, &h.At)
		}, `
			SELECT content, revision, expiry, signature, as_of, recorded_at FROM events
			WHERE patient = ? AND revision > ? ORDER BY seq LIMIT ?`, patient, clamp(after), provider.MaxPast)
		return err
	})
	return all, err
}

// Exposures implements [provider.Past]. How long it takes depends on the number of
// charges and on her own events.
func (p *Provider) Exposures(ctx context.Context, key ledger.Address, after uint64) (all []provider.Exposure, err error) {
	err = p.read(ctx, "reading exposures", func(tx *sql.Tx) error {
		patient, err := patientOf(ctx, tx, key)
		if err != nil {
			return err
		}
		all, err = exposures(ctx, tx, patient, after)
		return err
	})
	return all, err
}

// ExposuresOf implements [provider.Past].
func (p *Provider) ExposuresOf(ctx context.Context, patient int64, after uint64) (all []provider.Exposure, err error) {
	err = p.read(ctx, "reading exposures", func(tx *sql.Tx) error {
		all, err = exposures(ctx, tx, patient, after)
		return err
	})
	return all, err
}

func exposures(ctx context.Context, tx *sql.Tx, patient int64, after uint64) ([]provider.Exposure, error) {
	return collect(ctx, tx, scanExposure, `
			SELECT c.request, coalesce((SELECT s.scope FROM charge_scopes AS s WHERE s.charge = c.number AND c.restored = 0 AND s.scope LIKE 'grant/%'), ''),
				c.as_of, c.now, c.nano_rho, c.delta, c.policy, coalesce(e.revision, 0),
				coalesce(e.carried_nano_rho, 0) + k.nano_rho - coalesce(e.joined_nano_rho, 0), coalesce(e.carried_delta, 0) + k.delta - coalesce(e.joined_delta, 0),
				e.cap_nano_rho, e.cap_delta, c.grounds
			FROM charges AS c
			LEFT JOIN events AS e ON e.seq = (SELECT max(l.seq) FROM events AS l WHERE l.patient = ?1 AND l.seq <= c.last_event)
			JOIN charge_classes AS k ON k.charge = c.number AND k.class = coalesce(e.class, 0)
			WHERE c.as_of > ?2 AND (e.seq IS NULL OR (e.until = 0 OR e.until > c.now) AND k.nano_rho <= e.limit_nano_rho AND k.delta <= e.limit_delta)
			ORDER BY c.number LIMIT ?3`, patient, clamp(after), provider.MaxPast)
}

func scanExposure(r row) (e provider.Exposure, err error) {
	var nanoRho, delta sql.NullInt64
	err = r.Scan(fixed(e.Request[:]), &e.Scope, &e.AsOf, &e.At, &e.Cost.NanoRho, &e.Cost.Delta, fixed(e.Policy[:]), &e.Revision,
		&e.Lost.NanoRho, &e.Lost.Delta, &nanoRho, &delta, &e.Grounds)
	e.Cap = capOf(nanoRho, delta)
	return e, err
}
