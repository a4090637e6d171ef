package postgres_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
)

// The version is that of the rows that are read, with a key, and of nothing else.
func TestVersion(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	r := h.prepare(t)
	if r.Patients != 3 || r.Synthetic || r.ReferenceYear != 0 || r.Writable {
		t.Errorf("report %+v", r)
	}
	rows := map[string]int64{}
	for _, table := range r.Tables {
		if !table.Missing {
			rows[table.Table] = table.Rows
		}
	}
	if diff := cmp.Diff(map[string]int64{"person": 3, "measurement": 3}, rows); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		what, text string
		same       bool
	}{
		{"nothing", "SELECT pg_stat_force_next_flush()", true},
		{"order", "CREATE TABLE cdm.sorted AS SELECT * FROM cdm.measurement ORDER BY measurement_id DESC; TRUNCATE cdm.measurement; INSERT INTO cdm.measurement SELECT * FROM cdm.sorted", true},
		{"a column that is not read", "ALTER TABLE cdm.person ADD COLUMN month_of_birth INTEGER DEFAULT 7", true},
		{"wider numbers", "ALTER TABLE cdm.measurement ALTER COLUMN measurement_id TYPE BIGINT", true},
		{"a value", "UPDATE cdm.measurement SET value_as_number = 5.000001 WHERE measurement_id = 1", false},
		{"a NULL", "UPDATE cdm.person SET race_concept_id = NULL WHERE person_id = 3", false},
		{"an identifier", "UPDATE cdm.person SET person_source_value = 'mrn-4' WHERE person_id = 3", false},
		{"a row twice", "INSERT INTO cdm.measurement SELECT * FROM cdm.measurement WHERE measurement_id = 2", false},
	} {
		if tt.what == "wider numbers" { // which a view that reads them forbids
			exec(t, h.Conn, "DROP VIEW medmarket.measurement")
		}
		exec(t, h.Conn, tt.text)
		exec(t, h.Conn, "SELECT pg_stat_force_next_flush()")
		now := h.prepare(t)
		if (now.Version == r.Version) != tt.same {
			t.Errorf("%s: the same version: %v, want %v", tt.what, now.Version == r.Version, tt.same)
		}
		r = now
	}
	other, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: bytes.Repeat([]byte{8}, 32)})
	if err != nil || other.Version == r.Version {
		t.Errorf("with another key: version %s, before %s, %v", other.Version, r.Version, err)
	}
}

// What is not OMOP, or cannot be watched, is refused by name, and leaves what was prepared before.
func TestPrepareRefuses(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	version := h.prepare(t).Version
	for _, tt := range []struct {
		text, undo string
		want       omop.NotOMOPError
	}{
		{
			"CREATE VIEW cdm.death AS SELECT person_id, DATE '2020-01-01' AS death_date FROM cdm.person; GRANT SELECT ON cdm.death TO medmarket", "DROP VIEW cdm.death",
			omop.NotOMOPError{Table: "death", Why: "is a view or a foreign table, or has one for a part: nobody could tell that what it shows has changed"},
		},
		{
			"CREATE TABLE cdm.death (person_id INTEGER) PARTITION BY LIST (person_id); CREATE FOREIGN DATA WRAPPER far; CREATE SERVER far FOREIGN DATA WRAPPER far;" +
				" CREATE FOREIGN TABLE cdm.away PARTITION OF cdm.death DEFAULT SERVER far; GRANT SELECT ON cdm.death TO medmarket", "DROP FOREIGN DATA WRAPPER far CASCADE; DROP TABLE cdm.death",
			omop.NotOMOPError{Table: "death", Why: "is a view or a foreign table, or has one for a part: nobody could tell that what it shows has changed"},
		},
		{"CREATE TABLE cdm.death (person_id INTEGER)", "DROP TABLE cdm.death", omop.NotOMOPError{Table: "death", Why: "may not be read by this role"}},
		{
			"CREATE TABLE cdm.specimen (person_id INTEGER); GRANT SELECT ON cdm.specimen TO medmarket", "DROP TABLE cdm.specimen",
			omop.NotOMOPError{Table: "specimen", Column: "specimen_concept_id", Why: "is missing"},
		},
		{
			"CREATE TABLE cdm.death (person_id INTEGER, death_date TEXT); GRANT SELECT ON cdm.death TO medmarket", "DROP TABLE cdm.death",
			omop.NotOMOPError{Table: "death", Column: "death_date", Why: "has type text"},
		},
		{
			"ALTER TABLE cdm.measurement ENABLE ROW LEVEL SECURITY", "ALTER TABLE cdm.measurement DISABLE ROW LEVEL SECURITY",
			omop.NotOMOPError{Table: "measurement", Why: "hides rows from this role by row security"},
		},
		{
			"INSERT INTO cdm.person VALUES (4711, 8532), (4711, 8507)", "DELETE FROM cdm.person WHERE person_id = 4711",
			omop.NotOMOPError{Table: "person", Column: "person_id", Why: "has a number twice"},
		},
		{
			"ALTER TABLE cdm.person RENAME TO people", "ALTER TABLE cdm.people RENAME TO person",
			omop.NotOMOPError{Table: "person", Why: "is not in the schema"},
		},
	} {
		exec(t, h.Conn, tt.text)
		_, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: key})
		var not *omop.NotOMOPError
		if !errors.As(err, &not) || *not != tt.want {
			t.Errorf("%s: %v, want %v", tt.text, err, &tt.want)
		}
		exec(t, h.Conn, tt.undo)
	}
	exec(t, h.Conn, "SELECT pg_stat_force_next_flush()")
	var left string
	if err := h.QueryRow(t.Context(), "SELECT version FROM medmarket.prepared").Scan(&left); err != nil || left != version {
		t.Errorf("left version %s, %v; want %s", left, err, version)
	}
}

