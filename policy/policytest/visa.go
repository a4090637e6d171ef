package policytest

import (
	"regexp"
	"strings"

	"github.com/medmarket/medmarket/policy"
)

func (v *verdict) visas(in policy.Input) {
	lapsed, invalid := false, false
	missing := map[policy.VisaType]bool{}
	for _, r := range in.Policy.RequiredVisas {
		if met(in, r) {
			continue
		}
		missing[r.Type] = true
		invalid = invalid || in.Actor.Unread > 0
		for _, visa := range in.Actor.Visas {
			if says(r, visa) {
				lapsed = lapsed || over(in, r, visa)
				invalid = invalid || !over(in, r, visa)
			}
		}
	}
	v.say("ACTOR_VISA_INVALID", invalid)
	v.say("ACTOR_VISA_EXPIRED", lapsed)
	v.say("ACTOR_VISA_MISSING", missing["AffiliationAndRole"] || missing["ControlledAccessGrants"])
	v.say("ACTOR_NOT_BONA_FIDE", missing["ResearcherStatus"])
	own := in.Policy.Terms != nil && in.Policy.Terms.Revision != in.TermsAccepted
	v.say("TERMS_NOT_ACCEPTED", own || missing["AcceptedTermsAndPolicies"])
}

func met(in policy.Input, r policy.RequiredVisa) bool {
	for _, v := range in.Actor.Visas {
		if Meets(in, r, v) {
			return true
		}
	}
	return false
}

// Meets says whether a visa is what a dataset requires of the researcher.
func Meets(in policy.Input, r policy.RequiredVisa, v policy.Visa) bool {
	if !says(r, v) || over(in, r, v) || v.NotBefore > in.Request.Now || !isHers(in, r, v.Identity) {
		return false
	}
	for _, alternative := range v.Conditions {
		all := len(alternative) > 0
		for _, clause := range alternative {
			all = all && someVisaIs(in, r, clause)
		}
		if all {
			return true
		}
	}
	return len(v.Conditions) == 0
}

// says compares what is said, by whom, with what is wanted.
func says(r policy.RequiredVisa, v policy.Visa) bool {
	value := has(r.Values, v.Value)
	if at := strings.Index(v.Value, "@"); r.Type == "AffiliationAndRole" && at >= 0 {
		value = value || has(r.Values, "*"+v.Value[at:])
	}
	return v.Type == r.Type && value && has(r.Issuers, v.Issuer) &&
		(len(r.Sources) == 0 || has(r.Sources, v.Source)) && (len(r.By) == 0 || has(r.By, v.By))
}

func over(in policy.Input, r policy.RequiredVisa, v policy.Visa) bool {
	old := r.MaxAgeDays != 0 && in.Request.Now >= v.Asserted+r.MaxAgeDays*86_400
	return v.Expires <= in.Request.Now || old
}

func inForce(in policy.Input, v policy.Visa) bool {
	return v.NotBefore <= in.Request.Now && in.Request.Now < v.Expires && len(v.Conditions) == 0
}

// isHers looks for a way from the identity to one that she signed for: each step is a visa that links the two.
func isHers(in policy.Input, r policy.RequiredVisa, id policy.Identity) bool {
	seen := map[policy.Identity]bool{}
	var reach func(policy.Identity) bool
	reach = func(from policy.Identity) bool {
		if seen[from] {
			return false
		}
		seen[from] = true
		if has(in.Actor.Identities, from) {
			return true
		}
		for _, v := range in.Actor.Visas {
			if v.Type != "LinkedIdentities" || !has(r.Issuers, v.Issuer) || !inForce(in, v) {
				continue
			}
			if v.Identity != from && !has(v.Linked, from) {
				continue
			}
			for _, to := range append([]policy.Identity{v.Identity}, v.Linked...) {
				if reach(to) {
					return true
				}
			}
		}
		return false
	}
	return reach(id)
}

func someVisaIs(in policy.Input, r policy.RequiredVisa, c policy.VisaClause) bool {
	if c.Value == "" && c.Source == "" && c.By == "" {
		return false
	}
	for _, v := range in.Actor.Visas {
		if v.Type == c.Type && inForce(in, v) && isHers(in, r, v.Identity) &&
			fits(c.Value, v.Value) && fits(c.Source, v.Source) && fits(c.By, string(v.By)) {
			return true
		}
	}
	return false
}

