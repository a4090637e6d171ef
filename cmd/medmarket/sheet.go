package main

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// sheet is a report of lines, which people print or open in a spreadsheet.
type sheet struct {
	Title   string
	Facts   [][2]string // about the whole
	Columns []string
	Rows    [][]string
	Notes   []string
}

// sheetFormat is how a sheet is written.
type sheetFormat struct {
	JSON bool `help:"Print one JSON object." name:"json" xor:"format"`
	CSV  bool `help:"Print lines of comma-separated values, for a spreadsheet." name:"csv" xor:"format"`
	HTML bool `help:"Print one HTML page, to be printed on paper." name:"html" xor:"format"`
}

// write writes s; asJSON is what JSON has of it.
func (f sheetFormat) write(w io.Writer, s sheet, asJSON any) error {
	switch {
	case f.JSON:
		return printJSON(w, asJSON)
	case f.CSV:
		return s.csv(w)
	case f.HTML:
		return sheetPage.Execute(w, s)
	}
	return s.text(w)
}

// csv writes the columns and rows.
func (s sheet) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	for _, row := range append([][]string{s.Columns}, s.Rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = inert(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// inert is a cell that no spreadsheet takes for a formula: what begins like one gets an apostrophe in front, and so does what
// begins with white space, behind which some look for one.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n \uFF1D\uFF0B\uFF0D\uFF20", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}

// text writes each row as lines of its own.
func (s sheet) text(w io.Writer) (err error) {
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	line("%s", s.Title)
	for _, f := range s.Facts {
		line("  %s: %s", f[0], f[1])
	}
	for _, row := range s.Rows {
		line("")
		for i, c := range row {
			if c != "" {
				line("  %-24s %s", s.Columns[i], c)
			}
		}
	}
	line("")
	for _, n := range s.Notes {
		line("%s", n)
	}
	return err
}

//go:embed sheet.html
var sheetHTML string

// sheetPage is a sheet as a page. html/template writes every text as text.
var sheetPage = template.Must(template.New("sheet").Parse(sheetHTML))
