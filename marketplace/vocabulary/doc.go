// Package vocabulary keeps an index of the OMOP vocabularies in a file of its own, in SQLite: which concepts there
// are, the words of their names, their codes, and what is above and below what.
//
// It promises that what it finds depends on the file alone, that reading changes nothing, that the same source gives
// the same order of answers, and that a file is replaced wholly or not at all.
//
// It assumes that the source is public: the download of those who publish the vocabularies (Athena), or a list that is
// part of a program. The concept table of a hospital's records is not: it may hold only what that hospital uses, and
// then says what is in its records, for which nobody was charged. See docs/adr/0033.
//
// It does not protect against a source that is wrong, nor does it keep secret what is asked of it.
package vocabulary
