package marketplace_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// refusal is how a question comes to be refused for a reason.
type refusal struct {
	policy func(*policy.DatasetPolicy)
	grant  func(*policy.Grant)       // that is approved
	record func(*ledger.GrantRecord) // of the grant, since then
	later  int64                     // seconds
	who    func(*world)              // asks
	shows  func(*world) provider.Passport
	ask    func(*ledger.Ask)
}

func modifier(m policy.Modifier) refusal {
	return refusal{policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{m} }}
}

func status(s ledger.GrantStatus) refusal {
	return refusal{record: func(r *ledger.GrantRecord) { r.Status = s }}
}

func visa(t policy.VisaType, value string, shows func(*world) provider.Passport) refusal {
	return refusal{policy: func(p *policy.DatasetPolicy) {
		p.RequiredVisas = []policy.RequiredVisa{providertest.Requires(t, value)}
	}, shows: shows}
}

// refusals are by the reason that each of them has, among others or not.
var refusals = map[policy.ReasonCode]refusal{
	policy.ReasonUnknownTerm:  {ask: func(a *ledger.Ask) { a.Purpose.Permission = "DUO:9999999" }},
	policy.ReasonInputInvalid: {ask: func(a *ledger.Ask) { a.Purpose.Diseases = []string{providertest.Cancer} }}, // health research names none
	policy.ReasonActorVisaInvalid: visa(policy.ResearcherStatus, providertest.BonaFide, func(w *world) provider.Passport {
		return provider.Passport{Visas: []string{w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil)}} // which she does not say is about her
	}),
	policy.ReasonActorVisaExpired: visa(policy.ResearcherStatus, providertest.BonaFide, func(w *world) provider.Passport {
		return w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, func(v *policy.Visa) { v.Expires = v.Asserted + 60 }))
	}),
	policy.ReasonActorVisaMissing: visa(policy.AffiliationAndRole, "faculty@university.example", nil),
	policy.ReasonActorNotBonaFide: visa(policy.ResearcherStatus, providertest.BonaFide, nil),
	policy.ReasonTermsNotAccepted: {policy: func(p *policy.DatasetPolicy) { p.Terms = &policy.DatasetTerms{Revision: 1, Text: "Keep it."} }},

	policy.ReasonGrantMissing:     {record: func(r *ledger.GrantRecord) { r.Ceilings[0]-- }},
	policy.ReasonGrantSuspended:   status(ledger.GrantSuspended),
	policy.ReasonGrantRevoked:     status(ledger.GrantRevoked),
	policy.ReasonGrantSuperseded:  status(ledger.GrantSuperseded),
	policy.ReasonGrantClosed:      status(ledger.GrantClosed),
	policy.ReasonGrantNotYetValid: {grant: func(g *policy.Grant) { g.Period.Start = providertest.Start + 60 }},
	policy.ReasonGrantExpired:     {later: 1_000_001},
	policy.ReasonGrantReviewDue:   {grant: func(g *policy.Grant) { g.ReviewBy = providertest.Start + 60 }, later: 60},
	policy.ReasonGrantResearcher: {who: func(w *world) {
		w.Researcher = providertest.NewKey(w.t)
		w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher, Organisation: ledger.HashBytes([]byte("another"))})
	}},
	policy.ReasonGrantPurpose:        {ask: func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }},
	policy.ReasonGrantDataset:        {grant: func(g *policy.Grant) { g.Datasets[0].Dataset = "hospital-b" }},
	policy.ReasonGrantEpsilon:        {grant: func(g *policy.Grant) { g.Datasets[0].NanoRho = 1 }},
	policy.ReasonGrantConditionUnmet: {policy: func(p *policy.DatasetPolicy) { p.RequiredApprovals = []policy.Approval{policy.Publication} }},

	policy.ReasonDatasetEmbargoed: {policy: func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 60 }},
	policy.ReasonDatasetPurpose:   {policy: func(p *policy.DatasetPolicy) { p.PermittedUse = []policy.DataUse{{Permission: duo.POA}} }},
	policy.ReasonDatasetDisease: {
		policy: func(p *policy.DatasetPolicy) {
			p.PermittedUse = []policy.DataUse{{Permission: duo.DS, Diseases: []string{providertest.BreastCancer}}}
		},
		ask: func(a *ledger.Ask) {
			a.Purpose = ledger.Purpose{Permission: string(duo.DS), Diseases: []string{providertest.Cancer}}
		},
	},
	policy.ReasonDatasetMethods: {
		policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.NMDS}} },
		ask:    func(a *ledger.Ask) { a.Purpose.Methods = true },
	},
	policy.ReasonDatasetAncestry: {
		policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.NPOA}} },
		ask:    func(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) },
	},
	policy.ReasonDatasetNotForProfit: {
		policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.NPU}} },
		grant:  func(g *policy.Grant) { g.SponsorType = policy.Commercial },
	},
	policy.ReasonDatasetNonCommercial: {
		policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.NCU}} },
		grant:  func(g *policy.Grant) { g.CommercialUse = true },
	},
	policy.ReasonDatasetGeneticOnly: modifier(policy.Modifier{Code: duo.GSO}),
	policy.ReasonDatasetGeography:   modifier(policy.Modifier{Code: duo.GS, Countries: []string{"FR"}}),
	policy.ReasonDatasetInstitution: modifier(policy.Modifier{Code: duo.IS, Institutions: []string{ledger.HashBytes([]byte("another")).String()}}),
	policy.ReasonDatasetProject:     modifier(policy.Modifier{Code: duo.PS, Projects: []string{ledger.HashBytes([]byte("another")).String()}}),
	policy.ReasonDatasetUser:        modifier(policy.Modifier{Code: duo.US, Users: []string{ledger.Address{1}.String()}}),
	policy.ReasonDatasetTimeLimit: {
		policy: func(p *policy.DatasetPolicy) { p.Modifiers = []policy.Modifier{{Code: duo.TS, Months: 1}} },
		grant:  func(g *policy.Grant) { g.Period.Start -= 32 * 86400 },
	},
	policy.ReasonColumnNotReleased: {policy: func(p *policy.DatasetPolicy) { p.Columns = p.Columns[1:] }},
	policy.ReasonDatasetGranularity: {policy: func(p *policy.DatasetPolicy) {
		for i := range p.Columns {
			p.Columns[i].Finest = policy.LevelExists
		}
	}},
	policy.ReasonDatasetSensitiveClass:  {policy: func(p *policy.DatasetPolicy) { p.Columns[0].Label = policy.HIV }},
	policy.ReasonEpsilonQueryCap:        {policy: func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerQuery = 1 }},
	policy.ReasonEpsilonOrganisationCap: {policy: func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerOrganisation = 1 }},
	policy.ReasonEpsilonDatasetBudget:   {policy: func(p *policy.DatasetPolicy) { p.TotalNanoRho = 1 }},
	policy.ReasonManualReview:           {grant: func(g *policy.Grant) { g.Vulnerable = []policy.Population{policy.Children} }},
}

