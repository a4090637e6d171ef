package policy

import (
	"slices"
	"strings"
)

const day = 24 * 60 * 60 // seconds

// unmet are the visas that the dataset requires and the researcher does not have, of the types named; all if none is.
func (f facts) unmet(types ...VisaType) []RequiredVisa {
	return slices.DeleteFunc(slices.Clone(f.Policy.RequiredVisas), func(r RequiredVisa) bool {
		return len(types) > 0 && !slices.Contains(types, r.Type) ||
			slices.ContainsFunc(f.Actor.Visas, func(v Visa) bool { return f.counts(r, v) })
	})
}

// counts says whether the visa is what is required, hers, and in force.
func (f facts) counts(r RequiredVisa, v Visa) bool {
	now := f.Request.Now
	if !r.fits(v) || r.lapsed(v, now) || now < v.NotBefore {
		return false
	}
	hers := f.Actor.identities(r.Issuers, now)
	return slices.Contains(hers, v.Identity) && f.Actor.fulfils(v.Conditions, hers, now)
}

// visaLapsed says whether she showed a visa that would do what is missing if it had not ended.
func (f facts) visaLapsed() bool {
	return slices.ContainsFunc(f.unmet(), func(r RequiredVisa) bool {
		return slices.ContainsFunc(f.Actor.Visas, func(v Visa) bool { return r.fits(v) && r.lapsed(v, f.Request.Now) })
	})
}

// visaInvalid says whether something is missing, and she showed what might do but for who it is about, its start or
// its conditions, or what could not be relied on.
func (f facts) visaInvalid() bool {
	return slices.ContainsFunc(f.unmet(), func(r RequiredVisa) bool {
		return f.Actor.Unread > 0 ||
			slices.ContainsFunc(f.Actor.Visas, func(v Visa) bool { return r.fits(v) && !r.lapsed(v, f.Request.Now) })
	})
}

// fits says whether the visa says what is required, whoever it is about and whenever.
func (r RequiredVisa) fits(v Visa) bool {
	value := func(want string) bool {
		organisation, anyRole := strings.CutPrefix(want, "*@")
		if r.Type == AffiliationAndRole && anyRole {
			_, of, found := strings.Cut(v.Value, "@") // at the first, by the standard
			return found && of == organisation
		}
		return v.Value == want
	}
	return v.Type == r.Type && slices.ContainsFunc(r.Values, value) && slices.Contains(r.Issuers, v.Issuer) &&
		(len(r.Sources) == 0 || slices.Contains(r.Sources, v.Source)) && (len(r.By) == 0 || slices.Contains(r.By, v.By))
}

func (r RequiredVisa) lapsed(v Visa, now int64) bool {
	return now >= v.Expires || r.MaxAgeDays != 0 && now-v.Asserted >= r.MaxAgeDays*day
}

// identities are hers: those that she signed for, and those that the issuers say are the same person's.
func (a Actor) identities(issuers []string, now int64) []Identity {
	hers := slices.Clone(a.Identities)
	for grown := true; grown; { // each visa adds something once
		grown = false
		for _, v := range a.Visas {
			same := append([]Identity{v.Identity}, v.Linked...)
			if v.Type == LinkedIdentities && slices.Contains(issuers, v.Issuer) && v.bare(now) && anyIn(same, hers) && !containsAll(hers, same) {
				hers, grown = append(hers, same...), true
			}
		}
	}
	return hers
}

// bare says whether the visa is in force and has no conditions.
func (v Visa) bare(now int64) bool {
	return now >= v.NotBefore && now < v.Expires && len(v.Conditions) == 0
}

// fulfils says whether there are no conditions, or one of them is met by visas that are hers.
func (a Actor) fulfils(conditions [][]VisaClause, hers []Identity, now int64) bool {
	met := func(c VisaClause) bool {
		return slices.ContainsFunc(a.Visas, func(v Visa) bool {
			return v.bare(now) && slices.Contains(hers, v.Identity) && c.matches(v)
		})
	}
	return len(conditions) == 0 || slices.ContainsFunc(conditions, func(all []VisaClause) bool {
		return len(all) > 0 && !slices.ContainsFunc(all, func(c VisaClause) bool { return !met(c) })
	})
}

func (c VisaClause) matches(v Visa) bool {
	return v.Type == c.Type && (c.Value != "" || c.Source != "" || c.By != "") &&
		claimMatches(c.Value, v.Value) && claimMatches(c.Source, v.Source) && claimMatches(c.By, string(v.By))
}

func claimMatches(want, claim string) bool {
	if want == "" {
		return true
	}
	kind, text, _ := strings.Cut(want, ":")
	switch kind {
	case "const":
		return claim == text
	case "pattern":
		return like(text, claim)
	case "split_pattern":
		return slices.ContainsFunc(strings.Split(claim, ";"), func(part string) bool { return like(text, part) })
	}
	return false
}

// like says whether the whole text has the form of the pattern: ? is one character, * any number of them. It goes back
// to the last * only, which is enough: what an earlier one could take, the last can take as well.
func like(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, from, i := -1, 0, 0
	for j := 0; j < len(t); {
		switch {
		case i < len(p) && p[i] == '*':
			star, from = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			from++
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}
