package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// patience is how long a session that was told to end a transaction has for it.
const patience = 30 * time.Second

// connector opens sessions of Postgres that take the statements of this package.
type connector struct {
	driver.Connector        // pgx's
	begin            string // how their transactions begin
}

// Connect implements [driver.Connector].
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	of, ok := conn.(*stdlib.Conn)
	if !ok {
		return nil, errors.Join(errors.New("not a connection of pgx"), conn.Close())
	}
	return &session{of, c.begin}, nil
}

// session is a connection whose statements have SQLite's parameters, and whose transactions, once they have begun, end whatever
// becomes of their context: an end that is cancelled would cost the session.
type session struct {
	*stdlib.Conn
	begin string
}

// PrepareContext implements [driver.ConnPrepareContext].
func (s *session) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	return s.Conn.PrepareContext(ctx, rebind(query))
}

// ExecContext implements [driver.ExecerContext].
func (s *session) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return s.Conn.ExecContext(ctx, rebind(query), args)
}

// QueryContext implements [driver.QueryerContext].
func (s *session) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	return s.Conn.QueryContext(ctx, rebind(query), args)
}

// CheckNamedValue implements [driver.NamedValueChecker]: Postgres sees integers, texts and bytes, as SQLite does.
func (s *session) CheckNamedValue(v *driver.NamedValue) (err error) {
	v.Value, err = driver.DefaultParameterConverter.ConvertValue(v.Value)
	return err
}

// IsValid implements [driver.Validator].
func (s *session) IsValid() bool { return !s.Conn.Conn().IsClosed() }

// BeginTx implements [driver.ConnBeginTx].
func (s *session) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	if !s.IsValid() {
		return nil, driver.ErrBadConn
	}
	if _, err := s.Conn.Conn().Exec(ctx, s.begin); err != nil {
		if !s.IsValid() && ctx.Err() == nil { // nothing has begun: another session may
			err = driver.ErrBadConn
		}
		return nil, err
	}
	return transaction{context.WithoutCancel(ctx), s.Conn.Conn()}, nil
}

// transaction is one of a session.
type transaction struct {
	ctx  context.Context // which is never over
	conn *pgx.Conn
}

// Commit implements [driver.Tx].
func (t transaction) Commit() error {
	done, err := t.end(`COMMIT`)
	if err == nil && done != "COMMIT" { // a statement had failed
		err = pgx.ErrTxCommitRollback
	}
	return err
}

// Rollback implements [driver.Tx].
func (t transaction) Rollback() error {
	_, err := t.end(`ROLLBACK`)
	return err
}

// end says how it ended. If nobody knows, the session ends with it, and with the session what is left of the transaction.
func (t transaction) end(how string) (done string, err error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	tag, err := t.conn.Exec(ctx, how)
	if err != nil && t.conn.PgConn().TxStatus() != 'I' {
		err = errors.Join(err, t.conn.Close(ctx))
	}
	return tag.String(), err
}

// rebind writes SQLite's parameters as Postgres does: ?2 is $2, and ? the one after the greatest before it. No statement has a
// question mark that means something else.
func rebind(query string) string {
	if !strings.Contains(query, "?") {
		return query
	}
	var out strings.Builder
	for last := 0; ; {
		before, after, found := strings.Cut(query, "?")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		query = strings.TrimLeft(after, "0123456789")
		number, err := strconv.Atoi(after[:len(after)-len(query)])
		if err != nil { // there is none
			number = last + 1
		}
		last = max(last, number)
		out.WriteString("$" + strconv.Itoa(number))
	}
}
