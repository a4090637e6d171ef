// Package bundle renders a patient's records as FHIR R4 Bundles.
//
// It promises that the same events and concepts give the same bytes, in canonical form
// (RFC 8785), which are what a pointer's hash is of; that a Bundle has nothing of
// other kinds than the events, and says nothing of who the patient is, whom its reader
// knows; and that it keeps to the schema of FHIR R4 (4.0.1).
//
// It assumes that the events are of one patient, kind and day, and that what is known of a concept is what the vocabulary's publisher
// says of it: a code and a name are passed on, and not looked up.
//
// It does not protect against records that say less than the care was: what
// OMOP does not keep, as the state of an order, is said to be unknown.
package bundle
