package duckdb_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/marketplace/provider"
)

func TestPersons(t *testing.T) {
	_, file := load(t, folder(t, map[string]string{
		"person.csv": "person_id,person_source_value,gender_concept_id,year_of_birth\n" +
			"7, MRN-7 ,8507,1950\n-3,NULL,8532,\n2,,,1980\n2,MRN-2,,1980\n5,\"a, \"\"b\"\"\",8532,1\n",
	}))
	e := open(t, file)
	want := []provider.Person{
		{Number: -3, Gender: 8532}, {Number: 2, SourceValue: "MRN-2", YearOfBirth: 1980}, // of rows with one number the first by content
		{Number: 5, SourceValue: `a, "b"`, Gender: 8532}, {Number: 7, SourceValue: "MRN-7", YearOfBirth: 1950, Gender: 8507},
	}
	for range 2 { // it can be gone through again
		var got []provider.Person
		for p, err := range e.Persons(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, p)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("persons (-want +got):\n%s", diff)
		}
		for _, err := range e.Persons(t.Context()) { // and left early
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
}

// Records without identifiers, and those that break off.
func TestPersonsWithoutIdentifiers(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for p, err := range e.Persons(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; p.Number != int64(n) || p.SourceValue != "" || p.YearOfBirth < 1900 || p.YearOfBirth > 2025 {
			t.Fatalf("person %d is %+v", n, p)
		}
	}
	if n != 400 {
		t.Errorf("%d persons, want 400", n)
	}
	cancel()
	last := error(nil)
	for _, err := range e.Persons(ctx) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("with a context that is over: error %v", last)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, err := range e.Persons(t.Context()) {
		last = err
	}
	if !errors.Is(last, os.ErrClosed) {
		t.Errorf("after Close: error %v", last)
	}
}