// The vocabulary may be in a schema of its own; cdm_source is with the records.
func TestVocabularyElsewhere(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	for _, text := range []string{
		"CREATE TABLE cdm.cdm_source (cdm_source_name VARCHAR(255), source_release_date DATE, cdm_release_date DATE)",
		"INSERT INTO cdm.cdm_source VALUES ('A real hospital', 'infinity', NULL), ('not synthetic', '2025-12-31', '2024-01-01')",
		"CREATE SCHEMA vocab",
		"CREATE TABLE vocab.concept_ancestor (ancestor_concept_id INTEGER, descendant_concept_id INTEGER)",
		"INSERT INTO vocab.concept_ancestor VALUES (10, 11), (10, NULL)",
		"GRANT USAGE ON SCHEMA vocab TO medmarket", "GRANT SELECT ON ALL TABLES IN SCHEMA vocab TO medmarket",
		"SELECT pg_stat_force_next_flush()",
	} {
		exec(t, h.Conn, text)
	}
	h.grant(t)
	r, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Vocabulary: "vocab", Key: key})
	if err != nil || r.ReferenceYear != 2025 || r.Synthetic {
		t.Fatalf("report %+v, %v", r, err)
	}
	e := h.open(t)
	if err := follow(t, e); err != nil {
		t.Fatal(err)
	}
	got, err := count(t, e, dp.Query{GroupBy: []dp.Group{{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Measurement, true, 10)}}}, everyone)
	if err != nil || !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("%v, %v; want the two with what is below concept 10", got, err)
	}
}

// A database is used by one engine, or prepared, at a time; and not before it is prepared.
func TestOneUser(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	if _, err := postgres.Open(t.Context(), h.config()); !errors.Is(err, postgres.ErrNotPrepared) {
		t.Errorf("before Prepare: %v, want ErrNotPrepared", err)
	}
	h.prepare(t)
	h.open(t)
	if _, err := postgres.Open(t.Context(), h.config()); !errors.Is(err, postgres.ErrInUse) {
		t.Errorf("a second engine: %v, want ErrInUse", err)
	}
	if _, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: key}); !errors.Is(err, postgres.ErrInUse) {
		t.Errorf("prepared while open: %v, want ErrInUse", err)
	}
}

// A server that does not count what is written is no place to watch records in.
func TestUncounted(t *testing.T) {
	h := newHospital(t)
	h.records(t)
	exec(t, h.Conn, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET track_counts = off', current_database()); END $$")
	if _, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: h.config(), Schema: "cdm", Key: key}); !errors.Is(err, postgres.ErrUncounted) {
		t.Errorf("%v, want ErrUncounted", err)
	}
}

// A role that may write is told so. Partitions are watched as their table is.
func TestPartitions(t *testing.T) {
	omoptest.NotUnderRace(t)
	h := newHospital(t)
	h.records(t)
	for _, text := range []string{
		"CREATE TABLE cdm.death (person_id INTEGER, cause_concept_id INTEGER, death_date DATE) PARTITION BY HASH (person_id)",
		"CREATE TABLE cdm.death_1 PARTITION OF cdm.death FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
		"INSERT INTO cdm.death VALUES (1, 0, '2024-01-01')", "GRANT INSERT ON cdm.death TO medmarket",
		"CREATE MATERIALIZED VIEW cdm.specimen AS SELECT person_id, 7 AS specimen_concept_id FROM cdm.person", "SELECT pg_stat_force_next_flush()",
	} {
		exec(t, h.Conn, text)
	}
	h.grant(t)
	for _, change := range []string{"INSERT INTO cdm.death VALUES (2)", "REFRESH MATERIALIZED VIEW cdm.specimen"} {
		if r := h.prepare(t); !r.Writable {
			t.Error("the role may write a table and is not told")
		}
		e := h.open(t)
		exec(t, h.Conn, change)
		exec(t, h.Conn, "SELECT pg_stat_force_next_flush()")
		if err := follow(t, e); !errors.Is(err, postgres.ErrChanged) {
			t.Errorf("%s: %v, want ErrChanged", change, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
