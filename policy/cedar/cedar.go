// Package cedar writes a dataset policy in Cedar, a language made for policies that people read.
//
// It promises that the text says what policy.Decide decides at the layer of the dataset: one permit, and a forbid for
// each reason that can apply, with the code of that reason as its id and its sentence beside it. The tests hold both
// against each other, with Cedar's own evaluator. An evaluation that reports any error denies.
//
// A second action, countUnasked, says the same of patients who were never asked, by the row of the table of defaults that holds: without
// a permit they are not counted.
//
// It assumes that the policy is asked once for each column that a question touches and, if it is about diseases, for each
// of those with each column: a question is allowed if every one of these is. The context says what is asked:
//
//	purpose           String        shorthand of the DUO permission: "HMB"
//	disease           Disease       where the purpose is DS; a disease is in all diseases that it is a kind of
//	methods           Boolean       methods are developed, or the study was granted for nothing else
//	column, category  String        what is touched
//	level             Long          how finely: 1 to 5
//	concepts          Set<Long>     OMOP concepts that the question names
//	roots             Set<Long>     those of them that it names with all that is below
//	sponsor           String        kind of the sponsor on the grant
//	commercial_use    Boolean
//	countries         Set<String>   where the study works and computes
//	organisation      String        the researcher's, as registered
//	researcher        String        her address
//	visas             Set<String>   what visas of hers that are in force say, each in all its spellings: "type value by issuer",
//	                                and with " from source", " as authority", " within N days", in this order
//	terms_accepted    Long          revision of the dataset's terms that she has signed; 0: none
//	project           String        hash of the grant's document
//	genetic           Boolean       genotypes are in the study, as the grant says
//	months            Long          whole months since the grant started
//	approvals         Set<String>   on the grant
//	now               Long          Unix seconds
//	nano_rho, delta, nano_epsilon   Long   cost
//	organisation_spent, spent, spent_delta   Long   charged before: of the organisation, of all; in the unit of the limits
//
// It is not what decides, and what cannot be read in it is not in force either: grants, preferences and the shape of
// documents are other layers. It does not protect against a reader who takes the text for the law.
package cedar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// Render writes the policy; the same document gives the same text. Errors: those of [policy.DatasetPolicy.Validate].
func Render(p policy.DatasetPolicy) (string, error) {
	if err := p.Validate(); err != nil {
		return "", err
	}
	p = p.Normalize()
	w := &writer{action: "ask", resource: "Dataset::" + quote(p.Dataset)}
	w.say("// What may be asked of the dataset %s, by revision %d of its policy.\n", quote(p.Dataset), p.Revision)
	w.say("// Allowed is what is permitted and not forbidden, for every column touched and every disease studied.\n\n")
	w.say("permit (principal, action == Action::\"ask\", resource == %s);\n", w.resource)
	if p.EmbargoUntil != 0 {
		w.forbid(policy.ReasonDatasetEmbargoed, "when", fmt.Sprintf("context.now < %d", p.EmbargoUntil))
	}
	w.uses(p.PermittedUse)
	for _, m := range p.Modifiers {
		w.modifier(m)
	}
	if p.Terms != nil {
		w.forbid(policy.ReasonTermsNotAccepted, "unless", fmt.Sprintf("context.terms_accepted == %d", p.Terms.Revision))
	}
	for _, r := range p.RequiredVisas {
		w.forbid(visaReasons[r.Type], "unless", set(Spellings(r))+".containsAny(context.visas)")
	}
	if len(p.RequiredApprovals) > 0 {
		w.forbid(policy.ReasonGrantConditionUnmet, "unless", "context.approvals.containsAll("+set(p.RequiredApprovals)+")")
	}
	w.columns(p)
	w.limits(p)
	w.unasked(p)
	return w.text.String(), nil
}

type writer struct {
	text             strings.Builder
	action, resource string
}

func (w *writer) say(format string, args ...any) { fmt.Fprintf(&w.text, format, args...) }

