package main

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type grantShowCommand struct {
	access
	Grant ledger.Hash `arg:"" help:"Id of the grant."`
	JSON  bool        `help:"Print one JSON object." name:"json"`
}

// shownGrant is a study as grant show --json and grant list --json print it.
type shownGrant struct {
	ID       ledger.Bytes    `json:"id"`    // of the present document
	Study    ledger.Bytes    `json:"study"` // of the first
	State    string          `json:"state"`
	Status   string          `json:"status"` // on the chain
	Role     string          `json:"role"`   // of who asks
	Waiting  bool            `json:"waiting"`
	Steps    uint64          `json:"steps"`
	ReviewBy int64           `json:"review_by"` // Unix seconds
	Belief   float64         `json:"belief"`    // see beliefOf
	Document json.RawMessage `json:"document"`
	Spending []spentLine     `json:"spending,omitempty"` // by dataset
}

func (c *grantShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewGrantServiceClient(p.market).GetGrant(e.ctx, &pb.GetGrantRequest{Id: c.Grant[:]})
		if err != nil {
			return err
		}
		g, err := readGrant(r.GetGrant())
		if err != nil {
			return err
		}
		spending, err := p.spending(e.ctx, r.GetGrant())
		if err != nil {
			return err
		}
		if c.JSON {
			shown := shownGrantOf(r.GetGrant(), g)
			shown.Spending = spending
			return printJSON(e.stdout, shown)
		}
		fmt.Fprintf(e.stdout, "%s\n", r.GetGrant().GetDocument().GetContent())
		if string(c.Grant[:]) != string(r.GetGrant().GetId()) {
			fmt.Fprintf(e.stdout, "that is the present document, %s\n", hexOf(r.GetGrant().GetId()))
		}
		fmt.Fprintln(e.stdout, whereItStands(r.GetGrant()))
		if by := r.GetGrant().GetReviewBy(); by != 0 {
			fmt.Fprintf(e.stdout, "next review %s: nothing is answered from then on until the committee has renewed it\n", dayOf(by))
		}
		for _, s := range spending {
			fmt.Fprintf(e.stdout, "spent at %s: %.4f of %.4f epsilon at delta %g (%d of %d nano-rho)\n",
				s.Dataset, epsilon(s.Taken), epsilon(s.Ceiling), displayDelta, s.Taken, s.Ceiling)
		}
		_, err = fmt.Fprintln(e.stdout, beliefWords(g))
		return err
	})
}

// spentLine is what a study has spent at a dataset by now, as grant show --json prints it.
type spentLine struct {
	Dataset string `json:"dataset"`
	Ceiling int64  `json:"ceiling_nano_rho"`
	Taken   int64  `json:"taken_nano_rho"`
}

// spending is what a study has spent, out of the public register; nothing before it is approved.
func (p *person) spending(ctx context.Context, g *pb.Grant) (all []spentLine, err error) {
	if g.GetStatus() == pb.GrantStatus_GRANT_STATUS_UNSPECIFIED {
		return nil, nil
	}
	r, err := pb.NewRegisterServiceClient(p.market).GetStudy(ctx, &pb.GetStudyRequest{Id: g.GetId()})
	if status.Code(err) == codes.NotFound { // approved on the chain, and the marketplace has not noted it
		return nil, nil
	}
	for _, s := range r.GetSpending() {
		all = append(all, spentLine{s.GetDataset(), s.GetCeilingNanoRho(), s.GetTakenNanoRho()})
	}
	return all, err
}

func readGrant(g *pb.Grant) (d policy.Grant, err error) {
	err = ledger.ParseCanonical(g.GetDocument().GetContent(), &d)
	return d, err
}

// whereItStands is where a study stands, in words.
func whereItStands(g *pb.Grant) string {
	switch g.GetStatus() {
	case pb.GrantStatus_GRANT_STATUS_ACTIVE:
		return "approved and final on the chain"
	case pb.GrantStatus_GRANT_STATUS_SUSPENDED:
		return "suspended by the committee, final on the chain: nothing is answered under it"
	case pb.GrantStatus_GRANT_STATUS_REVOKED:
		return "revoked by the committee, final on the chain, for good"
	case pb.GrantStatus_GRANT_STATUS_SUPERSEDED:
		return "superseded by an amendment, final on the chain: ask under that"
	case pb.GrantStatus_GRANT_STATUS_CLOSED:
		return "closed by the committee, final on the chain, for good"
	case pb.GrantStatus_GRANT_STATUS_UNSPECIFIED: // nothing is final yet
	}
	switch g.GetState() {
	case pb.ReviewState_REVIEW_STATE_QUESTIONED:
		return "waits for the researchers' reply (`medmarket grant reply`)"
	case pb.ReviewState_REVIEW_STATE_RETURNED:
		return "returned to the researchers for another document (`medmarket grant resubmit`)"
	case pb.ReviewState_REVIEW_STATE_APPROVED:
		return "approved, not final yet, or it takes more members"
	case pb.ReviewState_REVIEW_STATE_REJECTED:
		return "rejected by the committee"
	case pb.ReviewState_REVIEW_STATE_WITHDRAWN:
		return "withdrawn by the researchers"
	case pb.ReviewState_REVIEW_STATE_REVOKED, pb.ReviewState_REVIEW_STATE_CLOSED:
		return "ended by the committee, not final yet"
	case pb.ReviewState_REVIEW_STATE_UNSPECIFIED, pb.ReviewState_REVIEW_STATE_SUBMITTED:
	}
	return "waits for the committee"
}

// beliefOf is the most sure that somebody can become that a person's record is there, by all answers of a study at the
// dataset where it may lose most, if she held it for as likely as not.
func beliefOf(g policy.Grant) float64 {
	var most int64
	for _, d := range g.Datasets {
		most = max(most, d.NanoRho)
	}
	return accountant.Belief(0.5, most, displayDelta)
}

func beliefWords(g policy.Grant) string {
	return fmt.Sprintf("what an attacker could at most learn: who holds it 50:50 whether a person's record is there comes to at most %.1f %% by all answers "+
		"of the study at a dataset, whatever else she knows (but for a chance of one in a million)", 100*beliefOf(g))
}

func shownGrantOf(g *pb.Grant, d policy.Grant) shownGrant {
	return shownGrant{
		ID: g.GetId(), Study: g.GetStudy(), State: word(g.GetState().String(), "REVIEW_STATE_"), Status: word(g.GetStatus().String(), "GRANT_STATUS_"),
		Role: word(g.GetRole().String(), "REVIEW_ROLE_"), Waiting: g.GetWaiting(), Steps: g.GetSteps(), ReviewBy: g.GetReviewBy(),
		Belief: beliefOf(d), Document: g.GetDocument().GetContent(),
	}
}
