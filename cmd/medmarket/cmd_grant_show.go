package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"

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
	Belief   *learnt         `json:"at_most_learnt,omitempty"`
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
		most := p.atMostLearnt(e.ctx, g, spending)
		if c.JSON {
			shown := shownGrantOf(r.GetGrant())
			shown.Spending, shown.Belief = spending, &most
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
		_, err = fmt.Fprintln(e.stdout, most)
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

// learnt is the most that an attacker could learn by all answers of a study at a dataset: at the one where it may be most.
type learnt struct {
	// Belief is how sure she can become that a person's record is there, if she held it for as likely as not.
	Belief float64 `json:"belief"`
	// Chance is with which probability it may be more: that for which the formula holds, and what the dataset's policy lets
	// questions by private keys spend beside it.
	Chance float64 `json:"chance"`
	// Unknown are datasets that do not say now what such questions may spend, of which Chance knows nothing.
	Unknown []string `json:"unknown,omitempty"`
}

// atMostLearnt looks up what the datasets of a study let its questions spend. What was spent under the documents that this one amends
// counts on, so that it may be more than the present ceiling.
func (p *person) atMostLearnt(ctx context.Context, g policy.Grant, spending []spentLine) learnt {
	var ceiling, delta int64
	var unknown []string
	for _, d := range g.Datasets {
		ceiling = max(ceiling, d.NanoRho)
		r, err := pb.NewDatasetServiceClient(p.market).GetDataset(ctx, &pb.GetDatasetRequest{Id: d.Dataset})
		if err != nil { // it has no policy yet, or cannot be reached
			unknown = append(unknown, d.Dataset)
		}
		delta = max(delta, r.GetDataset().GetBudget().GetDelta())
	}
	for _, s := range spending {
		ceiling = max(ceiling, s.Taken)
	}
	return mostOf(ceiling, delta, unknown)
}

// mostOf is of a loss, in nano-rho, with a delta in units of 2^-63.
func mostOf(nanoRho, delta int64, unknown []string) learnt {
	return learnt{accountant.Belief(0.5, nanoRho, displayDelta), displayDelta + math.Ldexp(float64(delta), -63), unknown}
}

// String says it in words.
func (l learnt) String() string {
	words := fmt.Sprintf("what an attacker could at most learn: who holds it 50:50 whether a person's record is there comes to at most %.1f %% by all answers "+
		"of the study at a dataset, whatever else she knows (but for a chance of one in %d)", 100*l.Belief, int64(1/l.Chance))
	if len(l.Unknown) > 0 {
		words += "; of " + strings.Join(l.Unknown, ", ") + " it is not known now how much chance questions by private keys may add"
	}
	return words
}

func shownGrantOf(g *pb.Grant) shownGrant {
	return shownGrant{
		ID: g.GetId(), Study: g.GetStudy(), State: word(g.GetState().String(), "REVIEW_STATE_"), Status: word(g.GetStatus().String(), "GRANT_STATUS_"),
		Role: word(g.GetRole().String(), "REVIEW_ROLE_"), Waiting: g.GetWaiting(), Steps: g.GetSteps(), ReviewBy: g.GetReviewBy(),
		Document: g.GetDocument().GetContent(),
	}
}
