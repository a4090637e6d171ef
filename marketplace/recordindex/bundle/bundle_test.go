package bundle_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/ledger/records"
	"github.com/medmarket/medmarket/marketplace/recordindex"
	"github.com/medmarket/medmarket/marketplace/recordindex/bundle"
	"github.com/medmarket/medmarket/marketplace/recordindex/r4"
)

var hospital = ledger.Address{1}

func event(t *rapid.T, kind records.Kind) recordindex.Event {
	maybe := func(name string) *float64 {
		if !rapid.Bool().Draw(t, name+"?") {
			return nil
		}
		v := rapid.Float64().Draw(t, name)
		return &v
	}
	e := recordindex.Event{
		Kind: kind, ID: rapid.Int64Range(0, 1<<40).Draw(t, "id"), Concept: rapid.SampledFrom([]int64{0, 9201, 9202, 201826}).Draw(t, "concept"),
		Start: "2024-03-31", End: rapid.SampledFrom([]string{"", "2024-03-31", "2024-04-02", "2023-01-01"}).Draw(t, "end"),
		Value: maybe("value"), Low: maybe("low"), High: maybe("high"), Quantity: maybe("quantity"),
		ValueConcept: rapid.SampledFrom([]int64{0, 5}).Draw(t, "value concept"), Unit: rapid.SampledFrom([]int64{0, 8554}).Draw(t, "unit"),
	}
	if rapid.Bool().Draw(t, "supply?") {
		e.DaysSupply = new(rapid.Int64().Draw(t, "supply"))
	}
	return e
}

// vocabulary is what may be known of the concepts above, or of others.
func vocabulary(t *rapid.T) recordindex.Concepts {
	return rapid.MapOfN(rapid.SampledFrom([]int64{9201, 201826, 5, 8554}), rapid.Custom(func(t *rapid.T) recordindex.Concept {
		return recordindex.Concept{
			Vocabulary: rapid.SampledFrom([]string{"", "SNOMED", "LOINC", "RxNorm", "UCUM", "ICD10CM", "Visit"}).Draw(t, "vocabulary"),
			Code:       rapid.OneOf(rapid.SampledFrom([]string{"", "44054006", "mg/dL", "a b", "a  b", " a", "a\n"}), rapid.String()).Draw(t, "code"),
			Name:       rapid.OneOf(rapid.SampledFrom([]string{"", " ", "Type 2 diabetes mellitus", "two\nlines", "a\u2028b", "\xff"}), rapid.String()).Draw(t, "name"),
		}
	}), 0, 4).Draw(t, "vocabulary")
}

// Whatever the events, the Bundle keeps to the published schema, is the same twice, and has a resource for each event.
func TestBundlesAreR4(t *testing.T) {
	render := bundle.Renderer(hospital)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(recordindex.Kinds()).Draw(t, "kind")
		events := make([]recordindex.Event, rapid.IntRange(1, 4).Draw(t, "events"))
		for i := range events {
			events[i] = event(t, kind)
		}
		known := vocabulary(t)
		content, err := render(events, known)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := render(events, known); err != nil || string(again) != string(content) {
			t.Fatal("rendered twice, it differs")
		}
		var v map[string]any
		if err := json.Unmarshal(content, &v); err != nil {
			t.Fatal(err)
		}
		if got := len(v["entry"].([]any)); got != len(events) {
			t.Fatalf("%d entries of %d events", got, len(events))
		}
		if err := r4.Check(content); err != nil {
			t.Fatalf("%v\n%s", err, content)
		}
	})
}

