package policy

import (
	"cmp"
	"slices"
	"time"

	"github.com/medmarket/medmarket/policy/duo"
)

// Modifier narrows what a document permits; none ever widens. Each code has just the fields named beside it.
type Modifier struct {
	Code         duo.Modifier `json:"code"`
	Countries    []string     `json:"countries,omitempty"`    // GS: one or more, ISO 3166-1 alpha-2
	Institutions []string     `json:"institutions,omitempty"` // IS: one or more, "0x" and 64 hex digits, as registered
	Projects     []string     `json:"projects,omitempty"`     // PS: one or more, hashes of grant documents, "0x" and 64 hex digits
	Users        []string     `json:"users,omitempty"`        // US: one or more, addresses of researchers, in lower case
	Months       int          `json:"months,omitempty"`       // TS: 1 to 1200, from the start of the study, which no amendment moves
}

const (
	maxModifiers = 16
	maxMonths    = 1200
)

// ofPatients are the modifiers that a patient may name: an institution, a project, a person or a time since a grant is not
// hers to know.
func ofPatients() []duo.Modifier {
	return []duo.Modifier{duo.NPU, duo.NCU, duo.NPOA, duo.NMDS, duo.GS}
}

func (m Modifier) check(c *checks, field string, allowed []duo.Modifier) {
	known(c, field+".code", m.Code, allowed...)
	c.within(field+".countries", (len(m.Countries) > 0) == (m.Code == duo.GS), "one or more with GS, none else")
	c.within(field+".institutions", (len(m.Institutions) > 0) == (m.Code == duo.IS), "one or more with IS, none else")
	c.within(field+".projects", (len(m.Projects) > 0) == (m.Code == duo.PS), "one or more with PS, none else")
	c.within(field+".users", (len(m.Users) > 0) == (m.Code == duo.US), "one or more with US, none else")
	c.within(field+".months", (m.Months != 0) == (m.Code == duo.TS) && m.Months >= 0 && m.Months <= maxMonths, "1 to 1200 with TS, none else")
	for _, country := range m.Countries {
		c.country(field+".countries", country)
	}
	for _, institution := range m.Institutions {
		c.hex(field+".institutions", institution, 64)
	}
	for _, project := range m.Projects {
		c.hex(field+".projects", project, 64)
	}
	for _, user := range m.Users {
		c.address(field+".users", user)
	}
}

func (c *checks) modifiers(field string, all []Modifier, allowed []duo.Modifier) {
	c.within(field, len(all) <= maxModifiers, "at most 16")
	for _, m := range all {
		m.check(c, field, allowed)
	}
}

// sortedModifiers is nil for none, so that a document without modifiers does not mention them.
func sortedModifiers(all []Modifier) []Modifier {
	var set []Modifier
	for _, m := range all {
		m.Countries, m.Institutions = optionalSet(m.Countries), optionalSet(m.Institutions)
		m.Projects, m.Users = optionalSet(m.Projects), optionalSet(m.Users)
		set = append(set, m)
	}
	slices.SortFunc(set, compareModifiers)
	return slices.CompactFunc(set, func(a, b Modifier) bool { return compareModifiers(a, b) == 0 })
}

func compareModifiers(a, b Modifier) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), slices.Compare(a.Countries, b.Countries),
		slices.Compare(a.Institutions, b.Institutions), slices.Compare(a.Projects, b.Projects), slices.Compare(a.Users, b.Users),
		cmp.Compare(a.Months, b.Months))
}

// excludes says whether the modifier keeps such a use from the data. One that nobody knows does.
func (m Modifier) excludes(purpose DataUse, r Recipient, now int64) bool {
	switch m.Code {
	case duo.NPU:
		return r.Type == Commercial || !slices.Contains(RecipientTypes(), r.Type)
	case duo.NCU:
		return r.CommercialUse
	case duo.NPOA: // also a purpose so wide that ancestry could be studied under it
		return purpose.Validate() != nil || duo.Covers(purpose.Permission, duo.POA)
	case duo.NMDS:
		return purpose.Methods
	case duo.GS:
		return !allIn(r.Countries, m.Countries)
	case duo.IS:
		return !slices.Contains(m.Institutions, r.Organisation)
	case duo.PS:
		return !slices.Contains(m.Projects, r.Project)
	case duo.US:
		return !slices.Contains(m.Users, r.Researcher)
	case duo.GSO:
		return !r.Genetic
	case duo.TS:
		return m.Months < 1 || now >= time.Unix(r.Since, 0).UTC().AddDate(0, m.Months, 0).Unix()
	default:
		return true
	}
}

// allIn says whether there are countries, and each of them is permitted.
func allIn(countries, permitted []string) bool {
	return len(countries) > 0 && containsAll(permitted, countries)
}
