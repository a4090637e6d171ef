package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
)

// Config says which database to use, and how.
type Config struct {
	Connection string       // required, secret: libpq's words or a URL
	Log        *slog.Logger // required
	Limits
}

// Limits bound what a statement may use.
type Limits struct {
	WorkMem   string        // Postgres's work_mem, of each step of a statement; default "64MB"
	Statement time.Duration // of a statement whose context sets none; default an hour
}

// patience is how long a cancelled statement has to end before its connection is given up.
const patience = 5 * time.Second

// connection reads the configuration and lays down what sessions have in common.
func (c *Config) connection() (*pgx.ConnConfig, error) {
	if c.Connection == "" || c.Log == nil {
		return nil, errors.New("postgres: Connection and Log are required")
	}
	if c.WorkMem == "" {
		c.WorkMem = "64MB"
	}
	if c.Statement == 0 {
		c.Statement = time.Hour
	}
	cfg, err := pgx.ParseConfig(c.Connection)
	if err != nil {
		return nil, errors.New("postgres: Connection is neither libpq's words nor a URL") // err repeats some of it
	}
	if !private(cfg) {
		return nil, ErrPlain
	}
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // plans are made for the values
	cfg.BuildContextWatcherHandler = func(p *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: p, DeadlineDelay: patience}
	}
	for name, value := range map[string]string{
		"application_name": "medmarket",
		"search_path":      "pg_catalog, pg_temp", // nobody's functions stand in for Postgres's own
		"timezone":         "UTC",
		"work_mem":         c.WorkMem,
		"jit":              "off", // it would compile long statements for seconds
	} {
		cfg.RuntimeParams[name] = value
	}
	return cfg, nil
}

// private reports whether nothing would be sent in the clear to another machine.
func private(cfg *pgx.ConnConfig) bool {
	local := func(host string) bool {
		ip := net.ParseIP(host)
		return strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback()
	}
	if cfg.TLSConfig == nil && !local(cfg.Host) {
		return false
	}
	for _, f := range cfg.Fallbacks {
		if f.TLSConfig == nil && !local(f.Host) {
			return false
		}
	}
	return true
}

// lock is the number of the advisory lock that whoever uses schema medmarket holds.
const lock = 0x6d65646d61726b74

// lockNotAvailable is the SQLSTATE of a lock that was waited for in vain.
const lockNotAvailable = "55P03"

// session is one connection that holds the lock.
type session struct {
	conn      *pgx.Conn
	log       *slog.Logger
	statement time.Duration
}

func connect(ctx context.Context, c Config) (*session, error) {
	s, err := dial(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// dial opens a session beside whoever holds the lock.
func dial(ctx context.Context, c Config) (*session, error) {
	cfg, err := c.connection()
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err) // no record was read yet, and no password is in it
	}
	return &session{conn: conn, log: c.Log, statement: c.Statement}, nil
}

// lock waits a little, since a connection that was lost may hold it still.
func (s *session) lock(ctx context.Context) error {
	if err := s.exec(ctx, "lock", "SET lock_timeout = '1s'"); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lock))
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == lockNotAvailable {
		return ErrInUse
	}
	if err != nil {
		return opaque(ctx, "lock", err)
	}
	return s.exec(ctx, "lock", "RESET lock_timeout")
}

// close gives up the lock first: the server ends a session when it gets round to it.
func (s *session) close() error {
	if s.conn.IsClosed() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience) //nolint:forbidigo // closing is not to be cancelled
	defer cancel()
	return errors.Join(s.exec(ctx, "unlock", "SELECT pg_advisory_unlock_all()"), opaque(ctx, "close", s.conn.Close(ctx)))
}

func (s *session) exec(ctx context.Context, op, text string, args ...any) error {
	_, err := s.conn.Exec(ctx, text, args...)
	return opaque(ctx, op, err)
}

// row reads the only row of a query.
func (s *session) row(ctx context.Context, op, text string, args []any, dest ...any) error {
	return opaque(ctx, op, s.conn.QueryRow(ctx, text, args...).Scan(dest...))
}

// each reads the rows of a query; f scans one, and goes on while it returns true.
func (s *session) each(ctx context.Context, op, text string, args []any, f func(scan func(...any) error) (bool, error)) error {
	rows, err := s.conn.Query(ctx, text, args...)
	if err != nil {
		return opaque(ctx, op, err)
	}
	defer rows.Close() // rows.Err says what went wrong
	for rows.Next() {
		more, err := f(rows.Scan)
		if err != nil {
			return opaque(ctx, op, err)
		}
		if !more {
			return nil
		}
	}
	return opaque(ctx, op, rows.Err())
}

// transaction runs f in one snapshot, and undoes it after an error, also when ctx is over. Its mode is
// "READ ONLY" or "READ WRITE". Should the context's end not reach the server, its own timeout does.
func (s *session) transaction(ctx context.Context, mode string, f func() error) error {
	limit := s.statement
	if at, ok := ctx.Deadline(); ok {
		limit = min(limit, max(0, time.Until(at))+patience)
	}
	if err := s.exec(ctx, "begin", "BEGIN ISOLATION LEVEL REPEATABLE READ "+mode); err != nil {
		return err
	}
	err := s.exec(ctx, "set timeout", fmt.Sprintf("SET LOCAL statement_timeout = %d", limit.Milliseconds()))
	if err == nil {
		err = f()
	}
	if err == nil {
		err = s.exec(context.WithoutCancel(ctx), "commit", "COMMIT")
	}
	if err == nil || s.conn.IsClosed() { // which rolls back too
		return err
	}
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if failed := s.exec(undo, "roll back", "ROLLBACK"); failed != nil {
		s.log.WarnContext(ctx, "transaction not rolled back", "err", failed)
	}
	return err
}
