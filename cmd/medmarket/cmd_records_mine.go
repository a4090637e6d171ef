package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// opining is what a patient says of a pointer or a reader.
type opining struct {
	access
	outcome
	mandated
	Pointer *pointerName    `help:"Pointer, as 'records mine' names it: visits/2024-03/0." xor:"of" required:"" placeholder:"KIND/MONTH/NUMBER"`
	Reader  *ledger.Address `help:"Address of a reader." xor:"of" required:""`
	Why     string          `help:"In words, for the hospital and her readers: 500 bytes at most."`
}

type (
	recordsAcceptCommand   struct{ opining }
	recordsQuestionCommand struct{ opining }
	recordsRejectCommand   struct{ opining }
)

func (c *recordsAcceptCommand) Run(e *env) error   { return c.opine(e, records.Accepted) }
func (c *recordsQuestionCommand) Run(e *env) error { return c.opine(e, records.Questioned) }
func (c *recordsRejectCommand) Run(e *env) error   { return c.opine(e, records.Rejected) }

func (c *opining) opine(e *env, s records.Standing) error {
	return c.with(func(p *person) error {
		o := records.Opinion{Provider: p.net.Trust.Providers[0], Pointer: (*records.Place)(c.Pointer), Reader: c.Reader, Standing: s, Why: c.Why, Mandate: c.Mandate}
		if err := o.Check(); err != nil {
			return &exitError{exitUsage, err}
		}
		doc, err := p.sign(ledger.KindRecordOpinion, o, uint64(time.Now().UnixMilli())) // later ones are greater
		if err != nil {
			return err
		}
		if _, err := pb.NewRecordServiceClient(p.clinic).SetOpinion(e.ctx, &pb.SetOpinionRequest{Opinion: doc}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"standing": s}, "%s", s)
	})
}

// pointerName names a pointer of one hospital, as visits/2024-03/0.
type pointerName records.Place

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *pointerName) UnmarshalText(text []byte) error {
	parts := strings.Split(string(text), "/")
	if len(parts) != 3 {
		return errors.New("a pointer is named as in visits/2024-03/0")
	}
	p.Kind = records.Kind(parts[0])
	err := p.Month.UnmarshalText([]byte(parts[1]))
	if err != nil {
		return err
	}
	p.Number, err = strconv.ParseUint(parts[2], 10, 53)
	return err
}

type recordsMineCommand struct {
	Network []string `help:"The network.json of each of your hospitals." default:"medmarket-data/network.json" sep:"," type:"path" env:"MEDMARKET_NETWORK"`
	Key     string   `help:"Your key file." required:"" type:"existingfile" env:"MEDMARKET_KEY"`
	JSON    bool     `help:"Print one JSON object." name:"json"`
	mandated
	reached
}

func (c *recordsMineCommand) Run(e *env) error {
	var all history
	var readers []readerLine
	for _, network := range c.Network {
		one := access{Network: network, Key: c.Key, reached: c.reached}
		if err := one.with(func(p *person) error {
			h, of, err := p.mine(e, c.Mandate)
			all.add(h)
			readers = append(readers, of...)
			return err
		}); err != nil {
			return fmt.Errorf("%s: %w", network, err)
		}
	}
	all.sort()
	return errors.Join(c.print(e, all, readers), all.verdict())
}

func (c *recordsMineCommand) print(e *env, h history, readers []readerLine) error {
	lines := make([]historyLine, len(h.pointers))
	for i, p := range h.pointers {
		lines[i] = pointedLine(p)
	}
	if c.JSON {
		return printJSON(e.stdout, map[string]any{"pointers": lines, "readers": append([]readerLine{}, readers...)})
	}
	for _, l := range lines {
		fmt.Fprintf(e.stdout, "%s\n  %s/%s/%d: %s\n", l, l.Kind, l.Month, l.Number, saidOf(l.Standing))
		if l.Reply != nil {
			fmt.Fprintf(e.stdout, "  %s\n", saidInReply(*l.Reply))
		}
	}
	for _, r := range readers {
		fmt.Fprintln(e.stdout, r)
	}
	return nil
}

