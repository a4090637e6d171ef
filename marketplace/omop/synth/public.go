package synth

import (
	"context"

	"github.com/medmarket/medmarket/marketplace"
)

// Vocabulary hands over the concepts that generated hospitals may use, whatever patients they have, and the pairs of
// which one is above the other.
func Vocabulary(ctx context.Context, concept func(marketplace.VocabularyConcept) error, above func(above, below int64, steps int) error) error {
	for _, c := range vocabulary {
		domain, from, class, standard := c.describe()
		err := concept(marketplace.VocabularyConcept{
			ID: c.id, Name: c.name, Domain: domain, Vocabulary: from, Class: class, Standard: standard, Code: c.code,
		})
		if err != nil {
			return err
		}
	}
	for _, a := range ancestors() {
		if err := above(a.above, a.below, a.min); err != nil {
			return err
		}
	}
	return ctx.Err()
}