// A record has resources of its own kind only, which are what a reader of that kind may see.
func TestKindsHaveTheirResources(t *testing.T) {
	want := map[records.Kind]string{
		recordindex.Conditions: "Condition", recordindex.Laboratory: "Observation", recordindex.Medication: "MedicationStatement",
		recordindex.Observations: "Observation", recordindex.Procedures: "Procedure", recordindex.Visits: "Encounter",
	}
	if got := slices.Sorted(maps.Keys(want)); !slices.Equal(got, recordindex.Kinds()) {
		t.Fatalf("kinds %v", got)
	}
	for kind, resource := range want {
		content, err := bundle.Renderer(hospital)([]recordindex.Event{{Kind: kind, ID: 4, Concept: 5, Start: "2024-03-31"}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), `"resourceType":"`+resource+`"`) || strings.Count(string(content), "resourceType") != 2 {
			t.Errorf("%s: %s", kind, content)
		}
	}
	if _, err := bundle.Renderer(hospital)([]recordindex.Event{{Kind: "secrets"}}, nil); err == nil {
		t.Error("an unknown kind is rendered")
	}
}

// A hospital's vocabulary gives the codes that FHIR has systems for, and names; without one there are OMOP's ids as before.
func TestCodes(t *testing.T) {
	known := recordindex.Concepts{
		201826: {Vocabulary: "SNOMED", Code: "44054006", Name: "Type 2 diabetes mellitus"}, 1503297: {Vocabulary: "RxNorm", Code: "6809", Name: "metformin"},
		3004410: {Vocabulary: "LOINC", Code: "4548-4", Name: "Hemoglobin A1c/Hemoglobin.total in Blood"}, 8554: {Vocabulary: "UCUM", Code: "%", Name: "percent"},
		9202: {Vocabulary: "Visit", Code: "OP", Name: "Outpatient Visit"}, 7: {Vocabulary: "SNOMED", Code: "two\nlines", Name: "two\nlines"},
	}
	value := 7.25
	for _, c := range []struct {
		event recordindex.Event
		known recordindex.Concepts
		want  string // within the resource
	}{
		{recordindex.Event{Kind: recordindex.Conditions, Concept: 201826}, known, `"code":{"coding":[{"code":"44054006","display":"Type 2 diabetes mellitus","system":"http://snomed.info/sct"},` +
			`{"code":"201826","display":"Type 2 diabetes mellitus","system":"https://fhir-terminology.ohdsi.org"}]}`},
		{recordindex.Event{Kind: recordindex.Conditions, Concept: 201826}, nil, `"code":{"coding":[{"code":"201826","system":"https://fhir-terminology.ohdsi.org"}]}`},
		{recordindex.Event{Kind: recordindex.Medication, Concept: 1503297}, known, `{"code":"6809","display":"metformin","system":"http://www.nlm.nih.gov/research/umls/rxnorm"}`},
		{recordindex.Event{Kind: recordindex.Laboratory, Concept: 3004410}, known, `"system":"http://loinc.org"`},
		{recordindex.Event{Kind: recordindex.Laboratory, Concept: 3004410, Value: &value, Unit: 8554}, known, `"valueQuantity":{"code":"%","system":"http://unitsofmeasure.org","unit":"%","value":7.25}`},
		{recordindex.Event{Kind: recordindex.Laboratory, Concept: 3004410, Value: &value, Unit: 1503297}, known, `"valueQuantity":{"code":"1503297","system":"https://fhir-terminology.ohdsi.org","unit":"metformin","value":7.25}`},
		{recordindex.Event{Kind: recordindex.Visits, Concept: 9202}, known, `"type":[{"coding":[{"code":"9202","display":"Outpatient Visit","system":"https://fhir-terminology.ohdsi.org"}]}]`},
		{recordindex.Event{Kind: recordindex.Conditions, Concept: 7}, known, `"code":{"coding":[{"code":"7","system":"https://fhir-terminology.ohdsi.org"}]}`},
		{recordindex.Event{Kind: recordindex.Conditions}, recordindex.Concepts{0: known[201826]}, `"code":{"text":"no matching concept"}`},
	} {
		c.event.ID, c.event.Start = 4, "2024-03-31"
		content, err := bundle.Renderer(hospital)([]recordindex.Event{c.event}, c.known)
		if err != nil || !strings.Contains(string(content), c.want) {
			t.Errorf("%s of %d: %v, want %s in\n%s", c.event.Kind, c.event.Concept, err, c.want, content)
		}
	}
}