// forbid writes a rule for people and for Cedar.
func (w *writer) forbid(code policy.ReasonCode, word, condition string) {
	w.say("\n@id(%s)\n@says(%s)\nforbid (principal, action == Action::%s, resource == %s)\n%s { %s };\n",
		quote(string(code)), quote(policy.Explain(code)), quote(w.action), w.resource, word, condition)
}

// unasked writes what holds for patients who were never asked: what a question that may be asked counts them for.
func (w *writer) unasked(p policy.DatasetPolicy) {
	d := p.Default()
	w.say("\n// Whoever was never asked, by row %s of the table of defaults.\n// %s\n", d.Row, d.Words)
	if d.Permits == nil {
		w.say("// No permit: they are counted in nothing.\n")
		return
	}
	w.action = "countUnasked"
	w.say("permit (principal, action == Action::\"countUnasked\", resource == %s);\n", w.resource)
	w.forbid(policy.PatientPurpose, "unless", set(purposes(d.Permits.PermittedUse))+".contains(context.purpose)")
	w.labels(p, func(l policy.Label) bool { return l != "" && !slices.Contains(d.Permits.SensitiveOptIn, l) }, policy.PatientSensitiveOptIn)
	for level := policy.LevelExists; level < policy.LevelExact; level++ {
		var parts []policy.Category
		for _, s := range d.Permits.Categories {
			if s.Finest == level {
				parts = append(parts, s.Category)
			}
		}
		if len(parts) > 0 {
			w.forbid(policy.PatientGranularity, "when", fmt.Sprintf("%s.contains(context.category) && context.level > %d", set(parts), level))
		}
	}
}

// purposes are the shorthands of what the permissions cover.
func purposes(permitted []policy.DataUse) (all []string) {
	for _, purpose := range duo.Permissions() {
		if slices.ContainsFunc(permitted, func(u policy.DataUse) bool { return duo.Covers(u.Permission, purpose) }) {
			all = append(all, purpose.Shorthand())
		}
	}
	return all
}

func (w *writer) uses(permitted []policy.DataUse) {
	var diseases []string
	anyDisease := false
	for _, u := range permitted {
		anyDisease = anyDisease || u.Permission != duo.DS && duo.Covers(u.Permission, duo.DS)
		for _, d := range u.Diseases {
			diseases = append(diseases, "Disease::"+quote(d))
		}
	}
	w.forbid(policy.ReasonDatasetPurpose, "unless", set(purposes(permitted))+".contains(context.purpose)")
	if len(diseases) > 0 && !anyDisease {
		w.forbid(policy.ReasonDatasetDisease, "when",
			`context.purpose == "DS" && !(context.disease in [`+strings.Join(diseases, ", ")+`])`)
	}
}

func (w *writer) modifier(m policy.Modifier) {
	switch m.Code {
	case duo.NMDS:
		w.forbid(policy.ReasonDatasetMethods, "when", "context.methods")
	case duo.NPOA:
		w.forbid(policy.ReasonDatasetAncestry, "when", `["NRES", "GRU", "POA"].contains(context.purpose)`)
	case duo.NPU:
		w.forbid(policy.ReasonDatasetNotForProfit, "unless", `["academic", "not_for_profit", "government"].contains(context.sponsor)`)
	case duo.NCU:
		w.forbid(policy.ReasonDatasetNonCommercial, "when", "context.commercial_use")
	case duo.GS:
		w.forbid(policy.ReasonDatasetGeography, "unless", set(m.Countries)+".containsAll(context.countries)")
	case duo.IS:
		w.forbid(policy.ReasonDatasetInstitution, "unless", set(m.Institutions)+".contains(context.organisation)")
	case duo.PS:
		w.forbid(policy.ReasonDatasetProject, "unless", set(m.Projects)+".contains(context.project)")
	case duo.US:
		w.forbid(policy.ReasonDatasetUser, "unless", set(m.Users)+".contains(context.researcher)")
	case duo.GSO:
		w.forbid(policy.ReasonDatasetGeneticOnly, "unless", "context.genetic")
	case duo.TS:
		w.forbid(policy.ReasonDatasetTimeLimit, "when", fmt.Sprintf("context.months >= %d", m.Months))
	}
}

