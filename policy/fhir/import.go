package fhir

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// Import reads a Consent, R4 or R5, as a preference in canonical form. A Consent that permits must say for whom and what: for
// which uses, to which kinds of recipients, in which countries, of which parts of the record and how finely. What of
// these it leaves unsaid is taken from rest, which is the patient's own choice; with a nil rest it is refused.
//
// Errors: [ErrSyntax]; every [UnsupportedError], joined; [ErrRest]; those of [policy.ReleasePreference.Validate].
func Import(b []byte, rest *policy.ReleasePreference) (policy.ReleasePreference, error) {
	r := &reader{}
	o, err := r.resource(b)
	if err != nil {
		return policy.ReleasePreference{}, err
	}
	d := &draft{reader: r}
	switch r4, r5 := o.has("scope"), o.has("decision"); {
	case r4 == r5:
		r.fault(o.path, "is neither R4, which has a scope, nor R5, which has a decision: nothing in it can be decided by")
	case r4:
		d.r4(o)
	default:
		d.r5(o)
	}
	if len(r.faults) == 0 {
		err = d.complete(o.path, rest)
	}
	if err := errors.Join(append(r.faults, err)...); err != nil {
		return policy.ReleasePreference{}, err
	}
	p := d.Normalize()
	if err := p.Validate(); err != nil {
		return policy.ReleasePreference{}, fmt.Errorf("what the Consent says is not a preference: %w", err)
	}
	return p, nil
}

// draft is a preference while it is read.
type draft struct {
	*reader
	policy.ReleasePreference
	limited bool           // it has our limits, so that what is not said is not permitted
	data    *policy.Period // times for all parts of the record
}

func (d *draft) r4(o *object) {
	d.around(o)
	o.ignore("patient", "dateTime", "performer", "organization", "sourceAttachment", "policy")
	if scope := o.child("scope"); !scopes(scope.codings()) {
		o.r.fault(scope.path, "is neither "+privacyScope+" nor "+researchScope)
	}
	if root := o.child("provision"); root == nil {
		o.r.fault(o.at("provision"), "is missing: nothing is decided that can be read")
	} else {
		d.root(root)
	}
	o.done()
}

// root is R4's provision of the whole Consent.
func (d *draft) root(root *object) {
	d.Decision = root.decision("type")
	if p := root.period("period", 0); p != nil {
		d.Period = *p
	}
	if d.Decision == policy.Deny {
		d.denial(root)
	} else {
		uses, kinds, labels := root.uses("purpose", true), root.recipients(), root.optIn()
		if len(uses) > 0 && len(d.PermittedUse) > 0 || len(kinds) > 0 && len(d.RecipientTypes) > 0 ||
			len(labels) > 0 && len(d.SensitiveOptIn) > 0 {
			root.r.fault(root.path, "says what its limits say too")
		}
		d.PermittedUse, d.RecipientTypes = append(d.PermittedUse, uses...), append(d.RecipientTypes, kinds...)
		d.SensitiveOptIn = append(d.SensitiveOptIn, labels...)
		d.data = root.dataPeriod("dataPeriod")
	}
	for _, x := range root.children("provision") {
		if x.decision("type") == d.Decision {
			x.r.fault(x.at("type"), "is that of what it is an exception from")
		}
		d.except(x)
	}
	root.done()
}

// denial is a root that denies: all, or all research. Of anything less it would be open what becomes of the rest.
func (d *draft) denial(root *object) {
	list := root.children("purpose")
	all := len(list) == 0
	for _, c := range list {
		all = c.coding() == (code{systemPurpose, allResearch}) || all
	}
	if !all {
		root.r.fault(root.at("purpose"), "denies some purposes, and leaves the others open")
	}
}

func (d *draft) r5(o *object) {
	d.around(o)
	o.ignore("subject", "date", "grantor", "manager", "controller", "sourceAttachment", "policyBasis", "policyText")
	d.Decision = o.decision("decision")
	if p := o.period("period", 0); p != nil {
		d.Period = *p
	}
	for _, x := range o.children("provision") {
		d.except(x)
	}
	o.done()
}

// around is what both releases have around what is decided.
func (d *draft) around(o *object) {
	o.ignore("meta", "language", "text", "contained", "extension", "identifier", "sourceReference")
	statuses := map[string]policy.Status{"active": policy.Active, "inactive": policy.Withdrawn}
	var ok bool
	if d.Status, ok = statuses[o.required("status")]; !ok {
		o.r.fault(o.at("status"), "is neither active nor inactive: it is nobody's word")
	}
	known := false
	for _, c := range o.children("category") {
		all := c.codings()
		known = known || scopes(all) || slices.Contains(all, code{systemLOINC, consentDocument})
	}
	if !known && !o.has("scope") { // R4's scope says it too
		o.r.fault(o.at("category"), "says nowhere that it is about privacy or research (LOINC "+consentDocument+")")
	}
	if x := o.ours("limits"); x != nil {
		d.limits(x)
	}
}

func scopes(all []code) bool {
	return slices.Contains(all, code{systemScope, privacyScope}) || slices.Contains(all, code{systemScope, researchScope})
}

func (o *object) decision(name string) policy.Choice {
	c := policy.Choice(o.text(name))
	if c != policy.Permit && c != policy.Deny {
		o.r.fault(o.at(name), "is neither permit nor deny")
	}
	return c
}

