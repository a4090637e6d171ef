package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"

	"github.com/pressly/goose/v3"
)

// ErrNewerFile: the file was written by a later version of the program.
var ErrNewerFile = errors.New("file has a newer schema than this program knows")

// ErrOtherSchema: the file was made before the schema was changed in place, and is not brought to the present one. A hospital's
// has its budgets and odometers: it is to be kept.
var ErrOtherSchema = errors.New("file has another schema than this program makes, and cannot be brought to it; it may hold budgets that were spent")

// Config configures a [Market] or a [Provider]. Every field is required.
type Config struct {
	File string // made with mode 0600 if there is none; its folder must exist
	Log  *slog.Logger
}

// kind is one of the two kinds of file.
type kind struct {
	name        string // folder of the migrations
	application int32  // SQLite application id
}

var (
	market   = kind{name: "market", application: 0x6d6d6d6b}   // "mmmk"
	hospital = kind{name: "provider", application: 0x6d6d7072} // "mmpr"
)

//go:embed migrations
var migrations embed.FS

// readers is how many reads run at once; more would only wait for the disk.
const readers = 4

// writing gives the connection that writes up to 64 MB of the file in memory, so
// that what changes at random places is not read again each time, and folds the
// write-ahead log into the file after 16 MB of it, not after 4.
const writing = `PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000`

// database is one open file. One connection writes: SQLite has a single writer
// anyway, and waiting for it in database/sql's queue is fair and ends with the
// context. Reads have connections of their own, so that reading a million
// memberships does not hold up a patient's withdrawal.
type database struct {
	writer *sql.DB
	reader *sql.DB
}

func open(ctx context.Context, k kind, cfg Config) (*database, error) {
	if cfg.File == "" || cfg.Log == nil {
		return nil, errors.New("store: File and Log are required")
	}
	file, err := filepath.Abs(cfg.File)
	if err != nil {
		return nil, fmt.Errorf("opening the %s store: %w", k.name, err)
	}
	if err := claim(ctx, file, k.application); err != nil {
		return nil, fmt.Errorf("opening the %s store %s: %w", k.name, file, err)
	}
	d := new(database)
	version, err := d.connect(ctx, k, file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the %s store %s: %w", k.name, file, err), d.Close())
	}
	cfg.Log.InfoContext(ctx, "store is open", "kind", k.name, "file", file, "schema", version)
	return d, nil
}

func (d *database) connect(ctx context.Context, k kind, file string) (version int64, err error) {
	if d.writer, err = sql.Open("sqlite", source(file, url.Values{"_txlock": {"immediate"}})); err != nil {
		return 0, err
	}
	d.writer.SetMaxOpenConns(1)
	if _, err := d.writer.ExecContext(ctx, writing); err != nil {
		return 0, err
	}
	var mode string
	if err := d.writer.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return 0, err
	}
	if mode != "wal" {
		return 0, fmt.Errorf("journal mode is %s: the file system has no shared memory", mode)
	}
	if version, err = migrate(ctx, k, d.writer); err != nil {
		return 0, err
	}
	if d.reader, err = sql.Open("sqlite", source(file, url.Values{"_txlock": {"deferred"}, "_query_only": {"1"}})); err != nil {
		return 0, err
	}
	d.reader.SetMaxOpenConns(readers)
	d.reader.SetMaxIdleConns(readers)
	return version, d.reader.PingContext(ctx)
}

// migrate brings the schema to the newest version and returns it.
func migrate(ctx context.Context, k kind, db *sql.DB) (int64, error) {
	folder, err := fs.Sub(migrations, "migrations/"+k.name)
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return 0, fmt.Errorf("reading migrations: %w", err)
	}
	present, known, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading the schema version: %w", err)
	}
	if present > known {
		return 0, fmt.Errorf("%w: %d, not %d", ErrNewerFile, present, known)
	}
	if err := keepDigest(ctx, db, folder, present, known); err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrating: %w", err)
	}
	return known, nil
}

// keepDigest checks the digest that the file has kept of the migrations it has, and keeps that of all, which it is
// about to have. It is ErrOtherSchema unless the one kept is either.
func keepDigest(ctx context.Context, db *sql.DB, folder fs.FS, present, known int64) error {
	is, err := schemaDigest(folder, present)
	if err != nil {
		return err
	}
	will, err := schemaDigest(folder, known)
	if err != nil {
		return err
	}
	var kept int32
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&kept); err != nil {
		return fmt.Errorf("reading the schema's digest: %w", err)
	}
	switch {
	case kept == will:
		return nil
	case present > 0 && kept != is:
		return ErrOtherSchema
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, will)) // it takes no parameter
	return err
}

// schemaDigest is of the first migrations, in the 31 bits that SQLite keeps for it.
func schemaDigest(folder fs.FS, version int64) (int32, error) {
	names, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return 0, err
	}
	h := sha256.New()
	for _, name := range names[:min(int(version), len(names))] { // in order
		content, err := fs.ReadFile(folder, name)
		if err != nil {
			return 0, err
		}
		h.Write(content)
	}
	return int32(binary.BigEndian.Uint32(h.Sum(nil)) >> 1), nil
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
		if err != nil && ctx.Err() == nil {
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
	if err := f(tx); err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
