package policy

import (
	"errors"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// facts is the input with what was found wrong with it.
type facts struct {
	Input
	err error
}

// A queryRule is a reason, its words, and when it applies. Rules do not rely on one another, nor on the input being
// valid: on a broken input they may only add reasons to the INPUT_INVALID or UNKNOWN_TERM that already denies.
type queryRule struct {
	code    ReasonCode
	words   string
	applies func(facts) bool
}

var queryRules = []queryRule{
	{ReasonSnapshotStale, "The hospital has not yet caught up with the change your question must take into account; ask again.",
		func(f facts) bool { return f.Request.AsOf > f.Request.Head }},
	{ReasonUnknownTerm, "The question or a document it rests on uses a word that is not in the vocabulary.",
		func(f facts) bool { return errors.Is(f.err, ErrUnknownTerm) }},
	{ReasonInputInvalid, "Something that is needed to decide is missing or out of its range.",
		func(f facts) bool { return errors.Is(f.err, ErrInvalid) }},

	{ReasonActorVisaInvalid, "A visa that you showed cannot be relied on: its issuer, its signature, whom it is about, or a condition of it.",
		facts.visaInvalid},
	{ReasonActorVisaExpired, "A visa that you showed has ended, or is older than the hospital accepts.",
		facts.visaLapsed},
	{ReasonActorVisaMissing, "You show no visa in force for an affiliation or an access that the hospital asks for.",
		func(f facts) bool { return len(f.unmet(AffiliationAndRole, ControlledAccessGrants)) > 0 }},
	{ReasonActorNotBonaFide, "You show no visa in force by which you are a researcher of the kind that the hospital asks for.",
		func(f facts) bool { return len(f.unmet(ResearcherStatus)) > 0 }},
	{ReasonTermsNotAccepted, "The hospital wants terms accepted before you ask, by your signature or a visa, and they are not.",
		func(f facts) bool {
			return f.Policy.Terms != nil && f.TermsAccepted != f.Policy.Terms.Revision || len(f.unmet(AcceptedTermsAndPolicies)) > 0
		}},

	{ReasonGrantMissing, "No ethics committee has granted a study under which this question could be asked.",
		func(f facts) bool { return f.Grant == nil }},
	{ReasonGrantSuspended, "The ethics committee has suspended the grant for the time being.",
		func(f facts) bool { return f.Grant != nil && f.GrantStatus == GrantSuspended }},
	{ReasonGrantRevoked, "The ethics committee has revoked the grant.",
		func(f facts) bool { return f.Grant != nil && f.GrantStatus == GrantRevoked }},
	{ReasonGrantSuperseded, "The ethics committee has approved an amendment, which took the place of the grant.",
		func(f facts) bool { return f.Grant != nil && f.GrantStatus == GrantSuperseded }},
	{ReasonGrantClosed, "The study is over, and the ethics committee has closed the grant.",
		func(f facts) bool { return f.Grant != nil && f.GrantStatus == GrantClosed }},
	{ReasonGrantNotYetValid, "The grant does not start until later.",
		func(f facts) bool { return f.Grant != nil && !f.Grant.Period.begun(f.Request.Now) }},
	{ReasonGrantExpired, "The grant has ended.",
		func(f facts) bool { return f.Grant != nil && f.Grant.Period.over(f.Request.Now) }},
	{ReasonGrantReviewDue, "The ethics committee was to look at the study again by now, and has not put that off.",
		func(f facts) bool { return f.Grant != nil && f.Grant.reviewDue(f.ReviewBy, f.Request.Now) }},
	{ReasonGrantResearcher, "The grant does not name you as a researcher of the study.",
		func(f facts) bool {
			return f.Grant != nil && !slices.Contains(f.Grant.Researchers, f.Request.Researcher)
		}},
	{ReasonGrantPurpose, "The purpose goes beyond what the ethics committee granted.",
		func(f facts) bool {
			return f.Grant != nil && f.outside(f.granted(), duo.OtherPurpose, duo.OtherDisease)
		}},
	{ReasonGrantDataset, "The grant does not include this dataset.",
		func(f facts) bool { return f.Grant != nil && !f.reachesDataset() }},
	{ReasonGrantEpsilon, "The question would use more of the privacy budget than the grant has left at this dataset.",
		func(f facts) bool { return f.Grant != nil && f.overCeiling() }},
	{ReasonGrantConditionUnmet, "The hospital wants an approval that the grant does not have.",
		func(f facts) bool {
			return f.Grant != nil && !containsAll(f.Grant.Approvals, f.Policy.RequiredApprovals)
		}},

	{ReasonDatasetEmbargoed, "The hospital does not release this dataset until later.",
		func(f facts) bool { return f.Request.Now < f.Policy.EmbargoUntil }},
	{ReasonDatasetPurpose, "The hospital does not release this dataset for such a purpose.",
		func(f facts) bool { return f.outside(f.Policy.PermittedUse, duo.OtherPurpose) }},
	{ReasonDatasetDisease, "The hospital releases this dataset for research on other diseases only.",
		func(f facts) bool { return f.outside(f.Policy.PermittedUse, duo.OtherDisease) }},
	{ReasonDatasetMethods, "The hospital does not release this dataset for the development of methods.",
		func(f facts) bool { return f.modified(duo.NMDS) }},
	{ReasonDatasetAncestry, "The hospital does not release this dataset for research that may be on origins or ancestry.",
		func(f facts) bool { return f.modified(duo.NPOA) }},
	{ReasonDatasetNotForProfit, "The hospital releases this dataset to organisations only that do not work for profit.",
		func(f facts) bool { return f.Grant != nil && f.modified(duo.NPU) }},
	{ReasonDatasetNonCommercial, "The hospital does not release this dataset for commercial use.",
		func(f facts) bool { return f.modified(duo.NCU) }},
	{ReasonDatasetGeneticOnly, "The hospital releases this dataset for genetic studies only, and the grant does not say that yours is one.",
		func(f facts) bool { return f.Grant != nil && f.modified(duo.GSO) }},
	{ReasonDatasetGeography, "The study works or computes in a country to which the hospital does not release this dataset.",
		func(f facts) bool { return f.Grant != nil && f.modified(duo.GS) }},
	{ReasonDatasetInstitution, "The hospital does not release this dataset to your organisation.",
		func(f facts) bool { return f.modified(duo.IS) }},
	{ReasonDatasetProject, "The hospital does not release this dataset to your study.",
		func(f facts) bool { return f.Grant != nil && f.modified(duo.PS) }},
	{ReasonDatasetUser, "The hospital does not release this dataset to you.",
		func(f facts) bool { return f.modified(duo.US) }},
	{ReasonDatasetTimeLimit, "The time is over for which the hospital releases this dataset to a study.",
		func(f facts) bool { return f.Grant != nil && f.modified(duo.TS) }},
	{ReasonColumnNotReleased, "The question touches a column that the hospital does not release.",
		func(f facts) bool { return len(f.Unreleased()) > 0 }},
	{ReasonDatasetGranularity, "The question uses a column more finely than the hospital releases it.",
		facts.tooFine},
	{ReasonDatasetSensitiveClass, "The question touches sensitive data of a kind that the hospital does not release.",
		func(f facts) bool { return !containsAll(f.Policy.ReleasedLabels, f.labels()) }},
	{ReasonEpsilonQueryCap, "The question would use more of the privacy budget than the hospital allows for a single one.",
		facts.overQueryCap},
	{ReasonEpsilonOrganisationCap, "The question would use more of the privacy budget than your organisation has left at this dataset.",
		func(f facts) bool {
			cost, spent, _ := f.taken()
			return exceeds(cost, spent, f.Policy.Limits().PerOrganisation)
		}},
	{ReasonEpsilonDatasetBudget, "The question would use more of the privacy budget than this dataset has left for everybody.",
		facts.overBudget},
}

// reviewRule is tried where nothing denies.
var reviewRule = queryRule{
	ReasonManualReview, "The study is about vulnerable people: the committee must have it looked at and approved as such.",
	func(f facts) bool {
		return f.Grant != nil && len(f.Grant.Vulnerable) > 0 && !slices.Contains(f.Grant.Approvals, VulnerablePopulation)
	},
}

// reviewDue says whether the committee was to look at the study again by now; putOff is to when it has put that off.
func (g Grant) reviewDue(putOff, now int64) bool {
	return g.ReviewBy != 0 && now >= max(g.ReviewBy, putOff)
}

// granted are the grant's purposes that bear on the request's: methods must have been granted as such.
func (f facts) granted() []DataUse {
	if !f.Request.Purpose.Methods {
		return f.Grant.Purposes
	}
	return slices.DeleteFunc(slices.Clone(f.Grant.Purposes), func(u DataUse) bool { return !u.Methods })
}

// purpose is the request's. It develops methods also where it does not say so and what the committee granted for it is
// for methods only: that is not the researcher's to leave out.
func (in Input) purpose() DataUse {
	p := in.Request.Purpose
	if in.Grant != nil && !p.Methods {
		others := slices.DeleteFunc(slices.Clone(in.Grant.Purposes), func(u DataUse) bool { return u.Methods })
		p.Methods = duo.Within(in.Grant.Purposes, p, in.Diseases) == duo.Covered && duo.Within(others, p, in.Diseases) != duo.Covered
	}
	return p
}

// modified says whether such a modifier of the dataset keeps the request from it.
func (f facts) modified(code duo.Modifier) bool {
	return slices.ContainsFunc(f.Policy.Modifiers, func(m Modifier) bool {
		return m.Code == code && m.excludes(f.purpose(), f.recipient(), f.Request.Now)
	})
}

func containsAll[T comparable](set, wanted []T) bool {
	return !slices.ContainsFunc(wanted, func(w T) bool { return !slices.Contains(set, w) })
}

// outside says whether the purpose misses the permissions in one of the given ways. A purpose that cannot be read is
// reported as such, and not called too broad besides.
func (f facts) outside(permitted []DataUse, ways ...duo.Match) bool {
	purpose := f.Request.Purpose
	unread := func(disease string) bool { return !f.Diseases.Known(disease) }
	if purpose.Validate() != nil || slices.ContainsFunc(purpose.Diseases, unread) {
		return false
	}
	return slices.Contains(ways, duo.Within(permitted, purpose, f.Diseases))
}

func (f facts) reachesDataset() bool {
	_, ok := f.Grant.Ceiling(f.Request.Dataset)
	return ok
}

func (f facts) overCeiling() bool {
	ceiling, _ := f.Grant.Ceiling(f.Request.Dataset) // 0 where there is none, which is [facts.reachesDataset]'s to say
	return exceeds(f.Request.NanoRho, f.Spent.GrantNanoRho, ceiling)
}

// Unreleased are the columns that the question touches and the hospital does not release, by name, each once.
func (in Input) Unreleased() []string {
	var names []string
	for _, u := range in.Request.Columns {
		if !slices.ContainsFunc(in.Policy.Columns, u.released) {
			names = append(names, u.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// tooFine leaves columns that are not released to [Input.Unreleased].
func (f facts) tooFine() bool {
	return slices.ContainsFunc(f.Request.Columns, func(u ColumnUse) bool {
		return slices.ContainsFunc(f.Policy.Columns, func(c Column) bool { return u.released(c) && u.Level > c.Finest })
	})
}

func (u ColumnUse) released(c Column) bool { return c.Name == u.Name && c.Category == u.Category }

// taken is what the request costs, and what was spent before by the organisation and by everybody, in the unit of the dataset's limits.
func (in Input) taken() (cost, organisation, dataset int64) {
	if in.Policy.Accounting == Pure {
		return in.Request.NanoEpsilon, in.Spent.OrganisationNanoEpsilon, in.Spent.DatasetNanoEpsilon
	}
	return in.Request.NanoRho, in.Spent.OrganisationNanoRho, in.Spent.DatasetNanoRho
}

func (f facts) overQueryCap() bool {
	cost, _, _ := f.taken()
	return exceeds(cost, 0, f.Policy.Limits().PerQuery)
}

func (f facts) overBudget() bool {
	cost, _, spent := f.taken()
	return exceeds(cost, spent, f.Policy.Limits().Total) ||
		f.Request.Delta > f.Policy.TotalDelta-f.Spent.DatasetDelta
}

// exceeds says whether the cost breaks the limit; meeting it exactly does not. A limit below 1 is not a limit but a
// missing one, reported as INPUT_INVALID.
func exceeds(cost, spent, limit int64) bool { return limit >= 1 && cost > limit-spent }

type patientRule struct {
	code    ReasonCode
	words   string
	applies func(*question, *patient) bool
}

// Each rule asks for the one word that lets a patient through, so that a word it does not know leaves her out.
var patientRules = []patientRule{
	{PatientNoPreference, "You have not said whether your record may be counted, so it was left out.",
		func(_ *question, p *patient) bool { return p.ReleasePreference == nil }},
	{PatientDenied, "You have said that your record may not be counted.", denied},
	{PatientWithdrawn, "You have withdrawn your permission.",
		func(_ *question, p *patient) bool { return p.Status != Active }},
	{PatientNotYetValid, "Your permission starts later.",
		func(q *question, p *patient) bool { return !p.Period.begun(q.Now) }},
	{PatientExpired, "Your permission has ended.",
		func(q *question, p *patient) bool { return p.Period.over(q.Now) }},
	{PatientExceptionDeny, "You have made an exception from your permission, and the question falls under it.", excepted},
	{PatientPurpose, "You have not permitted use for such a purpose.",
		func(q *question, p *patient) bool { return q.purpose.Within(p.uses) == duo.OtherPurpose }},
	{PatientDisease, "You have permitted research on other diseases only.",
		func(q *question, p *patient) bool { return q.purpose.Within(p.uses) == duo.OtherDisease }},
	{PatientRecipientType, "You have not permitted use by an organisation of this kind.",
		func(q *question, p *patient) bool { return !p.types.has(q.recipient) }},
	{PatientRecipientCountry, "You have not permitted use in every country where the study works or computes.",
		func(q *question, p *patient) bool { return !p.countries.permits(q.countries) }},
	{PatientSensitiveOptIn, "The question touches something sensitive that you have not permitted by name.",
		func(q *question, p *patient) bool { return !p.labels.has(q.labels) }},
	{PatientCategory, "The question touches a part of your record that you have not permitted.",
		func(q *question, p *patient) bool { return !p.parts.has(q.parts) }},
	{PatientGranularity, "The question uses a part of your record more finely than you have permitted.",
		func(q *question, p *patient) bool {
			return slices.ContainsFunc(q.uses, func(u partUse) bool { return u.Level > p.finest[u.part] })
		}},
	{PatientDataPeriod, "The question touches times of your life that you have not permitted.",
		func(q *question, p *patient) bool {
			return slices.ContainsFunc(p.timed, func(s CategoryScope) bool {
				return slices.ContainsFunc(q.Categories, func(u CategoryUse) bool { return u.Category == s.Category && !s.DataPeriod.covers(u.Data) })
			})
		}},
	{PatientGuardianLapsed, "Your guardian permitted it, and can no longer speak for you.",
		func(q *question, p *patient) bool { return p.GuardianUntil != 0 && q.Now >= p.GuardianUntil }},
	{PatientEpsilonCap, "You have set a cap on your privacy loss, and the question would pass it.",
		func(q *question, p *patient) bool { return p.OwnCap != nil && !p.OwnCap.admits(p.lost, q.Cost) }},
}

// denied says whether her document starts from no, and no provision says yes.
func denied(q *question, p *patient) bool {
	if p.Decision != Deny {
		return p.Decision != Permit
	}
	for i, x := range p.Provisions {
		if !p.unreadable[i] && x.permits(q) {
			return false
		}
	}
	return true
}

// excepted says whether a modifier or, where her document starts from yes, a provision takes the question away.
func excepted(q *question, p *patient) bool {
	for i, x := range p.Provisions { // one that cannot be read takes all away
		if p.Decision == Permit && (p.unreadable[i] || x.denies(q)) {
			return true
		}
	}
	return p.modifiers&q.excluded != 0 ||
		slices.ContainsFunc(p.otherModifiers, func(m Modifier) bool { return m.excludes(q.Purpose, q.Recipient, q.Now) })
}
