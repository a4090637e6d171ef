package provider_test

import (
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/policy"
)

// G2: whatever a cohort may ask about is a part of the record that patients and stewards can decide about.
func TestCohortCategoriesAreThoseOfThePolicy(t *testing.T) {
	for _, d := range cohort.Domains() {
		columns := cohort.Events{Records: &cohort.Records{Domain: d}}.Columns()
		if len(columns) == 0 {
			t.Errorf("%s reads no column", d)
		}
		for _, c := range columns {
			if !slices.Contains(policy.Categories(), policy.Category(c.Category)) {
				t.Errorf("%s reads %s of category %q, which the policy does not know", d, c.Name, c.Category)
			}
		}
	}
}
