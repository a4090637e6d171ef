package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
)

// maxIdle is how many statements a connection keeps; there are fewer texts than that, but for those with lists in them.
const maxIdle = 256

// openFile opens connections to SQLite that keep the statements that they have prepared: parsing one takes longer than most of what the
// stores do with it. (Postgres's driver keeps them as well.)
func openFile(source string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(keeping{db.Driver(), source}), db.Close()
}

// keeping makes connections that keep statements.
type keeping struct {
	driver driver.Driver
	source string
}

// Driver implements [driver.Connector].
func (k keeping) Driver() driver.Driver { return k.driver }

// Connect implements [driver.Connector].
func (k keeping) Connect(context.Context) (driver.Conn, error) {
	c, err := k.driver.Open(k.source)
	if err != nil {
		return nil, err
	}
	able, ok := c.(connection)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a connection of SQLite's driver is a %T", c), c.Close())
	}
	return &keeper{connection: able, idle: map[string]driver.Stmt{}}, nil
}

// connection is what SQLite's connections can do.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeper is a connection with the statements that it keeps, none of which is running. As any of database/sql's it is used by one
// goroutine at a time.
type keeper struct {
	connection
	idle map[string]driver.Stmt // by its text
}

// take is a statement that nobody uses.
func (k *keeper) take(ctx context.Context, text string) (driver.Stmt, error) {
	if s, found := k.idle[text]; found {
		delete(k.idle, text)
		return s, nil
	}
	return k.PrepareContext(ctx, text)
}

// give keeps a statement, unless there is one of that text: one was opened while the other still had rows.
func (k *keeper) give(text string, s driver.Stmt) error {
	if _, found := k.idle[text]; found {
		return s.Close()
	}
	if len(k.idle) >= maxIdle {
		if err := k.forget(); err != nil {
			return errors.Join(err, s.Close())
		}
	}
	k.idle[text] = s
	return nil
}

// forget closes all that are kept.
func (k *keeper) forget() error {
	var errs []error
	for text, s := range k.idle {
		errs = append(errs, s.Close())
		delete(k.idle, text)
	}
	return errors.Join(errs...)
}

// ExecContext implements [driver.ExecerContext]. A statement that failed is not kept.
func (k *keeper) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	done, err := s.(driver.StmtExecContext).ExecContext(ctx, args)
	if err != nil {
		_ = s.Close() // says again what failed
		return nil, err
	}
	return done, k.give(text, s)
}

// QueryContext implements [driver.QueryerContext]. The statement is kept once its rows are closed.
func (k *keeper) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.take(ctx, text)
	if err != nil {
		return nil, err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return &keptRows{rows, k, text, s}, nil
}

// Close implements [driver.Conn].
func (k *keeper) Close() error { return errors.Join(k.forget(), k.connection.Close()) }

// keptRows are the rows of a statement that goes back to its keeper.
type keptRows struct {
	driver.Rows
	keeper *keeper
	text   string
	stmt   driver.Stmt
}

// Close implements [driver.Rows].
func (r *keptRows) Close() error {
	if err := r.Rows.Close(); err != nil {
		_ = r.stmt.Close()
		return err
	}
	return r.keeper.give(r.text, r.stmt)
}