// fits turns what a clause wants into a regular expression.
func fits(want, claim string) bool {
	text := func(s, character string) string {
		return strings.NewReplacer(`\?`, character, `\*`, character+"*").Replace(regexp.QuoteMeta(s))
	}
	is := func(pattern, s string) bool { return regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(s) }
	if want == "" {
		return true
	}
	if s, ok := strings.CutPrefix(want, "const:"); ok {
		return is(regexp.QuoteMeta(s), claim)
	}
	if s, ok := strings.CutPrefix(want, "pattern:"); ok {
		return is(text(s, "."), claim)
	}
	if s, ok := strings.CutPrefix(want, "split_pattern:"); ok {
		return !strings.Contains(s, ";") && is("(?:[^;]*;)*"+text(s, "[^;]")+"(?:;[^;]*)*", claim)
	}
	return false
}

// required draws what a dataset may require.
func required(d draw) policy.RequiredVisa {
	r := policy.RequiredVisa{
		Type: one(d, policy.VisaTypes()...), Values: []string{one(d, "https://v.example/1", "https://v.example/2")}, Issuers: []string{one(d, issuers...)},
		Sources: some(d, sources...), By: some(d, policy.Authorities()...), MaxAgeDays: one[int64](d, 0, 0, 1),
	}
	if d.IntN(2) == 0 {
		r.Sources, r.By = nil, nil
	}
	if d.IntN(3) == 0 {
		r.Issuers = issuers
	}
	if r.Type == policy.AffiliationAndRole {
		r.Values = some(d, "faculty@u.example", "*@u.example", "student@u.example")
	}
	if d.IntN(40) == 0 {
		r = one(d, policy.RequiredVisa{}, policy.RequiredVisa{Type: "LinkedIdentities", Values: []string{"a"}, Issuers: issuers},
			policy.RequiredVisa{Type: "ResearcherStatus", Values: []string{"bona fide"}, Issuers: issuers, By: []policy.Authority{"me"}, MaxAgeDays: -1})
	}
	return r
}

var (
	issuers  = []string{"https://i.example", "https://j.example"}
	sources  = []string{"https://s.example", "https://t.example"}
	subjects = []string{"1", "2", "3"}
	values   = []string{"https://v.example/1", "https://v.example/2", "faculty@u.example", "staff@u.example", "x;1,https:%2F%2Fi.example"}
	claims   = []string{"", "const:https://v.example/1", "const:faculty@u.example", "pattern:*@u.example", "pattern:?*/1", "pattern:**a*y@?.ex*e", "split_pattern:1,*", "split_pattern:x", "regexp:.*", "const"}
)

func (d draw) identity() policy.Identity {
	return policy.Identity{Issuer: one(d, issuers...), Subject: one(d, subjects...)}
}

func (d draw) visa() policy.Visa {
	v := policy.Visa{
		Identity: d.identity(), Type: one(d, append(policy.VisaTypes(), "LinkedIdentities", "LinkedIdentities", "*")...), Value: one(d, values...),
		Source: one(d, sources...), By: one(d, append(policy.Authorities(), "")...), Asserted: 500, Expires: one[int64](d, 2_000, 1_000, 1_001, 90_000_000),
	}
	if v.Type == "LinkedIdentities" {
		v.Linked = []policy.Identity{d.identity(), d.identity()}
	}
	if d.IntN(4) == 0 {
		v.NotBefore = one[int64](d, 1_000, 1_001)
	}
	for range d.IntN(5) - 2 {
		var clauses []policy.VisaClause
		for range d.IntN(3) {
			clauses = append(clauses, policy.VisaClause{
				Type: one(d, policy.VisaTypes()...), Value: one(d, claims...), Source: one(d, "", "", "pattern:*s*"), By: one(d, "", "", "const:so", "pattern:*"),
			})
		}
		v.Conditions = append(v.Conditions, clauses)
	}
	return v
}

// visas draws what is required, and what is shown: often just that.
func (d draw) visas(in *policy.Input) {
	r := required(d)
	in.Policy.RequiredVisas = append(in.Policy.RequiredVisas, r)
	for range d.IntN(4) {
		v := d.visa()
		if d.IntN(3) > 0 && len(r.Values) > 0 && len(r.Issuers) > 0 && v.Type != "LinkedIdentities" {
			v.Type, v.Value, v.Issuer = r.Type, one(d, r.Values...), one(d, r.Issuers...)
			if len(r.Sources) > 0 {
				v.Source = one(d, r.Sources...)
			}
			if len(r.By) > 0 {
				v.By = one(d, r.By...)
			}
			if d.IntN(2) == 0 {
				in.Actor.Identities = append(in.Actor.Identities, v.Identity)
			}
		}
		in.Actor.Visas = append(in.Actor.Visas, v)
	}
	in.Actor.Identities = append(in.Actor.Identities, d.identity())
	if d.IntN(10) == 0 {
		in.Actor.Unread++
	}
}
