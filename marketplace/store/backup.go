package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Backup copies the file of a marketplace or a hospital, while it is in use or not, to a new file of mode 0600, as of one moment.
// The copy says that it is one: whoever opens it to go on with it counts as spent what may have been spent since. It is on disk
// when Backup returns nil; else there is no new file but for one whose name ends in ".partial". Errors: ErrForeignFile,
// [fs.ErrExist], [fs.ErrNotExist].
func Backup(ctx context.Context, file, to string) error {
	partial := to + ".partial"
	if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("backing up to %s: %w", to, fs.ErrExist))
	}
	err := ownFile(ctx, file)
	if err == nil {
		err = remade(partial)
	}
	if err == nil {
		err = copied(ctx, file, partial)
	}
	if err != nil {
		return fmt.Errorf("backing up %s: %w", file, err)
	}
	if err := os.Rename(partial, to); err != nil {
		return err
	}
	return syncFolder(to)
}

// ownFile is ErrForeignFile unless the file is a marketplace's or a hospital's.
func ownFile(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", source(file, nil))
	if err != nil {
		return err
	}
	var found int32
	err = db.QueryRowContext(ctx, `PRAGMA application_id`).Scan(&found)
	if err == nil && found != market.application && found != hospital.application {
		err = ErrForeignFile
	}
	return errors.Join(err, db.Close())
}

// remade makes an empty file, in place of one that a backup left that was cut off.
func remade(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return create(file)
}

// copied copies file into an empty one, and says there that it is a copy.
func copied(ctx context.Context, file, to string) error {
	db, err := sql.Open("sqlite", source(file, nil))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to) // a read of the file: it holds up nobody
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	if db, err = sql.Open("sqlite", source(to, nil)); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `UPDATE standing SET copied = 1`) // synchronous=FULL: all of it is on disk then
	return errors.Join(err, db.Close())
}
