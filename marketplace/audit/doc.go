// Package audit walks what a marketplace shows of its past, and holds it against the chain.
//
// # Promise
//
// [Check] passes only if every entry of the public register is under the anchored roots at its place, so that none was left out,
// added or changed since; asked under a study that a committee approved on the chain, by a researcher of the study, in its period and within
// its ceilings; paid, with all other answers to her and of all hospitals together, from what the chain has of her escrow; and, where the
// receipt is shown, is what that says, with all signatures. The root of the log is made again from its leaves at every size that was
// ever anchored, which is more than consistency between anchors. The same goes for hospitals' logs that are shown, and a receipt must
// then stand on the root that its hospital's log had. The first thing that does not fit is named.
// [NewStatement] passes only if what is said of a researcher's credit comes to what the chain holds of it.
//
// # Assumption
//
// Trust is what the auditor takes for granted; see marketplace/verifier. Without proofs in the history, anchors, grants and
// escrows are those that her own node told her. With proofs, anchors need no node; the others are still those that a node told who
// exported them.
//
// # What it does not protect against
//
// What was never logged is not seen: questions that were refused, or charged and never answered. An exporter can leave out an
// anchor, though not change one; who reads the chain sees all. Entries whose receipt is not shown are held against nothing but the
// hash of their leaf and the grant.
package audit
