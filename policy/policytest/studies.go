package policytest

import (
	"maps"
	"slices"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// IsA is a disease hierarchy: each disease with its direct parents.
type IsA map[string][]string

// a study is one of the smallest kinds that permissions tell apart: "on MONDO:0004992", or one of these.
const (
	onHealth    = "on health, on no disease in particular"
	onAncestry  = "on ancestry"
	onOther     = "on anything else"
	notResearch = "no research"
)

// studies are all that fit a use, also on diseases of which only their names are known; none fit one that is malformed.
func (isA IsA) studies(u policy.DataUse, named ...string) map[string]bool {
	all := map[string]bool{}
	if u.Validate() != nil {
		return all
	}
	add := func(studies ...string) {
		for _, s := range studies {
			all[s] = true
		}
	}
	switch u.Permission {
	case duo.NRES:
		add(onHealth, onAncestry, onOther, notResearch)
	case duo.GRU:
		add(onHealth, onAncestry, onOther)
	case duo.HMB:
		add(onHealth)
	case duo.POA:
		add(onAncestry)
	}
	for _, disease := range slices.Concat(slices.Collect(maps.Keys(isA)), named, u.Diseases) {
		if u.Permission == duo.NRES || u.Permission == duo.GRU || u.Permission == duo.HMB {
			add("on " + disease)
		}
		for _, other := range u.Diseases {
			if isA.is(disease, other) {
				add("on " + disease)
			}
		}
	}
	return all
}

func (isA IsA) is(disease, other string) bool {
	if disease == other {
		return true
	}
	for _, parent := range isA[disease] {
		if isA.is(parent, other) {
			return true
		}
	}
	return false
}

// within says whether every study that fits the use fits one of the permissions.
func (isA IsA) within(permitted []policy.DataUse, use policy.DataUse) bool {
	fits := map[string]bool{}
	for _, p := range permitted {
		for s := range isA.studies(p, use.Diseases...) {
			fits[s] = true
		}
	}
	some := false
	for s := range isA.studies(use) {
		some = true
		if !fits[s] {
			return false
		}
	}
	return some
}

// overlaps says whether some study may fit both: a disease that the hierarchy does not have may be a kind of any other.
func (isA IsA) overlaps(a, b policy.DataUse) bool {
	if a.Validate() != nil || b.Validate() != nil {
		return true
	}
	if a.Permission == duo.DS && b.Permission == duo.DS && !isA.knows(a.Diseases, b.Diseases) {
		return true
	}
	other := isA.studies(b, a.Diseases...)
	for s := range isA.studies(a, b.Diseases...) {
		if other[s] {
			return true
		}
	}
	return false
}

// knows says whether the hierarchy has all the diseases.
func (isA IsA) knows(lists ...[]string) bool {
	for _, disease := range slices.Concat(lists...) {
		if _, known := isA[disease]; !known {
			return false
		}
	}
	return true
}

// onlyTheDisease says whether use and some permission are both for named diseases, so that the refusal is about those.
func onlyTheDisease(permitted []policy.DataUse, use policy.DataUse) bool {
	for _, p := range permitted {
		if use.Permission == duo.DS && p.Permission == duo.DS && p.Validate() == nil && use.Validate() == nil {
			return true
		}
	}
	return false
}