// except reads an exception.
func (d *draft) except(x *object) {
	permits := d.Decision == policy.Deny
	p := policy.Provision{
		Purpose: x.uses("purpose", permits), Actor: x.recipients(), SecurityLabel: x.labels(permits), DataPeriod: x.dataPeriod("dataPeriod"),
	}
	if n := x.ours("narrowing"); n != nil {
		n.parts(map[string]func(*object){
			"country": func(o *object) { p.Country = append(p.Country, o.required("valueCode")) },
			"part":    func(o *object) { p.Category = append(p.Category, policy.Category(o.required("valueCode"))) },
		})
	}
	d.Provisions = append(d.Provisions, p)
	x.done()
}

// limits reads our modifier extension.
func (d *draft) limits(x *object) {
	d.limited = true
	version := 0
	x.parts(map[string]func(*object){
		"version": func(o *object) { version, _ = value[int](o.once(version != 0), "valuePositiveInt", "a whole number") },
		"use":     func(o *object) { d.PermittedUse = append(d.PermittedUse, o.coded().use(true)) },
		"label":   func(o *object) { d.SensitiveOptIn = append(d.SensitiveOptIn, o.coded().optedIn()) },
		"recipient": func(o *object) {
			d.RecipientTypes = append(d.RecipientTypes, policy.RecipientType(o.required("valueCode")))
		},
		"country":       func(o *object) { d.RecipientCountries = append(d.RecipientCountries, o.required("valueCode")) },
		"part":          func(o *object) { d.Categories = append(d.Categories, o.scope()) },
		"modifier":      func(o *object) { d.Modifiers = append(d.Modifiers, o.modifier()) },
		"ownCap":        func(o *object) { d.OwnCap = o.loss(d.OwnCap) },
		"guardianUntil": func(o *object) { d.GuardianUntil = o.once(d.GuardianUntil != 0).moment("valueDateTime") },
	})
	if version != formatVersion {
		d.fault(x.path, "is of another version than 1")
	}
}

const formatVersion = 1

// coded is the coding of an extension.
func (o *object) coded() *object {
	if c := o.child("valueCoding"); c != nil {
		return c
	}
	o.r.fault(o.at("valueCoding"), "is missing")
	return &object{r: &reader{}, path: o.path}
}

// once refuses what was said before.
func (o *object) once(before bool) *object {
	if before {
		o.r.fault(o.path, "is said twice")
	}
	return o
}

func (o *object) scope() (s policy.CategoryScope) {
	o.parts(map[string]func(*object){
		"category":   func(x *object) { s.Category = policy.Category(x.once(s.Category != "").required("valueCode")) },
		"finest":     func(x *object) { s.Finest, _ = value[int](x.once(s.Finest != 0), "valuePositiveInt", "a whole number") },
		"dataPeriod": func(x *object) { s.DataPeriod = x.once(s.DataPeriod != nil).dataPeriod("valuePeriod") },
	})
	return s
}

func (o *object) modifier() (m policy.Modifier) {
	o.parts(map[string]func(*object){
		"code":    func(x *object) { m.Code = duo.Modifier(x.once(m.Code != "").required("valueCode")) },
		"country": func(x *object) { m.Countries = append(m.Countries, x.required("valueCode")) },
	})
	return m
}

func (o *object) loss(before *policy.Loss) *policy.Loss {
	o.once(before != nil)
	var l policy.Loss
	amount := func(to *int64) func(*object) {
		return func(x *object) {
			n, err := strconv.ParseInt(x.once(*to != 0).required("valueString"), 10, 64)
			if err != nil {
				x.r.fault(x.path, "is not a whole number")
			}
			*to = n
		}
	}
	o.parts(map[string]func(*object){"nanoRho": amount(&l.NanoRho), "delta": amount(&l.Delta)})
	return &l
}

// complete takes from rest what the Consent does not say.
func (d *draft) complete(path string, rest *policy.ReleasePreference) error {
	open := !d.limited && (d.Decision == policy.Permit || len(d.Provisions) > 0)
	used := false
	for _, f := range []struct {
		unsaid bool
		what   string
		take   func()
	}{
		{len(d.PermittedUse) == 0, "for which purposes", func() { d.PermittedUse = rest.PermittedUse }},
		{len(d.RecipientTypes) == 0, "to which kinds of recipients", func() { d.RecipientTypes = rest.RecipientTypes }},
		{len(d.RecipientCountries) == 0, "in which countries", func() { d.RecipientCountries = rest.RecipientCountries }},
		{len(d.Categories) == 0, "of which parts of the record, and how finely", func() { d.Categories = slices.Clone(rest.Categories) }},
	} {
		switch {
		case open && f.unsaid && rest == nil:
			d.fault(path, "permits something, and does not say "+f.what)
		case open && f.unsaid:
			f.take()
			used = true
		}
	}
	if rest != nil && !used {
		return ErrRest
	}
	for i := range d.Categories {
		switch {
		case d.data != nil && d.Categories[i].DataPeriod != nil:
			d.fault(path+".provision.dataPeriod", "is said of some parts of the record too")
		case d.data != nil:
			d.Categories[i].DataPeriod = d.data
		}
	}
	return nil
}