// saidOf is what she has said, for people.
func saidOf(s records.Standing) string {
	if s == "" {
		return "new to you: `medmarket records accept`, `question` or `reject`"
	}
	return string(s)
}

// readerLine is a reader of hers at a hospital.
type readerLine struct {
	Provider ledger.Address   `json:"provider"`
	Reader   ledger.Address   `json:"reader"`
	Pointers int              `json:"pointers"` // times that pointers were shown
	Records  int              `json:"records"`  // likewise
	Last     int64            `json:"last"`     // Unix seconds; 0: never yet
	Standing records.Standing `json:"standing,omitempty"`
}

func (r readerLine) String() string {
	last := "never"
	if r.Last > 0 {
		last = instant(r.Last)
	}
	return fmt.Sprintf("reader %s at %s: saw pointers %d times, records %d times, last %s; %s", r.Reader, r.Provider, r.Pointers, r.Records, last, saidOf(r.Standing))
}

// mine is what one hospital shows the patient of hers: all pointers, by an access to herself that ends at once, and who read.
func (p *person) mine(e *env, mandate *ledger.Hash) (h history, readers []readerLine, err error) {
	a := records.Access{Reader: p.address(), Kinds: recordindex.Kinds(), To: records.Months - 1, Until: time.Now().Add(signatureLife).Unix(), Mandate: mandate}
	shared, err := p.share(e, a)
	if err != nil {
		return h, nil, err
	}
	c := &chart{shared, shared.Document.document(), pb.NewRecordServiceClient(p.clinic), nil}
	h = c.read(e.ctx, p.net.Trust)
	seen, err := p.seen(e, mandate)
	if err != nil {
		return h, nil, err
	}
	of := map[ledger.Address]readerLine{}
	for _, l := range seen {
		r := of[l.seen.Reader]
		switch {
		case l.seen.Reader == p.address():
			continue
		case l.seen.Action == recordindex.SawPointers:
			r.Pointers++
		case l.seen.Action == recordindex.SawRecord:
			r.Records++
		default: // nothing was shown
			continue
		}
		r.Last = max(r.Last, l.seen.At)
		of[l.seen.Reader] = r
	}
	replies, err := p.opinions(e, mandate, of)
	if err != nil {
		return h, nil, err
	}
	for i, at := range h.pointers {
		h.pointers[i].reply = replies[records.Place{Kind: at.Kind, Month: at.cell(), Number: at.place.GetNumber()}]
	}
	for reader, r := range of {
		r.Reader, r.Provider = reader, c.Provider
		of[reader] = r
	}
	return h, slices.SortedFunc(maps.Values(of), func(a, b readerLine) int {
		return cmp.Or(cmp.Compare(a.Last, b.Last), cmp.Compare(a.Reader.String(), b.Reader.String()))
	}), nil
}

// opinions adds what she has said of readers to them, and returns what the hospital replied of pointers.
func (p *person) opinions(e *env, mandate *ledger.Hash, of map[ledger.Address]readerLine) (replies map[records.Place]*records.Reply, err error) {
	after := int64(0)
	replies = map[records.Place]*records.Reply{}
	for r := (&pb.ListOpinionsRequest{Mandate: orNone(mandate)}); ; {
		page, err := pb.NewRecordServiceClient(p.clinic).ListOpinions(e.ctx, r)
		if err != nil {
			return nil, err
		}
		for _, said := range page.GetOpinions() {
			if said.GetNumber() <= after || said.GetNumber() > maxSeen { // each is beyond the one before, so they come to an end
				return nil, &exitError{exitMismatch, errShown}
			}
			after = said.GetNumber()
			var o records.Opinion
			err := ledger.ParseCanonical(said.GetDocument().GetContent(), &o)
			if err == nil {
				err = o.Check()
			}
			if err != nil {
				return nil, &exitError{exitMismatch, err}
			}
			if o.Reader != nil {
				line := of[*o.Reader]
				line.Standing = o.Standing
				of[*o.Reader] = line
				continue
			}
			if replies[*o.Pointer], err = replyFrom(said, p.net.Trust.Domain()); err != nil {
				return nil, &exitError{exitMismatch, err}
			}
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" || len(page.GetOpinions()) == 0 {
			return replies, nil
		}
	}
}
