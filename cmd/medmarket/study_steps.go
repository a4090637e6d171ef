package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// takeStep signs the next step of a study about its present document and sends it; change, unless nil, completes it, and
// document is that of a resubmit.
func (p *person) takeStep(ctx context.Context, grant ledger.Hash, a review.Action, text string, change func(*review.Step), document *pb.SignedDocument) (*pb.Step, error) {
	grants := pb.NewGrantServiceClient(p.market)
	r, err := grants.GetGrant(ctx, &pb.GetGrantRequest{Id: grant[:]})
	if err != nil {
		return nil, err
	}
	g := r.GetGrant()
	if len(g.GetStudy()) != len(ledger.Hash{}) || len(g.GetId()) != len(ledger.Hash{}) {
		return nil, errors.New("the marketplace answered with a malformed study")
	}
	s := review.Step{Study: ledger.Hash(g.GetStudy()), Number: g.GetSteps() + 1, Action: a, Grant: ledger.Hash(g.GetId()), Text: text}
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

// steps returns the entries of a study, checked: each is by who is said to have taken it, and their numbers have no gap.
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
		if e.Step.Number != uint64(i)+1 || len(entries) > 0 && e.Step.Study != entries[0].Step.Study {
			return nil, fmt.Errorf("step %d is missing, or of another study", i+1)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// readDay reads a day as 2026-11-27, as its first second, UTC.
func readDay(text string) (int64, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, &exitError{exitUsage, fmt.Errorf("%q is not a day such as %s", text, time.DateOnly)}
	}
	return day.Unix(), nil
}
