package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Engine counts patients in one hospital's database. It serves one caller at a time;
// others wait, or give up with their contexts. It connects again when it has to, and follows nobody then.
type Engine struct {
	cfg     Config
	dataset omop.Dataset
	log     *slog.Logger
	holder  string        // tells its table of patients from others
	turn    chan struct{} // held by whoever uses db
	db      *session      // nil after Close, or when the connection was lost
	closed  bool
	follows atomic.Bool
	// patients is how many it follows; used by whoever has the turn.
	patients int
}

var _ provider.Engine = (*Engine)(nil)

// Open opens the records that Prepare made ready: ErrNotPrepared, ErrChanged, ErrWritten, ErrInUse or ErrPlain if it cannot.
func Open(ctx context.Context, c Config) (*Engine, error) {
	e := &Engine{cfg: c, log: c.Log, holder: rand.Text(), turn: make(chan struct{}, 1)}
	var err error
	if e.db, err = connect(ctx, c); err != nil {
		return nil, fmt.Errorf("open records: %w", err)
	}
	if err := e.describe(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open records: %w", err), e.db.close())
	}
	e.log.InfoContext(ctx, "records opened", "version", e.dataset.Version, "synthetic", e.dataset.Synthetic)
	return e, nil
}

func (e *Engine) describe(ctx context.Context) error {
	err := e.db.transaction(ctx, "READ ONLY", func() error {
		var f, year int64
		d := &e.dataset
		err := e.db.row(ctx, "read description", "SELECT format, version, synthetic, reference_year FROM medmarket.prepared", nil,
			&f, &d.Version, &d.Synthetic, &year)
		if ctx.Err() == nil && (err != nil || f != format) {
			return ErrNotPrepared
		}
		d.ReferenceYear = int(year)
		return err
	})
	if err != nil {
		return err
	}
	return e.db.transaction(ctx, "READ ONLY", func() error { return e.unchanged(ctx) })
}

// unchanged fails with ErrChanged unless the records are those that were opened, as they were prepared, and with
// ErrWritten while that cannot be told.
func (e *Engine) unchanged(ctx context.Context) error {
	mark, err := e.db.mark(ctx)
	if err != nil {
		return err
	}
	var same bool
	err = e.db.row(ctx, "look for changes", "SELECT EXISTS (SELECT 1 FROM medmarket.prepared AS p WHERE p.version = $1 AND p.mark = $2)",
		[]any{e.dataset.Version, mark}, &same)
	if err != nil {
		return err
	}
	if !same {
		return ErrChanged
	}
	return nil
}

// Unchanged looks, by a connection of its own, whether the records are as they were prepared: ErrChanged, ErrWritten. It waits
// for nobody who counts, so that it tells nothing of questions.
func (e *Engine) Unchanged(ctx context.Context) error {
	db, err := dial(ctx, e.cfg)
	if err != nil {
		return err
	}
	looking := &Engine{dataset: e.dataset, db: db}
	return errors.Join(db.transaction(ctx, "READ ONLY", func() error { return looking.unchanged(ctx) }), db.close())
}

// Close waits for whoever is counting, and is safe to call again.
func (e *Engine) Close() error {
	e.turn <- struct{}{}
	defer func() { <-e.turn }()
	e.closed = true
	if e.db == nil {
		return nil
	}
	err := e.db.close()
	e.db = nil
	return err
}

// Dataset describes the records.
func (e *Engine) Dataset() omop.Dataset { return e.dataset }

// Follows implements provider.Engine: not any more after the table of patients was lost.
func (e *Engine) Follows() bool { return e.follows.Load() }

// Ready implements provider.Engine: ErrChanged after a change of the records, ErrWritten during one.
func (e *Engine) Ready(ctx context.Context, p dp.Plan) error {
	statement, err := omop.CountSQL(p, omop.Postgres)
	if err != nil {
		return err
	}
	err = e.use(ctx, "READ ONLY", func() error {
		return e.db.each(ctx, "plan", "EXPLAIN "+statement.Text, statement.Bound(omop.Words(nil, e.patients)), func(func(...any) error) (bool, error) { return true, nil })
	}, func() {})
	if err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	return nil
}

// use runs f in one snapshot of unchanged records when it is its turn, connected, and done once what f did is there to stay
// and the records, looked at anew, are unchanged still.
func (e *Engine) use(ctx context.Context, mode string, f func() error, done func()) error {
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-e.turn }()
	if e.closed {
		return os.ErrClosed
	}
	if e.db == nil {
		var err error
		if e.db, err = connect(ctx, e.cfg); err != nil {
			e.db = nil
			return err
		}
	}
	err := e.db.transaction(ctx, mode, func() error {
		if err := e.unchanged(ctx); err != nil {
			return err
		}
		return f()
	})
	if err == nil {
		err = e.db.transaction(ctx, "READ ONLY", func() error { return e.unchanged(ctx) })
	}
	switch {
	case err == nil:
		done()
	case errors.Is(err, ErrWritten):
		e.log.WarnContext(ctx, "records are being written: nothing is counted meanwhile")
	case errors.Is(err, ErrChanged):
		e.log.ErrorContext(ctx, "records may have changed since they were prepared: nothing is counted until they are prepared again")
	}
	if e.db.conn.IsClosed() {
		e.db = nil
		e.lost()
	}
	return err
}

// lost is that the table of patients is not there any more.
func (e *Engine) lost() { e.follows.Store(false) }
