// Package store keeps the state of a marketplace and of a hospital's node,
// each in a SQLite file of its own, or in a schema of its own in a Postgres database.
//
// # Promise
//
// Every method of [Market] and [Provider] is one transaction. Writes are
// serialised (in SQLite BEGIN IMMEDIATE on the one connection that writes, in Postgres an
// advisory lock that this connection holds), and are on
// disk (SQLite's write-ahead log with synchronous=FULL; Postgres with fsync and synchronous_commit on) when the method returns nil; a
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
// A copy that [Backup] made says so, until it has been held against the chain (ADR 53); so does a schema that came out of a dump, or
// whose server is another one or has gone back in its history (ADR 63).
//
// # Assumption
//
// The disk keeps what fsync returned for. A file that is copied back in another
// way than from a [Backup] is told by the chain alone: if the log was anchored, or
// more was asked for, since it was copied. One process at a time serves a file;
// more would stay consistent but wait for one another. A second process that opens a schema in Postgres is refused; no pooler may stand
// between, which would share out the connection that has the lock.
//
// # Not protected
//
// Files are readable by their owner only (0600) but not encrypted: a
// provider's file holds who is enrolled, what they chose, the secrets of the
// consent map and of the record index and every salt, and must be guarded as the records are. A schema may be
// used by its owner only; but whoever runs the server reads all of it, and its log shows rows that a constraint refused. If the
// disk fails, or the connection to Postgres is lost, during the very sync that ends a transaction, its method returns an
// error although a restart may find the transaction done; for a charge that
// counts too much, never too little.
package store
