package policy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// drawScene varies the base case, so that about a third of the queries are allowed and a third of the patients eligible.
func drawScene(t *rapid.T) scene {
	s := base(t)
	s.Request.Purpose = drawUses(1, 1).Draw(t, "purpose")[0]
	s.Request.Columns = rapid.SliceOfNDistinct(rapid.SampledFrom([]policy.ColumnUse{ageBand, hba1c, depressionDx}), 1, 3,
		rapid.ID[policy.ColumnUse]).Draw(t, "columns")
	s.Request.NanoRho = rapid.Int64Range(1, 6*epsilon01).Draw(t, "cost")
	s.Grant.Purposes = drawUses(1, 4).Draw(t, "granted")
	s.Grant.SponsorType = rapid.SampledFrom(policy.RecipientTypes()).Draw(t, "sponsor")
	s.Policy.PermittedUse = drawUses(0, 4).Draw(t, "released for")
	s.Spent.GrantNanoRho = rapid.Int64Range(0, 10*epsilon01).Draw(t, "spent")
	s.preference.PermittedUse = drawUses(1, 5).Draw(t, "permitted")
	s.preference.RecipientTypes = rapid.SliceOfN(rapid.SampledFrom(policy.RecipientTypes()), 3, 9).Draw(t, "recipients")
	s.preference.Categories = rapid.SliceOfN(rapid.SampledFrom(policy.AllCategories(3)), 6, 16).Draw(t, "categories")
	s.Policy.ReleasedLabels = []policy.Label{policy.HIV, policy.Psychiatry}
	s.Policy.Columns[rapid.IntRange(0, 2).Draw(t, "labelled")].Label = rapid.SampledFrom([]policy.Label{"", policy.HIV, policy.Psychiatry}).Draw(t, "label")
	s.preference.SensitiveOptIn = rapid.SliceOfN(rapid.SampledFrom(policy.Labels()), 0, 9).Draw(t, "opt in")
	s.preference.RecipientCountries = rapid.SampledFrom([][]string{{"any"}, {"DE"}, {"DE", "FR"}, {"US"}, {}}).Draw(t, "countries")
	s.preference.Provisions = drawProvisions().Draw(t, "provisions")
	s.preference.Period = policy.Period{Start: rapid.Int64Range(0, 110).Draw(t, "start"), End: rapid.SampledFrom([]int64{0, 150, 1000}).Draw(t, "end")}
	if rapid.Bool().Draw(t, "has a cap") {
		s.preference.OwnCap = &policy.Loss{NanoRho: rapid.Int64Range(1, 20*epsilon01).Draw(t, "cap")}
	}
	s.lost.NanoRho = rapid.Int64Range(0, 10*epsilon01).Draw(t, "lost")
	return s
}

// drawProvisions leans to none.
func drawProvisions() *rapid.Generator[[]policy.Provision] {
	return rapid.SliceOfN(rapid.SampledFrom([]policy.Provision{
		{Country: []string{"US"}}, {Purpose: uses(use(duo.POA))}, {Category: []policy.Category{policy.Conditions}},
		{Actor: []policy.RecipientType{policy.Commercial}, SecurityLabel: []policy.Label{policy.HIV}},
		{Purpose: uses(use(duo.DS, breast)), DataPeriod: &policy.Period{End: 50}},
	}), 0, 2)
}

// drawModifier draws one that patients may name.
func drawModifier() *rapid.Generator[policy.Modifier] {
	return rapid.SampledFrom([]policy.Modifier{
		{Code: duo.NPU}, {Code: duo.NCU}, {Code: duo.NPOA}, {Code: duo.NMDS}, {Code: duo.GS, Countries: []string{"DE"}}, {Code: duo.GS, Countries: []string{"FR"}},
	})
}

// drawUses leans to the broad permissions: random narrow ones seldom meet.
func drawUses(least, most int) *rapid.Generator[[]policy.DataUse] {
	return rapid.SliceOfN(rapid.SampledFrom([]policy.DataUse{
		use(duo.NRES), use(duo.GRU), use(duo.HMB), use(duo.HMB), use(duo.POA),
		use(duo.DS, cancer), use(duo.DS, breast), use(duo.DS, breast, diabetes),
	}), least, most)
}

