package main

import (
	"fmt"
	"time"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantCommand struct {
	Request  grantRequestCommand  `cmd:"" help:"Ask a committee for a grant (researcher)."`
	Approve  grantApproveCommand  `cmd:"" help:"Approve a grant (committee); it is in force once final on the chain."`
	Suspend  grantSuspendCommand  `cmd:"" help:"Suspend a grant for the time being (any one member of the committee)."`
	Resume   grantResumeCommand   `cmd:"" help:"Resume a suspended grant (as many members as must approve one, each for herself)."`
	Conclude grantConcludeCommand `cmd:"" help:"Have the signatures on a grant count by the number that is wanted now, if that was lowered (committee)."`
	Revoke   grantRevokeCommand   `cmd:"" help:"Revoke a grant for good (any one member of the committee)."`
	List     grantListCommand     `cmd:"" help:"List all studies."`
	Visa     grantVisaCommand     `cmd:"" help:"Print a GA4GH visa by which other systems can tell that a grant gives you access to a dataset, for an hour at most (researcher)."`
	Show     grantShowCommand     `cmd:"" help:"Show one study's grant document and its state."`
}

type grantRequestCommand struct {
	access
	Protocol  string         `help:"Number or title of the study protocol." required:""`
	Committee ledger.Address `help:"Address of the committee." required:""`
	Dataset   string         `help:"Dataset." required:""`
	Epsilon   float64        `help:"Greatest privacy loss at the dataset, at delta 1e-6." default:"1"`
	Purpose   string         `help:"DUO code or shorthand: NRES, GRU, HMB, DS, POA." default:"HMB"`
	Disease   []string       `help:"With DS: the diseases that it is about, as MONDO identifiers."`
	Sponsor   string         `help:"Who pays." default:"academic" enum:"academic,not_for_profit,commercial,government"`
	Country   []string       `help:"Every country where the study works or computes, as ISO 3166-1 alpha-2 codes." required:""`
	Profit    bool           `name:"commercial-use" help:"Products or profit are meant to come of it, whoever pays."`
	Genetic   bool           `help:"The study is on genotypes, alone or with what else is known of people."`
	About     []string       `help:"Vulnerable people whom the study is about: children, pregnant, prisoners, incapable."`
	Approval  []string       `help:"What the committee is to state that the study has: data_access_committee, collaboration, publication, vulnerable_population."`
	Methods   bool           `help:"Methods are to be developed with the data: every question under the grant counts as such."`
	Days      int            `help:"For how many days." default:"365"`
}

func (c *grantRequestCommand) Run(e *env) error {
	use, err := duo.Parse(c.Purpose)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("%w: %s", errUse, c.Purpose)}
	}
	nanoRho, err := accountant.RhoFromEpsilon(c.Epsilon, displayDelta)
	if err != nil {
		return &exitError{exitUsage, fmt.Errorf("--epsilon: %w", err)}
	}
	now := time.Now()
	return c.with(func(p *person) error {
		id, err := p.requestGrant(e.ctx, policy.Grant{
			ID: c.Protocol, Protocol: c.Protocol, Committee: c.Committee.String(), Researchers: []string{p.address().String()},
			SponsorType: policy.RecipientType(c.Sponsor), CommercialUse: c.Profit, Genetic: c.Genetic, Countries: c.Country,
			Vulnerable: as[policy.Population](c.About), Approvals: as[policy.Approval](c.Approval),
			Purposes: []policy.DataUse{{Permission: use, Diseases: c.Disease, Methods: c.Methods}},
			Datasets: []policy.DatasetCeiling{{Dataset: c.Dataset, NanoRho: nanoRho}},
			Period:   policy.Period{Start: now.Unix(), End: now.AddDate(0, 0, c.Days).Unix()},
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, id)
		return err
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
	waiting
	Grant ledger.Hash `arg:"" help:"Id of the grant, as request printed it."`
}

func (c *grantApproveCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		if err := p.approveGrant(e.ctx, c.Grant); err != nil {
			return err
		}
		fmt.Fprintln(e.stdout, "approved on the chain; in force once the block is final")
		return nil
	})
}

type grantShowCommand struct {
	access
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
}

func (c *grantShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewGrantServiceClient(p.market).GetGrant(e.ctx, &pb.GetGrantRequest{Id: c.Grant[:]})
		if err != nil {
			return err
		}
		state := "waits for the committee"
		if r.GetGrant().GetApproved() {
			state = "approved, not final yet"
		}
		switch r.GetStatus() {
		case pb.GrantStatus_GRANT_STATUS_ACTIVE:
			state = "approved and final on the chain"
		case pb.GrantStatus_GRANT_STATUS_SUSPENDED:
			state = "suspended by the committee, final on the chain: nothing is answered under it"
		case pb.GrantStatus_GRANT_STATUS_REVOKED:
			state = "revoked by the committee, final on the chain, for good"
		case pb.GrantStatus_GRANT_STATUS_UNSPECIFIED: // nothing is final yet
		}
		fmt.Fprintf(e.stdout, "%s\n%s\n", r.GetGrant().GetDocument().GetContent(), state)
		return nil
	})
}

func hexOf(b []byte) string {
	text, _ := ledger.Bytes(b).MarshalText() // hex cannot fail
	return string(text)
}
