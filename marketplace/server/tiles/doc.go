// Package tiles shows a hospital's log over HTTP, in the form of C2SP
// tlog-tiles, to anybody:
//
//	/checkpoint              size and root, as a signed note (C2SP tlog-checkpoint)
//	/checkpoint/key          the verifier key of that signature
//	/tile/<L>/<N>            256 hashes of a level
//	/tile/<L>/<N>.p/<W>      its first W hashes
//
// It promises what whoever has a checkpoint can check: that a leaf is in the log,
// and that a later checkpoint goes on from an earlier one. Tiles never change. The
// log has 64 leaves an interval whatever happened, and no partial tile of leaves
// ends within one: sizes, numbers and times of what is shown depend on questions
// and the clock, and on no patient.
//
// It assumes that the reader has the verifier key from somewhere else, or compares
// the root with the one that the hospital anchored on the chain: who serves both
// could serve two logs to two readers.
//
// There are no entry bundles (/tile/entries): a leaf is a salted hash or a random
// one, and what it stands for is shown in proofs, to those whom it concerns.
package tiles
