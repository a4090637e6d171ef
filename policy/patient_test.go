package policy_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// times has laboratory values permitted of some times, and asked for of others.
func times(permitted *policy.Period, asked policy.Period) func(*scene) {
	return func(s *scene) { s.preference.Categories[1].DataPeriod, s.Request.Columns[1].Data = permitted, asked }
}

// exceptAt has an exception on a time in a document, and a question on another.
func exceptAt(decision policy.Choice, exception, asked policy.Period) func(*scene) {
	return func(s *scene) {
		s.preference.Decision, s.preference.Provisions = decision, []policy.Provision{{DataPeriod: &exception}}
		for i := range s.Request.Columns {
			s.Request.Columns[i].Data = asked
		}
	}
}

// givenBack has parts of the record as exceptions in a document that denies.
func givenBack(parts ...policy.Category) func(*scene) {
	return func(s *scene) {
		s.preference.Decision, s.preference.Provisions = policy.Deny, []policy.Provision{{Category: parts}}
	}
}

func TestPatientEdges(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   policy.ReasonCode
	}{
		{"denied", func(s *scene) { s.preference.Decision = policy.Deny }, policy.PatientDenied},
		{"a decision nobody knows", func(s *scene) { s.preference.Decision = "perhaps" }, policy.PatientDenied},
		{"denied and withdrawn", func(s *scene) {
			s.preference.Decision, s.preference.Status = policy.Deny, policy.Withdrawn
		}, policy.PatientDenied},
		{"a status nobody knows", func(s *scene) { s.preference.Status = "paused" }, policy.PatientWithdrawn},
		{"withdrawn before its time", func(s *scene) {
			s.preference.Status, s.preference.Period.Start = policy.Withdrawn, 101
		}, policy.PatientWithdrawn},
		{"starts now", func(s *scene) { s.preference.Period.Start = 100 }, policy.PatientEligible},
		{"starts next", func(s *scene) { s.preference.Period.Start = 101 }, policy.PatientNotYetValid},
		{"ends next", func(s *scene) { s.preference.Period.End = 101 }, policy.PatientEligible},
		{"never ends", func(s *scene) { s.preference.Period.End = 0 }, policy.PatientEligible},
		{"ended, and for another purpose", func(s *scene) {
			s.preference.Period.End, s.preference.PermittedUse = 99, nil
		}, policy.PatientExpired},
		{"no use permitted", func(s *scene) { s.preference.PermittedUse = nil }, policy.PatientPurpose},
		{"health research, malformed by a disease", func(s *scene) {
			s.preference.PermittedUse = uses(use(duo.HMB, cancer))
		}, policy.PatientPurpose},
		{"another disease, another recipient", func(s *scene) {
			s.Request.Purpose, s.preference.PermittedUse = use(duo.DS, diabetes), uses(use(duo.DS, cancer))
			s.preference.RecipientTypes = nil
		}, policy.PatientDisease},
		{"no recipient permitted", func(s *scene) { s.preference.RecipientTypes = nil }, policy.PatientRecipientType},
		{"another recipient, another category", func(s *scene) {
			s.preference.RecipientTypes, s.preference.Categories = []policy.RecipientType{policy.Government}, nil
		}, policy.PatientRecipientType},
		{"no category permitted", func(s *scene) { s.preference.Categories = nil }, policy.PatientCategory},
		{"one category of two", func(s *scene) {
			s.preference.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: 5}}
		}, policy.PatientCategory},
		{"a category twice, the narrower later", func(s *scene) {
			s.preference.Categories = append(s.preference.Categories, policy.CategoryScope{Category: policy.Laboratory, Finest: 2})
		}, policy.PatientGranularity},
		{"exactly the categories", func(s *scene) {
			s.preference.Categories = []policy.CategoryScope{{Category: policy.Laboratory, Finest: 3}, {Category: policy.Demographics, Finest: 2}}
		}, policy.PatientEligible},
		// A question that is not bounded reads all times (ADR 37): whoever permits some only is left out.
		{"some times, a question on all", times(&policy.Period{Start: 10, End: 50}, policy.Period{}), policy.PatientDataPeriod},
		{"some times, a question on just these", times(&policy.Period{Start: 10, End: 50}, policy.Period{Start: 10, End: 50}), policy.PatientEligible},
		{"some times, a question on a moment before", times(&policy.Period{Start: 10, End: 50}, policy.Period{Start: 9, End: 50}), policy.PatientDataPeriod},
		{"some times, a question on a moment after", times(&policy.Period{Start: 10, End: 50}, policy.Period{Start: 10, End: 51}), policy.PatientDataPeriod},
		{"until a time, a question on all before", times(&policy.Period{End: 50}, policy.Period{End: 50}), policy.PatientEligible},
		{"until a time, a question from before 1970", times(&policy.Period{End: 50}, policy.Period{Start: -1, End: 50}), policy.PatientEligible},
		{"from the second moment, a question on all", times(&policy.Period{Start: 1}, policy.Period{}), policy.PatientDataPeriod},
		{"from a time, a question on all since", times(&policy.Period{Start: 10}, policy.Period{Start: 10}), policy.PatientEligible},
		{"some times of what the question does not touch", func(s *scene) {
			s.preference.Categories[2].DataPeriod = &policy.Period{Start: 10, End: 50}
		}, policy.PatientEligible},
		{"no cap, whatever she has lost", func(s *scene) { s.lost = policy.Loss{NanoRho: math.MaxInt64, Delta: 1} }, policy.PatientEligible},
		{"a cap of just the cost", func(s *scene) { s.preference.OwnCap = &policy.Loss{NanoRho: epsilon01} }, policy.PatientEligible},
		{"a cap of one unit less", func(s *scene) { s.preference.OwnCap = &policy.Loss{NanoRho: epsilon01 - 1} }, policy.PatientEpsilonCap},
		{"a cap already passed", func(s *scene) {
			s.preference.OwnCap, s.lost.NanoRho = &policy.Loss{NanoRho: 1}, math.MaxInt64
		}, policy.PatientEpsilonCap},
		{"a cap without delta", func(s *scene) {
			s.preference.OwnCap, s.Request.Delta = &policy.Loss{NanoRho: 1 << 50}, 1
		}, policy.PatientEpsilonCap},
		{"a cap met exactly in delta", func(s *scene) {
			s.preference.OwnCap, s.lost.Delta, s.Request.Delta = &policy.Loss{NanoRho: 1 << 50, Delta: 7}, 5, 2
		}, policy.PatientEligible},
		{"a cap passed in delta", func(s *scene) {
			s.preference.OwnCap, s.lost.Delta, s.Request.Delta = &policy.Loss{NanoRho: 1 << 50, Delta: 7}, 5, 3
		}, policy.PatientEpsilonCap},
		{"a cap that is none, at no cost", func(s *scene) {
			s.preference.OwnCap, s.Request.NanoRho = &policy.Loss{}, 0
		}, policy.PatientEpsilonCap},
		{"a cap below no delta, at a cost below none", func(s *scene) {
			s.preference.OwnCap, s.Request.Delta = &policy.Loss{NanoRho: 1 << 50, Delta: -1}, -1
		}, policy.PatientEpsilonCap},
		{"the least cap, at the least cost", func(s *scene) {
			s.preference.OwnCap, s.Request.NanoRho = &policy.Loss{NanoRho: 1}, 1
		}, policy.PatientEligible},
		{"a loss that is none", func(s *scene) {
			s.preference.OwnCap, s.lost.NanoRho = &policy.Loss{NanoRho: 1 << 50}, -1
		}, policy.PatientEpsilonCap},
		{"a loss of delta that is none", func(s *scene) {
			s.preference.OwnCap, s.lost.Delta = &policy.Loss{NanoRho: 1 << 50}, -1
		}, policy.PatientEpsilonCap},
		{"no category permitted, a cap passed", func(s *scene) {
			s.preference.Categories, s.preference.OwnCap = nil, &policy.Loss{NanoRho: 1}
		}, policy.PatientCategory},
		{"an exception on a disease that no hierarchy has, a question on another", func(s *scene) {
			s.Request.Purpose, s.preference.Provisions = use(duo.DS, breast), []policy.Provision{{Purpose: uses(use(duo.DS, unlisted))}}
		}, policy.PatientExceptionDeny},
		{"an exception on a disease, a question on one that no hierarchy has", func(s *scene) {
			s.Request.Purpose, s.preference.Provisions = use(duo.DS, unlisted), []policy.Provision{{Purpose: uses(use(duo.DS, breast))}}
		}, policy.PatientExceptionDeny},
		{"an exception on a disease, a question on ancestry", func(s *scene) {
			s.Request.Purpose, s.preference.PermittedUse = use(duo.POA), uses(use(duo.GRU))
			s.preference.Provisions = []policy.Provision{{Purpose: uses(use(duo.DS, unlisted))}}
		}, policy.PatientEligible},
		{"an exception on a time, a question on the next", exceptAt(policy.Permit, policy.Period{Start: 10, End: 50}, policy.Period{Start: 50, End: 60}), policy.PatientEligible},
		{"an exception on a time, a question on its last moment", exceptAt(policy.Permit, policy.Period{Start: 10, End: 50}, policy.Period{Start: 49, End: 60}), policy.PatientExceptionDeny},
		{"an exception on a time, a question on the one before", exceptAt(policy.Permit, policy.Period{Start: 10, End: 50}, policy.Period{Start: 1, End: 10}), policy.PatientEligible},
		{"a time given back, a question on it", exceptAt(policy.Deny, policy.Period{Start: 10, End: 50}, policy.Period{Start: 10, End: 50}), policy.PatientEligible},
		{"a time given back, a question on more", exceptAt(policy.Deny, policy.Period{Start: 10, End: 50}, policy.Period{Start: 10, End: 51}), policy.PatientDenied},
		{"parts given back, a question on them", givenBack(policy.Demographics, policy.Laboratory), policy.PatientEligible},
		{"one part given back, a question on two", givenBack(policy.Laboratory), policy.PatientDenied},
		{"methods that the question does not say, granted for nothing else", func(s *scene) {
			s.Grant.Purposes[0].Methods, s.preference.Modifiers = true, modified(duo.NMDS)
		}, policy.PatientExceptionDeny},
		{"a word not permitted by being unknown to both", func(s *scene) {
			s.Request.Purpose, s.preference.PermittedUse = use("DUO:0000043"), uses(use("DUO:0000043"))
		}, policy.PatientPurpose},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base(t)
			tt.change(&s)
			if got := s.patient(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestTerms(t *testing.T) {
	s := base(t)
	early, late := hba1c, hba1c
	early.Data, late.Level, late.Data = policy.Period{Start: 5, End: 9}, 4, policy.Period{Start: 7, End: 12}
	s.Request.Columns, s.Request.Delta, s.Request.Concepts = []policy.ColumnUse{early, ageBand, late}, 3, []int64{7, 8}
	s.Policy.Columns[0].Label = policy.GeneticDisorders
	s.Policy.LabelledConcepts = []policy.LabelledConcepts{
		{Label: policy.HIV, Concepts: []int64{1, 8}}, {Label: policy.Psychiatry, Concepts: []int64{9}},
	}
	want := policy.Terms{
		Purpose: use(duo.HMB), Now: 100, Diseases: s.Diseases, Cost: policy.Loss{NanoRho: epsilon01, Delta: 3},
		Recipient: policy.Recipient{Type: policy.Academic, Countries: []string{"DE"}, Organisation: university, Researcher: r1},
		Categories: []policy.CategoryUse{
			{Category: policy.Demographics, Level: 2}, {Category: policy.Laboratory, Level: 4, Data: policy.Period{Start: 5, End: 12}},
		},
		Labels: []policy.Label{policy.GeneticDisorders, policy.HIV}, Default: policy.DefaultOf("", ""),
	}
	byIdentity := cmp.Comparer(func(a, b *duo.Diseases) bool { return a == b })
	if diff := cmp.Diff(want, s.Terms(), byIdentity); diff != "" {
		t.Error(diff)
	}
	s.Policy.LabelledConcepts[1].Ancestors = []int64{6, 9}
	s.Request.Roots = []int64{7}
	if diff := cmp.Diff(want, s.Terms(), byIdentity); diff != "" {
		t.Errorf("what is below another: %s", diff)
	}
	s.Request.AnyConcept, s.Request.Concepts, s.Request.Roots = true, nil, nil
	want.Labels = []policy.Label{policy.GeneticDisorders, policy.HIV, policy.Psychiatry}
	slices.Sort(want.Labels)
	if diff := cmp.Diff(want, s.Terms(), byIdentity); diff != "" {
		t.Errorf("whatever the answer names: %s", diff)
	}
}

// G2: what is read of a part of the record for two times counts as read for all from where either starts to where both have ended.
func TestG2TermsTakeTheWholeTime(t *testing.T) {
	for _, c := range []struct{ one, other, want policy.Period }{
		{policy.Period{Start: 5, End: 9}, policy.Period{Start: 7, End: 12}, policy.Period{Start: 5, End: 12}},
		{policy.Period{Start: 5, End: 9}, policy.Period{Start: 7}, policy.Period{Start: 5}},
		{policy.Period{Start: 5}, policy.Period{Start: 7, End: 12}, policy.Period{Start: 5}},
		{policy.Period{End: 1}, policy.Period{Start: 7, End: 12}, policy.Period{End: 12}},
	} {
		for _, pair := range [][2]policy.Period{{c.one, c.other}, {c.other, c.one}} {
			s := base(t)
			s.Request.Columns = []policy.ColumnUse{hba1c, hba1c}
			s.Request.Columns[0].Data, s.Request.Columns[1].Data = pair[0], pair[1]
			if got := s.Terms().Categories; len(got) != 1 || got[0].Data != c.want {
				t.Errorf("%v: %v, want %v", pair, got, c.want)
			}
		}
	}
}

// Every patient gets from her class and her own end the answer that her own document gives.
func TestClassReasonsAgreeWithThePatients(t *testing.T) {
	s := base(t)
	var classes []policy.Class
	var want []policy.ReasonCode
	for _, change := range []func(*policy.ReleasePreference){
		func(*policy.ReleasePreference) {},
		func(p *policy.ReleasePreference) { p.Period.End = 50 },
		func(p *policy.ReleasePreference) { p.Status = policy.Withdrawn },
		func(p *policy.ReleasePreference) { p.Period.Start = 101 },
		func(p *policy.ReleasePreference) { p.Categories = nil },
		func(p *policy.ReleasePreference) { p.OwnCap = &policy.Loss{NanoRho: 1} },
		func(p *policy.ReleasePreference) { p.Provisions = []policy.Provision{{Country: []string{"US"}}} },
		func(p *policy.ReleasePreference) {
			p.Provisions = []policy.Provision{{Country: []string{"US"}}, {Country: []string{"*"}}}
		},
	} {
		p := *base(t).preference
		change(&p)
		class, until, ownCap := p.Class()
		classes = append(classes, policy.NewClass(class))
		reason := s.Terms().PatientReason(&p, s.lost)
		if until == 50 {
			if reason != policy.PatientExpired {
				t.Errorf("a patient whose time is over is %s", reason)
			}
			reason = policy.PatientEligible // her class is
		}
		if ownCap != nil {
			if reason != policy.PatientEpsilonCap {
				t.Errorf("a patient whose cap is reached is %s", reason)
			}
			reason = policy.PatientEligible
		}
		want = append(want, reason)
	}
	if got := s.Terms().ClassReasons(classes); !slices.Equal(got, want) {
		t.Errorf("classes %v, want %v", got, want)
	}
	if got := s.Terms().ClassReasons(nil); len(got) != 0 {
		t.Errorf("no classes give %v", got)
	}
}

// The whole table of purpose (down) against what a patient, a dataset and a grant permit (across): + allowed,
// p another purpose, d another disease. DUOS V4 would allow GRU on DS:cancer and on POA; both are p here.
const purposes = `
            NRES  GRU   HMB   DS:cancer  DS:breast  POA   DS:cancer,POA
NRES        +     p     p     p          p          p     p
GRU         +     +     p     p          p          p     p
HMB         +     +     +     p          p          p     p
DS:cancer   +     +     +     +          d          p     +
DS:breast   +     +     +     +          +          p     +
DS:diabetes +     +     +     d          d          p     d
DS:breast,diabetes + +  +     d          d          p     d
POA         +     +     p     p          p          +     +
`

func TestPurposeAgainstPermission(t *testing.T) {
	permitted, rows := parsePurposes(t)
	patient := map[string]policy.ReasonCode{"+": "P_ELIGIBLE", "p": "P_PURPOSE", "d": "P_DISEASE"}
	dataset := map[string]policy.ReasonCode{"p": "DATASET_PURPOSE", "d": "DATASET_DISEASE"}
	grant := map[string]policy.ReasonCode{"p": "GRANT_PURPOSE", "d": "GRANT_PURPOSE"}
	for _, row := range rows {
		for i, column := range permitted {
			purpose, answer := parseUses(t, row[0]), row[i+1]
			if len(purpose) != 1 {
				t.Fatalf("%q is not one purpose", row[0])
			}
			t.Run(row[0]+" within "+column, func(t *testing.T) {
				s := base(t)
				s.Request.Purpose = purpose[0]
				s.preference.PermittedUse = parseUses(t, column)
				s.Policy.PermittedUse, s.Grant.Purposes = parseUses(t, column), uses(use(duo.NRES))
				if got := s.patient(); got != patient[answer] {
					t.Errorf("patient %s, want %s", got, patient[answer])
				}
				check(t, policy.Decide(s.Input), dataset[answer])
				s.Policy.PermittedUse, s.Grant.Purposes = uses(use(duo.NRES)), parseUses(t, column)
				check(t, policy.Decide(s.Input), grant[answer])
			})
		}
	}
}
