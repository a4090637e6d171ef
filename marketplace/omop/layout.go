package omop

import (
	"cmp"
	"slices"

	"github.com/medmarket/medmarket/dp/cohort"
)

// Kind is what values of a column are.
type Kind int

// The kinds.
const (
	Whole Kind = iota + 1
	Real
	Day
	Text
)

// Column is one that statements read.
type Column struct {
	Name string
	Kind Kind
	// Required: a table without it is not OMOP, and a row without a value in it is no record. Without others all of its
	// values are as if they were not recorded.
	Required bool
}

// Table is one that statements read.
type Table struct {
	Name       string
	Columns    []Column
	Vocabulary bool // it is where the vocabulary is, which may be another schema
}

// Tables lists what [CountSQL], [EventsSQL], [ConceptsSQL] and a [Dataset] are read from, person first, then by name. An engine that leaves the records
// where they are shows them by these columns, in this order.
func Tables() []Table {
	all := []Table{
		{Name: "cdm_source", Columns: columns(Text, false, "cdm_source_name", "cdm_source_abbreviation", "source_description")},
		{Name: "concept", Vocabulary: true, Columns: append(columns(Whole, true, "concept_id"), columns(Text, false, "concept_name", "vocabulary_id", "concept_code")...)},
		{Name: "concept_ancestor", Vocabulary: true, Columns: columns(Whole, true, "ancestor_concept_id", "descendant_concept_id")},
	}
	all[0].Columns = append(all[0].Columns, columns(Day, false, "source_release_date", "cdm_release_date")...)
	for _, d := range cohort.Domains() {
		s := d.Table()
		t := Table{Name: s.Name, Columns: columns(Whole, true, "person_id", s.Concept)}
		if s.ID == "" { // of death: one without a cause is one
			t.Columns[1].Required = false
		}
		t.Columns = append(t.Columns, columns(Day, false, s.Start, s.End)...)
		t.Columns = append(t.Columns, columns(Real, false, s.Value, s.RangeLow, s.RangeHigh, s.Quantity)...)
		visit := s.Visit
		if visit == s.ID {
			visit = ""
		}
		t.Columns = append(t.Columns, columns(Whole, false, s.ID, visit, s.Kind, s.ValueConcept, s.Unit, s.DaysSupply, s.Occurrences, s.GapDays)...)
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	person := Table{Name: "person", Columns: slices.Concat(columns(Whole, true, "person_id"),
		columns(Whole, false, "gender_concept_id", "year_of_birth", "race_concept_id", "ethnicity_concept_id"), columns(Text, false, "person_source_value"))}
	return append([]Table{person}, all...)
}

func columns(k Kind, required bool, names ...string) (all []Column) {
	for _, n := range names {
		if n != "" {
			all = append(all, Column{n, k, required})
		}
	}
	return all
}

// RanksTable is what [RanksSQL] makes.
func RanksTable(d Dialect, of cohort.Domain) string { return d.table(rankedTables[of]) }
