// Package circe reads the cohort definitions of OHDSI's ATLAS ("circe" JSON) into package cohort's language.
//
// # Promise
//
// What [Import] returns holds for the patients whom circe would put into the cohort, and for no others, on
// records that keep to the OMOP conventions named below. What the language cannot say is refused, all of it by name; a
// field that is not known is refused too, wherever it may matter to who is in the cohort.
//
// # Who is in a cohort
//
// A definition says which events of a patient start a stay in the cohort, and when the stay ends. A patient is in the
// cohort if one event is left by its primary criteria, their observation window and limit, the additional criteria and
// their limit, and the inclusion rules, in this order. The rest says when a stay ends, or which of several stays
// is shown, and is read over:
//
//   - ExpressionLimit keeps the first or the last of the events that are left: one stays if there was one.
//   - EndStrategy and CensoringCriteria end a stay, at the latest with the observation period. Circe drops a stay that
//     ends before it starts. A censoring event starts on or after the index; the end of the observation period, which
//     a custom era has beside its own, lies after it; and so does an offset of 0 days or more. A negative
//     offset may end a stay before its start, and is refused.
//   - CollapseSettings joins stays of one patient.
//   - CensorWindow cuts stays by dates and drops those outside: it changes who is in, and is refused.
//   - QualifiedLimit acts in circe only where there are additional criteria, and so it does here.
//
// Names, descriptions and what else of a concept is written beside its id are for people, and read over.
//
// # Assumption
//
// As package cohort assumes: observation periods of a patient do not overlap, and columns of standard concepts hold
// standard concepts. An event does not end before it starts: circe drops its stay where an offset is counted from the
// end. Of events that start on one day, circe takes the one with the smallest record id as the first, and package cohort the
// one that ends first; which of them a limit keeps can differ. Circe leaves out descendants that the vocabulary calls invalid; a
// hospital's concept_ancestor should not list them.
//
// # Not protected
//
// A definition may mean something else than its name says.
package circe
