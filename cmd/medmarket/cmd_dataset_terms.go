package main

import (
	"fmt"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/policy"
	pb "github.com/medmarket/medmarket/proto/medmarket/v1"
)

type datasetTermsCommand struct {
	access
	Dataset string `arg:"" help:"Dataset."`
	JSON    bool   `help:"Print one JSON object." name:"json"`
}

func (c *datasetTermsCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		t, err := p.terms(e, c.Dataset)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.stdout, t)
		}
		_, err = fmt.Fprintf(e.stdout, "revision %d\n%s\n", t.Revision, t.Text)
		return err
	})
}

// terms are the present terms of a dataset.
func (p *person) terms(e *env, dataset string) (policy.DatasetTerms, error) {
	r, err := pb.NewDatasetServiceClient(p.market).GetDataset(e.ctx, &pb.GetDatasetRequest{Id: dataset})
	if err != nil {
		return policy.DatasetTerms{}, err
	}
	var d policy.DatasetPolicy
	if err := ledger.ParseCanonical(r.GetDataset().GetPolicy().GetContent(), &d); err != nil {
		return policy.DatasetTerms{}, err
	}
	if d.Terms == nil {
		return policy.DatasetTerms{}, fmt.Errorf("%s has no terms: nothing is to be signed", dataset)
	}
	return *d.Terms, nil
}

type datasetAcceptCommand struct {
	access
	outcome
	Dataset  string `arg:"" help:"Dataset."`
	Revision uint64 `help:"Revision of the terms that you have read, as dataset terms shows it." required:""`
}

func (c *datasetAcceptCommand) Run(e *env) error {
	return c.with(func(p *person) error {
		t, err := p.terms(e, c.Dataset)
		if err != nil {
			return err
		}
		if t.Revision != c.Revision {
			return &exitError{exitUsage, fmt.Errorf("the terms are at revision %d: read them first", t.Revision)}
		}
		a := provider.AcceptanceOf(c.Dataset, t)
		signed, err := ledger.NewSignedDocument(p.key, p.net.Trust.Domain(), ledger.KindTermsAcceptance, a, a.Revision, 0)
		if err != nil {
			return err
		}
		_, err = pb.NewDatasetServiceClient(p.market).AcceptTerms(e.ctx, &pb.AcceptTermsRequest{Acceptance: &pb.SignedDocument{
			Content: signed.Content, Revision: signed.Revision, Signature: signed.Signature[:],
		}})
		if err != nil {
			return err
		}
		return c.say(e, map[string]any{"dataset": c.Dataset, "revision": a.Revision, "text": a.Text},
			"you have signed revision %d of the terms of %s, of hash %s", a.Revision, c.Dataset, a.Text)
	})
}
