package duckdb

import (
	"context"

	"github.com/medmarket/medmarket/marketplace/omop"
)

// Report says what Import did. Its numbers are exact.
type Report struct {
	omop.Dataset
	Patients int64
	Tables   []TableReport // those that were in the folder, in the order of loading
	Ignored  []string      // names of files that were left alone, sorted
}

// TableReport is about one table. Read = Loaded + Rejected.
type TableReport struct {
	Table                  string
	Read, Loaded, Rejected int64 // rows
	Reasons                map[Reason]int64
	// Emptied counts, by column, values that were not of its type or were out
	// of its range. They are NULL in the file; their rows were loaded.
	Emptied map[string]int64
}

// Reason says why a row was not loaded.
type Reason string

// The reasons, in the order in which they are tried.
const (
	Malformed          Reason = "malformed_line"
	NoPersonID         Reason = "no_person_id"
	PersonIDOutOfRange Reason = "person_id_out_of_range" // not within +-2^53
	DuplicatePersonID  Reason = "duplicate_person_id"
	NoConcept          Reason = "no_concept"
	Orphan             Reason = "orphan" // of no patient in person
	DuplicateConceptID Reason = "duplicate_concept_id"
)

const format = 4 // of the file; in the table medmarket_import

// describe reads cdm_source as it was loaded.
func describe(ctx context.Context, db *session) (omop.Dataset, error) {
	var words string
	var year int
	err := db.scanRow(ctx, "read cdm_source", `SELECT
		COALESCE(string_agg(concat_ws(' ', cdm_source_name, cdm_source_abbreviation, source_description), ' '), ''),
		COALESCE(max(GREATEST(COALESCE(year(source_release_date), 0), COALESCE(year(cdm_release_date), 0))), 0)
		FROM omop.cdm_source`, &words, &year)
	return omop.Described(words, year), err
}

// write and readDataset keep the description in the file.
func write(ctx context.Context, db *session, d omop.Dataset) error {
	err := db.exec(ctx, "describe", "CREATE TABLE omop.medmarket_import (format BIGINT, version VARCHAR, synthetic BOOLEAN, reference_year BIGINT)")
	if err != nil {
		return err
	}
	return db.exec(ctx, "describe", "INSERT INTO omop.medmarket_import VALUES ($1, $2, $3, $4)",
		format, d.Version, d.Synthetic, d.ReferenceYear)
}

func readDataset(ctx context.Context, db *session) (d omop.Dataset, err error) {
	var f int
	err = db.scanRow(ctx, "read description", "SELECT format, version, synthetic, reference_year FROM omop.medmarket_import",
		&f, &d.Version, &d.Synthetic, &d.ReferenceYear)
	if err != nil || f != format {
		return omop.Dataset{}, ErrNotImported
	}
	return d, nil
}
