package store

import (
	"context"
	"database/sql"
)

// PanicEntering enters a patient into the map and panics before it is committed.
func (p *Provider) PanicEntering(ctx context.Context, patient int64) error {
	return p.write(ctx, "panicking", func(tx *sql.Tx) error {
		if err := p.enter(ctx, tx, patient); err != nil {
			return err
		}
		panic("in a transaction")
	})
}

// Break has whoever writes panic until it is mended. Nobody may be writing.
func (p *Provider) Break() (mend func()) {
	w := p.writer
	p.writer = nil
	return func() { p.writer = w }
}

// PlanOfRecheck is how SQLite looks for whom an answer may not have any more.
func (p *Provider) PlanOfRecheck(ctx context.Context) (steps []string, err error) {
	err = p.read(ctx, "planning", func(tx *sql.Tx) error {
		return each(ctx, tx, func(r row) error {
			var id, parent, unused int64
			var step string
			err := r.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}, "EXPLAIN QUERY PLAN "+touched, 1, 1, 1, 1)
	})
	return steps, err
}

// Waiting is how many callers of Record wait for their turn.
func (p *Provider) Waiting() int {
	p.batches.mu.Lock()
	defer p.batches.mu.Unlock()
	return len(p.batches.waiting)
}

// Count is a number that a query finds, which has SQLite's parameters on either engine.
func (p *Provider) Count(ctx context.Context, query string, args ...any) (n int, err error) {
	err = p.read(ctx, "counting", func(tx *sql.Tx) error { return tx.QueryRowContext(ctx, query, args...).Scan(&n) })
	return n, err
}

// Execute runs statements behind the store's back, but on its connection.
func (d *database) Execute(ctx context.Context, statements string, args ...any) error {
	_, err := d.writer.ExecContext(ctx, statements, args...)
	return err
}

// Down undoes all migrations.
func (p *Provider) Down(ctx context.Context) error { return down(ctx, p.database, hospital) }

// Up makes all migrations.
func (p *Provider) Up(ctx context.Context) error { return up(ctx, p.database, hospital) }

// Down undoes all migrations.
func (m *Market) Down(ctx context.Context) error { return down(ctx, m.database, market) }

// Up makes all migrations.
func (m *Market) Up(ctx context.Context) error { return up(ctx, m.database, market) }

func down(ctx context.Context, d *database, k kind) error {
	p, _, err := d.engine.migrations(k, d.writer)
	if err == nil {
		_, err = p.DownTo(ctx, 0)
	}
	return err
}

func up(ctx context.Context, d *database, k kind) error {
	_, err := d.engine.migrate(ctx, k, d.writer)
	return err
}

// Elsewhere has the store believe that it was opened on another server.
func (p *Provider) Elsewhere() {
	p.owner.mu.Lock()
	defer p.owner.mu.Unlock()
	p.owner.server = "another"
}

// Rebind is rebind.
var Rebind = rebind

// Columns are the tables and columns of a store, each with whether it may be NULL, in order.
func (d *database) Columns(ctx context.Context) (all []string, err error) {
	query := `
		SELECT c.table_name || '.' || c.column_name || CASE c.is_nullable WHEN 'YES' THEN ' NULL' ELSE '' END FROM information_schema.columns AS c
		WHERE c.table_schema = current_schema() AND c.table_name NOT IN ('store', 'goose_db_version') ORDER BY c.table_name COLLATE "C", c.ordinal_position`
	if d.engine == inFile {
		query = `
			SELECT t.name || '.' || c.name || CASE WHEN c."notnull" + c.pk = 0 THEN ' NULL' ELSE '' END
			FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
			WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name <> 'goose_db_version' ORDER BY t.name, c.cid`
	}
	err = d.read(ctx, "reading the schema", func(tx *sql.Tx) error {
		all, err = collect(ctx, tx, func(r row) (line string, err error) {
			err = r.Scan(&line)
			return line, err
		}, query)
		return err
	})
	return all, err
}
