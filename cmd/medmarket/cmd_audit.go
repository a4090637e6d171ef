package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type auditCommand struct {
	Verify auditVerifyCommand `cmd:"" help:"Hold the whole history, register, receipts, logs and anchors, against the chain (anyone)."`
	Export auditExportCommand `cmd:"" help:"Write the history to a file, for 'audit verify' without a connection (anyone)."`

	Disclosures auditDisclosuresCommand `cmd:"" help:"To whom, what and for which purpose was released that could have counted a patient: an accounting of disclosures, 45 CFR 164.528 (steward)."`
	Processing  auditProcessingCommand  `cmd:"" help:"The record of processing, GDPR article 30 (steward)."`

	Replay auditReplayCommand `cmd:"" help:"Make decisions of the hospital, refusals too, again and compare them with what was recorded (steward)."`
	Why    auditWhyCommand    `cmd:"" help:"Show the documents and rules that decided a question, or refused it (steward)."`
}

type auditReplayCommand struct {
	access
	Request   *ledger.Hash `arg:"" optional:"" help:"Id of the request, or name of a refusal."`
	All       bool         `help:"All decisions, or those of a period, then the refusals that are kept: the last 200 of each organisation."`
	From      *time.Time   `help:"With --all: not before this time (RFC 3339)." format:"2006-01-02T15:04:05Z07:00"`
	Until     *time.Time   `help:"With --all: before this time (RFC 3339)." format:"2006-01-02T15:04:05Z07:00"`
	ActiveSet bool         `help:"Also make the root of the consent map again from every patient's preference: seconds for 100,000 patients, each time."`
	JSON      bool         `help:"Print one JSON object." name:"json"`
}

// replayed is one decision made again.
type replayed struct {
	Request    ledger.Bytes `json:"request_id"`
	Refusal    ledger.Bytes `json:"refusal,omitempty"` // its own name
	Recheck    bool         `json:"recheck,omitempty"` // the refusal is of a question that had been charged
	AsOf       uint64       `json:"as_of"`
	Time       int64        `json:"time"` // Unix seconds
	Digest     ledger.Bytes `json:"digest"`
	Same       bool         `json:"same"`
	Difference string       `json:"difference,omitempty"`
}

func (c *auditReplayCommand) Run(e *env) error {
	if (c.Request != nil) == c.All || !c.All && (c.From != nil || c.Until != nil) {
		return &exitError{exitUsage, errors.New("name one request, or --all")}
	}
	return c.with(func(p *person) error {
		decisions := pb.NewDecisionServiceClient(p.clinic)
		requests, err := c.requests(e.ctx, decisions)
		if err != nil {
			return err
		}
		all, different := []replayed{}, 0
		for _, id := range requests {
			r, err := decisions.ReplayDecision(e.ctx, &pb.ReplayDecisionRequest{RequestId: id, ActiveSet: c.ActiveSet})
			if err != nil {
				return err
			}
			d := r.GetDecision()
			one := replayed{d.GetRequestId(), d.GetRefusal(), d.GetRecheck(), d.GetAsOf(), d.GetTime(), r.GetDigest(), r.GetSame(), r.GetDifference()}
			all = append(all, one)
			if !one.Same {
				different++
			}
			if !c.JSON {
				one.print(e)
			}
		}
		if c.JSON {
			err = printJSON(e.stdout, map[string]any{"replayed": all, "different": different})
		} else {
			fmt.Fprintf(e.stdout, "%d decisions made again, %d differ\n", len(all), different)
		}
		if err == nil && different > 0 {
			err = &exitError{exitMismatch, fmt.Errorf("%d of %d decisions are not what was recorded", different, len(all))}
		}
		return err
	})
}

// between is a period as requests say it, in Unix seconds: without its ends, all that ever was.
func between(from, until *time.Time) (since, before int64) {
	since = math.MinInt64
	if from != nil {
		since = from.Unix()
	}
	if until != nil {
		before = until.Unix()
	}
	return since, before
}

