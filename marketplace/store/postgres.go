package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/stdlib"
)

var (
	// ErrInUse: another process has the store in Postgres open.
	ErrInUse = errors.New("another process has it open")
	// ErrReplaced: the server is another one than the one where the store was opened, and may have lost what that one had. A
	// process that opens it anew has it held against the chain.
	ErrReplaced = errors.New("the server is another one than when it was opened: start again")
	// ErrVolatile: the server does not keep what it says it has kept (fsync=off).
	ErrVolatile = errors.New("the server may lose what it has committed: its fsync is off")
	// ErrPlain: the connection to another machine might not be encrypted.
	ErrPlain = errors.New("the connection to another machine would not be encrypted: say sslmode=verify-full and sslrootcert")
)

// schemaPrefix is in Postgres before the name of a kind.
const schemaPrefix = "medmarket_"

// connectPostgres opens a schema, which it makes if there is none.
func (d *database) connectPostgres(ctx context.Context, k kind, cfg Config) (where string, version int64, err error) {
	d.engine = inPostgres
	schema := schemaPrefix + k.name
	c, err := settings(cfg.Postgres, schema)
	if err != nil {
		return "in Postgres", 0, err
	}
	where = fmt.Sprintf("in Postgres, database %s at %s", c.Database, c.Host)
	d.owner = &owner{lock: int64(k.application)}
	d.writer = sql.OpenDB(connector{stdlib.GetConnector(*c, stdlib.OptionAfterConnect(d.owner.take)), `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`})
	d.writer.SetMaxOpenConns(1)
	if err := claimSchema(ctx, d.writer, schema); err != nil {
		return where, 0, err
	}
	if version, err = d.engine.migrate(ctx, k, d.writer); err != nil {
		return where, 0, err
	}
	if err := d.recognise(ctx, cfg.Log); err != nil {
		return where, 0, err
	}
	d.reader = sql.OpenDB(connector{stdlib.GetConnector(*c), `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`})
	d.reader.SetMaxOpenConns(readers)
	d.reader.SetMaxIdleConns(readers)
	return where, version, d.reader.PingContext(ctx)
}

// settings are those of all sessions.
func settings(connection, schema string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(connection)
	if err != nil {
		return nil, errors.New("its connection is neither libpq's words nor a URL") // err repeats some of it
	}
	if !private(cfg) {
		return nil, ErrPlain
	}
	cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite // a standby lags behind
	cfg.BuildContextWatcherHandler = func(p *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: p, DeadlineDelay: patience}
	}
	// Either side notices within half a minute that the other's machine is gone, so that a write does not wait for ever, nor the lock.
	cfg.DialFunc = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}}).DialContext
	maps.Copy(cfg.RuntimeParams, map[string]string{
		"tcp_keepalives_idle":     "15",
		"tcp_keepalives_interval": "5",
		"tcp_keepalives_count":    "3",
		"application_name":        "medmarket",
		"search_path":             schema + ", pg_temp", // nobody's tables stand in for ours
		"synchronous_commit":      "on",                 // on disk when a method returns
		"jit":                     "off",
	})
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

// owner has each connection that writes hold the lock of its kind of store for as long as it lives: so writes are one after the other,
// whoever makes them, and what a process that was killed has left under way is over before the next one writes.
type owner struct {
	lock int64

	mu     sync.Mutex
	server string // and its history, as the first connection found it
	taken  int64  // connections so far
}

// connections is the number of the connection that writes, by which another one is told.
func (o *owner) connections() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.taken
}

// lockNotAvailable is the SQLSTATE of a lock that was waited for in vain.
const lockNotAvailable = "55P03"

// which names a server, the history that it goes on with, and the database: a server that takes another's place after a failure goes on with another
// history, which may lack what the other one had committed last.
const which = `
	SELECT CAST(s.system_identifier AS TEXT) || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '/' || CAST(d.oid AS TEXT),
		current_setting('fsync') = 'on'
	FROM pg_control_system() AS s CROSS JOIN pg_database AS d WHERE d.datname = current_database()`

