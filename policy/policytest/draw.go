package policytest

import (
	"math/rand/v2"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// Hierarchy is of the diseases that cases are drawn with: one has two parents, so that two diseases can overlap without
// being kinds of each other.
var Hierarchy = IsA{
	"MONDO:0000001": nil, "MONDO:0000002": {"MONDO:0000001"}, "MONDO:0000003": {"MONDO:0000001"}, "MONDO:0000004": {"MONDO:0000002", "MONDO:0000003"},
	"MONDO:0000005": {"MONDO:0000004"}, "MONDO:0000006": nil,
}

// Case is one question and one patient.
type Case struct {
	Input      policy.Input
	Preference *policy.ReleasePreference
	Lost       policy.Loss
}

const (
	ada        = "0x1111111111111111111111111111111111111111"
	bob        = "0x2222222222222222222222222222222222222222"
	committee  = "0xcccccccccccccccccccccccccccccccccccccccc"
	university = "0x000000000000000000000000000000000000000000000000000000000000000a"
	company    = "0x000000000000000000000000000000000000000000000000000000000000000b"
	study      = "0x000000000000000000000000000000000000000000000000000000000000000c"
)

// columns are what cases read and release: one of each of three categories, and a second of the first.
var columns = []policy.Column{
	{Name: "person.year_of_birth", Category: policy.Demographics, Finest: 5},
	{Name: "person.gender_concept_id", Category: policy.Demographics, Finest: 5},
	{Name: "measurement.value_as_number", Category: policy.Laboratory, Finest: 5},
	{Name: "condition_occurrence.condition_concept_id", Category: policy.Conditions, Finest: 5},
}

// Draw draws a case: one in which all permits, with up to nine things changed. diseases is made of [Hierarchy].
func Draw(r *rand.Rand, diseases *duo.Diseases) Case {
	d := draw{r}
	use := []policy.DataUse{{Permission: duo.HMB}}
	c := Case{
		Input: policy.Input{
			Request: policy.Request{
				Dataset: "d", Researcher: ada, Organisation: university, Grant: study, Purpose: use[0], NanoRho: 100, Now: 1_000, AsOf: 7, Head: 7,
				Columns: []policy.ColumnUse{
					{Name: columns[0].Name, Category: columns[0].Category, Level: 2}, {Name: columns[2].Name, Category: columns[2].Category, Level: 3},
				},
			},
			Policy: policy.DatasetPolicy{
				Dataset: "d", Revision: 1, PermittedUse: []policy.DataUse{{Permission: duo.GRU}}, Columns: append([]policy.Column(nil), columns...),
				MaxNanoRhoPerQuery: 1_000, MaxNanoRhoPerOrganisation: 10_000, TotalNanoRho: 100_000,
			},
			Grant: &policy.Grant{
				ID: "g", Protocol: "p", Committee: committee, Researchers: []string{ada}, SponsorType: policy.Academic, Countries: []string{"DE"},
				Purposes: []policy.DataUse{{Permission: duo.GRU}, {Permission: duo.GRU, Methods: true}}, Datasets: []policy.DatasetCeiling{{Dataset: "d", NanoRho: 10_000}},
				Period: policy.Period{Start: 10, End: 100_000_000},
			},
			GrantStatus: policy.GrantActive,
			Diseases:    diseases,
		},
		Preference: &policy.ReleasePreference{
			Decision: policy.Permit, Status: policy.Active, PermittedUse: use, RecipientTypes: policy.RecipientTypes(),
			RecipientCountries: []string{policy.AnyCountry}, Categories: policy.AllCategories(5),
		},
	}
	for range r.IntN(10) {
		switch r.IntN(7) {
		case 0, 1:
			d.request(&c.Input)
		case 2, 3:
			d.documents(&c.Input)
		case 4:
			d.visas(&c.Input)
		default:
			d.patient(&c)
		}
	}
	return c
}

type draw struct{ *rand.Rand }

func one[T any](d draw, values ...T) T { return values[d.IntN(len(values))] }

// some draws up to three.
func some[T any](d draw, values ...T) (all []T) {
	for range d.IntN(4) {
		all = append(all, one(d, values...))
	}
	return all
}

func (d draw) disease() string {
	return one(d, "MONDO:0000001", "MONDO:0000002", "MONDO:0000003", "MONDO:0000004", "MONDO:0000005", "MONDO:0000006", "MONDO:9999999")
}

func (d draw) use() policy.DataUse {
	u := policy.DataUse{Permission: one(d, duo.NRES, duo.GRU, duo.HMB, duo.HMB, duo.POA, duo.DS, duo.DS, duo.DS)}
	if u.Permission == duo.DS {
		u.Diseases = append(some(d, d.disease(), d.disease()), d.disease())
	}
	if d.IntN(40) == 0 {
		u = one(d, policy.DataUse{Permission: duo.DS}, policy.DataUse{Permission: duo.HMB, Diseases: []string{d.disease()}}, policy.DataUse{Permission: "*"})
	}
	return u
}

func (d draw) uses() (all []policy.DataUse) {
	for range d.IntN(4) {
		all = append(all, d.use())
	}
	return all
}

func (d draw) period() policy.Period {
	return one(d, policy.Period{}, policy.Period{Start: 100, End: 200}, policy.Period{Start: 150}, policy.Period{End: 150}, policy.Period{Start: 200, End: 300})
}

func (d draw) column() policy.ColumnUse {
	c := one(d, columns...)
	return policy.ColumnUse{Name: c.Name, Category: c.Category, Level: 1 + d.IntN(5), Data: d.period()}
}

func (d draw) modifier(codes ...duo.Modifier) policy.Modifier {
	m := policy.Modifier{Code: one(d, codes...)}
	switch m.Code {
	case duo.GS:
		m.Countries = some(d, "DE", "FR", "US")
	case duo.IS:
		m.Institutions = []string{one(d, university, company)}
	case duo.TS:
		m.Months = one(d, 1, 2, 12)
	case duo.PS:
		m.Projects = []string{one(d, study, company)}
	case duo.US:
		m.Users = []string{one(d, ada, bob)}
	}
	return m
}

func (d draw) request(in *policy.Input) {
	r := &in.Request
	one(d,
		func() { r.Purpose = d.use() },
		func() { r.Purpose = d.use() },
		func() { r.Purpose.Methods = true },
		func() { r.Columns = append(r.Columns, d.column()) },
		func() { r.Columns = append(r.Columns, d.column()) },
		func() { r.Columns[0] = d.column() },
		func() { r.Columns[0].Name = "genome" },
		func() { r.Columns[0].Category = one(d, policy.Visits, "*") },
		func() { r.Concepts = some[int64](d, 1, 2, 3, 0) },
		func() { r.Roots = some[int64](d, 1, 2, 3, 4, 0) },
		func() { r.NanoRho = one[int64](d, 0, 1, 1_000, 1_001, 5_000) },
		func() { r.Delta = one[int64](d, 0, 1, 2) },
		func() { r.Now = one[int64](d, 0, 9, 10, 150, 3_000_000, 60_000_000, 100_000_000) },
		func() { r.AsOf = one[uint64](d, 0, 8) },
		func() { r.Researcher = bob },
		func() { r.Grant = one(d, company, "", "*") },
		func() { r.Organisation = one(d, company, "") },
		func() { r.Dataset = one(d, "e", "") },
	)()
}

func (d draw) documents(in *policy.Input) {
	p, g := &in.Policy, in.Grant
	if g == nil {
		g = &policy.Grant{}
	}
	codes := duo.Modifiers()
	one(d,
		func() { p.PermittedUse = d.uses() },
		func() {
			p.PermittedUse = []policy.DataUse{{Permission: duo.DS, Diseases: []string{d.disease()}}}
			in.Request.Purpose = policy.DataUse{Permission: duo.DS, Diseases: []string{d.disease()}}
		},
		func() {
			p.Modifiers = append(p.Modifiers, policy.Modifier{Code: one(d, duo.NPU, duo.NCU)})
			g.SponsorType, g.CommercialUse = one(d, policy.Commercial, policy.Academic), one(d, true, false)
		},
		func() { p.Modifiers = append(p.Modifiers, d.modifier(codes...)) },
		func() { p.Modifiers = append(p.Modifiers, d.modifier(codes...)) },
		func() {
			p.Modifiers = append(p.Modifiers, policy.Modifier{Code: duo.TS, Months: one(d, 1, 2)})
			in.Request.Now, g.Period.Start = 3_000_000, one[int64](d, 10, 400_000)
			in.Since = one[int64](d, 0, 0, 10, 500_000)
		},
		func() {
			p.Modifiers = append(p.Modifiers, policy.Modifier{Code: duo.NMDS})
			in.Request.Purpose.Methods = true
		},
		func() { // some of what is asked may have been granted for methods only
			p.Modifiers = append(p.Modifiers, policy.Modifier{Code: duo.NMDS})
			forMethods := d.use()
			forMethods.Methods = true
			g.Purposes = append(d.uses(), forMethods, policy.DataUse{Permission: one(d, duo.HMB, duo.GRU), Methods: true})
		},
		func() {
			p.Modifiers = append(p.Modifiers, policy.Modifier{Code: duo.NPOA})
			in.Request.Purpose = d.use()
		},
		func() { p.Columns[d.IntN(4)].Finest = one(d, 0, 1, 2, 3, 4) },
		func() { p.Columns[d.IntN(4)].Label = one(d, policy.Labels()...) },
		func() { p.Columns[d.IntN(4)].Category = policy.Visits },
		func() {
			l := policy.LabelledConcepts{Label: one(d, policy.Labels()...), Concepts: some[int64](d, 1, 2)}
			l.Ancestors = one(d, nil, append([]int64{3}, l.Concepts...), some[int64](d, 1, 2))
			p.LabelledConcepts = append(p.LabelledConcepts, l)
		},
		func() { p.ReleasedLabels = policy.Labels() },
		func() { p.ReleasedLabels = some(d, policy.Labels()...) },
		func() { p.RequiredApprovals = some(d, policy.Approvals()...) },
		func() { p.EmbargoUntil = one[int64](d, 1_000, 1_001) },
		func() { p.LegalBasis, p.Jurisdiction = policy.EHDS, one(d, "DE", "FR", "SE", "US", "CH", "NO", "") },
		func() { p.MaxNanoRhoPerQuery = one[int64](d, 0, 99, 100) },
		func() {
			p.MaxNanoRhoPerOrganisation, in.Spent.OrganisationNanoRho = one[int64](d, 0, 200), one[int64](d, -1, 100, 101)
		},
		func() { p.TotalNanoRho, in.Spent.DatasetNanoRho = one[int64](d, 0, 200), one[int64](d, 100, 101) },
		func() { p.TotalDelta, in.Spent.DatasetDelta = 2, one[int64](d, 0, 1) },
		func() { p.Accounting = one(d, policy.GaussianOnly, policy.Pure, "renyi") },
		func() {
			p.Accounting, p.MaxNanoRhoPerQuery, p.MaxNanoRhoPerOrganisation, p.TotalNanoRho = policy.Pure, 0, 0, one[int64](d, 0, 0, 0, 100)
			p.MaxNanoEpsilonPerQuery, p.MaxNanoEpsilonPerOrganisation, p.TotalNanoEpsilon = one[int64](d, 0, 49, 50, 1_000), one[int64](d, 80, 1_000), one[int64](d, 0, 90, 10_000)
			in.Request.NanoEpsilon, in.Spent.OrganisationNanoEpsilon, in.Spent.DatasetNanoEpsilon = one[int64](d, -1, 0, 50, 50, 50, 50), one[int64](d, -1, 0, 30, 31), one[int64](d, 0, 40, 41)
		},
		func() { in.Grant = nil },
		func() {
			in.GrantStatus = one(d, policy.GrantSuspended, policy.GrantRevoked, policy.GrantSuperseded, policy.GrantClosed, "open", "")
		},
		func() { g.ReviewBy, in.ReviewBy = one[int64](d, 5, 1_000, 1_001), one[int64](d, -1, 0, 1_000, 1_001) },
		func() { g.Amends = one(d, university, "g0") },
		func() {
			p.Terms, in.TermsAccepted = &policy.DatasetTerms{Revision: one[uint64](d, 0, 1, 2), Text: one(d, "Keep it.", "")}, one[uint64](d, 0, 1, 2)
		},
		func() { g.SponsorType = one(d, policy.Commercial, policy.NotForProfit, policy.Government, "church") },
		func() { g.CommercialUse = true },
		func() { g.Genetic = true },
		func() { g.Countries = some(d, "DE", "FR", "US") },
		func() { g.Vulnerable = some(d, policy.Populations()...) },
		func() { g.Approvals = some(d, policy.Approvals()...) },
		func() { g.Purposes = d.uses() },
		func() {
			g.Period = one(d, policy.Period{Start: 1_001, End: 2_000}, policy.Period{Start: 1, End: 1_000}, policy.Period{})
		},
		func() {
			g.Datasets = []policy.DatasetCeiling{{Dataset: one(d, "d", "e"), NanoRho: one[int64](d, 0, 150)}}
			in.Spent.GrantNanoRho = one[int64](d, 50, 51)
		},
	)()
}

func (d draw) patient(c *Case) {
	if c.Preference == nil {
		return
	}
	p := c.Preference
	one(d,
		func() { c.Preference = nil },
		func() { p.Decision = one(d, policy.Deny, policy.Deny, "perhaps") },
		func() { p.Status = one(d, policy.Withdrawn, "paused") },
		func() {
			p.Period = one(d, policy.Period{Start: 1_001}, policy.Period{Start: 1_000}, policy.Period{End: 1_000}, policy.Period{End: 1_001})
		},
		func() { p.PermittedUse = d.uses() },
		func() { p.PermittedUse = append(d.uses(), d.use()) },
		func() {
			p.Modifiers = append(p.Modifiers, d.modifier(duo.NPU, duo.NCU, duo.NPOA, duo.NMDS, duo.GS, "*"))
		},
		func() { p.RecipientTypes = some(d, policy.RecipientTypes()...) },
		func() { p.RecipientCountries = some(d, "DE", "FR", "US", policy.AnyCountry) },
		func() { p.Categories = policy.AllCategories(1 + d.IntN(4)) },
		func() { p.Categories = some(d, policy.AllCategories(3)...) },
		func() {
			period := d.period()
			i := d.IntN(4) // among them are those that cases read
			if i < len(p.Categories) {
				p.Categories[i].DataPeriod = &period
			}
		},
		func() { p.SensitiveOptIn = some(d, policy.Labels()...) },
		func() { p.SensitiveOptIn = policy.Labels() },
		func() { p.Provisions = append(p.Provisions, d.provision()) },
		func() { p.Provisions = append(p.Provisions, d.provision()) },
		func() { p.GuardianUntil = one[int64](d, 999, 1_000, 1_001) },
		func() {
			p.OwnCap = &policy.Loss{NanoRho: one[int64](d, 0, 100, 150, 300), Delta: one[int64](d, 0, 1)}
			c.Lost = policy.Loss{NanoRho: one[int64](d, 0, 50, 51, -1), Delta: one[int64](d, 0, 1)}
		},
	)()
}

// provision says one to three things.
func (d draw) provision() (x policy.Provision) {
	for range 1 + d.IntN(3) {
		one(d,
			func() { x.Purpose = append(x.Purpose, d.use()) },
			func() { x.Actor = some(d, policy.RecipientTypes()...) },
			func() { x.Country = some(d, "DE", "FR") },
			func() { x.SecurityLabel = some(d, policy.Labels()...) },
			func() { x.Category = some(d, policy.Demographics, policy.Laboratory, policy.Conditions) },
			func() { p := d.period(); x.DataPeriod = &p },
			func() { x.Country = some(d, "*", "DE") },
		)()
	}
	return x
}
