package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Config says which file to open.
type Config struct {
	File   string       // required: made by Import
	Log    *slog.Logger // required
	Limits              // of each engine
}

// Engine counts patients in one hospital's file. It serves one caller at a time;
// others wait, or give up with their contexts.
type Engine struct {
	dataset omop.Dataset
	log     *slog.Logger
	turn    chan struct{} // held by whoever uses db
	db      *session      // nil after Close
	follows atomic.Bool
	planned planned // by Ready
	// patients is how many it follows; used by whoever has the turn.
	patients int
}

var _ provider.Engine = (*Engine)(nil)

// Open opens a file that Import made, for reading only.
func Open(ctx context.Context, c Config) (*Engine, error) {
	if c.File == "" || c.Log == nil {
		return nil, errors.New("duckdb: File and Log are required")
	}
	if _, err := os.Stat(c.File); err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	db, err := newSession(ctx, c.File, c.Limits)
	if err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	e := &Engine{log: c.Log, turn: make(chan struct{}, 1), db: db}
	if err := e.attach(ctx, c); err != nil {
		return nil, errors.Join(fmt.Errorf("open records: %w", err), db.close())
	}
	e.log.InfoContext(ctx, "records opened", "version", e.dataset.Version, "synthetic", e.dataset.Synthetic)
	return e, nil
}

// shared is how many rows a table has at least for its questions to be quicker on two threads: below it they cost half as much processor's
// time again, of which one thread spends most waiting for the other.
const shared = 1 << 20

// attach opens the file and then closes the database to everything outside.
func (e *Engine) attach(ctx context.Context, c Config) error {
	if err := e.db.exec(ctx, "attach", "ATTACH "+quote(c.File)+" AS omop (READ_ONLY)"); err != nil {
		return fmt.Errorf("%w: %w", ErrNotImported, err)
	}
	var err error
	if e.dataset, err = readDataset(ctx, e.db); err != nil {
		return err
	}
	if err := e.spare(ctx, c.Threads); err != nil {
		return err
	}
	for _, text := range []string{
		"CREATE SCHEMA medmarket",
		seats, patients, "DROP TABLE seat", // of nobody
		"CREATE TABLE medmarket.active (word BIGINT, bits BIGINT)", // of nobody, but for while a question is counted
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := e.db.exec(ctx, "prepare", text); err != nil {
			return err
		}
	}
	return nil
}

// spare takes one thread where two would not be quicker, unless so many are wanted.
func (e *Engine) spare(ctx context.Context, wanted int) error {
	var rows int64
	if err := e.db.scanRow(ctx, "prepare", "SELECT COALESCE(max(estimated_size), 0) FROM duckdb_tables() WHERE database_name = 'omop'", &rows); err != nil {
		return err
	}
	if wanted != 0 || rows >= shared {
		return nil
	}
	return e.db.exec(ctx, "prepare", "SET threads = 1")
}

// Close waits for whoever is counting, and is safe to call again.
func (e *Engine) Close() error {
	e.turn <- struct{}{}
	defer func() { <-e.turn }()
	if e.db == nil {
		return nil
	}
	err := e.db.close()
	e.db = nil
	return opaque(context.Background(), "close records", err) //nolint:forbidigo // closing is not to be cancelled
}

// Dataset describes the file.
func (e *Engine) Dataset() omop.Dataset { return e.dataset }

// Follows implements provider.Engine.
func (e *Engine) Follows() bool { return e.follows.Load() }

// Ready implements provider.Engine: nobody writes the file, but a statement may be more than the database can plan.
func (e *Engine) Ready(ctx context.Context, p dp.Plan) error {
	statement, err := omop.CountSQL(p, omop.DuckDB)
	if err != nil {
		return err
	}
	if e.planned.has(statement) {
		return nil
	}
	if err := e.explain(ctx, statement); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	e.planned.note(statement)
	return nil
}

// explain has the statement planned, for nobody.
func (e *Engine) explain(ctx context.Context, s omop.Statement) error {
	return e.use(ctx, func() error {
		return e.transaction(ctx, "ROLLBACK", func() error {
			if err := e.permit(ctx, nil); err != nil {
				return err
			}
			return e.db.each(ctx, "plan", "EXPLAIN "+s.Written(), nil, func(*sql.Rows) error { return nil })
		}, func() {})
	})
}

// use runs f when it is its turn.
func (e *Engine) use(ctx context.Context, f func() error) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-e.turn }()
	if e.db == nil {
		return os.ErrClosed
	}
	return f()
}

// Count implements provider.Engine.
func (e *Engine) Count(ctx context.Context, p dp.Plan, a provider.Active) (dp.Exact, error) {
	statement, err := omop.CountSQL(p, omop.DuckDB)
	if err != nil {
		return dp.Exact{}, err
	}
	exact, err := e.exact(ctx, p, statement, a)
	if err != nil {
		return dp.Exact{}, fmt.Errorf("count: %w", err)
	}
	return exact, nil
}

// exact runs the statement of a plan over the patients of an active set.
func (e *Engine) exact(ctx context.Context, p dp.Plan, s omop.Statement, a provider.Active) (exact dp.Exact, err error) {
	err = e.use(ctx, func() error {
		if !e.Follows() {
			return provider.ErrStale
		}
		// Rolled back, so that nothing of this request stays behind.
		return e.transaction(ctx, "ROLLBACK", func() error {
			if err := e.permit(ctx, a); err != nil {
				return err
			}
			exact, err = e.db.exact(ctx, p, s.Written())
			return err
		}, func() {})
	})
	return exact, err
}

// transaction runs f between BEGIN and end ("COMMIT" or "ROLLBACK"), then done. After an
// error everything is rolled back, also when ctx is over.
func (e *Engine) transaction(ctx context.Context, end string, f func() error, done func()) error {
	if err := e.db.exec(ctx, "begin", "BEGIN"); err != nil {
		return err
	}
	err := f()
	if err == nil {
		err = e.db.exec(context.WithoutCancel(ctx), "end", end)
	}
	if err != nil {
		if undo := e.db.exec(context.WithoutCancel(ctx), "roll back", "ROLLBACK"); undo != nil {
			e.log.WarnContext(ctx, "transaction not rolled back", "err", undo)
		}
		return err
	}
	done()
	return nil
}
