package marketplace

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// VocabularyConcept is a concept of the OMOP vocabularies.
type VocabularyConcept struct {
	ID         int64
	Name       string
	Domain     string // as OMOP spells it: "Condition"
	Vocabulary string // "SNOMED"
	Class      string // "Disorder"
	Standard   string // "S": questions use it; "C": it only classifies others; empty: neither
	Code       string // in its vocabulary
}

// Relative is a concept above or below another.
type Relative struct {
	VocabularyConcept
	Steps int // least number between the two
}

// ConceptSearch is what to look for.
type ConceptSearch struct {
	Text         string // words that names have, or begins of them; or a code. At most MaxConceptText bytes
	Domain       string // only of this one; empty: of all
	Vocabulary   string // only of this one; empty: of all
	StandardOnly bool
	Limit        int // 1 to MaxConcepts
	Offset       int // 0 to MaxConceptOffset
}

// Bounds of what is looked up at a time.
const (
	MaxConceptText   = 200
	MaxConcepts      = 100
	MaxConceptOffset = 10_000
	MaxRelatives     = 1000
	MaxNamed         = 1000
)

// Vocabulary looks concepts up. It is public, and the same whatever a hospital has recorded: it comes from what the
// operator was given by those who publish it, never from a hospital. Safe for concurrent use.
type Vocabulary interface {
	// Search finds concepts by name and code: first those of that code, then by name, the nearest first.
	Search(ctx context.Context, s ConceptSearch) ([]VocabularyConcept, error)
	// Named returns those of the ids that there are, by rising id.
	Named(ctx context.Context, ids []int64) ([]VocabularyConcept, error)
	// Above and Below return what the vocabulary places there, but the concept itself, nearest first and then by id.
	Above(ctx context.Context, id int64, limit, offset int) ([]Relative, error)
	Below(ctx context.Context, id int64, limit, offset int) ([]Relative, error)
}

// Names are what the concepts of questions are called, as far as v has them; the others, and all where v is nil or fails, go by
// their ids.
func Names(ctx context.Context, v Vocabulary, questions ...dp.Query) (cohort.Names, error) {
	named := map[int64]string{}
	for _, q := range questions {
		q.Words(func(id int64) string {
			named[id] = ""
			return ""
		})
	}
	if v == nil || len(named) == 0 {
		return cohort.ByID, nil
	}
	ids := slices.Sorted(maps.Keys(named))
	found, err := v.Named(ctx, ids[:min(len(ids), MaxNamed)])
	if err != nil {
		return cohort.ByID, err
	}
	for _, c := range found {
		named[c.ID] = c.Name
	}
	return func(id int64) string { return cmp.Or(named[id], cohort.ByID(id)) }, nil
}

// Names is [Names] by the vocabulary of this marketplace.
func (m *Market) Names(ctx context.Context, questions ...dp.Query) (cohort.Names, error) {
	return Names(ctx, m.cfg.Vocabulary, questions...)
}

// SearchConcepts looks for concepts; more says that there are others after them. Errors: ErrMalformed, ErrNoVocabulary.
func (m *Market) SearchConcepts(ctx context.Context, s ConceptSearch) (found []VocabularyConcept, more bool, err error) {
	switch {
	case m.cfg.Vocabulary == nil:
		return nil, false, ErrNoVocabulary
	case s.Text == "" || len(s.Text) > MaxConceptText || !utf8.ValidString(s.Text):
		return nil, false, fmt.Errorf("%w: what to look for is UTF-8 of 1 to %d bytes", ErrMalformed, MaxConceptText)
	case s.Limit < 1 || s.Limit > MaxConcepts || s.Offset < 0 || s.Offset > MaxConceptOffset:
		return nil, false, fmt.Errorf("%w: a page has 1 to %d concepts, from at most %d on", ErrMalformed, MaxConcepts, MaxConceptOffset)
	}
	s.Limit++
	found, err = m.cfg.Vocabulary.Search(ctx, s)
	found, more = cut(found, s.Limit-1)
	return found, more, err
}

// Concept returns a concept with a page of what is above and of what is below it; more says that there is more of
// either. Errors: ErrMalformed, ErrNoVocabulary, ErrUnknownConcept.
func (m *Market) Concept(ctx context.Context, id int64, limit, offset int) (c VocabularyConcept, above, below []Relative, more bool, err error) {
	if limit < 1 || limit > MaxRelatives || offset < 0 {
		return c, nil, nil, false, fmt.Errorf("%w: a page has 1 to %d concepts", ErrMalformed, MaxRelatives)
	}
	found, err := m.NameConcepts(ctx, []int64{id})
	if err != nil {
		return c, nil, nil, false, err
	}
	if len(found) == 0 {
		return c, nil, nil, false, ErrUnknownConcept
	}
	if above, err = m.cfg.Vocabulary.Above(ctx, id, limit+1, offset); err != nil {
		return c, nil, nil, false, err
	}
	if below, err = m.cfg.Vocabulary.Below(ctx, id, limit+1, offset); err != nil {
		return c, nil, nil, false, err
	}
	above, moreAbove := cut(above, limit)
	below, moreBelow := cut(below, limit)
	return found[0], above, below, moreAbove || moreBelow, nil
}

// NameConcepts returns those of at most MaxNamed concepts that the vocabulary has. Errors: ErrMalformed, ErrNoVocabulary.
func (m *Market) NameConcepts(ctx context.Context, ids []int64) ([]VocabularyConcept, error) {
	if m.cfg.Vocabulary == nil {
		return nil, ErrNoVocabulary
	}
	if len(ids) == 0 || len(ids) > MaxNamed {
		return nil, fmt.Errorf("%w: 1 to %d concepts are named at a time", ErrMalformed, MaxNamed)
	}
	return m.cfg.Vocabulary.Named(ctx, ids)
}

// cut takes off what is beyond a page.
func cut[T any](list []T, limit int) (page []T, more bool) {
	if len(list) > limit {
		return list[:limit], true
	}
	return list, false
}
