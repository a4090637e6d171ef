package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/review"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// grantStep is something that is done in the review of a study.
type grantStep struct {
	access
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	JSON  bool        `help:"Print the step as JSON." name:"json"`
}

// take takes the step and prints it.
func (c *grantStep) take(e *env, a review.Action, text string, files []string, change func(*review.Step)) error {
	return c.with(func(p *person) error {
		attached, err := p.addFiles(e.ctx, c.Grant, files)
		if err != nil {
			return err
		}
		step, err := p.takeStep(e.ctx, c.Grant, a, text, func(s *review.Step) {
			s.Attachments = attached
			if change != nil {
				change(s)
			}
		}, nil)
		if err != nil {
			return err
		}
		return printStep(e, step, c.JSON)
	})
}

func printStep(e *env, s *pb.Step, asJSON bool) error {
	if asJSON {
		_, err := fmt.Fprintf(e.stdout, "%s\n", s.GetEntry())
		return err
	}
	_, err := fmt.Fprintf(e.stdout, "step %d: %s\n", s.GetNumber(), s.GetAction())
	return err
}

type grantAttachCommand struct {
	grantStep
	Files []string `arg:"" help:"Files, of 1 MiB each at most." type:"existingfile"`
	Text  string   `help:"What they are."`
}

func (c *grantAttachCommand) Run(e *env) error {
	return c.take(e, review.Attach, c.Text, c.Files, nil)
}

// worded is a step that is mostly words.
type worded struct {
	grantStep
	Text string   `arg:"" help:"What there is to say."`
	File []string `help:"File to attach." type:"existingfile"`
}

type (
	grantInquireCommand   struct{ worded }
	grantReplyCommand     struct{ worded }
	grantReturnCommand    struct{ worded }
	grantConditionCommand struct{ worded }
	grantRejectCommand    struct{ worded }
)

func (c *grantInquireCommand) Run(e *env) error {
	return c.take(e, review.Inquire, c.Text, c.File, nil)
}
func (c *grantReplyCommand) Run(e *env) error  { return c.take(e, review.Reply, c.Text, c.File, nil) }
func (c *grantReturnCommand) Run(e *env) error { return c.take(e, review.Return, c.Text, c.File, nil) }
func (c *grantRejectCommand) Run(e *env) error { return c.take(e, review.Reject, c.Text, c.File, nil) }

func (c *grantConditionCommand) Run(e *env) error {
	return c.take(e, review.Condition, c.Text, c.File, nil)
}

type grantWithdrawCommand struct {
	grantStep
	Text string `help:"Why."`
}

func (c *grantWithdrawCommand) Run(e *env) error { return c.take(e, review.Withdraw, c.Text, nil, nil) }

type grantReportCommand struct {
	grantStep
	Files []string `arg:"" help:"The report, of 1 MiB a file at most." type:"existingfile"`
	Text  string   `help:"What it is."`
}

func (c *grantReportCommand) Run(e *env) error {
	return c.take(e, review.Report, c.Text, c.Files, nil)
}

type grantWaiveCommand struct {
	grantStep
	Board       string `help:"The IRB or privacy board that approved the waiver." required:""`
	On          string `help:"Day on which it did, as 2026-11-27." required:""`
	Criteria    string `help:"Statement that the board has determined that the criteria are satisfied." default:"The board has determined that the waiver satisfies the criteria of 45 CFR 164.512(i)(2)(ii)(A) to (C)."`
	Information string `help:"Brief description of the protected health information that is necessary." required:""`
	Procedure   string `help:"How it was reviewed." default:"normal" enum:"normal,expedited"`
	As          string `help:"As what you sign." default:"chair" enum:"chair,designee"`
}

func (c *grantWaiveCommand) Run(e *env) error {
	return c.take(e, review.Waive, "", nil, func(s *review.Step) {
		s.Waiver = &review.Waiver{
			Board: c.Board, ApprovedOn: c.On, Criteria: c.Criteria, Information: c.Information,
			Procedure: review.Procedure(c.Procedure), SignedAs: review.Signer(c.As),
		}
	})
}

