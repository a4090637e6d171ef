package policy_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// A row of the project's table of decision cases, by its number there. query is "" for ALLOW.
type row struct {
	number  int
	name    string
	change  func(*scene)
	query   string // its reasons, joined by commas
	patient policy.ReasonCode
}

// neverAsked has a patient of the EU who was never asked, at a hospital that uses its records under the European Health Data Space.
func neverAsked(s *scene) {
	s.preference, s.Policy.LegalBasis, s.Policy.Jurisdiction = nil, policy.EHDS, "DE"
}

var rows = []row{
	{1, "never asked, opt-in jurisdiction", func(s *scene) { s.preference = nil }, "", "P_NO_PREFERENCE"},
	{2, "never asked, opt-out jurisdiction", neverAsked, "", "P_ELIGIBLE_DEFAULT"},
	{3, "opt-out default does not reach sensitive data", func(s *scene) {
		neverAsked(s)
		s.Policy.Columns[1].Label, s.Policy.ReleasedLabels = policy.GeneticDisorders, []policy.Label{policy.GeneticDisorders}
	}, "", "P_SENSITIVE_OPT_IN"},
	{4, "opt-out default does not reach ancestry research", func(s *scene) { // granted, as in row 11
		neverAsked(s)
		s.Request.Purpose, s.Grant.Purposes = use(duo.POA), uses(use(duo.POA))
	}, "", "P_PURPOSE"},
	{6, "HMB covers any disease study", func(s *scene) { s.Request.Purpose = use(duo.DS, breast) }, "", "P_ELIGIBLE"},
	{7, "disease subsumption downwards", func(s *scene) {
		s.preference.PermittedUse, s.Request.Purpose = uses(use(duo.DS, cancer)), use(duo.DS, intestinal)
	}, "", "P_ELIGIBLE"},
	{8, "no subsumption upwards", func(s *scene) {
		s.preference.PermittedUse, s.Request.Purpose = uses(use(duo.DS, intestinal)), use(duo.DS, cancer)
	}, "", "P_DISEASE"},
	// The table allows rows 10 and 11 although the base grant is for HMB, which covers neither GRU nor POA: row 32's
	// rule would deny both. They are about the patient, so the grant is widened with the purpose here;
	// TestPurposeBeyondTheGrant shows what the base grant makes of them.
	{10, "unspecific purpose on disease-only consent", func(s *scene) {
		s.preference.PermittedUse = uses(use(duo.DS, cancer))
		s.Request.Purpose, s.Grant.Purposes = use(duo.GRU), uses(use(duo.GRU))
	}, "", "P_PURPOSE"},
	{11, "HMB excludes ancestry", func(s *scene) {
		s.Request.Purpose, s.Grant.Purposes = use(duo.POA), uses(use(duo.POA))
	}, "", "P_PURPOSE"},
	{12, "modifier narrows a broad permission", func(s *scene) { // granted, as in row 11
		s.preference.PermittedUse, s.preference.Modifiers = uses(use(duo.GRU)), modified(duo.NPOA)
		s.Request.Purpose, s.Grant.Purposes = use(duo.POA), uses(use(duo.POA))
	}, "", "P_EXCEPTION_DENY"},
	// Rows 14 and 15: depression is a condition here; mental health is a label.
	{14, "one of several categories refused", func(s *scene) {
		s.Request.Columns = append(s.Request.Columns, depressionDx)
	}, "", "P_CATEGORY"},
	{15, "refused category only in WHERE", func(s *scene) {
		s.Request.Columns = slices.Insert(s.Request.Columns, 0, depressionDx)
	}, "", "P_CATEGORY"},
	{16, "finer than the patient's floor", func(s *scene) { s.Request.Columns[0].Level = 4 }, "", "P_GRANULARITY"},
	{17, "coarser than the floor is fine", func(s *scene) { s.Request.Columns[0].Level = 1 }, "", "P_ELIGIBLE"},
	{19, "sensitive by inference", func(s *scene) {
		drug := policy.ColumnUse{Name: "drug_exposure.drug_concept_id", Category: policy.Medication, Level: 3}
		s.Request.Columns, s.Request.Concepts = append(s.Request.Columns, drug), []int64{1_710_281}
		s.Policy.Columns, s.Policy.ReleasedLabels = append(s.Policy.Columns, released(drug)...), []policy.Label{policy.HIV}
		s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{1_710_281}}}
	}, "", "P_SENSITIVE_OPT_IN"},
	{21, "withdrawal seen at once", func(s *scene) { s.preference.Status = policy.Withdrawn }, "", "P_WITHDRAWN"},
	{22, "stale snapshot refused", func(s *scene) { s.Request.AsOf = 1001 }, "SNAPSHOT_STALE", "P_ELIGIBLE"},
	{23, "audit replay of an old receipt", func(s *scene) { s.Request.Head = 1500 }, "", "P_ELIGIBLE"},
	{24, "consent ends now", func(s *scene) { s.preference.Period.End = 100 }, "", "P_EXPIRED"},
	{25, "own cap exceeded", func(s *scene) {
		s.preference.OwnCap, s.lost.NanoRho = &policy.Loss{NanoRho: 5 * epsilon01}, 450_000
	}, "", "P_EPSILON_CAP"},
	{26, "own cap met exactly", func(s *scene) {
		s.preference.OwnCap, s.lost.NanoRho = &policy.Loss{NanoRho: 5 * epsilon01}, 400_000
	}, "", "P_ELIGIBLE"},
	{27, "organisation type of the grant counts", func(s *scene) {
		s.preference.RecipientTypes = []policy.RecipientType{policy.Academic}
		s.Grant.SponsorType = policy.Commercial
	}, "", "P_RECIPIENT_TYPE"},
	{29, "deny provision beats permit provision", func(s *scene) {
		s.preference.Provisions = []policy.Provision{{Country: []string{"DE"}}}
	}, "", "P_EXCEPTION_DENY"},
	{30, "suspended grant", func(s *scene) { s.GrantStatus = policy.GrantSuspended }, "GRANT_SUSPENDED", "P_ELIGIBLE"},
	{31, "grant ends between plan and run", func(s *scene) { s.Grant.Period.End = 100 }, "GRANT_EXPIRED", "P_ELIGIBLE"},
	{32, "query broader than the protocol", func(s *scene) {
		s.Grant.Purposes = uses(use(duo.DS, diabetes))
	}, "GRANT_PURPOSE", "P_ELIGIBLE"},
	{33, "all reasons are reported", func(s *scene) {
		s.Policy.EmbargoUntil, s.Policy.Modifiers, s.Grant.SponsorType = 101, modified(duo.NPU), policy.Commercial
	}, "DATASET_EMBARGOED,DATASET_NOT_FOR_PROFIT", "P_ELIGIBLE"},
	{35, "missing cap fails closed", func(s *scene) { s.Policy.MaxNanoRhoPerQuery = 0 }, "INPUT_INVALID", "P_ELIGIBLE"},
	{36, "unknown disease code", func(s *scene) { s.Request.Purpose = use(duo.DS, unlisted) }, "UNKNOWN_TERM", "P_ELIGIBLE"},
	{38, "vulnerable population goes to people", func(s *scene) { s.Grant.Vulnerable = children() }, "MANUAL_REVIEW", "P_ELIGIBLE"},
	{39, "equal to the floor is fine", func(s *scene) { s.Request.Columns[0].Level = 3 }, "", "P_ELIGIBLE"},
	{41, "revoked grant", func(s *scene) { s.GrantStatus = policy.GrantRevoked }, "GRANT_REVOKED", "P_ELIGIBLE"},
	{42, "grant starts later", func(s *scene) { s.Grant.Period.Start = 101 }, "GRANT_NOT_YET_VALID", "P_ELIGIBLE"},
	// The table says P_ELIGIBLE. We differ: the recipient is the sponsor on the grant, so without a grant nobody
	// is named whom the patient could have permitted, and nothing defaults to permit. Nobody is counted either way.
	{43, "no grant at all", func(s *scene) { s.Grant = nil }, "GRANT_MISSING", "P_RECIPIENT_TYPE"},
	{45, "grant covers another dataset", func(s *scene) {
		s.Request.Dataset, s.Policy.Dataset = "ds9", "ds9"
	}, "GRANT_DATASET", "P_ELIGIBLE"},
	{46, "grant budget spent", func(s *scene) { s.Spent.GrantNanoRho = 950_000 }, "GRANT_EPSILON", "P_ELIGIBLE"},
	{47, "one query too hungry", func(s *scene) { s.Request.NanoRho = 6 * epsilon01 }, "EPSILON_QUERY_CAP", "P_ELIGIBLE"},
	// Row 48: the limit is of the researcher's organisation, so that a second key of hers buys nothing.
	{48, "researcher's budget at this dataset spent", func(s *scene) { s.Spent.OrganisationNanoRho = 1_950_000 }, "EPSILON_RESEARCHER_CAP", "P_ELIGIBLE"},
	{50, "patient allows, provider does not release", func(s *scene) {
		s.Request.Columns = append(s.Request.Columns, genomeRaw)
	}, "COLUMN_NOT_RELEASED", "P_ELIGIBLE"},
	{51, "zero epsilon", func(s *scene) { s.Request.NanoRho = 0 }, "INPUT_INVALID", "P_ELIGIBLE"},
	{51, "negative epsilon", func(s *scene) { s.Request.NanoRho = -1 }, "INPUT_INVALID", "P_ELIGIBLE"},
	// Row 52: the table does not say so, but the committee must have granted the development of methods as well.
	{52, "dataset forbids methods development", func(s *scene) {
		s.Policy.Modifiers, s.Request.Purpose.Methods, s.Grant.Purposes[0].Methods = modified(duo.NMDS), true, true
	}, "DATASET_METHODS", "P_ELIGIBLE"},
	{53, "a denial is not softened into review", func(s *scene) {
		s.Grant.Vulnerable, s.Policy.EmbargoUntil = children(), 101
	}, "DATASET_EMBARGOED", "P_ELIGIBLE"},
	{54, "dataset bound to a region", func(s *scene) {
		s.Policy.Modifiers = []policy.Modifier{{Code: duo.GS, Countries: []string{"DE", "FR"}}}
		s.Grant.Countries = []string{"DE", "US"}
	}, "DATASET_GEOGRAPHY", "P_ELIGIBLE"},
	{56, "dataset is for another disease", func(s *scene) {
		s.Policy.PermittedUse, s.Request.Purpose = uses(use(duo.DS, cancer)), use(duo.DS, diabetes)
	}, "DATASET_DISEASE", "P_ELIGIBLE"},
	{59, "patient allows not-for-profit only", func(s *scene) {
		s.preference.Modifiers, s.Grant.SponsorType = modified(duo.NPU), policy.Commercial
	}, "", "P_EXCEPTION_DENY"},
	{60, "academic on a not-for-profit dataset", func(s *scene) { s.Policy.Modifiers = modified(duo.NPU) }, "", "P_ELIGIBLE"},
}

