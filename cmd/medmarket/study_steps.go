package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// takeStep signs the next step of a study about its present document and sends it; change, unless nil, completes it, and
// document is that of a resubmit. It signs nothing about another study than the one that has the grant document, and no
// decision on another document than that, whatever the marketplace says.
func (p *person) takeStep(ctx context.Context, grant ledger.Hash, a review.Action, text string, change func(*review.Step), document *pb.SignedDocument) (*pb.Step, error) {
	grants := pb.NewGrantServiceClient(p.market)
	r, err := grants.GetGrant(ctx, &pb.GetGrantRequest{Id: grant[:]})
	if err != nil {
		return nil, err
	}
	about, err := p.subject(ctx, grant, a, r.GetGrant())
	if err != nil {
		return nil, err
	}
	s := review.Step{Study: about.Study, Number: r.GetGrant().GetSteps() + 1, Action: a, Grant: about.Grant, Text: text}
	if change != nil {
		change(&s)
	}
	if err := s.Validate(); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	signed, err := p.sign(ledger.KindReviewStep, s, s.Number)
	if err != nil {
		return nil, err
	}
	out, err := grants.CreateStep(ctx, &pb.CreateStepRequest{Id: s.Study[:], Step: signed, Document: document})
	return out.GetStep(), err
}

// subject is what an action is about, checked against the grant document that was named.
func (p *person) subject(ctx context.Context, named ledger.Hash, a review.Action, g *pb.Grant) (s review.Subject, err error) {
	if len(g.GetStudy()) != len(s.Study) || len(g.GetId()) != len(s.Grant) {
		return s, errors.New("the marketplace answered with a malformed study")
	}
	s = review.Subject{Study: ledger.Hash(g.GetStudy()), Grant: ledger.Hash(g.GetId())}
	if ledger.HashBytes(g.GetDocument().GetContent()) != s.Grant {
		return s, errors.New("the marketplace showed another document than the one that it names")
	}
	var log []review.Entry
	if s.Study != s.Grant {
		if s.By, err = p.filedBy(g); err != nil {
			return s, err
		}
		if log, err = p.steps(ctx, named); err != nil {
			return s, err
		}
	}
	return s, s.Check(a, named, log)
}

// filedBy is the researcher who signed a study's present document, in which she is named.
func (p *person) filedBy(g *pb.Grant) (by ledger.Address, err error) {
	d, err := readGrant(g)
	if err != nil {
		return by, err
	}
	signed, err := signedDocument(g.GetDocument())
	if err != nil {
		return by, err
	}
	by, err = signed.Signer(p.net.Trust.Domain(), ledger.KindDataGrant)
	if err == nil && !slices.Contains(d.Researchers, by.String()) {
		err = errors.New("the marketplace showed a document that none of its researchers signed")
	}
	return by, err
}

// signedDocument reads a document as a marketplace sends it.
func signedDocument(d *pb.SignedDocument) (ledger.SignedDocument, error) {
	sig, err := ledger.ParseSignature(d.GetSignature())
	return ledger.SignedDocument{Content: d.GetContent(), Revision: d.GetRevision(), Expiry: d.GetExpiry(), Signature: sig}, err
}

// addFiles sends files of a study.
func (p *person) addFiles(ctx context.Context, grant ledger.Hash, files []string) (all []review.Attachment, err error) {
	for _, file := range files {
		content, err := readFile(file, review.MaxFile)
		if err != nil {
			return nil, err
		}
		name := filepath.Base(file)
		r, err := pb.NewGrantServiceClient(p.market).CreateFile(ctx, &pb.CreateFileRequest{Id: grant[:], Name: name, Content: content})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		a := review.Attachment{Name: name, Size: int64(len(content)), Hash: ledger.HashBytes(content)}
		if string(r.GetHash()) != string(a.Hash[:]) {
			return nil, fmt.Errorf("%s: the marketplace kept something else", file)
		}
		all = append(all, a)
	}
	return all, nil
}

// readFile reads a file of at most so many bytes.
func readFile(file string, most int64) ([]byte, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close() // only read from
	content, err := io.ReadAll(io.LimitReader(in, most+1))
	if err == nil && (int64(len(content)) > most || len(content) == 0) {
		err = fmt.Errorf("%s: a file has 1 to %d bytes", file, most)
	}
	return content, err
}

// steps returns the entries of a study, checked: each is signed by who is said to have taken it, and possible after those
// before, without a gap.
func (p *person) steps(ctx context.Context, grant ledger.Hash) (entries []review.Entry, err error) {
	r, err := pb.NewGrantServiceClient(p.market).ListSteps(ctx, &pb.ListStepsRequest{Id: grant[:]})
	if err != nil {
		return nil, err
	}
	for i, s := range r.GetSteps() {
		var e review.Entry
		if err := ledger.ParseCanonical(s.GetEntry(), &e); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
		if err := e.Check(p.net.Trust.Domain()); err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	_, err = review.Replay(entries)
	return entries, err
}

// readDay reads a day as 2026-11-27, as its first second, UTC.
func readDay(text string) (int64, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, &exitError{exitUsage, fmt.Errorf("%q is not a day such as %s", text, time.DateOnly)}
	}
	return day.Unix(), nil
}

// dayOf is the day of a time, UTC, as readDay reads it.
func dayOf(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.DateOnly) }
