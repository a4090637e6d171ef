package policy_test

import (
	"fmt"
	"strings"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

func ExampleDecide() {
	year := policy.Column{Name: "person.year_of_birth", Category: policy.Demographics, Finest: policy.LevelGroups}
	bands := policy.ColumnUse{Name: year.Name, Category: year.Category, Level: policy.LevelGroups}
	health := []policy.DataUse{{Permission: duo.HMB}}
	researcher := "0x1111111111111111111111111111111111111111"
	in := policy.Input{
		Request: policy.Request{
			Dataset: "st-marys", Researcher: researcher, Organisation: "0x" + strings.Repeat("0a", 32), Purpose: health[0],
			Columns: []policy.ColumnUse{bands},
			NanoRho: 50_000, Now: 1_790_000_000, AsOf: 7, Head: 7,
		},
		Policy: policy.DatasetPolicy{
			Dataset: "st-marys", Revision: 1, PermittedUse: health, Columns: []policy.Column{year},
			MaxNanoRhoPerQuery: 100_000, MaxNanoRhoPerOrganisation: 1_000_000, TotalNanoRho: 1_000_000,
		},
		Grant: &policy.Grant{
			ID: "2026-17", Protocol: "Statins after sixty", Committee: "0xcccccccccccccccccccccccccccccccccccccccc",
			Researchers: []string{researcher}, SponsorType: policy.Academic,
			Countries: []string{"DE"}, Purposes: health,
			Datasets: []policy.DatasetCeiling{{Dataset: "st-marys", NanoRho: 500_000}},
			Period:   policy.Period{Start: 1_780_000_000, End: 1_800_000_000},
		},
		GrantStatus: policy.GrantActive,
	}
	fmt.Println(policy.Decide(in).Outcome)

	patient := policy.CensusOnly()
	fmt.Println(in.Terms().PatientReason(&patient, policy.Loss{}))

	patient.Status = policy.Withdrawn
	fmt.Println(policy.Explain(in.Terms().PatientReason(&patient, policy.Loss{})))

	in.GrantStatus, in.Request.NanoRho = policy.GrantSuspended, 200_000
	for _, reason := range policy.Decide(in).Reasons {
		fmt.Println(reason+":", policy.Explain(reason))
	}
	// Output:
	// allow
	// P_ELIGIBLE
	// You have withdrawn your permission.
	// GRANT_SUSPENDED: The ethics committee has suspended the grant for the time being.
	// EPSILON_QUERY_CAP: The question would use more of the privacy budget than the hospital allows for a single one.
}
