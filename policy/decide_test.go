package policy_test

import (
	"math"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

func TestBaseCaseIsAllowed(t *testing.T) {
	s := base(t)
	check(t, policy.Decide(s.Input))
	if got := s.patient(); got != policy.PatientEligible {
		t.Errorf("patient %s", got)
	}
}

func TestZeroValuesDeny(t *testing.T) {
	if (policy.Decision{}).Allowed() {
		t.Error("the zero decision allows")
	}
	check(t, policy.Decide(policy.Input{}), policy.ReasonInputInvalid, policy.ReasonGrantMissing)
	if got := (policy.Terms{}).PatientReason(&policy.ReleasePreference{}, policy.Loss{}); got != policy.PatientDenied {
		t.Errorf("the zero preference is %s", got)
	}
	if got := (policy.Terms{}).PatientReason(nil, policy.Loss{}); got != policy.PatientNoPreference {
		t.Errorf("no preference is %s", got)
	}
}

// What each rule says on either side of its edge. An empty want is ALLOW.
func TestQueryEdges(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   policy.ReasonCode
	}{
		{"as of the head", func(s *scene) { s.Request.AsOf, s.Request.Head = 0, 0 }, ""},
		{"grant starts now", func(s *scene) { s.Grant.Period.Start = 100 }, ""},
		{"grant ends next", func(s *scene) { s.Grant.Period.End = 101 }, ""},
		{"grant without end", func(s *scene) { s.Grant.Period.End = 0 }, policy.ReasonInputInvalid},
		{"one researcher of two", func(s *scene) { s.Grant.Researchers = []string{r2, r1} }, ""},
		{"vulnerable people, approved as such", func(s *scene) {
			s.Grant.Vulnerable, s.Grant.Approvals = children(), []policy.Approval{policy.VulnerablePopulation}
		}, ""},
		{"vulnerable people, approved otherwise", func(s *scene) {
			s.Grant.Vulnerable, s.Grant.Approvals = children(), []policy.Approval{policy.Publication}
		}, policy.ReasonManualReview},
		{"another researcher", func(s *scene) { s.Request.Researcher = r2 }, policy.ReasonGrantResearcher},
		{"grant for another disease", func(s *scene) {
			s.Grant.Purposes, s.Request.Purpose = uses(use(duo.DS, cancer)), use(duo.DS, diabetes)
		}, policy.ReasonGrantPurpose},
		{"one purpose of two", func(s *scene) { s.Grant.Purposes = uses(use(duo.POA), use(duo.HMB)) }, ""},
		{"grant ceiling met", func(s *scene) { s.Spent.GrantNanoRho = 9 * epsilon01 }, ""},
		{"grant ceiling passed", func(s *scene) { s.Spent.GrantNanoRho = 9*epsilon01 + 1 }, policy.ReasonGrantEpsilon},
		{"the other dataset's ceiling is no help", func(s *scene) {
			s.Grant.Datasets[0].NanoRho = epsilon01 - 1
		}, policy.ReasonGrantEpsilon},
		{"grant with an empty ceiling", func(s *scene) { s.Grant.Datasets[0].NanoRho = 0 }, policy.ReasonInputInvalid},
		{"embargo ends now", func(s *scene) { s.Policy.EmbargoUntil = 100 }, ""},
		{"embargo ends next", func(s *scene) { s.Policy.EmbargoUntil = 101 }, policy.ReasonDatasetEmbargoed},
		{"dataset for ancestry", func(s *scene) { s.Policy.PermittedUse = uses(use(duo.POA)) }, policy.ReasonDatasetPurpose},
		{"dataset for nothing", func(s *scene) { s.Policy.PermittedUse = nil }, policy.ReasonDatasetPurpose},
		{"dataset for diseases", func(s *scene) { s.Policy.PermittedUse = uses(use(duo.DS, cancer)) }, policy.ReasonDatasetPurpose},
		{"dataset for wider disease", func(s *scene) {
			s.Policy.PermittedUse, s.Request.Purpose = uses(use(duo.DS, cancer)), use(duo.DS, breast)
		}, ""},
		{"released under another category", func(s *scene) {
			s.Request.Columns[1].Category = policy.Demographics
		}, policy.ReasonColumnNotReleased},
		{"no columns released", func(s *scene) { s.Policy.Columns = nil }, policy.ReasonColumnNotReleased},
		{"query cap met", func(s *scene) { s.Request.NanoRho = 5 * epsilon01 }, ""},
		{"query cap passed", func(s *scene) { s.Request.NanoRho = 5*epsilon01 + 1 }, policy.ReasonEpsilonQueryCap},
		{"the smallest query cap binds", func(s *scene) {
			s.Policy.MaxNanoRhoPerQuery, s.Request.NanoRho = 1, 2
		}, policy.ReasonEpsilonQueryCap},
		{"dataset budget met", func(s *scene) { s.Spent.DatasetNanoRho = 19 * epsilon01 }, ""},
		{"dataset budget passed", func(s *scene) { s.Spent.DatasetNanoRho = 19*epsilon01 + 1 }, policy.ReasonEpsilonDatasetBudget},
		{"dataset without budget", func(s *scene) { s.Policy.TotalNanoRho = 0 }, policy.ReasonInputInvalid},
		{"delta met", func(s *scene) { s.Policy.TotalDelta, s.Spent.DatasetDelta, s.Request.Delta = 10, 7, 3 }, ""},
		{"delta passed", func(s *scene) {
			s.Policy.TotalDelta, s.Spent.DatasetDelta, s.Request.Delta = 10, 7, 4
		}, policy.ReasonEpsilonDatasetBudget},
		{"delta where none is allowed", func(s *scene) { s.Request.Delta = 1 }, policy.ReasonEpsilonDatasetBudget},
		{"policy of another dataset", func(s *scene) { s.Policy.Dataset = "ds2" }, policy.ReasonInputInvalid},
		{"no status of the grant", func(s *scene) { s.GrantStatus = "" }, policy.ReasonInputInvalid},
		{"unknown status of the grant", func(s *scene) { s.GrantStatus = "open" }, policy.ReasonUnknownTerm},
		{"unknown sponsor", func(s *scene) { s.Grant.SponsorType = "church" }, policy.ReasonUnknownTerm},
		{"unknown purpose", func(s *scene) { s.Request.Purpose = use("DUO:0000043") }, policy.ReasonUnknownTerm},
		{"no purpose", func(s *scene) { s.Request.Purpose = use("") }, policy.ReasonInputInvalid},
		{"disease research without disease", func(s *scene) { s.Request.Purpose = use(duo.DS) }, policy.ReasonInputInvalid},
		{"no hierarchy of diseases", func(s *scene) {
			s.Diseases, s.Request.Purpose = nil, use(duo.DS, cancer)
		}, policy.ReasonUnknownTerm},
		{"hierarchy not needed", func(s *scene) { s.Diseases = nil }, ""},
		{"no columns touched", func(s *scene) { s.Request.Columns = nil }, policy.ReasonInputInvalid},
		{"no time", func(s *scene) { s.Request.Now = 0 }, policy.ReasonInputInvalid},
		{"negative delta", func(s *scene) { s.Request.Delta = -1 }, policy.ReasonInputInvalid},
		{"negative spending by the grant", func(s *scene) { s.Spent.GrantNanoRho = -1 }, policy.ReasonInputInvalid},
		{"negative spending at the dataset", func(s *scene) { s.Spent.DatasetNanoRho = -1 }, policy.ReasonInputInvalid},
		{"negative delta spent", func(s *scene) { s.Spent.DatasetDelta = -1 }, policy.ReasonInputInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base(t)
			tt.change(&s)
			check(t, policy.Decide(s.Input), tt.want)
		})
	}
}

