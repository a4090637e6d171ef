package policy

import "github.com/medmarket/medmarket/policy/duo"

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
	Decision       Choice          `json:"decision"`
	Status         Status          `json:"status"`
	Period         Period          `json:"period"`
	PermittedUse   []DataUse       `json:"permitted_use"`
	RecipientTypes []RecipientType `json:"recipient_types"`
	Categories     []Category      `json:"categories"`
	// OwnCap is the most she may ever lose, over her whole life and whatever she permits in between; nil: as much as the
	// hospital spends. Her hospital keeps count of it.
	OwnCap *Loss `json:"own_cap,omitempty"`
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
	c.uses("preference.permitted_use", p.PermittedUse)
	for _, r := range p.RecipientTypes {
		known(&c, "preference.recipient_types", r, RecipientTypes()...)
	}
	for _, category := range p.Categories {
		known(&c, "preference.categories", category, Categories()...)
	}
	if p.OwnCap != nil {
		c.integer("preference.own_cap.nano_rho", p.OwnCap.NanoRho, 1)
		c.integer("preference.own_cap.delta", p.OwnCap.Delta, 0)
	}
	return c.err()
}

// Normalize returns the canonical form: lists are sorted sets. Two documents that say the same in another order have
// the same canonical form, hence the same hash. The receiver is left alone.
func (p ReleasePreference) Normalize() ReleasePreference {
	p.PermittedUse = duo.Normalize(p.PermittedUse)
	p.RecipientTypes = sortedSet(p.RecipientTypes)
	p.Categories = sortedSet(p.Categories)
	p.OwnCap = p.OwnCap.clone()
	return p
}

func (c *Loss) clone() *Loss {
	if c == nil {
		return nil
	}
	return &Loss{c.NanoRho, c.Delta}
}

// ClassDocument is what all patients of one class have in common: a preference in canonical form without its end and
// own cap, which differ from patient to patient and are kept beside her.
type ClassDocument struct {
	Decision       Choice          `json:"decision"`
	Status         Status          `json:"status"`
	Start          int64           `json:"start"` // Unix seconds
	PermittedUse   []DataUse       `json:"permitted_use"`
	RecipientTypes []RecipientType `json:"recipient_types"`
	Categories     []Category      `json:"categories"`
}

// Class splits a preference into the document of its class and what is the patient's own: her end (Unix seconds,
// 0: no end) and her cap (nil: none).
func (p ReleasePreference) Class() (class ClassDocument, until int64, ownCap *Loss) {
	n := p.Normalize()
	class = ClassDocument{n.Decision, n.Status, n.Period.Start, n.PermittedUse, n.RecipientTypes, n.Categories}
	return class, n.Period.End, n.OwnCap
}

// Preference is the inverse of [ReleasePreference.Class].
func (d ClassDocument) Preference(until int64, ownCap *Loss) ReleasePreference {
	return ReleasePreference{
		d.Decision, d.Status, Period{d.Start, until}, d.PermittedUse, d.RecipientTypes, d.Categories, ownCap.clone(),
	}
}

// Validate is [ReleasePreference.Validate] without the end and the cap.
func (d ClassDocument) Validate() error { return d.Preference(0, nil).Validate() }
