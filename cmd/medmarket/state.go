package main

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/medmarket/medmarket/marketplace/store"
)

// stateName says where a party keeps its own state: behind "postgres:" a file with a connection string; empty: in a SQLite file in its folder.
type stateName string

// UnmarshalText wants a file that is there.
func (s *stateName) UnmarshalText(text []byte) error {
	rest, isPostgres := strings.CutPrefix(string(text), inPostgres)
	if !isPostgres {
		return fmt.Errorf("%s is not %sFILE", text, inPostgres)
	}
	file := kong.ExpandPath(rest)
	if _, err := os.Stat(file); err != nil {
		return err
	}
	*s = stateName(inPostgres + file)
	return nil
}

// config is that of the store, whose SQLite file would be name in dir. A store that is there already is not left behind.
func (s stateName) config(dir, name string, log *slog.Logger) (store.Config, error) {
	cfg := store.Config{File: filepath.Join(dir, name), Log: log}
	if s == "" {
		return cfg, nil
	}
	if _, err := os.Stat(cfg.File); !errors.Is(err, fs.ErrNotExist) {
		return cfg, errors.Join(fmt.Errorf("%s is there, and has what was spent so far: a store in Postgres would begin anew beside it", cfg.File), err)
	}
	var err error
	cfg.File = ""
	cfg.Postgres, err = readConnection(strings.TrimPrefix(string(s), inPostgres))
	return cfg, err
}

// try says why the store could not be opened in Postgres, and opens nothing.
func (s stateName) try(e *env, flag, dir, name string) error {
	if s == "" {
		return nil
	}
	cfg, err := s.config(dir, name, e.log)
	if err == nil {
		err = store.Try(e.ctx, cfg.Postgres)
	}
	if err != nil {
		return fmt.Errorf("--%s: %w", flag, err)
	}
	return nil
}
