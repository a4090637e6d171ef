// Package omop turns a plan into SQL over a hospital's records in the OMOP
// common data model.
//
// # Promise
//
// The text of a [Statement] and its concept ids depend on the plan alone; who may
// be counted is bound or joined, never written into the text. The result has
// exactly one row for each number of the plan's exact vector, in order, zeros included; where keys are private, one for each
// number that is not zero, with its key, 0 for that of all keys together. A
// patient adds to at most MaxGroups cells of the plan, which her own records and the
// dataset's version choose, and to each of them no more than the tallies say: only whole
// numbers are added, and what a patient adds is clamped to what her tally declares.
// What is not a finite number is no value; a patient's number of events is one for
// everybody, 0 included. Every expression is total: no value that a table can hold makes
// the statement fail.
//
// A [Builder] does the same for whom a question is about: it turns what package cohort can say into
// common table expressions, for DuckDB and for Postgres, whose rows depend on each patient's own records and
// the vocabulary alone.
//
// # Assumption
//
// The engine provides these tables, with one row a patient in person and in
// patient, which has those of person who are followed, and no NULL in a person_id or in a column of ours:
//
//	omop.person(person_id, gender_concept_id, year_of_birth BIGINT, ...)
//	omop.condition_occurrence, drug_exposure, procedure_occurrence, device_exposure, measurement, observation,
//	visit_occurrence, specimen, death, condition_era, drug_era, observation_period
//	omop.concept(concept_id BIGINT, vocabulary_id, concept_code, concept_name)
//	omop.concept_ancestor(ancestor_concept_id, descendant_concept_id BIGINT)
//	medmarket.patient(person_id, gender_concept_id, race_concept_id, ethnicity_concept_id, year_of_birth of
//	person; word, mask BIGINT)   where she is found in an active set: Seat
//	medmarket.active(word, bits BIGINT)   who may be counted: Words, which has a row for every word, whoever that is
//
// In Postgres the records are in schema medmarket too, and the words are bound (Statement.Bound).
// Tables that a hospital lacks are there and empty. A plan was made by dp.NewPlan. The dataset's version, which seeds the choice of
// cells, is made with a secret: without one patients could be chosen for by the records of others.
//
// # Not protected
//
// How long a statement takes, and how much memory, depends on the records: nearly in proportion to a patient's, but where two or more
// distinct days, concepts or visits are counted in a window that bounds both start and end of events: there it grows with the pairs of her events. Who
// runs a statement sets it an end. The counts are exact: they must go into a dp.Exact at once.
package omop
