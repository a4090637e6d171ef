package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// maxCodeFile bounds what is read of a file that holds one code.
const maxCodeFile = 1 << 12

type preferEnrolCommand struct {
	access
	outcome
	Code    string          `help:"File with the code that the hospital gave you, - for standard input: binds your key to your number there, or recovers (patient)." type:"path"`
	Patient *int64          `arg:"" optional:"" help:"The hospital's patient number, OMOP person_id (steward)."`
	Address *ledger.Address `arg:"" optional:"" help:"Address of the patient's key (steward)."`
}

func (c *preferEnrolCommand) Run(e *env) error {
	byCode, bySteward := c.Code != "", c.Patient != nil && c.Address != nil
	if byCode == (c.Patient != nil) || byCode == bySteward {
		return &exitError{exitUsage, errors.New("name a file with your code by --code, or, as a steward, a patient number and an address")}
	}
	return c.with(func(p *person) error {
		if byCode {
			return p.redeem(e, c.outcome, c.Code)
		}
		s := provider.EnrolmentStatement{
			Provider: p.net.Trust.Providers[0], Enrolments: []provider.Enrolment{{Patient: *c.Patient, Key: *c.Address}},
		}
		doc, err := p.sign(ledger.KindEnrolment, s, 1)
		if err != nil {
			return err
		}
		if _, err = pb.NewPreferenceServiceClient(p.clinic).EnrolPatients(e.ctx, &pb.EnrolPatientsRequest{Enrolments: doc}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"address": c.Address}, "%s is enrolled", *c.Address)
	})
}

// redeem binds the person's key to the patient of the code in a file. A typing
// error is found before anything is sent.
func (p *person) redeem(e *env, o outcome, path string) error {
	in, err := e.open(path)
	if err != nil {
		return err
	}
	defer in.Close() // only read from
	b, err := io.ReadAll(io.LimitReader(in, maxCodeFile))
	if err != nil {
		return err
	}
	code, err := provider.ParseCode(strings.TrimSpace(string(b)))
	if err != nil {
		return err
	}
	if _, err := pb.NewPatientServiceClient(p.clinic).RedeemCode(e.ctx, &pb.RedeemCodeRequest{Code: code.Reveal()}); err != nil {
		return err
	}
	return o.say(e, map[string]any{"address": p.address()},
		"%s is your key at this hospital; another that you had there is good no more. See `medmarket prefer notices`", p.address())
}

type preferRotateCommand struct {
	access
	outcome
	Next string `arg:"" help:"File of the new key, which signs too; made if it does not exist." type:"path"`
}

func (c *preferRotateCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		next, err := openKey(c.Next)
		if err != nil {
			return fmt.Errorf("the new key: %w", err)
		}
		s := provider.KeyChange{Provider: p.net.Trust.Providers[0], Key: p.address(), Next: next.Address()}
		doc, err := p.sign(ledger.KindKeyChange, s, 1)
		if err != nil {
			return err
		}
		accepts, err := ledger.SignDocument(next, p.net.Trust.Domain(), ledger.KindKeyChange, s, 1, doc.GetExpiry())
		if err != nil {
			return err
		}
		_, err = pb.NewPatientServiceClient(p.clinic).ChangeKey(e.ctx, &pb.ChangeKeyRequest{Change: doc, NextSignature: accepts[:]})
		if err != nil {
			return err
		}
		return c.say(e, map[string]any{"former": p.address(), "address": next.Address()},
			"%s is your key at this hospital; the old one is good no more. Your preference stays in force", next.Address())
	})
}

type preferContactsCommand struct {
	access
	outcome
	Hospital []ledger.Address `arg:"" optional:"" help:"Addresses of the hospitals; none: nobody is told."`
}

func (c *preferContactsCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		s := provider.Contacts{Provider: p.net.Trust.Providers[0], Hospitals: c.Hospital}
		if s.Hospitals == nil {
			s.Hospitals = []ledger.Address{}
		}
		doc, err := p.sign(ledger.KindContacts, s, uint64(time.Now().UnixMilli()))
		if err != nil {
			return err
		}
		if _, err := pb.NewPatientServiceClient(p.clinic).SetContacts(e.ctx, &pb.SetContactsRequest{Contacts: doc}); err != nil {
			return err
		}
		return c.say(e, map[string]any{"hospitals": s.Hospitals},
			"when your key changes here, `medmarket prefer notices --out` has a notice for each of %d other hospitals", len(c.Hospital))
	})
}