// notDecided are the table's rows 37 and 58, which want COHORT_TOO_SMALL and COHORT_FLOOR of the decision. We differ, as
// the design does: a decision that looked at a count would tell about it. The dataset's least count acts on the noised
// integers after the charge, and suppresses instead of refusing (see dp.Release).
var notDecided = []int{37, 58}

func modified(codes ...duo.Modifier) (all []policy.Modifier) {
	for _, code := range codes {
		all = append(all, policy.Modifier{Code: code})
	}
	return all
}

func children() []policy.Population { return []policy.Population{policy.Children} }

func TestCases(t *testing.T) {
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			s := base(t)
			r.change(&s)
			var want []policy.ReasonCode
			for code := range strings.SplitSeq(r.query, ",") {
				want = append(want, policy.ReasonCode(code))
			}
			check(t, policy.Decide(s.Input), want...)
			if got := s.patient(); got != r.patient {
				t.Errorf("row %d: patient %s, want %s", r.number, got, r.patient)
			}
		})
	}
}

// check compares outcome and reasons; no reason at all, or "", is ALLOW.
func check(t *testing.T, got policy.Decision, want ...policy.ReasonCode) {
	t.Helper()
	want = slices.DeleteFunc(want, func(c policy.ReasonCode) bool { return c == "" })
	outcome := policy.OutcomeAllow
	switch {
	case slices.Equal(want, []policy.ReasonCode{policy.ReasonManualReview}):
		outcome = policy.OutcomeReview
	case len(want) > 0:
		outcome = policy.OutcomeDeny
	}
	if got.Outcome != outcome || got.Allowed() != (len(want) == 0) || !slices.Equal(got.Reasons, want) {
		t.Errorf("decided %s %v, want %s %v", got.Outcome, got.Reasons, outcome, want)
	}
}

