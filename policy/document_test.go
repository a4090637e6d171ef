package policy_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

const tooLarge = 1 << 53

// Each case breaks one field of a document that is valid otherwise.
func TestValidateNamesTheField(t *testing.T) {
	for _, tt := range []struct {
		field  string
		want   error
		change func(*scene)
	}{
		{"preference.decision", policy.ErrInvalid, func(s *scene) { s.preference.Decision = "" }},
		{"preference.decision", policy.ErrUnknownTerm, func(s *scene) { s.preference.Decision = "allow" }},
		{"preference.status", policy.ErrInvalid, func(s *scene) { s.preference.Status = "" }},
		{"preference.status", policy.ErrUnknownTerm, func(s *scene) { s.preference.Status = "Active" }},
		{"preference.period.start", policy.ErrInvalid, func(s *scene) { s.preference.Period.Start = -1 }},
		{"preference.period.end", policy.ErrInvalid, func(s *scene) { s.preference.Period.End = tooLarge }},
		{"preference.period", policy.ErrInvalid, func(s *scene) { s.preference.Period.Start = 1000 }},
		{"preference.permitted_use", policy.ErrUnknownTerm, func(s *scene) { s.preference.PermittedUse[0].Permission = "HMB" }},
		{"preference.permitted_use", policy.ErrInvalid, func(s *scene) { s.preference.PermittedUse[0].Diseases = []string{cancer} }},
		{"preference.permitted_use.diseases", policy.ErrInvalid, func(s *scene) {
			s.preference.PermittedUse = []policy.DataUse{{Permission: duo.DS, Diseases: manyDiseases(65)}}
		}},
		{"preference.provisions.purpose.diseases", policy.ErrInvalid, func(s *scene) {
			all := manyDiseases(66)
			s.preference.Provisions = []policy.Provision{{Purpose: []policy.DataUse{{Permission: duo.DS, Diseases: all[:33]}, {Permission: duo.DS, Diseases: all[33:]}}}}
		}},
		{"preference.recipient_types", policy.ErrUnknownTerm, func(s *scene) { s.preference.RecipientTypes[1] = "anyone" }},
		{"preference.categories.category", policy.ErrUnknownTerm, func(s *scene) { s.preference.Categories[0].Category = "genome" }},
		{"preference.categories.finest", policy.ErrInvalid, func(s *scene) { s.preference.Categories[0].Finest = 6 }},
		{"preference.categories.finest", policy.ErrInvalid, func(s *scene) { s.preference.Categories[0].Finest = 0 }},
		{"preference.categories.data_period", policy.ErrInvalid, func(s *scene) { s.preference.Categories[0].DataPeriod = &policy.Period{Start: 2, End: 1} }},
		{"preference.categories", policy.ErrInvalid, func(s *scene) { s.preference.Categories[0].Category = policy.Laboratory }},
		{"preference.permitted_use.methods", policy.ErrInvalid, func(s *scene) { s.preference.PermittedUse[0].Methods = true }},
		{"preference.recipient_countries", policy.ErrUnknownTerm, func(s *scene) { s.preference.RecipientCountries[0] = "de" }},
		{"preference.recipient_countries", policy.ErrUnknownTerm, func(s *scene) { s.preference.RecipientCountries = []string{"any", "DE"} }},
		{"preference.recipient_countries", policy.ErrInvalid, func(s *scene) { s.preference.RecipientCountries[0] = "" }},
		{"preference.modifiers.code", policy.ErrUnknownTerm, func(s *scene) { s.preference.Modifiers = modified("NPU") }},
		{"preference.modifiers.code", policy.ErrUnknownTerm, func(s *scene) { s.preference.Modifiers = []policy.Modifier{{Code: duo.TS, Months: 1}} }},
		{"preference.modifiers.countries", policy.ErrInvalid, func(s *scene) { s.preference.Modifiers = modified(duo.GS) }},
		{"preference.modifiers.countries", policy.ErrInvalid, func(s *scene) {
			s.preference.Modifiers = []policy.Modifier{{Code: duo.NPU, Countries: []string{"DE"}}}
		}},
		{"preference.modifiers.countries", policy.ErrUnknownTerm, func(s *scene) {
			s.preference.Modifiers = []policy.Modifier{{Code: duo.GS, Countries: []string{"XX"}}}
		}},
		{"preference.modifiers", policy.ErrInvalid, func(s *scene) { s.preference.Modifiers = slices.Repeat(modified(duo.NPU), 17) }},
		{"preference.sensitive_opt_in", policy.ErrUnknownTerm, func(s *scene) { s.preference.SensitiveOptIn = []policy.Label{"hiv"} }},
		{"preference.guardian_until", policy.ErrInvalid, func(s *scene) { s.preference.GuardianUntil = -1 }},
		{"preference.provisions", policy.ErrInvalid, func(s *scene) { s.preference.Provisions = make([]policy.Provision, 1) }},
		{"preference.provisions", policy.ErrInvalid, func(s *scene) {
			s.preference.Provisions = slices.Repeat([]policy.Provision{{Country: []string{"DE"}}}, 17)
		}},
		{"preference.provisions.purpose", policy.ErrUnknownTerm, func(s *scene) { s.preference.Provisions = []policy.Provision{{Purpose: uses(use("x"))}} }},
		{"preference.provisions.actor", policy.ErrUnknownTerm, func(s *scene) { s.preference.Provisions = []policy.Provision{{Actor: []policy.RecipientType{"x"}}} }},
		{"preference.provisions.country", policy.ErrUnknownTerm, func(s *scene) { s.preference.Provisions = []policy.Provision{{Country: []string{"any"}}} }},
		{"preference.provisions.security_label", policy.ErrUnknownTerm, func(s *scene) {
			s.preference.Provisions = []policy.Provision{{SecurityLabel: []policy.Label{"x"}}}
		}},
		{"preference.provisions.security_label", policy.ErrInvalid, func(s *scene) {
			s.preference.Decision, s.preference.Provisions = policy.Deny, []policy.Provision{{SecurityLabel: []policy.Label{policy.HIV}}}
		}},
		{"preference.provisions.category", policy.ErrUnknownTerm, func(s *scene) { s.preference.Provisions = []policy.Provision{{Category: []policy.Category{"x"}}} }},
		{"preference.provisions.data_period.start", policy.ErrInvalid, func(s *scene) {
			s.preference.Provisions = []policy.Provision{{DataPeriod: &policy.Period{Start: -1}}}
		}},
		{"preference.own_cap.nano_rho", policy.ErrInvalid, func(s *scene) { s.preference.OwnCap = &policy.Loss{} }},
		{"preference.own_cap.nano_rho", policy.ErrInvalid, func(s *scene) { s.preference.OwnCap = &policy.Loss{NanoRho: tooLarge} }},
		{"preference.own_cap.delta", policy.ErrInvalid, func(s *scene) { s.preference.OwnCap = &policy.Loss{NanoRho: 1, Delta: -1} }},
		{"preference.own_cap.delta", policy.ErrInvalid, func(s *scene) { s.preference.OwnCap = &policy.Loss{NanoRho: 1, Delta: tooLarge} }},
		{"policy.dataset", policy.ErrInvalid, func(s *scene) { s.Policy.Dataset = "" }},
		{"policy.dataset", policy.ErrInvalid, func(s *scene) { s.Policy.Dataset = "ds1 " }},
		{"policy.dataset", policy.ErrInvalid, func(s *scene) { s.Policy.Dataset = "ds\x001" }},
		{"policy.dataset", policy.ErrInvalid, func(s *scene) { s.Policy.Dataset = "ds\xff" }},
		{"policy.dataset", policy.ErrInvalid, func(s *scene) { s.Policy.Dataset = strings.Repeat("d", 257) }},
		{"policy.revision", policy.ErrInvalid, func(s *scene) { s.Policy.Revision = 0 }},
		{"policy.revision", policy.ErrInvalid, func(s *scene) { s.Policy.Revision = tooLarge }},
		{"policy.permitted_use", policy.ErrInvalid, func(s *scene) { s.Policy.PermittedUse = uses(use(duo.DS)) }},
		{"policy.columns.name", policy.ErrInvalid, func(s *scene) { s.Policy.Columns[0].Name = "" }},
		{"policy.columns.category", policy.ErrInvalid, func(s *scene) { s.Policy.Columns[0].Category = "" }},
		{"policy.columns.category", policy.ErrUnknownTerm, func(s *scene) { s.Policy.Columns[0].Category = "genome" }},
		{"policy.columns", policy.ErrInvalid, func(s *scene) { s.Policy.Columns[1].Name = ageBand.Name }},
		{"policy.columns.finest", policy.ErrInvalid, func(s *scene) { s.Policy.Columns[0].Finest = 0 }},
		{"policy.columns.label", policy.ErrUnknownTerm, func(s *scene) { s.Policy.Columns[0].Label = "secret" }},
		{"policy.permitted_use.methods", policy.ErrInvalid, func(s *scene) { s.Policy.PermittedUse[0].Methods = true }},
		{"policy.modifiers.institutions", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = modified(duo.IS) }},
		{"policy.modifiers.institutions", policy.ErrInvalid, func(s *scene) {
			s.Policy.Modifiers = []policy.Modifier{{Code: duo.IS, Institutions: []string{"University"}}}
		}},
		{"policy.modifiers.months", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = modified(duo.TS) }},
		{"policy.modifiers.months", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = []policy.Modifier{{Code: duo.TS, Months: 1201}} }},
		{"policy.modifiers.months", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = []policy.Modifier{{Code: duo.TS, Months: -1}} }},
		{"policy.modifiers.months", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = []policy.Modifier{{Code: duo.NPU, Months: 1}} }},
		{"policy.modifiers.projects", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = modified(duo.PS) }},
		{"policy.modifiers.projects", policy.ErrInvalid, func(s *scene) {
			s.Policy.Modifiers = []policy.Modifier{{Code: duo.PS, Projects: []string{"protocol 17"}}}
		}},
		{"policy.modifiers.projects", policy.ErrInvalid, func(s *scene) {
			s.Policy.Modifiers = []policy.Modifier{{Code: duo.NPU, Projects: []string{study}}}
		}},
		{"policy.modifiers.users", policy.ErrInvalid, func(s *scene) { s.Policy.Modifiers = modified(duo.US) }},
		{"policy.modifiers.users", policy.ErrInvalid, func(s *scene) {
			s.Policy.Modifiers = []policy.Modifier{{Code: duo.US, Users: []string{"ada"}}}
		}},
		{"policy.modifiers.users", policy.ErrInvalid, func(s *scene) {
			s.Policy.Modifiers = []policy.Modifier{{Code: duo.GSO, Users: []string{r1}}}
		}},
		{"request.grant", policy.ErrInvalid, func(s *scene) { s.Request.Grant = "g1" }},
		{"policy.required_visas", policy.ErrInvalid, func(s *scene) {
			s.Policy.RequiredVisas = slices.Repeat([]policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}, 17)
		}},
		{"policy.required_visas.type", policy.ErrUnknownTerm, visaWanted(func(r *policy.RequiredVisa) { r.Type = policy.LinkedIdentities })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = nil })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = slices.Repeat(r.Values, 33) })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{"bona fide"} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{"https:" + bonaFide[8:]} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{bonaFide[6:]} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{bonaFide + "/a b"} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{bonaFide + "/\xff"} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values = []string{bonaFide + "/%"} })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Values[0] += strings.Repeat("a", 255) })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Type, r.Values[0] = policy.AffiliationAndRole, "@uni" })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Type, r.Values[0] = policy.AffiliationAndRole, "faculty@" })},
		{"policy.required_visas.values", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) {
			r.Type, r.Values[0] = policy.AffiliationAndRole, "faculty@"+strings.Repeat("a", 248)
		})},
		{"policy.required_visas.issuers", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Issuers = nil })},
		{"policy.required_visas.issuers", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Issuers = slices.Repeat(r.Issuers, 33) })},
		{"policy.required_visas.issuers and sources", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Sources = []string{"uni.example"} })},
		{"policy.required_visas.sources", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.Sources = slices.Repeat([]string{uni}, 33) })},
		{"policy.required_visas.by", policy.ErrUnknownTerm, visaWanted(func(r *policy.RequiredVisa) { r.By = []policy.Authority{"me"} })},
		{"policy.required_visas.max_age_days", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.MaxAgeDays = -1 })},
		{"policy.required_visas.max_age_days", policy.ErrInvalid, visaWanted(func(r *policy.RequiredVisa) { r.MaxAgeDays = 3651 })},
		{"policy.labelled_concepts.label", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Concepts: []int64{1}}}
		}},
		{"policy.labelled_concepts.concepts", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV}}
		}},
		{"policy.labelled_concepts.concepts", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{0}}}
		}},
		{"policy.labelled_concepts.ancestors", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{1}, Ancestors: []int64{1, 0}}}
		}},
		{"policy.labelled_concepts.ancestors", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{1, 2}, Ancestors: []int64{1, 3}}}
		}},
		{"policy.labelled_concepts", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: slices.Repeat([]int64{1}, 100_001)}}
		}},
		{"policy.labelled_concepts", policy.ErrInvalid, func(s *scene) {
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: slices.Repeat([]int64{1}, 50_000), Ancestors: slices.Repeat([]int64{1}, 50_001)}}
		}},
		{"policy.released_labels", policy.ErrUnknownTerm, func(s *scene) { s.Policy.ReleasedLabels = []policy.Label{"*"} }},
		{"policy.required_approvals", policy.ErrUnknownTerm, func(s *scene) { s.Policy.RequiredApprovals = []policy.Approval{"ethics"} }},
		{"policy.legal_basis", policy.ErrInvalid, func(s *scene) { s.Policy.LegalBasis, s.Policy.Jurisdiction = "gdpr", "DE" }},
		{"policy.jurisdiction", policy.ErrInvalid, func(s *scene) { s.Policy.LegalBasis = policy.EHDS }},
		{"policy.jurisdiction", policy.ErrUnknownTerm, func(s *scene) { s.Policy.Jurisdiction = "EU" }},
		{"policy.max_nano_rho_per_organisation", policy.ErrInvalid, func(s *scene) { s.Policy.MaxNanoRhoPerOrganisation = 0 }},
		{"policy.embargo_until", policy.ErrInvalid, func(s *scene) { s.Policy.EmbargoUntil = -1 }},
		{"policy.max_nano_rho_per_query", policy.ErrInvalid, func(s *scene) { s.Policy.MaxNanoRhoPerQuery = 0 }},
		{"policy.total_nano_rho", policy.ErrInvalid, func(s *scene) { s.Policy.TotalNanoRho = 0 }},
		{"policy.total_delta", policy.ErrInvalid, func(s *scene) { s.Policy.TotalDelta = -1 }},
		{"policy.disclosure.min_count", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.MinCount = -1 }},
		{"policy.disclosure.min_count", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.MinCount = 10_001 }},
		{"policy.disclosure.min_cohort", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.MinCohort = -1 }},
		{"policy.disclosure.min_cohort", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.MinCohort = 1_000_001 }},
		{"policy.disclosure.round_to", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.RoundTo = -1 }},
		{"policy.disclosure.round_to", policy.ErrInvalid, func(s *scene) { s.Policy.Disclosure.RoundTo = 1001 }},
		{"policy.total_delta", policy.ErrInvalid, func(s *scene) { s.Policy.Accounting, s.Policy.TotalDelta = policy.GaussianOnly, 1 }},
		{"policy.accounting", policy.ErrInvalid, func(s *scene) { s.Policy.Accounting = "renyi" }},
		{"policy.total_delta", policy.ErrInvalid, func(s *scene) { pureLimits(s); s.Policy.TotalDelta = 1 }},
		{"policy.total_nano_rho", policy.ErrInvalid, func(s *scene) { pureLimits(s); s.Policy.TotalNanoRho = 1 }},
		{"policy.max_nano_epsilon_per_query", policy.ErrInvalid, func(s *scene) { pureLimits(s); s.Policy.MaxNanoEpsilonPerQuery = 0 }},
		{"policy.max_nano_epsilon_per_organisation", policy.ErrInvalid, func(s *scene) { pureLimits(s); s.Policy.MaxNanoEpsilonPerOrganisation = -1 }},
		{"policy.total_nano_epsilon", policy.ErrInvalid, func(s *scene) { pureLimits(s); s.Policy.TotalNanoEpsilon = 0 }},
		{"policy.total_nano_epsilon", policy.ErrInvalid, func(s *scene) { s.Policy.TotalNanoEpsilon = 1 }},
		{"grant.id", policy.ErrInvalid, func(s *scene) { s.Grant.ID = "" }},
		{"grant.protocol", policy.ErrInvalid, func(s *scene) { s.Grant.Protocol = "" }},
		{"grant.committee", policy.ErrInvalid, func(s *scene) { s.Grant.Committee = strings.ToUpper(committee) }},
		{"grant.committee", policy.ErrInvalid, func(s *scene) { s.Grant.Committee = committee[2:] }},
		{"grant.researchers", policy.ErrInvalid, func(s *scene) { s.Grant.Researchers = nil }},
		{"grant.researchers", policy.ErrInvalid, func(s *scene) { s.Grant.Researchers[0] = r1 + "1" }},
		{"grant.researchers", policy.ErrInvalid, func(s *scene) { s.Grant.Researchers[0] = r1[:41] + "g" }},
		{"grant.sponsor_type", policy.ErrInvalid, func(s *scene) { s.Grant.SponsorType = "" }},
		{"grant.sponsor_type", policy.ErrUnknownTerm, func(s *scene) { s.Grant.SponsorType = "charity" }},
		{"grant.countries", policy.ErrInvalid, func(s *scene) { s.Grant.Countries = nil }},
		{"grant.countries", policy.ErrUnknownTerm, func(s *scene) { s.Grant.Countries = []string{"any"} }},
		{"grant.vulnerable", policy.ErrUnknownTerm, func(s *scene) { s.Grant.Vulnerable = []policy.Population{"adults"} }},
		{"grant.approvals", policy.ErrUnknownTerm, func(s *scene) { s.Grant.Approvals = []policy.Approval{"ethics"} }},
		{"grant.purposes", policy.ErrInvalid, func(s *scene) { s.Grant.Purposes = nil }},
		{"grant.purposes", policy.ErrUnknownTerm, func(s *scene) { s.Grant.Purposes[0].Permission = "DUO:0000018" }},
		{"grant.datasets", policy.ErrInvalid, func(s *scene) { s.Grant.Datasets = nil }},
		{"grant.datasets", policy.ErrInvalid, func(s *scene) { s.Grant.Datasets[1].Dataset = "ds1" }},
		{"grant.datasets.dataset", policy.ErrInvalid, func(s *scene) { s.Grant.Datasets[1].Dataset = "" }},
		{"grant.datasets.nano_rho", policy.ErrInvalid, func(s *scene) { s.Grant.Datasets[1].NanoRho = 0 }},
		{"grant.period", policy.ErrInvalid, func(s *scene) { s.Grant.Period.End = 0 }},
		{"grant.period", policy.ErrInvalid, func(s *scene) { s.Grant.Period = policy.Period{Start: 5, End: 5} }},
		{"grant.review_by", policy.ErrInvalid, func(s *scene) { s.Grant.Period.Start, s.Grant.ReviewBy = 50, 50 }},
		{"grant.review_by", policy.ErrInvalid, func(s *scene) { s.Grant.ReviewBy = s.Grant.Period.End + 1 }},
		{"grant.review_by", policy.ErrInvalid, func(s *scene) { s.Grant.ReviewBy = -1 }},
		{"grant.amends", policy.ErrInvalid, func(s *scene) { s.Grant.Amends = "g0" }},
		{"policy.terms.revision", policy.ErrInvalid, func(s *scene) { s.Policy.Terms = &policy.DatasetTerms{Text: "Keep it."} }},
		{"policy.terms.revision", policy.ErrInvalid, func(s *scene) { s.Policy.Terms = &policy.DatasetTerms{Revision: tooLarge, Text: "Keep it."} }},
		{"policy.terms.text", policy.ErrInvalid, func(s *scene) { s.Policy.Terms = &policy.DatasetTerms{Revision: 1} }},
		{"policy.terms.text", policy.ErrInvalid, func(s *scene) { s.Policy.Terms = &policy.DatasetTerms{Revision: 1, Text: "\xff"} }},
		{"policy.terms.text", policy.ErrInvalid, func(s *scene) {
			s.Policy.Terms = &policy.DatasetTerms{Revision: 1, Text: strings.Repeat("x", 16_385)}
		}},
		{"request.dataset", policy.ErrInvalid, func(s *scene) { s.Request.Dataset = "" }},
		{"request.researcher", policy.ErrInvalid, func(s *scene) { s.Request.Researcher = "r1" }},
		{"request.purpose", policy.ErrUnknownTerm, func(s *scene) { s.Request.Purpose.Permission = "research" }},
		{"request.columns", policy.ErrInvalid, func(s *scene) { s.Request.Columns = nil }},
		{"request.organisation", policy.ErrInvalid, func(s *scene) { s.Request.Organisation = r1 }},
		{"request.columns.category", policy.ErrUnknownTerm, func(s *scene) { s.Request.Columns[0].Category = "genome" }},
		{"request.columns.level", policy.ErrInvalid, func(s *scene) { s.Request.Columns[0].Level = 0 }},
		{"request.columns.level", policy.ErrInvalid, func(s *scene) { s.Request.Columns[0].Level = 6 }},
		{"request.columns.data", policy.ErrInvalid, func(s *scene) { s.Request.Columns[0].Data = policy.Period{Start: 2, End: 2} }},
		{"request.concepts", policy.ErrInvalid, func(s *scene) { s.Request.Concepts = []int64{0} }},
		{"request.columns.name", policy.ErrInvalid, func(s *scene) { s.Request.Columns[0].Name = "" }},
		{"request.nano_rho", policy.ErrInvalid, func(s *scene) { s.Request.NanoRho = 0 }},
		{"request.delta", policy.ErrInvalid, func(s *scene) { s.Request.Delta = -1 }},
		{"request.now", policy.ErrInvalid, func(s *scene) { s.Request.Now = 0 }},
	} {
		s := base(t)
		if err := validate(s); err != nil {
			t.Fatal(err)
		}
		tt.change(&s)
		err := validate(s)
		var field *policy.FieldError
		if !errors.As(err, &field) || field.Field != tt.field || !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.field, err, tt.want)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: breaking one field gave more than one error: %v", tt.field, err)
		}
	}
}

