package policy

import "github.com/medmarket/medmarket/policy/duo"

// AnyHealthResearch is the preference of a patient who permits health research on all of her record that is not
// sensitive, by academic and not-for-profit organisations anywhere.
func AnyHealthResearch() ReleasePreference {
	return ReleasePreference{
		Decision: Permit, Status: Active, PermittedUse: []DataUse{{Permission: duo.HMB}},
		RecipientTypes: []RecipientType{Academic, NotForProfit}, RecipientCountries: []string{AnyCountry},
		Categories: AllCategories(LevelExact),
	}.Normalize()
}

// OnConditions is [AnyHealthResearch] on the named diseases only: MONDO identifiers, one or more.
func OnConditions(diseases ...string) ReleasePreference {
	p := AnyHealthResearch()
	p.PermittedUse = []DataUse{{Permission: duo.DS, Diseases: diseases}}
	return p.Normalize()
}

// CensusOnly is [AnyHealthResearch] on wide groups of sex, race, ethnicity and age, and nothing else of the record.
func CensusOnly() ReleasePreference {
	p := AnyHealthResearch()
	p.Categories = []CategoryScope{{Category: Demographics, Finest: LevelGroups}}
	return p
}

// Nothing is the preference of a patient who is not to be counted.
func Nothing() ReleasePreference {
	return ReleasePreference{Decision: Deny, Status: Active}.Normalize()
}
