// Package mpow is what nodes of one chain say to each other about blocks and votes: the
// messages of the devp2p protocol mpow, version 1, and their bounds.
//
//	0 Status      first message of each side: chain and head
//	1 Announce    the header of a new head
//	2 GetHeaders  asks for headers after the first known block of a locator
//	3 Headers     the answer
//	4 GetBodies   asks for bodies by block hash
//	5 Bodies      the answer: a prefix of what was asked for, in order
//	6 Votes       signers' votes on checkpoints
//	7 GetLinks    asks for the votes that justified checkpoints above a number
//	8 Links       the answer
//
// Transactions travel by go-ethereum's own protocol beside this one.
//
// # Promise
//
// [Read] returns a message only if its size, its encoding and its counts are
// within the bounds of its kind; the size is looked at before anything is decoded.
// A message that passes holds no nil where a value belongs.
//
// # What it does not protect against
//
// Nothing is verified here: hashes, seals and claims of work are what the peer
// says. Package chain judges them.
package mpow
