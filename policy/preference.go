package policy

import (
	"cmp"
	"slices"

	"github.com/medmarket/medmarket/policy/duo"
)

// Choice is a patient's answer to being counted at all.
type Choice string

// The answers. Anything else counts as Deny.
const (
	Permit Choice = "permit"
	Deny   Choice = "deny"
)

// Status says whether a preference is still what the patient wants.
type Status string

// The states of a preference. Anything else counts as Withdrawn.
const (
	Active    Status = "active"
	Withdrawn Status = "withdrawn"
)

// ReleasePreference is one patient's document. An empty list permits nothing of its kind, never everything.
type ReleasePreference struct {
	// Decision is where the document starts: Permit counts her within all that follows, but for its provisions; Deny does
	// not, but where a provision permits, and there too only within all that follows.
	Decision     Choice     `json:"decision"`
	Status       Status     `json:"status"`
	Period       Period     `json:"period"`
	PermittedUse []DataUse  `json:"permitted_use"`
	Modifiers    []Modifier `json:"modifiers,omitempty"` // NPU, NCU, NPOA, NMDS, GS
	// RecipientTypes are of the sponsor; RecipientCountries must have every country where the study works or computes.
	RecipientTypes     []RecipientType `json:"recipient_types"`
	RecipientCountries []string        `json:"recipient_countries"` // ISO 3166-1 alpha-2, or AnyCountry alone
	Categories         []CategoryScope `json:"categories"`          // each category once
	SensitiveOptIn     []Label         `json:"sensitive_opt_in,omitempty"`
	Provisions         []Provision     `json:"provisions,omitempty"`
	// GuardianUntil says that a guardian speaks here for the patient, and from when his word lapses: Unix seconds; 0: she
	// speaks for herself. Who may sign as one is the hospital's to know.
	GuardianUntil int64 `json:"guardian_until,omitempty"`
	// OwnCap is the most she may ever lose, over her whole life and whatever she permits in between; nil: as much as the
	// hospital spends. Her hospital keeps count of it. Caps at several hospitals add up, to what CapSplit says if she has split one.
	OwnCap *Loss `json:"own_cap,omitempty"`
	// CapSplit is of what cap over several hospitals OwnCap is this one's share; CapSalt opens the share's commitment.
	CapSplit *CapSplit `json:"cap_split,omitempty"`
	CapSalt  string    `json:"cap_salt,omitempty"` // "0x" and 64 lower-case hex digits
}

// CategoryScope is how much of a part of her record a patient permits to be used.
type CategoryScope struct {
	Category Category `json:"category"`
	Finest   int      `json:"finest"` // finest use, LevelExists (1) to LevelExact (5)
	// DataPeriod permits what happened in it only; nil: whenever.
	DataPeriod *Period `json:"data_period,omitempty"`
}

// Loss is an amount of privacy loss under zCDP. People state it in epsilon; it is converted once, rounded down.
type Loss struct {
	NanoRho int64 `json:"nano_rho"` // units of 1e-9 rho
	Delta   int64 `json:"delta"`    // units of 2^-63; 0 for mechanisms without delta only
}

// admits says whether a loss that is at most lost may grow by cost; meeting the cap exactly is within it. What cannot be
// a cap or a loss admits nothing.
func (c Loss) admits(lost, cost Loss) bool {
	return lost.NanoRho >= 0 && lost.Delta >= 0 && c.NanoRho >= 1 && c.Delta >= 0 &&
		cost.NanoRho <= c.NanoRho-lost.NanoRho && cost.Delta <= c.Delta-lost.Delta
}

// Validate returns every [FieldError] of the document, joined, or nil.
func (p ReleasePreference) Validate() error {
	var c checks
	known(&c, "preference.decision", p.Decision, Permit, Deny)
	known(&c, "preference.status", p.Status, Active, Withdrawn)
	c.period("preference.period", p.Period)
	c.permitted("preference.permitted_use", p.PermittedUse)
	c.modifiers("preference.modifiers", p.Modifiers, ofPatients())
	words(&c, "preference.recipient_types", p.RecipientTypes, RecipientTypes())
	c.anywhere("preference.recipient_countries", p.RecipientCountries)
	c.scopes("preference.categories", p.Categories)
	words(&c, "preference.sensitive_opt_in", p.SensitiveOptIn, Labels())
	c.provisions("preference.provisions", p)
	c.integer("preference.guardian_until", p.GuardianUntil, 0)
	if p.OwnCap != nil {
		c.integer("preference.own_cap.nano_rho", p.OwnCap.NanoRho, 1)
		c.integer("preference.own_cap.delta", p.OwnCap.Delta, 0)
	}
	c.capSplit("preference.cap_split", p)
	return c.err()
}

