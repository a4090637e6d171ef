package duckdb

import "strings"

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
	kinds := map[string]kind{"whole": whole, "real": real, "date": date, "text": text, "year": year}
	var cs []column
	for part := range strings.SplitSeq(list, ",") {
		f := strings.Fields(part)
		name, required := strings.CutSuffix(f[0], "!")
		cs = append(cs, column{name, kinds[f[1]], required})
	}
	return cs
}

// ofPatients is a table of events; concept is its standard concept's column, empty if it has none.
func ofPatients(name, concept, list string) table {
	refuse := "CASE WHEN person_id IS NULL THEN 'no_person_id'"
	if concept != "" {
		refuse += " WHEN " + concept + " IS NULL THEN 'no_concept'"
	}
	refuse += " WHEN p.known IS NULL THEN 'orphan' END"
	t := table{name: name, columns: columns(list), refuse: refuse, perPatient: true, order: "person_id"}
	if first := t.columns[0].name; first != "person_id" {
		t.id = first
	}
	return t
}

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
	ofPatients("observation_period", "",
		"observation_period_id whole, person_id! whole, observation_period_start_date date, observation_period_end_date date, period_type_concept_id whole"),
	ofPatients("visit_occurrence", "visit_concept_id",
		"visit_occurrence_id whole, person_id! whole, visit_concept_id! whole, visit_start_date date, visit_end_date date, visit_type_concept_id whole"),
	ofPatients("condition_occurrence", "condition_concept_id",
		"condition_occurrence_id whole, person_id! whole, condition_concept_id! whole, condition_start_date date, condition_end_date date, condition_type_concept_id whole, visit_occurrence_id whole"),
	ofPatients("drug_exposure", "drug_concept_id",
		"drug_exposure_id whole, person_id! whole, drug_concept_id! whole, drug_exposure_start_date date, drug_exposure_end_date date, drug_type_concept_id whole, quantity real, days_supply whole, visit_occurrence_id whole"),
	ofPatients("measurement", "measurement_concept_id",
		"measurement_id whole, person_id! whole, measurement_concept_id! whole, measurement_date date, measurement_type_concept_id whole, value_as_number real, value_as_concept_id whole, unit_concept_id whole, range_low real, range_high real, visit_occurrence_id whole"),
	minor(ofPatients("procedure_occurrence", "procedure_concept_id",
		"procedure_occurrence_id whole, person_id! whole, procedure_concept_id! whole, procedure_date date, procedure_end_date date, procedure_type_concept_id whole, visit_occurrence_id whole")),
	minor(ofPatients("device_exposure", "device_concept_id",
		"device_exposure_id whole, person_id! whole, device_concept_id! whole, device_exposure_start_date date, device_exposure_end_date date, device_type_concept_id whole, visit_occurrence_id whole")),
	minor(ofPatients("observation", "observation_concept_id",
		"observation_id whole, person_id! whole, observation_concept_id! whole, observation_date date, observation_type_concept_id whole, value_as_number real, value_as_concept_id whole, unit_concept_id whole, visit_occurrence_id whole")),
	minor(ofPatients("specimen", "specimen_concept_id",
		"specimen_id whole, person_id! whole, specimen_concept_id! whole, specimen_date date, specimen_type_concept_id whole")),
	minor(ofPatients("death", "", // a death without a cause is one
		"person_id! whole, death_date date, death_type_concept_id whole, cause_concept_id whole")),
	minor(ofPatients("condition_era", "condition_concept_id",
		"condition_era_id whole, person_id! whole, condition_concept_id! whole, condition_era_start_date date, condition_era_end_date date, condition_occurrence_count whole")),
	minor(ofPatients("drug_era", "drug_concept_id",
		"drug_era_id whole, person_id! whole, drug_concept_id! whole, drug_era_start_date date, drug_era_end_date date, drug_exposure_count whole, gap_days whole")),
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
