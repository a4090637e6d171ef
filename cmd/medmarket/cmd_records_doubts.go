package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type recordsDoubtsCommand struct {
	access
	Waiting bool `help:"Only those that nobody has replied to."`
	JSON    bool `help:"Print one JSON object." name:"json"`
}

// doubtLine is a doubt as it is printed.
type doubtLine struct {
	Patient int64           `json:"patient"`
	At      int64           `json:"at"` // Unix seconds
	Opinion records.Opinion `json:"opinion"`
	Reply   *records.Reply  `json:"reply,omitempty"`
	id      ledger.Hash     // of the opinion's document
	said    uint64          // its revision
}

func (l doubtLine) String() string {
	at := l.Opinion.Pointer
	line := fmt.Sprintf("%s patient %d %s %s/%s/%d: %q; ", instant(l.At), l.Patient, l.Opinion.Standing, at.Kind, at.Month, at.Number, l.Opinion.Why)
	if l.Reply == nil {
		return line + "nobody has replied"
	}
	return line + saidInReply(*l.Reply)
}

// saidInReply is a reply for people.
func saidInReply(r records.Reply) string {
	what := "the record stands"
	if r.Amended {
		what = "the record was amended"
	}
	return fmt.Sprintf("the hospital replies that %s: %q", what, r.Why)
}

func (c *recordsDoubtsCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		all, err := p.doubts(e, c.Waiting)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"doubts": append([]doubtLine{}, all...)})
		}
		for _, l := range all {
			fmt.Fprintln(e.stdout, l)
		}
		return nil
	})
}

// doubts are those of all patients of the hospital.
func (p *person) doubts(e *env, waiting bool) (all []doubtLine, err error) {
	for r := (&pb.ListDoubtsRequest{Waiting: waiting}); ; {
		page, err := pb.NewRecordServiceClient(p.clinic).ListDoubts(e.ctx, r)
		if err != nil {
			return nil, err
		}
		for _, d := range page.GetDoubts() {
			l := doubtLine{Patient: d.GetPatient(), At: d.GetOpinion().GetAt()}
			signed, err := signedDocument(d.GetOpinion().GetDocument())
			if err != nil {
				return nil, &exitError{exitMismatch, err}
			}
			l.id, l.said = signed.Hash(), signed.Revision
			if err := ledger.ParseCanonical(signed.Content, &l.Opinion); err != nil {
				return nil, &exitError{exitMismatch, err}
			}
			if l.Reply, err = replyFrom(d.GetOpinion(), p.net.Trust.Domain()); err != nil || !l.Opinion.Doubts() {
				return nil, &exitError{exitMismatch, errors.Join(errShown, err)}
			}
			all = append(all, l)
		}
		if r.PageToken = page.GetNextPageToken(); r.PageToken == "" || len(page.GetDoubts()) == 0 || len(all) > maxSeen {
			return all, nil
		}
	}
}

// replyFrom reads the reply to an opinion, which must be to that and signed by whom the hospital names; nil if there is none.
func replyFrom(in *pb.Opinion, d ledger.Domain) (*records.Reply, error) {
	if in.GetReply() == nil {
		return nil, nil //nolint:nilnil // nobody has replied
	}
	said, err := signedDocument(in.GetDocument())
	if err != nil {
		return nil, err
	}
	signed, err := signedDocument(in.GetReply())
	if err != nil {
		return nil, err
	}
	var r records.Reply
	if err := ledger.ParseCanonical(signed.Content, &r); err != nil {
		return nil, err
	}
	by, err := signed.Signer(d, ledger.KindRecordReply)
	if err == nil && (r.Opinion != said.Hash() || r.Revision != said.Revision || !slices.Equal(by[:], in.GetReplier())) {
		err = errors.New("the hospital showed a reply to another opinion, or by another steward")
	}
	return &r, err
}

type recordsReplyCommand struct {
	access
	outcome
	Patient int64       `help:"The hospital's patient number (OMOP person_id)." required:""`
	Pointer pointerName `help:"Pointer, as 'records doubts' names it: visits/2024-03/0." required:"" placeholder:"KIND/MONTH/NUMBER"`
	Amended bool        `help:"The record was changed, and is pointed at again; default: it stands."`
	Why     string      `help:"In words, for the patient: 500 bytes at most." required:""`
}

func (c *recordsReplyCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		waiting, err := p.doubts(e, true)
		if err != nil {
			return err
		}
		place := recordindex.Place(c.Pointer)
		i := slices.IndexFunc(waiting, func(l doubtLine) bool { return l.Patient == c.Patient && *l.Opinion.Pointer == place })
		if i < 0 {
			return fmt.Errorf("patient %d has no doubt of %s/%s/%d that waits for a reply", c.Patient, place.Kind, place.Month, place.Number)
		}
		doc, err := p.sign(ledger.KindRecordReply, records.Reply{Provider: p.net.Trust.Providers[0], Opinion: waiting[i].id, Revision: waiting[i].said, Amended: c.Amended, Why: c.Why}, 1)
		if err != nil {
			return err
		}
		if _, err = pb.NewRecordServiceClient(p.clinic).ReplyToDoubt(e.ctx, &pb.ReplyToDoubtRequest{
			Patient: c.Patient, Place: &pb.PointerPlace{Kind: string(place.Kind), Month: place.Month.String(), Number: place.Number}, Reply: doc,
		}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"patient": c.Patient, "opinion": waiting[i].id, "amended": c.Amended}, "replied; the patient sees it")
	})
}
