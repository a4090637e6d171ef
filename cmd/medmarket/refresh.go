package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// hospitalStore and refreshReport are files in a system's folder. The report
// holds patient numbers and exact counts: only its owner can read it.
const (
	hospitalStore = "hospital.sqlite"
	refreshReport = "refresh-report.json"
)

// adopt registers the records that were opened, or refuses them because patient
// numbers do not mean who they meant.
func (h *hospital) adopt(ctx context.Context, db *store.Provider) error {
	started := time.Now()
	r, err := db.Adopt(ctx, recordsOf(ctx, h.cfg.dataset, h.engine), h.cfg.accepted, started.Unix())
	if err := reported(filepath.Join(h.cfg.dir, refreshReport), r, err); err != nil {
		return err
	}
	h.cfg.log.InfoContext(ctx, "records adopted", "compared", r.Compared(), "took", time.Since(started))
	return nil
}

func recordsOf(ctx context.Context, dataset string, e engine) provider.Records {
	return provider.Records{Dataset: dataset, Version: e.Dataset().Version, Persons: e.Persons(ctx)}
}

// reported writes the report of a comparison, whatever came of it, and says in
// the error where it is. The error itself says only how many there are.
func reported(path string, r provider.Refresh, err error) error {
	var numbers *provider.NumbersError
	if err != nil && !errors.As(err, &numbers) {
		return err
	}
	if r.Compared() {
		b, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return err
		}
		if err := writeFile(path, append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	if err != nil {
		return fmt.Errorf("%w; %s lists them; for those that are the same patients all the same, use --accept-numbers", err, path)
	}
	return nil
}

// readNumbers reads patient numbers, one a line. Empty lines and those that
// begin with # are left out.
func readNumbers(path string) (numbers []int64, err error) {
	if path == "" {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(b))
	for i := 1; lines.Scan(); i++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		n, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d is not a patient number", path, i)
		}
		numbers = append(numbers, n)
	}
	return numbers, lines.Err()
}

type checkCommand struct {
	outcome
	Records       recordsName `help:"The new records: as for serve." required:""`
	Dir           string      `help:"Folder of the system that shall use it." default:"medmarket-data" type:"existingdir" env:"MEDMARKET_DIR"`
	Dataset       string      `help:"Id of the dataset." default:"hospital" env:"MEDMARKET_DATASET"`
	State         stateName   `help:"As for serve." placeholder:"postgres:FILE" env:"MEDMARKET_STATE"`
	AcceptNumbers string      `help:"As for serve." type:"existingfile"`
}

func (c *checkCommand) Run(e *env) (err error) {
	accepted, err := readNumbers(c.AcceptNumbers)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	own, err := c.State.config(c.Dir, hospitalStore, e.log)
	if err != nil {
		return err
	}
	if _, err := os.Stat(own.File); own.File != "" && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is not there: serve has not run in this folder", own.File)
	}
	db, err := store.OpenProvider(e.ctx, own)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	engine, err := c.Records.open(e.ctx, e.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	r, err := db.Compare(e.ctx, recordsOf(e.ctx, c.Dataset, engine), accepted, time.Now().Unix())
	report := filepath.Join(c.Dir, refreshReport)
	if err := reported(report, r, err); err != nil {
		return err
	}
	facts := map[string]any{"from_version": r.From, "to_version": r.To}
	switch {
	case r.Compared():
		facts["report"] = report
		return c.say(e, facts, "every patient number means who it meant; %s has the counts", report)
	case r.From == r.To:
		return c.say(e, facts, "these records are in use already")
	default:
		return c.say(e, facts, "no records are registered yet: there is nothing to compare with")
	}
}
