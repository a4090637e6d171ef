package store

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
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

func exposures(ctx context.Context, tx *sql.Tx, patient int64, after uint64) (all []provider.Exposure, err error) {
	hers, err := classesOf(ctx, tx, patient)
	if err != nil {
		return nil, err
	}
	enough := errors.New("there are enough")
	err = each(ctx, tx, func(r row) error {
		e, in, err := scanExposure(r)
		if err != nil {
			return err
		}
		for i := range hers {
			if in.classes.has(hers[i].id) {
				hers[i].base = reading(hers[i].base, e.Cost) // what its odometer reads now
			}
		}
		i := slices.IndexFunc(hers, func(c class) bool { return c.id == in.class })
		if i < 0 || !in.classes.has(in.class) || e.AsOf <= after || !in.countable(e.At, hers[i].base) {
			return nil
		}
		e.Lost = accountant.Cost{NanoRho: in.carried.NanoRho + hers[i].base.NanoRho - in.joined.NanoRho, Delta: in.carried.Delta + hers[i].base.Delta - in.joined.Delta}
		if all = append(all, e); len(all) == provider.MaxPast {
			return enough
		}
		return nil
	}, `
		SELECT c.request, coalesce((SELECT s.scope FROM charge_scopes AS s WHERE s.charge = c.number AND c.restored = 0 AND s.scope LIKE 'grant/%'), ''),
			c.as_of, c.now, c.nano_rho, c.delta, c.policy, coalesce(e.revision, 0), e.cap_nano_rho, e.cap_delta, c.grounds,
			c.classes, coalesce(e.class, 0), coalesce(e.until, 0), coalesce(e.carried_nano_rho, 0), coalesce(e.carried_delta, 0),
			coalesce(e.joined_nano_rho, 0), coalesce(e.joined_delta, 0), coalesce(e.limit_nano_rho, ?2), coalesce(e.limit_delta, ?2)
		FROM charges AS c
		LEFT JOIN events AS e ON e.seq = (SELECT max(l.seq) FROM events AS l WHERE l.patient = ?1 AND l.seq <= c.last_event)
		ORDER BY c.number`, patient, int64(math.MaxInt64))
	if errors.Is(err, enough) {
		err = nil
	}
	return all, err
}

// classesOf are the classes that a patient was ever in, and those who were never asked.
func classesOf(ctx context.Context, tx *sql.Tx, patient int64) ([]class, error) {
	return collect(ctx, tx, func(r row) (c class, err error) {
		return c, r.Scan(&c.id, &c.base.NanoRho, &c.base.Delta)
	}, `
		SELECT id, base_nano_rho, base_delta FROM classes
		WHERE id = 0 OR id IN (SELECT e.class FROM events AS e WHERE e.patient = ?)`, patient)
}

// counted is what decides whether a charge could count a patient.
type counted struct {
	classes                classSet // that the charge permitted
	class                  int64    // that she was in, until a time or 0
	until                  int64
	carried, joined, limit accountant.Cost
}

// countable says whether she could be counted at a time, when the odometer of her class reads so.
func (c counted) countable(at int64, reads accountant.Cost) bool {
	return (c.until == 0 || c.until > at) && reads.NanoRho <= c.limit.NanoRho && reads.Delta <= c.limit.Delta
}

func scanExposure(r row) (e provider.Exposure, in counted, err error) {
	var nanoRho, delta sql.NullInt64
	err = r.Scan(fixed(e.Request[:]), &e.Scope, &e.AsOf, &e.At, &e.Cost.NanoRho, &e.Cost.Delta, fixed(e.Policy[:]), &e.Revision,
		&nanoRho, &delta, &e.Grounds, &in.classes, &in.class, &in.until, &in.carried.NanoRho, &in.carried.Delta,
		&in.joined.NanoRho, &in.joined.Delta, &in.limit.NanoRho, &in.limit.Delta)
	e.Cap = capOf(nanoRho, delta)
	return e, in, err
}
