package fhir_test

import (
	"fmt"

	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/fhir"
)

func ExampleImport() {
	consent := `{"resourceType": "Consent", "status": "active", "decision": "permit", "period": {"end": "2029-12-31"},
		"category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]}`
	_, err := fhir.Import([]byte(consent), nil)
	fmt.Println(err)

	rest := policy.CensusOnly() // what the patient says herself where the Consent says nothing
	p, err := fhir.Import([]byte(consent), &rest)
	fmt.Println(err)
	fmt.Println(policy.Words(p))
	// Output:
	// Consent: permits something, and does not say for which purposes
	// Consent: permits something, and does not say to which kinds of recipients
	// Consent: permits something, and does not say in which countries
	// Consent: permits something, and does not say of which parts of the record, and how finely
	// <nil>
	// Your record may be counted for health or medical or biomedical research.
	// By: academic, not for profit, in any country.
	// What of it: demographics in wide groups.
	// Nothing that the hospital has marked as sensitive.
	// It holds before 2030-01-01.
}
