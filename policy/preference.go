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
	return c.err()
}

// Normalize returns the canonical form: lists are sorted sets. Two documents that say the same in another order have
// the same canonical form, hence the same hash. The receiver is left alone.
func (p ReleasePreference) Normalize() ReleasePreference {
	p.PermittedUse = duo.Normalize(p.PermittedUse)
	p.RecipientTypes = sortedSet(p.RecipientTypes)
	p.Categories = sortedSet(p.Categories)
	return p
}

// ClassDocument is what all patients of one class have in common: a preference in canonical form without its end,
// which differs from patient to patient and is kept beside her.
type ClassDocument struct {
	Decision       Choice          `json:"decision"`
	Status         Status          `json:"status"`
	Start          int64           `json:"start"` // Unix seconds
	PermittedUse   []DataUse       `json:"permitted_use"`
	RecipientTypes []RecipientType `json:"recipient_types"`
	Categories     []Category      `json:"categories"`
}

// Class splits a preference into the document of its class and the patient's own end (Unix seconds, 0: no end).
func (p ReleasePreference) Class() (class ClassDocument, until int64) {
	n := p.Normalize()
	return ClassDocument{n.Decision, n.Status, n.Period.Start, n.PermittedUse, n.RecipientTypes, n.Categories}, n.Period.End
}

// Preference is the inverse of [ReleasePreference.Class].
func (d ClassDocument) Preference(until int64) ReleasePreference {
	return ReleasePreference{d.Decision, d.Status, Period{d.Start, until}, d.PermittedUse, d.RecipientTypes, d.Categories}
}

// Validate is [ReleasePreference.Validate] without the end.
func (d ClassDocument) Validate() error { return d.Preference(0).Validate() }
