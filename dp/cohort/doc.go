// Package cohort is the language in which a question says whom it is about: a
// boolean tree over a patient's OMOP records.
//
// # Meaning
//
// A [Criterion] holds or does not hold for a patient or, inside an [Events] set's
// Where, for one event of a patient, its index. Events are records of a
// patient: from one OMOP table, or the union of several sets, narrowed by what must be
// observed around them and by what else must hold of each, and at the end by
// whether the first, the last or all of them count. Several events of one patient
// with the same table, concept, days and visit are one index, yet each counts as
// a record. Days are calendar days.
//
// As in OHDSI's circe, a record without an end (a procedure, a measurement, or a NULL) ends on the day
// after it starts; a drug exposure without one ends its days supply after it starts, if that is 0 to 36,500.
// A record without a start lies in no range, span or period, adds no day, and is the
// first or the last only where all are without. Observation periods of a patient should not overlap; where they do, what is said
// of "the" period in which an event starts has to hold of one of them.
//
// # Promise
//
// Whether a criterion holds for a patient depends on her own records, the
// vocabulary and the criterion, on nobody else. [Canonical] gives every question one
// form: two spellings that differ in order, repetition, grouping, defaults or double
// negation have the same. [Criterion.Columns] names every column that is touched.
//
// # Assumption
//
// Concept ids are standard concepts of the hospital's vocabulary; what lies below a
// concept is what its concept_ancestor says. Whether an id exists is not looked up.
//
// # Not protected
//
// A criterion is public. It bounds nobody's contribution: that is the plan's business.
package cohort
