package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// reading is how a reader reaches the hospitals of an access file.
type reading struct {
	Network string `help:"A network.json of the network that the hospitals are in: what is shown is checked against its chain." default:"medmarket-data/network.json" type:"path" env:"MEDMARKET_NETWORK"`
	Key     string `help:"Key file of the reader." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
	Access  string `arg:"" help:"Access file from the patient." type:"existingfile"`
	JSON    bool   `help:"Print one JSON object." name:"json"`
	reached
}

// with calls f with what the hospitals show.
func (c *reading) with(e *env, f func(history) error) (err error) {
	n, err := c.network(c.Network)
	if err != nil {
		return err
	}
	key, err := readKey(c.Key)
	if err != nil {
		return err
	}
	s, err := openSharing(c.Access, key)
	if err != nil {
		return err
	}
	charts, closeAll, err := openCharts(s, key, n)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	h := readCharts(e.ctx, charts, n.Trust)
	return errors.Join(f(h), h.verdict())
}

type recordsOpenCommand struct {
	Key    string `help:"Key file of the reader." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
	Access string `arg:"" help:"Access file from the patient." type:"existingfile"`
}

func (c *recordsOpenCommand) Run(e *env) error {
	key, err := readKey(c.Key)
	if err != nil {
		return err
	}
	s, err := openSharing(c.Access, key)
	if err != nil {
		return err
	}
	return printJSON(e.stdout, s)
}

// verdict is nil if all hospitals showed all that they should.
func (h history) verdict() error {
	switch {
	case len(h.faults) > 0:
		return &exitError{exitMismatch, fmt.Errorf("what is shown is not whole:\n  %s", listed(slices.Concat(h.faults, h.offline)))}
	case len(h.offline) > 0:
		return fmt.Errorf("not all hospitals answered; the others' is shown:\n  %s", listed(h.offline))
	}
	return nil
}

// listed is lines for people, the first hundred.
func listed(lines []string) string {
	const most = 100
	if n := len(lines) - most; n > 0 {
		lines = append(slices.Clone(lines[:most]), fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "\n  ")
}

// historyLine is a pointer as it is printed.
type historyLine struct {
	Time       string           `json:"time"`
	Provider   ledger.Address   `json:"provider"`
	Kind       string           `json:"kind"`
	Month      string           `json:"month"`
	Number     uint64           `json:"number"`
	Locator    string           `json:"locator"`
	Record     ledger.Hash      `json:"record"` // SHA-256
	Anchored   bool             `json:"anchored"`
	Superseded bool             `json:"superseded,omitempty"` // the record was amended: a later pointer leads to it
	Standing   records.Standing `json:"standing,omitempty"`   // what the patient holds of it, by the hospital's word
	Reply      *records.Reply   `json:"reply,omitempty"`      // what the hospital replied to her
	File       string           `json:"file,omitempty"`       // fetched
	Fault      string           `json:"fault,omitempty"`      // why it was not
}

func pointedLine(p pointed) historyLine {
	return historyLine{
		Time: dayOf(p.Time), Provider: p.Provider, Kind: string(p.Kind), Month: p.place.GetMonth(), Number: p.place.GetNumber(),
		Locator: p.Locator, Record: p.Record, Anchored: p.anchored, Superseded: p.superseded, Standing: p.standing, Reply: p.reply,
	}
}

func (l historyLine) String() string {
	state := "in the hospital's log, on the chain"
	if !l.Anchored {
		state = "not on the chain yet"
	}
	if l.Superseded {
		state += "; superseded: the record was amended, a later pointer leads to it"
	}
	switch l.Standing {
	case records.Questioned:
		state += "; the patient questions it"
	case records.Rejected:
		state += "; the patient says that it is wrong"
	}
	return fmt.Sprintf("%s %-12s %s %s, %s", l.Time, l.Kind, l.Provider, l.Locator, state)
}

type recordsTimelineCommand struct{ reading }

func (c *recordsTimelineCommand) Run(e *env) error {
	return c.with(e, func(h history) error {
		lines := make([]historyLine, len(h.pointers))
		for i, p := range h.pointers {
			lines[i] = pointedLine(p)
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"pointers": lines, "faults": append([]string{}, h.faults...), "offline": append([]string{}, h.offline...)})
		}
		for _, l := range lines {
			fmt.Fprintln(e.stdout, l)
		}
		fmt.Fprintf(e.stdout, "%d pointers\n", len(lines))
		return nil
	})
}

type recordsFetchCommand struct {
	reading
	Kind []string `help:"Of these kinds only." sep:","`
	Out  string   `help:"Folder to write the Bundles to, a file each; made if missing." required:"" type:"path"`
}

func (c *recordsFetchCommand) Run(e *env) error {
	return c.with(e, func(h history) error {
		if err := os.MkdirAll(c.Out, 0o700); err != nil {
			return err
		}
		var lines []historyLine
		var faults []string
		var care summary
		for _, p := range h.pointers {
			if len(c.Kind) > 0 && !slices.Contains(c.Kind, string(p.Kind)) {
				continue
			}
			l := pointedLine(p)
			care.latest = max(care.latest, l.Time) // also of a record that is not had
			if !p.superseded {
				if err := c.fetch(e, &l, p, &care); err != nil {
					return err
				}
			}
			if l.Fault != "" {
				faults = append(faults, fmt.Sprintf("%s %s of %s: %s", l.Provider, l.Locator, l.Time, l.Fault))
			}
			lines = append(lines, l)
		}
		if err := c.print(e, h, lines, care); err != nil {
			return err
		}
		if len(faults) > 0 {
			return &exitError{exitMismatch, fmt.Errorf("records that were not had:\n  %s", listed(faults))}
		}
		return nil
	})
}

// fetch writes a record to a file of its own, or says in its line why it was not had.
func (c *recordsFetchCommand) fetch(e *env, l *historyLine, p pointed, care *summary) error {
	content, err := p.fetch(e)
	if err != nil {
		l.Fault = err.Error()
		return nil //nolint:nilerr // it is named, and the others are fetched
	}
	l.File = filepath.Join(c.Out, fmt.Sprintf("%s-%s-%s-%d.json", l.Time, l.Kind, l.Provider, l.Number))
	care.add(p, content)
	return writeFile(l.File, content, 0o600)
}

func (c *recordsFetchCommand) print(e *env, h history, lines []historyLine, care summary) error {
	if c.JSON {
		return printJSON(e.stdout, map[string]any{
			"records": append([]historyLine{}, lines...), "most_recent": care.latest, "current_medication": care.current(), "past_medication": care.past(),
			"faults": append([]string{}, h.faults...), "offline": append([]string{}, h.offline...),
		})
	}
	for _, l := range lines {
		fmt.Fprintln(e.stdout, l)
		if had := l.Fault + l.File; had != "" {
			fmt.Fprintf(e.stdout, "  %s\n", had)
		}
	}
	fmt.Fprintf(e.stdout, "most recent care: %s\nmedication now: %s\nmedication before: %s\n", care.latest, taken(care.current()), taken(care.past()))
	return nil
}

// fetch fetches the record, and holds it against the hash in the pointer.
func (p pointed) fetch(e *env) ([]byte, error) {
	r, err := p.from.conn.GetRecord(e.ctx, &pb.GetRecordRequest{Access: p.from.document, Place: p.place})
	if err != nil {
		return nil, explain(err)
	}
	if ledger.HashBytes(r.GetRecord()) != p.Record {
		return nil, recordindex.ErrAltered
	}
	return r.GetRecord(), nil
}
