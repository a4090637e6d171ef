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

	"github.com/pressly/goose/v3"
)

// ErrNewerFile: the store was written by a later version of the program.
var ErrNewerFile = errors.New("store has a newer schema than this program knows")

// ErrOtherSchema: the store was made before the schema was changed in place, and is not brought to the present one. A hospital's
// has its budgets and odometers: it is to be kept.
var ErrOtherSchema = errors.New("store has another schema than this program makes, and cannot be brought to it; it may hold budgets that were spent")

//go:embed migrations
var migrations embed.FS

// engine is what is different about SQLite and Postgres; all else is written once for both, with SQLite's parameters (? and ?1).
type engine struct {
	name              string // folder of the migrations
	goose             goose.Dialect
	digest, setDigest string // read and write the digest of the schema
	allMemberships    string // are those as of an event, in the order of patient numbers
}

var (
	inFile = &engine{
		name: "sqlite", goose: goose.DialectSQLite3, digest: `PRAGMA user_version`, setDigest: `PRAGMA user_version = %d`,
		// SQLite takes the other columns from the row that has the max.
		allMemberships: `
			SELECT patient, class, until, limit_nano_rho, limit_delta FROM (
				SELECT patient, class, until, limit_nano_rho, limit_delta, max(seq) FROM events INDEXED BY events_by_patient
				WHERE seq <= ?1 GROUP BY patient)`,
	}
	inPostgres = &engine{
		name: "postgres", goose: goose.DialectPostgres, digest: `SELECT digest FROM store`, setDigest: `UPDATE store SET digest = %d`,
		allMemberships: `
			SELECT DISTINCT ON (patient) patient, class, until, limit_nano_rho, limit_delta FROM events
			WHERE seq <= ?1 ORDER BY patient, seq DESC`,
	}
)

// migrate brings the schema to the newest version and returns it.
func (e *engine) migrate(ctx context.Context, k kind, db *sql.DB) (int64, error) {
	p, folder, err := e.migrations(k, db)
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
	if err := e.keepDigest(ctx, db, folder, present, known); err != nil {
		return 0, err
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("migrating: %w", err)
	}
	return known, nil
}

// migrations are those of one kind of store, in order.
func (e *engine) migrations(k kind, db *sql.DB) (*goose.Provider, fs.FS, error) {
	folder, err := fs.Sub(migrations, "migrations/"+e.name+"/"+k.name)
	if err != nil {
		return nil, nil, err
	}
	p, err := goose.NewProvider(e.goose, db, folder, goose.WithDisableGlobalRegistry(true))
	return p, folder, err
}

// keepDigest checks the digest that the store has kept of the migrations it has, and keeps that of all, which it is
// about to have. It is ErrOtherSchema unless the one kept is either.
func (e *engine) keepDigest(ctx context.Context, db *sql.DB, folder fs.FS, present, known int64) error {
	is, err := schemaDigest(folder, present)
	if err != nil {
		return err
	}
	will, err := schemaDigest(folder, known)
	if err != nil {
		return err
	}
	var kept int32
	if err := db.QueryRowContext(ctx, e.digest).Scan(&kept); err != nil {
		return fmt.Errorf("reading the schema's digest: %w", err)
	}
	switch {
	case kept == will:
		return nil
	case present > 0 && kept != is:
		return ErrOtherSchema
	}
	_, err = db.ExecContext(ctx, fmt.Sprintf(e.setDigest, will)) // SQLite's takes no parameter
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