// requests are the ids of those that are to be made again, and the names of refusals.
func (c *auditReplayCommand) requests(ctx context.Context, decisions pb.DecisionServiceClient) (ids [][]byte, err error) {
	if c.Request != nil {
		return [][]byte{c.Request[:]}, nil
	}
	for _, refused := range []bool{false, true} {
		ask := &pb.ListDecisionsRequest{Refused: refused}
		ask.From, ask.Until = between(c.From, c.Until)
		for more := true; more; more = ask.GetPageToken() != "" {
			r, err := decisions.ListDecisions(ctx, ask)
			if err != nil {
				return nil, err
			}
			for _, d := range r.GetDecisions() {
				if refused {
					ids = append(ids, d.GetRefusal())
				} else {
					ids = append(ids, d.GetRequestId())
				}
			}
			ask.PageToken = r.GetNextPageToken()
		}
	}
	return ids, nil
}

func (r replayed) print(e *env) {
	state := "the same, byte for byte"
	if !r.Same {
		state = "differs: " + r.Difference
	}
	name := ""
	if len(r.Refusal) > 0 {
		name = ", refusal " + hexOf(r.Refusal)
	}
	if r.Recheck {
		name += " after the charge"
	}
	fmt.Fprintf(e.stdout, "%s request %s%s, log index %d: %s\n", instant(r.Time), hexOf(r.Request), name, r.AsOf, state)
}

type auditWhyCommand struct {
	access
	Request ledger.Hash  `arg:"" help:"Id of the request, or name of a refusal."`
	Class   *ledger.Hash `help:"Show one class alone, by the hash of its document, with what the document says." placeholder:"HASH"`
	JSON    bool         `help:"Print one JSON object." name:"json"`
}

func (c *auditWhyCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewDecisionServiceClient(p.clinic).ExplainDecision(e.ctx, &pb.ExplainDecisionRequest{RequestId: c.Request[:], Document: orNone(c.Class)})
		if err != nil {
			return err
		}
		if c.Class != nil && len(r.GetClasses()) == 0 {
			return errNoClass
		}
		if c.JSON {
			return printJSON(e.stdout, whyOf(r))
		}
		return printWhy(e, r)
	})
}

// why is what the documents and rules say of a question.
type why struct {
	Request    ledger.Bytes  `json:"request_id"`
	Recheck    bool          `json:"recheck,omitempty"` // it is refused after it had been charged
	AsOf       uint64        `json:"as_of"`
	Time       int64         `json:"time"` // Unix seconds
	Outcome    string        `json:"outcome"`
	Reasons    []whyReason   `json:"reasons"`
	Vocabulary string        `json:"vocabulary"`
	Grant      ledger.Bytes  `json:"grant"`
	Policy     ledger.Hash   `json:"policy"`
	Revision   uint64        `json:"policy_revision"`
	Documents  []whyDocument `json:"documents"`
	Scopes     []whyScope    `json:"scopes"`
	Classes    []whyClass    `json:"classes"`
}

type whyDocument struct {
	Kind     string       `json:"kind"`
	Hash     ledger.Bytes `json:"hash"`
	Revision uint64       `json:"revision,omitempty"`
	Signer   ledger.Bytes `json:"signer"`
	Approved ledger.Bytes `json:"approved_by,omitempty"`
}

type whyReason struct {
	Code  string `json:"code"`
	Words string `json:"words"`
	Reads string `json:"reads"` // what its rule looks at
}

type whyScope struct {
	Name   string      `json:"name"`
	Budget policy.Loss `json:"budget"`
	Spent  policy.Loss `json:"spent"` // after the charge
}

type whyClass struct {
	Document ledger.Bytes `json:"document"`
	whyReason
	Odometer policy.Loss `json:"odometer"` // before the charge

	Content json.RawMessage `json:"content,omitempty"`     // of the document, where one class was asked about
	Row     string          `json:"default_row,omitempty"` // of those who were never asked
	Says    string          `json:"default_words,omitempty"`
}

var errNoClass = errors.New("no class had that document then")

