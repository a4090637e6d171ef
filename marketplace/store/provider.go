package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Provider is a hospital's store.
type Provider struct {
	*database
	*statements
	turn      chan struct{} // held by whoever writes
	crown     crown         // used by whoever writes
	odometers odometers     // likewise
	batches   batches
}

var _ provider.Store = (*Provider)(nil)

// OpenProvider opens the store of a hospital's node, makes it if there is none,
// and brings its schema up to date. Errors: ErrForeignFile, ErrExposed,
// ErrNewerFile, ErrOtherSchema; in Postgres ErrInUse, ErrVolatile and ErrPlain too.
func OpenProvider(ctx context.Context, cfg Config) (*Provider, error) {
	d, err := open(ctx, hospital, cfg)
	if err != nil {
		return nil, err
	}
	p := &Provider{database: d, turn: make(chan struct{}, 1)}
	if p.statements, err = prepare(ctx, d.writer); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the provider store: %w", err), d.Close())
	}
	secret := newSecret()
	err = p.write(ctx, "making the secret of the consent map", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO map_secret (one, secret) VALUES (1, ?) ON CONFLICT DO NOTHING`, secret[:])
		return err
	})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return p, nil
}

// write runs f in a transaction when it is its turn. Preferences that wait go first: a withdrawal waits for what is being
// written, and not for all the questions that came before it.
func (p *Provider) write(ctx context.Context, doing string, f func(*sql.Tx) error) error {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", doing, ctx.Err())
	}
	defer func() { <-p.turn }()
	p.recordWaiting(ctx)
	return p.writeInTurn(ctx, doing, f)
}

// writeInTurn is write for whoever holds the turn.
func (p *Provider) writeInTurn(ctx context.Context, doing string, f func(*sql.Tx) error) (err error) {
	committed := false // nor is it if f panics
	defer func() {
		p.crown.end(committed)
		p.odometers.end(committed)
	}()
	err = p.database.write(ctx, doing, func(tx *sql.Tx) error {
		session, err := p.session(ctx, tx)
		if err != nil {
			return err
		}
		p.crown.begin(session)
		p.odometers.begin(session)
		return f(tx)
	})
	committed = err == nil
	return err
}

// session is a number that is another one if others may have written since the last transaction.
func (p *Provider) session(ctx context.Context, tx *sql.Tx) (number int64, err error) {
	if p.owner != nil {
		return p.owner.connections(), nil
	}
	err = tx.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&number)
	return number, err
}

// Enrol implements [provider.Store].
func (p *Provider) Enrol(ctx context.Context, enrolments []provider.Enrolment, now int64) error {
	return p.write(ctx, "enrolling", func(tx *sql.Tx) error {
		insert, err := tx.PrepareContext(ctx, insertEnrolment)
		if err != nil {
			return err
		}
		defer insert.Close()
		c, err := newCommitter(ctx, tx, p)
		if err != nil {
			return err
		}
		for _, e := range enrolments {
			if err := c.admit(ctx, e.Patient); err != nil {
				return err
			}
			r, err := insert.ExecContext(ctx, e.Patient, e.Key[:])
			if err := changed(r, err, provider.ErrAlreadyEnrolled); err != nil {
				return err
			}
			if err := p.endMandates(ctx, tx, e.Patient, now); err != nil {
				return err
			}
		}
		return c.commit()
	})
}

// SetPolicy implements [provider.Store]; the first revision is 1.
func (p *Provider) SetPolicy(ctx context.Context, s ledger.SignedDocument, leaf ledger.Hash, at int64) error {
	return p.setDocument(ctx, "policies", s, leaf, at)
}

// SetProfile implements [provider.Store]; the first revision is 1.
func (p *Provider) SetProfile(ctx context.Context, s ledger.SignedDocument, leaf ledger.Hash, at int64) error {
	return p.setDocument(ctx, "profiles", s, leaf, at)
}

// setDocument writes the next revision of a steward's document.
func (p *Provider) setDocument(ctx context.Context, table string, s ledger.SignedDocument, leaf ledger.Hash, at int64) error {
	return p.write(ctx, "setting "+table, func(tx *sql.Tx) error {
		var last uint64
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(revision), 0) FROM `+table).Scan(&last); err != nil {
			return err
		}
		if s.Revision != last+1 {
			return provider.ErrStaleRevision
		}
		//nolint:gosec // the table is one of two names above
		_, err := tx.ExecContext(ctx, `INSERT INTO `+table+` (revision, content, expiry, signature, set_at) VALUES (?, ?, ?, ?, ?)`,
			int64(s.Revision), s.Content, s.Expiry, s.Signature[:], at)
		if err != nil {
			return err
		}
		return p.enqueue(ctx, tx, lanePublic, leaf)
	})
}