// arrange is a question that is refused so, at a hospital that begins with the marketplace's view of diseases and issuers.
func (r refusal) arrange(t *testing.T) (*world, marketplace.Order) {
	t.Helper()
	w := open(t)
	cfg := w.config()
	cfg.Diseases, cfg.VisaIssuers = w.Diseases(), w.Issuers
	cfg.Hospitals["hospital-b"] = w.wire // which a study may name
	var err error
	w.market, err = marketplace.New(cfg)
	ok(t, err)
	if r.policy != nil {
		w.policy(r.policy)
	}
	if r.grant != nil {
		g := w.Grant()
		g.ID = "another"
		r.grant(&g)
		w.grant, err = w.market.RequestGrant(t.Context(), w.Sign(w.Researcher, ledger.KindDataGrant, g, 1))
		ok(t, err)
		ok(t, w.market.ApproveGrant(t.Context(), w.grant, w.approval(w.Committee)))
	}
	if r.record != nil {
		g, _, err := w.Chain.Grant(t.Context(), w.grant, w.Committee.Address())
		ok(t, err)
		r.record(&g)
		w.Chain.Put(g)
	}
	w.Clock.Advance(r.later)
	if r.who != nil {
		r.who(w)
	}
	o := w.order("one", r.ask)
	if r.shows != nil {
		o.Passport = r.shows(w)
	}
	return w, o
}

