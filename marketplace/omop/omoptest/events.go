package omoptest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// events: what a patient's records say, in one order, by kind and day; what has no day, and other patients', is not among it.
func events(t *testing.T, e Engine) {
	drug := recordindex.Event{
		Kind: recordindex.Medication, ID: 3, Concept: 1503297, Start: "2024-03-02", End: "2024-04-01", Quantity: new(30.0), DaysSupply: new(int64(30)),
	}
	first := recordindex.Event{Kind: recordindex.Laboratory, ID: 7, Concept: 3004410, Start: "2024-03-02", Value: new(7.25), Unit: 8554}
	second := recordindex.Event{Kind: recordindex.Laboratory, ID: 8, Concept: 3004410, Start: "2024-03-02", Value: new(6.5), Low: new(4.0), Unit: 8554}
	third := recordindex.Event{Kind: recordindex.Laboratory, ID: 9, Concept: 3004410, Start: "2024-04-01", ValueConcept: 4181412}
	for _, c := range []struct {
		name    string
		patient int64
		kind    records.Kind
		day     string
		want    []recordindex.Event
	}{
		{"all", 1, "", "", []recordindex.Event{first, second, third, drug}},
		{"a kind", 1, recordindex.Laboratory, "", []recordindex.Event{first, second, third}},
		{"a day", 1, "", "2024-03-02", []recordindex.Event{first, second, drug}},
		{"a kind and day", 1, recordindex.Laboratory, "2024-04-01", []recordindex.Event{third}},
		{"a day of nothing", 1, recordindex.Laboratory, "2024-04-02", nil},
		{"a kind of nothing", 1, recordindex.Procedures, "", nil},
		{"nobody", 77, "", "", nil},
	} {
		got, _, err := e.Events(t.Context(), c.patient, c.kind, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
	_, known, err := e.Events(t.Context(), 1, "", "2024-03-02")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(recordindex.Concepts{3004410: {Vocabulary: "LOINC", Code: "4548-4", Name: "Hemoglobin A1c"}, 8554: {Vocabulary: "UCUM", Code: "%", Name: "percent"}}, known); diff != "" {
		t.Errorf("concepts that the events of a day name (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := e.Events(ctx, 1, "", ""); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
