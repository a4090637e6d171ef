package omop

import (
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// ordinal is the domain's place among all, by name: it orders events as cohort.KeepFirst says, whatever an engine
// thinks of the order of letters.
func ordinal(d cohort.Domain) int {
	return slices.Index(cohort.Domains(), d)
}
