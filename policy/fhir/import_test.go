package fhir_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
	"github.com/medmarket/medmarket/policy/fhir"
)

// r4 permits biomedical research and that on two diseases to universities, on all that is not sensitive and on mental
// health, until the end of 2029; not on ancestry, and not to anyone of what happened before 2010.
const r4 = `{
  "resourceType": "Consent", "id": "c1", "meta": {"profile": ["https://example.org/consent"]},
  "text": {"status": "generated", "div": "<div>Research, yes.</div>"},
  "status": "active",
  "scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]},
  "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}]}],
  "patient": {"reference": "Patient/p1"}, "dateTime": "2026-05-04", "performer": [{"reference": "Patient/p1"}],
  "organization": [{"reference": "Organization/st-ada"}], "sourceReference": {"reference": "DocumentReference/d1"},
  "policy": [{"uri": "https://example.org/policy/7"}],
  "provision": {
    "type": "permit",
    "period": {"start": "2026-05-04T00:00:00+02:00", "end": "2029"},
    "actor": [{
      "role": {"coding": [
        {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"},
        {"system": "https://github.com/medmarket/medmarket/fhir/recipient-type", "code": "academic"}]},
      "reference": {"display": "universities"}}],
    "purpose": [
      {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BIORCH"},
      {"system": "http://purl.obolibrary.org/obo/mondo.owl", "code": "MONDO:0005148"}],
    "securityLabel": [
      {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"},
      {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}],
    "provision": [
      {"type": "deny", "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "POARCH"}]},
      {"type": "deny", "dataPeriod": {"end": "2009-12"},
       "securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPIOIDUD"}]}]
  }
}`

// r5 denies, but permits research on diabetes to universities, and says where and what of the record itself.
const r5 = `{
  "resourceType": "Consent", "status": "active",
  "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]}],
  "subject": {"reference": "Patient/p1"}, "date": "2026-05-04", "grantor": [{"reference": "Patient/p1"}],
  "period": {"end": "2027-02-28"},
  "decision": "deny",
  "modifierExtension": [{"url": "https://github.com/medmarket/medmarket/fhir/limits", "extension": [
    {"url": "version", "valuePositiveInt": 1},
    {"url": "use", "valueCoding": {"system": "http://purl.obolibrary.org/obo/duo.owl", "code": "DUO:0000006"}},
    {"url": "recipient", "valueCode": "academic"},
    {"url": "country", "valueCode": "DE"},
    {"url": "part", "extension": [{"url": "category", "valueCode": "conditions"}, {"url": "finest", "valuePositiveInt": 3},
      {"url": "dataPeriod", "valuePeriod": {"start": "2020-01-01"}}]},
    {"url": "modifier", "extension": [{"url": "code", "valueCode": "DUO:0000046"}]},
    {"url": "ownCap", "extension": [{"url": "nanoRho", "valueString": "9007199254740991"}, {"url": "delta", "valueString": "7"}]},
    {"url": "guardianUntil", "valueDateTime": "2026-12-31T22:00:00Z"}]}],
  "provision": [{
    "purpose": [{"system": "http://purl.obolibrary.org/obo/mondo.owl", "code": "MONDO:0005148"}],
    "modifierExtension": [{"url": "https://github.com/medmarket/medmarket/fhir/narrowing", "extension": [{"url": "country", "valueCode": "DE"}]}],
    "actor": [{"role": {"coding": [{"system": "https://github.com/medmarket/medmarket/fhir/recipient-type", "code": "academic"}]}}]}]
}`

const (
	diabetes = "MONDO:0005148"
	day      = 24 * 60 * 60
	y2010    = 1262304000 // 2010-01-01T00:00:00Z
	y2020    = 1577836800
	y2030    = 1893456000
)

func fromR4() policy.ReleasePreference {
	return policy.ReleasePreference{
		Decision: policy.Permit, Status: policy.Active, Period: policy.Period{Start: 1777845600, End: y2030}, // 2026-05-03T22:00:00Z
		PermittedUse:   []policy.DataUse{{Permission: duo.HMB}, {Permission: duo.DS, Diseases: []string{diabetes}}},
		RecipientTypes: []policy.RecipientType{policy.Academic}, RecipientCountries: []string{policy.AnyCountry},
		Categories:     []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelGroups}},
		SensitiveOptIn: []policy.Label{policy.Psychiatry},
		Provisions: []policy.Provision{
			{Purpose: []policy.DataUse{{Permission: duo.POA}}},
			{SecurityLabel: []policy.Label{policy.SubstanceUse}, DataPeriod: &policy.Period{End: y2010}},
		},
	}.Normalize()
}

