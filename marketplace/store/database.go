package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
)

// Config configures a [Market] or a [Provider].
type Config struct {
	File     string       // of SQLite, made with mode 0600 if there is none; its folder must exist. Required, unless Postgres is given
	Postgres string       // secret: the database that it is in, in libpq's words or as a URL; default: none, it is in a File
	Log      *slog.Logger // required
}

// kind is one of the two kinds of store.
type kind struct {
	name        string // folder of the migrations; with a prefix, schema in Postgres
	application int32  // SQLite application id, and advisory lock in Postgres
}

var (
	market   = kind{name: "market", application: 0x6d6d6d6b}   // "mmmk"
	hospital = kind{name: "provider", application: 0x6d6d7072} // "mmpr"
)

// readers is how many reads run at once; more would only wait for the disk.
const readers = 4

// database is one open store. One connection writes: SQLite has a single writer
// anyway, in Postgres it holds a lock, and waiting for it in database/sql's queue is fair and ends with the
// context. Reads have connections of their own, so that reading a million
// memberships does not hold up a patient's withdrawal.
type database struct {
	engine *engine
	writer *sql.DB
	reader *sql.DB
	owner  *owner // of the connection that writes to Postgres; nil for a file
}

func open(ctx context.Context, k kind, cfg Config) (*database, error) {
	if cfg.Log == nil || (cfg.File == "") == (cfg.Postgres == "") {
		return nil, errors.New("store: Log is required, and either File or Postgres")
	}
	d := new(database)
	connect := d.connectFile
	if cfg.Postgres != "" {
		connect = d.connectPostgres
	}
	where, version, err := connect(ctx, k, cfg)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the %s store %s: %w", k.name, where, err), d.Close())
	}
	cfg.Log.InfoContext(ctx, "store is open", "kind", k.name, "where", where, "schema", version)
	return d, nil
}

// Close ends all connections. Transactions that have not ended are rolled back.
func (d *database) Close() error {
	var errs []error
	for _, db := range []*sql.DB{d.reader, d.writer} { // the writer last: it folds the write-ahead log into the file
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write runs f in a transaction that holds the write lock from its start, and
// commits unless f returns an error.
func (d *database) write(ctx context.Context, doing string, f func(*sql.Tx) error) error {
	return transact(ctx, d.writer, doing, func(tx *sql.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		err := tx.Commit()
		if err != nil && ctx.Err() == nil && d.engine == inFile {
			// A commit that failed may leave the transaction open on the connection.
			_, _ = d.writer.ExecContext(ctx, `ROLLBACK`) // an error: it was rolled back already
		}
		return err
	})
}

// read runs f on one snapshot.
func (d *database) read(ctx context.Context, doing string, f func(*sql.Tx) error) error {
	return transact(ctx, d.reader, doing, f)
}

func transact(ctx context.Context, db *sql.DB, doing string, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	defer tx.Rollback() // does nothing after a commit; else there is an error to return already
	err = f(tx)
	switch over := ctx.Err(); {
	case err == nil:
		return nil
	case over != nil && !errors.Is(err, over): // Postgres says that a statement was cancelled
		return fmt.Errorf("%s: %w: %w", doing, over, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
