package policy_test

import (
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

const (
	uni      = "https://login.uni.example"
	society  = "https://visas.society.example"
	bonaFide = "https://doi.org/10.1038/s41431-018-0219-y"
	terms    = "https://hospital.example/terms/3"
	study    = "0x000000000000000000000000000000000000000000000000000000000000000c"
	another  = "0x000000000000000000000000000000000000000000000000000000000000000d"
)

var ada = policy.Identity{Issuer: uni, Subject: "ada"}

// shows has a researcher show that she is a researcher of good standing, who is faculty and accepted the terms.
func shows(s *scene) {
	visa := func(t policy.VisaType, value string, by policy.Authority) policy.Visa {
		return policy.Visa{Identity: ada, Type: t, Value: value, Source: "https://uni.example", By: by, Asserted: 50, Expires: 150}
	}
	s.Actor = policy.Actor{Identities: []policy.Identity{ada}, Visas: []policy.Visa{
		visa(policy.ResearcherStatus, bonaFide, policy.BySigningOfficial), visa(policy.AcceptedTermsAndPolicies, terms, policy.BySelf),
		visa(policy.AffiliationAndRole, "faculty@uni.example", policy.BySystem),
	}}
}

func wants(t policy.VisaType, value string) policy.RequiredVisa {
	return policy.RequiredVisa{Type: t, Values: []string{value}, Issuers: []string{uni}}
}

// clauses are one alternative.
func clauses(c ...policy.VisaClause) []policy.VisaClause { return c }

// The case table names codes about the researcher, and has no rows of them. These are the rows; all start from a dataset
// that wants a researcher of good standing, and a researcher who shows three visas until 150 (it is 100).
func TestG2CasesOfVisas(t *testing.T) {
	affiliated := policy.VisaClause{Type: policy.AffiliationAndRole, Value: "pattern:faculty@*"}
	under := func(c policy.VisaClause) func(*scene) {
		return func(s *scene) { s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(c)} }
	}
	notMet := []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}
	for name, c := range map[string]struct {
		change func(*scene)
		want   []policy.ReasonCode
	}{
		"bona fide":            {func(*scene) {}, nil},
		"nothing is required":  {func(s *scene) { s.Policy.RequiredVisas, s.Actor = nil, policy.Actor{} }, nil},
		"nothing is shown":     {func(s *scene) { s.Actor = policy.Actor{} }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"of another kind":      {func(s *scene) { s.Actor.Visas[0].Value = "https://other.example" }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"but for a letter":     {func(s *scene) { s.Actor.Visas[0].Value = "https://doi.org/10.1038/S41431-018-0219-y" }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"by another issuer":    {func(s *scene) { s.Policy.RequiredVisas[0].Issuers = []string{society} }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"one unread, one good": {func(s *scene) { s.Actor.Unread = 1 }, nil},
		"one unread, none good": {func(s *scene) { s.Actor = policy.Actor{Unread: 1} }, []policy.ReasonCode{
			"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE",
		}},
		"it ends now":              {func(s *scene) { s.Actor.Visas[0].Expires = 100 }, []policy.ReasonCode{"ACTOR_VISA_EXPIRED", "ACTOR_NOT_BONA_FIDE"}},
		"it ends in a second":      {func(s *scene) { s.Actor.Visas[0].Expires = 101 }, nil},
		"it starts in a second":    {func(s *scene) { s.Actor.Visas[0].NotBefore = 101 }, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"it starts now":            {func(s *scene) { s.Actor.Visas[0].NotBefore = 100 }, nil},
		"another has ended":        {func(s *scene) { s.Actor.Visas[1].Expires = 100 }, nil},
		"said a day ago, too old":  {old(policyDay + 50), []policy.ReasonCode{"ACTOR_VISA_EXPIRED", "ACTOR_NOT_BONA_FIDE"}},
		"said less than a day ago": {old(policyDay + 49), nil},
		"about somebody else": {func(s *scene) { s.Actor.Identities = []policy.Identity{{Issuer: uni, Subject: "bob"}} }, []policy.ReasonCode{
			"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE",
		}},
		"the same name elsewhere": {func(s *scene) { s.Actor.Identities = []policy.Identity{{Issuer: society, Subject: "ada"}} }, []policy.ReasonCode{
			"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE",
		}},
		"by another source":      {func(s *scene) { s.Policy.RequiredVisas[0].Sources = []string{"https://other.example"} }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"by the source":          {func(s *scene) { s.Policy.RequiredVisas[0].Sources = []string{"https://uni.example"} }, nil},
		"by the wrong authority": {func(s *scene) { s.Policy.RequiredVisas[0].By = []policy.Authority{policy.ByCommittee} }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"by an unknown authority": {func(s *scene) {
			s.Policy.RequiredVisas[0].By, s.Actor.Visas[0].By = policy.Authorities(), ""
		}, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE"}},
		"its condition is met":         {func(s *scene) { s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(affiliated)} }, nil},
		"one of two conditions is met": {func(s *scene) { s.Actor.Visas[0].Conditions = append(unmet(), clauses(affiliated)) }, nil},
		"its condition is not met":     {func(s *scene) { s.Actor.Visas[0].Conditions = unmet() }, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"a clause is not met": {func(s *scene) {
			s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(affiliated, unmet()[0][0])}
		}, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"a condition on another source":    {under(policy.VisaClause{Type: policy.AffiliationAndRole, Value: affiliated.Value, Source: "const:https://other.example"}), notMet},
		"a condition on the source":        {under(policy.VisaClause{Type: policy.AffiliationAndRole, Source: "const:https://uni.example"}), nil},
		"a condition on another authority": {under(policy.VisaClause{Type: policy.AffiliationAndRole, Value: affiliated.Value, By: "const:so"}), notMet},
		"a condition on the authority":     {under(policy.VisaClause{Type: policy.AffiliationAndRole, By: "const:system"}), nil},
		"a condition by what has ended": {func(s *scene) {
			s.Actor.Visas[0].Conditions, s.Actor.Visas[2].Expires = [][]policy.VisaClause{clauses(affiliated)}, 100
		}, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"a condition by what has conditions": {func(s *scene) {
			s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(affiliated)}
			s.Actor.Visas[2].Conditions = [][]policy.VisaClause{clauses(policy.VisaClause{Type: policy.AcceptedTermsAndPolicies, By: "const:self"})}
		}, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"a condition by somebody else": {func(s *scene) {
			s.Actor.Visas[0].Conditions, s.Actor.Visas[2].Subject = [][]policy.VisaClause{clauses(affiliated)}, "bob"
		}, []policy.ReasonCode{"ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"two are missing": {func(s *scene) {
			s.Policy.RequiredVisas = append(s.Policy.RequiredVisas, wants(policy.AcceptedTermsAndPolicies, terms))
			s.Actor = policy.Actor{}
		}, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE", "TERMS_NOT_ACCEPTED"}},
		"terms accepted":   {requires(policy.AcceptedTermsAndPolicies, terms), nil},
		"other terms":      {requires(policy.AcceptedTermsAndPolicies, "https://hospital.example/terms/4"), []policy.ReasonCode{"TERMS_NOT_ACCEPTED"}},
		"affiliated":       {requires(policy.AffiliationAndRole, "faculty@uni.example"), nil},
		"in any role":      {requires(policy.AffiliationAndRole, "*@uni.example"), nil},
		"in another role":  {requires(policy.AffiliationAndRole, "student@uni.example"), []policy.ReasonCode{"ACTOR_VISA_MISSING"}},
		"of another place": {requires(policy.AffiliationAndRole, "*@other.example"), []policy.ReasonCode{"ACTOR_VISA_MISSING"}},
		"in any role of nothing": {func(s *scene) {
			requires(policy.AffiliationAndRole, "*@")(s)
			s.Actor.Visas[2].Value = "faculty"
		}, []policy.ReasonCode{"INPUT_INVALID", "ACTOR_VISA_MISSING"}},
		"any role is of affiliations only": {func(s *scene) {
			s.Policy.RequiredVisas[0].Values, s.Actor.Visas[0].Value = []string{"*@uni.example"}, "faculty@uni.example"
		}, []policy.ReasonCode{"INPUT_INVALID", "ACTOR_NOT_BONA_FIDE"}},
		"no access granted":  {requires(policy.ControlledAccessGrants, "https://hospital.example/ds1"), []policy.ReasonCode{"ACTOR_VISA_MISSING"}},
		"before what grants": {func(s *scene) { s.Actor, s.Grant = policy.Actor{}, nil }, []policy.ReasonCode{"ACTOR_NOT_BONA_FIDE", "GRANT_MISSING"}},
		"a requirement that nobody can read": {func(s *scene) { s.Policy.RequiredVisas[0].Issuers = nil }, []policy.ReasonCode{
			"INPUT_INVALID", "ACTOR_NOT_BONA_FIDE",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
			shows(&s)
			c.change(&s)
			check(t, policy.Decide(s.Input), c.want...)
			if got, want := s.patient(), (map[bool]policy.ReasonCode{true: policy.PatientRecipientType, false: policy.PatientEligible})[s.Grant == nil]; got != want {
				t.Errorf("patient %s, want %s", got, want)
			}
		})
	}
}

const policyDay = 24 * 60 * 60

// old asks so long after what was asserted at 50, with a visa that must be a day old at most.
func old(now int64) func(*scene) {
	return func(s *scene) {
		s.Request.Now, s.Grant.Period.End, s.preference.Period.End = now, now+1, now+1
		s.Actor.Visas[0].Expires, s.Policy.RequiredVisas[0].MaxAgeDays = now+1, 1
	}
}

func unmet() [][]policy.VisaClause {
	return [][]policy.VisaClause{clauses(policy.VisaClause{Type: policy.AffiliationAndRole, Value: "const:student@uni.example"})}
}

func requires(t policy.VisaType, value string) func(*scene) {
	return func(s *scene) { s.Policy.RequiredVisas = []policy.RequiredVisa{wants(t, value)} }
}

// G2: two identities are one person's only by the word of an issuer that is believed in what is required.
func TestG2LinkedIdentities(t *testing.T) {
	orcid, home := policy.Identity{Issuer: "https://orcid.example", Subject: "0000"}, policy.Identity{Issuer: "https://home.example", Subject: "x"}
	links := func(by policy.Identity, to ...policy.Identity) policy.Visa {
		return policy.Visa{Identity: by, Type: policy.LinkedIdentities, Value: "v", Source: by.Issuer, Asserted: 50, Expires: 150, Linked: to}
	}
	for name, c := range map[string]struct {
		visas []policy.Visa
		trust []string // beside uni
		hers  bool
	}{
		"one step":                  {[]policy.Visa{links(ada, orcid)}, nil, true},
		"the other way":             {[]policy.Visa{links(orcid, ada)}, []string{orcid.Issuer}, true},
		"by an issuer not for it":   {[]policy.Visa{links(orcid, ada)}, nil, false},
		"all three in one":          {[]policy.Visa{links(policy.Identity{Issuer: uni, Subject: "0"}, orcid, ada)}, nil, true},
		"two steps":                 {[]policy.Visa{links(home, orcid), links(ada, home)}, []string{home.Issuer}, true},
		"two steps, last one first": {[]policy.Visa{links(ada, home), links(home, orcid)}, []string{home.Issuer}, true},
		"two steps, one not taken":  {[]policy.Visa{links(home, orcid), links(ada, home)}, nil, false},
		"others":                    {[]policy.Visa{links(home, policy.Identity{Issuer: uni, Subject: "bob"})}, []string{home.Issuer}, false},
		"by a visa of another kind": {[]policy.Visa{func() policy.Visa {
			v := links(ada, orcid)
			v.Type = policy.AffiliationAndRole
			return v
		}()}, nil, false},
		"it has ended": {[]policy.Visa{func() policy.Visa { v := links(ada, orcid); v.Expires = 100; return v }()}, nil, false},
		"it has conditions": {[]policy.Visa{func() policy.Visa {
			v := links(ada, orcid)
			v.Conditions = [][]policy.VisaClause{clauses(policy.VisaClause{Type: policy.ResearcherStatus, By: "const:so"})}
			return v
		}()}, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
			s.Policy.RequiredVisas[0].Issuers = append([]string{uni}, c.trust...)
			shows(&s)
			s.Actor.Identities = []policy.Identity{orcid}
			s.Actor.Visas = append(s.Actor.Visas, c.visas...)
			if got := policy.Decide(s.Input).Allowed(); got != c.hers {
				t.Errorf("allowed: %v, want %v", got, c.hers)
			}
		})
	}
}

// The forms of a claim, after GA4GH Passport v1.2 ("conditions", "Pattern Matching").
func TestClausesOfConditions(t *testing.T) {
	const linked = "001,https::%2F%2Fexample1.org;123,https::%2F%2Fexample2.org;456,https::%2F%2Fexample3.org"
	for _, c := range []struct {
		want, claim string
		holds       bool
	}{
		{"const:a", "a", true},
		{"const:a", "A", false},
		{"const:a*", "ab", false},
		{"const:a:b", "a:b", true},
		{"pattern:faculty@*", "faculty@uni.example", true},
		{"pattern:faculty@*", "faculty@", true},
		{"pattern:faculty@*", "my faculty@uni.example", false},
		{"pattern:?at", "cat", true},
		{"pattern:?at", "at", false},
		{"pattern:?at", "éat", true},
		{"pattern:*a*b?", "xaabybc", true},
		{"pattern:*a*b?", "xaabyb", false},
		{"pattern:a*a", "a", false},
		{"pattern:**", "", true},
		{"pattern:a.c", "abc", false},
		{"split_pattern:123,https::%2F%2Fexample?.org", linked, true},
		{"split_pattern:123,https::%2F%2Fexample?.com", linked, false},
		{"split_pattern:001*456*", linked, false},
		{"split_pattern:*example3.org", linked, true},
		{"pattern:001*456*", linked, true},
		{"regexp:.*", "a", false},
		{"a", "a", false},
	} {
		s := base(t)
		s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
		shows(&s)
		s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(policy.VisaClause{Type: policy.AffiliationAndRole, Value: c.want})}
		s.Actor.Visas[2].Value = c.claim
		if got := policy.Decide(s.Input).Allowed(); got != c.holds {
			t.Errorf("%s of %s: %v", c.want, c.claim, got)
		}
	}
	t.Run("of two claims, one visa must have both", func(t *testing.T) {
		s := base(t)
		s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
		shows(&s)
		s.Actor.Visas[0].Conditions = [][]policy.VisaClause{clauses(policy.VisaClause{Type: policy.AffiliationAndRole, Value: "pattern:*", By: "const:so", Source: "pattern:*"})}
		second := s.Actor.Visas[2]
		second.Value, second.By, second.Type = "x", policy.BySigningOfficial, policy.AcceptedTermsAndPolicies
		s.Actor.Visas = append(s.Actor.Visas, second)
		check(t, policy.Decide(s.Input), "ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE")
		s.Actor.Visas[3].Type = policy.AffiliationAndRole
		check(t, policy.Decide(s.Input))
	})
	t.Run("an empty alternative or clause holds for nobody", func(t *testing.T) {
		for _, conditions := range [][][]policy.VisaClause{{{}}, {clauses(policy.VisaClause{Type: policy.AffiliationAndRole})}} {
			s := base(t)
			s.Policy.RequiredVisas = []policy.RequiredVisa{wants(policy.ResearcherStatus, bonaFide)}
			shows(&s)
			s.Actor.Visas[0].Conditions = conditions
			check(t, policy.Decide(s.Input), "ACTOR_VISA_INVALID", "ACTOR_NOT_BONA_FIDE")
		}
	})
}

// The codes of the case table for modifiers that name a project, a person, or genetic studies, and have no row there.
func TestCasesOfModifiers(t *testing.T) {
	for name, c := range map[string]struct {
		modifier policy.Modifier
		change   func(*scene)
		want     policy.ReasonCode
	}{
		"this project":                  {policy.Modifier{Code: duo.PS, Projects: []string{another, study}}, func(*scene) {}, ""},
		"another project":               {policy.Modifier{Code: duo.PS, Projects: []string{another}}, func(*scene) {}, "DATASET_PROJECT"},
		"a project that is not known":   {policy.Modifier{Code: duo.PS, Projects: []string{study}}, func(s *scene) { s.Request.Grant = "" }, "DATASET_PROJECT"},
		"this researcher":               {policy.Modifier{Code: duo.US, Users: []string{r2, r1}}, func(*scene) {}, ""},
		"another researcher":            {policy.Modifier{Code: duo.US, Users: []string{r2}}, func(*scene) {}, "DATASET_USER"},
		"genetic studies, as this is":   {policy.Modifier{Code: duo.GSO}, func(s *scene) { s.Grant.Genetic = true }, ""},
		"genetic studies, as it is not": {policy.Modifier{Code: duo.GSO}, func(*scene) {}, "DATASET_GENETIC_ONLY"},
	} {
		t.Run(name, func(t *testing.T) {
			s := base(t)
			s.Request.Grant, s.Policy.Modifiers = study, []policy.Modifier{c.modifier}
			c.change(&s)
			check(t, policy.Decide(s.Input), c.want)
			s.Grant = nil // without one there is no project and no study to speak of
			want := []policy.ReasonCode{"GRANT_MISSING"}
			if c.want == "DATASET_USER" {
				want = append(want, c.want)
			}
			check(t, policy.Decide(s.Input), want...)
		})
	}
}
