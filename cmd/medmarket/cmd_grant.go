package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/review"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantCommand struct {
	Request  grantRequestCommand  `cmd:"" help:"File a study with a committee, or an amendment of one (researcher)."`
	Resubmit grantResubmitCommand `cmd:"" help:"File another document in the place of a study's present one (researcher)."`
	Attach   grantAttachCommand   `cmd:"" help:"Add files to a study, such as its protocol."`
	File     grantFileCommand     `cmd:"" help:"Fetch a file of a study."`
	Reply    grantReplyCommand    `cmd:"" help:"Answer a question of the committee (researcher)."`
	Withdraw grantWithdrawCommand `cmd:"" help:"Take a study back that is not approved (researcher)."`
	Report   grantReportCommand   `cmd:"" help:"File a report of a running study; the last is its final report (researcher)."`

	Inquire   grantInquireCommand   `cmd:"" help:"Put a question to the researchers (committee)."`
	Return    grantReturnCommand    `cmd:"" help:"Return a study for another document (committee)."`
	Condition grantConditionCommand `cmd:"" help:"Say under which condition a study is approved (committee)."`
	Waive     grantWaiveCommand     `cmd:"" help:"Record a waiver of authorisation, 45 CFR 164.512(i) (chair)."`
	Reject    grantRejectCommand    `cmd:"" help:"Reject a study (committee)."`
	Approve   grantApproveCommand   `cmd:"" help:"Approve a grant (committee); it is in force once final on the chain."`

	Suspend  grantSuspendCommand  `cmd:"" help:"Suspend a grant for the time being (any one member of the committee)."`
	Resume   grantResumeCommand   `cmd:"" help:"Resume a suspended grant (as many members as must approve one, each for herself)."`
	Conclude grantConcludeCommand `cmd:"" help:"Have the signatures on a grant count by the number that is wanted now, if that was lowered (committee)."`
	Renew    grantRenewCommand    `cmd:"" help:"Put the continuing review off, once it is done (as many members as must approve, each for herself)."`
	Close    grantCloseCommand    `cmd:"" help:"Close a grant for good, the study being over, with its last report (any one member of the committee)."`
	Revoke   grantRevokeCommand   `cmd:"" help:"Revoke a grant for good (any one member of the committee)."`

	List grantListCommand `cmd:"" help:"List the studies that you have to do with."`
	Show grantShowCommand `cmd:"" help:"Show one study's grant document, its state, and what an attacker could at most learn."`
	Log  grantLogCommand  `cmd:"" help:"List what was done in the review of a study, checked against signatures and chain."`
	Visa grantVisaCommand `cmd:"" help:"Print a GA4GH visa by which other systems can tell that a grant gives you access to a dataset, for an hour at most (researcher)."`
}

type grantRequestCommand struct {
	access
	outcome
	studyFlags
	Amends ledger.Hash `help:"The approved grant that this one is to take the place of."`
	Attach []string    `help:"File to attach, such as the protocol." type:"existingfile"`
}

// studyFlags say what a grant document says.
type studyFlags struct {
	Protocol  string           `help:"Number or title of the study protocol." required:""`
	Committee ledger.Address   `help:"Address of the committee." required:""`
	Dataset   []string         `help:"Dataset; repeat for more." required:"" sep:"none"`
	Epsilon   float64          `help:"Greatest privacy loss at each dataset, at delta 1e-6." default:"1"`
	Purpose   []string         `help:"DUO code or shorthand: NRES, GRU, HMB, DS, POA; repeat for more." default:"HMB"`
	Disease   []string         `help:"With DS: the diseases that it is about, as MONDO identifiers."`
	Sponsor   string           `help:"Who pays." default:"academic" enum:"academic,not_for_profit,commercial,government"`
	Country   []string         `help:"Every country where the study works or computes, as ISO 3166-1 alpha-2 codes." required:""`
	Profit    bool             `name:"commercial-use" help:"Products or profit are meant to come of it, whoever pays."`
	Genetic   bool             `help:"The study is on genotypes, alone or with what else is known of people."`
	About     []string         `help:"Vulnerable people whom the study is about: children, pregnant, prisoners, incapable."`
	Approval  []string         `help:"What the committee is to state that the study has: data_access_committee, collaboration, publication, vulnerable_population."`
	Methods   bool             `help:"Methods are to be developed with the data: every question under the grant counts as such."`
	Days      int              `help:"For how many days." default:"365"`
	ReviewOn  string           `help:"Day from which on nothing is answered until the committee has looked at the study again, as 2027-05-27." placeholder:"DAY"`
	Other     []ledger.Address `name:"researcher" help:"Address of another researcher of the study."`
}

