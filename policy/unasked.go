package policy

import (
	"slices"
	"strings"

	"github.com/medmarket/medmarket/policy/duo"
)

// Default is a row of the table of what holds for patients who were never asked: by the law of the dataset's jurisdiction, and only
// where the steward names the legal basis by which it is used.
type Default struct {
	Row           string     // its name, which never changes its meaning
	Jurisdictions []string   // ISO 3166-1 alpha-2; empty: every other
	Basis         LegalBasis // empty: every other, none included
	// Permits is what she is taken to have said; nil: nothing, so that she is not counted until she is asked.
	Permits *ReleasePreference
	Words   string // for people, with the source
}

// DefaultsRelease names the table, in decisions that looked at it: one that is made again by another table says so.
const DefaultsRelease = "2026-11-27"

// memberStates are those of the European Union. Its outermost regions and Åland have codes of their own in ISO 3166 and stand under the
// law of their state, which is to be named. States of the EEA alone are not among them before they have taken the regulation over.
const memberStates = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// defaultRows are tried in order; the last holds for all. A row is added with its source, and read by people in
// testdata/defaults.txt; a state that makes use of the override of an opt-out (EHDS, Article 71(4)) is no row, as that wants a
// decision on each project.
var defaultRows = []Default{
	{
		Row: "eu-ehds", Jurisdictions: strings.Fields(memberStates), Basis: EHDS, Permits: healthResearchOnly(),
		Words: "Opt-out: Regulation (EU) 2025/327 (EHDS), Articles 53 and 71. Health research, on nothing sensitive and nothing exact, until she says otherwise.",
	},
	{Row: "opt-in", Words: "Opt-in: no law that is known here counts her unasked."},
}

// Defaults lists the table of what holds for patients who were never asked, in the order in which it is tried. The caller must not
// change what it points at.
func Defaults() []Default { return slices.Clone(defaultRows) }

// DefaultOf is the row that holds where a dataset is used on that basis in that jurisdiction. What is not in the table counts
// nobody who was never asked.
func DefaultOf(jurisdiction string, basis LegalBasis) Default {
	for _, d := range defaultRows {
		if d.holds(jurisdiction, basis) {
			return d
		}
	}
	return Default{}
}

func (d Default) holds(jurisdiction string, basis LegalBasis) bool {
	return (len(d.Jurisdictions) == 0 || slices.Contains(d.Jurisdictions, jurisdiction)) && (d.Basis == "" || d.Basis == basis)
}

// Default is the row that holds for patients of the dataset who were never asked. Any document of hers replaces it, and it does not
// come back when hers has ended or was withdrawn.
func (p DatasetPolicy) Default() Default { return DefaultOf(p.Jurisdiction, p.LegalBasis) }

// healthResearchOnly permits health research on nothing sensitive and nothing exact.
func healthResearchOnly() *ReleasePreference {
	p := ReleasePreference{
		Decision: Permit, Status: Active, PermittedUse: []DataUse{{Permission: duo.HMB}}, RecipientTypes: RecipientTypes(),
		RecipientCountries: []string{AnyCountry}, Categories: AllCategories(LevelCodes),
	}.Normalize()
	return &p
}
