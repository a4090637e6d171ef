package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// format is of schema medmarket.
const format = 3

// PrepareConfig says which records to prepare.
type PrepareConfig struct {
	Config
	Schema     string // required: of the OMOP tables, CDM 5.3 or 5.4
	Vocabulary string // of the vocabulary's; default: Schema
	// Key is required: 32 secret bytes, to be kept. The version is an HMAC: without its key nobody can confirm a guess
	// of the records by it, nor compute which cells a patient counts in.
	Key []byte
	// Progress is called with the name of each table before it is read.
	Progress func(table string)
}

// Report says what Prepare found. Its numbers are exact.
type Report struct {
	omop.Dataset
	Patients int64
	Tables   []TableReport
	// Writable: the role could write some of the hospital's tables.
	Writable bool
}

// TableReport is about one table.
type TableReport struct {
	Table   string
	Missing bool  // it is not there; questions find it empty
	Rows    int64 // records in it
}

// Prepare makes schema medmarket for the records as they are, in place of what it held. It reads every row
// of every table that questions may read. The same records have the same version. An *omop.NotOMOPError says what the
// hospital's schema lacks; ErrWritten or ErrChanged that it is being written; ErrUncounted that its server would not tell; ErrInUse that an
// engine is open.
func Prepare(ctx context.Context, c PrepareConfig) (r Report, err error) {
	if c.Schema == "" || len(c.Key) != 32 {
		return r, errors.New("postgres: Schema and a Key of 32 bytes are required")
	}
	if c.Vocabulary == "" {
		c.Vocabulary = c.Schema
	}
	if c.Progress == nil {
		c.Progress = func(string) {}
	}
	s, err := connect(ctx, c.Config)
	if err != nil {
		return r, fmt.Errorf("prepare: %w", err)
	}
	defer func() { err = errors.Join(err, s.close()) }()
	p := preparation{session: s, cfg: c}
	if err := s.transaction(ctx, "READ WRITE", func() error { return p.run(ctx) }); err != nil {
		return Report{}, fmt.Errorf("prepare: %w", err)
	}
	return p.report, nil
}

// preparation is one run of Prepare.
type preparation struct {
	*session
	cfg    PrepareConfig
	report Report
}

func (p *preparation) run(ctx context.Context) error {
	if err := p.schema(ctx); err != nil {
		return err
	}
	if err := p.makeTables(ctx); err != nil {
		return err
	}
	if err := p.show(ctx); err != nil {
		return err
	}
	mark, err := p.mark(ctx)
	if err != nil {
		return err
	}
	if err := p.digest(ctx); err != nil {
		return err
	}
	if err := p.checkPersons(ctx); err != nil {
		return err
	}
	if err := p.rank(ctx); err != nil {
		return err
	}
	// Whoever wrote before the snapshot may have been counted only since.
	switch now, err := p.mark(ctx); {
	case err != nil:
		return err
	case now != mark:
		return ErrChanged
	}
	return p.exec(ctx, "describe", "INSERT INTO medmarket.prepared VALUES ($1, $2, $3, $4, $5)",
		int64(format), p.report.Version, p.report.Synthetic, int64(p.report.ReferenceYear), mark)
}

// schema makes the schema if it is not there, and says what it is for.
func (p *preparation) schema(ctx context.Context) error {
	var there, counted bool
	err := p.row(ctx, "look for schema", "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = 'medmarket'), CAST(current_setting('track_counts') AS BOOLEAN)",
		nil, &there, &counted)
	switch {
	case err != nil:
		return err
	case !counted:
		return ErrUncounted
	case there:
		return nil
	}
	return p.exec(ctx, "make schema", "CREATE SCHEMA medmarket")
}