func TestEveryRowOfTheTableIsAccountedFor(t *testing.T) {
	const table = "1 2 3 4 6 7 8 10 11 12 14 15 16 17 19 21 22 23 24 25 26 27 29 30 31 32 33 35 36 37 38 39 " +
		"41 42 43 45 46 47 48 50 51 52 53 54 56 58 59 60"
	numbers := map[int]bool{}
	for _, r := range rows {
		numbers[r.number] = true
	}
	for _, n := range notDecided {
		if numbers[n] {
			t.Errorf("row %d is both tested and set aside", n)
		}
		numbers[n] = true
	}
	got := strings.Trim(strings.Join(strings.Fields(marshal(t, slices.Sorted(maps.Keys(numbers)))), ""), "[]")
	if diff := cmp.Diff(strings.Fields(table), strings.Split(got, ",")); diff != "" {
		t.Errorf("rows (-table +here):\n%s", diff)
	}
}

// G2: a question is on methods where the committee granted what covers it as such only, whatever the researcher says.
func TestG2MethodsAreNotLeftToTheResearcher(t *testing.T) {
	methods := func(u policy.DataUse) policy.DataUse { u.Methods = true; return u }
	for name, c := range map[string]struct {
		granted []policy.DataUse
		want    []policy.ReasonCode
	}{
		"granted for methods":             {uses(methods(use(duo.DS, cancer))), []policy.ReasonCode{policy.ReasonDatasetMethods}},
		"granted for both":                {uses(methods(use(duo.DS, cancer)), use(duo.HMB)), nil},
		"other diseases for methods":      {uses(methods(use(duo.DS, diabetes)), use(duo.DS, cancer)), nil},
		"methods on this disease":         {uses(use(duo.DS, diabetes), methods(use(duo.DS, cancer))), []policy.ReasonCode{policy.ReasonDatasetMethods}},
		"nothing granted that covers it":  {uses(methods(use(duo.DS, diabetes))), []policy.ReasonCode{policy.ReasonGrantPurpose}},
		"granted without methods, widely": {uses(use(duo.GRU)), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			s.Request.Purpose, s.Policy.Modifiers, s.Grant.Purposes = use(duo.DS, breast), modified(duo.NMDS), c.granted
			check(t, policy.Decide(s.Input), c.want...)
		})
	}
}

