package main

import (
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/ledger"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type participantCommand struct {
	Register participantRegisterCommand `cmd:"" help:"Put a participant on the chain (operator)."`
	Show     participantShowCommand     `cmd:"" help:"Show what is registered for an address."`
}

type participantRegisterCommand struct {
	access
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
		fmt.Fprintf(e.stdout, "%s is on the chain as %s of %s; in force once the block is final\n", c.Address, strings.Join(c.Role, ", "), c.Organisation)
		return nil
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
			names = append(names, strings.ToLower(strings.TrimPrefix(role.String(), "ROLE_")))
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
