// Package review is what happens to a study before its committee and after: who may do what in which state, and the record
// of it.
//
// It promises that a study is only ever in a state that its [Entry] list leads to, one allowed step after another ([Next],
// which denies what its table does not list), and that every step says who took it, and on which document, by a signature of hers, so
// that the marketplace cannot make one up ([Entry.Check], [Replay]). When, the marketplace says. The hash of an entry is salted, so that what stands on the chain
// tells nothing of it.
//
// It assumes that the caller has found out who somebody is to a study ([Role]) and has checked signatures. It does not say
// whether a grant is in force: the chain does, and steps that suspend, resume, renew, revoke or close it here are the word of
// the member who took them there.
package review