// visaReasons are given where a visa of the type is missing; why it is missing is not the policy's to say.
var visaReasons = map[policy.VisaType]policy.ReasonCode{
	policy.AffiliationAndRole: policy.ReasonActorVisaMissing, policy.ControlledAccessGrants: policy.ReasonActorVisaMissing,
	policy.ResearcherStatus: policy.ReasonActorNotBonaFide, policy.AcceptedTermsAndPolicies: policy.ReasonTermsNotAccepted,
}

// Spellings are what a visa that meets the requirement says, one of them.
func Spellings(r policy.RequiredVisa) []string {
	all := each([]string{string(r.Type)}, " ", r.Values)
	all = each(all, " by ", r.Issuers)
	if len(r.Sources) > 0 {
		all = each(all, " from ", r.Sources)
	}
	if len(r.By) > 0 {
		all = each(all, " as ", r.By)
	}
	if r.MaxAgeDays > 0 {
		all = each(all, " within ", []string{fmt.Sprintf("%d days", r.MaxAgeDays)})
	}
	return all
}

func each[T ~string](heads []string, between string, tails []T) (all []string) {
	for _, h := range heads {
		for _, t := range tails {
			all = append(all, h+between+string(t))
		}
	}
	return all
}

func (w *writer) columns(p policy.DatasetPolicy) {
	var released []string
	for _, c := range p.Columns {
		released = append(released, fmt.Sprintf("context.column == %s && context.category == %s", quote(c.Name), quote(string(c.Category))))
	}
	w.forbid(policy.ReasonColumnNotReleased, "unless", cmp.Or(strings.Join(released, " ||\n    "), "false"))
	for _, c := range p.Columns {
		if c.Finest < policy.LevelExact {
			w.forbid(policy.ReasonDatasetGranularity, "when", fmt.Sprintf("context.column == %s && context.category == %s && context.level > %d",
				quote(c.Name), quote(string(c.Category)), c.Finest))
		}
	}
	w.labels(p, func(l policy.Label) bool { return l != "" && !slices.Contains(p.ReleasedLabels, l) }, policy.ReasonDatasetSensitiveClass)
}

// labels forbids what touches a label that is kept back.
func (w *writer) labels(p policy.DatasetPolicy, kept func(policy.Label) bool, code policy.ReasonCode) {
	for _, c := range p.Columns {
		if kept(c.Label) {
			w.forbid(code, "when", fmt.Sprintf("context.column == %s", quote(c.Name)))
		}
	}
	for _, l := range p.LabelledConcepts {
		if kept(l.Label) {
			fromAbove := "!context.roots.isEmpty()"
			if len(l.Ancestors) > 0 {
				fromAbove = ids(l.Ancestors) + ".containsAny(context.roots)"
			}
			w.forbid(code, "when", ids(l.Concepts)+".containsAny(context.concepts) || "+fromAbove)
		}
	}
}

func (w *writer) limits(p policy.DatasetPolicy) {
	cost, limits := "context.nano_rho", p.Limits()
	if p.Accounting == policy.Pure {
		cost = "context.nano_epsilon"
	}
	w.forbid(policy.ReasonEpsilonQueryCap, "when", fmt.Sprintf("%s > %d", cost, limits.PerQuery))
	w.forbid(policy.ReasonEpsilonOrganisationCap, "when", fmt.Sprintf("context.organisation_spent + %s > %d", cost, limits.PerOrganisation))
	w.forbid(policy.ReasonEpsilonDatasetBudget, "when", fmt.Sprintf("context.spent + %s > %d || context.spent_delta + context.delta > %d", cost,
		limits.Total, p.TotalDelta))
}

func ids(all []int64) string { return strings.ReplaceAll(fmt.Sprint(all), " ", ", ") }

func set[T ~string](values []T) string {
	var all []string
	for _, v := range values {
		all = append(all, quote(string(v)))
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// quote writes a text that has no control characters, as names in documents have none.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