// done says what was done on the chain, and records it in the review. It is done, though the marketplace take no note of it.
func (c *grantChange) done(e *env, p *person, words string, a review.Action, text string, change func(*review.Step)) error {
	if err := c.say(e, map[string]any{"grant": c.Grant, "action": a}, "%s", words); err != nil {
		return err
	}
	_, err := p.takeStep(e.ctx, c.Grant, a, text, change, nil)
	// The marketplace's node may be some blocks behind the one that the member sent it by.
	for tries := 0; tries < 10 && a.Ends() && errorInfo(err).GetReason() == "STEP_NOT_NOW" && waited(e.ctx, time.Second); tries++ {
		_, err = p.takeStep(e.ctx, c.Grant, a, text, change, nil)
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "medmarket: that holds, but the marketplace did not take note of it in the log of the study: %v\n", err)
	}
	return nil
}

// waited waits so long; false if ctx ends before.
func waited(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

type grantRenewCommand struct {
	grantChange
	Until string `help:"Day of the next review, as 2027-11-27." required:""`
	Text  string `help:"What was found."`
}

func (c *grantRenewCommand) Run(e *env) error {
	until, err := readDay(c.Until)
	if err != nil {
		return err
	}
	return c.change(e, func(t *eth.Transactor, p *person, _ ledger.GrantRecord) error {
		sig := p.key.Sign(p.net.Trust.Domain().GrantReviewDigest(c.Grant, until))
		if err := t.RenewGrant(e.ctx, c.Grant, until, sig); err != nil {
			return err
		}
		return c.done(e, p, "signed on the chain; the next review is then once enough members have signed and that is final", review.Renew, c.Text, func(s *review.Step) { s.ReviewBy = until })
	})
}

type grantCloseCommand struct {
	grantChange
	Text string `help:"What there is to say."`
}

func (c *grantCloseCommand) Run(e *env) error {
	return c.change(e, func(t *eth.Transactor, p *person, _ ledger.GrantRecord) error {
		report, err := p.lastReport(e, c.Grant)
		if err != nil { // no marketplace holds it up
			fmt.Fprintf(e.stderr, "medmarket: closed without a report, since the marketplace does not show the log of the study: %v\n", err)
		}
		var hash ledger.Hash
		if len(report) > 0 {
			hash = report[0].Hash
		}
		if err := t.CloseGrant(e.ctx, c.Grant, hash, p.key.Sign(p.net.Trust.Domain().GrantClosureDigest(c.Grant, hash))); err != nil {
			return err
		}
		return c.done(e, p, "closed on the chain, for good; nothing is answered under it once the block is final", review.Close, c.Text, func(s *review.Step) { s.Attachments = report })
	})
}

// lastReport are the files of the last report of a study.
func (p *person) lastReport(e *env, grant ledger.Hash) ([]review.Attachment, error) {
	entries, err := p.steps(e.ctx, grant)
	for _, one := range slices.Backward(entries) {
		if one.Step.Action == review.Report {
			return one.Step.Attachments, err
		}
	}
	return nil, err
}

type grantFileCommand struct {
	access
	outcome
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	Hash  ledger.Hash `arg:"" help:"Hash of the file, as grant log shows it."`
	Out   string      `arg:"" help:"File to write; one that is there is left alone." type:"path"`
}

func (c *grantFileCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewGrantServiceClient(p.market).GetFile(e.ctx, &pb.GetFileRequest{Id: c.Grant[:], Hash: c.Hash[:]})
		if err != nil {
			return err
		}
		if ledger.HashBytes(r.GetContent()) != c.Hash {
			return fmt.Errorf("the marketplace sent another file than %s", c.Hash)
		}
		out, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		if _, err := out.Write(r.GetContent()); err != nil {
			return err
		}
		if err := out.Close(); err != nil {
			return err
		}
		return c.say(e, map[string]any{"file": c.Out, "bytes": len(r.GetContent())}, "%s: %d bytes", c.Out, len(r.GetContent()))
	})
}
