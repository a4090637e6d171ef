package omop

import "regexp"

// Dataset describes a hospital's records.
type Dataset struct {
	// Version is "sha256:" and 64 hex digits; it depends on the records, and on a key where there is one.
	Version string
	// Synthetic: cdm_source calls the records synthetic. It is a word in a
	// description, fit for a label; nothing should be permitted for it.
	Synthetic bool
	// ReferenceYear is the latest year that cdm_source was released in,
	// 0 if it does not say. It is never taken from patients' rows.
	ReferenceYear int
}

var (
	synthetic    = regexp.MustCompile(`(?i)synthe(tic|a)`)
	notSynthetic = regexp.MustCompile(`(?i)\b(no|not|non|without)[ -]*synthetic`)
)

// Described is a dataset of what cdm_source says: its names and description, and the latest year.
func Described(words string, year int) Dataset {
	if year < 1900 || year > 2200 {
		year = 0
	}
	return Dataset{Synthetic: synthetic.MatchString(words) && !notSynthetic.MatchString(words), ReferenceYear: year}
}

// NotOMOPError says why what was found is not a set of OMOP tables.
type NotOMOPError struct {
	Table  string // lower case, e.g. "person"; empty if it concerns all of them
	Column string // empty if it concerns the table
	Why    string
}

func (e *NotOMOPError) Error() string {
	where := "folder"
	switch {
	case e.Column != "":
		where = e.Table + "." + e.Column
	case e.Table != "":
		where = "table " + e.Table
	}
	return "not OMOP: " + where + " " + e.Why
}