// show makes the views.
func (p *preparation) show(ctx context.Context) error {
	for _, d := range omop.Ranked() {
		if err := p.exec(ctx, "forget ranks", "DROP TABLE IF EXISTS "+omop.RanksTable(omop.Postgres, d)); err != nil {
			return err
		}
	}
	for _, t := range omop.Tables() {
		schema := p.cfg.Schema
		if t.Vocabulary {
			schema = p.cfg.Vocabulary
		}
		found, err := p.find(ctx, schema, t.Name)
		if err != nil {
			return err
		}
		if found == nil && t.Name == "person" {
			return &omop.NotOMOPError{Table: t.Name, Why: "is not in the schema"}
		}
		view, err := viewSQL(t, found)
		if err != nil {
			return err
		}
		for _, text := range []string{"DROP VIEW IF EXISTS medmarket." + t.Name, view} {
			if err := p.exec(ctx, "show "+t.Name, text); err != nil {
				return err
			}
		}
		p.report.Tables = append(p.report.Tables, TableReport{Table: t.Name, Missing: found == nil})
		if found == nil {
			continue
		}
		p.report.Writable = p.report.Writable || found.writable
		if err := p.exec(ctx, "remember "+t.Name, "INSERT INTO medmarket.source VALUES ($1)", found.oid); err != nil {
			return err
		}
	}
	return nil
}

// mark is as markSQL says now, whatever it said before in this transaction; ErrWritten while it could not tell.
func (s *session) mark(ctx context.Context) (mark string, err error) {
	if err := s.exec(ctx, "look for changes", "SELECT pg_stat_clear_snapshot()"); err != nil {
		return "", err
	}
	// First: the mark has to wait for whoever keeps even readers out.
	var written bool
	if err := s.row(ctx, "look for writers", writtenSQL, nil, &written); err != nil {
		return "", err
	}
	if written {
		return "", ErrWritten
	}
	err = s.row(ctx, "look for changes", markSQL, nil, &mark)
	return mark, err
}

// digest reads all records and makes their version.
func (p *preparation) digest(ctx context.Context) error {
	seed := keyed(p.cfg.Key, "medmarket: hash of a row in Postgres")
	version := keyed(p.cfg.Key, "medmarket: version of records in Postgres")
	n := int64(binary.BigEndian.Uint64(seed.Sum(nil)) >> 1)
	for i, t := range omop.Tables() {
		r := &p.report.Tables[i]
		p.cfg.Progress(t.Name)
		var sum string
		if err := p.row(ctx, "read "+t.Name, digestSQL(t, n), nil, &r.Rows, &sum); err != nil {
			return err
		}
		fmt.Fprintf(version, "%s %d %s\n", t.Name, r.Rows, sum)
	}
	var words string
	var year int64
	err := p.row(ctx, "read cdm_source", `SELECT
		COALESCE(string_agg(concat_ws(' ', cdm_source_name, cdm_source_abbreviation, source_description), ' '), ''),
		COALESCE(max(CASE WHEN isfinite(d.day) THEN CAST(EXTRACT(YEAR FROM d.day) AS BIGINT) END), 0)
		FROM medmarket.cdm_source AS c, LATERAL (VALUES (c.source_release_date), (c.cdm_release_date)) AS d(day)`, nil, &words, &year)
	p.report.Dataset = omop.Described(words, int(year))
	p.report.Version = "sha256:" + hex.EncodeToString(version.Sum(nil))
	return err
}

// keyed is a hash with a key, for one purpose.
func keyed(key []byte, purpose string) hash.Hash {
	h := hmac.New(sha256.New, key)
	fmt.Fprintln(h, purpose)
	return h
}

// checkPersons refuses what would not be one row a patient.
func (p *preparation) checkPersons(ctx context.Context) error {
	var distinct, usable int64
	err := p.row(ctx, "count patients", "SELECT count(DISTINCT person_id), count(*) FILTER (WHERE abs(CAST(person_id AS NUMERIC)) < 9007199254740992) FROM medmarket.person",
		nil, &distinct, &usable)
	p.report.Patients = distinct
	why := ""
	switch rows := p.report.Tables[0].Rows; {
	case err != nil:
		return err
	case rows == 0:
		why = "has no row"
	case rows != distinct:
		why = "has a number twice"
	case rows != usable:
		why = "has a number that is not within ±2^53"
	default:
		return nil
	}
	return &omop.NotOMOPError{Table: "person", Column: "person_id", Why: why}
}

func (p *preparation) rank(ctx context.Context) error {
	for _, d := range omop.Ranked() {
		p.cfg.Progress(string(d) + " ranks")
		for _, text := range []string{omop.RanksSQL(omop.Postgres, d, p.report.Version), "ANALYZE " + omop.RanksTable(omop.Postgres, d)} {
			if err := p.exec(ctx, "rank concepts", text); err != nil {
				return err
			}
		}
	}
	return nil
}
