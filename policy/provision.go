package policy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// Provision is an exception from the decision of a preference: it denies where that permits, and permits where that
// denies. Its fields bear the names of FHIR R5's Consent; one that is empty says nothing, and the others must hold
// together. There are no provisions within provisions, and none has a period of its own: what is permitted changes with
// time only where the whole document starts or ends.
//
// A provision that denies does so for whatever it overlaps: one against research on cancer denies health research at
// large, which may be about cancer. One that permits does so only for what lies within it.
type Provision struct {
	Purpose       []DataUse       `json:"purpose,omitempty"`
	Actor         []RecipientType `json:"actor,omitempty"`
	Country       []string        `json:"country,omitempty"` // ISO 3166-1 alpha-2
	SecurityLabel []Label         `json:"security_label,omitempty"`
	Category      []Category      `json:"category,omitempty"`
	DataPeriod    *Period         `json:"data_period,omitempty"`
}

const maxProvisions = 16

func (c *checks) provisions(field string, p ReleasePreference) {
	c.within(field, len(p.Provisions) <= maxProvisions, "at most 16")
	for _, x := range p.Provisions {
		x.check(c, field)
		c.within(field+".security_label", p.Decision == Permit || len(x.SecurityLabel) == 0,
			"only where the decision is to permit; sensitive_opt_in permits labels")
	}
}

func (x Provision) check(c *checks, field string) {
	c.within(field, !x.empty(), "must say something")
	c.permitted(field+".purpose", x.Purpose)
	words(c, field+".actor", x.Actor, RecipientTypes())
	for _, code := range x.Country {
		c.country(field+".country", code)
	}
	words(c, field+".security_label", x.SecurityLabel, Labels())
	words(c, field+".category", x.Category, Categories())
	if x.DataPeriod != nil {
		c.period(field+".data_period", *x.DataPeriod)
	}
}

func (x Provision) empty() bool {
	return len(x.Purpose) == 0 && len(x.Actor) == 0 && len(x.Country) == 0 && len(x.SecurityLabel) == 0 && len(x.Category) == 0 &&
		x.DataPeriod == nil
}

// unreadable says of each provision whether it has a word that is not known, or says nothing.
func unreadable(all []Provision) []bool {
	if len(all) == 0 {
		return nil
	}
	list := make([]bool, len(all))
	for i, x := range all {
		var c checks
		x.check(&c, "")
		list[i] = c.err() != nil
	}
	return list
}

// denies says whether the provision of a document that permits, which can be read, takes the question away.
func (x Provision) denies(q *question) bool {
	// Of a sponsor or a country that is not known, anything may be true.
	actor := len(x.Actor) == 0 || slices.Contains(x.Actor, q.Recipient.Type) || !slices.Contains(RecipientTypes(), q.Recipient.Type)
	country := len(x.Country) == 0 || len(q.Recipient.Countries) == 0 || anyIn(q.Recipient.Countries, x.Country)
	return actor && country && (len(x.Purpose) == 0 || slices.ContainsFunc(x.Purpose, q.purpose.Overlaps)) &&
		(len(x.SecurityLabel) == 0 || anyIn(q.Labels, x.SecurityLabel)) && x.hits(q.Categories)
}

// hits says whether something of what is read falls under its categories and times.
func (x Provision) hits(uses []CategoryUse) bool {
	if len(x.Category) == 0 && x.DataPeriod == nil {
		return true
	}
	return slices.ContainsFunc(uses, func(u CategoryUse) bool {
		return (len(x.Category) == 0 || slices.Contains(x.Category, u.Category)) && (x.DataPeriod == nil || x.DataPeriod.overlaps(u.Data))
	})
}

// permits says whether the provision of a document that denies, which can be read, gives the question back.
func (x Provision) permits(q *question) bool {
	miss := func(u CategoryUse) bool {
		return len(x.Category) > 0 && !slices.Contains(x.Category, u.Category) || x.DataPeriod != nil && !x.DataPeriod.covers(u.Data)
	}
	return len(x.SecurityLabel) == 0 &&
		(len(x.Purpose) == 0 || q.purpose.Within(duo.NewPermitted(x.Purpose)) == duo.Covered) &&
		(len(x.Actor) == 0 || slices.Contains(x.Actor, q.Recipient.Type)) &&
		(len(x.Country) == 0 || allIn(q.Recipient.Countries, x.Country)) &&
		!slices.ContainsFunc(q.Categories, miss)
}

func anyIn[T comparable](values, set []T) bool {
	return slices.ContainsFunc(values, func(v T) bool { return slices.Contains(set, v) })
}

// sortedProvisions is nil for none.
func sortedProvisions(all []Provision) []Provision {
	var set []Provision
	for _, x := range all {
		if len(x.Purpose) > 0 {
			x.Purpose = duo.Normalize(x.Purpose)
		}
		set = append(set, Provision{
			x.Purpose, optionalSet(x.Actor), optionalSet(x.Country), optionalSet(x.SecurityLabel), optionalSet(x.Category), x.DataPeriod.clone(),
		})
	}
	slices.SortFunc(set, func(a, b Provision) int { return cmp.Compare(a.key(), b.key()) })
	return slices.CompactFunc(set, func(a, b Provision) bool { return a.key() == b.key() })
}

// key is the same for provisions in canonical form that say the same.
func (x Provision) key() string {
	period := "-"
	if x.DataPeriod != nil {
		period = fmt.Sprint(*x.DataPeriod)
	}
	return fmt.Sprintf("%q %q %q %q %q %s", fmt.Sprint(x.Purpose), x.Actor, x.Country, x.SecurityLabel, x.Category, period)
}
