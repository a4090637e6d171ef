// Package duo holds the part of GA4GH's Data Use Ontology that medmarket decides by: the five permissions, seven
// modifiers, their labels, and the one question asked of them, whether a use lies within what was permitted.
//
// It promises that a use is within a permission only if every study fitting the use also fits the permission, and that
// a term it does not know, or a use it cannot read, is within nothing.
//
// It assumes that whoever states a purpose states it truly: DUO codes are claims, and a committee vouches for them.
//
// It does not read the ontology's own tree. There GRU and POA are siblings, although general research takes in the
// study of ancestry, and among the modifiers the is-a arrows point from the wider duty to the narrower; the order here
// is written by hand instead, and compared with the published labels in the tests. Of the modifiers it holds those that
// documents here can name; what they forbid, package policy decides. Whatever else a consent form says cannot be written
// down, rather than being written down and ignored.
package duo

import (
	"errors"
	"fmt"
	"slices"
)

// Release is the ontology release whose identifiers and labels are used here.
const Release = "2021-02-23"

// Attribution must stand wherever the labels are shown: they are used under CC BY 4.0.
const Attribution = "Labels: Data Use Ontology (DUO), release " + Release +
	", by GA4GH and EMBL-EBI, https://github.com/EBISPOT/DUO, CC BY 4.0"

var (
	// ErrUnknownTerm says that a code is not one of this package's, or not in the disease ontology in use.
	ErrUnknownTerm = errors.New("unknown term")
	// ErrMalformed says that a known permission came with diseases it must not have, or without those it must.
	ErrMalformed = errors.New("malformed data use")
)

// Permission is a DUO identifier such as "DUO:0000006". It is spelled as in the ontology's CSV; the OWL file's
// underscores and its eight-digit slip for NPOA are not accepted.
type Permission string

// The permissions, widest first; POA stands beside HMB, not below it.
const (
	NRES Permission = "DUO:0000004" // anything at all, research or not
	GRU  Permission = "DUO:0000042" // any research
	HMB  Permission = "DUO:0000006" // health research, without the study of origins or ancestry
	DS   Permission = "DUO:0000007" // research on the diseases named beside it
	POA  Permission = "DUO:0000011" // the study of origins or ancestry, and nothing else
)

type term struct {
	permission       Permission
	shorthand, label string
	covers           []Permission
}

// terms is the whole lattice, written out: a reader can check each line against the words of the consent form.
var terms = []term{
	{NRES, "NRES", "no restriction", []Permission{NRES, GRU, HMB, DS, POA}},
	{GRU, "GRU", "general research use", []Permission{GRU, HMB, DS, POA}},
	{HMB, "HMB", "health or medical or biomedical research", []Permission{HMB, DS}},
	{DS, "DS", "disease specific research", []Permission{DS}},
	{POA, "POA", "population origins or ancestry research only", []Permission{POA}},
}

func lookup(p Permission) (term, bool) {
	for _, t := range terms {
		if t.permission == p {
			return t, true
		}
	}
	return term{}, false
}

// Permissions lists the known permissions, widest first.
func Permissions() []Permission {
	all := make([]Permission, len(terms))
	for i, t := range terms {
		all[i] = t.permission
	}
	return all
}

// Parse reads an identifier ("DUO:0000006") or a shorthand ("HMB"), exactly as published.
func Parse(s string) (Permission, error) {
	for _, t := range terms {
		if s == string(t.permission) || s == t.shorthand {
			return t.permission, nil
		}
	}
	return "", fmt.Errorf("data use permission: %w", ErrUnknownTerm)
}

// Known says whether p is one of [Permissions].
func (p Permission) Known() bool { _, ok := lookup(p); return ok }

// Shorthand is the ontology's short name, such as "HMB"; empty for an unknown permission.
func (p Permission) Shorthand() string { t, _ := lookup(p); return t.shorthand }

// Label is the ontology's name in words (see [Attribution]); empty for an unknown permission.
func (p Permission) Label() string { t, _ := lookup(p); return t.label }

// Covers says whether a use of one kind lies within a permission of another, diseases aside: where both are DS,
// [Within] still has to compare the diseases. A bare GRU use names no field, so only GRU and NRES cover it.
func Covers(permission, use Permission) bool {
	t, _ := lookup(permission)
	return slices.Contains(t.covers, use)
}

// kinds is a set of permissions: the n-th of terms is bit n.
type kinds uint8

// kindOf is the set of one permission; empty for an unknown one.
func kindOf(p Permission) kinds {
	for i, t := range terms {
		if t.permission == p {
			return 1 << i
		}
	}
	return 0
}

// covered are the kinds of use that lie within a permission, diseases aside.
func covered(permission Permission) (all kinds) {
	t, _ := lookup(permission)
	for _, use := range t.covers {
		all |= kindOf(use)
	}
	return all
}
