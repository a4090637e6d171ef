package duckdb_test

import (
	"bytes"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/omop/postgres"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// inPostgres has the records of a file in a hospital's own database, with its schema named as in no other test.
func inPostgres(t *testing.T, file string) *postgres.Engine {
	t.Helper()
	connection := omoptest.Server(t)
	if err := omoptest.LoadPostgres(t.Context(), file, connection, "hospital", t.TempDir()); err != nil {
		t.Fatal(err)
	}
	c := postgres.Config{Connection: connection, Log: slog.New(slog.DiscardHandler)}
	if _, err := postgres.Prepare(t.Context(), postgres.PrepareConfig{Config: c, Schema: "hospital", Key: bytes.Repeat([]byte{1}, 32)}); err != nil {
		t.Fatal(err)
	}
	e, err := postgres.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// Questions of the characterisation have the same numbers in Postgres as here, where they are held against plain SQL.
func TestCharacterisationInPostgres(t *testing.T) {
	omoptest.NotUnderRace(t)
	shared := omoptest.SharedData()
	if shared == "" {
		t.Skip("SKIPPED: no shared data sets here; set MEDMARKET_SHARED_DATA")
	}
	datasets := []string{"gibleed"}
	if os.Getenv("MEDMARKET_LONG") != "" {
		datasets = append(datasets, "nafld_omop", "synthea1k_uon")
	}
	for _, data := range datasets {
		_, file := load(t, filepath.Join(shared, data))
		e := open(t, file)
		follow(t, e, everyone(t, e))
		other := inPostgres(t, file)
		if err := other.Follow(t.Context(), everyone(t, e)); err != nil {
			t.Fatal(err)
		}
		asked := 0
		for _, q := range characterisation() {
			if q.data != data {
				continue
			}
			asked++
			t.Run(data+"/"+q.name, func(t *testing.T) {
				p := planOf(t, e, q.query)
				want := entering(t, p, counted(t, e, p, everybody))
				got := entering(t, p, countedIn(t, other, p, everybody))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-DuckDB +Postgres):\n%s", diff)
				}
			})
		}
		if asked < 15 {
			t.Errorf("only %d questions of %s", asked, data)
		}
	}
}

func countedIn(t *testing.T, e *postgres.Engine, p dp.Plan, a provider.Active) dp.Exact {
	t.Helper()
	exact, err := e.Count(t.Context(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	return exact
}

// Neighbours differ in Postgres, too, by no more than the plan declares, and nothing fails.
func TestGreyBoxSensitivityInPostgres(t *testing.T) {
	omoptest.NotUnderRace(t)
	_, file := load(t, oddFolder(t))
	e := open(t, file)
	other := inPostgres(t, file)
	members := crowd(rand.New(rand.NewPCG(7, 8)))
	if err := other.Follow(t.Context(), members); err != nil {
		t.Fatal(err)
	}
	step := 5
	if os.Getenv("MEDMARKET_LONG") != "" {
		step = 1
	}
	var widest float64
	for i, q := range oddQueries() {
		if i%step != 0 {
			continue
		}
		p := planOf(t, e, q)
		with := entering(t, p, countedIn(t, other, p, everybody))
		for _, leaving := range []int64{3, members[i%len(members)]} { // ten thousand records; any
			x := excess(p, with, entering(t, p, countedIn(t, other, p, without(members, leaving))))
			widest = max(widest, x)
			if x > 1 {
				t.Errorf("query %d: without patient %d the numbers differ by the square root of %v times what is declared:\n%+v", i, leaving, x, p.Query)
			}
		}
	}
	if widest < 0.5 {
		t.Errorf("nobody made more than %v of the difference allowed: the check is empty", widest)
	}
}
