// Package synth makes up a hospital: patients who never lived, in the tables of OMOP CDM 5.4.
//
// # Promise
//
// The files depend on the seed and the number of patients only, byte for byte on
// one machine and version. Each patient depends on the seed and her own
// number only, so a hospital with one patient more is the same hospital and that
// patient. Records hang together as real ones do: illnesses come with age and with
// one another, drugs follow illnesses, laboratory values follow both, and
// a few patients fill most of the records. cdm_source says that all of it is synthetic.
//
// # Assumption
//
// Concept ids, names and codes are those of the public OMOP vocabularies; concept
// and concept_ancestor hold the few that the records use, and some above them.
//
// # Not protected
//
// Nothing here is epidemiology: rates are plausible, not measured. Another
// DuckDB version or processor may write other bytes.
package synth
