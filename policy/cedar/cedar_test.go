package cedar_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	cedargo "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/cedar"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/policytest"
)

var update = flag.Bool("update", false, "write testdata anew")

var others = []policy.ReasonCode{
	policy.ReasonColumnNotReleased, policy.ReasonGrantConditionUnmet, policy.ReasonActorVisaMissing, policy.ReasonActorNotBonaFide,
	policy.ReasonTermsNotAccepted,
}

// layer has the codes that the text can give, in the order of decisions.
var layer = slices.DeleteFunc(policy.QueryReasons(), func(c policy.ReasonCode) bool {
	code := string(c)
	return !strings.HasPrefix(code, "DATASET_") && !strings.HasPrefix(code, "EPSILON_") &&
		!slices.Contains(others, c)
})

// G2: the text that people read of a dataset's policy, evaluated by Cedar, decides as the policy does, reason by reason,
// and each reason is met.
func TestCedarAgrees(t *testing.T) {
	cases := 3_000
	switch {
	case os.Getenv("MEDMARKET_LONG") != "":
		cases = 100_000
	case testing.Short():
		cases = 500
	}
	diseases, err := duo.NewDiseases("drawn", policytest.Hierarchy)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(8, 1))
	seen := map[policy.ReasonCode]int{}
	for n := 0; n < cases; {
		c := policytest.Draw(r, diseases)
		if !readable(c.Input) {
			continue
		}
		n++
		want := slices.DeleteFunc(policy.Decide(c.Input).Reasons, func(code policy.ReasonCode) bool { return !slices.Contains(layer, code) })
		got, allowed := evaluate(t, c.Input, "ask", layer)
		if !slices.Equal(got, want) || allowed != (len(want) == 0) {
			text, _ := cedar.Render(c.Input.Policy)
			t.Fatalf("case %d: Cedar %v, policy %v\n%+v\n%+v\n%s", n, got, want, c.Input.Request, *c.Input.Grant, text)
		}
		unasked := c.Input.Terms().PatientReason(nil, policy.Loss{})
		if found := evaluateUnasked(t, c.Input); found != unasked {
			text, _ := cedar.Render(c.Input.Policy)
			t.Fatalf("case %d: who was never asked, by Cedar %s, by policy %s\n%+v\n%s", n, found, unasked, c.Input.Request, text)
		}
		for _, code := range append(got, unasked) {
			seen[code]++
		}
	}
	unasked := []policy.ReasonCode{
		policy.PatientNoPreference, policy.PatientPurpose, policy.PatientSensitiveOptIn, policy.PatientGranularity, policy.PatientEligibleDefault,
	}
	for _, code := range append(unasked, layer...) {
		if seen[code] == 0 && !testing.Short() {
			t.Errorf("%s never occurs", code)
		}
	}
	t.Logf("%v", seen)
}

// readable says whether all that the dataset's layer looks at is there and valid.
func readable(in policy.Input) bool {
	return in.Grant != nil && in.Grant.Validate() == nil && in.Policy.Validate() == nil && in.Request.Validate() == nil && in.Policy.Dataset == in.Request.Dataset &&
		in.Spent.OrganisationNanoRho >= 0 && (in.Policy.Accounting != policy.Pure || in.Request.NanoEpsilon > 0) && !slices.ContainsFunc(in.Request.Purpose.Diseases, func(d string) bool { return !in.Diseases.Known(d) })
}

