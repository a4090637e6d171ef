package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/consent"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Extent implements [provider.Extents].
func (p *Provider) Extent(ctx context.Context) (e provider.Extent, err error) {
	err = p.read(ctx, "reading how far it has gone", func(tx *sql.Tx) error {
		e, err = extent(ctx, tx)
		return err
	})
	return e, err
}

func extent(ctx context.Context, tx *sql.Tx) (e provider.Extent, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT s.copied, s.used_nano_rho, s.used_delta, s.used_nano_epsilon, l.size, s.asked_nano_rho, s.asked_delta, s.asked_nano_epsilon, s.asked_size
		FROM standing AS s JOIN log_size AS l ON l.one = s.one`).
		Scan(&e.Copied, &e.Used.NanoRho, &e.Used.Delta, &e.Used.NanoEpsilon, &e.Used.Size,
			&e.Asked.NanoRho, &e.Asked.Delta, &e.Asked.NanoEpsilon, &e.Asked.Size)
	return e, err
}

// AskAllowance implements [provider.Extents].
func (p *Provider) AskAllowance(ctx context.Context, a ledger.Allowance) error {
	return p.write(ctx, "keeping what is asked for", func(tx *sql.Tx) error { return ask(ctx, tx, a) })
}

func ask(ctx context.Context, tx *sql.Tx, a ledger.Allowance) error {
	e, err := extent(ctx, tx)
	if err != nil {
		return err
	}
	a = a.Max(e.Asked)
	_, err = tx.ExecContext(ctx, `UPDATE standing SET asked_nano_rho = ?, asked_delta = ?, asked_nano_epsilon = ?, asked_size = ?`,
		a.NanoRho, a.Delta, a.NanoEpsilon, a.Size)
	return err
}

// use adds a cost to what all charges cost and, if it is theirs too, to the odometer of those who were never asked.
func use(ctx context.Context, tx *sql.Tx, c accountant.Cost, unasked bool) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE standing SET used_nano_rho = used_nano_rho + ?1, used_delta = used_delta + ?2, used_nano_epsilon = used_nano_epsilon + ?3,
			unasked_nano_rho = unasked_nano_rho + ?1 * ?4, unasked_delta = unasked_delta + ?2 * ?4`,
		c.NanoRho, c.Delta, c.NanoEpsilon, bit(unasked))
	return err
}

// lost is what restores have counted as spent before a charge, and when that was last.
func lost(ctx context.Context, tx *sql.Tx, charge int64) (c accountant.Cost, at int64, err error) {
	err = each(ctx, tx, func(r row) error {
		var one accountant.Cost
		err := r.Scan(&one.NanoRho, &one.Delta, &one.NanoEpsilon, &at)
		c = accountant.Cost{NanoRho: c.NanoRho + one.NanoRho, Delta: c.Delta + one.Delta, NanoEpsilon: c.NanoEpsilon + one.NanoEpsilon}
		return err
	}, `SELECT nano_rho, delta, nano_epsilon, now FROM charges WHERE restored = 1 AND number < ? ORDER BY now`, charge)
	return c, at, err
}

// Restore implements [provider.Extents]. What is missing is a charge like any, of all scopes and classes, that nobody asked.
func (p *Provider) Restore(ctx context.Context, a ledger.Allowance, at int64) (missing accountant.Cost, err error) {
	err = p.write(ctx, "counting an allowance as spent", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE standing SET copied = 0`); err != nil {
			return err
		}
		if err := ask(ctx, tx, a); err != nil {
			return err
		}
		e, err := extent(ctx, tx)
		if err != nil {
			return err
		}
		for size := e.Used.Size; size <= a.Size; size += consent.IntervalLeaves {
			if _, err := p.closeInterval(ctx, tx, at, nil); err != nil {
				return err
			}
		}
		missing = accountant.Cost{
			NanoRho: max(0, a.NanoRho-e.Used.NanoRho), Delta: max(0, a.Delta-e.Used.Delta), NanoEpsilon: max(0, a.NanoEpsilon-e.Used.NanoEpsilon),
		}
		if missing == (accountant.Cost{}) {
			return nil
		}
		return p.lose(ctx, tx, missing, at)
	})
	return missing, err
}

// lose charges a cost to every scope and every class.
func (p *Provider) lose(ctx context.Context, tx *sql.Tx, cost accountant.Cost, at int64) error {
	c := provider.Charged{Charge: provider.Charge{Cost: cost, Now: at}}
	var err error
	if c.AsOf, err = nextInterval(ctx, tx); err != nil {
		return err
	}
	if c.LastEvent, err = lastEvent(ctx, tx); err != nil {
		return err
	}
	signed, err := lastOf(ctx, tx, "policies")
	if absent(err) != nil {
		return err
	}
	c.Policy = signed.Hash()
	if err := p.odometers.load(ctx, tx); err != nil {
		return err
	}
	for _, k := range p.odometers.classes {
		is, _ := p.odometers.of(k.id)
		c.Classes = append(c.Classes, provider.Permitted{Class: uint32(k.id), Odometer: reading(is, cost)})
	}
	_, err = p.writeCharge(ctx, tx, newSecret(), c, true, func(number int64) error { return loseScopes(ctx, tx, number, cost) })
	return err
}

func loseScopes(ctx context.Context, tx *sql.Tx, charge int64, cost accountant.Cost) error {
	all, err := scopes(ctx, tx, `
		SELECT name, kind, budget_nano_rho, budget_delta, budget_nano_epsilon, spent_nano_rho, spent_delta, spent_nano_epsilon FROM scopes`)
	if err != nil {
		return err
	}
	for name, scope := range all {
		if err := setScope(ctx, tx, charge, name, scope.Lose(cost)); err != nil {
			return fmt.Errorf("scope %q: %w", name, err)
		}
	}
	return nil
}
