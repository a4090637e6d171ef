package cohorttest_test

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

func ExampleHolds() {
	patient := cohorttest.History{Records: []cohorttest.Record{
		{Domain: cohort.Condition, ID: 1, Concept: new(int64(443238)), Start: new(16_000)},
	}}
	diabetes := cohort.Criterion{Has: &cohort.Has{Min: 1, Events: cohort.Events{Records: &cohort.Records{
		Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: 201820, Descendants: true}},
	}}}}
	below := cohorttest.Vocabulary{201820: {201820, 443238}}
	fmt.Println(cohorttest.Holds(patient, below, diabetes), cohorttest.Holds(patient, nil, diabetes))
	// Output: true false
}
