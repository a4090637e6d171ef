package policytest

import (
	"github.com/medmarket/medmarket/policy"
)

// Patient is what [policy.Terms.PatientReason] must answer, for the terms of in. isA is what in.Diseases was made of.
func Patient(in policy.Input, p *policy.ReleasePreference, lost policy.Loss, isA IsA) policy.ReasonCode {
	eligible := policy.ReasonCode("P_ELIGIBLE")
	if p == nil {
		if in.Policy.LegalBasis != "ehds" || !inTheUnion(in.Policy.Jurisdiction) {
			return "P_NO_PREFERENCE"
		}
		p, eligible = byDefault(), "P_ELIGIBLE_DEFAULT"
	}
	var g policy.Grant // without one there is nobody to be permitted
	if in.Grant != nil {
		g = *in.Grant
	}
	purpose, now := in.Request.Purpose, in.Request.Now
	use := isA.within(p.PermittedUse, purpose)
	part := partsOfTheRecord(*p, in)

	for _, rule := range []struct {
		code    policy.ReasonCode
		applies bool
	}{
		{"P_DENIED", !saysYes(*p, in, g, isA)},
		{"P_WITHDRAWN", p.Status != "active"},
		{"P_NOT_YET_VALID", now < p.Period.Start},
		{"P_EXPIRED", p.Period.End != 0 && now >= p.Period.End},
		{"P_EXCEPTION_DENY", makesAnException(*p, in, g, isA)},
		{"P_PURPOSE", !use && !onlyTheDisease(p.PermittedUse, purpose)},
		{"P_DISEASE", !use},
		{"P_RECIPIENT_TYPE", !has(p.RecipientTypes, g.SponsorType)},
		{"P_RECIPIENT_COUNTRY", !everyCountry(p.RecipientCountries, g.Countries)},
		{"P_SENSITIVE_OPT_IN", !hasAll(p.SensitiveOptIn, labels(in))},
		{part, part != ""},
		{"P_GUARDIAN_LAPSED", p.GuardianUntil != 0 && now >= p.GuardianUntil},
		{"P_EPSILON_CAP", p.OwnCap != nil && !leavesRoom(p.OwnCap, lost, in.Request)},
	} {
		if rule.applies {
			return rule.code
		}
	}
	return eligible
}

// saysYes says whether the document starts from yes, or has an exception from no.
func saysYes(p policy.ReleasePreference, in policy.Input, g policy.Grant, isA IsA) bool {
	return p.Decision == "permit" || p.Decision == "deny" && somePermits(p, in, g, isA)
}

func makesAnException(p policy.ReleasePreference, in policy.Input, g policy.Grant, isA IsA) bool {
	for _, m := range p.Modifiers {
		if forbids(m, in, isA) {
			return true
		}
	}
	for _, x := range p.Provisions {
		if p.Decision == "permit" && denies(x, in, g, isA) {
			return true
		}
	}
	return false
}

// inTheUnion says whether a country is a member of the European Union.
func inTheUnion(country string) bool {
	switch country {
	case "BE", "BG", "CZ", "DK", "DE", "EE", "IE", "GR", "ES", "FR", "HR", "IT", "CY", "LV", "LT", "LU", "HU", "MT", "NL", "AT", "PL", "PT", "RO", "SI", "SK", "FI", "SE":
		return true
	}
	return false
}

// byDefault is what the law permits of someone who was never asked.
func byDefault() *policy.ReleasePreference {
	p := &policy.ReleasePreference{
		Decision: "permit", Status: "active", PermittedUse: []policy.DataUse{{Permission: "DUO:0000006"}},
		RecipientTypes:     []policy.RecipientType{"academic", "not_for_profit", "commercial", "government"},
		RecipientCountries: []string{"any"},
	}
	for _, c := range policy.Categories() {
		p.Categories = append(p.Categories, policy.CategoryScope{Category: c, Finest: 3})
	}
	return p
}

func everyCountry(permitted, countries []string) bool {
	if len(countries) == 0 {
		return false
	}
	if hasAll([]string{"any"}, permitted) && len(permitted) > 0 {
		return true
	}
	for _, c := range countries {
		if !has(permitted, c) {
			return false
		}
	}
	return true
}

