package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
)

// Refuse implements [provider.Refusals].
func (p *Provider) Refuse(ctx context.Context, r provider.KeptRefusal) error {
	return p.write(ctx, "keeping a refusal", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO refusals (decision, organisation, request, ask, policy, recheck, reasons, now, as_of, last_event, salt, grounds)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ask, policy, recheck, reasons) DO NOTHING`,
			r.Decision[:], r.Organisation[:], r.Request[:], r.Ask[:], r.Policy[:], bit(r.Recheck), codes(r.Reasons), r.Now, int64(r.AsOf), int64(r.LastEvent), r.Salt[:], append([]byte{}, r.Grounds...))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			DELETE FROM refusals WHERE number IN (
				SELECT number FROM (
					SELECT number, row_number() OVER newest AS place, sum(length(grounds)) OVER newest AS bytes
					FROM refusals WHERE organisation = ? WINDOW newest AS (ORDER BY number DESC)) AS kept
				WHERE place > ? OR place > 1 AND bytes > ?)`, r.Organisation[:], provider.MaxRefusals, provider.MaxRefusalBytes)
		return err
	})
}

// Refused implements [provider.Refusals].
func (p *Provider) Refused(ctx context.Context, name ledger.Hash) (r provider.PastRefusal, err error) {
	err = p.read(ctx, "reading a decision", func(tx *sql.Tx) error {
		var reasons string
		err := tx.QueryRowContext(ctx, `
			SELECT decision, organisation, request, ask, policy, recheck, reasons, now, as_of, last_event, salt, grounds FROM refusals
			WHERE decision = ?1 OR request = ?1 ORDER BY CASE WHEN decision = ?1 THEN 0 ELSE 1 END, number DESC LIMIT 1`, name[:]).
			Scan(fixed(r.Decision[:]), fixed(r.Organisation[:]), fixed(r.Request[:]), fixed(r.Ask[:]), fixed(r.Policy[:]), &r.Recheck, &reasons,
				&r.Now, &r.AsOf, &r.LastEvent, fixed(r.Salt[:]), &r.Grounds)
		if errors.Is(err, sql.ErrNoRows) {
			err = provider.ErrUnknownRequest
		}
		if err != nil {
			return err
		}
		for code := range strings.SplitSeq(reasons, ",") {
			r.Reasons = append(r.Reasons, policy.ReasonCode(code))
		}
		return beforeRefusal(ctx, tx, &r)
	})
	return r, err
}

// codes are reasons as they are kept.
func codes(reasons []policy.ReasonCode) string {
	all := make([]string, len(reasons))
	for i, r := range reasons {
		all[i] = string(r)
	}
	return strings.Join(all, ",")
}

// beforeRefusal adds what a refusal was decided on: all that had been charged in intervals before the one that it would have closed.
func beforeRefusal(ctx context.Context, tx *sql.Tx, r *provider.PastRefusal) (err error) {
	s := &r.Before
	s.AsOf, s.LastEvent = r.AsOf, r.LastEvent
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM charges WHERE as_of < ?`, clamp(r.AsOf)).Scan(&last); err != nil {
		return err
	}
	if s.Lost, s.LostAt, err = lost(ctx, tx, last+1); err != nil {
		return err
	}
	if s.Policy, err = policyOf(ctx, tx, r.Policy); err != nil {
		return err
	}
	s.Scopes, err = scopes(ctx, tx, `
		SELECT s.name, s.kind, c.budget_nano_rho, c.budget_delta, c.budget_nano_epsilon, c.spent_nano_rho, c.spent_delta, c.spent_nano_epsilon
		FROM scopes AS s JOIN charge_scopes AS c ON c.scope = s.name AND c.charge = (
			SELECT max(b.charge) FROM charge_scopes AS b WHERE b.scope = s.name AND b.charge <= ?)`, last)
	return err
}

// Refusals implements [provider.Refusals].
func (p *Provider) Refusals(ctx context.Context, after uint64, from, until int64) (all []provider.RefusalName, err error) {
	err = p.read(ctx, "reading refusals", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (n provider.RefusalName, err error) {
			return n, r.Scan(&n.Number, fixed(n.Refusal[:]), fixed(n.Request[:]), &n.AsOf, &n.At, &n.Recheck)
		}, `
			SELECT number, decision, request, as_of, now, recheck FROM refusals
			WHERE number > ? AND now >= ? AND now < ? ORDER BY number LIMIT ?`, clamp(after), from, until, provider.MaxPast)
		return err
	})
	return all, err
}
