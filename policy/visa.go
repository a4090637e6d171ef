package policy

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// VisaType is what kind of thing a visa says of a researcher (GA4GH Passport v1.2, "Standard Visa Type Definitions").
type VisaType string

// The types of visas.
const (
	AffiliationAndRole       VisaType = "AffiliationAndRole"       // "faculty@cam.ac.uk"
	AcceptedTermsAndPolicies VisaType = "AcceptedTermsAndPolicies" // URL of the terms
	ResearcherStatus         VisaType = "ResearcherStatus"         // URL of what makes a researcher such a one
	ControlledAccessGrants   VisaType = "ControlledAccessGrants"   // URL of a dataset
	LinkedIdentities         VisaType = "LinkedIdentities"         // other identities of the same person
)

// VisaTypes lists the types that a dataset can require. LinkedIdentities only helps others along.
func VisaTypes() []VisaType {
	return []VisaType{AffiliationAndRole, AcceptedTermsAndPolicies, ResearcherStatus, ControlledAccessGrants}
}

// Authority is who said it within the source: "by" in a visa. Empty is unknown, which no list of authorities has.
type Authority string

// The authorities.
const (
	BySelf            Authority = "self"
	ByPeer            Authority = "peer"
	BySystem          Authority = "system"
	BySigningOfficial Authority = "so"
	ByCommittee       Authority = "dac"
)

// Authorities lists every authority.
func Authorities() []Authority {
	return []Authority{BySelf, ByPeer, BySystem, BySigningOfficial, ByCommittee}
}

// Identity is a person as an issuer of visas knows her: "iss" and "sub" of a visa.
type Identity struct {
	Issuer  string `json:"issuer"` // URL
	Subject string `json:"subject"`
}

// Visa is what an issuer says of somebody. Whoever makes one has checked the issuer's signature.
type Visa struct {
	Identity
	Type      VisaType  `json:"type"`
	Value     string    `json:"value"`
	Source    string    `json:"source"`       // URL of the organisation that says it
	By        Authority `json:"by,omitempty"` // empty: unknown
	Asserted  int64     `json:"asserted"`     // when it was said, Unix seconds
	NotBefore int64     `json:"not_before,omitempty"`
	Expires   int64     `json:"expires"` // Unix seconds, from which on it says nothing
	// Conditions are fulfilled if all clauses of one of them are, each by another visa of the same person that has none.
	Conditions [][]VisaClause `json:"conditions,omitempty"`
	Linked     []Identity     `json:"linked,omitempty"` // of LinkedIdentities: what Value says
}

// VisaClause wants a visa of a type with such claims. A claim is "const:" and the text itself, "pattern:" and a text in
// which ? stands for one character and * for any, or "split_pattern:" and a pattern of one part between semicolons;
// empty, it is not looked at. Any other form is fulfilled by nothing.
type VisaClause struct {
	Type   VisaType `json:"type"`
	Value  string   `json:"value,omitempty"`
	Source string   `json:"source,omitempty"`
	By     string   `json:"by,omitempty"`
}

// Actor is what is known of the researcher besides how she is registered.
type Actor struct {
	Identities []Identity `json:"identities,omitempty"` // she has signed that they are hers
	Visas      []Visa     `json:"visas,omitempty"`      // by issuers that whoever decides trusts
	// Unread counts what she showed besides that could not be relied on.
	Unread int `json:"unread,omitempty"`
}

// RequiredVisa is what somebody must have said of a researcher who asks, in one visa.
type RequiredVisa struct {
	Type VisaType `json:"type"`
	// Values are such that any of them will do: URLs, or for affiliations "role@organisation", where * stands for any role.
	Values []string `json:"values"`
	// Issuers are those that are believed in this, one or more. They are believed as well in which identities are one person.
	Issuers []string `json:"issuers"`
	// Sources and By are those that are accepted; empty: whatever the issuer states.
	Sources []string    `json:"sources,omitempty"`
	By      []Authority `json:"by,omitempty"`
	// MaxAgeDays is how long ago it may have been said at most; 0: as long as the visa lasts.
	MaxAgeDays int64 `json:"max_age_days,omitempty"`
}

const (
	maxRequiredVisas = 16
	maxVisaWords     = 32   // in each list of one
	maxVisaURL       = 255  // bytes; GA4GH Passport v1.2, "URL Claims"
	maxVisaAge       = 3650 // days
)

func (c *checks) requiredVisas(field string, all []RequiredVisa) {
	c.within(field, len(all) <= maxRequiredVisas, "at most 16")
	for _, r := range all {
		r.check(c, field)
	}
}

func (r RequiredVisa) check(c *checks, field string) {
	known(c, field+".type", r.Type, VisaTypes()...)
	c.within(field+".values", len(r.Values) > 0 && len(r.Values) <= maxVisaWords, "1 to 32")
	c.within(field+".issuers", len(r.Issuers) > 0 && len(r.Issuers) <= maxVisaWords, "1 to 32")
	c.within(field+".sources", len(r.Sources) <= maxVisaWords, "at most 32")
	c.within(field+".max_age_days", r.MaxAgeDays >= 0 && r.MaxAgeDays <= maxVisaAge, "from 0 to 3650")
	for _, v := range r.Values {
		if r.Type == AffiliationAndRole {
			role, organisation, _ := strings.Cut(v, "@")
			c.name(field+".values", v)
			c.within(field+".values", role != "" && organisation != "" && len(v) <= maxVisaURL, "role@organisation")
			continue
		}
		c.url(field+".values", v)
	}
	for _, u := range slices.Concat(r.Issuers, r.Sources) {
		c.url(field+".issuers and sources", u)
	}
	words(c, field+".by", r.By, Authorities())
}

func (c *checks) url(field, value string) {
	u, err := url.Parse(value)
	ok := err == nil && u.Scheme != "" && u.Host != "" && len(value) <= maxVisaURL && utf8.ValidString(value) && !strings.ContainsFunc(value, unicode.IsSpace)
	c.within(field, ok, "URL of at most 255 bytes")
}

// sortedRequiredVisas is nil for none.
func sortedRequiredVisas(all []RequiredVisa) []RequiredVisa {
	var set []RequiredVisa
	for _, r := range all {
		r.Values, r.Issuers = sortedSet(r.Values), sortedSet(r.Issuers)
		r.Sources, r.By = optionalSet(r.Sources), optionalSet(r.By)
		set = append(set, r)
	}
	order := func(a, b RequiredVisa) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), slices.Compare(a.Values, b.Values), slices.Compare(a.Issuers, b.Issuers),
			slices.Compare(a.Sources, b.Sources), slices.Compare(a.By, b.By), cmp.Compare(a.MaxAgeDays, b.MaxAgeDays))
	}
	slices.SortFunc(set, order)
	return slices.CompactFunc(set, func(a, b RequiredVisa) bool { return order(a, b) == 0 })
}
