package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/medmarket/medmarket/marketplace/omop/postgres"
)

type prepareCommand struct {
	Postgres   string `help:"File with libpq's connection string, readable by its owner only. A secret that keys the dataset's version is kept beside it as FILE.key." required:"" type:"existingfile" placeholder:"FILE"`
	Schema     string `help:"Schema of the OMOP tables." default:"cdm"`
	Vocabulary string `help:"Schema of the vocabulary's tables, if it is another."`
	JSON       bool   `help:"Print one JSON object." name:"json"`
}

func (c *prepareCommand) Run(e *env) error {
	connection, err := readConnection(c.Postgres)
	if err != nil {
		return err
	}
	key, err := versionKey(c.Postgres)
	if err != nil {
		return err
	}
	p := newProgress(e, "preparing")
	report, err := postgres.Prepare(e.ctx, postgres.PrepareConfig{
		Config: postgres.Config{Connection: connection, Log: e.log},
		Schema: c.Schema, Vocabulary: c.Vocabulary, Key: key, Progress: p.name,
	})
	p.end()
	switch {
	case errors.Is(err, postgres.ErrInUse):
		return fmt.Errorf("%w: stop it first", err)
	case errors.Is(err, postgres.ErrWritten):
		return fmt.Errorf("%w: wait until that is done", err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(e.stdout, newPrepareResult(report))
	}
	if report.Writable {
		fmt.Fprintln(e.stderr, "warning: the role may write OMOP tables; it needs to read them only")
	}
	return printPrepared(e.stdout, report)
}

// prepareResult is what data prepare prints with --json. Its numbers are exact,
// for the hospital's own eyes.
type prepareResult struct {
	Patients      int64           `json:"patients"`
	Version       string          `json:"version"`
	Synthetic     bool            `json:"synthetic"`
	ReferenceYear int             `json:"reference_year"` // 0: the data does not say
	Tables        []preparedTable `json:"tables"`
	Writable      bool            `json:"writable"` // the role may write some of them
}

type preparedTable struct {
	Table   string `json:"table"`
	Missing bool   `json:"missing"` // questions find it empty
	Rows    int64  `json:"rows"`
}

func newPrepareResult(r postgres.Report) prepareResult {
	out := prepareResult{
		Patients: r.Patients, Version: r.Version, Synthetic: r.Synthetic, ReferenceYear: r.ReferenceYear,
		Tables: []preparedTable{}, Writable: r.Writable,
	}
	for _, t := range r.Tables {
		out.Tables = append(out.Tables, preparedTable(t))
	}
	return out
}

func printPrepared(w io.Writer, r postgres.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "table\trows\t")
	for _, table := range r.Tables {
		note := ""
		if table.Missing {
			note = "  is not there"
		}
		fmt.Fprintf(t, "%s\t%d\t%s\n", table.Table, table.Rows, note)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d patients, version %s\n", r.Patients, r.Version)
	return err
}
