package policy_test

import (
	"testing"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

func TestNarrows(t *testing.T) {
	before := policy.AnyHealthResearch()
	before.Period = policy.Period{Start: 5, End: 100}
	before.OwnCap = &policy.Loss{NanoRho: 50, Delta: 5}
	before.CapSplit, before.CapSalt = &policy.CapSplit{Total: policy.Loss{NanoRho: 70}}, "0x1"
	before.SensitiveOptIn = []policy.Label{policy.Labels()[0]}
	before.RecipientCountries, before.Modifiers = []string{"DE", "FR"}, modified(duo.NPU)
	for name, c := range map[string]struct {
		change func(*policy.ReleasePreference)
		want   bool
	}{
		"the same":            {func(*policy.ReleasePreference) {}, true},
		"withdrawn":           {func(p *policy.ReleasePreference) { p.Status = policy.Withdrawn; p.Period.End = 0 }, true},
		"withdrawn, no cap":   {func(p *policy.ReleasePreference) { p.Status, p.OwnCap = policy.Withdrawn, nil }, false},
		"denied":              {func(p *policy.ReleasePreference) { p.Decision = policy.Deny }, true},
		"denied but for some": {func(p *policy.ReleasePreference) { p.Decision, p.Provisions = policy.Deny, []policy.Provision{{}} }, false},
		"an exception":        {func(p *policy.ReleasePreference) { p.Provisions = []policy.Provision{{}} }, false},
		"an earlier end":      {func(p *policy.ReleasePreference) { p.Period.End = 99 }, true},
		"a later end":         {func(p *policy.ReleasePreference) { p.Period.End = 101 }, false},
		"no end":              {func(p *policy.ReleasePreference) { p.Period.End = 0 }, false},
		"an earlier start":    {func(p *policy.ReleasePreference) { p.Period.Start = 4 }, false},
		"a lower cap":         {func(p *policy.ReleasePreference) { p.OwnCap = &policy.Loss{NanoRho: 49, Delta: 5} }, true},
		"a higher cap":        {func(p *policy.ReleasePreference) { p.OwnCap = &policy.Loss{NanoRho: 51, Delta: 5} }, false},
		"more of its delta":   {func(p *policy.ReleasePreference) { p.OwnCap = &policy.Loss{NanoRho: 49, Delta: 6} }, false},
		"no split any more":   {func(p *policy.ReleasePreference) { p.CapSplit, p.CapSalt = nil, "" }, true},
		"a lower cap, no split": {func(p *policy.ReleasePreference) {
			p.OwnCap, p.CapSplit, p.CapSalt = &policy.Loss{NanoRho: 49, Delta: 5}, nil, ""
		}, true},
		"another split":         {func(p *policy.ReleasePreference) { p.CapSplit = &policy.CapSplit{Total: policy.Loss{NanoRho: 60}} }, false},
		"another salt":          {func(p *policy.ReleasePreference) { p.CapSalt = "0x0" }, false},
		"no cap":                {func(p *policy.ReleasePreference) { p.OwnCap = nil }, false},
		"fewer categories":      {func(p *policy.ReleasePreference) { p.Categories = p.Categories[1:] }, true},
		"no country":            {func(p *policy.ReleasePreference) { p.RecipientCountries = nil }, true},
		"another country":       {func(p *policy.ReleasePreference) { p.RecipientCountries = []string{"DE", "US"} }, false},
		"coarser categories":    {func(p *policy.ReleasePreference) { p.Categories = policy.AllCategories(policy.LevelCodes) }, false},
		"other organisations":   {func(p *policy.ReleasePreference) { p.RecipientTypes = policy.RecipientTypes() }, false},
		"another modifier":      {func(p *policy.ReleasePreference) { p.Modifiers = modified(duo.NPU, duo.NMDS) }, true},
		"no modifier":           {func(p *policy.ReleasePreference) { p.Modifiers = nil }, false},
		"another use":           {func(p *policy.ReleasePreference) { p.PermittedUse = []policy.DataUse{{Permission: duo.NRES}} }, false},
		"nothing sensitive":     {func(p *policy.ReleasePreference) { p.SensitiveOptIn = nil }, true},
		"more that's sensitive": {func(p *policy.ReleasePreference) { p.SensitiveOptIn = policy.Labels()[:2] }, false},
		"a guardian's word":     {func(p *policy.ReleasePreference) { p.GuardianUntil = 90 }, false},
	} {
		p := before
		c.change(&p)
		if got := p.Narrows(before); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	endless := before
	endless.Period.End = 0
	if !before.Narrows(endless) || !endless.Narrows(endless) {
		t.Error("an end where there was none is wider")
	}
	if withdrawn := (policy.ReleasePreference{Decision: policy.Deny, Status: policy.Withdrawn}); before.Narrows(withdrawn) {
		t.Error("permits after a withdrawal")
	}
}