// restrictions each take something away from what the documents allow, or ask for more.
var restrictions = map[string]func(*rapid.T, *scene){
	"patient denies":       func(_ *rapid.T, s *scene) { s.preference.Decision, s.preference.Provisions = policy.Deny, nil },
	"patient withdraws":    func(_ *rapid.T, s *scene) { s.preference.Status = policy.Withdrawn },
	"patient drops a use":  func(t *rapid.T, s *scene) { s.preference.PermittedUse = drop(t, s.preference.PermittedUse) },
	"patient drops a type": func(t *rapid.T, s *scene) { s.preference.RecipientTypes = drop(t, s.preference.RecipientTypes) },
	"patient drops a part": func(t *rapid.T, s *scene) { s.preference.Categories = drop(t, s.preference.Categories) },
	"patient starts later": func(t *rapid.T, s *scene) { s.preference.Period.Start += rapid.Int64Range(0, 200).Draw(t, "by") },
	"patient ends sooner": func(t *rapid.T, s *scene) {
		s.preference.Period.End = rapid.Int64Range(1, 150).Draw(t, "end")
	},
	"patient sets a cap, or another": func(t *rapid.T, s *scene) {
		if before := s.preference.OwnCap; before != nil {
			s.preference.OwnCap = &policy.Loss{NanoRho: rapid.Int64Range(1, before.NanoRho).Draw(t, "cap")}
		} else {
			s.preference.OwnCap = &policy.Loss{NanoRho: rapid.Int64Range(1, 20*epsilon01).Draw(t, "cap")}
		}
	},
	"patient has lost more": func(t *rapid.T, s *scene) { s.lost.NanoRho += rapid.Int64Range(0, epsilon01).Draw(t, "more") },
	"patient adds a modifier": func(t *rapid.T, s *scene) {
		s.preference.Modifiers = append(s.preference.Modifiers, drawModifier().Draw(t, "modifier"))
	},
	"patient adds a provision": func(t *rapid.T, s *scene) {
		s.preference.Provisions = append(s.preference.Provisions, drawProvisions().Filter(func(p []policy.Provision) bool { return len(p) > 0 }).Draw(t, "provision")...)
	},
	"patient drops a country": func(t *rapid.T, s *scene) { s.preference.RecipientCountries = drop(t, s.preference.RecipientCountries) },
	"patient drops a label":   func(t *rapid.T, s *scene) { s.preference.SensitiveOptIn = drop(t, s.preference.SensitiveOptIn) },
	"patient permits coarser use": func(t *rapid.T, s *scene) {
		for i := range s.preference.Categories {
			s.preference.Categories[i].Finest = rapid.IntRange(1, s.preference.Categories[i].Finest).Draw(t, "finest")
		}
	},
	"patient permits some times": func(t *rapid.T, s *scene) {
		for i := range s.preference.Categories {
			s.preference.Categories[i].DataPeriod = &policy.Period{Start: rapid.Int64Range(0, 9).Draw(t, "from"), End: rapid.Int64Range(10, 99).Draw(t, "to")}
		}
	},
	"patient's guardian is mortal": func(t *rapid.T, s *scene) { s.preference.GuardianUntil = rapid.Int64Range(1, 200).Draw(t, "until") },
	"query looks closer": func(t *rapid.T, s *scene) {
		u := &s.Request.Columns[0]
		u.Level = rapid.IntRange(u.Level, 5).Draw(t, "level")
	},
	"query develops methods": func(_ *rapid.T, s *scene) { s.Request.Purpose.Methods = true },
	"query names a sensitive concept": func(t *rapid.T, s *scene) {
		s.Request.Concepts = []int64{7}
		s.Policy.LabelledConcepts = []policy.LabelledConcepts{{Label: rapid.SampledFrom(policy.Labels()).Draw(t, "label"), Concepts: []int64{7}}}
	},
	"query takes in what is below": func(_ *rapid.T, s *scene) { s.Request.Roots = s.Request.Concepts },
	"dataset's labels are not looked up": func(_ *rapid.T, s *scene) {
		s.Policy.LabelledConcepts = slices.Clone(s.Policy.LabelledConcepts)
		for i := range s.Policy.LabelledConcepts {
			s.Policy.LabelledConcepts[i].Ancestors = nil
		}
	},
	"study goes abroad": func(t *rapid.T, s *scene) {
		s.Grant.Countries = append(s.Grant.Countries, rapid.SampledFrom(policy.Countries()).Draw(t, "to"))
	},
	"study is for profit":  func(_ *rapid.T, s *scene) { s.Grant.CommercialUse = true },
	"study is of children": func(_ *rapid.T, s *scene) { s.Grant.Vulnerable = children() },
	"dataset adds a modifier": func(t *rapid.T, s *scene) {
		s.Policy.Modifiers = append(s.Policy.Modifiers, drawModifier().Draw(t, "modifier"))
	},
	"dataset labels a column": func(t *rapid.T, s *scene) {
		if c := &s.Policy.Columns[rapid.IntRange(0, 2).Draw(t, "column")]; c.Label == "" {
			c.Label = rapid.SampledFrom(policy.Labels()).Draw(t, "label")
		}
	},
	"dataset drops a label":          func(t *rapid.T, s *scene) { s.Policy.ReleasedLabels = drop(t, s.Policy.ReleasedLabels) },
	"dataset releases coarser use":   func(t *rapid.T, s *scene) { s.Policy.Columns[0].Finest = rapid.IntRange(1, 5).Draw(t, "finest") },
	"dataset wants another approval": func(_ *rapid.T, s *scene) { s.Policy.RequiredApprovals = []policy.Approval{policy.Publication} },
	"organisation has spent more": func(t *rapid.T, s *scene) {
		s.Spent.OrganisationNanoRho = rapid.Int64Range(0, 30*epsilon01).Draw(t, "more")
	},
	"query touches more": func(_ *rapid.T, s *scene) { s.Request.Columns = append(s.Request.Columns, depressionDx) },
	"query costs more":   func(t *rapid.T, s *scene) { s.Request.NanoRho += rapid.Int64Range(0, epsilon01).Draw(t, "more") },
	"more is spent":      func(t *rapid.T, s *scene) { s.Spent.GrantNanoRho += rapid.Int64Range(0, epsilon01).Draw(t, "more") },
	"dataset drops a use": func(t *rapid.T, s *scene) {
		s.Policy.PermittedUse = drop(t, s.Policy.PermittedUse)
	},
	"dataset drops a column": func(t *rapid.T, s *scene) {
		before := s.Policy.Columns
		s.Policy.Columns = drop(t, before)
		if slices.ContainsFunc(before, func(c policy.Column) bool { return c.Label != "" && !slices.Contains(s.Policy.Columns, c) }) {
			t.Skip("its label goes with it: patients who permit that are left out by the denial of the query only")
		}
	},
	"dataset lowers its cap": func(t *rapid.T, s *scene) {
		s.Policy.MaxNanoRhoPerQuery = rapid.Int64Range(1, 5*epsilon01).Draw(t, "cap")
	},
	"dataset lowers its total": func(t *rapid.T, s *scene) {
		s.Policy.TotalNanoRho = rapid.Int64Range(1, 20*epsilon01).Draw(t, "total")
	},
	"dataset is embargoed":  func(t *rapid.T, s *scene) { s.Policy.EmbargoUntil = rapid.Int64Range(1, 200).Draw(t, "until") },
	"grant drops a purpose": func(t *rapid.T, s *scene) { s.Grant.Purposes = drop(t, s.Grant.Purposes) },
	"grant drops a dataset": func(t *rapid.T, s *scene) { s.Grant.Datasets = drop(t, s.Grant.Datasets) },
	"grant lowers a ceiling": func(t *rapid.T, s *scene) {
		s.Grant.Datasets[0].NanoRho = rapid.Int64Range(1, 10*epsilon01).Draw(t, "ceiling")
	},
	"grant ends sooner":   func(t *rapid.T, s *scene) { s.Grant.Period.End = rapid.Int64Range(1, 200).Draw(t, "end") },
	"grant starts later":  func(t *rapid.T, s *scene) { s.Grant.Period.Start = rapid.Int64Range(0, 199).Draw(t, "start") },
	"grant is suspended":  func(_ *rapid.T, s *scene) { s.GrantStatus = policy.GrantSuspended },
	"grant is revoked":    func(_ *rapid.T, s *scene) { s.GrantStatus = policy.GrantRevoked },
	"grant is superseded": func(_ *rapid.T, s *scene) { s.GrantStatus = policy.GrantSuperseded },
	"grant is closed":     func(_ *rapid.T, s *scene) { s.GrantStatus = policy.GrantClosed },
	"grant is to be reviewed": func(t *rapid.T, s *scene) {
		s.Grant.ReviewBy = rapid.Int64Range(1, 200).Draw(t, "review")
	},
	"dataset has terms": func(_ *rapid.T, s *scene) {
		s.Policy.Terms = &policy.DatasetTerms{Revision: s.TermsAccepted + 1, Text: "Keep it."}
	},
	"log moves on unread": func(t *rapid.T, s *scene) { s.Request.AsOf += rapid.Uint64Range(0, 2).Draw(t, "by") },
}

