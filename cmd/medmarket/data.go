package main

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

type dataCommand struct {
	Generate generateCommand `cmd:"" help:"Write a synthetic OMOP CDM 5.4 hospital as Parquet. The same seed gives the same bytes."`
	Import   importCommand   `cmd:"" help:"Load a folder of OMOP tables (Parquet, CSV or CSV.GZ) into a hospital's DuckDB file."`
	Prepare  prepareCommand  `cmd:"" help:"Make OMOP tables in the hospital's own Postgres ready to be counted where they are, after every change to them. They are only read; see docs/postgres.md."`
	Check    checkCommand    `cmd:"" help:"Say whether new records can take the place of those in use: every patient number must mean who it meant."`
}

type generateCommand struct {
	Patients int    `help:"Number of patients." default:"20000"`
	Seed     uint64 `help:"Any number." default:"1"`
	Out      string `help:"Folder to write to; made if missing." required:"" type:"path"`
	JSON     bool   `help:"Print one JSON object." name:"json"`
}

func (c *generateCommand) Run(e *env) error {
	p := newProgress(e, "generating patients")
	s, err := synth.Generate(e.ctx, synth.Config{Patients: c.Patients, Seed: c.Seed, Dir: c.Out, Progress: p.update})
	p.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, generateResult{s.Patients, s.Visits, s.Conditions, s.Drugs, s.Measurements, s.ReferenceYear})
	}
	fmt.Fprintf(e.stdout, "%d patients, %d visits, %d conditions, %d drug exposures, %d measurements in %s\n",
		s.Patients, s.Visits, s.Conditions, s.Drugs, s.Measurements, c.Out)
	return nil
}

// generateResult is what data generate prints with --json: rows written.
type generateResult struct {
	Patients      int64 `json:"patients"`
	Visits        int64 `json:"visits"`
	Conditions    int64 `json:"conditions"`
	Drugs         int64 `json:"drugs"`
	Measurements  int64 `json:"measurements"`
	ReferenceYear int   `json:"reference_year"`
}

type importCommand struct {
	OMOP string `help:"Folder with one file a table; only person must be there." name:"omop" required:"" type:"existingdir"`
	Out  string `help:"DuckDB file to write; one that is there is replaced. A secret that keys the dataset's version is kept beside it as FILE.key." default:"hospital.duckdb" type:"path"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

func (c *importCommand) Run(e *env) error {
	report, err := importRecords(e, c.OMOP, c.Out)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, newImportResult(report))
	}
	return printReport(e.stdout, report, filepath.Base(c.Out))
}

// importResult is what data import prints with --json. Its numbers are exact,
// for the hospital's own eyes.
type importResult struct {
	Patients      int64         `json:"patients"`
	Version       string        `json:"version"`
	Synthetic     bool          `json:"synthetic"`
	ReferenceYear int           `json:"reference_year"` // 0: the data does not say
	Tables        []importTable `json:"tables"`
	LeftAlone     []string      `json:"left_alone"` // files that are no tables of use
}

type importTable struct {
	Table    string                  `json:"table"`
	Read     int64                   `json:"read"`
	Loaded   int64                   `json:"loaded"`
	Rejected int64                   `json:"rejected"`
	Reasons  map[duckdb.Reason]int64 `json:"reasons"` // rejected rows by reason
	Emptied  map[string]int64        `json:"emptied"` // unusable values by column
}

func newImportResult(r duckdb.Report) importResult {
	out := importResult{
		Patients: r.Patients, Version: r.Version, Synthetic: r.Synthetic, ReferenceYear: r.ReferenceYear,
		Tables: []importTable{}, LeftAlone: append([]string{}, r.Ignored...),
	}
	for _, t := range r.Tables {
		out.Tables = append(out.Tables, importTable(t))
	}
	return out
}

// importRecords loads a folder into a file. The dataset's version is keyed with
// a secret kept beside the file, so that it tells nobody who is in the records.
func importRecords(e *env, from, file string) (report duckdb.Report, err error) {
	release, err := hold(file, false)
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, release()) }()
	case errors.Is(err, errInUse):
		return report, fmt.Errorf("%w: stop it, or import to another file and start `medmarket serve` with that", err)
	case !errors.Is(err, fs.ErrNotExist):
		return report, err
	}
	key, err := versionKey(file)
	if err != nil {
		return duckdb.Report{}, err
	}
	p := newProgress(e, "importing")
	defer p.end()
	return duckdb.Import(e.ctx, duckdb.ImportConfig{From: from, File: file, Key: key, Progress: p.name})
}

// versionKey is the secret beside a file that keys the version of its records; made if missing.
func versionKey(file string) ([]byte, error) {
	key, err := readOrMake(file+".key", func() ([]byte, error) {
		k := make([]byte, 32)
		_, err := rand.Read(k)
		return k, err
	})
	if err != nil {
		return nil, fmt.Errorf("version key: %w", err)
	}
	return key, nil
}

func printReport(w io.Writer, r duckdb.Report, file string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "table\tread\tloaded\trejected\t")
	for _, table := range r.Tables {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t  %s\n", table.Table, table.Read, table.Loaded, table.Rejected, notes(table))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(r.Ignored) > 0 {
		fmt.Fprintf(w, "left alone: %s\n", strings.Join(r.Ignored, ", "))
	}
	_, err := fmt.Fprintf(w, "%d patients in %s, version %s\n", r.Patients, file, r.Version)
	return err
}

// notes says in words what was rejected or emptied.
func notes(t duckdb.TableReport) string {
	var out []string
	for reason, n := range t.Reasons {
		out = append(out, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(reason), "_", " ")))
	}
	for column, n := range t.Emptied {
		out = append(out, fmt.Sprintf("%d values of %s emptied", n, column))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// progress shows long work on one line of standard error, if that is a terminal.
type progress struct {
	w    io.Writer // nil: no terminal
	what string
	last time.Time
}

func newProgress(e *env, what string) *progress {
	p := &progress{what: what}
	if info, err := e.stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		p.w = e.stderr
	}
	return p
}

func (p *progress) update(done, total int) {
	if p.w == nil || total == 0 || (time.Since(p.last) < 100*time.Millisecond && done < total) {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "\r\033[K%s: %d of %d (%d%%)", p.what, done, total, 100*done/total)
}

func (p *progress) name(s string) {
	if p.w != nil {
		fmt.Fprintf(p.w, "\r\033[K%s: %s", p.what, s)
	}
}

func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
