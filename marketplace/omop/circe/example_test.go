package circe_test

import (
	"fmt"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop/circe"
)

func ExampleImport() {
	c, err := circe.Import([]byte(`{
		"ConceptSets": [{"id": 0, "expression": {"items": [{"concept": {"CONCEPT_ID": 201826}, "includeDescendants": true}]}}],
		"PrimaryCriteria": {
			"CriteriaList": [{"ConditionOccurrence": {"CodesetId": 0, "First": true}}],
			"ObservationWindow": {"PriorDays": 365, "PostDays": 0},
			"PrimaryCriteriaLimit": {"Type": "First"}
		},
		"CensorWindow": {}
	}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Words(cohort.ByID))

	_, err = circe.Import([]byte(`{"PrimaryCriteria": {"CriteriaList": [{"DoseEra": {}}]}, "CensorWindow": {"EndDate": "2020-12-31"}}`))
	for _, f := range circe.Faults(err) {
		fmt.Println(f)
	}
	// Output:
	// at least 1 of [condition 201826 or a kind of it, the first ever, observed for 365 days before and 0 after]
	// PrimaryCriteria.CriteriaList[0].DoseEra: is not supported
	// CensorWindow.EndDate: is not supported
}