// drop leaves out one element, if there is any, without touching the original.
func drop[T any](t *rapid.T, values []T) []T {
	if len(values) == 0 {
		return values
	}
	i := rapid.IntRange(0, len(values)-1).Draw(t, "dropped")
	return slices.Delete(slices.Clone(values), i, i+1)
}

func TestRestrictionNeverAdmitsMore(t *testing.T) {
	for name, restrict := range restrictions {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			s := drawScene(t)
			asked, counted := policy.Decide(s.Input).Allowed(), s.patient() == policy.PatientEligible
			restrict(t, &s)
			if after := policy.Decide(s.Input); after.Allowed() && !asked {
				t.Fatalf("a denied query became allowed")
			}
			if s.patient() == policy.PatientEligible && !counted {
				t.Fatalf("a patient left out became eligible")
			}
		}))
	}
}

func TestWithdrawnIsNeverEligible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		s.preference.Status = policy.Withdrawn
		if got := s.patient(); got != policy.PatientWithdrawn {
			t.Fatalf("withdrawn, yet %s", got)
		}
	})
}

func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		decision, patient := policy.Decide(s.Input), s.patient()
		preference, dataset, grant := s.preference.Normalize(), s.Policy.Normalize(), s.Grant.Normalize()

		s.Request.Columns = stir(t, s.Request.Columns)
		s.Request.Purpose.Diseases = stir(t, s.Request.Purpose.Diseases)
		s.preference.PermittedUse = stir(t, s.preference.PermittedUse)
		s.preference.Modifiers, s.preference.Provisions = stir(t, s.preference.Modifiers), stir(t, s.preference.Provisions)
		s.preference.RecipientCountries, s.preference.SensitiveOptIn = stir(t, s.preference.RecipientCountries), stir(t, s.preference.SensitiveOptIn)
		s.Policy.ReleasedLabels, s.Grant.Countries = stir(t, s.Policy.ReleasedLabels), stir(t, s.Grant.Countries)
		s.preference.RecipientTypes, s.preference.Categories = stir(t, s.preference.RecipientTypes), stir(t, s.preference.Categories)
		s.Policy.PermittedUse, s.Policy.Columns = stir(t, s.Policy.PermittedUse), stir(t, s.Policy.Columns)
		s.Grant.Purposes, s.Grant.Researchers = stir(t, s.Grant.Purposes), stir(t, s.Grant.Researchers)
		s.Grant.Datasets = rapid.Permutation(s.Grant.Datasets).Draw(t, "datasets")

		check := func(what string, was, is any) {
			if a, b := marshal(t, was), marshal(t, is); a != b {
				t.Fatalf("%s was %s, is %s", what, a, b)
			}
		}
		check("decision", decision, policy.Decide(s.Input))
		check("patient", patient, s.patient())
		check("preference", preference, s.preference.Normalize())
		check("policy", dataset, s.Policy.Normalize())
		check("grant", grant, s.Grant.Normalize())
	})
}

