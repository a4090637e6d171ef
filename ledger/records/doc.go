// Package records is the record index: pointers to a patient's records that
// only who has her access key can find and read, and the documents by which she
// gives it.
//
// It promises that an access key for some kinds of records and some months finds
// and opens no pointer of another kind, month, patient or hospital; that a pointer
// that opens is the one that the hospital committed to, under a leaf of its log;
// that a leaf tells nobody who lacks its salt from a leaf of nothing, nor where in
// its interval it stands from anything ([Interval]); and that a sealed access
// key opens for its reader alone.
//
// It assumes that SHA-256 resists collisions, that HMAC-SHA256 looks random
// (RFC 5869), that AES-GCM and HPKE (RFC 9180) are what they are held to be, and that
// [Secret] and [AccessKey] are kept as secrets: who has them finds and opens, though
// no hospital serves him anything without a live [Access].
//
// It does not protect what a record says from who reads its pointer: he sees kind and
// day, and can try contents until one has the hash, which has no salt. Nor does it
// protect against a hospital that adds no pointer, or leaves out the
// last ones of a month: what is missing between others shows. Nor does it take
// back what a reader has read.
//
// Keys come from one secret for each patient at each hospital, and each is made
// from the one above it:
//
//	secret -> kind -> 12 levels, a bit of the month each -> cell of one kind and month -> index, value
//	entry  HMAC(index, number of the pointer in its cell, from 0)
//	value  AES-256-GCM under the value key, a random nonce before it, the entry authenticated beside it
//	leaf   SHA-256(salt || entry || value), a leaf of the hospital's log
//
// Months that follow one another are covered by at most 22 keys.
package records