// A time limit of no months is none that could be kept, also by a study that is still to begin.
func TestG2ATimeLimitOfNothing(t *testing.T) {
	for _, months := range []int{0, -1} {
		s := base(t)
		s.Grant.Period.Start, s.Policy.Modifiers = 150, []policy.Modifier{{Code: duo.TS, Months: months}}
		want := []policy.ReasonCode{"INPUT_INVALID", "GRANT_NOT_YET_VALID", "DATASET_TIME_LIMIT"}
		if months < 0 {
			s.Grant.Period.Start = 1 << 40 // later than a month from now
			s.Grant.Period.End = 1 << 41
		}
		check(t, policy.Decide(s.Input), want...)
	}
}

// A time limit ends to the second, so many months after the study began.
func TestG2ATimeLimitEndsToTheSecond(t *testing.T) {
	const month = 31 * policyDay // from 1 January
	for now, want := range map[int64]policy.ReasonCode{month - 1: "", month: "DATASET_TIME_LIMIT"} {
		s := base(t)
		s.Grant.Period.End, s.Request.Now, s.Policy.Modifiers = 2*month, now, []policy.Modifier{{Code: duo.TS, Months: 1}}
		check(t, policy.Decide(s.Input), want)
	}
}

func TestAllReasonsAreReportedInOrder(t *testing.T) {
	s := base(t)
	s.Request.AsOf, s.Request.Researcher, s.Request.Purpose = 1001, r2, use(duo.GRU)
	s.Request.Columns, s.Request.NanoRho = []policy.ColumnUse{genomeRaw}, 21*epsilon01
	s.Grant.SponsorType, s.Grant.ID, s.GrantStatus = "church", "", policy.GrantRevoked
	s.Grant.Period = policy.Period{Start: 200, End: 100}
	s.Policy.EmbargoUntil, s.Policy.PermittedUse = 101, uses(use(duo.HMB))
	check(t, policy.Decide(s.Input),
		"SNAPSHOT_STALE", "UNKNOWN_TERM", "INPUT_INVALID", "GRANT_REVOKED", "GRANT_NOT_YET_VALID", "GRANT_EXPIRED",
		"GRANT_RESEARCHER", "GRANT_PURPOSE", "GRANT_EPSILON", "DATASET_EMBARGOED", "DATASET_PURPOSE",
		"COLUMN_NOT_RELEASED", "EPSILON_QUERY_CAP", "EPSILON_RESEARCHER_CAP", "EPSILON_DATASET_BUDGET")
}

