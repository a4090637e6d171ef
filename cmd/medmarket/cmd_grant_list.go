package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/eth"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantListCommand struct {
	access
	Waiting bool   `help:"Only those in which something is for you to do."`
	Filter  string `help:"Only those with a state, a status or a dataset, as in 'state = \"approved\" AND dataset = \"hospital\"'."`
	JSON    bool   `help:"Print one JSON array." name:"json"`
}

func (c *grantListCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		list, err := p.grants(e.ctx, &pb.ListGrantsRequest{Waiting: c.Waiting, Filter: c.Filter})
		if err != nil {
			return err
		}
		if c.JSON {
			return printGrants(e, list)
		}
		return p.ledgerOf(e, func(t *eth.Transactor) error {
			for _, g := range list {
				state, err := grantState(e.ctx, t.Client, g, time.Now())
				if err != nil {
					return err
				}
				fmt.Fprintf(e.stdout, "%s  %-22s  %s\n", hexOf(g.GetId()), state, time.Unix(g.GetCreatedAt(), 0).UTC().Format(time.DateTime))
			}
			return nil
		})
	})
}

// grants lists the studies that p has to do with, all pages of a request.
func (p *person) grants(ctx context.Context, request *pb.ListGrantsRequest) (all []*pb.Grant, err error) {
	for {
		page, err := pb.NewGrantServiceClient(p.market).ListGrants(ctx, request)
		if err != nil {
			return nil, err
		}
		all, request.PageToken = append(all, page.GetGrants()...), page.GetNextPageToken()
		if request.PageToken == "" {
			return all, nil
		}
	}
}

// signatures reads who has signed a grant.
type signatures interface {
	Current(ctx context.Context, account ledger.Address) (ledger.Address, error)
	Participant(ctx context.Context, account ledger.Address) (ledger.Participant, error)
	GrantSignatures(ctx context.Context, document, organisation ledger.Hash) (signed, needed int, err error)
}

// grantState is what has become of a study, as final on the chain, in few words.
func grantState(ctx context.Context, chain signatures, r *pb.Grant, now time.Time) (string, error) {
	g, err := readGrant(r)
	if err != nil {
		return "", err
	}
	if state, known := plainState(r, g, now.Unix()); known {
		return state, nil
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
	signed, needed, err := chain.GrantSignatures(ctx, ledger.Hash(r.GetId()), who.Organisation)
	if err != nil {
		return "", err
	}
	state := "open"
	switch {
	case r.GetStatus() == pb.GrantStatus_GRANT_STATUS_SUSPENDED:
		state = "suspended"
	case r.GetApproved() && signed == 0:
		return "approved, not final", nil
	case signed > 0:
		state = "pending"
	}
	if signed > 0 {
		state += fmt.Sprintf(", %d of %d signed", signed, needed)
	}
	return state, nil
}

// plainState is what has become of a study where it does not depend on how many have signed.
func plainState(r *pb.Grant, g policy.Grant, now int64) (string, bool) {
	switch s := r.GetStatus(); {
	case s == pb.GrantStatus_GRANT_STATUS_REVOKED, s == pb.GrantStatus_GRANT_STATUS_SUPERSEDED, s == pb.GrantStatus_GRANT_STATUS_CLOSED:
		return word(s.String(), "GRANT_STATUS_"), true
	case r.GetState() == pb.ReviewState_REVIEW_STATE_REJECTED, r.GetState() == pb.ReviewState_REVIEW_STATE_WITHDRAWN:
		return word(r.GetState().String(), "REVIEW_STATE_"), true
	case now >= g.Period.End:
		return "expired", true
	case s == pb.GrantStatus_GRANT_STATUS_ACTIVE && r.GetReviewBy() != 0 && now >= r.GetReviewBy():
		return "active, to be reviewed", true
	case s == pb.GrantStatus_GRANT_STATUS_ACTIVE:
		return "active", true
	case r.GetState() == pb.ReviewState_REVIEW_STATE_QUESTIONED, r.GetState() == pb.ReviewState_REVIEW_STATE_RETURNED:
		return word(r.GetState().String(), "REVIEW_STATE_"), true
	}
	return "", false
}

// word is the name of a value of an enum, as people write it.
func word(name, prefix string) string { return strings.ToLower(strings.TrimPrefix(name, prefix)) }

func printGrants(e *env, grants []*pb.Grant) error {
	all := []shownGrant{}
	for _, one := range grants {
		if _, err := readGrant(one); err != nil {
			return err
		}
		all = append(all, shownGrantOf(one))
	}
	return printJSON(e.stdout, all)
}
