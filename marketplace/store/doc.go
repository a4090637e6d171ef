// Package store keeps the state of a marketplace and of a hospital's node,
// each in a SQLite file of its own.
//
// # Promise
//
// Every method of [Market] and [Provider] is one transaction. Writes are
// serialised (BEGIN IMMEDIATE on the one connection that writes), and are on
// disk (write-ahead log, synchronous=FULL) when the method returns nil; a
// method that returns an error has changed nothing. Reads see all writes that
// returned before they began, and never part of one; they do not wait for
// writes, nor writes for them. A charge, the odometers of its classes and its
// scopes, and later its answer and the leaf in the log, stand or fall
// together, as do a preference, its entry in the consent map and its place in
// the queue for the log. Preferences that are recorded at the same time share a
// transaction, but not their errors, and go before everything else that
// waits to be written. A hospital's log grows by whole intervals only, so that
// its size and those of all proofs depend on charges and time, not on events;
// entries of every closed interval can be proven for ever. What must never happen is refused by the schema too: an amount
// below zero, more spent than the budget that was charged against, an odometer
// that falls, two answers to one request.
//
// A copy that [Backup] made says so, until it has been held against the chain (ADR 53).
//
// # Assumption
//
// The disk keeps what fsync returned for. A file that is copied back in another
// way than from a [Backup] is told by the chain alone: if the log was anchored, or
// more was asked for, since it was copied. One process at a time serves a file;
// more would stay consistent but wait for one another.
//
// # Not protected
//
// Files are readable by their owner only (0600) but not encrypted: a
// provider's file holds who is enrolled, what they chose, the secrets of the
// consent map and of the record index and every salt, and must be guarded as the records are. If the
// disk fails during the very sync that ends a transaction, its method returns an
// error although a restart may find the transaction done; for a charge that
// counts too much, never too little.
package store
