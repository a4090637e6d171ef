// Package duckdb keeps a hospital's OMOP records in a DuckDB file and counts
// patients in it.
//
// # Promise
//
// [Import] loads a folder of OMOP tables whole or not at all: a failed import
// leaves the file that was there before. What it cannot use it rejects or empties,
// and counts. [Open] opens the file read-only; who may be counted lives in memory, for one question
// at a time. No error carries a value from the records: an [omop.EngineError]
// says what was being done and a code from a closed list.
//
// # Assumption
//
// Nobody writes the folder during an import, or the file while it is open.
// The file was made by Import. The disk beside it is the hospital's own: the engine
// spills there, into a directory that only the owner can enter.
//
// # Not protected
//
// The file keeps the hospital's own identifiers of patients; only
// [Engine.Persons] reads them. A [Report] holds exact numbers: it is for the hospital's own eyes. Time and
// memory of a count depend on the records, and so may which code an error has;
// a node must not pass either on. A process that is killed leaves a directory
// whose name begins with .medmarket- beside the file; it may be deleted.
package duckdb
