package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Charge implements [provider.Store]. decide runs inside the transaction, so
// it must not write (that would wait for itself until ctx ends)
// and should not wait for anything else. Whatever error it returns is wrapped.
func (p *Provider) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	var out provider.Charged
	err := p.write(ctx, "charging", func(tx *sql.Tx) error {
		_, onRecord, found, err := charged(ctx, tx, request)
		if err != nil {
			return err
		}
		if found {
			out = onRecord
			return nil
		}
		s, err := p.snapshot(ctx, tx)
		if err != nil {
			return err
		}
		c := provider.Charged{AsOf: s.AsOf, LastEvent: s.LastEvent} // decide may scribble on s
		if c.Charge, err = decide(s); err != nil {
			return err
		}
		slices.SortFunc(c.Classes, func(a, b provider.Permitted) int { return cmp.Compare(a.Class, b.Class) })
		if err := drawEscrow(ctx, tx, c.Drawing); err != nil {
			return err
		}
		end, err := p.writeCharge(ctx, tx, request, c, false, func(number int64) error {
			for name, after := range c.Scopes {
				if err := chargeScope(ctx, tx, number, name, after, c.Cost, s.Lost); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		c.Root, c.MapRoot = end.root, end.MapRoot
		out, out.Drawing, out.Salt, out.Grounds = c, provider.Drawing{Work: c.Drawing.Work}, ledger.Hash{}, nil
		return nil
	})
	if err != nil {
		return provider.Charged{}, err
	}
	return out, nil
}

// writeCharge writes a charge, with its scopes as charge does, and closes the interval that commits to the odometers that it has moved.
func (p *Provider) writeCharge(ctx context.Context, tx *sql.Tx, request ledger.Hash, c provider.Charged, restored bool, charge func(number int64) error) (end interval, err error) {
	moved, err := p.odometers.charge(c)
	if err != nil {
		return end, err
	}
	number, err := insertCharge(ctx, tx, request, c, moved, restored)
	if err != nil {
		return end, err
	}
	if err := p.odometers.keep(ctx, tx, number); err != nil {
		return end, err
	}
	if err := use(ctx, tx, c.Cost, moved.has(0)); err != nil {
		return end, err
	}
	if err := charge(number); err != nil {
		return end, err
	}
	if end, err = p.closeInterval(ctx, tx, c.Now, moved); err != nil {
		return end, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE charges SET root = ? WHERE number = ?`, end.root[:], number)
	return end, err
}

// drawEscrow adds a charge's price to what its researcher's charges have drawn; ErrNoCredit.
func drawEscrow(ctx context.Context, tx *sql.Tx, d provider.Drawing) error {
	if d == (provider.Drawing{}) {
		return nil
	}
	if d.Work < 0 {
		return errNegative
	}
	var drawn int64
	err := tx.QueryRowContext(ctx, `
		INSERT INTO drawn (researcher, marketplace, work) VALUES (?, ?, ?)
		ON CONFLICT (researcher, marketplace) DO UPDATE SET work = drawn.work + excluded.work RETURNING work`,
		d.Researcher[:], d.Marketplace[:], d.Work).Scan(&drawn)
	if err == nil && drawn > d.Escrow {
		err = provider.ErrNoCredit
	}
	return err
}

// Look implements [provider.Store].
func (p *Provider) Look(ctx context.Context, researcher, marketplace ledger.Address) (s provider.Snapshot, drawn int64, err error) {
	err = p.read(ctx, "looking what has been charged", func(tx *sql.Tx) error {
		if s, err = withoutClasses(ctx, tx); err != nil {
			return err
		}
		err := tx.QueryRowContext(ctx, `SELECT work FROM drawn WHERE researcher = ? AND marketplace = ?`, researcher[:], marketplace[:]).Scan(&drawn)
		return absent(err)
	})
	return s, drawn, err
}

func (p *Provider) snapshot(ctx context.Context, tx *sql.Tx) (s provider.Snapshot, err error) {
	if s, err = withoutClasses(ctx, tx); err != nil {
		return s, err
	}
	if err := p.odometers.load(ctx, tx); err != nil {
		return s, err
	}
	s.Classes = asCharged(p.odometers.classes, p.odometers.totals)
	return s, nil
}

// asCharged are classes with their odometers, but for those who were never asked.
func asCharged(classes []class, t totals) []provider.Class {
	all := make([]provider.Class, 0, len(classes))
	for _, c := range classes {
		if c.id > 0 {
			all = append(all, provider.Class{ID: uint32(c.id), Base: c.base, Odometer: reading(c.base, t.of(c.id))})
		}
	}
	return all
}

// withoutClasses is a snapshot but for its classes, of which there may be many.
func withoutClasses(ctx context.Context, tx *sql.Tx) (s provider.Snapshot, err error) {
	if s.Policy, err = inForce(ctx, tx); err != nil {
		return s, err
	}
	if s.AsOf, err = nextInterval(ctx, tx); err != nil {
		return s, err
	}
	if s.LastEvent, err = lastEvent(ctx, tx); err != nil {
		return s, err
	}
	if s.Lost, s.LostAt, err = lost(ctx, tx, math.MaxInt64); err != nil {
		return s, err
	}
	err = tx.QueryRowContext(ctx, `SELECT used_nano_rho, used_delta, used_nano_epsilon, unasked_nano_rho, unasked_delta FROM standing`).
		Scan(&s.Used.NanoRho, &s.Used.Delta, &s.Used.NanoEpsilon, &s.Unasked.NanoRho, &s.Unasked.Delta)
	if err != nil {
		return s, err
	}
	s.Scopes, err = scopes(ctx, tx, `
		SELECT name, kind, budget_nano_rho, budget_delta, budget_nano_epsilon, spent_nano_rho, spent_delta, spent_nano_epsilon FROM scopes`)
	return s, err
}

// scopes collects a query of name, kind, budget and spent.
func scopes(ctx context.Context, tx *sql.Tx, query string, args ...any) (map[string]accountant.Scope, error) {
	all := map[string]accountant.Scope{}
	_, err := collect(ctx, tx, func(r row) (name string, err error) {
		var s accountant.Scope
		err = r.Scan(&name, &s.Kind, &s.Budget.NanoRho, &s.Budget.Delta, &s.Budget.NanoEpsilon, &s.Spent.NanoRho, &s.Spent.Delta, &s.Spent.NanoEpsilon)
		all[name] = s
		return name, err
	}, query, args...)
	return all, err
}

// insertCharge writes a charge. The root of the log and scopes are still to come.
func insertCharge(ctx context.Context, tx *sql.Tx, request ledger.Hash, c provider.Charged, classes classSet, restored bool) (number int64, err error) {
	err = tx.QueryRowContext(ctx, `
		INSERT INTO charges (request, ask, nano_rho, delta, nano_epsilon, work, policy, now, as_of, root, last_event, decision, salt, grounds, restored, classes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
		request[:], c.Ask[:], c.Cost.NanoRho, c.Cost.Delta, c.Cost.NanoEpsilon, c.Drawing.Work, c.Policy[:], c.Now, int64(c.AsOf), c.Root[:], int64(c.LastEvent),
		c.Decision[:], c.Salt[:], append([]byte{}, c.Grounds...), bit(restored), append([]byte{}, classes...)).
		Scan(&number)
	return number, err
}

// AllClasses implements [provider.Store].
func (p *Provider) AllClasses(ctx context.Context) (all []uint32, err error) {
	err = p.read(ctx, "reading which classes there are", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (id uint32, err error) {
			err = r.Scan(&id)
			return id, err
		}, `SELECT id FROM classes WHERE id > 0 ORDER BY id`)
		return err
	})
	return all, err
}

// Documents implements [provider.Store].
func (p *Provider) Documents(ctx context.Context, classes []uint32, see func(uint32, []byte) error) error {
	ids, err := json.Marshal(classes)
	if err != nil {
		return fmt.Errorf("reading documents of classes: %w", err)
	}
	return p.read(ctx, "reading documents of classes", func(tx *sql.Tx) error {
		return each(ctx, tx, func(r row) error {
			var id uint32
			var document []byte
			if err := r.Scan(&id, &document); err != nil {
				return err
			}
			return see(id, document)
		}, `SELECT id, document FROM classes WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(CAST(? AS TEXT)))`, string(ids))
	})
}

// Charged implements [provider.Store]. Classes are in rising order.
func (p *Provider) Charged(ctx context.Context, request ledger.Hash) (c provider.Charged, found bool, err error) {
	err = p.read(ctx, "reading a charge", func(tx *sql.Tx) error {
		_, c, found, err = charged(ctx, tx, request)
		return err
	})
	return c, found, err
}

// charged is a charge on record.
func charged(ctx context.Context, tx *sql.Tx, request ledger.Hash) (number int64, c provider.Charged, found bool, err error) {
	number, c, classes, found, err := chargedSet(ctx, tx, request)
	if err != nil || !found {
		return number, c, false, err
	}
	t, _, err := totalsAt(ctx, tx, number)
	if err != nil {
		return number, c, false, err
	}
	all, err := classesFrom(ctx, tx, 0, math.MaxInt64)
	if err != nil {
		return number, c, false, err
	}
	for _, k := range all {
		if classes.has(k.id) {
			c.Classes = append(c.Classes, provider.Permitted{Class: uint32(k.id), Odometer: reading(k.base, t.of(k.id))})
		}
	}
	return number, c, true, nil
}

// chargedSet is charged, with its classes apart and without what their odometers read.
func chargedSet(ctx context.Context, tx *sql.Tx, request ledger.Hash) (number int64, c provider.Charged, classes classSet, found bool, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT c.number, c.ask, c.nano_rho, c.delta, c.nano_epsilon, c.work, c.policy, c.now, c.as_of, c.root, i.map_root, c.last_event, c.decision, c.classes
		FROM charges AS c JOIN intervals AS i ON i.number = c.as_of / 64 WHERE c.request = ?`, request[:]).
		Scan(&number, fixed(c.Ask[:]), &c.Cost.NanoRho, &c.Cost.Delta, &c.Cost.NanoEpsilon, &c.Drawing.Work, fixed(c.Policy[:]), &c.Now, &c.AsOf, fixed(c.Root[:]),
			fixed(c.MapRoot[:]), &c.LastEvent, fixed(c.Decision[:]), &classes)
	if err != nil {
		return 0, provider.Charged{}, nil, false, absent(err)
	}
	c.Scopes, err = scopes(ctx, tx, `
		SELECT s.name, s.kind, c.budget_nano_rho, c.budget_delta, c.budget_nano_epsilon, c.spent_nano_rho, c.spent_delta, c.spent_nano_epsilon
		FROM charge_scopes AS c JOIN scopes AS s ON s.name = c.scope WHERE c.charge = ?`, number)
	if err != nil {
		return 0, c, nil, false, err
	}
	c.Release, err = release(ctx, tx, number)
	return number, c, classes, err == nil, err
}

// release returns the stored answer of a charge, nil if there is none.
func release(ctx context.Context, tx *sql.Tx, charge int64) (*ledger.SignedRelease, error) {
	var document []byte
	err := tx.QueryRowContext(ctx, `SELECT document FROM releases WHERE charge = ?`, charge).Scan(&document)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := new(ledger.SignedRelease)
	if err := json.Unmarshal(document, r); err != nil {
		return nil, fmt.Errorf("answer on record: %w", err)
	}
	return r, nil
}