// G2: what is sensitive is so as well where a question reaches it from above, with all that lies below another concept.
// Where nobody looked up what is above, everything may be.
func TestG2LabelsAreReachedFromAbove(t *testing.T) {
	const viral, hiv, headache = 1, 2, 3
	for name, c := range map[string]struct {
		concepts, roots, ancestors []int64
		touched                    bool
	}{
		"itself":                            {[]int64{hiv}, nil, nil, true},
		"itself, looked up":                 {[]int64{hiv}, nil, []int64{viral, hiv}, true},
		"from above":                        {[]int64{viral}, []int64{viral}, []int64{viral, hiv}, true},
		"what is above, alone":              {[]int64{viral}, nil, []int64{viral, hiv}, false},
		"something else":                    {[]int64{headache}, nil, nil, false},
		"below something else":              {[]int64{headache}, []int64{headache}, []int64{viral, hiv}, false},
		"below something else, not known":   {[]int64{headache}, []int64{headache}, nil, true},
		"above alone, beside another below": {[]int64{viral, headache}, []int64{headache}, []int64{viral, hiv}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: policy.HIV, Concepts: []int64{hiv}, Ancestors: c.ancestors}}
			s.Request.Concepts, s.Request.Roots = c.concepts, c.roots
			want := map[bool][]policy.ReasonCode{true: {policy.ReasonDatasetSensitiveClass}}[c.touched]
			check(t, policy.Decide(s.Input), want...)
			s.Policy.ReleasedLabels = []policy.Label{policy.HIV}
			check(t, policy.Decide(s.Input))
			if got, want := s.patient(), map[bool]policy.ReasonCode{true: policy.PatientSensitiveOptIn, false: policy.PatientEligible}[c.touched]; got != want {
				t.Errorf("patient %s, want %s", got, want)
			}
		})
	}
}

func TestPurposeBeyondTheGrant(t *testing.T) {
	for _, purpose := range []duo.Permission{duo.GRU, duo.POA, duo.NRES} {
		s := base(t)
		s.Policy.PermittedUse = uses(use(duo.NRES))
		s.Request.Purpose = use(purpose)
		check(t, policy.Decide(s.Input), policy.ReasonGrantPurpose)
	}
}