func (c *checks) scopes(field string, scopes []CategoryScope) {
	before := map[Category]CategoryScope{}
	for _, s := range scopes {
		known(c, field+".category", s.Category, Categories()...)
		c.level(field+".finest", s.Finest)
		if s.DataPeriod != nil {
			c.period(field+".data_period", *s.DataPeriod)
		}
		other, seen := before[s.Category]
		c.within(field, !seen || other.Finest == s.Finest && other.DataPeriod.compare(s.DataPeriod) == 0, "each category once")
		before[s.Category] = s
	}
}

func (c *checks) level(field string, level int) {
	c.within(field, level >= LevelExists && level <= LevelExact, "from 1 (coarsest) to 5 (exact)")
}

// Normalize returns the canonical form: lists are sorted sets, and those that may be left out are where they are empty.
// Two documents that say the same in another order have the same canonical form, hence the same hash. The receiver is
// left alone.
func (p ReleasePreference) Normalize() ReleasePreference {
	p.PermittedUse = duo.Normalize(p.PermittedUse)
	p.Modifiers = sortedModifiers(p.Modifiers)
	p.RecipientTypes = sortedSet(p.RecipientTypes)
	p.RecipientCountries = sortedSet(p.RecipientCountries)
	p.Categories = sortedScopes(p.Categories)
	p.SensitiveOptIn = optionalSet(p.SensitiveOptIn)
	p.Provisions = sortedProvisions(p.Provisions)
	p.OwnCap = p.OwnCap.clone()
	p.CapSplit = p.CapSplit.normalize()
	return p
}

func sortedScopes(scopes []CategoryScope) []CategoryScope {
	set := slices.AppendSeq(make([]CategoryScope, 0, len(scopes)), slices.Values(scopes))
	for i, s := range set {
		set[i].DataPeriod = s.DataPeriod.clone()
	}
	order := func(a, b CategoryScope) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Finest, b.Finest), a.DataPeriod.compare(b.DataPeriod))
	}
	slices.SortFunc(set, order)
	return slices.CompactFunc(set, func(a, b CategoryScope) bool { return order(a, b) == 0 })
}

func (c *Loss) clone() *Loss {
	if c == nil {
		return nil
	}
	return &Loss{c.NanoRho, c.Delta}
}

// AllCategories permits every part of a record, up to the given level.
func AllCategories(finest int) []CategoryScope {
	var all []CategoryScope
	for _, category := range Categories() {
		all = append(all, CategoryScope{Category: category, Finest: finest})
	}
	return all
}

// ClassDocument is what all patients of one class have in common: a preference in canonical form without what differs
// from patient to patient and is kept beside her, her end and her own cap.
type ClassDocument struct {
	Decision           Choice          `json:"decision"`
	Status             Status          `json:"status"`
	Start              int64           `json:"start"` // Unix seconds
	PermittedUse       []DataUse       `json:"permitted_use"`
	Modifiers          []Modifier      `json:"modifiers,omitempty"`
	RecipientTypes     []RecipientType `json:"recipient_types"`
	RecipientCountries []string        `json:"recipient_countries"`
	Categories         []CategoryScope `json:"categories"`
	SensitiveOptIn     []Label         `json:"sensitive_opt_in,omitempty"`
	Provisions         []Provision     `json:"provisions,omitempty"`
}

// Class splits a preference into the document of its class and what is the patient's own: her end (Unix seconds, 0: no
// end), which is the guardian's if his word lapses sooner, and her cap (nil: none).
func (p ReleasePreference) Class() (class ClassDocument, until int64, ownCap *Loss) {
	n := p.Normalize()
	until = n.Period.End
	if g := n.GuardianUntil; g != 0 && (until == 0 || g < until) {
		until = g
	}
	return ClassDocument{
		n.Decision, n.Status, n.Period.Start, n.PermittedUse, n.Modifiers, n.RecipientTypes, n.RecipientCountries,
		n.Categories, n.SensitiveOptIn, n.Provisions,
	}, until, n.OwnCap
}

// Preference is a preference of the class. Whoever's document [ReleasePreference.Class] split is counted by it just
// when her document counts her; only that her end may have been her guardian's is lost.
func (d ClassDocument) Preference(until int64, ownCap *Loss) ReleasePreference {
	return ReleasePreference{
		Decision: d.Decision, Status: d.Status, Period: Period{d.Start, until}, PermittedUse: d.PermittedUse, Modifiers: d.Modifiers,
		RecipientTypes: d.RecipientTypes, RecipientCountries: d.RecipientCountries, Categories: d.Categories,
		SensitiveOptIn: d.SensitiveOptIn, Provisions: d.Provisions, OwnCap: ownCap.clone(),
	}
}

// Validate is [ReleasePreference.Validate] without the end and the cap.
func (d ClassDocument) Validate() error { return d.Preference(0, nil).Validate() }
