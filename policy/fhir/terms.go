package fhir

import (
	"slices"
	"strings"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// The systems of codes. Ours are under base, and so are our extensions.
const (
	base = "https://github.com/medmarket/medmarket/fhir/"
	tho  = "http://terminology.hl7.org/CodeSystem/"

	systemDUO             = "http://purl.obolibrary.org/obo/duo.owl" // codes as in its CSV: DUO:0000006
	systemMONDO           = "http://purl.obolibrary.org/obo/mondo.owl"
	systemLOINC           = "http://loinc.org"
	systemPurpose         = tho + "v3-ActReason"
	systemSensitivity     = tho + "v3-ActCode"
	systemConfidentiality = tho + "v3-Confidentiality"
	systemScope           = tho + "consentscope"
	systemRole            = tho + "v3-ParticipationType"
	systemRecipient       = base + "recipient-type"
	systemLabel           = base + "label"
	systemParty           = base + "party" // keys by address, mandates by hash

	consentDocument = "59284-0" // LOINC
	recipientRole   = "IRCP"    // information recipient
	normal          = "N"       // of confidentiality: what is not sensitive
	privacyScope    = "patient-privacy"
	researchScope   = "research"
)

// Purpose is a code of HL7's PurposeOfUse, with what it counts as.
type Purpose struct {
	Code    string
	Permits duo.Permission // where it is permitted: no wider than the code
	Denies  duo.Permission // where it is denied: no narrower
}

// Purposes are the research codes that are read; an export has the first two beside DUO's. The others are refused: of
// clinical trials and translational research (CLINTRCH, TRANSRCH) DUO has no permission, and DSRCH names no disease,
// which a coding of MONDO does.
func Purposes() []Purpose {
	return []Purpose{{"BIORCH", duo.HMB, duo.HMB}, {"POARCH", duo.POA, duo.POA}, {allResearch, duo.HMB, duo.GRU}}
}

const allResearch = "HRESCH"

// code is a coding.
type code struct{ system, code string }

func (o *object) coding() code {
	o.ignore("version", "display", "userSelected")
	c := code{o.required("system"), o.required("code")}
	o.done()
	return c
}

// codings of a CodeableConcept.
func (o *object) codings() (all []code) {
	o.ignore("text")
	for _, c := range o.children("coding") {
		all = append(all, c.coding())
	}
	o.done()
	return all
}

// use is what a coding of a purpose counts as.
func (o *object) use(permits bool) (u policy.DataUse) {
	switch c := o.coding(); {
	case c.system == systemDUO && c.code != string(duo.DS):
		u.Permission = duo.Permission(c.code)
	case c.system == systemMONDO:
		u = policy.DataUse{Permission: duo.DS, Diseases: []string{c.code}}
	case c.system == systemPurpose:
		for _, p := range Purposes() {
			switch {
			case p.Code == c.code && permits:
				u.Permission = p.Permits
			case p.Code == c.code:
				u.Permission = p.Denies
			}
		}
	}
	if u.Validate() != nil {
		o.r.fault(o.path, "is not a purpose of research that is known here; diseases are named by MONDO")
	}
	return u
}

func (o *object) uses(name string, permits bool) (all []policy.DataUse) {
	for _, c := range o.children(name) {
		all = append(all, c.use(permits))
	}
	return all
}

// codesOfUse is the way back.
func codesOfUse(uses []policy.DataUse) (all []any) {
	for _, u := range uses {
		if u.Permission == duo.DS {
			for _, d := range u.Diseases {
				all = append(all, coding(systemMONDO, d))
			}
			continue
		}
		all = append(all, coding(systemDUO, string(u.Permission)))
		for _, p := range Purposes() {
			if p.Permits == u.Permission && p.Denies == u.Permission {
				all = append(all, coding(systemPurpose, p.Code))
			}
		}
	}
	return all
}

// label is what a coding of sensitivity counts as. A code for a part of a label stands for it only where it is denied.
func (o *object) label(c code, permits bool) policy.Label {
	switch {
	case c == codeOfLabel(policy.Label(c.code)) && slices.Contains(policy.Labels(), policy.Label(c.code)):
		return policy.Label(c.code)
	case c.system == systemSensitivity && (c.code == "ETHUD" || c.code == "OPIOIDUD") && !permits:
		return policy.SubstanceUse
	}
	o.r.fault(o.path, "is not a label that can be told apart here")
	return ""
}

func codeOfLabel(l policy.Label) code {
	if l == policy.Reproduction {
		return code{systemLabel, string(l)}
	}
	return code{systemSensitivity, string(l)}
}

// optedIn is the label of what permits it.
func (o *object) optedIn() policy.Label { return o.label(o.coding(), true) }

// labels of an exception.
func (o *object) labels(permits bool) (all []policy.Label) {
	for _, x := range o.children("securityLabel") {
		all = append(all, x.label(x.coding(), permits))
	}
	return all
}

// optIn is of what permits: N and the labels beside it. Without a list nothing sensitive is permitted; without N only
// what is sensitive would be.
func (o *object) optIn() (all []policy.Label) {
	list := o.children("securityLabel")
	plain := len(list) == 0
	for _, x := range list {
		if c := x.coding(); c == (code{systemConfidentiality, normal}) {
			plain = true
		} else {
			all = append(all, x.label(c, true))
		}
	}
	if !plain {
		o.r.fault(o.at("securityLabel"), "permits what is sensitive and nothing else: N is not in it")
	}
	return all
}

// recipients are the kinds of organisation that actors are.
func (o *object) recipients() (all []policy.RecipientType) {
	for _, a := range o.children("actor") {
		if ref := a.child("reference"); ref != nil {
			ref.ignore("display", "type")
			ref.done()
		}
		role := a.child("role")
		if role == nil {
			o.r.fault(a.at("role"), "is missing")
			continue
		}
		var kinds []policy.RecipientType
		for _, c := range role.codings() {
			switch {
			case c.system == systemRecipient:
				kinds = append(kinds, policy.RecipientType(c.code))
			case c != (code{systemRole, recipientRole}):
				o.r.fault(role.path, "has a code that is not known")
			}
		}
		if len(kinds) != 1 || !slices.Contains(policy.RecipientTypes(), kinds[0]) {
			o.r.fault(role.path, "names no kind of recipient, or more than one: system "+systemRecipient)
		}
		all = append(all, kinds...)
		a.done()
	}
	return all
}

func actors(kinds []policy.RecipientType) (all []any) {
	for _, k := range kinds {
		role := node{"coding": []any{coding(systemRole, recipientRole), coding(systemRecipient, string(k))}}
		all = append(all, node{"role": role, "reference": node{"display": "any " + strings.ReplaceAll(string(k), "_", "-") + " organisation"}})
	}
	return all
}
