// Package fhir turns a patient's FHIR Consent (R4 or R5, JSON) into a release preference, and back.
//
// # Promise
//
// What [Import] returns permits nothing that the Consent does not permit, and denies all that it denies. A Consent is read
// in the shape of IHE's Privacy Consent on FHIR: a base decision and one level of exceptions from it. All else that
// could matter is refused by name: exceptions within exceptions, codes and fields that are not known, foreign modifier
// extensions, expressions, data and recipients named one by one, a Consent that is a scanned paper only. What [Export]
// writes, Import reads as the same preference; what would not come back is refused by Export.
//
// # What a Consent says, and where
//
//	decision          R4 provision.type, R5 decision; exceptions are the opposite (R4 says so again, R5 does not)
//	status            active; inactive is withdrawn; in any other status nobody's word is in force: refused
//	period            R4 provision.period, R5 period. FHIR counts the end in, we do not; dates are days of UTC
//	purpose           DUO permissions, MONDO diseases (research on them), and of HL7's PurposeOfUse what is in [Purposes]
//	actor             its role is a recipient (IRCP) and of one of our kinds; one named by reference is refused
//	securityLabel     HL7's sensitivity codes and our REPRO. Where a Consent permits, the list has N, for all that is not
//	                  sensitive, or is not there; where it denies, ETHUD and OPIOIDUD count as ETH
//	dataPeriod        times of her life
//	limits            a modifier extension of ours on the Consent: countries, parts of the record with level and times, DUO
//	                  modifiers, own cap (without the split that it may be a share of), guardian; and where only R4's permitting root would have a place for them,
//	                  uses, kinds of recipients and labels. With it, what is not said is not permitted
//	narrowing         a modifier extension of ours on an exception: countries and parts of the record
//
// They are modifier extensions because they narrow: whoever does not know them must not read on.
//
// # Assumption
//
// Whoever imports a Consent signs what it says, as her own: whose it was, who performed or witnessed it, when, and
// what its policies and source say to people, is read over. Who may sign for whom is the hospital's to know.
//
// # Not protected
//
// A Consent to treatment, or one that leaves open what research means, does not become one to research by import. A
// reader elsewhere who passes over modifier extensions reads more in an export than the patient said.
package fhir

import (
	"errors"
)

// Release is a release of FHIR.
type Release string

// The releases that are read and written.
const (
	R4 Release = "r4"
	R5 Release = "r5"
)

// MaxBytes is the longest Consent that is read.
const MaxBytes = 256 << 10

// ErrSyntax says that something is not a Consent in JSON, of at most [MaxBytes], in which no object has a field twice.
var ErrSyntax = errors.New("fhir: not a Consent")

// ErrRest says that a Consent leaves nothing unsaid, and yet came with what should stand for that.
var ErrRest = errors.New("fhir: the Consent leaves nothing unsaid")

// UnsupportedError names something that a Consent says and a preference cannot, or the other way, or that is
// missing. It never shows a value: documents are personal.
type UnsupportedError struct {
	Path string // "Consent.provision.provision[0].purpose[1]", or of a preference "preference.period.end"
	What string
}

func (e *UnsupportedError) Error() string { return e.Path + ": " + e.What }