// why asks what must be refused, and returns the refusal.
func (w *world) why(t testing.TB, o marketplace.Order) *provider.RefusedError {
	t.Helper()
	var refused *provider.RefusedError
	w.refused(t, nil, func() error {
		_, err := w.ask(o)
		if !errors.As(err, &refused) {
			t.Fatalf("error %v, want a refusal", err)
		}
		return err
	})
	return refused
}

// onRecord checks that the refusal of an ask is on the hospital's record, is the same when it is made again, and is explained by these reasons.
func (w *world) onRecord(t testing.TB, o marketplace.Order, want ...policy.ReasonCode) {
	t.Helper()
	again, err := w.Replay(t.Context(), o.Ask.RequestID, true)
	ok(t, err)
	if again.Difference != "" || again.Refusal.IsZero() || again.Request != o.Ask.RequestID {
		t.Errorf("made again: %+v", again)
	}
	x, err := w.Explain(t.Context(), again.Refusal, nil)
	ok(t, err)
	equal(t, "why", x.Decision.Reasons, want)
}

// kept is how many refusals a hospital has on record.
func kept(t testing.TB, h *providertest.Hospital) int {
	t.Helper()
	all, err := h.Refusals(t.Context(), 0, 0, 1<<40)
	ok(t, err)
	return len(all)
}

// TestG2WhatTheMarketplaceRefusesTheHospitalKeeps: whatever a marketplace refuses by policy is refused by the hospital, which keeps it, decides it
// again and explains it. How far its log is, is the hospital's to say.
func TestG2WhatTheMarketplaceRefusesTheHospitalKeeps(t *testing.T) {
	all := slices.DeleteFunc(policy.QueryReasons(), func(r policy.ReasonCode) bool { return r == policy.ReasonSnapshotStale })
	equal(t, "reasons", slices.Sorted(maps.Keys(refusals)), slices.Sorted(slices.Values(all)))
	for code, r := range refusals {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			w, o := r.arrange(t)
			w.wire.onWay = func(provider.Question) error {
				t.Error("it was asked, and not only decided")
				return nil
			}
			refused := w.why(t, o)
			if !slices.Contains(refused.Reasons, code) {
				t.Fatalf("refused for %v", refused.Reasons)
			}
			w.onRecord(t, o, refused.Reasons...)
			equal(t, "heard", w.Heard().Refused[code].Times, int64(1))

			w.wire.onDecide = func(provider.Question) error { return errors.New("nobody there") }
			equal(t, "found by the marketplace alone", w.why(t, o), refused)
			w.wire.onDecide = nil
			equal(t, "once more", w.why(t, o), refused)
			equal(t, "kept", kept(t, w.Hospital), 1)
		})
	}
}

// A hospital that cannot be reached, or would not refuse, keeps nothing, and what the marketplace found stands. Nothing is asked or charged in either case.
func TestARefusalThatTheHospitalDoesNotMake(t *testing.T) {
	r := refusals[policy.ReasonActorNotBonaFide]
	r.shows = func(w *world) provider.Passport {
		return w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil))
	}
	w, o := r.arrange(t)
	cfg := w.config() // which trusts no issuer
	var err error
	w.market, err = marketplace.New(cfg)
	ok(t, err)
	alone := []policy.ReasonCode{policy.ReasonActorVisaInvalid, policy.ReasonActorNotBonaFide}
	for name, lost := range map[string]error{"it would not refuse": nil, "nobody there": marketplace.ErrUnavailable} {
		w.wire.onDecide = func(provider.Question) error { return lost }
		equal(t, name, w.why(t, o).Reasons, alone)
	}
	equal(t, "kept", kept(t, w.Hospital), 0)
}

// Its hospital's word is what the researcher gets.
func TestTheHospitalsWord(t *testing.T) {
	w, o := refusals[policy.ReasonDatasetEmbargoed].arrange(t)
	word := &provider.RefusedError{Reasons: []policy.ReasonCode{policy.ReasonDatasetEmbargoed, policy.ReasonEpsilonOrganisationCap}}
	w.wire.onDecide = func(provider.Question) error { return word }
	equal(t, "why", w.why(t, o), word)
}
