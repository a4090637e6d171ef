package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/marketplace/review"
)

type grantLogCommand struct {
	access
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	JSON  bool        `help:"Print one JSON array." name:"json"`
}

// loggedStep is a step as grant log --json prints it.
type loggedStep struct {
	review.Entry
	Hash    ledger.Hash `json:"hash"`     // what goes on the chain
	OnChain bool        `json:"on_chain"` // it is final there, and so is all before it
}

func (c *grantLogCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		entries, err := p.steps(e.ctx, c.Grant)
		if err != nil {
			return err
		}
		heads, err := review.Heads(entries)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return errors.New("the marketplace shows no steps of this study")
		}
		var final ledger.Hash
		err = p.ledgerOf(e, func(t *eth.Transactor) error {
			final, err = t.StepsHead(e.ctx, p.net.Trust.Marketplaces[0], entries[0].Step.Study)
			return err
		})
		if err != nil {
			return err
		}
		recorded := slices.Index(heads, final)
		if recorded < 0 {
			return errors.New("the chain holds other steps of this study than the marketplace shows")
		}
		steps := []loggedStep{}
		for i, one := range entries {
			h, err := one.Hash()
			if err != nil {
				return err
			}
			steps = append(steps, loggedStep{one, h, i < recorded})
		}
		if c.JSON {
			return printJSON(e.stdout, steps)
		}
		for _, s := range steps {
			s.print(e)
		}
		fmt.Fprintf(e.stdout, "%d steps, each signed by who took it; %d final on the chain; the times are the marketplace's\n", len(steps), recorded)
		return nil
	})
}

func (s loggedStep) print(e *env) {
	fmt.Fprintf(e.stdout, "%3d  %s  %s  %s\n", s.Step.Number, time.Unix(s.At, 0).UTC().Format(time.DateTime), s.By, s.Step.Action)
	if s.Step.Text != "" {
		fmt.Fprintf(e.stdout, "     %s\n", s.Step.Text)
	}
	for _, a := range s.Step.Attachments {
		fmt.Fprintf(e.stdout, "     %s (%d bytes) %s\n", a.Name, a.Size, a.Hash)
	}
	if w := s.Step.Waiver; w != nil {
		fmt.Fprintf(e.stdout, "     waiver by %s on %s (%s review, signed by its %s): %s %s\n", w.Board, w.ApprovedOn, w.Procedure, w.SignedAs, w.Criteria, w.Information)
	}
	if s.Step.ReviewBy != 0 {
		fmt.Fprintf(e.stdout, "     next review %s\n", dayOf(s.Step.ReviewBy))
	}
}