func fromR5() policy.ReleasePreference {
	return policy.ReleasePreference{
		Decision: policy.Deny, Status: policy.Active, Period: policy.Period{End: 1803859200}, // 2027-03-01
		PermittedUse: []policy.DataUse{{Permission: duo.HMB}}, Modifiers: []policy.Modifier{{Code: duo.NCU}},
		RecipientTypes: []policy.RecipientType{policy.Academic}, RecipientCountries: []string{"DE"},
		Categories: []policy.CategoryScope{{Category: policy.Conditions, Finest: policy.LevelCodes, DataPeriod: &policy.Period{Start: y2020}}},
		Provisions: []policy.Provision{{
			Purpose: []policy.DataUse{{Permission: duo.DS, Diseases: []string{diabetes}}}, Actor: []policy.RecipientType{policy.Academic},
			Country: []string{"DE"},
		}},
		GuardianUntil: 1798754400, OwnCap: &policy.Loss{NanoRho: 1<<53 - 1, Delta: 7},
	}.Normalize()
}

func census() *policy.ReleasePreference { p := policy.CensusOnly(); return &p }

// swap changes one thing of a document, which must be in it once.
func swap(t testing.TB, document string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(document, pairs[i]) != 1 {
			t.Fatalf("%q is not there once", pairs[i])
		}
		document = strings.Replace(document, pairs[i], pairs[i+1], 1)
	}
	return document
}