// stir shuffles, and says some things twice.
func stir[T any](t *rapid.T, values []T) []T {
	if len(values) == 0 {
		return values
	}
	again := rapid.SliceOfN(rapid.SampledFrom(values), 0, 2).Draw(t, "again")
	return rapid.Permutation(slices.Concat(values, again)).Draw(t, "stirred")
}

// Canonical documents decide as the originals do: what is hashed and signed is what is applied.
func TestCanonicalFormDecidesAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		decision, patient := policy.Decide(s.Input), s.patient()
		preference, grant := s.preference.Normalize(), s.Grant.Normalize()
		s.preference, s.Grant, s.Policy = &preference, &grant, s.Policy.Normalize()
		if a, b := marshal(t, decision), marshal(t, policy.Decide(s.Input)); a != b || patient != s.patient() {
			t.Fatalf("was %s %s, is %s %s", a, patient, b, s.patient())
		}
	})
}

func TestUnknownWordsNeverPermit(t *testing.T) {
	for name, spoil := range map[string]func(*scene){
		"decision":   func(s *scene) { s.preference.Decision = "PERMIT" },
		"status":     func(s *scene) { s.preference.Status = "ACTIVE" },
		"uses":       func(s *scene) { s.preference.PermittedUse = uses(use("DUO:0000001"), use("*"), use("")) },
		"recipients": func(s *scene) { s.preference.RecipientTypes = []policy.RecipientType{"*", "any", ""} },
		"categories": func(s *scene) {
			s.preference.Categories = []policy.CategoryScope{{Category: "*", Finest: 5}, {Category: "any", Finest: 5}}
		},
	} {
		t.Run("preference/"+name, rapid.MakeCheck(func(t *rapid.T) {
			s := drawScene(t)
			spoil(&s)
			if got := s.patient(); got == policy.PatientEligible {
				t.Fatal("eligible")
			}
		}))
	}
	for name, spoil := range map[string]func(*scene){
		"purpose":      func(s *scene) { s.Request.Purpose = use("*") },
		"disease":      func(s *scene) { s.Request.Purpose = use(duo.DS, cancer, unlisted) },
		"category":     func(s *scene) { s.Request.Columns[0].Category = "*" },
		"sponsor":      func(s *scene) { s.Grant.SponsorType = "*" },
		"granted":      func(s *scene) { s.Grant.Purposes = append(s.Grant.Purposes, use("*")) },
		"released for": func(s *scene) { s.Policy.PermittedUse = append(s.Policy.PermittedUse, use("*")) },
		"released":     func(s *scene) { s.Policy.Columns[0].Category = "*" },
		"status":       func(s *scene) { s.GrantStatus = "*" },
		"modifier":     func(s *scene) { s.Policy.Modifiers = modified("DUO:0000018") },
		"label":        func(s *scene) { s.Policy.Columns[0].Label = "*" },
		"country":      func(s *scene) { s.Grant.Countries = []string{"any"} },
		"approval":     func(s *scene) { s.Policy.RequiredApprovals = []policy.Approval{"*"} },
	} {
		t.Run("query/"+name, rapid.MakeCheck(func(t *rapid.T) {
			s := drawScene(t)
			spoil(&s)
			if got := policy.Decide(s.Input); got.Allowed() || !slices.Contains(got.Reasons, policy.ReasonUnknownTerm) {
				t.Fatalf("%v", got)
			}
		}))
	}
}

