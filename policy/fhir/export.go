package fhir

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/medmarket/medmarket/policy"
)

// About is what a Consent says around a preference.
type About struct {
	Patient  string // required: address of her key, or the mandate of who speaks for her; nothing else of her is written
	Grantor  string // required: who said it: Patient, the mandate of who did for her, or Hospital
	Hospital string // required: address of the hospital's key
	Revision uint64 // of the preference
}

// Export writes a preference as a Consent of that release, indented, fields sorted. When it was said is not written: the
// hospital knows its place in a log and no time, so IHE's profile misses R4's dateTime.
//
// Errors: those of [policy.ReleasePreference.Validate]; every [UnsupportedError], joined.
func Export(p policy.ReleasePreference, to Release, about About) ([]byte, error) {
	if about.Patient == "" || about.Grantor == "" || about.Hospital == "" {
		return nil, errors.New("fhir: patient, grantor and hospital are required")
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	w := &writer{}
	var n node
	switch p = p.Normalize(); to {
	case R4:
		n = w.r4(p, about)
	case R5:
		n = w.r5(p, about)
	default:
		return nil, errors.New("fhir: the release is r4 or r5")
	}
	if len(w.faults) > 0 {
		return nil, errors.Join(w.faults...)
	}
	b, err := json.MarshalIndent(n, "", "  ")
	if err == nil && len(b) > MaxBytes {
		return nil, &UnsupportedError{"preference", fmt.Sprintf("is longer than %d bytes as a Consent", MaxBytes)}
	}
	return b, err
}

type node map[string]any

// writer collects what cannot be written.
type writer struct{ faults []error }

func (w *writer) within(field string, ok bool, what string) {
	if !ok {
		w.faults = append(w.faults, &UnsupportedError{field, what})
	}
}

// list sets a field, but never to an empty list, which FHIR does not have.
func (n node) list(name string, items []any) {
	if len(items) > 0 {
		n[name] = items
	}
}

func coding(system, code string) node { return node{"system": system, "code": code} }

func consent(p policy.ReleasePreference) node {
	status := map[policy.Status]string{policy.Active: "active", policy.Withdrawn: "inactive"}
	return node{
		"resourceType": "Consent", "status": status[p.Status],
		"category": []any{node{"coding": []any{coding(systemLOINC, consentDocument)}}},
	}
}

func party(id string) node { return node{"identifier": node{"system": systemParty, "value": id}} }

func source(about About) node {
	return node{"display": fmt.Sprintf("release preference, revision %d", about.Revision)}
}

func (w *writer) r4(p policy.ReleasePreference, about About) node {
	n, root := consent(p), node{"type": p.Decision}
	n["scope"] = node{"coding": []any{coding(systemScope, privacyScope)}}
	n["patient"], n["performer"] = party(about.Patient), []any{party(about.Grantor)}
	n["organization"], n["sourceReference"] = []any{party(about.Hospital)}, source(about)
	n["policy"] = []any{node{"uri": base + "preference"}}
	if p.Period != (policy.Period{}) {
		root["period"] = w.period("preference.period", p.Period)
	}
	if p.Decision == policy.Permit { // else it would say what is denied
		root.list("purpose", codesOfUse(p.PermittedUse))
		root.list("actor", actors(p.RecipientTypes))
		root.list("securityLabel", append([]any{coding(systemConfidentiality, normal)}, codesOfLabels(p.SensitiveOptIn)...))
		w.limits(n, p, nil)
	} else {
		w.limits(n, p, permitted(p))
	}
	opposite := map[policy.Choice]policy.Choice{policy.Permit: policy.Deny, policy.Deny: policy.Permit}
	root.list("provision", w.exceptions(p, node{"type": opposite[p.Decision]}))
	n["provision"] = root
	return n
}

func (w *writer) r5(p policy.ReleasePreference, about About) node {
	n := consent(p)
	n["decision"] = p.Decision
	n["subject"], n["grantor"] = party(about.Patient), []any{party(about.Grantor)}
	n["controller"], n["sourceReference"] = []any{party(about.Hospital)}, []any{source(about)}
	n["policyBasis"] = node{"url": base + "preference"}
	if p.Period != (policy.Period{}) {
		n["period"] = w.period("preference.period", p.Period)
	}
	w.limits(n, p, permitted(p))
	n.list("provision", w.exceptions(p, nil))
	return n
}

func (w *writer) exceptions(p policy.ReleasePreference, with node) (all []any) {
	for i, x := range p.Provisions {
		n := node{}
		for name, v := range with {
			n[name] = v
		}
		n.list("purpose", codesOfUse(x.Purpose))
		n.list("actor", actors(x.Actor))
		n.list("securityLabel", codesOfLabels(x.SecurityLabel))
		if x.DataPeriod != nil {
			n["dataPeriod"] = w.period(fmt.Sprintf("preference.provisions[%d].data_period", i), *x.DataPeriod)
		}
		if narrow := append(values("country", "valueCode", x.Country), values("part", "valueCode", x.Category)...); len(narrow) > 0 {
			n["modifierExtension"] = []any{node{"url": base + "narrowing", "extension": narrow}}
		}
		all = append(all, n)
	}
	return all
}

func codesOfLabels(labels []policy.Label) (all []any) {
	for _, l := range labels {
		c := codeOfLabel(l)
		all = append(all, coding(c.system, c.code))
	}
	return all
}

// values are extensions of one value each.
func values[T any](url, kind string, list []T) (all []any) {
	for _, v := range list {
		all = append(all, node{"url": url, kind: v})
	}
	return all
}

// permitted is what a permitting root of R4 has places of its own for.
func permitted(p policy.ReleasePreference) []any {
	all := append(values("use", "valueCoding", codesOfUse(p.PermittedUse)), values("recipient", "valueCode", p.RecipientTypes)...)
	return append(all, values("label", "valueCoding", codesOfLabels(p.SensitiveOptIn))...)
}

// limits writes our modifier extension: always where something is permitted, so that what is not said is not.
func (w *writer) limits(n node, p policy.ReleasePreference, all []any) {
	all = append(all, values("country", "valueCode", p.RecipientCountries)...)
	for i, s := range p.Categories {
		part := []any{node{"url": "category", "valueCode": s.Category}, node{"url": "finest", "valuePositiveInt": s.Finest}}
		if s.DataPeriod != nil {
			field := fmt.Sprintf("preference.categories[%d].data_period", i)
			part = append(part, node{"url": "dataPeriod", "valuePeriod": w.period(field, *s.DataPeriod)})
		}
		all = append(all, node{"url": "part", "extension": part})
	}
	for _, m := range p.Modifiers {
		code := []any{node{"url": "code", "valueCode": m.Code}}
		all = append(all, node{"url": "modifier", "extension": append(code, values("country", "valueCode", m.Countries)...)})
	}
	if p.OwnCap != nil {
		amount := func(url string, n int64) node { return node{"url": url, "valueString": strconv.FormatInt(n, 10)} }
		all = append(all, node{"url": "ownCap", "extension": []any{amount("nanoRho", p.OwnCap.NanoRho), amount("delta", p.OwnCap.Delta)}})
	}
	if p.GuardianUntil != 0 {
		all = append(all, node{"url": "guardianUntil", "valueDateTime": w.moment("preference.guardian_until", p.GuardianUntil)})
	}
	if len(all) > 0 || p.Decision == policy.Permit || len(p.Provisions) > 0 {
		all = append([]any{node{"url": "version", "valuePositiveInt": formatVersion}}, all...)
		n["modifierExtension"] = []any{node{"url": base + "limits", "extension": all}}
	}
}