func whyOf(r *pb.ExplainDecisionResponse) why {
	w := why{
		Request: r.GetDecision().GetRequestId(), Recheck: r.GetDecision().GetRecheck(), AsOf: r.GetDecision().GetAsOf(), Time: r.GetDecision().GetTime(), Outcome: r.GetOutcome(),
		Reasons: []whyReason{}, Vocabulary: r.GetVocabulary(), Grant: r.GetGrant(), Policy: ledger.HashBytes(r.GetPolicy().GetContent()),
		Revision: r.GetPolicy().GetRevision(), Classes: []whyClass{},
	}
	for _, reason := range r.GetReasons() {
		w.Reasons = append(w.Reasons, whyReasonOf(reason))
	}
	for _, d := range r.GetDocuments() {
		w.Documents = append(w.Documents, whyDocument{d.GetKind(), d.GetHash(), d.GetRevision(), d.GetSigner(), d.GetApprovedBy()})
	}
	for _, s := range r.GetScopes() {
		w.Scopes = append(w.Scopes, whyScope{s.GetName(), lossOf(s.GetBudget()), lossOf(s.GetSpent())})
	}
	for _, k := range r.GetClasses() {
		w.Classes = append(w.Classes, whyClass{
			k.GetDocument(), whyReasonOf(k.GetReason()), lossOf(k.GetOdometer()), k.GetContent(), k.GetDefaultRow(), k.GetDefaultWords(),
		})
	}
	return w
}

func whyReasonOf(r *pb.DecisionReason) whyReason {
	return whyReason{r.GetCode(), r.GetWords(), r.GetReads()}
}

func printWhy(e *env, r *pb.ExplainDecisionResponse) error {
	fmt.Fprintf(e.stdout, "%s, log index %d: %s\n", instant(r.GetDecision().GetTime()), r.GetDecision().GetAsOf(), r.GetOutcome())
	if r.GetDecision().GetRecheck() {
		fmt.Fprintln(e.stdout, "  it had been charged, which stands; no budget was looked at")
	}
	for _, reason := range r.GetReasons() {
		fmt.Fprintf(e.stdout, "  %s: %s\n           the rule looks at: %s\n", reason.GetCode(), reason.GetWords(), reason.GetReads())
	}
	if len(r.GetReasons()) == 0 {
		fmt.Fprintln(e.stdout, "  no rule of grant and dataset policy stood against it")
	}
	fmt.Fprintf(e.stdout, "  grant    %s\n", hexOf(r.GetGrant()))
	fmt.Fprintf(e.stdout, "  policy   %s, revision %d\n", ledger.HashBytes(r.GetPolicy().GetContent()), r.GetPolicy().GetRevision())
	fmt.Fprintf(e.stdout, "  asked by organisation %s; vocabularies: %s\n", r.GetOrganisation(), r.GetVocabulary())
	for _, d := range r.GetDocuments() {
		fmt.Fprintf(e.stdout, "  document %s %s%s, signed by %s%s\n", d.GetKind(), hexOf(d.GetHash()), revisionWords(d.GetRevision()), hexOf(d.GetSigner()), approvedWords(d.GetApprovedBy()))
	}
	for _, s := range r.GetScopes() {
		fmt.Fprintf(e.stdout, "  budget   %s: %d of %d nano-rho spent after it\n", s.GetName(), s.GetSpent().GetNanoRho(), s.GetBudget().GetNanoRho())
	}
	for _, k := range r.GetClasses() {
		if err := printClass(e, k); err != nil {
			return err
		}
	}
	return nil
}

func revisionWords(revision uint64) string {
	if revision == 0 {
		return ""
	}
	return fmt.Sprintf(", revision %d", revision)
}

func approvedWords(by []byte) string {
	if len(by) == 0 {
		return ""
	}
	return ", approved on the chain by " + hexOf(by)
}

// printClass says what was decided of a class, by which rule, and, of one that was asked about, what its document says.
func printClass(e *env, k *pb.DecisionClass) error {
	fmt.Fprintf(e.stdout, "  class    %s: %s, %s\n", hexOf(k.GetDocument()), k.GetReason().GetCode(), k.GetReason().GetWords())
	if k.GetDefaultRow() != "" {
		fmt.Fprintf(e.stdout, "           never asked; default %s: %s\n", k.GetDefaultRow(), k.GetDefaultWords())
	}
	if len(k.GetContent()) == 0 {
		return nil
	}
	fmt.Fprintf(e.stdout, "           the rule looks at: %s\n", k.GetReason().GetReads())
	var d policy.ClassDocument
	if err := ledger.ParseCanonical(k.GetContent(), &d); err != nil {
		return fmt.Errorf("document of the class: %w", err)
	}
	for line := range strings.SplitSeq(policy.Words(d.Preference(0, nil)), "\n") {
		fmt.Fprintln(e.stdout, "           "+line)
	}
	return nil
}
