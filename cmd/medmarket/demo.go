package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/medmarket/medmarket/ledger/pow"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
)

type demoCommand struct {
	Once          bool    `help:"Stop after the story instead of serving on."`
	JSON          bool    `help:"Print one JSON object on standard output; the story goes to standard error." name:"json"`
	OMOP          string  `help:"Use this folder of OMOP tables instead of a generated hospital." name:"omop" type:"existingdir"`
	OwnData       bool    `help:"Show exact counts beside the noisy ones although the data is not marked synthetic." name:"i-own-this-data"`
	Patients      int     `help:"Patients of the generated hospital." default:"20000"`
	Seed          uint64  `help:"Seed of the generated hospital and of who chooses what." default:"1"`
	Condition     int64   `help:"OMOP concept id of the condition asked about; default: type 2 diabetes." default:"201826"`
	Margin        float64 `help:"Wanted half width of the 95% intervals, in patients." default:"30"`
	ReferenceYear int     `help:"Year in which ages are taken; default: as the data's description says, else this year."`
	Dir           string  `help:"Folder to keep; default: a temporary one, removed at the end." type:"path"`
	Market        string  `help:"Address for the marketplace's gRPC; port 0 takes a free one." default:"127.0.0.1:0"`
	Clinic        string  `help:"Address for the hospital's gRPC." name:"hospital" default:"127.0.0.1:0"`
	MarketHTTP    string  `help:"Address for the marketplace's REST and pages." name:"market-http" default:"127.0.0.1:0"`
	ClinicHTTP    string  `help:"Address for the hospital's REST." name:"hospital-http" default:"127.0.0.1:0"`
	Chain         string  `help:"Address for the chain's JSON-RPC." default:"127.0.0.1:0"`
}

// demoRule seals about a block a second on one core until the story is told. What a
// busy machine makes it lose comes back.
var demoRule = pow.Rule{GenesisDifficulty: 1 << 17, MinDifficulty: 1 << 14, TargetSpacing: leastSpacing}

const (
	demoDataset       = "st-ada"
	demoHospital      = "St Ada Hospital"
	demoUniversity    = "University"
	demoCommittee     = "Ethics Committee"
	demoConfirmations = 3
)

func (c *demoCommand) Run(e *env) (err error) {
	t := newTeller(e, c.JSON)
	dir := c.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "medmarket-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	} else if err = fresh(dir); err != nil {
		return err
	}
	var report duckdb.Report
	cfg := c.config(e, dir)
	cfg.prepare = func(ctx context.Context) (err error) {
		if c.OMOP == "" { // what may be in a generated hospital is known; which concepts another has is its own business
			if _, err := vocabulary.Build(ctx, cfg.vocabulary, synth.Vocabulary); err != nil {
				return err
			}
		}
		report, err = c.records(ctx, t, dir)
		return err
	}
	s, err := openSystem(e.ctx, cfg, t.detail)
	if err != nil {
		return err
	}
	closed := false
	defer func() {
		if !closed {
			err = errors.Join(err, s.close())
		}
	}()
	t.step("Hospital online: %s offers dataset %q, %s; rows never leave it.", demoHospital, demoDataset, patients(report.Patients))
	result, err := c.tell(e.ctx, t, s, report)
	if err != nil {
		return explain(err)
	}
	if c.JSON {
		if err := printJSON(e.stdout, result); err != nil {
			return err
		}
	}
	if c.Once {
		return nil
	}
	closed = true
	t.step("Serving on. Trust file and receipt are in %s.", dir)
	printAddresses(t.detail, s)
	return s.wait(e)
}

// fresh makes dir, or refuses one that a demo has used: its story is told once.
func fresh(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: name a new folder with --dir", dir)
	}
	return nil
}

// records makes or loads the hospital's records.
func (c *demoCommand) records(ctx context.Context, t *teller, dir string) (duckdb.Report, error) {
	from := c.OMOP
	if from == "" {
		from = filepath.Join(dir, "omop")
		p := newProgress(t.env, "generating patients")
		sum, err := synth.Generate(ctx, synth.Config{Patients: c.Patients, Seed: c.Seed, Dir: from, Progress: p.update})
		p.end()
		if err != nil {
			return duckdb.Report{}, err
		}
		t.step("Generated a synthetic hospital: %d patients, %d visits, %d conditions, %d drug exposures, %d measurements.",
			sum.Patients, sum.Visits, sum.Conditions, sum.Drugs, sum.Measurements)
	}
	report, err := importRecords(t.env, from, filepath.Join(dir, "records.duckdb"))
	if err != nil {
		return report, err
	}
	var read, rejected int64
	for _, table := range report.Tables {
		read, rejected = read+table.Read, rejected+table.Rejected
	}
	t.step("Imported %d OMOP tables: %d rows read, %d rejected.", len(report.Tables), read, rejected)
	return report, nil
}

func (c *demoCommand) config(e *env, dir string) systemConfig {
	cfg := systemConfig{
		dir: dir, records: recordsName(filepath.Join(dir, "records.duckdb")), dataset: demoDataset, hospitalName: demoHospital,
		referenceYear: c.ReferenceYear, yearUnknown: time.Now().Year(), workPerNanoRho: 1, rule: demoRule, confirmations: demoConfirmations,
		threads: 1, interval: time.Second, record: time.Second, publish: 5 * time.Second,
		marketAddr: c.Market, hospitalAddr: c.Clinic, marketHTTP: c.MarketHTTP, hospitalHTTP: c.ClinicHTTP,
		chainAddr: c.Chain, slots: provider.DefaultSlots(), organisations: []string{demoUniversity, demoCommittee}, log: e.log,
	}
	if c.OMOP == "" {
		cfg.vocabulary = filepath.Join(dir, "vocabulary.sqlite")
	}
	return cfg
}

// teller tells the story, a line a step with the time it took.
type teller struct {
	env  *env
	mu   sync.Mutex // the chain starts while the records are made
	out  *os.File
	last time.Time
	n    int
}

func newTeller(e *env, quiet bool) *teller {
	t := &teller{env: e, out: e.stdout, last: time.Now()}
	if quiet {
		t.out = e.stderr
	}
	return t
}

// step tells what has just been done.
func (t *teller) step(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
	took := time.Since(t.last)
	t.last = time.Now()
	fmt.Fprintf(t.out, "%2d. %s (%.1f s)\n", t.n, fmt.Sprintf(format, args...), took.Seconds())
}

// detail adds a line to the present step.
func (t *teller) detail(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintln(t.out, "    "+line)
}

func patients(n int64) string { return plural(int(n), "patient") }
