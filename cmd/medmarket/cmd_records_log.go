package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/verifier"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type recordsLogCommand struct {
	access
	mandated
	Out  string `help:"File to write all lines to with their proofs, which 'records check' takes." type:"path"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

// seenLine is a line of a patient's log with what proves it.
type seenLine struct {
	Content   json.RawMessage  `json:"content"` // canonical; its leaf is SHA-256(salt || content)
	Salt      ledger.Hash      `json:"salt"`
	Inclusion *ledger.LogProof `json:"inclusion,omitempty"`
	Anchored  bool             `json:"anchored"`
	seen      recordindex.Seen
}

func (c *recordsLogCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		pages, err := p.seenPages(e, c.Mandate)
		if err != nil {
			return err
		}
		if c.Out != "" {
			b, err := json.MarshalIndent(exportedLog{p.net.Trust.Providers[0], pages}, "", "  ")
			if err != nil {
				return err
			}
			if err := writeFile(c.Out, b, 0o600); err != nil {
				return err
			}
		}
		all := linesOf(pages)
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"uses": append([]seenLine{}, all...)})
		}
		for _, l := range all {
			fmt.Fprintln(e.stdout, l)
		}
		return nil
	})
}

// exportedLog is a patient's log for whom she shows it to.
type exportedLog struct {
	Provider ledger.Address `json:"provider"`
	Pages    []seenPage     `json:"pages"`
}

// seenPage is lines whose roots one anchor covers.
type seenPage struct {
	Lines  []seenLine          `json:"lines"`
	Anchor *ledger.AnchorProof `json:"anchor,omitempty"` // nil: none of their roots is on the chain yet
}

func linesOf(pages []seenPage) (all []seenLine) {
	for _, p := range pages {
		all = append(all, p.Lines...)
	}
	return all
}

// check reads what the lines say, and holds each against the hospital's log and, once it is there, the chain.
func (p *seenPage) check(hospital ledger.Address, trust verifier.Trust) error {
	var proofs []*ledger.LogProof
	for i := range p.Lines {
		l := &p.Lines[i]
		if err := json.Unmarshal(l.Content, &l.seen); err != nil {
			return err
		}
		content, err := ledger.Canonical(l.seen) // a file may have other spaces
		if err != nil {
			return err
		}
		if l.seen.Provider != hospital {
			return errShown
		}
		if l.Inclusion != nil {
			l.Inclusion.Log = ledger.LogID(ledger.LogProvider, hospital)
			if err := l.Inclusion.Check(ledger.LeafHash(ledger.SaltedLeaf(l.Salt, content))); err != nil {
				return err
			}
		}
		proofs = append(proofs, l.Inclusion)
	}
	root, err := anchoredRoot(p.Anchor, proofs, trust)
	for i := range p.Lines {
		p.Lines[i].Anchored = err == nil && under(p.Lines[i].Inclusion, root)
	}
	return err
}

type recordsCheckCommand struct {
	outcome
	Log   string `arg:"" help:"File that 'records log --out' wrote." type:"existingfile"`
	Trust string `help:"Trust file: genesis hash, trusted keys and confirmations of the network." required:"" type:"existingfile"`
}

func (c *recordsCheckCommand) Run(e *env) error {
	trust, err := readTrust(c.Trust)
	if err != nil {
		return err
	}
	b, err := os.ReadFile(c.Log)
	if err != nil {
		return err
	}
	var log exportedLog
	if err := parseDocument(b, &log); err != nil {
		return fmt.Errorf("%s: %w", c.Log, err)
	}
	if !slices.Contains(trust.Providers, log.Provider) {
		return &exitError{exitMismatch, fmt.Errorf("%s: the hospital %s is none of those that are trusted", c.Log, log.Provider)}
	}
	proven := 0
	for i := range log.Pages {
		if err := log.Pages[i].check(log.Provider, trust); err != nil {
			return &exitError{exitMismatch, fmt.Errorf("%s: %w", c.Log, err)}
		}
	}
	all := linesOf(log.Pages)
	for _, l := range all {
		fmt.Fprintln(c.words(e), l)
		if l.Anchored {
			proven++
		}
	}
	return c.say(e, map[string]any{"lines": all, "proven": proven}, "%d lines, %d of them proven on the chain", len(all), proven)
}

// maxSeen bounds the lines of a patient's log, so that a hospital's answers come to an end.
const maxSeen = 1_000_000

// seen is the lines of her whole log.
func (p *person) seen(e *env, mandate *ledger.Hash) ([]seenLine, error) {
	pages, err := p.seenPages(e, mandate)
	return linesOf(pages), err
}

// seenPages is her whole log: each line's number is one more than the last, so that none is left out.
func (p *person) seenPages(e *env, mandate *ledger.Hash) (all []seenPage, err error) {
	for after := int64(0); ; {
		r, err := pb.NewRecordServiceClient(p.clinic).ListAccessUses(e.ctx, &pb.ListAccessUsesRequest{After: after, Mandate: orNone(mandate), KnownBlock: knownBlock(p.net.Trust)})
		if err != nil {
			return nil, err
		}
		for _, u := range r.GetUses() {
			if after++; u.GetNumber() != after {
				return nil, &exitError{exitMismatch, fmt.Errorf("line %d of the log is missing", after)}
			}
		}
		if after > maxSeen {
			return nil, &exitError{exitMismatch, fmt.Errorf("the log does not come to an end: more than %d lines", maxSeen)}
		}
		page, err := seenPageFrom(r, p)
		if err != nil {
			return nil, &exitError{exitMismatch, err}
		}
		if all = append(all, page); len(r.GetUses()) < recordindex.MaxPage {
			return all, nil
		}
	}
}

func (l seenLine) String() string {
	what := fmt.Sprintf("pointers to %v from %s to %s", l.seen.Kinds, l.seen.From, l.seen.To)
	if l.seen.Action == recordindex.SawRecord {
		what = fmt.Sprintf("the record of %v in %s, number %d", l.seen.Kinds, l.seen.From, l.seen.Number)
	}
	state := "on the chain"
	if !l.Anchored {
		state = "not on the chain yet"
	}
	switch {
	case l.seen.Emergency != nil:
		return fmt.Sprintf("%s %s declared an emergency to see %v: %q, %s", instant(l.seen.At), l.seen.Reader, l.seen.Kinds, l.seen.Emergency.Reason, state)
	case l.seen.Countersignature != nil:
		verdict := "justified"
		if !l.seen.Countersignature.Justified {
			verdict = "not justified"
		}
		return fmt.Sprintf("%s %s says that emergency %s was %s: %q, %s", instant(l.seen.At), l.seen.Reader, l.seen.Access, verdict, l.seen.Countersignature.Why, state)
	}
	if l.seen.Reply != nil {
		return fmt.Sprintf("%s %s: %s, %s", instant(l.seen.At), l.seen.Reader, saidInReply(*l.seen.Reply), state)
	}
	if o := l.seen.Opinion; o != nil {
		of := "a reader"
		if o.Pointer != nil {
			of = fmt.Sprintf("the pointer %s/%s/%d", o.Pointer.Kind, o.Pointer.Month, o.Pointer.Number)
		} else if o.Reader != nil {
			of = "reader " + o.Reader.String()
		}
		return fmt.Sprintf("%s %s %s %s, %s", instant(l.seen.At), l.seen.Reader, o.Standing, of, state)
	}
	return fmt.Sprintf("%s %s saw %s, by access %s, %s", instant(l.seen.At), l.seen.Reader, what, l.seen.Access, state)
}

// seenPageFrom reads lines of a log, each checked.
func seenPageFrom(r *pb.ListAccessUsesResponse, p *person) (page seenPage, err error) {
	hospital := p.net.Trust.Providers[0]
	for _, u := range r.GetUses() {
		var seen recordindex.Seen
		if err := ledger.ParseCanonical(u.GetContent(), &seen); err != nil {
			return page, err
		}
		l := seenLine{Content: u.GetContent()}
		if l.Salt, err = hashFrom(u.GetSalt()); err != nil {
			return page, err
		}
		if l.Inclusion, err = inclusionFrom(u.GetInclusion(), hospital); err != nil {
			return page, err
		}
		page.Lines = append(page.Lines, l)
	}
	if page.Anchor, err = anchorFrom(r.GetAnchor()); err != nil {
		return page, err
	}
	err = page.check(hospital, p.net.Trust)
	return page, err
}
