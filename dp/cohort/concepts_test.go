package cohort_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
)

// G2: what is sensitive by its code is known wherever in a question the code stands.
func TestConceptsAreNamedWhereverTheyStand(t *testing.T) {
	const in = `{"any":[{"not":{"has":{"min":1,"events":{"records":{"domain":"drug","concepts":[{"id":1},{"id":2,"descendants":true,"exclude":true}]}}}}},
		{"at_least":{"k":1,"of":[{"has":{"min":1,"events":{"union":[{"records":{"domain":"measurement","value_concepts":[3]}},
			{"records":{"domain":"condition","concepts":[{"id":4,"descendants":true}]},
			 "where":{"has":{"min":1,"events":{"records":{"domain":"visit","concepts":[{"id":5},{"id":1}]}}}}}]}}}]}},
		{"person":{"sexes":[8507]}}]}`
	var c cohort.Criterion
	if err := json.Unmarshal([]byte(in), &c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{1, 2, 3, 4, 5}, c.Concepts()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{2, 4}, c.Roots()); diff != "" {
		t.Errorf("with what is below: %s", diff)
	}
}