// visaWanted changes something about the one visa that the dataset requires.
func visaWanted(change func(*policy.RequiredVisa)) func(*scene) {
	return func(s *scene) {
		s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
		change(&s.Policy.RequiredVisas[0])
	}
}

func validate(s scene) error {
	return errors.Join(s.preference.Validate(), s.Policy.Validate(), s.Grant.Validate(), s.Request.Validate())
}

func TestTheLargestValuesAreValid(t *testing.T) {
	s := base(t)
	s.Policy.Dataset, s.Policy.Revision = strings.Repeat("d", 256), tooLarge-1
	s.Policy.TotalNanoRho, s.Policy.TotalDelta = tooLarge-1, tooLarge-1
	s.preference.Period = policy.Period{Start: tooLarge - 2, End: tooLarge - 1}
	s.preference.Provisions = slices.Repeat([]policy.Provision{{Country: []string{"US"}}}, 16)
	s.preference.Modifiers = slices.Repeat(modified(duo.NPU), 16)
	s.Policy.Modifiers = []policy.Modifier{{Code: duo.TS, Months: 1200}}
	visaWanted(func(r *policy.RequiredVisa) {
		r.Values, r.Issuers, r.Sources, r.MaxAgeDays = slices.Repeat(r.Values, 32), slices.Repeat(r.Issuers, 32), slices.Repeat(r.Issuers, 32), 3650
		r.Values[0] += strings.Repeat("a", 255-len(bonaFide))
	})(&s)
	s.Policy.RequiredVisas = slices.Repeat(s.Policy.RequiredVisas, 16)
	s.Policy.RequiredVisas[0] = wants(policy.AffiliationAndRole, "faculty@"+strings.Repeat("a", 247))
	s.Policy.Terms = &policy.DatasetTerms{Revision: tooLarge - 1, Text: strings.Repeat("x", 16_384)}
	s.Policy.Disclosure = policy.Disclosure{MinCount: 10_000, RoundTo: 1000, MinCohort: 1_000_000}
	s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: slices.Repeat([]int64{1}, 50_000), Ancestors: slices.Repeat([]int64{1}, 50_000)}}
	s.Grant.ReviewBy = s.Grant.Period.End
	s.preference.OwnCap = &policy.Loss{NanoRho: tooLarge - 1, Delta: tooLarge - 1}
	if err := validate(s); err != nil {
		t.Error(err)
	}
}