// grant is the document that the flags say, by its first researcher.
func (c *studyFlags) grant(by ledger.Address) (g policy.Grant, err error) {
	uses, err := c.uses()
	if err != nil {
		return g, &exitError{exitUsage, err}
	}
	nanoRho, err := accountant.RhoFromEpsilon(c.Epsilon, displayDelta)
	if err != nil {
		return g, &exitError{exitUsage, fmt.Errorf("--epsilon: %w", err)}
	}
	now := time.Now()
	g = policy.Grant{
		ID: c.Protocol, Protocol: c.Protocol, Committee: c.Committee.String(), Researchers: []string{by.String()},
		SponsorType: policy.RecipientType(c.Sponsor), CommercialUse: c.Profit, Genetic: c.Genetic, Countries: c.Country,
		Vulnerable: as[policy.Population](c.About), Approvals: as[policy.Approval](c.Approval),
		Purposes: uses, Period: policy.Period{Start: now.Unix(), End: now.AddDate(0, 0, c.Days).Unix()},
	}
	for _, dataset := range c.Dataset {
		g.Datasets = append(g.Datasets, policy.DatasetCeiling{Dataset: dataset, NanoRho: nanoRho})
	}
	for _, r := range c.Other {
		g.Researchers = append(g.Researchers, r.String())
	}
	if c.ReviewOn != "" {
		g.ReviewBy, err = readDay(c.ReviewOn)
	}
	return g, err
}

// uses are the purposes, of which only DS is about the diseases.
func (c *studyFlags) uses() (all []policy.DataUse, err error) {
	onDiseases := false
	for _, purpose := range c.Purpose {
		p, err := duo.Parse(purpose)
		if err != nil {
			return nil, fmt.Errorf("%w: %s", errUse, purpose)
		}
		use := policy.DataUse{Permission: p, Methods: c.Methods}
		if p == duo.DS {
			onDiseases, use.Diseases = true, c.Disease
		}
		all = append(all, use)
	}
	if onDiseases != (len(c.Disease) > 0) {
		return nil, errors.New("--disease goes with --purpose DS, which needs one or more")
	}
	return all, nil
}

func (c *grantRequestCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		g, err := c.grant(p.address())
		if err != nil {
			return err
		}
		if !c.Amends.IsZero() {
			g.Amends = c.Amends.String()
		}
		id, err := p.requestGrant(e.ctx, g)
		if err != nil {
			return err
		}
		// Also if the files do not follow: they can be attached by themselves.
		if err := c.say(e, map[string]any{"grant": id}, "%s", id); err != nil || len(c.Attach) == 0 {
			return err
		}
		attached, err := p.addFiles(e.ctx, id, c.Attach)
		if err != nil {
			return err
		}
		_, err = p.takeStep(e.ctx, id, review.Attach, "", func(s *review.Step) { s.Attachments = attached }, nil)
		return err
	})
}

// grantResubmitCommand prints the id of the new document.
type grantResubmitCommand struct {
	access
	outcome
	studyFlags
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	Text  string      `help:"What is new."`
}

func (c *grantResubmitCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewGrantServiceClient(p.market).GetGrant(e.ctx, &pb.GetGrantRequest{Id: c.Grant[:]})
		if err != nil {
			return err
		}
		before, err := readGrant(r.GetGrant())
		if err != nil {
			return err
		}
		g, err := c.grant(p.address())
		if err != nil {
			return err
		}
		g.Amends = before.Amends
		document, err := p.sign(ledger.KindDataGrant, g.Normalize(), r.GetGrant().GetDocument().GetRevision()+1)
		if err != nil {
			return err
		}
		id := ledger.HashBytes(document.GetContent())
		_, err = p.takeStep(e.ctx, c.Grant, review.Resubmit, c.Text, func(s *review.Step) { s.Grant = id }, document)
		if err != nil {
			return err
		}
		return c.say(e, map[string]any{"grant": id}, "%s", id)
	})
}

// as reads words of a vocabulary; whether it has them is asked when the document is checked.
func as[T ~string](words []string) (all []T) {
	for _, w := range words {
		all = append(all, T(w))
	}
	return all
}

type grantApproveCommand struct {
	access
	outcome
	waiting
	Grant     ledger.Hash `arg:"" help:"Id of the grant, as request printed it."`
	Condition []string    `help:"Condition under which it is approved; it stands in the log before the approval." sep:"none"`
}

func (c *grantApproveCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		for _, text := range c.Condition {
			if _, err := p.takeStep(e.ctx, c.Grant, review.Condition, text, nil, nil); err != nil {
				return err
			}
		}
		if err := p.approveGrant(e.ctx, c.Grant); err != nil {
			return err
		}
		return c.say(e, map[string]any{"grant": c.Grant}, "approved on the chain; in force once the block is final")
	})
}

func hexOf(b []byte) string {
	text, _ := ledger.Bytes(b).MarshalText() // hex cannot fail
	return string(text)
}