// The drawn scenes are worth drawing: each outcome is met. The seeds are given, so that it does so each time.
func TestScenesAreWorthDrawing(t *testing.T) {
	scenes := rapid.Custom(drawScene)
	asked, counted := map[bool]int{}, map[bool]int{}
	for seed := range 200 {
		s := scenes.Example(seed)
		asked[policy.Decide(s.Input).Allowed()]++
		counted[s.patient() == policy.PatientEligible]++
	}
	if len(asked) < 2 || len(counted) < 2 {
		t.Errorf("queries allowed %v, patients eligible %v", asked, counted)
	}
}

// The reasons are a sorted subset of the codes of the query level, empty exactly when the outcome is to allow.
func TestDecisionsAreWellFormed(t *testing.T) {
	order := policy.QueryReasons()
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t)
		got := policy.Decide(s.Input)
		inOrder := func(a, b policy.ReasonCode) int { return slices.Index(order, a) - slices.Index(order, b) }
		if !slices.IsSortedFunc(got.Reasons, inOrder) || len(slices.Compact(slices.Clone(got.Reasons))) != len(got.Reasons) ||
			slices.ContainsFunc(got.Reasons, func(c policy.ReasonCode) bool { return !slices.Contains(order, c) }) {
			t.Fatalf("reasons %v", got.Reasons)
		}
		if got.Allowed() != (len(got.Reasons) == 0) || !slices.Contains(policy.PatientReasons(), s.patient()) {
			t.Fatalf("%v, patient %s", got, s.patient())
		}
	})
}
