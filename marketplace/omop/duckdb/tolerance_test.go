package duckdb_test

import (
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/synth"
)

// Parquet columns of any type turn into what they can, and never into an error.
func TestImportAnyType(t *testing.T) {
	for _, tt := range []struct{ number, sex, year string }{
		{"1::UTINYINT", "8507::DOUBLE", "1980::FLOAT"},
		{"'1'", "true", "DATE '1980-01-01'"},
		{"1.0::DECIMAL(4,1)", "[8507, 8532]", "{'year': 1980}"},
		{"1::HUGEINT", "'NaN'::DOUBLE", "'infinity'::DOUBLE"},
		{"1::BIGINT", "170141183460469231731687303715884105727::HUGEINT", "'\\x00'::BLOB"},
		{"1::INTEGER", "INTERVAL 1 DAY", "TIMESTAMP '1980-01-01 00:00:00'"},
	} {
		t.Run(tt.number+" "+tt.sex+" "+tt.year, func(t *testing.T) {
			dir := t.TempDir()
			db, err := sql.Open("duckdb", "")
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			_, err = db.ExecContext(t.Context(), fmt.Sprintf(
				"COPY (SELECT %s AS person_id, %s AS gender_concept_id, %s AS year_of_birth) TO '%s/person.parquet' (FORMAT parquet)",
				tt.number, tt.sex, tt.year, dir))
			if err != nil {
				t.Fatal(err)
			}
			r, file := load(t, dir)
			numbers, err := patientNumbers(t.Context(), open(t, file))
			if r.Patients != 1 || !cmp.Equal(numbers, []int64{1}) {
				t.Errorf("%+v, patients %v, %v", r, numbers, err)
			}
		})
	}
}

func TestImportAnyPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's [a] \"folder\"? 50% #1 *")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "person.csv"), []byte(person), 0o600); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	if _, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: dir, File: filepath.Join(out, "a?b"), Key: []byte("secret")}); !errors.Is(err, duckdb.ErrPath) {
		t.Errorf("a file with a question mark: %v", err)
	}
	file := filepath.Join(out, "it's [a] \"file\" #1 *.duckdb")
	r, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: dir, File: file, Key: []byte("secret")})
	if err != nil || r.Patients != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if numbers, err := patientNumbers(t.Context(), open(t, file)); err != nil || len(numbers) != 2 {
		t.Errorf("patients %v, %v", numbers, err)
	}
}

func TestImportOtherEncoding(t *testing.T) {
	r, _ := load(t, folder(t, map[string]string{"person.csv": person + "3,8507,1990\n",
		"concept.csv": "concept_id,concept_name\n1,Asthma\n2,M\xe9ni\xe8re\n"}))
	for _, table := range r.Tables {
		if table.Table == "concept" && (table.Loaded != 1 || table.Reasons[duckdb.Malformed] != 1) {
			t.Errorf("%+v", table)
		}
	}
}

// With next to no memory the engine spills into a directory beside the file.
func TestLittleMemory(t *testing.T) {
	dir := t.TempDir()
	if _, err := synth.Generate(t.Context(), synth.Config{Patients: 5000, Seed: 1, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "records.duckdb")
	little := duckdb.Limits{Threads: 1, MemoryLimit: "24MB"}
	if _, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: dir, File: file, Key: []byte("secret"), Limits: little}); err != nil {
		t.Fatal(err)
	}
	e, err := duckdb.Open(t.Context(), duckdb.Config{File: file, Limits: little, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	follow(t, e, everyone(t, e))
	got := count(t, e, plan(t, e, has(cohort.Condition, true, 316866)), everybody)
	if sum(got) != 5000 || got[0] < 1000 {
		t.Errorf("hypertensive or not: %v", got)
	}
}

// Whatever a file holds, it is loaded row by row or refused, and errors do not quote it.
func FuzzImport(f *testing.F) {
	f.Add([]byte(person), false)
	f.Add([]byte("person_id;gender_concept_id;year_of_birth\n1;8507;\"19\n80\"\n"), false)
	f.Add([]byte("person_id,gender_concept_id,year_of_birth\n\"1,8507,1980\n"), false)
	f.Add([]byte("\xff\xfep\x00e\x00"), false)
	f.Add([]byte("PAR1 secret PAR1"), true)
	f.Add([]byte("person_id,person_id,,gender_concept_id,year_of_birth\n1,2,3,4,5\n\x00\n"), false)
	f.Fuzz(func(t *testing.T, content []byte, parquet bool) {
		dir, name := t.TempDir(), "person.csv"
		if parquet {
			name = "person.parquet"
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: dir, File: filepath.Join(dir, "out.duckdb"), Key: []byte("secret")})
		var not *omop.NotOMOPError
		switch {
		case errors.As(err, &not) || errors.Is(err, omop.ErrEngine):
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("error quotes the file: %v", err)
			}
		case err != nil:
			t.Errorf("neither loaded nor refused: %v", err)
		case r.Patients < 1 || r.Tables[0].Read != r.Tables[0].Loaded+r.Tables[0].Rejected:
			t.Errorf("report %+v", r)
		}
	})
}