// serverOf is what which says of a connection's server. ErrVolatile.
func serverOf(ctx context.Context, conn *pgx.Conn) (server string, err error) {
	var durable bool
	err = conn.QueryRow(ctx, which).Scan(&server, &durable)
	if err == nil && !durable {
		err = ErrVolatile
	}
	return server, err
}

// take is called for a new connection.
func (o *owner) take(ctx context.Context, conn *pgx.Conn) error {
	err := o.hold(ctx, conn)
	if err != nil {
		return errors.Join(ctx.Err(), err, conn.Close(ctx)) // Postgres says only that a statement was cancelled
	}
	return nil
}

func (o *owner) hold(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `SET lock_timeout = '10s'`); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, o.lock)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == lockNotAvailable {
		return ErrInUse
	}
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, `RESET lock_timeout`); err != nil {
		return err
	}
	server, err := serverOf(ctx, conn)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.server == "" {
		o.server = server
	}
	if o.server != server {
		return ErrReplaced
	}
	o.taken++
	return nil
}

// claimSchema makes sure that the schema exists, is guarded and is ours: empty, or marked by a table of what the store says of itself.
func claimSchema(ctx context.Context, db *sql.DB, schema string) error {
	var there, marked, exposed bool
	var objects int
	err := db.QueryRowContext(ctx, `
		SELECT n.there, to_regclass('store') IS NOT NULL, CASE WHEN n.there THEN has_schema_privilege('public', n.name, 'USAGE') ELSE FALSE END,
			(SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace WHERE s.nspname = n.name)
		FROM (SELECT CAST(?1 AS TEXT) AS name, EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = ?1) AS there) AS n`, schema).
		Scan(&there, &marked, &exposed, &objects)
	switch {
	case err != nil:
		return err
	case exposed:
		return fmt.Errorf("%w: everybody may use schema %s", ErrExposed, schema)
	case !marked && objects > 0:
		return fmt.Errorf("%w: schema %s", ErrForeignFile, schema)
	case marked:
		return nil
	case !there:
		if _, err := db.ExecContext(ctx, `CREATE SCHEMA `+schema); err != nil {
			return err
		}
	}
	_, err = db.ExecContext(ctx, `
		CREATE TABLE store (
			one    BIGINT PRIMARY KEY CHECK (one = 1),
			digest BIGINT NOT NULL, -- of the migrations
			origin TEXT NOT NULL -- the server, its history, and the number that this table has there; empty until it is known
		);
		INSERT INTO store (one, digest, origin) VALUES (1, 0, '')`)
	return err
}

// recognise has the store say that it is a copy if it was brought back from a dump, in which tables have other numbers, or is on another
// server than before, or on one that went back in its history.
func (d *database) recognise(ctx context.Context, log *slog.Logger) error {
	return d.write(ctx, "looking whether it was brought back", func(tx *sql.Tx) error {
		var was, is string
		err := tx.QueryRowContext(ctx, `SELECT origin, CAST(?1 AS TEXT) || '/' || CAST(CAST(to_regclass('store') AS OID) AS TEXT) FROM store`, d.owner.server).Scan(&was, &is)
		if err != nil || was == is {
			return err
		}
		if was != "" {
			log.WarnContext(ctx, "store was brought back from a backup, or its server is another one: it is held against the chain")
			if _, err := tx.ExecContext(ctx, `UPDATE standing SET copied = 1`); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `UPDATE store SET origin = ?`, is)
		return err
	})
}

// Try says why no store could be opened in a database, as far as that shows without making or locking anything there. Errors: ErrPlain,
// ErrVolatile.
func Try(ctx context.Context, connection string) error {
	cfg, err := settings(connection, "pg_catalog")
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err // it names host, user and database, and no password
	}
	_, err = serverOf(ctx, conn)
	return errors.Join(err, conn.Close(ctx))
}
