package duckdb_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// patientNumbers are the numbers of all patients, rising.
func patientNumbers(ctx context.Context, e *duckdb.Engine) ([]int64, error) {
	var numbers []int64
	for p, err := range e.Persons(ctx) {
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, p.Number)
	}
	return numbers, nil
}

// everyone is all patients.
func everyone(t testing.TB, e *duckdb.Engine) []int64 {
	t.Helper()
	numbers, err := patientNumbers(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

func follow(t testing.TB, e *duckdb.Engine, patients []int64) {
	t.Helper()
	if err := e.Follow(t.Context(), patients); err != nil {
		t.Fatal(err)
	}
}

// everybody is the active set of whoever is followed, being no more than these.
var everybody = omoptest.Everyone(1 << 15)

// without is the active set of patients who are followed but for some.
func without(followed []int64, patients ...int64) provider.Active {
	a := omoptest.Everyone(len(followed))
	for i, p := range followed {
		if slices.Contains(patients, p) {
			a.Remove(i)
		}
	}
	return a
}

func count(t testing.TB, e *duckdb.Engine, p dp.Plan, a provider.Active) []int64 {
	t.Helper()
	counts, err := e.Count(t.Context(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	return exact(t, t, p, counts)
}

func sum(values []int64) (s int64) {
	for _, v := range values {
		s += v
	}
	return s
}

// tiny writes four patients: a woman of 26, a man of 46, one of another sex, and
// a woman without a year of birth.
func tiny(t *testing.T) string {
	t.Helper()
	return folder(t, map[string]string{
		"person.csv":               "person_id,gender_concept_id,year_of_birth\n1,8532,2000\n2,8507,1980\n3,8521,1980\n4,8532,\n",
		"condition_occurrence.csv": "person_id,condition_concept_id\n1,320128\n2,10\n2,10\n4,316866\n",
		"concept_ancestor.csv":     "ancestor_concept_id,descendant_concept_id\n316866,316866\n316866,320128\n",
		"cdm_source.csv":           "cdm_source_name,source_release_date\nA real hospital,2026-03-01\n",
	})
}

func TestEngineSuite(t *testing.T) {
	omoptest.EngineSuite(t, func(t testing.TB, folder string) omoptest.Engine {
		_, file := load(t, folder)
		return open(t, file)
	})
}

// G5: what cannot be planned is known before it is charged, and whoever may be counted.
func TestReady(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	p := plan(t, e, bySex, has(cohort.Condition, true, 316866))
	if err := e.Ready(t.Context(), p); err != nil { // before it follows anybody
		t.Error(err)
	}
	for text, code := range map[string]string{"SELECT 1 + nobody": "binder", "SELECT 1 FROM omop.nothing": "catalog", "SELECT 1 FROM medmarket.patient": ""} {
		err := duckdb.Explain(t.Context(), e, omop.Statement{Text: text})
		var failed *omop.EngineError
		if errors.As(err, &failed) != (code != "") || failed != nil && failed.Code != code {
			t.Errorf("%s: %v, want %q", text, err, code)
		}
	}
	follow(t, e, everyone(t, e))
	if err := e.Ready(t.Context(), p); err != nil {
		t.Error(err)
	}
	if n := sum(count(t, e, p, everybody)); n != 3 {
		t.Errorf("%d patients afterwards, want 3", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("patient 4711 is not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := duckdb.Open(t.Context(), duckdb.Config{File: other, Log: log})
	if !errors.Is(err, duckdb.ErrNotImported) || strings.Contains(err.Error(), "4711") {
		t.Errorf("another file: %v", err)
	}
	_, err = duckdb.Open(t.Context(), duckdb.Config{File: other + "x", Log: log})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := duckdb.Open(t.Context(), duckdb.Config{File: other}); err == nil {
		t.Error("opened without Log")
	}
}

func TestClosed(t *testing.T) {
	_, file := load(t, tiny(t))
	var log bytes.Buffer
	e, err := duckdb.Open(t.Context(), duckdb.Config{File: file, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := patientNumbers(t.Context(), e); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the file: %v, %v", left, err)
	}
	if !strings.Contains(log.String(), "records opened") {
		t.Errorf("log: %q", log.String())
	}
}
