// Package fhirserver is a hospital's own FHIR R4 server as a place where its records are: it makes a Bundle of a
// patient's resources of one kind and day.
//
// It promises that a Bundle has resources of one patient, kind and day only, each as the server gave it, but for spaces, in
// one order whenever they are read; that one of which a resource is no FHIR R4, by HL7's schema, is named and not made; that what it
// reads is bounded, in bytes, pages and time; that it follows no link out of the server; and that of the server's errors nothing
// reaches who asks, but that the records cannot be had now.
//
// It assumes that the server is the hospital's, that it keeps the spelling of a resource that is not changed, that it calls itself
// by Base where it gives whole URLs, and that the patient's number, or an identifier made of it, means the patient there.
//
// It does not protect against what resources say of other people, or of who the patient is: they are the hospital's own
// words. A resource without a day has no pointer.
package fhirserver