func TestImport(t *testing.T) {
	withdrawn := fromR4()
	withdrawn.Status = policy.Withdrawn
	research := fromR4()
	research.PermittedUse = []policy.DataUse{{Permission: duo.HMB}} // HRESCH permits no wider than that
	denied := fromR4()
	denied.Provisions = append(denied.Provisions, policy.Provision{Purpose: []policy.DataUse{{Permission: duo.GRU}}}) // and denies no narrower
	times := fromR4()
	times.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelGroups, DataPeriod: &policy.Period{Start: y2020, End: y2030}}}
	plain := fromR4()
	plain.SensitiveOptIn = nil
	nothing := policy.Nothing()
	uses := `{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BIORCH"},
      {"system": "http://purl.obolibrary.org/obo/mondo.owl", "code": "MONDO:0005148"}]`
	for _, tt := range []struct {
		name, document string
		rest           *policy.ReleasePreference
		want           policy.ReleasePreference
	}{
		{"R4", r4, census(), fromR4()},
		{"R5", r5, nil, fromR5()},
		{"inactive", swap(t, r4, `"active"`, `"inactive"`), census(), withdrawn},
		{"permitted research", swap(t, r4, uses, `{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HRESCH"}]`), census(), research},
		{"denied research", swap(t, r4, `"provision": [
`, `"provision": [{"type": "deny", "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HRESCH"}]},
`), census(), denied.Normalize()},
		{"times of all parts", swap(t, r4, `"type": "permit",`, `"type": "permit", "dataPeriod": {"start": "2020-01-01T00:00:00Z", "end": "2029-12-31T23:59:59Z"},`), census(), times},
		{"no labels", swap(t, r4, `"securityLabel": [
      {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"},
      {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "PSY"}],
    "provision"`, `"provision"`), census(), plain},
		{"R4 denies", denies("", ""), nil, nothing},
		{"R4 denies research", denies(`, "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HRESCH"}]`, ""), nil, nothing},
		{"R5 denies", `{"resourceType": "Consent", "status": "active", "decision": "deny",
			"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]}`, nil, nothing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := fhir.Import([]byte(tt.document), tt.rest)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// limited is r4 with a limit of ours.
func limited(t testing.TB, limit string) string {
	return swap(t, r4, `"status": "active"`, `"status": "active", "modifierExtension": [{"url": "https://github.com/medmarket/medmarket/fhir/limits",
		"extension": [{"url": "version", "valuePositiveInt": 1}, `+limit+`]}]`)
}

// denies is an R4 Consent that does.
func denies(root, around string) string {
	return `{"resourceType": "Consent", "status": "active"` + around + `, "provision": {"type": "deny"` + root + `},
		"scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]}}`
}

// Whatever a Consent says that a preference cannot is refused where it stands, and never guessed.
func TestImportRefusesByName(t *testing.T) {
	const (
		permit = `"type": "permit",`
		deny   = `"provision": [
      {"type": "deny", `
		base = "Consent.provision"
	)
	for _, tt := range []struct {
		path     string // of the one thing that is refused
		document string
	}{
		{base + ".provision[0].provision", swap(t, r4, deny, deny+`"provision": [{"type": "permit"}], `)},
		{base + "[0].provision", swap(t, r5, `"provision": [{`, `"provision": [{"provision": [{}],`)},
		{base + ".provision[0].type", swap(t, r4, deny, strings.Replace(deny, "deny", "permit", 1))},
		{base + ".provision[0].type", swap(t, r4, deny, strings.Replace(deny, `"type": "deny",`, "", 1))},
		{base + "[0].type", swap(t, r5, `"provision": [{`, `"provision": [{"type": "permit",`)},
		{base + ".provision[0].period", swap(t, r4, deny, deny+`"period": {"end": "2030"},`)},
		{base + ".modifierExtension", swap(t, r4, permit, permit+`"modifierExtension": [{"url": "https://example.org/not", "valueBoolean": true}],`)},
		{base + ".provision[0].modifierExtension[0]", swap(t, r4, deny, deny+`"modifierExtension": [{"url": "https://example.org/not"}],`)},
		{"Consent.modifierExtension[0]", swap(t, r4, `"status": "active"`, `"status": "active", "modifierExtension": [{"url": "https://example.org/not"}]`)},
		{"Consent.implicitRules", swap(t, r4, `"status": "active"`, `"status": "active", "implicitRules": "https://example.org"`)},
		{"Consent.verification", swap(t, r4, `"status": "active"`, `"status": "active", "verification": [{"verified": true}]`)},
		{"Consent.policyRule", swap(t, r4, `"status": "active"`, `"status": "active", "policyRule": {"text": "x"}`)},
		{"Consent.grantee", swap(t, r5, `"status": "active"`, `"status": "active", "grantee": [{"reference": "Organization/x"}]`)},
		{"Consent.regulatoryBasis", swap(t, r5, `"status": "active"`, `"status": "active", "regulatoryBasis": [{"text": "x"}]`)},
		{"Consent.unheardOf", swap(t, r5, `"status": "active"`, `"status": "active", "unheardOf": 1`)},
		{base + "[0].expression", swap(t, r5, `"provision": [{`, `"provision": [{"expression": {"language": "text/cql"},`)},
		{base + "[0].resourceType", swap(t, r5, `"provision": [{`, `"provision": [{"resourceType": [{"code": "Condition"}],`)},
		{base + ".data", swap(t, r4, permit, permit+`"data": [{"meaning": "instance", "reference": {"reference": "Observation/1"}}],`)},
		{base + ".action", swap(t, r4, permit, permit+`"action": [{"text": "collect"}],`)},
		{base + ".class", swap(t, r4, permit, permit+`"class": [{"code": "x"}],`)},
		{base + ".extension", swap(t, r4, permit, permit+`"extension": [{"url": "x"}],`)},
		{base + ".code", swap(t, r4, permit, permit+`"code": [{"text": "x"}],`)},
		{base + ".actor[0].reference.reference", swap(t, r4, `{"display": "universities"}`, `{"reference": "Organization/x"}`)},
		{base + ".actor[0].role", swap(t, r4, `"IRCP"`, `"CST"`)},
		{base + ".actor[0].role", swap(t, r4, `"academic"`, `"anyone"`)},
		{base + ".actor[0].role", swap(t, r4, `,
        {"system": "https://github.com/medmarket/medmarket/fhir/recipient-type", "code": "academic"}`, "")},
		{base + ".actor[0].role", swap(t, r4, `"code": "academic"}`, `"code": "academic"},
			{"system": "https://github.com/medmarket/medmarket/fhir/recipient-type", "code": "commercial"}`)},
		{base, limited(t, `{"url": "recipient", "valueCode": "commercial"}`)},
		{base, limited(t, `{"url": "use", "valueCoding": {"system": "http://purl.obolibrary.org/obo/duo.owl", "code": "DUO:0000042"}}`)},
		{base, limited(t, `{"url": "label", "valueCoding": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}}`)},
		{base + ".dataPeriod", swap(t, limited(t, `{"url": "part", "extension": [{"url": "category", "valueCode": "visits"},
			{"url": "finest", "valuePositiveInt": 2}, {"url": "dataPeriod", "valuePeriod": {"end": "2019"}}]}`), permit, permit+`"dataPeriod": {"end": "2018"},`)},
		{"Consent.modifierExtension[0]", swap(t, r5, `{"url": "version", "valuePositiveInt": 1},`, "")},
		{"Consent.modifierExtension[0].extension[7]", swap(t, r5, `{"url": "ownCap",`,
			`{"url": "ownCap", "extension": [{"url": "nanoRho", "valueString": "9"}, {"url": "delta", "valueString": "7"}]}, {"url": "ownCap",`)},
		{"Consent.modifierExtension[0].extension[3].valueCode", swap(t, r5, `{"url": "country", "valueCode": "DE"},`, `{"url": "country", "valueCode": ""},`)},
		{base + ".purpose[0]", swap(t, r4, `"BIORCH"`, `"CLINTRCH"`)},
		{base + ".purpose[0]", swap(t, r4, `"BIORCH"`, `"DSRCH"`)},
		{base + ".purpose[0]", swap(t, r4, `"BIORCH"`, `"TREAT"`)},
		{base + ".purpose[1]", swap(t, r4, `"MONDO:0005148"`, `"5148"`)},
		{base + ".purpose[1]", swap(t, r4, `"http://purl.obolibrary.org/obo/mondo.owl", "code": "MONDO:0005148"`, `"http://purl.obolibrary.org/obo/duo.owl", "code": "DUO:0000007"`)},
		{base + ".securityLabel[1]", swap(t, r4, `"PSY"`, `"ETHUD"`)}, // a part of ETH: denied it counts as all of it, see r4
		{base + ".securityLabel[1]", swap(t, r4, `"PSY"`, `"REPRO"`)}, // not HL7's
		{base + ".securityLabel", swap(t, r4, `
      {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "N"},`, "")},
		{base + ".securityLabel[1]", swap(t, r4, `"code": "N"},`, `"code": "N"}, {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"},`)},
		{base + ".period.end", swap(t, r4, `"2029"`, `"29"`)},
		{base + ".period.end", swap(t, r4, `"2029"`, `"2029-13"`)},
		{base + ".period.end", swap(t, r4, `"2029"`, `"1969-12-31T23:59:59Z"`)}, // half-open it would be 0: no end
		{base + ".period.start", swap(t, r4, `"2026-05-04T00:00:00+02:00"`, `"2026-05-04T00:00:00.5+02:00"`)},
		{base + ".period.start", swap(t, r4, `"2026-05-04T00:00:00+02:00"`, `"2026-05-04T00:00:00"`)},
		{base + ".period._end", swap(t, r4, `"end": "2029"`, `"_end": {"extension": []}`)},
		{base + ".period", swap(t, r4, `{"start": "2026-05-04T00:00:00+02:00", "end": "2029"}`, `{}`)},
		{base + ".provision[1].dataPeriod.start", swap(t, r4, `{"end": "2009-12"}`, `{"start": "1970-01-01", "end": "2009-12"}`)}, // would be no start
		{base + ".purpose", swap(t, r4, `"purpose": [
      {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BIORCH"},
      {"system": "http://purl.obolibrary.org/obo/mondo.owl", "code": "MONDO:0005148"}]`, `"purpose": []`)},
		{base + ".type", swap(t, r4, `"permit"`, `"maybe"`, `"type": "deny", "purpose"`, `"type": "permit", "purpose"`, `"type": "deny", "dataPeriod"`, `"type": "permit", "dataPeriod"`)},
		{base + ".purpose", denies(`, "purpose": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "BIORCH"}]`, "")},
		{base + ".actor", denies(`, "actor": [{}]`, "")},
		{base, `{"resourceType": "Consent", "status": "active", "sourceAttachment": {"contentType": "application/pdf"},
			"scope": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]}}`},
		{"Consent", `{"resourceType": "Consent", "status": "active", "sourceAttachment": {"contentType": "application/pdf"}}`},
		{"Consent", swap(t, r5, `"status": "active"`, `"status": "active", "scope": {}`)},
		{"Consent.scope", swap(t, r4, `"patient-privacy"`, `"treatment"`)},
		{"Consent.status", swap(t, r4, `"active"`, `"draft"`)},
		{"Consent.status", swap(t, r4, `"active"`, `"entered-in-error"`)},
		{"Consent.status", swap(t, r5, `"active"`, `"not-done"`)},
		{"Consent.status", swap(t, r5, `"active"`, `"rejected"`)},
		{"Consent.category", swap(t, r5, `"research"`, `"adr"`)},
		{"Consent.decision", swap(t, r5, `"decision": "deny"`, `"decision": "perhaps"`)},
		{"Consent.modifierExtension[0]", swap(t, r5, `"valuePositiveInt": 1}`, `"valuePositiveInt": 2}`)},
		{"Consent.modifierExtension[0].extension[3]", swap(t, r5, `{"url": "country", "valueCode": "DE"},`, `{"url": "planet", "valueCode": "DE"},`)},
		{"Consent.modifierExtension[0].extension[7].valueDateTime", swap(t, r5, `"2026-12-31T22:00:00Z"`, `"2026-12-31"`)},
		{"Consent.modifierExtension[0].extension[7].valueDateTime", swap(t, r5, `"2026-12-31T22:00:00Z"`, `"1970-01-01T00:00:00Z"`)}, // would be no guardian
		{"Consent.modifierExtension[0].extension[6].extension[1]", swap(t, r5, `"7"`, `"7.5"`)},
		{"Consent.modifierExtension[0].extension[3].valueInteger", swap(t, r5, `{"url": "country", "valueCode": "DE"},`, `{"url": "country", "valueCode": "DE", "valueInteger": 1},`)},
	} {
		t.Run(tt.path, func(t *testing.T) {
			p, err := fhir.Import([]byte(tt.document), nil)
			if paths := refused(err); !slices.Equal(paths, []string{tt.path}) {
				t.Errorf("%q, %v", paths, err)
			}
			if diff := cmp.Diff(policy.ReleasePreference{}, p); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// refused are the paths of all that an error names.
func refused(err error) (paths []string) {
	var u *fhir.UnsupportedError
	if list, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range list.Unwrap() {
			paths = append(paths, refused(e)...)
		}
	} else if errors.As(err, &u) {
		paths = append(paths, u.Path)
	}
	return paths
}

// Nothing is permitted because it was left unsaid.
func TestImportWantsWhatIsUnsaid(t *testing.T) {
	if _, err := fhir.Import([]byte(r4), nil); !slices.Equal(refused(err), []string{"Consent", "Consent"}) { // where, and what of the record
		t.Error(err)
	}
	bare := `{"resourceType": "Consent", "status": "active", "decision": "permit",
		"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]}`
	if _, err := fhir.Import([]byte(bare), nil); len(refused(err)) != 4 {
		t.Error(err)
	}
	got, err := fhir.Import([]byte(bare), census())
	if diff := cmp.Diff(policy.CensusOnly(), got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if _, err := fhir.Import([]byte(r5), census()); !errors.Is(err, fhir.ErrRest) {
		t.Error(err)
	}
	// Our limits say all: what they leave out is not permitted.
	mute := swap(t, r5, `{"url": "country", "valueCode": "DE"},
`, "")
	if p, err := fhir.Import([]byte(mute), nil); err != nil || len(p.RecipientCountries) != 0 {
		t.Error(p, err)
	}
}

// What is read may still be no preference.
func TestImportValidates(t *testing.T) {
	for _, document := range []string{
		swap(t, r5, `"valuePositiveInt": 3`, `"valuePositiveInt": 6`),
		swap(t, r5, `"DUO:0000046"`, `"DUO:0000028"`),                            // IS is not a patient's to name
		swap(t, r5, `{"end": "2027-02-28"}`, `{"start": "2028", "end": "2027"}`), // ends before it starts
		swap(t, r5, `{"url": "recipient", "valueCode": "academic"}`, `{"url": "recipient", "valueCode": "anyone"}`),
		swap(t, r5, `"provision": [{`, `"provision": [{}, {`), // would deny or permit everything
		swap(t, r5, `"provision": [{`, `"provision": [{"securityLabel": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "HIV"}],`),
	} {
		var f *policy.FieldError
		if _, err := fhir.Import([]byte(document), nil); !errors.As(err, &f) {
			t.Errorf("%v: %s", err, document)
		}
	}
}

func TestImportBounds(t *testing.T) {
	for _, document := range []string{
		"", "7", "[]", "null", "{", `{"resourceType": "Patient"}`, `{}`, r4 + "x", r4 + r4,
		swap(t, r4, `"type": "permit"`, `"type": "deny", "type": "permit"`), // of two, which is meant?
		swap(t, r4, `"id": "c1"`, `"contained": `+strings.Repeat("[", 40)+strings.Repeat("]", 40)),
		swap(t, r4, `"c1"`, `"`+strings.Repeat("x", fhir.MaxBytes)+`"`),
	} {
		if _, err := fhir.Import([]byte(document), nil); !errors.Is(err, fhir.ErrSyntax) {
			t.Errorf("%v: %.60s", err, document)
		}
	}
}
