// Package postgres counts patients in a hospital's own Postgres, where its OMOP tables stay.
//
// # Promise
//
// The hospital's tables are read and never written. Schema medmarket is ours: views of the columns that questions read,
// ranks of concepts, who may be counted, and a description of the records. [Prepare] makes it, whole or not at all, and gives
// the records their version, a keyed digest of all rows that are read. An [Engine] counts in one read-only snapshot, in which it
// also sees that its table of patients is there, and that the tables are those that were
// prepared; it looks again afterwards. After a change it refuses, [ErrChanged], until they are prepared again. Whoever may
// be counted is bound as words of bits, whose number depends on that of patients alone. No error carries a value from the records. Every statement ends with its context, or after a while of its own.
//
// # Assumption
//
// Postgres is 15 or later and counts what is written to tables (track_counts, as it does by default). The role owns schema
// medmarket and may read the OMOP tables, which are tables or materialised views: of plain views, foreign tables and foreign partitions nobody could
// tell that they changed. Numbers of records are the hospital's keys: of two records of a patient that agree in number, day and
// concept, either may come first.
//
// # Not protected
//
// Whoever administers the database sees the records, who may be counted and every statement. That the tables changed
// shows up to some ten seconds late, when the session that wrote them is idle, or at the end of a procedure that commits as it goes; not if it
// ran with track_counts off. Until then its locks tell, [ErrWritten], of which there are none between a COMMIT and the next
// statement: loads need the engine closed. After a crash of the server its counters begin anew, and the records have to
// be prepared again although they are the same. How long a statement takes depends on the records. The connection is what
// libpq's words say, but for one thing: to another machine it is encrypted or not made, [ErrPlain]. What the string leaves out is taken from libpq's environment variables and files.
package postgres
