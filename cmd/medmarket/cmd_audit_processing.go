package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type auditProcessingCommand struct {
	access
	sheetFormat
	From           *time.Time `help:"Not before this time (RFC 3339)." format:"2006-01-02T15:04:05Z07:00"`
	Until          *time.Time `help:"Before this time (RFC 3339)." format:"2006-01-02T15:04:05Z07:00"`
	Controller     string     `help:"Name and contact of the controller, for the record." default:"the hospital that this key is a steward of"`
	Representative string     `help:"Name and contact of the controller's representative, if any."`
	Officer        string     `help:"Name and contact of the data protection officer, if any."`
}

// processed is a study in a record of processing, as JSON has it: the fields of GDPR article 30 (1).
type processed struct {
	Study        string         `json:"study"` // protocol
	Grant        ledger.Bytes   `json:"grant"`
	Purposes     []string       `json:"purposes"`            // b
	Subjects     string         `json:"data_subjects"`       // c
	Categories   []string       `json:"data_categories"`     // c
	Recipients   []string       `json:"recipients"`          // d
	Countries    []string       `json:"recipient_countries"` // e
	Until        int64          `json:"until"`               // f, Unix seconds: nothing is answered from then on
	First        int64          `json:"first"`               // Unix seconds
	Last         int64          `json:"last"`
	Questions    int            `json:"questions"`
	Answered     int            `json:"answered"`
	Cost         policy.Loss    `json:"cost"`
	Receipts     []ledger.Bytes `json:"receipts"` // request ids of what was answered
	Unanswered   []ledger.Bytes `json:"unanswered"`
	Policies     []ledger.Bytes `json:"policies"` // hashes of those in force
	NanoEpsilons int64          `json:"nano_epsilon,omitempty"`
}

const (
	subjectsWords = "patients of the dataset whose preference permitted the question, or, where the dataset's policy names a law, who were never asked"
	securityWords = "records stay at the hospital; what leaves are sums with noise (differential privacy, the patient as the unit), whose loss is charged " +
		"durably before a record is read and bounded for each patient, study, organisation and dataset; every decision and release is in a log anchored on a chain"
	erasureWords = "no personal data leaves the hospital; the records' own time limits are the hospital's. The study ends when its row says"
)

func (c *auditProcessingCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		all, err := c.studies(e.ctx, pb.NewDecisionServiceClient(p.clinic))
		if err != nil {
			return err
		}
		facts := [][2]string{
			{"controller", c.Controller}, {"representative", cmp.Or(c.Representative, "none")}, {"data protection officer", cmp.Or(c.Officer, "none")},
			{"hospital", p.net.Trust.Providers[0].String()}, {"security measures", securityWords}, {"erasure", erasureWords}, {"made", instant(time.Now().Unix())},
		}
		s := sheet{
			Title: "Record of processing (GDPR, article 30)", Facts: facts,
			Columns: []string{
				"study", "purposes", "data subjects", "categories of personal data", "recipients", "countries of recipients", "nothing is answered from", "first", "last",
				"questions charged", "answered", "loss", "receipts",
			},
			Notes: []string{"Receipts are named by request ids; 'medmarket audit verify' holds all of them against the chain."},
		}
		for _, r := range all {
			s.Rows = append(s.Rows, r.row())
		}
		record := map[string]any{"studies": all}
		for _, f := range facts {
			record[strings.ReplaceAll(f[0], " ", "_")] = f[1]
		}
		return c.write(e.stdout, s, record)
	})
}

// studies reads what was charged, by study in the order of their first questions.
func (c *auditProcessingCommand) studies(ctx context.Context, decisions pb.DecisionServiceClient) ([]*processed, error) {
	all, by := []*processed{}, map[string]*processed{}
	ask := &pb.ListProcessingRequest{}
	ask.From, ask.Until = between(c.From, c.Until)
	for {
		r, err := decisions.ListProcessing(ctx, ask)
		if err != nil {
			return nil, err
		}
		for _, q := range r.GetQuestions() {
			one := by[string(q.GetGrant())]
			if one == nil {
				one = &processed{
					Study: q.GetProtocol(), Grant: q.GetGrant(), Subjects: subjectsWords, First: q.GetDecision().GetTime(), Receipts: []ledger.Bytes{}, Unanswered: []ledger.Bytes{},
				}
				if q.GetUnreadable() {
					one.Study = unreadable
				}
				all, by[string(q.GetGrant())] = append(all, one), one
			}
			one.add(q)
		}
		if ask.PageToken = r.GetNextPageToken(); ask.PageToken == "" {
			return all, nil
		}
	}
}

func (r *processed) add(q *pb.AskedQuestion) {
	if !q.GetUnreadable() {
		name, address := recipientOf(q)
		r.Purposes = with(r.Purposes, purposeWords(q.GetPermission(), q.GetDiseases()))
		r.Recipients = with(r.Recipients, name+" ("+strings.TrimSpace(q.GetSponsorType()+"; "+address)+")")
	}
	for _, category := range q.GetCategories() {
		r.Categories = with(r.Categories, category)
	}
	for _, country := range q.GetCountries() {
		r.Countries = with(r.Countries, country)
	}
	if !slices.ContainsFunc(r.Policies, func(p ledger.Bytes) bool { return string(p) == string(q.GetPolicy()) }) {
		r.Policies = append(r.Policies, q.GetPolicy())
	}
	r.Until, r.Last = q.GetGrantExpiry(), q.GetDecision().GetTime()
	r.Questions++
	r.Cost = policy.Loss{NanoRho: r.Cost.NanoRho + q.GetCost().GetNanoRho(), Delta: r.Cost.Delta + q.GetCost().GetDelta()}
	r.NanoEpsilons += q.GetCost().GetNanoEpsilon()
	if q.GetAnswered() {
		r.Answered++
		r.Receipts = append(r.Receipts, q.GetDecision().GetRequestId())
	} else {
		r.Unanswered = append(r.Unanswered, q.GetDecision().GetRequestId())
	}
}

// with is a list with one more, unless it has it.
func with(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

func (r *processed) row() []string {
	receipts := make([]string, len(r.Receipts))
	for i, id := range r.Receipts {
		receipts[i] = hexOf(id)
	}
	study := r.Study
	if len(r.Grant) > 0 {
		study += ", grant " + hexOf(r.Grant)
	}
	return []string{
		study, strings.Join(r.Purposes, "; "), r.Subjects, strings.Join(r.Categories, ", "), strings.Join(r.Recipients, "; "),
		strings.Join(r.Countries, ", "), instant(r.Until), instant(r.First), instant(r.Last), fmt.Sprint(r.Questions), fmt.Sprint(r.Answered),
		fmt.Sprintf("%d nano-rho%s", r.Cost.NanoRho, besides(r.Cost.Delta, r.NanoEpsilons)), strings.Join(receipts, " "),
	}
}
