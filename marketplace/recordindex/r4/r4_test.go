package r4_test

import (
	"strings"
	"testing"

	"github.com/medmarket/medmarket/marketplace/recordindex/r4"
)

const request = `{"resourceType":"MedicationRequest","id":"m1","status":"active","intent":"order","subject":{"reference":"Patient/p7"},` +
	`"contained":[{"resourceType":"Medication","id":"drug","code":{"text":"metformin"}}],"medicationReference":{"reference":"#drug"},"authoredOn":"2024-03-02T08:00:00+01:00",` +
	`"text":{"status":"generated","div":"<div/>"},"extension":[{"url":"urn:x","valueDecimal":1.50}],"dispenseRequest":{"numberOfRepeatsAllowed":2}}`

func TestCheck(t *testing.T) {
	for _, good := range []string{
		request,
		`{"resourceType":"Bundle","type":"collection","entry":[{"resource":` + request + `}]}`,
		`{"resourceType":"Patient","id":"p7","_birthDate":{"extension":[{"url":"urn:x","valueBoolean":true}]},"birthDate":"1970-02"}`,
		`{"resourceType":"Observation","status":"final","code":{},"valueQuantity":{"value":-1.5e3}}`,
	} {
		if err := r4.Check([]byte(good)); err != nil {
			t.Errorf("%v: %s", err, good)
		}
	}
}

// What the schema does not allow is found wherever it is, and nothing that is written there is told.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct{ old, faulty, want string }{
		"a state that there is not":  {`"generated"`, `"Jane"`, "MedicationRequest.text.status is not of its form"},
		"a number as a state":        {`"generated"`, `5`, "MedicationRequest.text.status is no string"},
		"no subject":                 {`"subject":{"reference":"Patient/p7"},`, ``, "MedicationRequest has no subject"},
		"an element of no name":      {`"intent":`, `"Jane":1,"intent":`, "MedicationRequest has an element that is not in the schema"},
		"another spelling of a name": {`"subject":`, `"Subject":{},"subject":`, "MedicationRequest has an element that is not in the schema"},
		"a day of no form":           {`2024-03-02T08:00:00+01:00`, `Jane`, "MedicationRequest.authoredOn is not of its form"},
		"a time without a zone":      {`08:00:00+01:00`, `08:00:00`, "MedicationRequest.authoredOn is not of its form"},
		"an object as a list":        {`[{"url":"urn:x","valueDecimal":1.50}]`, `{"url":"urn:x"}`, "MedicationRequest.extension is no array"},
		"a list as an object":        {`{"reference":"#drug"}`, `[{"reference":"#drug"}]`, "MedicationRequest.medicationReference is no object"},
		"a text as a number":         {`1.50`, `"1.50"`, "MedicationRequest.extension[0].valueDecimal is no number"},
		"half a repeat":              {`"numberOfRepeatsAllowed":2`, `"numberOfRepeatsAllowed":2.0`, "MedicationRequest.dispenseRequest.numberOfRepeatsAllowed is not of its form"},
		"nothing as a text":          {`"urn:x"`, `null`, "MedicationRequest.extension[0].url is no string"},
		"a resource of no type":      {`"resourceType":"Medication",`, ``, "MedicationRequest.contained[0] is of no type of resource that there is"},
		"a resource of a data type":  {`"resourceType":"Medication",`, `"resourceType":"Period",`, "MedicationRequest.contained[0] is of no type of resource that there is"},
		"a fault in what is within":  {`"code":{"text"`, `"code":{"words"`, "MedicationRequest.contained[0].code has an element that is not in the schema"},
		"two resources":              {`"dispenseRequest":{"numberOfRepeatsAllowed":2}}`, `"dispenseRequest":{}}{}`, "more than one JSON value"},
		"no JSON":                    {`{"resourceType":"MedicationRequest"`, `Jane`, "no JSON"},
	} {
		faulty := strings.Replace(request, c.old, c.faulty, 1)
		if faulty == request {
			t.Fatalf("%s: the request is not changed", name)
		}
		if err := r4.Check([]byte(faulty)); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if err := r4.Check([]byte(`[]`)); err == nil {
		t.Error("a list passes")
	}
}
