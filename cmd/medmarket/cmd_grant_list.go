package main

import (
	"context"
	"fmt"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantListCommand struct{ access }

func (c *grantListCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		grants := pb.NewGrantServiceClient(p.market)
		list, err := grants.ListGrants(e.ctx, &pb.ListGrantsRequest{})
		if err != nil {
			return err
		}
		reader := &person{key: p.key, net: p.net}
		return reader.ledgerOf(e, func(t *eth.Transactor) error {
			for _, g := range list.GetGrants() {
				r, err := grants.GetGrant(e.ctx, &pb.GetGrantRequest{Id: g.GetId()})
				if err != nil {
					return err
				}
				state, err := grantState(e.ctx, t.Client, r, time.Now())
				if err != nil {
					return err
				}
				fmt.Fprintf(e.stdout, "%s  %-22s  %s\n", hexOf(g.GetId()), state, time.Unix(g.GetCreatedAt(), 0).UTC().Format(time.DateTime))
			}
			return nil
		})
	})
}

// signatures reads who has signed a grant.
type signatures interface {
	Current(ctx context.Context, account ledger.Address) (ledger.Address, error)
	Participant(ctx context.Context, account ledger.Address) (ledger.Participant, error)
	GrantSignatures(ctx context.Context, document, organisation ledger.Hash) (signed, needed int, err error)
}

// grantState is what has become of a study, as final on the chain, in few words.
func grantState(ctx context.Context, chain signatures, r *pb.GetGrantResponse, now time.Time) (string, error) {
	var g policy.Grant
	if err := ledger.ParseCanonical(r.GetGrant().GetDocument().GetContent(), &g); err != nil {
		return "", err
	}
	over := now.Unix() >= g.Period.End
	switch {
	case r.GetStatus() == pb.GrantStatus_GRANT_STATUS_REVOKED:
		return "revoked", nil
	case over:
		return "expired", nil
	case r.GetStatus() == pb.GrantStatus_GRANT_STATUS_ACTIVE:
		return "active", nil
	}
	committee, err := ledger.ParseAddress(g.Committee)
	if err != nil {
		return "", err
	}
	if committee, err = chain.Current(ctx, committee); err != nil { // she may have moved to a new key
		return "", err
	}
	who, err := chain.Participant(ctx, committee)
	if err != nil {
		return "", err
	}
	signed, needed, err := chain.GrantSignatures(ctx, ledger.Hash(r.GetGrant().GetId()), who.Organisation)
	if err != nil {
		return "", err
	}
	state := "open"
	switch {
	case r.GetStatus() == pb.GrantStatus_GRANT_STATUS_SUSPENDED:
		state = "suspended"
	case r.GetGrant().GetApproved() && signed == 0:
		return "approved, not final", nil
	case signed > 0:
		state = "pending"
	}
	if signed > 0 {
		state += fmt.Sprintf(", %d of %d signed", signed, needed)
	}
	return state, nil
}
