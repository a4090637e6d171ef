package duckdb

import (
	"strings"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
)

// kind is what values of a column are turned into.
type kind int

const (
	whole kind = iota // BIGINT
	real              // DOUBLE, finite
	date              // DATE, finite
	text              // VARCHAR
	year              // BIGINT, 1800 to 2200
)

// sqlType is the type in the file.
func (k kind) sqlType() string {
	return [...]string{whole: "BIGINT", real: "DOUBLE", date: "DATE", text: "VARCHAR", year: "BIGINT"}[k]
}

type column struct {
	name     string
	kind     kind
	required bool // a table without it is not OMOP
}

// table is one that Import loads. The others in a folder are left alone.
type table struct {
	name    string
	columns []column
	// refuse is an SQL expression over the columns and, where perPatient, over
	// person's as p: the Reason to reject a row, NULL to load it.
	refuse string
	// perPatient tables hold rows of patients in person; they are sorted by person_id.
	perPatient bool
	order      string
	// id is the column of a row's own number, empty if it has none. What numbers no row of its patient, or not one alone,
	// is replaced; see numberSQL.
	id string
	// mayBeOther tables are left alone, as if they were not there, where a required column is
	// missing: few questions need them, and a folder is not to be refused for them.
	mayBeOther bool
}

// columns reads "person_id! whole, ...", where ! marks the required.
func columns(list string) []column {
	named := map[string]kind{"whole": whole, "real": real, "date": date, "text": text, "year": year}
	var cs []column
	for part := range strings.SplitSeq(list, ",") {
		f := strings.Fields(part)
		name, required := strings.CutSuffix(f[0], "!")
		cs = append(cs, column{name, named[f[1]], required})
	}
	return cs
}

// ofPatients is a domain's table, of the columns that statements read.
func ofPatients(d cohort.Domain) table {
	of := d.Table()
	t := table{name: of.Name, perPatient: true, order: "person_id", id: of.ID}
	t.refuse = "CASE WHEN person_id IS NULL THEN 'no_person_id'"
	for _, read := range omop.Tables() {
		if read.Name != of.Name {
			continue
		}
		for _, c := range read.Columns {
			t.columns = append(t.columns, column{c.Name, kinds[c.Kind], c.Required})
			if c.Name == of.Concept && c.Required {
				t.refuse += " WHEN " + c.Name + " IS NULL THEN 'no_concept'"
			}
		}
	}
	t.refuse += " WHEN p.known IS NULL THEN 'orphan' END"
	return t
}

// kinds are those of columns that statements read.
var kinds = map[omop.Kind]kind{omop.Whole: whole, omop.Real: real, omop.Day: date, omop.Text: text}

// minor is a table that mayBeOther.
func minor(t table) table {
	t.mayBeOther = true
	return t
}

// tables are in the order in which they are loaded; person is before those of patients.
// Names are OMOP CDM 5.4's; 5.3 has the same.
var tables = []table{
	{
		name:    "cdm_source",
		columns: columns("cdm_source_name text, cdm_source_abbreviation text, cdm_holder text, source_description text, source_release_date date, cdm_release_date date, cdm_version text, vocabulary_version text"),
		refuse:  "CAST(NULL AS VARCHAR)", order: "cdm_source_name",
	},
	{
		name:    "person",
		columns: columns("person_id! whole, gender_concept_id! whole, year_of_birth! year, race_concept_id whole, ethnicity_concept_id whole, person_source_value text"),
		// Of rows with one number the first by content is kept, whatever the file's order.
		refuse: `CASE WHEN person_id IS NULL THEN 'no_person_id'
			WHEN abs(person_id::HUGEINT) >= 9007199254740992 THEN 'person_id_out_of_range'
			WHEN row_number() OVER (PARTITION BY person_id ORDER BY year_of_birth, gender_concept_id, race_concept_id, ethnicity_concept_id, person_source_value) > 1
			THEN 'duplicate_person_id' END`,
		order: "person_id",
	},
	ofPatients(cohort.ObservationPeriod), ofPatients(cohort.Visit), ofPatients(cohort.Condition), ofPatients(cohort.Drug), ofPatients(cohort.Measurement),
	minor(ofPatients(cohort.Procedure)), minor(ofPatients(cohort.Device)), minor(ofPatients(cohort.Observation)), minor(ofPatients(cohort.Specimen)),
	minor(ofPatients(cohort.Death)), minor(ofPatients(cohort.ConditionEra)), minor(ofPatients(cohort.DrugEra)),
	{
		name:    "concept",
		columns: columns("concept_id! whole, concept_name! text, domain_id text, vocabulary_id text, concept_class_id text, standard_concept text, concept_code text"),
		refuse: `CASE WHEN concept_id IS NULL THEN 'no_concept'
			WHEN row_number() OVER (PARTITION BY concept_id ORDER BY concept_name, concept_code) > 1 THEN 'duplicate_concept_id' END`,
		order: "concept_id",
	},
	{
		name:    "concept_ancestor",
		columns: columns("ancestor_concept_id! whole, descendant_concept_id! whole, min_levels_of_separation whole, max_levels_of_separation whole"),
		refuse:  "CASE WHEN ancestor_concept_id IS NULL OR descendant_concept_id IS NULL THEN 'no_concept' END",
		order:   "ancestor_concept_id, descendant_concept_id",
	},
}
