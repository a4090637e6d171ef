// Package r4 holds resources against the JSON schema of FHIR R4 (4.0.1) that HL7 publishes.
//
// It promises that [Check] accepts what the schema does and nothing else, patterns of numbers held against numbers as they are written (JSON Schema
// holds them against strings alone), and that what it says of a fault names places and rules of the schema, never what is written there: values
// are of patients.
//
// It assumes that its caller bounds how large content is. fhir.schema.json.gz is http://hl7.org/fhir/R4/fhir.schema.json.zip, which HL7 placed in the
// public domain (CC0), without its descriptions.
//
// It does not protect against what the schema leaves open: which codes there are, the rules between elements (invariants), where references lead.
package r4
