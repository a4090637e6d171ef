package duckdb_test

import (
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// folder writes files; those named .gz are compressed.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		var b strings.Builder
		b.WriteString(content)
		if strings.HasSuffix(strings.ToLower(name), ".gz") {
			b.Reset()
			w := gzip.NewWriter(&b)
			if _, err := w.Write([]byte(content)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const person = "person_id,gender_concept_id,year_of_birth\n1,8532,1980\n2,8507,1950\n"

func TestImportTolerates(t *testing.T) {
	dir := folder(t, map[string]string{
		"PERSON.CSV": "\ufeffPERSON_ID,Gender_Concept_Id, year_of_birth ,race_concept_id,note\r\n" +
			"1,8532,1980,8527,\"a, b\"\r\n" +
			"2,8507.0,19800000,NULL,\r\n" + // a year that is none
			"3,female,1950.5,0,\r\n" + // words and fractions
			"2,8532,1970,0,\r\n" + // again; this one comes first by content
			",8507,1950,0,\r\n" +
			"x,8507,1950,0,\r\n" +
			"9007199254740993,8507,1950,0,\r\n" +
			"4,8507,1950\r\n", // too short
		"Condition_Occurrence.csv.gz": "condition_occurrence_id\tperson_id\tcondition_concept_id\tcondition_start_date\n" +
			"1\t1\t320128\t2020-01-02\n2\t1\t320128\t20200102\n3\t2\t0\t2020-01-02 10:00:00\n4\t5\t320128\tsoon\n5\t1\t\t\n6\t\t7\t\n7\t3\t7\tsoon\n",
		"Measurement.csv": "person_id|measurement_concept_id|value_as_number\n1|3004249|1e999\n1|3004249|NaN\n1|3004249|13682\n2|3004249|\n",
		"note.csv":        "anything\n",
		"README.md":       "hello",
	})
	r, file := load(t, dir)
	r.Version = ""
	want := duckdb.Report{
		Patients: 3,
		Tables: []duckdb.TableReport{
			{
				Table: "person", Read: 8, Loaded: 3, Rejected: 5,
				Reasons: map[duckdb.Reason]int64{duckdb.Malformed: 1, duckdb.NoPersonID: 2, duckdb.PersonIDOutOfRange: 1, duckdb.DuplicatePersonID: 1},
				Emptied: map[string]int64{"gender_concept_id": 1, "year_of_birth": 1},
			},
			{
				Table: "condition_occurrence", Read: 7, Loaded: 4, Rejected: 3,
				Reasons: map[duckdb.Reason]int64{duckdb.NoPersonID: 1, duckdb.NoConcept: 1, duckdb.Orphan: 1},
				Emptied: map[string]int64{"condition_start_date": 1},
			},
			{
				Table: "measurement", Read: 4, Loaded: 4,
				Reasons: map[duckdb.Reason]int64{}, Emptied: map[string]int64{"value_as_number": 2},
			},
		},
		Ignored: []string{"README.md", "note.csv"},
	}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	e := open(t, file)
	numbers, err := patientNumbers(t.Context(), e)
	if err != nil || !cmp.Equal(numbers, []int64{1, 2, 3}) {
		t.Errorf("patients %v, %v", numbers, err)
	}
}

func TestImportRefuses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  omop.NotOMOPError
	}{
		{"nothing", nil, omop.NotOMOPError{Why: "has no person.parquet, person.csv or person.csv.gz"}},
		{"no person", map[string]string{"concept.csv": "concept_id,concept_name\n"}, omop.NotOMOPError{Why: "has no person.parquet, person.csv or person.csv.gz"}},
		{"no year", map[string]string{"person.csv": "person_id,gender_concept_id\n1,8507\n"}, omop.NotOMOPError{Table: "person", Column: "year_of_birth", Why: "is missing"}},
		{"no number", map[string]string{"person.csv": "id,gender_concept_id,year_of_birth\n"}, omop.NotOMOPError{Table: "person", Column: "person_id", Why: "is missing"}},
		{"nobody", map[string]string{"person.csv": "person_id,gender_concept_id,year_of_birth\n"}, omop.NotOMOPError{Table: "person", Why: "has no usable row"}},
		{"empty file", map[string]string{"person.csv": ""}, omop.NotOMOPError{Table: "person", Why: "has no line of column names"}},
		{"empty stream", map[string]string{"person.csv": person, "drug_exposure.csv.gz": ""}, omop.NotOMOPError{Table: "drug_exposure", Why: "has no line of column names"}},
		{"two files", map[string]string{"person.csv": person, "Person.csv.gz": person}, omop.NotOMOPError{Table: "person", Why: "is there in two files"}},
		{"a table of something else", map[string]string{"person.csv": person, "measurement.csv": "person_id,weight\n1,80\n"}, omop.NotOMOPError{Table: "measurement", Column: "measurement_concept_id", Why: "is missing"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := t.TempDir()
			_, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder(t, tt.files), File: filepath.Join(out, "f")})
			var not *omop.NotOMOPError
			if !errors.As(err, &not) || *not != tt.want {
				t.Errorf("got %v, want %v", err, &tt.want)
			}
			if left, _ := os.ReadDir(out); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// A table that few questions need does not keep the others out.
func TestImportLeavesOtherDevicesAlone(t *testing.T) {
	r, _ := load(t, folder(t, map[string]string{
		"person.csv": person, "device_exposure.csv": "1,1,21332862\n1,2,3\n", "a.txt": "",
		"death.csv": "person_id,death_date,cause_concept_id\n1,2020-01-01,\n2,,7\n3,2020-01-01,\n",
	}))
	if diff := cmp.Diff([]string{"a.txt", "device_exposure.csv"}, r.Ignored); diff != "" {
		t.Errorf("left alone (-want +got):\n%s", diff)
	}
	if len(r.Tables) != 2 || r.Tables[1].Table != "death" || r.Tables[1].Loaded != 2 || r.Tables[1].Reasons[duckdb.Orphan] != 1 {
		t.Errorf("%+v", r.Tables)
	}
}

// A bad import leaves the file that was there, and says nothing of the records.
func TestImportLeavesTheOldFile(t *testing.T) {
	_, file := load(t, folder(t, map[string]string{"person.csv": person}))
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := folder(t, map[string]string{"person.csv": person, "condition_occurrence.parquet": "PAR1 patient 4711 PAR1"})
	_, err = duckdb.Import(t.Context(), duckdb.ImportConfig{From: bad, File: file})
	if !errors.Is(err, omop.ErrEngine) || strings.Contains(err.Error(), "4711") {
		t.Errorf("broken Parquet: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	good := folder(t, map[string]string{"person.csv": person + "3,8507,1990\n"})
	if _, err := duckdb.Import(ctx, duckdb.ImportConfig{From: good, File: file, Key: []byte("secret")}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	after, err := os.ReadFile(file)
	if err != nil || string(before) != string(after) {
		t.Errorf("the file changed, %v", err)
	}
	if _, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: good, File: file, Key: []byte("secret")}); err != nil {
		t.Fatal(err)
	}
	numbers, err := patientNumbers(t.Context(), open(t, file))
	if err != nil || len(numbers) != 3 {
		t.Errorf("after a good import: %v, %v", numbers, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestVersion(t *testing.T) {
	base := map[string]string{"person.csv": person, "notes.txt": "a"}
	version := func(key string, change map[string]string) string {
		t.Helper()
		files := map[string]string{}
		for _, m := range []map[string]string{base, change} {
			for k, v := range m {
				files[k] = v
			}
		}
		r, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder(t, files), File: filepath.Join(t.TempDir(), "f"), Key: []byte(key)})
		if err != nil {
			t.Fatal(err)
		}
		return r.Version
	}
	v := version("secret", nil)
	if !regexp.MustCompile(`^sha256:[0-9a-f]{64}$`).MatchString(v) {
		t.Errorf("version %q", v)
	}
	if version("secret", map[string]string{"notes.txt": "b"}) != v {
		t.Error("a file that is not loaded changes the version")
	}
	for name, other := range map[string]string{
		"another patient": version("secret", map[string]string{"person.csv": person + "3,8507,1990\n"}),
		"another table":   version("secret", map[string]string{"concept.csv": "concept_id,concept_name\n"}),
		"a key":           version("other", nil),
	} {
		if other == v {
			t.Errorf("%s does not change the version", name)
		}
	}
}

// Which cells patients count in is drawn from the version: for real patients it is nothing that others' records make.
func TestRealRecordsNeedAKey(t *testing.T) {
	patients := map[string]string{"person.csv": person}
	made := map[string]string{"person.csv": person, "cdm_source.csv": "cdm_source_name\nSynthea synthetic health database\n"}
	for _, c := range []struct {
		files map[string]string
		key   []byte
		want  error
	}{{patients, nil, duckdb.ErrKey}, {patients, []byte("secret"), nil}, {made, nil, nil}} {
		file := filepath.Join(t.TempDir(), "f")
		_, err := duckdb.Import(t.Context(), duckdb.ImportConfig{From: folder(t, c.files), File: file, Key: c.key})
		if !errors.Is(err, c.want) {
			t.Errorf("%v with key %q: %v", c.files, c.key, err)
		}
		if _, missing := os.Stat(file); (missing != nil) != (c.want != nil) {
			t.Errorf("%v with key %q: file %v", c.files, c.key, missing)
		}
	}
}

func TestDescription(t *testing.T) {
	for name, tt := range map[string]struct {
		source    string
		synthetic bool
		year      int
	}{
		"synthea":        {"cdm_source_name,source_description,source_release_date\nX,Synthea(TM),2019-05-25\n", true, 2019},
		"later release":  {"cdm_source_name,source_release_date,cdm_release_date\nX,2019-05-25,2021-01-01\n", false, 2021},
		"not synthetic":  {"cdm_source_name,source_description\nX,real records and no synthetic ones\n", false, 0},
		"absurd":         {"cdm_source_name,source_release_date\nX,9999-01-01\n", false, 0},
		"no such column": {"name\nSynthetic\n", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := load(t, folder(t, map[string]string{"person.csv": person, "cdm_source.csv": tt.source}))
			if r.Synthetic != tt.synthetic || r.ReferenceYear != tt.year {
				t.Errorf("got %v, %d, want %v, %d", r.Synthetic, r.ReferenceYear, tt.synthetic, tt.year)
			}
		})
	}
}

// The folders that were brought in, warts and all. The numbers of patients with
// an event were counted with DuckDB alone.
func TestSharedFolders(t *testing.T) {
	for name, tt := range map[string]struct {
		patients, orphans int64
		synthetic         bool
		year              int
		event             dp.Group
		yes               int64
	}{
		"gibleed":       {2694, 2649, true, 2019, has(cohort.Drug, true, 1177480), 1451},
		"nafld_omop":    {17549, 6, false, 0, has(cohort.Measurement, false, 3004249), 7484},
		"synthea1k_uon": {1130, 0, false, 0, has(cohort.Condition, false, 40481087), 711},
		"synthea27nj":   {28, 0, true, 2022, has(cohort.Measurement, false, 3004249), 28},
	} {
		t.Run(name, func(t *testing.T) {
			shared := omoptest.SharedData()
			if shared == "" {
				t.Skip("SKIP: no shared/data beside the repository; set MEDMARKET_SHARED_DATA")
			}
			r, file := load(t, filepath.Join(shared, name))
			var orphans int64
			for _, table := range r.Tables {
				orphans += table.Reasons[duckdb.Orphan]
			}
			if r.Patients != tt.patients || orphans != tt.orphans || r.Synthetic != tt.synthetic || r.ReferenceYear != tt.year {
				t.Errorf("got %d patients, %d orphans, synthetic %v, year %d", r.Patients, orphans, r.Synthetic, r.ReferenceYear)
			}
			e := open(t, file)
			follow(t, e, everyone(t, e))
			all := everybody
			if got := count(t, e, plan(t, e, tt.event), all); sum(got) != tt.patients || got[0] != tt.yes {
				t.Errorf("with and without the event: %v", got)
			}
			if got := sum(count(t, e, plan(t, e, bySex, byAge), all)); got < tt.patients*9/10 || got > tt.patients {
				t.Errorf("%d of %d patients by sex and age", got, tt.patients)
			}
		})
	}
}
