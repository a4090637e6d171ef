package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Finish implements [provider.Store]; ErrUnknownRequest if the request was
// never charged.
func (p *Provider) Finish(ctx context.Context, request ledger.Hash, answer ledger.SignedRelease, leaf ledger.Hash, excluded []int64, now int64) (ledger.SignedRelease, error) {
	var out ledger.SignedRelease
	document, err := ledger.Canonical(answer)
	if err != nil {
		return out, fmt.Errorf("storing an answer: %w", err)
	}
	err = p.write(ctx, "storing an answer", func(tx *sql.Tx) error {
		number, c, classes, found, err := chargedSet(ctx, tx, request)
		if err != nil {
			return err
		}
		if !found {
			return provider.ErrUnknownRequest
		}
		if c.Release != nil {
			out = *c.Release
			return nil
		}
		gone, err := noLongerPermitted(ctx, tx, c, classes, c.LastEvent, excluded, now)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			return &provider.RedoError{Excluded: gone}
		}
		if err := p.enqueue(ctx, tx, lanePublic, leaf); err != nil {
			return err
		}
		last, err := lastEvent(ctx, tx)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO releases (charge, document, last_event) VALUES (?, ?, ?)`, number, document, int64(last))
		if err != nil {
			return err
		}
		stored, err := release(ctx, tx, number)
		if err != nil {
			return err
		}
		out = *stored
		return nil
	})
	return out, err
}

// HandOver implements [provider.Store].
func (p *Provider) HandOver(ctx context.Context, request ledger.Hash, now int64) (out ledger.SignedRelease, err error) {
	err = p.write(ctx, "handing an answer over", func(tx *sql.Tx) error {
		number, c, classes, found, err := chargedSet(ctx, tx, request)
		if err != nil {
			return err
		}
		if !found || c.Release == nil {
			return provider.ErrUnknownRequest
		}
		var since uint64
		if err := tx.QueryRowContext(ctx, `SELECT last_event FROM releases WHERE charge = ?`, number).Scan(&since); err != nil {
			return err
		}
		gone, err := noLongerPermitted(ctx, tx, c, classes, since, nil, now)
		if err != nil {
			return err
		}
		if len(gone) > 0 {
			return &provider.RedoError{Excluded: gone}
		}
		out = *c.Release
		return nil
	})
	return out, err
}

// touched are the patients with an event after ?1, and those whose end lies after ?3 and not after ?4, some twice; what each was as of ?2,
// and what she is.
//
// Nothing here may ask for an order, not even UNION, which keeps each patient once: SQLite would go through all events by patient to have it. It
// seeks by the first bound that there is: were the index's own the first, it would read all whose end has ever come.
const touched = `
WITH changed (patient) AS (
	SELECT e.patient FROM events AS e WHERE e.seq > ?1
	UNION ALL
	SELECT e.patient FROM events AS e WHERE e.until > ?3 AND e.until <= ?4 AND e.until > 0
)
SELECT c.patient, coalesce(then_.class, 0), now_.class, (now_.until <> 0 AND now_.until <= ?4)
	OR coalesce(now_.seq > ?1 AND (now_.carried_nano_rho > now_.cap_nano_rho OR now_.carried_delta > now_.cap_delta), FALSE)
FROM changed AS c
LEFT JOIN events AS then_ ON then_.seq = (
	SELECT max(e.seq) FROM events AS e WHERE e.patient = c.patient AND e.seq <= ?2)
JOIN events AS now_ ON now_.seq = (
	SELECT max(e.seq) FROM events AS e WHERE e.patient = c.patient)
WHERE coalesce(then_.until, 0) = 0 OR then_.until > ?3`

// noLongerPermitted returns, in rising order, the patients of the active set
// that was charged who may not be in its answer any more and are not excluded.
//
// Only two kinds of patients can be: those with an event after since, and those
// without one whose until lies after the charge's now and not after now. Both
// are ranges of an index, so that the check costs what has changed and not what
// there is; it holds the write lock. A limit that was passed at the charge does
// not matter: an attempt that is made again, or an answer that is withheld, must
// not tell whether somebody's cap was reached.
func noLongerPermitted(ctx context.Context, tx *sql.Tx, c provider.Charged, classes classSet, since uint64, excluded []int64, now int64) ([]int64, error) {
	var gone []int64
	err := each(ctx, tx, func(r row) error {
		var patient, was, is int64
		var left bool
		err := r.Scan(&patient, &was, &is, &left)
		if classes.has(was) && (left || !classes.has(is)) {
			gone = append(gone, patient)
		}
		return err
	}, touched, int64(since), int64(c.LastEvent), c.Now, now)
	if err != nil {
		return nil, err
	}
	slices.Sort(gone)
	gone = slices.Compact(gone)
	out := make(map[int64]bool, len(excluded))
	for _, patient := range excluded {
		out[patient] = true
	}
	return slices.DeleteFunc(gone, func(patient int64) bool { return out[patient] }), nil
}