// Profile implements [provider.Store].
func (p *Provider) Profile(ctx context.Context) (s ledger.SignedDocument, found bool, err error) {
	err = p.read(ctx, "reading the profile", func(tx *sql.Tx) error {
		s, err = lastOf(ctx, tx, "profiles")
		found = err == nil
		return absent(err)
	})
	return s, found, err
}

// Policy implements [provider.Store].
func (p *Provider) Policy(ctx context.Context) (s ledger.SignedDocument, err error) {
	err = p.read(ctx, "reading the policy", func(tx *sql.Tx) error {
		s, err = inForce(ctx, tx)
		return err
	})
	return s, err
}

func inForce(ctx context.Context, tx *sql.Tx) (ledger.SignedDocument, error) {
	s, err := lastOf(ctx, tx, "policies")
	if errors.Is(err, sql.ErrNoRows) {
		return s, provider.ErrNoPolicy
	}
	return s, err
}

// lastOf is the latest of a steward's documents; sql.ErrNoRows.
func lastOf(ctx context.Context, tx *sql.Tx, table string) (ledger.SignedDocument, error) {
	return scanSigned(tx.QueryRowContext(ctx, `SELECT `+signedColumns+` FROM `+table+` ORDER BY revision DESC LIMIT 1`))
}

const signedColumns = `content, revision, expiry, signature`

func scanSigned(r row) (s ledger.SignedDocument, err error) {
	return s, r.Scan(&s.Content, &s.Revision, &s.Expiry, fixed(s.Signature[:]))
}

// Spent implements [provider.Store].
func (p *Provider) Spent(ctx context.Context, name string) (s accountant.Scope, err error) {
	err = p.read(ctx, "reading a scope", func(tx *sql.Tx) error {
		s, _, err = scope(ctx, tx, name)
		return err
	})
	return s, err
}

func scope(ctx context.Context, tx *sql.Tx, name string) (s accountant.Scope, found bool, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT kind, budget_nano_rho, budget_delta, budget_nano_epsilon, spent_nano_rho, spent_delta, spent_nano_epsilon FROM scopes WHERE name = ?`, name).
		Scan(&s.Kind, &s.Budget.NanoRho, &s.Budget.Delta, &s.Budget.NanoEpsilon, &s.Spent.NanoRho, &s.Spent.Delta, &s.Spent.NanoEpsilon)
	if err != nil {
		return accountant.Scope{}, false, absent(err)
	}
	return s, true, nil
}

// chargeScope writes a scope as it is after a charge. The store does not judge
// budgets, but it does not let a charge spend anything but what the scope counts of its cost, and at first, as far as its budget
// reaches, what was lost.
func chargeScope(ctx context.Context, tx *sql.Tx, charge int64, name string, after accountant.Scope, cost, lost accountant.Cost) error {
	before, found, err := scope(ctx, tx, name)
	if err != nil {
		return err
	}
	if !found && after.Spent != after.Kind.Counted(cost) {
		before.Spent = accountant.Scope{Kind: after.Kind, Budget: after.Budget}.Lose(lost).Spent
	}
	spent, err := before.Spent.Add(after.Kind.Counted(cost))
	if err != nil {
		return err
	}
	if after.Spent != spent || found && after.Kind != before.Kind {
		return fmt.Errorf("scope %q: what is spent must rise by the cost, under the same kind of accounting", name)
	}
	return setScope(ctx, tx, charge, name, after)
}

// setScope writes a scope as it is after a charge.
func setScope(ctx context.Context, tx *sql.Tx, charge int64, name string, after accountant.Scope) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO scopes (name, kind, budget_nano_rho, budget_delta, budget_nano_epsilon, spent_nano_rho, spent_delta, spent_nano_epsilon)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET
			budget_nano_rho = excluded.budget_nano_rho, budget_delta = excluded.budget_delta, budget_nano_epsilon = excluded.budget_nano_epsilon,
			spent_nano_rho = excluded.spent_nano_rho, spent_delta = excluded.spent_delta, spent_nano_epsilon = excluded.spent_nano_epsilon`,
		name, string(after.Kind), after.Budget.NanoRho, after.Budget.Delta, after.Budget.NanoEpsilon, after.Spent.NanoRho, after.Spent.Delta, after.Spent.NanoEpsilon)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO charge_scopes (charge, scope, budget_nano_rho, budget_delta, budget_nano_epsilon, spent_nano_rho, spent_delta, spent_nano_epsilon)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		charge, name, after.Budget.NanoRho, after.Budget.Delta, after.Budget.NanoEpsilon, after.Spent.NanoRho, after.Spent.Delta, after.Spent.NanoEpsilon)
	return err
}
