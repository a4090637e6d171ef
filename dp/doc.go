// Package dp turns a question about patients into a plan whose privacy loss is
// known before any row is read, and turns exact counts into an answer that may
// leave the hospital.
//
// # Promise
//
// A [Plan] depends on the query and on public metadata only: the same question,
// however it is written, gives the same plan, cells, noise and cost. What an engine
// computes is a list of [Tally]: whole numbers for each cell, each a sum over
// patients. What is released is a list of [Series]: a tally, or for quantiles the levels of
// a tree of sums over its bins, or one number of patients in all cells where the dataset has a least cohort, plus independent noise on whole numbers: Gaussian, or Laplace where the dataset's
// accounting is pure. Each series states by how much one patient changes it, and is charged for that;
// the plan costs their sum. If the engine keeps to the tallies, a released vector satisfies
// rho-zCDP with the plan's cost as rho, and with the patient as the unit of
// protection: two hospitals that differ in one patient's whole record are that
// hard to tell apart; with Laplace noise it is also epsilon-differentially private, with the cost's epsilon. The cells are the fixed cross product of the groups' labels;
// empty ones are released like the others. Where the concepts of a group are not named, a cell is released exactly if its
// noisy number of patients reaches [Plan.Threshold], and the noisy number of all the least cohort; the vector then satisfies delta-approximate rho-zCDP with the plan's
// cost as rho and delta, and its length tells no more than its numbers. Exact counts travel in [Exact], which
// shows itself to nobody but Release. A dataset's [Disclosure] rule suppresses and
// rounds noised numbers, which costs nothing. [Plan.Estimate] is defined for every released
// vector, needs nothing else, and computes the same bits on every platform.
//
// # Assumption
//
// The engine that counts keeps to [Tally]: what it adds for one patient depends on her
// records and the plan alone, and she is in at most one cell, or Query.MaxGroups, chosen
// without regard to her values or to anybody else. The plan was made by the hospital itself
// with [NewPlan], not received. The cost is charged, durably, before the counts are
// made, and one charge pays for one call of Release: drawing twice for one charge is
// the caller's error.
//
// # Not protected
//
// That a query was asked, its plan, its cost and the number of its cells are
// public. Time, memory and errors of whatever computes the counts are not this
// package's to hide. A patient known at two hospitals loses at both. An interval
// covers the noise only; it does not cover that private keys appear for having had much of it, who is missing from the records, values
// clamped to their bounds, or events beyond those that count. Nor does that of a sum
// cover rounding: at most half a unit of 2^-20 of Tally.Half, at most twice the larger
// bound, for each patient, and for each of her events where these are added up.
package dp
