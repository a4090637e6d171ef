package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type datasetProfileCommand struct {
	access
	outcome
	File string `arg:"" help:"The profile as JSON; see docs/manual.md. All in it is declared from what is known without the records." type:"existingfile"`
	Size string `help:"Receipt of an answer to how many patients there are, which then says it instead of the file: it was charged when it was asked." type:"existingfile" placeholder:"RECEIPT"`
}

func (c *datasetProfileCommand) Run(e *env) error {
	var d provider.DatasetProfile
	if err := readDocument(c.File, &d); err != nil {
		return err
	}
	if err := c.readSize(&d); err != nil {
		return fmt.Errorf("%s: %w", c.Size, err)
	}
	if err := d.Normalize().Validate(); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return c.with(func(p *person) error {
		if err := p.setProfile(e.ctx, d); err != nil {
			return err
		}
		return c.say(e, map[string]any{"dataset": d.Dataset, "revision": d.Revision}, "profile of %s is at revision %d", d.Dataset, d.Revision)
	})
}

// readSize takes the number of patients out of a receipt, if there is one. The hospital checks that the answer is its own.
func (c *datasetProfileCommand) readSize(d *provider.DatasetProfile) error {
	if c.Size == "" {
		return nil
	}
	b, err := os.ReadFile(c.Size)
	if err != nil {
		return err
	}
	var r ledger.Receipt
	if err := ledger.ParseCanonical(b, &r); err != nil {
		return err
	}
	var asked dp.Statement
	if err := ledger.ParseCanonical(r.Statement.Plan, &asked); err != nil {
		return err
	}
	plan, err := dp.NewPlan(asked.Query, asked.Metadata)
	if err != nil {
		return err
	}
	if len(r.Statement.Releases) != 1 {
		return fmt.Errorf("%d hospitals answered", len(r.Statement.Releases))
	}
	patients, size, err := provider.SizeOf(r.Statement.Ask.RequestID, plan, r.Statement.Releases[0].Release.Vector)
	d.Patients, d.Size = patients, &size
	return err
}

type datasetShowCommand struct {
	access
	ID   string `arg:"" help:"Id of the dataset, out of dataset list."`
	JSON bool   `help:"Print one JSON object: the profile and the policy as they were signed." name:"json"`
}

func (c *datasetShowCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewDatasetServiceClient(p.market).GetDataset(e.ctx, &pb.GetDatasetRequest{Id: c.ID})
		if err != nil {
			return err
		}
		d := r.GetDataset()
		if c.JSON {
			return printJSON(e.stdout, map[string]any{
				"id": d.GetId(), "version": d.GetVersion(), "reference_year": d.GetReferenceYear(),
				"work_per_nano_rho": d.GetWorkPerNanoRho(), "next_rise": riseOf(d.GetNextRise()), "budget": spentOf(d.GetBudget()), "spent": spentOf(d.GetSpent()),
				"rounded_patients": d.GetRoundedPatients(), "profile": orNull(d.GetProfile()), "policy": orNull(d.GetPolicy()),
			})
		}
		return printDataset(e.stdout, d)
	})
}

// orNull is a document's JSON, or null if there is none.
func orNull(d *pb.SignedDocument) json.RawMessage {
	if d == nil {
		return json.RawMessage("null")
	}
	return d.GetContent()
}

// printDataset prints what is public of a dataset.
func printDataset(w io.Writer, d *pb.Dataset) error {
	var profile provider.DatasetProfile
	if d.GetProfile() != nil {
		if err := json.Unmarshal(d.GetProfile().GetContent(), &profile); err != nil {
			return fmt.Errorf("profile of %s: %w", d.GetId(), err)
		}
	}
	var terms policy.DatasetPolicy
	if err := json.Unmarshal(d.GetPolicy().GetContent(), &terms); err != nil {
		return fmt.Errorf("policy of %s: %w", d.GetId(), err)
	}
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-9s %s\n", name, strings.ReplaceAll(value, "\n", "\n          "))
		}
	}
	line("dataset", d.GetId()+", version "+d.GetVersion())
	line("title", profile.Title)
	line("summary", profile.Summary)
	line("contact", profile.Contact)
	line("cdm", profile.CDMVersion)
	line("ages", fmt.Sprintf("taken in %d", d.GetReferenceYear()))
	if n := d.GetRoundedPatients(); n > 0 {
		line("patients", fmt.Sprintf("about %d", n))
	}
	if s := profile.Size; s != nil {
		line("", fmt.Sprintf("%d to %d at 95%%: the answer to %s", s.Low, s.High, s.Request))
	}
	var domains []string
	for _, domain := range profile.Domains {
		domains = append(domains, string(domain))
	}
	line("domains", strings.Join(domains, ", "))
	var uses []string
	for _, u := range terms.PermittedUse {
		uses = append(uses, strings.TrimSpace(string(u.Permission)+" "+strings.Join(u.Diseases, " ")))
	}
	line("uses", strings.Join(uses, ", "))
	for i, column := range terms.Columns {
		line([]string{"columns", " "}[min(i, 1)], fmt.Sprintf("%s (%s, up to level %d)", column.Name, column.Category, column.Finest))
	}
	line("noise", accountingWords[terms.Accounting])
	line("numbers", disclosureWords(terms.Disclosure))
	for i, b := range profile.Bounds {
		line([]string{"bounds", " "}[min(i, 1)], boundWords(b))
	}
	words, err := datasetLineOf(d).spentWords()
	if err != nil {
		return err
	}
	line("spent", words)
	line("price", priceWords(d.GetWorkPerNanoRho()))
	printRise(w, d.GetId(), d.GetNextRise())
	return nil
}

// priceWords say a price.
func priceWords(workPerNanoRho int64) string {
	return credits(1_000_000*workPerNanoRho) + " credits buy a question of 0.001 rho"
}

// spentOf is a loss in all its units.
func spentOf(c *pb.Cost) map[string]int64 {
	return map[string]int64{"nano_rho": c.GetNanoRho(), "delta": c.GetDelta(), "nano_epsilon": c.GetNanoEpsilon()}
}

// accountingWords say what noise answers have, and how it is counted.
var accountingWords = map[policy.Accounting]string{
	"": "Gaussian, counted in zCDP", policy.GaussianOnly: "Gaussian and no other, counted exactly", policy.Pure: "Laplace; epsilons add, and there is no delta",
}

// disclosureWords say what answers do with small numbers; nothing if they show all.
func disclosureWords(d policy.Disclosure) string {
	var words []string
	if d.MinCount > 0 {
		words = append(words, fmt.Sprintf("of fewer than %d are suppressed", d.MinCount))
	}
	if d.MinCohort > 0 {
		words = append(words, fmt.Sprintf("answers about fewer than %d in all show nothing", d.MinCohort))
	}
	if d.RoundTo > 1 {
		words = append(words, fmt.Sprintf("counts are rounded to %d", d.RoundTo))
	}
	return strings.Join(words, "; ")
}

// boundWords say what a question may leave out.
func boundWords(b dp.Bound) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	what := strings.TrimSpace(string(b.Domain) + " " + strings.ReplaceAll(string(b.Field), "_", " "))
	if b.Concept != 0 {
		what += fmt.Sprintf(" of concept %d", b.Concept)
	}
	if b.Unit != 0 {
		what += fmt.Sprintf(" in unit %d", b.Unit)
	}
	return what + ": " + number(b.Low) + " to " + number(b.High)
}
