package policy

import (
	"reflect"
	"slices"
)

// MayPermit reports whether p may permit anything: a withdrawal and a denial without
// provisions do not, whatever else they say.
func (p ReleasePreference) MayPermit() bool {
	return p.Status == Active && (p.Decision != Deny || len(p.Provisions) > 0)
}

// KeepsCap reports whether p leaves the patient's own cap where it is, or lowers it. A document that permits nothing must, too:
// what comes after it would be held against no cap.
func (p ReleasePreference) KeepsCap(before ReleasePreference) bool {
	return before.OwnCap == nil || p.OwnCap != nil && p.OwnCap.NanoRho <= before.OwnCap.NanoRho && p.OwnCap.Delta <= before.OwnCap.Delta
}

// Narrows reports whether p keeps the cap and permits nothing that before does not: it withdraws, denies
// without exception, or is before with less in its lists, more modifiers, an earlier end
// or a lower cap, which then may be no share of a split any more. Any other difference counts as wider, whatever it means.
func (p ReleasePreference) Narrows(before ReleasePreference) bool {
	p, before = p.Normalize(), before.Normalize()
	if !p.KeepsCap(before) {
		return false
	}
	if !p.MayPermit() {
		return true
	}
	if !endsBy(p.Period.End, before.Period.End) ||
		!within(p.PermittedUse, before.PermittedUse) || !within(before.Modifiers, p.Modifiers) || !within(p.RecipientTypes, before.RecipientTypes) ||
		!within(p.RecipientCountries, before.RecipientCountries) || !within(p.Categories, before.Categories) || !within(p.SensitiveOptIn, before.SensitiveOptIn) {
		return false
	}
	if p.CapSplit == nil {
		before.CapSplit, before.CapSalt = nil, ""
	}
	before.Period.End, before.OwnCap, before.PermittedUse, before.Modifiers = p.Period.End, p.OwnCap, p.PermittedUse, p.Modifiers
	before.RecipientTypes, before.RecipientCountries, before.Categories, before.SensitiveOptIn = p.RecipientTypes, p.RecipientCountries, p.Categories, p.SensitiveOptIn
	return reflect.DeepEqual(p, before)
}

// endsBy reports whether an end is no later than another; 0 is no end.
func endsBy(end, other int64) bool { return other == 0 || end != 0 && end <= other }

// within reports whether all of some is in all.
func within[T any](some, all []T) bool {
	return !slices.ContainsFunc(some, func(v T) bool {
		return !slices.ContainsFunc(all, func(w T) bool { return reflect.DeepEqual(v, w) })
	})
}
