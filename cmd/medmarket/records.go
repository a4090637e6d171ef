package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"os"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// recordsName says where a hospital's records are: a DuckDB file, or behind "postgres:" a file with a connection string.
type recordsName string

const inPostgres = "postgres:"

// UnmarshalText wants a file that is there.
func (r *recordsName) UnmarshalText(text []byte) error {
	rest, isPostgres := strings.CutPrefix(string(text), inPostgres)
	file := kong.ExpandPath(rest)
	switch info, err := os.Stat(file); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is not there", file)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", file)
	}
	if isPostgres {
		file = inPostgres + file
	}
	*r = recordsName(file)
	return nil
}

// engine is what is wanted of a hospital's records.
type engine interface {
	provider.Engine
	Dataset() omop.Dataset
	Persons(ctx context.Context) iter.Seq2[provider.Person, error]
	recordindex.Source
	Close() error
}

func (r recordsName) open(ctx context.Context, log *slog.Logger) (engine, error) {
	file, isPostgres := strings.CutPrefix(string(r), inPostgres)
	if !isPostgres {
		e, err := duckdb.Open(ctx, duckdb.Config{File: file, Log: log})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return e, nil
	}
	connection, err := readConnection(file)
	if err != nil {
		return nil, err
	}
	e, err := postgres.Open(ctx, postgres.Config{Connection: connection, Log: log})
	if err != nil {
		switch {
		case errors.Is(err, postgres.ErrWritten):
			err = fmt.Errorf("%w: wait until that is done, then run 'medmarket data prepare'", err)
		case errors.Is(err, postgres.ErrNotPrepared), errors.Is(err, postgres.ErrChanged):
			err = fmt.Errorf("%w: run 'medmarket data prepare'", err)
		}
		return nil, fmt.Errorf("%s: %w", r, err)
	}
	return e, nil
}

// hold keeps a DuckDB file, in whose place import would put another, until release. A database keeps itself.
func (r recordsName) hold() (release func() error, err error) {
	if strings.HasPrefix(string(r), inPostgres) {
		return func() error { return nil }, nil
	}
	return hold(string(r), true)
}

// readConnection reads a connection string, which may hold a password.
func readConnection(file string) (string, error) { return readPrivate(file, "a connection string") }

// readPrivate reads a secret that nobody else may be able to read; what says what it is.
func readPrivate(file, what string) (string, error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%s can be read by others: %s is a secret (chmod 600)", file, what)
	}
	b, err := os.ReadFile(file)
	return string(bytes.TrimSpace(b)), err
}

// patientNumbers are those of all persons, rising.
func patientNumbers(ctx context.Context, e engine) (numbers []int64, err error) {
	for p, err := range e.Persons(ctx) {
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, p.Number)
	}
	return numbers, nil
}
