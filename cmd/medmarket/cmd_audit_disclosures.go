package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

// accounting is how an accounting of disclosures is made.
type accounting struct {
	access
	sheetFormat
	LegallyRequired bool `help:"Only what the law wants (45 CFR 164.528): of the last six years, without what left no answer and what the patient's own preference permitted. Default: all."`
}

type auditDisclosuresCommand struct {
	accounting
	Patient int64 `help:"The hospital's patient number." required:""`
}

func (c *auditDisclosuresCommand) Run(e *env) error {
	return c.with(func(p *person) error { return c.account(e, p, &c.Patient) })
}

type preferDisclosuresCommand struct{ accounting }

func (c *preferDisclosuresCommand) Run(e *env) error {
	return c.with(func(p *person) error { return c.account(e, p, nil) })
}

// disclosed is a disclosure as JSON has it.
type disclosed struct {
	Time        int64        `json:"time"` // Unix seconds
	Recipient   string       `json:"recipient"`
	Address     string       `json:"recipient_address"`
	Researcher  ledger.Bytes `json:"researcher"` // address of her key
	Description string       `json:"description"`
	Purpose     string       `json:"purpose"`
	Study       string       `json:"study"` // protocol
	Grant       ledger.Bytes `json:"grant"`
	Basis       string       `json:"basis"`
	Own         bool         `json:"own"`      // by the patient's own preference
	Answered    bool         `json:"answered"` // a release was signed; whether it was fetched the hospital does not see
	Unreadable  bool         `json:"unreadable,omitempty"`
	Cost        policy.Loss  `json:"cost"`
	LossAtMost  policy.Loss  `json:"loss_at_most"` // after it
	Policy      ledger.Bytes `json:"policy"`
	Receipt     ledger.Bytes `json:"receipt"` // request id
	AsOf        uint64       `json:"as_of"`
	Signature   ledger.Bytes `json:"release_signature,omitempty"`
}

// account writes the accounting of a patient, of the one who asks if patient is nil.
func (c *accounting) account(e *env, p *person, patient *int64) error {
	all, err := p.disclosures(e.ctx, patient)
	if err != nil {
		return err
	}
	if c.LegallyRequired {
		all = legallyRequired(all, time.Now())
	}
	s := sheet{
		Title: "Accounting of disclosures (45 CFR 164.528)",
		Facts: [][2]string{{"hospital", p.net.Trust.Providers[0].String()}, {"made", instant(time.Now().Unix())}, {"disclosures", fmt.Sprint(len(all))}},
		Columns: []string{
			"date", "recipient", "recipient's address", "what", "purpose", "study", "basis", "answered", "loss so far at most", "receipt", "log index", "hospital's signature",
		},
		Notes: []string{
			"Only numbers with noise were released, never rows. The patient's record may or may not have been counted in them: the hospital itself does not know.",
			"An answer that was signed may have been fetched or not, which the hospital does not see; all that researchers got is in the public register. Each is counted as disclosed.",
			"A receipt is named by its request id, under which the question is in the public register; 'medmarket receipt' fetches it and 'medmarket verify' checks it.",
		},
	}
	if patient != nil {
		s.Facts = append(s.Facts, [2]string{"patient", fmt.Sprint(*patient)})
	}
	for _, d := range all {
		s.Rows = append(s.Rows, []string{
			instant(d.Time), d.Recipient, d.Address, d.Description, d.Purpose, d.Study, d.Basis, map[bool]string{true: "yes, signed for whoever fetches it", false: "no, nothing left the hospital"}[d.Answered],
			fmt.Sprintf("%.4f epsilon", epsilon(d.LossAtMost.NanoRho)), hexOf(d.Receipt), fmt.Sprint(d.AsOf), signatureWords(d.Signature),
		})
	}
	return c.write(e.stdout, s, map[string]any{"legally_required": c.LegallyRequired, "disclosures": all})
}

func signatureWords(sig ledger.Bytes) string {
	if len(sig) == 0 {
		return ""
	}
	return hexOf(sig)
}

func (p *person) disclosures(ctx context.Context, patient *int64) ([]disclosed, error) {
	all := []disclosed{}
	for ask := (&pb.ListDisclosuresRequest{Patient: patient}); ; {
		r, err := pb.NewPatientServiceClient(p.clinic).ListDisclosures(ctx, ask)
		if err != nil {
			return nil, err
		}
		for _, d := range r.GetDisclosures() {
			all = append(all, disclosedOf(d))
		}
		if ask.PageToken = r.GetNextPageToken(); ask.PageToken == "" {
			return all, nil
		}
	}
}

func disclosedOf(d *pb.Disclosure) disclosed {
	q := d.GetQuestion()
	out := disclosed{
		Time: q.GetDecision().GetTime(), Researcher: q.GetResearcher(), Description: describe(q), Purpose: purposeWords(q.GetPermission(), q.GetDiseases()),
		Study: q.GetProtocol(), Grant: q.GetGrant(), Own: d.GetRevision() > 0, Answered: q.GetAnswered(), Cost: lossOf(q.GetCost()),
		LossAtMost: lossOf(d.GetLossAtMost()), Policy: q.GetPolicy(), Receipt: q.GetDecision().GetRequestId(), AsOf: q.GetDecision().GetAsOf(), Signature: q.GetReleaseSignature(),
		Basis: "the law that the dataset's policy names; the patient had said nothing",
	}
	if out.Own {
		out.Basis = fmt.Sprintf("the patient's preference, revision %d", d.GetRevision())
	}
	out.Recipient, out.Address = recipientOf(q)
	if out.Unreadable = q.GetUnreadable(); out.Unreadable {
		out.Recipient, out.Address, out.Description, out.Purpose = unreadable, unreadable, unreadable, unreadable
	}
	return out
}

// unreadable is said of what the hospital cannot read any more.
const unreadable = "the hospital's record of it cannot be read any more: ask the hospital"

// recipientOf is who received the answers to a question, and the address.
func recipientOf(q *pb.AskedQuestion) (name, address string) {
	if q.GetRecipientName() != "" {
		return q.GetRecipientName() + ", researcher " + hexOf(q.GetResearcher()), q.GetRecipientAddress()
	}
	return "organisation " + hexOf(q.GetOrganisation()) + ", researcher " + hexOf(q.GetResearcher()), "not in the dataset's profile: to be had of the hospital"
}

func describe(q *pb.AskedQuestion) string {
	return "Numbers with noise: " + q.GetWords() + " Read: " + strings.Join(q.GetColumns(), ", ") + "."
}

// purposeWords are a purpose in words, with its code.
func purposeWords(permission string, diseases []string) string {
	words := duo.Permission(permission).Label() + " (" + permission + ")"
	if len(diseases) > 0 {
		words += " of " + strings.Join(diseases, ", ")
	}
	return words
}

// legallyRequired are those that 45 CFR 164.528(a)(1) does not leave out, by the time of the accounting.
func legallyRequired(all []disclosed, now time.Time) []disclosed {
	since := now.AddDate(-6, 0, 0).Unix()
	out := []disclosed{}
	for _, d := range all {
		if d.Time >= since && d.Answered && !d.Own {
			out = append(out, d)
		}
	}
	return out
}