func TestTheSmallestValuesAreValid(t *testing.T) {
	s := base(t)
	s.Request.NanoRho, s.Request.Now, s.Request.Concepts, s.Request.Roots = 1, 1, []int64{1}, []int64{1}
	s.Policy.MaxNanoRhoPerQuery, s.Policy.MaxNanoRhoPerOrganisation, s.Policy.TotalNanoRho = 1, 1, 1
	s.Policy.Modifiers, s.Policy.Terms = []policy.Modifier{{Code: duo.TS, Months: 1}}, &policy.DatasetTerms{Revision: 1, Text: "x"}
	s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{1}, Ancestors: []int64{1}}}
	s.Grant.Datasets, s.Grant.Period, s.Grant.ReviewBy = []policy.DatasetCeiling{{Dataset: "ds1", NanoRho: 1}}, policy.Period{End: 2}, 1
	s.preference.Period, s.preference.OwnCap = policy.Period{End: 1}, &policy.Loss{NanoRho: 1}
	s.preference.Categories[0].DataPeriod = &policy.Period{End: 1}
	if err := validate(s); err != nil {
		t.Error(err)
	}
	pureLimits(&s)
	s.Policy.MaxNanoEpsilonPerQuery, s.Policy.MaxNanoEpsilonPerOrganisation, s.Policy.TotalNanoEpsilon = 1, 1, 1
	if err := validate(s); err != nil {
		t.Errorf("pure accounting: %v", err)
	}
}

