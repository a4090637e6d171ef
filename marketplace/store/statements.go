package store

import (
	"context"
	"database/sql"
	"fmt"
)

// statements are what every change of a preference, every enrolment and every pointer runs, prepared once for the connection that writes.
type statements struct {
	patient, hasKey, last, many, class, newClass *sql.Stmt // of a recorder
	admit, below, belowAll, revoke               *sql.Stmt
	events, nodes, queue                         rows
	indexLeaves, pointers                        rows
}

// prepare prepares them. They end with db.
func prepare(ctx context.Context, db *sql.DB) (*statements, error) {
	s := new(statements)
	return s, prepareAll(ctx, db, []wanted{
		{&s.patient, `SELECT patient FROM enrolments WHERE key = ?`},
		{&s.hasKey, patientHasKey},
		{&s.last, tallyOf(earlierOf)},
		{&s.many, standingsOf},
		{&s.class, `SELECT id, place FROM classes WHERE hash = ?`},
		{&s.newClass, `
			INSERT INTO classes (id, hash, document, place, since, base_nano_rho, base_delta)
			VALUES ((SELECT coalesce(max(id), 0) + 1 FROM classes), ?, ?, ?, ?, ?, ?)
			ON CONFLICT (place) DO NOTHING RETURNING id, place, base_nano_rho, base_delta`},
		{&s.events.one, insertEvents(1)}, {&s.events.many, insertEvents(atOnce)},
		{&s.admit, `INSERT INTO patients (patient, as_of, entry_salt) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`},
		{&s.below, belowDeep},
		{&s.belowAll, belowMany},
		{&s.nodes.one, insertNodes(1)}, {&s.nodes.many, insertNodes(atOnce)},
		{&s.revoke, `UPDATE mandates SET revoked = ?1 WHERE patient = ?2 AND revoked IS NULL AND until > ?1 RETURNING ` + mandateColumns},
		{&s.queue.one, insertLeaves(1)}, {&s.queue.many, insertLeaves(atOnce)},
		{&s.indexLeaves.one, insertIndexLeaves(1)}, {&s.indexLeaves.many, insertIndexLeaves(atOnce)},
		{&s.pointers.one, insertPointers(1)}, {&s.pointers.many, insertPointers(atOnce)},
	})
}

// wanted is a statement to be prepared.
type wanted struct {
	into  **sql.Stmt
	query string
}

// preparer is a [sql.DB] or a [sql.Tx], with which statements end.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func prepareAll(ctx context.Context, p preparer, all []wanted) error {
	for _, one := range all {
		var err error
		if *one.into, err = p.PrepareContext(ctx, one.query); err != nil { //nolint:sqlclosecheck // they end with p
			return fmt.Errorf("preparing %q: %w", one.query, err)
		}
	}
	return nil
}

// bound is a statement within a transaction, with which it ends.
type bound struct{ *sql.Stmt }

func within(ctx context.Context, tx *sql.Tx, s *sql.Stmt) bound { return bound{tx.StmtContext(ctx, s)} }

// eventColumns is how many values there are of an event.
const eventColumns = 20

// No event is ever deleted, so that seq rises.
func insertEvents(n int) string {
	return `
		INSERT INTO events (patient, as_of, class, until, cap_nano_rho, cap_delta, carried_nano_rho, carried_delta,
			joined_nano_rho, joined_delta, limit_nano_rho, limit_delta, recorded_at,
			content, revision, expiry, signature, salt, entry_salt, steward)
		VALUES ` + tuples(n, eventColumns)
}

func insertNodes(n int) string {
	return `INSERT INTO map_nodes (depth, prefix, version, hash, patient) VALUES ` + tuples(n, 5) + `
		ON CONFLICT (depth, prefix, version) DO UPDATE SET hash = excluded.hash, patient = excluded.patient`
}

func insertLeaves(n int) string {
	return `INSERT INTO unpublished (lane, number, leaf) VALUES ` + tuples(n, 3)
}

// atOnce is how many rows a statement for many takes.
const atOnce = 16

// rows inserts rows into a table: to run a statement costs about what a row costs.
type rows struct{ one, many *sql.Stmt }

// insert inserts n rows, whose values are one after another.
func (r rows) insert(ctx context.Context, tx *sql.Tx, n int, values []any) error {
	columns := len(values) / max(n, 1)
	one, many := within(ctx, tx, r.one), within(ctx, tx, r.many)
	for n > 0 {
		put, rows := one, 1
		if n >= atOnce {
			put, rows = many, atOnce
		}
		if _, err := put.ExecContext(ctx, values[:rows*columns]...); err != nil {
			return err
		}
		n, values = n-rows, values[rows*columns:]
	}
	return nil
}
