// Package dp turns a question about patients into a plan whose privacy loss is
// known before any row is read, and turns exact counts into an answer that may
// leave the hospital.
//
// # Promise
//
// A [Plan] depends on the query and on public metadata only: the same question,
// however it is written, gives the same plan, cells, noise and cost. [Release]
// adds to each cell independent Gaussian noise of the plan's standard deviation,
// on whole numbers. If each patient adds at most one to at most one cell, a
// released vector satisfies rho-zCDP with the plan's cost as rho, and with the
// patient as the unit of protection: two hospitals that differ in one patient's
// whole record are that hard to tell apart. The cells are the fixed cross
// product of the groups' labels; empty ones are released like the others.
// Exact counts travel in [Exact], which shows itself to nobody but Release.
//
// # Assumption
//
// The engine that counts keeps to the sensitivity: [Plan.Cells] partition the
// patients, so a plain count of distinct patients in each cell does. The plan was
// made by the hospital itself with [NewPlan], not received. The cost is charged,
// durably, before the counts are made, and one charge pays for one call of
// Release: drawing twice for one charge is the caller's error.
//
// # Not protected
//
// That a query was asked, its plan, its cost and the number of its cells are
// public. Time, memory and errors of whatever computes the counts are not this
// package's to hide. A patient known at two hospitals loses at both. An interval
// covers the noise only; it does not cover who is missing from the records.
package dp
