package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrForeignFile: the file, or the schema in Postgres, was not made by this program for this purpose.
	// It has not been touched.
	ErrForeignFile = errors.New("it belongs to another application")
	// ErrExposed: others than the owner may read or write the file, or use the schema in Postgres.
	ErrExposed = errors.New("it must be accessible to its owner only")
)

// writing gives the connection that writes up to 64 MB of the file in memory, so
// that what changes at random places is not read again each time, and folds the
// write-ahead log into the file after 16 MB of it, not after 4. The 64 MB take 128
// of the process: a page with what SQLite keeps beside it is more than 4 KB, and the
// allocator deals in powers of two.
const writing = `PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000`

// connectFile opens a file.
func (d *database) connectFile(ctx context.Context, k kind, cfg Config) (file string, version int64, err error) {
	d.engine = inFile
	if file, err = filepath.Abs(cfg.File); err != nil {
		return cfg.File, 0, err
	}
	if err := claim(ctx, file, k.application); err != nil {
		return file, 0, err
	}
	if d.writer, err = openFile(source(file, url.Values{"_txlock": {"immediate"}})); err != nil {
		return file, 0, err
	}
	d.writer.SetMaxOpenConns(1)
	if _, err := d.writer.ExecContext(ctx, writing); err != nil {
		return file, 0, err
	}
	var mode string
	if err := d.writer.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode); err != nil {
		return file, 0, err
	}
	if mode != "wal" {
		return file, 0, fmt.Errorf("journal mode is %s: the file system has no shared memory", mode)
	}
	if version, err = d.engine.migrate(ctx, k, d.writer); err != nil {
		return file, 0, err
	}
	if d.reader, err = openFile(source(file, url.Values{"_txlock": {"deferred"}, "_query_only": {"1"}})); err != nil {
		return file, 0, err
	}
	d.reader.SetMaxOpenConns(readers)
	d.reader.SetMaxIdleConns(readers)
	return file, version, d.reader.PingContext(ctx)
}

// claim makes sure that file exists, is guarded and is ours: empty, and then
// it is marked with the application id, or marked with it before.
func claim(ctx context.Context, file string, application int32) error {
	if err := create(file); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: not a regular file", ErrForeignFile)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%w (mode 0600): its mode is %04o", ErrExposed, info.Mode().Perm())
	}
	db, err := sql.Open("sqlite", source(file, nil))
	if err != nil {
		return err
	}
	err = mark(ctx, db, application)
	return errors.Join(err, db.Close())
}

// create makes an empty file, durably, if there is none. SQLite gives its
// side files the same mode. Of one on a read-only disk it says so, which SQLite does not.
func create(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		if f, err = os.OpenFile(file, os.O_RDWR, 0); err == nil {
			return f.Close()
		}
		if errors.Is(err, syscall.EROFS) {
			return err
		}
		return nil // what else is wrong with it is looked at next
	}
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return syncFolder(file)
}

// syncFolder has the name of a file on disk when it returns nil.
func syncFolder(file string) error {
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func mark(ctx context.Context, db *sql.DB, application int32) error {
	var found int32
	var objects int
	err := db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&found)
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&objects)
	}
	var e *sqlite.Error
	switch {
	case errors.As(err, &e) && e.Code() == sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: not a SQLite database", ErrForeignFile)
	case err != nil:
		return err
	case found == application:
		return nil
	case found != 0 || objects > 0:
		return fmt.Errorf("%w: its application id is %#x, not %#x", ErrForeignFile, found, application)
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, application)) // takes no parameters
	return err
}

// source is the data source name of file, which must exist.
func source(file string, options url.Values) string {
	q := url.Values{
		"mode":       {"rw"},
		"_dqs":       {"0"},
		"_defensive": {"1"},
		"_pragma":    {"busy_timeout(10000)", "foreign_keys(1)", "synchronous(FULL)"},
	}
	for k, v := range options {
		q[k] = v
	}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: q.Encode()}).String()
}
