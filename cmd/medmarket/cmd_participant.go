package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type participantCommand struct {
	Register   participantRegisterCommand   `cmd:"" help:"Put a participant on the chain (operator)."`
	Show       participantShowCommand       `cmd:"" help:"Show what is registered for an address."`
	VoteSigner participantVoteSignerCommand `cmd:"" name:"vote-signer" help:"Vote another provider in or out as a signer of checkpoints (signer). It takes more than two thirds of the signers."`
	Approvals  participantApprovalsCommand  `cmd:"" help:"Set how many members of an organisation's committee must approve a grant, or its resumption (operator)."`
	Accept     participantAcceptCommand     `cmd:"" help:"Sign with a new key that it takes the place of a lost one, for the operator."`
	Replace    participantReplaceCommand    `cmd:"" help:"Give the roles of a lost key to a new one, which signed that by 'participant accept' (operator). A signer's key is voted out and in instead."`
	Rotate     participantRotateCommand     `cmd:"" help:"Move your roles to a new key; the old one is retired for good. Grants, escrow and trust files that name the old key do not follow: take escrow back first (credit release)."`
}

type participantRegisterCommand struct {
	access
	outcome
	waiting
	Address      ledger.Address `arg:"" help:"Address of the participant's key."`
	Role         []string       `help:"Roles." required:"" enum:"researcher,committee,provider,marketplace,steward,operator"`
	Organisation string         `help:"Name of the organisation; a steward's must be the hospital's." required:""`
}

func (c *participantRegisterCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		var roles []pb.Role
		for _, r := range c.Role {
			roles = append(roles, pb.Role(pb.Role_value["ROLE_"+strings.ToUpper(r)]))
		}
		if err := p.register(e.ctx, c.Address, c.Organisation, roles...); err != nil {
			return err
		}
		return c.say(e, map[string]any{"address": c.Address, "roles": c.Role, "organisation": c.Organisation},
			"%s is on the chain as %s of %s; in force once the block is final", c.Address, strings.Join(c.Role, ", "), c.Organisation)
	})
}

type participantRotateCommand struct {
	access
	outcome
	waiting
	Next  string `arg:"" help:"File of the new key, never registered before, which signs that it takes the roles; made if it does not exist."`
	Payer string `help:"Key file of whoever pays for the transactions, if the old key has no coins." type:"existingfile" optional:""`
}

func (c *participantRotateCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		payer, err := p.payer(c.Payer)
		if err != nil {
			return err
		}
		next, err := openKey(c.Next)
		if err != nil {
			return fmt.Errorf("the new key: %w", err)
		}
		return payer.ledgerOf(e, func(t *eth.Transactor) error {
			r := ledger.KeyRotation{Account: p.address(), Next: next.Address()}
			digest := p.net.Trust.Domain().KeyRotationDigest(r)
			err := t.RotateSigned(e.ctx, r, p.key.Sign(digest), next.Sign(digest))
			if errors.Is(err, eth.NotRegistered) { // moved before, and only her credit was left behind?
				if now, readErr := t.Current(e.ctx, r.Account); readErr == nil && now == r.Next {
					err = nil
				}
			}
			if err != nil {
				return err
			}
			if err := c.say(e, map[string]any{"former": r.Account, "address": r.Next}, "%s has the roles on the chain; in force once the block is final", r.Next); err != nil {
				return err
			}
			// A researcher's free credit goes with her; others have none.
			if err := t.Inherit(e.ctx, p.address()); err != nil && !errors.Is(err, eth.Nothing) {
				return err
			}
			return nil
		})
	})
}

type participantShowCommand struct {
	access
	Address ledger.Address `arg:"" help:"Address of a key."`
	JSON    bool           `help:"Print one JSON object." name:"json"`
}

func (c *participantShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewParticipantServiceClient(p.market).GetParticipant(e.ctx, &pb.GetParticipantRequest{Address: c.Address[:]})
		if err != nil {
			return err
		}
		names := []string{}
		for _, role := range r.GetParticipant().GetRoles() {
			names = append(names, word(role.String(), "ROLE_"))
		}
		if c.JSON {
			return printJSON(e.stdout, map[string]any{"address": c.Address, "roles": names})
		}
		if len(names) == 0 {
			names = []string{"not registered (or not final yet)"}
		}
		fmt.Fprintf(e.stdout, "%s: %s\n", c.Address, strings.Join(names, ", "))
		return nil
	})
}