func TestValidateReportsEverything(t *testing.T) {
	p := policy.ReleasePreference{Status: "paused", Period: policy.Period{Start: -1}}
	err := p.Validate()
	for _, field := range []string{"preference.decision", "preference.status", "preference.period.start"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func TestErrorsDoNotRepeatTheDocument(t *testing.T) {
	p := base(t).preference
	p.Decision, p.PermittedUse, p.Categories[0].Category = "secret-1", uses(use(duo.DS, "secret-2")), "secret-3"
	if err := p.Validate(); err == nil || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestEmptyListsAreValid(t *testing.T) {
	p := policy.ReleasePreference{Decision: policy.Permit, Status: policy.Active, Period: policy.Period{Start: 5}}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
	class, _, _ := p.Class()
	if err := class.Validate(); err != nil {
		t.Error(err)
	}
	class.Status = "paused"
	if err := class.Validate(); !errors.Is(err, policy.ErrUnknownTerm) {
		t.Error(err)
	}
}

// A part of the record may be permitted twice only where it is for the same times; canonical documents have it once.
func TestCategoriesSaidTwice(t *testing.T) {
	said := func(periods ...*policy.Period) policy.ReleasePreference {
		p := *base(t).preference
		p.Categories = nil
		for _, period := range periods {
			p.Categories = append(p.Categories, policy.CategoryScope{Category: policy.Death, Finest: 3, DataPeriod: period})
		}
		return p
	}
	for _, c := range []struct {
		one, other *policy.Period
		same       bool
	}{
		{nil, nil, true}, {&policy.Period{Start: 1}, &policy.Period{Start: 1}, true}, {nil, &policy.Period{}, false},
		{&policy.Period{Start: 1}, &policy.Period{Start: 2}, false}, {&policy.Period{Start: 1}, &policy.Period{Start: 1, End: 2}, false},
	} {
		p, q := said(c.one, c.other), said(c.other, c.one)
		if a, b := p.Validate(), q.Validate(); (a == nil) != c.same || (b == nil) != c.same {
			t.Errorf("%v and %v: %v, the other way %v", c.one, c.other, a, b)
		}
		p, q = p.Normalize(), q.Normalize()
		if diff := cmp.Diff(p, q); diff != "" || (len(p.Categories) == 1) != c.same {
			t.Errorf("%v and %v become %v: %s", c.one, c.other, p.Categories, diff)
		}
	}
}

// A provision may say one thing alone; in a document that denies, anything but a label.
func TestProvisionsMaySayOneThing(t *testing.T) {
	for _, x := range []policy.Provision{
		{Purpose: uses(use(duo.POA))}, {Actor: []policy.RecipientType{policy.Academic}}, {Country: []string{"DE"}},
		{Category: []policy.Category{policy.Death}}, {DataPeriod: &policy.Period{Start: 1}}, {SecurityLabel: []policy.Label{policy.HIV}},
	} {
		p := *base(t).preference
		p.Provisions = []policy.Provision{x}
		if err := p.Validate(); err != nil {
			t.Errorf("%v of what is permitted: %v", x, err)
		}
		p.Decision = policy.Deny
		if err := p.Validate(); (err != nil) != (x.SecurityLabel != nil) {
			t.Errorf("%v of what is denied: %v", x, err)
		}
	}
}

// A country is a whole code of the list: not a letter of one, nor the blank between two.
func TestCountriesAreWholeCodes(t *testing.T) {
	for _, code := range []string{"A", "D ", " D", "DE DJ", "de", "DEU", "XX"} {
		p := *base(t).preference
		p.RecipientCountries = []string{code}
		if err := p.Validate(); !errors.Is(err, policy.ErrUnknownTerm) {
			t.Errorf("%q: %v", code, err)
		}
	}
}

// Institutions and projects are hashes of 32 bytes.
func TestModifiersNameHashes(t *testing.T) {
	for n, want := range map[int]error{63: policy.ErrInvalid, 64: nil, 65: policy.ErrInvalid} {
		hash := "0x" + strings.Repeat("a", n)
		for _, m := range []policy.Modifier{{Code: duo.IS, Institutions: []string{hash}}, {Code: duo.PS, Projects: []string{hash}}} {
			s := base(t)
			s.Policy.Modifiers = []policy.Modifier{m}
			if err := s.Policy.Validate(); !errors.Is(err, want) {
				t.Errorf("%s, %d digits: %v", m.Code, n, err)
			}
		}
	}
}

// Each country is one of its own: permitted by its name and by any, not by all the others. What is none is permitted by any alone.
func TestCountriesApart(t *testing.T) {
	s := base(t)
	permitted := s.patient()
	reason := func(recipient string, permits ...string) policy.ReasonCode {
		s.Grant.Countries, s.preference.RecipientCountries = []string{recipient}, permits
		return s.patient()
	}
	all := policy.Countries()
	for i, c := range all {
		others := slices.Delete(slices.Clone(all), i, i+1)
		if by, anywhere, not := reason(c, c), reason(c, policy.AnyCountry), reason(c, others...); by != permitted || anywhere != permitted || not != policy.PatientRecipientCountry {
			t.Errorf("%s: by its name %q, by any %q, by all others %q", c, by, anywhere, not)
		}
	}
	if got, anywhere := reason("XX", all...), reason("XX", policy.AnyCountry); got != policy.PatientRecipientCountry || anywhere != permitted {
		t.Errorf("what is no country: by all %q, by any %q", got, anywhere)
	}
}

// The canonical documents, literally: their bytes are hashed, signed and recorded, so a change here is a change of
// every hash there is.
func TestCanonicalDocuments(t *testing.T) {
	s := base(t)
	capped := *s.preference
	capped.OwnCap = &policy.Loss{NanoRho: 24_355_970}
	class, until, ownCap := capped.Class()
	for _, tt := range []struct {
		name string
		got  any
		want string
	}{
		{"preference", s.preference.Normalize(), `{"decision":"permit","status":"active","period":{"start":0,"end":1000},` +
			`"permitted_use":[{"permission":"DUO:0000006"}],"recipient_types":["academic","commercial","government","not_for_profit"],` +
			`"recipient_countries":["any"],"categories":[{"category":"demographics","finest":3},{"category":"laboratory","finest":5},` +
			`{"category":"medication","finest":3}]}`},
		{"preference with a cap", capped.Normalize(), `{"decision":"permit","status":"active","period":{"start":0,"end":1000},` +
			`"permitted_use":[{"permission":"DUO:0000006"}],"recipient_types":["academic","commercial","government","not_for_profit"],` +
			`"recipient_countries":["any"],"categories":[{"category":"demographics","finest":3},{"category":"laboratory","finest":5},` +
			`{"category":"medication","finest":3}],"own_cap":{"nano_rho":24355970,"delta":0}}`},
		{"class", class, `{"decision":"permit","status":"active","start":0,` +
			`"permitted_use":[{"permission":"DUO:0000006"}],"recipient_types":["academic","commercial","government","not_for_profit"],` +
			`"recipient_countries":["any"],"categories":[{"category":"demographics","finest":3},{"category":"laboratory","finest":5},` +
			`{"category":"medication","finest":3}]}`},
		{"end", until, `1000`},
		{"cap", ownCap, `{"nano_rho":24355970,"delta":0}`},
		{"empty preference", policy.ReleasePreference{}.Normalize(), `{"decision":"","status":"","period":{"start":0,"end":0},` +
			`"permitted_use":[],"recipient_types":[],"recipient_countries":[],"categories":[]}`},
		{"policy", s.Policy.Normalize(), `{"dataset":"ds1","revision":1,"permitted_use":[{"permission":"DUO:0000042"}],` +
			`"columns":[{"name":"condition_occurrence.condition_concept_id","category":"conditions","finest":5},` +
			`{"name":"measurement.value_as_number","category":"laboratory","finest":5},{"name":"person.year_of_birth","category":"demographics","finest":5}],` +
			`"embargo_until":0,"max_nano_rho_per_query":500000,"max_nano_rho_per_organisation":2000000,"total_nano_rho":2000000,"total_delta":0}`},
		{"required visas", policy.DatasetPolicy{RequiredVisas: []policy.RequiredVisa{
			{Type: policy.ResearcherStatus, Values: []string{"b", "a", "b"}, Issuers: []string{"i"}, By: []policy.Authority{"so", "dac"}, MaxAgeDays: 9},
			wants(policy.AffiliationAndRole, "*@a"), {Type: policy.AffiliationAndRole, Values: []string{"*@a"}, Issuers: []string{uni, uni}, Sources: []string{}},
		}}.Normalize().RequiredVisas, `[{"type":"AffiliationAndRole","values":["*@a"],"issuers":["https://login.uni.example"]},` +
			`{"type":"ResearcherStatus","values":["a","b"],"issuers":["i"],"by":["dac","so"],"max_age_days":9}]`},
		{"modifiers", policy.DatasetPolicy{Modifiers: []policy.Modifier{
			{Code: duo.PS, Projects: []string{"b", "a", "b"}}, {Code: duo.US, Users: []string{"d", "c"}}, {Code: duo.PS, Projects: []string{"a", "b"}},
		}}.Normalize().Modifiers, `[{"code":"DUO:0000026","users":["c","d"]},{"code":"DUO:0000027","projects":["a","b"]}]`},
		{"rule", policy.DatasetPolicy{Disclosure: policy.Disclosure{MinCount: 20, RoundTo: 5}}.Disclosure, `{"min_count":20,"round_to":5}`},
		{"cohort", policy.DatasetPolicy{Disclosure: policy.Disclosure{MinCohort: 50}}.Disclosure, `{"min_cohort":50}`},
		{"grant", s.Grant.Normalize(), `{"id":"g1","protocol":"protocol 17","committee":"` + committee + `","researchers":["` + r1 + `"],` +
			`"sponsor_type":"academic","countries":["DE"],"purposes":[{"permission":"DUO:0000006"}],` +
			`"datasets":[{"dataset":"ds1","nano_rho":1000000},{"dataset":"ds2","nano_rho":1000000}],"period":{"start":0,"end":200}}`},
	} {
		if diff := cmp.Diff(tt.want, marshal(t, tt.got)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Diseases in another order are the same exception, also where it has one purpose.
func TestNormalizeProvisions(t *testing.T) {
	about := func(diseases ...string) policy.ReleasePreference {
		return policy.ReleasePreference{Provisions: []policy.Provision{{Purpose: uses(use(duo.DS, diseases...))}}}.Normalize()
	}
	if diff := cmp.Diff(about("MONDO:0004992", "MONDO:0005015"), about("MONDO:0005015", "MONDO:0004992")); diff != "" {
		t.Error(diff)
	}
}

func TestNormalizeLowersAddresses(t *testing.T) {
	g := *base(t).Grant
	g.Committee = "0x" + strings.ToUpper(committee[2:])
	g.Researchers = []string{"0x" + strings.Repeat("B", 40), r1, "0x" + strings.Repeat("b", 40)}
	n := g.Normalize()
	if n.Committee != committee || len(n.Researchers) != 2 || n.Validate() != nil {
		t.Errorf("%s %v: %v", n.Committee, n.Researchers, n.Validate())
	}
}

// Whatever is read as a preference: the canonical form is a fixed point under writing and reading, is as valid as the
// original, and splits into class, end and cap without loss.
func FuzzPreference(f *testing.F) {
	f.Add(marshal(f, base(f).preference))
	f.Add(`{"decision":"deny","permitted_use":[{"permission":"DUO:0000007","diseases":["MONDO:0004992","x"]},null]}`)
	f.Add(`{"own_cap":{"nano_rho":0},"status":"\u0000"}`)
	f.Add(`{"status":"\ud800","period":{"end":-9},"categories":[{"category":"b"},{"category":"a","finest":9,"data_period":{"end":7}},{"category":"b"}]}`)
	f.Add(`{"decision":"permit","modifiers":[{"code":"DUO:0000022","countries":["FR","DE","FR"]},{"code":"DUO:0000022"}],"recipient_countries":["any","US"],` +
		`"sensitive_opt_in":["PSY","HIV","PSY"],"guardian_until":7,"period":{"start":1,"end":9},"provisions":[{"purpose":[null],"country":["DE"]},{},` +
		`{"actor":["b","a"],"security_label":["HIV"],"category":["death"],"data_period":{"start":3,"end":2}},{"purpose":[{"permission":"DUO:0000007",` +
		`"diseases":["MONDO:0004992"],"methods":true},{"permission":"DUO:0000007","diseases":["MONDO:0004992"]}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var p, again policy.ReleasePreference
		if json.Unmarshal([]byte(text), &p) != nil {
			return
		}
		canonical := marshal(t, p.Normalize())
		if err := json.Unmarshal([]byte(canonical), &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(canonical, marshal(t, again.Normalize())); diff != "" {
			t.Fatal(diff)
		}
		if a, b := p.Validate(), again.Validate(); (a == nil) != (b == nil) {
			t.Fatalf("%v, canonical %v", a, b)
		}
		class, until, ownCap := p.Class()
		if again.GuardianUntil != 0 { // is an end like any other to the class
			if again.Period.End == 0 || again.GuardianUntil < again.Period.End {
				again.Period.End = again.GuardianUntil
			}
			again.GuardianUntil = 0
		}
		if diff := cmp.Diff(marshal(t, again.Normalize()), marshal(t, class.Preference(until, ownCap))); diff != "" {
			t.Fatal(diff)
		}
	})
}

func manyDiseases(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("MONDO:%07d", i+1))
	}
	return all
}

// A list of uses may name 64 diseases, however it is written.
func TestManyDiseases(t *testing.T) {
	p := base(t).preference
	all := manyDiseases(64)
	p.PermittedUse = []policy.DataUse{{Permission: duo.DS, Diseases: all}, {Permission: duo.DS, Diseases: all[5:]}}
	if err := p.Validate(); err != nil {
		t.Error(err)
	}
}
