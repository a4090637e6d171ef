package policytest

import (
	"errors"
	"slices"
	"time"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// Decide is what [policy.Decide] must answer, by its reasons; none is to allow. isA is what in.Diseases was made of.
func Decide(in policy.Input, isA IsA) []policy.ReasonCode {
	var all verdict
	invalid, unknown := wrong(in, isA)
	all.say("SNAPSHOT_STALE", in.Request.AsOf > in.Request.Head)
	all.say("UNKNOWN_TERM", unknown)
	all.say("INPUT_INVALID", invalid)
	all.visas(in)
	all.say("GRANT_MISSING", in.Grant == nil)
	if in.Grant != nil {
		all.grant(in, *in.Grant, isA)
	}
	all.use(in, isA)
	all.modifiers(in, isA)
	all.columns(in)
	all.budgets(in)
	if len(all) == 0 {
		all.say("MANUAL_REVIEW", in.Grant != nil && len(in.Grant.Vulnerable) > 0 && !has(in.Grant.Approvals, "vulnerable_population"))
	}
	return all
}

type verdict []policy.ReasonCode

func (v *verdict) say(code policy.ReasonCode, applies bool) {
	if applies {
		*v = append(*v, code)
	}
}

func (v *verdict) grant(in policy.Input, g policy.Grant, isA IsA) {
	r := in.Request
	ceiling, reached := int64(0), false
	for _, d := range g.Datasets {
		if d.Dataset == r.Dataset && !reached {
			ceiling, reached = d.NanoRho, true
		}
	}
	var granted []policy.DataUse
	for _, u := range g.Purposes {
		if u.Methods || !r.Purpose.Methods {
			granted = append(granted, u)
		}
	}
	v.say("GRANT_SUSPENDED", in.GrantStatus == "suspended")
	v.say("GRANT_REVOKED", in.GrantStatus == "revoked")
	v.say("GRANT_SUPERSEDED", in.GrantStatus == "superseded")
	v.say("GRANT_CLOSED", in.GrantStatus == "closed")
	v.say("GRANT_NOT_YET_VALID", r.Now < g.Period.Start)
	v.say("GRANT_EXPIRED", g.Period.End != 0 && r.Now >= g.Period.End)
	v.say("GRANT_REVIEW_DUE", g.ReviewBy != 0 && g.ReviewBy <= r.Now && in.ReviewBy <= r.Now)
	v.say("GRANT_RESEARCHER", !has(g.Researchers, r.Researcher))
	v.say("GRANT_PURPOSE", isA.reads(r.Purpose) && !isA.within(granted, r.Purpose))
	v.say("GRANT_DATASET", !reached)
	v.say("GRANT_EPSILON", reached && ceiling >= 1 && r.NanoRho > ceiling-in.Spent.GrantNanoRho)
	v.say("GRANT_CONDITION_UNMET", !hasAll(g.Approvals, in.Policy.RequiredApprovals))
}

func (v *verdict) use(in policy.Input, isA IsA) {
	r, p := in.Request, in.Policy
	refused := isA.reads(r.Purpose) && !isA.within(p.PermittedUse, r.Purpose)
	v.say("DATASET_EMBARGOED", r.Now < p.EmbargoUntil)
	v.say("DATASET_PURPOSE", refused && !onlyTheDisease(p.PermittedUse, r.Purpose))
	v.say("DATASET_DISEASE", refused && onlyTheDisease(p.PermittedUse, r.Purpose))
}

// reads says whether the purpose is well formed and its diseases are known.
func (isA IsA) reads(purpose policy.DataUse) bool {
	return isA.knows(purpose.Diseases) && purpose.Validate() == nil
}

func (v *verdict) modifiers(in policy.Input, isA IsA) {
	for _, m := range []struct {
		code       policy.ReasonCode
		modifier   duo.Modifier
		needsGrant bool // what it asks about stands on the grant
	}{
		{"DATASET_METHODS", duo.NMDS, false},
		{"DATASET_ANCESTRY", duo.NPOA, false},
		{"DATASET_NOT_FOR_PROFIT", duo.NPU, true},
		{"DATASET_NON_COMMERCIAL", duo.NCU, false},
		{"DATASET_GENETIC_ONLY", duo.GSO, true},
		{"DATASET_GEOGRAPHY", duo.GS, true},
		{"DATASET_INSTITUTION", duo.IS, false},
		{"DATASET_PROJECT", duo.PS, true},
		{"DATASET_USER", duo.US, false},
		{"DATASET_TIME_LIMIT", duo.TS, true},
	} {
		broken := false
		for _, one := range in.Policy.Modifiers {
			broken = broken || one.Code == m.modifier && forbids(one, in, isA)
		}
		v.say(m.code, broken && (in.Grant != nil || !m.needsGrant))
	}
}

func (v *verdict) columns(in policy.Input) {
	notReleased, tooFine := false, false
	for _, used := range in.Request.Columns {
		released := false
		for _, c := range in.Policy.Columns {
			if c.Name == used.Name && c.Category == used.Category {
				released = true
				tooFine = tooFine || used.Level > c.Finest || c.Finest > 5
			}
		}
		notReleased = notReleased || !released
	}
	v.say("COLUMN_NOT_RELEASED", notReleased)
	v.say("DATASET_GRANULARITY", tooFine)
	v.say("DATASET_SENSITIVE_CLASS", !hasAll(in.Policy.ReleasedLabels, labels(in)))
}

func (v *verdict) budgets(in policy.Input) {
	r, p, spent := in.Request, in.Policy, in.Spent
	noDelta := r.Delta > p.TotalDelta-spent.DatasetDelta
	if p.Accounting == "pure" {
		v.say("EPSILON_QUERY_CAP", p.MaxNanoEpsilonPerQuery >= 1 && r.NanoEpsilon > p.MaxNanoEpsilonPerQuery)
		v.say("EPSILON_RESEARCHER_CAP", p.MaxNanoEpsilonPerOrganisation >= 1 && r.NanoEpsilon > p.MaxNanoEpsilonPerOrganisation-spent.OrganisationNanoEpsilon)
		v.say("EPSILON_DATASET_BUDGET", p.TotalNanoEpsilon >= 1 && r.NanoEpsilon > p.TotalNanoEpsilon-spent.DatasetNanoEpsilon || noDelta)
		return
	}
	v.say("EPSILON_QUERY_CAP", p.MaxNanoRhoPerQuery >= 1 && r.NanoRho > p.MaxNanoRhoPerQuery)
	v.say("EPSILON_RESEARCHER_CAP", p.MaxNanoRhoPerOrganisation >= 1 && r.NanoRho > p.MaxNanoRhoPerOrganisation-spent.OrganisationNanoRho)
	v.say("EPSILON_DATASET_BUDGET", p.TotalNanoRho >= 1 && r.NanoRho > p.TotalNanoRho-spent.DatasetNanoRho || noDelta)
}

func hasAll[T comparable](set, values []T) bool {
	for _, v := range values {
		if !has(set, v) {
			return false
		}
	}
	return true
}

func hasSome[T comparable](set, values []T) bool {
	for _, v := range values {
		if has(set, v) {
			return true
		}
	}
	return false
}

func has[T comparable](set []T, value T) bool { return slices.Contains(set, value) }

// wrong says what is wrong with the documents and the numbers beside them.
func wrong(in policy.Input, isA IsA) (invalid, unknown bool) {
	note := func(err error) {
		invalid = invalid || errors.Is(err, policy.ErrInvalid)
		unknown = unknown || errors.Is(err, policy.ErrUnknownTerm)
	}
	note(in.Request.Validate())
	note(in.Policy.Validate())
	if elsewhere(in) {
		invalid = true
	}
	if in.Grant != nil {
		note(in.Grant.Validate())
		switch in.GrantStatus {
		case "active", "suspended", "revoked", "superseded", "closed":
		case "":
			invalid = true
		default:
			unknown = true
		}
	}
	spent := in.Spent
	numbers := []int64{spent.GrantNanoRho, spent.OrganisationNanoRho, spent.DatasetNanoRho, spent.DatasetDelta, spent.OrganisationNanoEpsilon, spent.DatasetNanoEpsilon}
	if in.Grant != nil {
		numbers = append(numbers, in.ReviewBy, in.Since)
	}
	for _, n := range numbers {
		if n < 0 || n >= 1<<53 {
			invalid = true
		}
	}
	return invalid, unknown || !isA.knows(in.Request.Purpose.Diseases)
}

// elsewhere says whether the question is not for the policy's dataset, or its noise not for its accounting.
func elsewhere(in policy.Input) bool {
	if in.Policy.Dataset != in.Request.Dataset {
		return true
	}
	switch in.Policy.Accounting {
	case "pure":
		return in.Request.NanoEpsilon < 1
	case "gaussian_only":
		return in.Request.NanoEpsilon != 0
	}
	return false
}

// forbids says whether a modifier forbids what is asked.
func forbids(m policy.Modifier, in policy.Input, isA IsA) bool {
	var g policy.Grant
	if in.Grant != nil {
		g = *in.Grant
	}
	purpose := in.Request.Purpose
	switch m.Code {
	case duo.NPU:
		return g.SponsorType != "academic" && g.SponsorType != "not_for_profit" && g.SponsorType != "government"
	case duo.NCU:
		return g.CommercialUse
	case duo.NPOA:
		return purpose.Validate() != nil || isA.studies(purpose)[onAncestry]
	case duo.NMDS:
		return developsMethods(in, isA)
	case duo.GS:
		return len(g.Countries) == 0 || !hasAll(m.Countries, g.Countries)
	case duo.IS, duo.PS, duo.US:
		return !named(m, in.Request)
	case duo.GSO:
		return !g.Genetic
	case duo.TS:
		start := time.Unix(begin(in, g), 0).UTC()
		end := time.Date(start.Year(), start.Month()+time.Month(m.Months), start.Day(), start.Hour(), start.Minute(), start.Second(), 0, time.UTC)
		return m.Months <= 0 || in.Request.Now >= end.Unix()
	}
	return true
}

// begin is when a study began: with its first grant.
func begin(in policy.Input, g policy.Grant) int64 {
	if in.Since != 0 && in.Since < g.Period.Start {
		return in.Since
	}
	return g.Period.Start
}

// named says whether a modifier names who asks, or for what.
func named(m policy.Modifier, r policy.Request) bool {
	return m.Code == duo.IS && has(m.Institutions, r.Organisation) || m.Code == duo.PS && has(m.Projects, r.Grant) ||
		m.Code == duo.US && has(m.Users, r.Researcher)
}

// developsMethods says whether methods are developed: if the question says so, or if it was granted for nothing else.
func developsMethods(in policy.Input, isA IsA) bool {
	if in.Grant == nil || in.Request.Purpose.Methods {
		return in.Request.Purpose.Methods
	}
	var withoutMethods []policy.DataUse
	for _, u := range in.Grant.Purposes {
		if !u.Methods {
			withoutMethods = append(withoutMethods, u)
		}
	}
	return isA.within(in.Grant.Purposes, in.Request.Purpose) && !isA.within(withoutMethods, in.Request.Purpose)
}

// labels are all that the question touches.
func labels(in policy.Input) (all []policy.Label) {
	for _, used := range in.Request.Columns {
		for _, c := range in.Policy.Columns {
			if c.Name == used.Name && c.Label != "" {
				all = append(all, c.Label)
			}
		}
	}
	for _, l := range in.Policy.LabelledConcepts {
		itself := in.Request.AnyConcept || hasSome(in.Request.Concepts, l.Concepts)
		fromAbove := hasSome(in.Request.Roots, l.Ancestors) || len(in.Request.Roots) > 0 && len(l.Ancestors) == 0
		if itself || fromAbove {
			all = append(all, l.Label)
		}
	}
	return all
}
