// Package recordindex is a hospital's part of the record index: it points at its
// patients' records, and lets a reader whom a patient signed for see pointers and
// records, and nobody else.
//
// It promises that a pointer or record is served only against an access that
// lives at that moment: signed by the patient's present key, or by a guardian whose mandate
// runs, for this hospital and for the key that asks, of that kind and month, not
// ended and not taken back; that this is looked at when a reader is admitted and again when what
// he gets was read, so that from the commit on an access that was taken back serves
// nothing but what is on its way to him already; that what a reader is shown is in the log for the patient to see,
// durably, before it is shown, under a salted leaf of the hospital's log; that a reader whom
// she rejected is shown nothing, whatever access he has; and that
// a record that is no longer what the hospital pointed at is not served, but named.
// What a patient doubts of its pointers the hospital's stewards see, and she their reply.
//
// Where the hospital has rules for emergencies, a clinician of its own sees without an access what he declares an emergency for: with a reason, for a day
// at most, after the patient has a notice of it and the reason is in her log; who has countersigned it, or that nobody has in time, she and the hospital's steward
// are shown. It is off by default.
//
// It assumes that the store's transactions are serialised and durable, that Now
// never runs back, and that the source reads the records that the hospital has.
//
// It does not protect against a hospital that shows records in other ways, nor what a
// record says from who may see its pointer, which has the hash of few possible
// contents. A store that is brought back from a backup has forgotten what was
// taken back since. With
// the release of data for research it shares whose key is whose, the log and its
// anchors, and nothing else: an access opens no dataset, and a grant no record.
package recordindex
