package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/vocabulary"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/cedar"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type datasetCommand struct {
	List    datasetListCommand    `cmd:"" help:"List the datasets on offer, with price and budget."`
	Show    datasetShowCommand    `cmd:"" help:"Show what is public of a dataset: what its steward says of it, bounds that questions may leave out, and its policy."`
	Policy  datasetPolicyCommand  `cmd:"" help:"Set the next revision of the dataset policy (steward)."`
	Profile datasetProfileCommand `cmd:"" help:"Set the next revision of what is said of the dataset in public: title, contact, bounds (steward)."`
	Terms   datasetTermsCommand   `cmd:"" help:"Show the terms that a dataset wants signed before the first question."`
	Accept  datasetAcceptCommand  `cmd:"" help:"Sign a dataset's terms (researcher)."`
}

type datasetListCommand struct {
	access
	JSON bool `help:"Print one JSON array." name:"json"`
}

// datasetLine is a dataset as dataset list --json prints it.
type datasetLine struct {
	ID             string          `json:"id"`
	Version        string          `json:"version"`
	ReferenceYear  int32           `json:"reference_year"`
	Provider       ledger.Bytes    `json:"provider"`
	WorkPerNanoRho int64           `json:"work_per_nano_rho"`
	BudgetNanoRho  int64           `json:"budget_nano_rho"`
	SpentNanoRho   int64           `json:"spent_nano_rho"`
	Policy         json.RawMessage `json:"policy"`
	// Of a dataset of pure accounting, which has no budget in rho.
	BudgetNanoEpsilon int64 `json:"budget_nano_epsilon,omitempty"`
	SpentNanoEpsilon  int64 `json:"spent_nano_epsilon,omitempty"`
}

func (c *datasetListCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		r, err := pb.NewDatasetServiceClient(p.market).ListDatasets(e.ctx, &pb.ListDatasetsRequest{})
		if err != nil {
			return err
		}
		lines := []datasetLine{}
		for _, d := range r.GetDatasets() {
			lines = append(lines, datasetLineOf(d))
		}
		if c.JSON {
			return printJSON(e.stdout, lines)
		}
		for _, d := range lines {
			words, err := d.spentWords()
			if err != nil {
				return err
			}
			fmt.Fprintf(e.stdout, "%s: %s; %s\n", d.ID, words, priceWords(d.WorkPerNanoRho))
		}
		return nil
	})
}

func datasetLineOf(d *pb.Dataset) datasetLine {
	return datasetLine{
		d.GetId(), d.GetVersion(), d.GetReferenceYear(), d.GetProvider(), d.GetWorkPerNanoRho(),
		d.GetBudget().GetNanoRho(), d.GetSpent().GetNanoRho(), d.GetPolicy().GetContent(),
		d.GetBudget().GetNanoEpsilon(), d.GetSpent().GetNanoEpsilon(),
	}
}

// spentWords say what was spent of the budget.
func (d datasetLine) spentWords() (string, error) {
	spent, budget, pure, err := d.epsilons()
	if err != nil {
		return "", err
	}
	at := fmt.Sprintf("at delta %g", displayDelta)
	if pure {
		at = "with Laplace noise, without a delta"
	}
	return fmt.Sprintf("%.3f of %.3f epsilon spent (%s)", spent, budget, at), nil
}

// epsilons are what was spent and what may be, by the accounting that the policy names.
func (d datasetLine) epsilons() (spent, budget float64, pure bool, err error) {
	var p policy.DatasetPolicy
	if err := json.Unmarshal(d.Policy, &p); err != nil {
		return 0, 0, false, fmt.Errorf("policy of %s: %w", d.ID, err)
	}
	kind := provider.Accounting(p)
	if spent, err = kind.EpsilonOf(accountant.Cost{NanoRho: d.SpentNanoRho, NanoEpsilon: d.SpentNanoEpsilon}, displayDelta); err != nil {
		return 0, 0, false, err
	}
	budget, err = kind.EpsilonOf(accountant.Cost{NanoRho: d.BudgetNanoRho, NanoEpsilon: d.BudgetNanoEpsilon}, displayDelta)
	return spent, budget, kind == accountant.Pure, err
}

type datasetPolicyCommand struct {
	access
	outcome
	File       string `arg:"" optional:"" help:"The policy as JSON; see docs/manual.md." type:"existingfile"`
	Vocabulary string `help:"File that concept import made, of the vocabulary that the records use: adds what is above the labelled concepts, where the policy does not list it." type:"existingfile" placeholder:"FILE"`
	Cedar      bool   `help:"Set nothing: print the policy of the file, or those in force, as a Cedar policy, to be read (anyone)."`
}

func (c *datasetPolicyCommand) Run(e *env) error {
	if c.File == "" {
		if !c.Cedar {
			return &exitError{exitUsage, errors.New("name the file of the policy, or say --cedar to read what is in force")}
		}
		return c.with(func(p *person) error { return p.showPolicies(e) })
	}
	var d policy.DatasetPolicy
	if err := readDocument(c.File, &d); err != nil {
		return err
	}
	if c.Vocabulary != "" {
		if err := addAncestors(e.ctx, &d, c.Vocabulary); err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
	}
	if err := d.Normalize().Validate(); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.Cedar {
		return showPolicy(e, d)
	}
	return c.with(func(p *person) error {
		if err := p.setPolicy(e.ctx, d); err != nil {
			return err
		}
		return c.say(e, map[string]any{"dataset": d.Dataset, "revision": d.Revision}, "policy of %s is at revision %d", d.Dataset, d.Revision)
	})
}

// addAncestors lists what the vocabulary in a file places above the labelled concepts.
func addAncestors(ctx context.Context, d *policy.DatasetPolicy, file string) (err error) {
	index, err := vocabulary.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	*d, err = d.WithAncestors(func(concepts []int64) ([]int64, error) { return index.Ancestors(ctx, concepts) })
	return err
}

// showPolicies writes the policy in force of every dataset on offer.
func (p *person) showPolicies(e *env) error {
	r, err := pb.NewDatasetServiceClient(p.market).ListDatasets(e.ctx, &pb.ListDatasetsRequest{})
	if err != nil {
		return err
	}
	for _, one := range r.GetDatasets() {
		var d policy.DatasetPolicy
		if err := json.Unmarshal(one.GetPolicy().GetContent(), &d); err != nil {
			return fmt.Errorf("policy of %s: %w", one.GetId(), err)
		}
		if err := showPolicy(e, d); err != nil {
			return err
		}
	}
	return nil
}

func showPolicy(e *env, d policy.DatasetPolicy) error {
	text, err := cedar.Render(d)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.stdout, text)
	return err
}