// partsOfTheRecord asks first whether every part is permitted at all, then whether finely enough, then for which times:
// all that is read of a part counts as one stretch of time.
func partsOfTheRecord(p policy.ReleasePreference, in policy.Input) policy.ReasonCode {
	missing, tooFine, otherTimes := false, false, false
	for _, used := range in.Request.Columns {
		permitted := false
		for _, s := range p.Categories {
			if s.Category == used.Category {
				permitted = true
				tooFine = tooFine || used.Level > s.Finest
				otherTimes = otherTimes || s.DataPeriod != nil && !inside(*s.DataPeriod, used.Data)
			}
		}
		missing = missing || !permitted
	}
	switch {
	case missing:
		return "P_CATEGORY"
	case tooFine:
		return "P_GRANULARITY"
	case otherTimes:
		return "P_DATA_PERIOD"
	}
	return ""
}

// inside says whether the time lies in the period; 0 is no bound.
func inside(period, time policy.Period) bool {
	if period.Start != 0 && time.Start < period.Start {
		return false
	}
	if period.End != 0 && (time.End == 0 || time.End > period.End) {
		return false
	}
	return true
}

// touches says whether the time and the period have a moment in common.
func touches(period, time policy.Period) bool {
	if period.End != 0 && time.Start >= period.End {
		return false
	}
	return time.End == 0 || time.End > period.Start
}

func leavesRoom(most *policy.Loss, lost policy.Loss, r policy.Request) bool {
	if most.NanoRho < 1 || most.Delta < 0 || lost.NanoRho < 0 || lost.Delta < 0 {
		return false
	}
	return r.NanoRho <= most.NanoRho-lost.NanoRho && r.Delta <= most.Delta-lost.Delta
}

// strange says whether a provision has a word that nobody knows, or none.
func strange(x policy.Provision) bool {
	p := policy.ReleasePreference{Decision: "permit", Status: "active", Provisions: []policy.Provision{x}}
	return p.Validate() != nil
}

// denies says whether something of what is asked falls under the provision.
func denies(x policy.Provision, in policy.Input, g policy.Grant, isA IsA) bool {
	if strange(x) {
		return true
	}
	forAPurpose := len(x.Purpose) == 0
	for _, u := range x.Purpose {
		forAPurpose = forAPurpose || isA.overlaps(u, in.Request.Purpose)
	}
	// Of a sponsor and of countries that are not known, all may be true.
	byAnActor := len(x.Actor) == 0 || !has(policy.RecipientTypes(), g.SponsorType) || has(x.Actor, g.SponsorType)
	inACountry := len(x.Country) == 0 || len(g.Countries) == 0 || hasSome(x.Country, g.Countries)
	underALabel := len(x.SecurityLabel) == 0 || hasSome(x.SecurityLabel, labels(in))
	return forAPurpose && byAnActor && inACountry && underALabel && readsPart(x, in)
}

// readsPart says whether something of what is read falls under the categories and times that the provision names.
func readsPart(x policy.Provision, in policy.Input) bool {
	if len(x.Category) == 0 && x.DataPeriod == nil {
		return true
	}
	for category, time := range parts(in) {
		if (len(x.Category) == 0 || has(x.Category, category)) && (x.DataPeriod == nil || touches(*x.DataPeriod, time)) {
			return true
		}
	}
	return false
}

// somePermits says whether all that is asked falls under one provision.
func somePermits(p policy.ReleasePreference, in policy.Input, g policy.Grant, isA IsA) bool {
	for _, x := range p.Provisions {
		if strange(x) || len(x.SecurityLabel) > 0 {
			continue
		}
		all := (len(x.Purpose) == 0 || isA.within(x.Purpose, in.Request.Purpose)) &&
			(len(x.Actor) == 0 || has(x.Actor, g.SponsorType)) &&
			(len(x.Country) == 0 || everyCountry(x.Country, g.Countries))
		for category, time := range parts(in) {
			all = all && (len(x.Category) == 0 || has(x.Category, category)) && (x.DataPeriod == nil || inside(*x.DataPeriod, time))
		}
		if all {
			return true
		}
	}
	return false
}

// parts are the parts of the record that are read, each with the one stretch of time that it is read for.
func parts(in policy.Input) map[policy.Category]policy.Period {
	all := map[policy.Category]policy.Period{}
	for _, used := range in.Request.Columns {
		time, before := all[used.Category]
		if !before {
			all[used.Category] = used.Data
			continue
		}
		time.Start = min(time.Start, used.Data.Start)
		if time.End == 0 || used.Data.End == 0 {
			time.End = 0
		} else {
			time.End = max(time.End, used.Data.End)
		}
		all[used.Category] = time
	}
	return all
}