func TestExtremeNumbersDeny(t *testing.T) {
	for _, x := range []int64{math.MinInt64, -1, 1 << 53, math.MaxInt64} {
		for _, field := range []func(*scene) *int64{
			func(s *scene) *int64 { return &s.Request.NanoRho }, func(s *scene) *int64 { return &s.Request.Delta },
			func(s *scene) *int64 { return &s.Request.Now }, func(s *scene) *int64 { return &s.Policy.MaxNanoRhoPerQuery },
			func(s *scene) *int64 { return &s.Policy.TotalNanoRho }, func(s *scene) *int64 { return &s.Policy.TotalDelta },
			func(s *scene) *int64 { return &s.Spent.GrantNanoRho }, func(s *scene) *int64 { return &s.Spent.DatasetNanoRho },
			func(s *scene) *int64 { return &s.Spent.DatasetDelta }, func(s *scene) *int64 { return &s.Grant.Period.Start },
			func(s *scene) *int64 { return &s.Grant.Period.End }, func(s *scene) *int64 { return &s.Grant.Datasets[0].NanoRho },
			func(s *scene) *int64 { return &s.Policy.EmbargoUntil },
		} {
			s := base(t)
			*field(&s) = x
			if d := policy.Decide(s.Input); d.Allowed() || !slices.Contains(d.Reasons, policy.ReasonInputInvalid) {
				t.Errorf("%d in %s: %v", x, marshal(t, s.Input), d.Reasons)
			}
		}
	}
}

func TestDecisionRecordsTheVocabularies(t *testing.T) {
	s := base(t)
	if got, want := policy.Decide(s.Input).Vocabulary, "DUO 2021-02-23; test hierarchy 1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	s.Diseases = nil
	if got, want := policy.Decide(s.Input).Vocabulary, "DUO 2021-02-23"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDecideLeavesTheInputAlone(t *testing.T) {
	s := base(t)
	before := marshal(t, s.Input)
	policy.Decide(s.Input)
	s.Terms()
	if after := marshal(t, s.Input); after != before {
		t.Errorf("became %s", after)
	}
}

// pureLimits makes the policy one of pure accounting: 0.5 epsilon a question, 1 an organisation, 2 in all; the question costs 0.1.
func pureLimits(s *scene) {
	p := &s.Policy
	p.Accounting, p.TotalDelta = policy.Pure, 0
	p.MaxNanoRhoPerQuery, p.MaxNanoRhoPerOrganisation, p.TotalNanoRho = 0, 0, 0
	p.MaxNanoEpsilonPerQuery, p.MaxNanoEpsilonPerOrganisation, p.TotalNanoEpsilon = 500_000_000, 1_000_000_000, 2_000_000_000
	s.Request.NanoEpsilon, s.Request.Delta = 100_000_000, 0
}

// G2: under pure accounting the dataset's limits are in epsilon, and a question without one is not answered; the grant's ceiling
// and the patients' caps stay in zCDP.
func TestG2LimitsOfPureAccounting(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*scene)
		want   policy.ReasonCode
	}{
		{"within all", func(*scene) {}, ""},
		{"query cap met", func(s *scene) { s.Request.NanoEpsilon = 500_000_000 }, ""},
		{"query cap passed", func(s *scene) { s.Request.NanoEpsilon = 500_000_001 }, policy.ReasonEpsilonQueryCap},
		{"organisation's limit met", func(s *scene) { s.Spent.OrganisationNanoEpsilon = 900_000_000 }, ""},
		{"organisation's limit passed", func(s *scene) { s.Spent.OrganisationNanoEpsilon = 900_000_001 }, policy.ReasonEpsilonOrganisationCap},
		{"total met", func(s *scene) { s.Spent.DatasetNanoEpsilon = 1_900_000_000 }, ""},
		{"total passed", func(s *scene) { s.Spent.DatasetNanoEpsilon = 1_900_000_001 }, policy.ReasonEpsilonDatasetBudget},
		{"a delta", func(s *scene) { s.Request.Delta = 1 }, policy.ReasonEpsilonDatasetBudget},
		{"no epsilon", func(s *scene) { s.Request.NanoEpsilon = 0 }, policy.ReasonInputInvalid},
		{"the least epsilon", func(s *scene) { s.Request.NanoEpsilon = 1 }, ""},
		{"grant ceiling passed", func(s *scene) { s.Spent.GrantNanoRho = 9*epsilon01 + 1 }, policy.ReasonGrantEpsilon},
		{"an epsilon where only Gaussian releases are taken", func(s *scene) {
			*s = base(t)
			s.Policy.Accounting, s.Policy.TotalDelta, s.Request.NanoEpsilon = policy.GaussianOnly, 0, 1
		}, policy.ReasonInputInvalid},
		{"an epsilon where all is taken", func(s *scene) { *s = base(t); s.Request.NanoEpsilon = 1 << 50 }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := base(t)
			pureLimits(&s)
			tt.change(&s)
			check(t, policy.Decide(s.Input), tt.want)
		})
	}
}