// noticeWords say what a notice is about.
var noticeWords = map[pb.NoticeKind]string{
	pb.NoticeKind_NOTICE_KIND_ENROLLED:  "a code of the hospital bound your key",
	pb.NoticeKind_NOTICE_KIND_ROTATED:   "your former key named another",
	pb.NoticeKind_NOTICE_KIND_RECOVERED: "a recovery code of the hospital ended your former key",
	pb.NoticeKind_NOTICE_KIND_ELSEWHERE: "another hospital says that your key was replaced there",
	pb.NoticeKind_NOTICE_KIND_DELEGATE:  "another key may speak for you",
	pb.NoticeKind_NOTICE_KIND_REVOKED:   "a key may no longer speak for you",
	pb.NoticeKind_NOTICE_KIND_EMERGENCY: "a clinician declared an emergency to see your records, see `medmarket records log`",
}

type preferNoticesCommand struct {
	access
	Out  string `help:"Folder to write what you may carry to the hospitals of your contacts, a file each, for 'prefer carry'." type:"path"`
	JSON bool   `help:"Print one JSON object." name:"json"`
}

func (c *preferNoticesCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewPatientServiceClient(p.clinic).ListNotices(e.ctx, &pb.ListNoticesRequest{})
		if err != nil {
			return err
		}
		if err := c.carry(r.GetCarry()); err != nil {
			return err
		}
		if c.JSON {
			all := []map[string]any{}
			for _, n := range r.GetNotices() {
				all = append(all, map[string]any{
					"at": n.GetAt(), "kind": word(n.GetKind().String(), "NOTICE_KIND_"), "key": ledger.Bytes(n.GetKey()),
					"former": ledger.Bytes(n.GetFormer()), "from": ledger.Bytes(n.GetFrom()),
				})
			}
			return printJSON(e.stdout, map[string]any{"notices": all, "carry": len(r.GetCarry())})
		}
		for _, n := range r.GetNotices() {
			fmt.Fprintf(e.stdout, "%s %s: %s\n", instant(n.GetAt()), noticeWords[n.GetKind()], keysOf(n))
		}
		fmt.Fprintf(e.stdout, "%d notices in 30 days, %d to carry to other hospitals. If one is a surprise to you, go to the hospital\n", len(r.GetNotices()), len(r.GetCarry()))
		return nil
	})
}

// keysOf says which keys a notice is about, and who says it.
func keysOf(n *pb.Notice) string {
	s := hexOf(n.GetKey())
	if len(n.GetFormer()) > 0 {
		s += " in place of " + hexOf(n.GetFormer())
	}
	if len(n.GetFrom()) > 0 {
		s += ", says " + hexOf(n.GetFrom())
	}
	return s
}

// carry writes notices for other hospitals into the folder, if one is named.
func (c *preferNoticesCommand) carry(all []*pb.SignedDocument) error {
	if c.Out == "" {
		return nil
	}
	if err := os.MkdirAll(c.Out, 0o700); err != nil {
		return err
	}
	for _, d := range all {
		var s provider.KeyNotice
		if err := ledger.ParseCanonical(d.GetContent(), &s); err != nil {
			return fmt.Errorf("the hospital answered with a malformed notice: %w", err)
		}
		b, err := json.Marshal(carried{d.GetContent(), d.GetRevision(), d.GetExpiry(), d.GetSignature()})
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%s.json", s.To, s.Key)
		if err := writeFile(filepath.Join(c.Out, name), append(b, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// carried is a signed document in a file.
type carried struct {
	Content   []byte `json:"content"`
	Revision  uint64 `json:"revision"`
	Expiry    int64  `json:"expiry"`
	Signature []byte `json:"signature"`
}

// document is what is sent of it.
func (d carried) document() *pb.SignedDocument {
	return &pb.SignedDocument{Content: d.Content, Revision: d.Revision, Expiry: d.Expiry, Signature: d.Signature}
}

type preferCarryCommand struct {
	access
	outcome
	File string `arg:"" help:"A file that 'prefer notices --out' wrote, for the hospital of --network." type:"existingfile"`
}

func (c *preferCarryCommand) Run(e *env) error {
	b, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	var d carried
	if err := json.Unmarshal(b, &d); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return c.with(func(p *person) error {
		_, err := pb.NewPatientServiceClient(p.clinic).CarryNotice(e.ctx, &pb.CarryNoticeRequest{Notice: d.document()})
		if err != nil {
			return err
		}
		return c.say(e, map[string]any{"provider": p.net.Trust.Providers[0]},
			"handed over; it is shown to the key that it names, if that is a patient's there, and changes nothing")
	})
}
