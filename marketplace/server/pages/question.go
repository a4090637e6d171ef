package pages

import (
	"context"
	"errors"
	"fmt"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace"
)

// maxNamed is the most concepts of a question that a page names.
const maxNamed = 100

// concepts names those of a question, as far as the vocabulary has them. A page is whole without.
func (p *pages) concepts(ctx context.Context, s dp.Statement) []marketplace.VocabularyConcept {
	plan, err := dp.NewPlan(s.Query, s.Metadata)
	if err != nil {
		return nil
	}
	ids := plan.Concepts()
	if len(ids) == 0 {
		return nil
	}
	found, err := p.cfg.Market.NameConcepts(ctx, ids[:min(len(ids), maxNamed)])
	if err != nil && !errors.Is(err, marketplace.ErrNoVocabulary) {
		p.cfg.Log.WarnContext(ctx, "naming concepts", "err", err)
	}
	return found
}

// names are what the concepts of questions are called. A page is whole without.
func (p *pages) names(ctx context.Context, questions ...dp.Query) cohort.Names {
	names, err := p.cfg.Market.Names(ctx, questions...)
	if err != nil {
		p.cfg.Log.WarnContext(ctx, "naming concepts", "err", err)
	}
	return names
}

// question is a plan in words.
func question(s dp.Statement, names cohort.Names) string {
	text := s.Query.Words(names)
	plan, err := dp.NewPlan(s.Query, s.Metadata)
	if err != nil {
		return text
	}
	if plan.Threshold > 0 {
		text += fmt.Sprintf(" Groups appear from %d patients on, by the number with noise.", plan.Threshold)
	}
	switch margin := plan.Margin(); {
	case margin > 0 && plan.Threshold > 0:
		text += fmt.Sprintf(" Each count is within ±%.0f at 95 %%.", margin)
	case margin > 0:
		text += fmt.Sprintf(" Each of the %d counts is within ±%.0f at 95 %%.", len(plan.Cells), margin)
	}
	return text
}
