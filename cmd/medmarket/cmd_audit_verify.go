package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/audit"
	"github.com/medmarket/medmarket/marketplace/verifier"
)

// auditAccess is how an auditor reaches a running system: with a key that may read receipts, or as anyone.
type auditAccess struct {
	Network     string            `help:"The network.json that 'medmarket serve' wrote." default:"medmarket-data/network.json" type:"path" env:"MEDMARKET_NETWORK"`
	Key         string            `help:"Key file of a committee's member or a researcher, who is shown receipts; they are then checked, too. Default: none are shown." type:"existingfile" env:"MEDMARKET_KEY"`
	HospitalLog map[string]string `help:"Where a hospital shows its log: ADDRESS=http://HOST:PORT. Default: the hospital of network.json." placeholder:"ADDRESS=URL"`
}

// with calls f with what has been read of the marketplace's history, and where it was read.
func (a *auditAccess) with(e *env, f func(*eth.Transactor, network, *audit.History) error) error {
	n, err := readNetwork(a.Network)
	if err != nil {
		return err
	}
	logs, err := a.logs(n)
	if err != nil {
		return err
	}
	key, err := keyOrNew(a.Key) // what the register shows needs none
	if err != nil {
		return err
	}
	return n.as(key, func(p *person) error {
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			g := gatherer{person: p, chain: t, receipts: a.Key != "", logs: logs, progress: e.stderr}
			h, err := g.gather(e.ctx)
			if err != nil {
				return err
			}
			return f(t, n, h)
		})
	})
}

// logs are where hospitals show their logs.
func (a *auditAccess) logs(n network) (map[ledger.Address]string, error) {
	all := map[ledger.Address]string{}
	if n.HospitalHTTP != "" {
		all[n.Trust.Providers[0]] = "http://" + n.HospitalHTTP
	}
	for name, url := range a.HospitalLog {
		address, err := ledger.ParseAddress(name)
		if err != nil {
			return nil, &exitError{exitUsage, fmt.Errorf("--hospital-log: %w", err)}
		}
		all[address] = url
	}
	return all, nil
}

type auditExportCommand struct {
	auditAccess
	outcome
	File string `arg:"" help:"File to write: the register, receipts as far as the key may read them, and the logs' anchors with their proofs. It is for your own eyes if it has receipts: they have answers." type:"path"`
}

func (c *auditExportCommand) Run(e *env) error {
	return c.with(e, func(t *eth.Transactor, _ network, h *audit.History) error {
		if err := proveAnchors(e.ctx, t, h); err != nil {
			return err
		}
		content, err := json.Marshal(h)
		if err != nil {
			return err
		}
		if err := writeFile(c.File, content, 0o600); err != nil {
			return err
		}
		return c.say(e, map[string]any{"file": c.File, "entries": len(h.Entries), "receipts": len(h.Receipts), "studies": len(h.Studies)},
			"%s: %d entries, %d receipts, %d studies", c.File, len(h.Entries), len(h.Receipts), len(h.Studies))
	})
}

type auditVerifyCommand struct {
	auditAccess
	File  string `arg:"" optional:"" help:"What 'audit export' wrote: it is checked without any connection. Default: the running system." type:"existingfile"`
	Trust string `help:"With a file: trust file of the network." type:"existingfile"`
	JSON  bool   `help:"Print one JSON object." name:"json"`
}

// audited is what audit verify --json prints.
type audited struct {
	Verified bool          `json:"verified"`
	Part     string        `json:"part,omitempty"` // the first that does not fit
	Fault    string        `json:"fault,omitempty"`
	Proven   bool          `json:"proven"` // anchors are proven under the proof of work, not read from a node
	Checked  audit.Summary `json:"checked"`
}

func (c *auditVerifyCommand) Run(e *env) error {
	if (c.File == "") != (c.Trust == "") {
		return &exitError{exitUsage, errors.New("name an export with its --trust, or neither")}
	}
	if c.File != "" {
		trust, err := readTrust(c.Trust)
		if err != nil {
			return err
		}
		h, err := readHistory(c.File)
		if err != nil {
			return err
		}
		return c.check(e, h, trust, true)
	}
	return c.with(e, func(_ *eth.Transactor, n network, h *audit.History) error { return c.check(e, *h, n.Trust, false) })
}

// maxHistory bounds an export, in bytes.
const maxHistory = 1 << 30

func readHistory(path string) (h audit.History, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer f.Close() // it was only read
	dec := json.NewDecoder(io.LimitReader(f, maxHistory))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&h); err != nil {
		return h, fmt.Errorf("%s is no whole export: %w", path, err)
	}
	return h, nil
}

func (c *auditVerifyCommand) check(e *env, h audit.History, trust verifier.Trust, proven bool) error {
	sum, err := audit.Check(h, trust, audit.Options{Now: time.Now().Unix(), Proven: proven, Progress: progressTo(e.stderr, "checked")})
	if err == nil && !c.JSON {
		printAudited(e.stdout, h, sum, proven)
	}
	if !c.JSON {
		return err
	}
	out := audited{Verified: err == nil, Proven: proven, Checked: sum}
	var f *audit.Fault
	if errors.As(err, &f) {
		out.Part, out.Fault = f.Part, f.Err.Error()
	} else if err != nil {
		return err
	}
	return errors.Join(printJSON(e.stdout, out), err)
}

func printAudited(w io.Writer, h audit.History, s audit.Summary, proven bool) {
	fmt.Fprintf(w, "The history of marketplace %s matches.\n", h.Marketplace)
	fmt.Fprintf(w, "  register  %d answered questions, %d of them under an anchored root; %d studies\n", s.Entries, s.Anchored, s.Studies)
	fmt.Fprintf(w, "  receipts  %d of %d were shown, and say what the register says\n", s.Receipts, s.Entries)
	fmt.Fprintf(w, "  escrows   %d, each covers what its researcher was answered, by all hospitals together\n", s.Escrows)
	fmt.Fprintf(w, "  hospitals %d leaves of their logs were shown, %d releases stand on them\n", s.Leaves, s.Releases)
	where := "read from the node of network.json"
	if proven {
		where = "proven under the chain's proof of work; grants and escrows are those that a node told who exported this"
	}
	fmt.Fprintf(w, "  anchors   %d, each the root of the leaves before it; %s\n", s.Anchors, where)
}

// progressTo tells people how far something is, at most ten times.
func progressTo(w io.Writer, doing string) func(done, total int) {
	told := 0
	return func(done, total int) {
		if total > 0 && done*10/total > told {
			told = done * 10 / total
			fmt.Fprintf(w, "%s %d of %d\n", doing, done, total)
		}
	}
}