// evaluate asks Cedar for each column and each disease, and returns what forbade any of it, in the order of codes. Without a permit
// that is nothing, and allowed is false.
func evaluate(t *testing.T, in policy.Input, action types.String, codes []policy.ReasonCode) (reasons []policy.ReasonCode, allowed bool) {
	t.Helper()
	text, err := cedar.Render(in.Policy)
	if err != nil {
		t.Fatal(err)
	}
	set, err := cedargo.NewPolicySetFromBytes("policy.cedar", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	named := in.Request.Purpose.Diseases
	if len(named) == 0 {
		named = []string{""}
	}
	found := map[policy.ReasonCode]bool{}
	allowed = true
	for _, column := range in.Request.Columns {
		for _, disease := range named {
			decision, diagnostic := cedargo.Authorize(set, hierarchy(), types.Request{
				Principal: types.NewEntityUID("Researcher", types.String(in.Request.Researcher)),
				Action:    types.NewEntityUID("Action", action), Resource: types.NewEntityUID("Dataset", types.String(in.Request.Dataset)),
				Context: asked(in, column, disease),
			})
			if len(diagnostic.Errors) > 0 {
				t.Fatalf("%v\n%s", diagnostic.Errors, text)
			}
			allowed = allowed && decision == types.Allow
			for _, reason := range diagnostic.Reasons {
				if decision == types.Deny {
					found[policy.ReasonCode(set.Get(reason.PolicyID).Annotations()["id"])] = true
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(codes), func(c policy.ReasonCode) bool { return !found[c] }), allowed
}

// evaluateUnasked is the code for a patient who was never asked, as Cedar has it: the first that forbids.
func evaluateUnasked(t *testing.T, in policy.Input) policy.ReasonCode {
	t.Helper()
	reasons, allowed := evaluate(t, in, "countUnasked", policy.PatientReasons())
	switch {
	case allowed:
		return policy.PatientEligibleDefault
	case len(reasons) == 0:
		return policy.PatientNoPreference
	}
	return reasons[0]
}

func hierarchy() types.EntityMap {
	all := types.EntityMap{}
	for disease, parents := range policytest.Hierarchy {
		uid := types.NewEntityUID("Disease", types.String(disease))
		var up []types.EntityUID
		for _, p := range parents {
			up = append(up, types.NewEntityUID("Disease", types.String(p)))
		}
		all[uid] = types.Entity{UID: uid, Parents: types.NewEntityUIDSet(up...)}
	}
	return all
}

func words[T ~string](values []T) types.Set {
	var all []types.Value
	for _, v := range values {
		all = append(all, types.String(v))
	}
	return types.NewSet(all...)
}

func longs(values []int64) types.Set {
	var all []types.Value
	for _, v := range values {
		all = append(all, types.Long(v))
	}
	return types.NewSet(all...)
}

// said are the spellings of what the researcher's visas say. Which of them are in force and hers depends on whom the
// requirement believes: the reference evaluator says it.
func said(in policy.Input) (all []string) {
	for _, r := range in.Policy.RequiredVisas {
		for _, v := range in.Actor.Visas {
			if !policytest.Meets(in, r, v) {
				continue
			}
			this := r
			this.Values, this.Issuers = []string{v.Value}, []string{v.Issuer}
			if _, organisation, ok := strings.Cut(v.Value, "@"); ok && v.Type == policy.AffiliationAndRole {
				this.Values = append(this.Values, "*@"+organisation)
			}
			if len(r.Sources) > 0 {
				this.Sources = []string{v.Source}
			}
			if len(r.By) > 0 {
				this.By = []policy.Authority{v.By}
			}
			all = append(all, cedar.Spellings(this)...)
		}
	}
	return all
}

func asked(in policy.Input, column policy.ColumnUse, disease string) types.Record {
	r, g := in.Request, in.Grant
	months := 0
	began := g.Period.Start
	if in.Since > 0 && in.Since < began {
		began = in.Since
	}
	for start := time.Unix(began, 0).UTC(); start.AddDate(0, months+1, 0).Unix() <= r.Now; {
		months++
	}
	context := types.RecordMap{
		"purpose": types.String(r.Purpose.Permission.Shorthand()), "methods": types.Boolean(in.Terms().Purpose.Methods),
		"column": types.String(column.Name), "category": types.String(column.Category), "level": types.Long(column.Level),
		"concepts": longs(r.Concepts), "roots": longs(r.Roots), "sponsor": types.String(g.SponsorType), "commercial_use": types.Boolean(g.CommercialUse),
		"countries": words(g.Countries), "organisation": types.String(r.Organisation), "months": types.Long(months),
		"researcher": types.String(r.Researcher), "project": types.String(r.Grant), "genetic": types.Boolean(g.Genetic), "visas": words(said(in)),
		"terms_accepted": types.Long(in.TermsAccepted),
		"approvals":      words(g.Approvals), "now": types.Long(r.Now), "nano_rho": types.Long(r.NanoRho), "delta": types.Long(r.Delta),
		"organisation_spent": types.Long(in.Spent.OrganisationNanoRho), "spent": types.Long(in.Spent.DatasetNanoRho),
		"spent_delta": types.Long(in.Spent.DatasetDelta), "nano_epsilon": types.Long(r.NanoEpsilon),
	}
	if in.Policy.Accounting == policy.Pure {
		context["organisation_spent"], context["spent"] = types.Long(in.Spent.OrganisationNanoEpsilon), types.Long(in.Spent.DatasetNanoEpsilon)
	}
	if disease != "" {
		context["disease"] = types.NewEntityUID("Disease", types.String(disease))
	}
	return types.NewRecord(context)
}

// full has something of everything.
func full() policy.DatasetPolicy {
	return policy.DatasetPolicy{
		Dataset: `st "ada" \ é`, Revision: 3, Jurisdiction: "IE", LegalBasis: policy.EHDS, EmbargoUntil: 1_790_000_000,
		PermittedUse: []policy.DataUse{{Permission: duo.POA}, {Permission: duo.DS, Diseases: []string{"MONDO:0005148", "MONDO:0004992"}}},
		Modifiers: []policy.Modifier{
			{Code: duo.NPU}, {Code: duo.NCU}, {Code: duo.NPOA}, {Code: duo.NMDS}, {Code: duo.GS, Countries: []string{"FR", "DE"}},
			{Code: duo.IS, Institutions: []string{"0x" + strings.Repeat("0a", 32)}}, {Code: duo.TS, Months: 24},
			{Code: duo.PS, Projects: []string{"0x" + strings.Repeat("0c", 32)}}, {Code: duo.US, Users: []string{"0x" + strings.Repeat("1", 40)}}, {Code: duo.GSO},
		},
		Columns: []policy.Column{
			{Name: "person.year_of_birth", Category: policy.Demographics, Finest: 2},
			{Name: "measurement.value_as_number", Category: policy.Laboratory, Finest: 5, Label: policy.GeneticDisorders},
		},
		LabelledConcepts: []policy.LabelledConcepts{
			{Label: policy.HIV, Concepts: []int64{439727, 4013105}, Ancestors: []int64{432250, 439727, 4013105}}, {Label: policy.Psychiatry, Concepts: []int64{440383}},
			{Label: policy.SubstanceUse, Concepts: []int64{433753}},
		},
		ReleasedLabels: []policy.Label{policy.Psychiatry}, RequiredApprovals: []policy.Approval{policy.DataAccessCommittee},
		Terms: &policy.DatasetTerms{Revision: 2, Text: "Keep it."},
		RequiredVisas: []policy.RequiredVisa{
			{Type: policy.ResearcherStatus, Values: []string{"https://doi.org/10.1038/s41431-018-0219-y"}, Issuers: []string{"https://i.example", "https://j.example"}},
			{
				Type: policy.AffiliationAndRole, Values: []string{"*@uni.example"}, Issuers: []string{"https://i.example"}, Sources: []string{"https://uni.example"},
				By: []policy.Authority{policy.BySystem, policy.BySigningOfficial}, MaxAgeDays: 90,
			},
		},
		MaxNanoRhoPerQuery: 10_000_000, MaxNanoRhoPerOrganisation: 50_000_000, TotalNanoRho: 100_000_000,
	}
}

func TestRenderGolden(t *testing.T) {
	got, err := cedar.Render(full())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cedargo.NewPolicySetFromBytes("policy.cedar", []byte(got)); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/policy.cedar"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-golden +rendered):\n%s", diff)
	}
}

func TestOnlyValidPoliciesAreRendered(t *testing.T) {
	p := full()
	p.MaxNanoRhoPerQuery = 0
	if _, err := cedar.Render(p); !errors.Is(err, policy.ErrInvalid) {
		t.Errorf("%v, want %v", err, policy.ErrInvalid)
	}
}
