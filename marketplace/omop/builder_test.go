package omop_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
)

var (
	emergencies = cohort.Events{Records: &cohort.Records{Domain: cohort.Visit, Concepts: cohort.ConceptSet{{ID: 9203, Descendants: true}}}}
	diabetic    = cohort.Criterion{Has: &cohort.Has{Events: cohort.Events{Records: &cohort.Records{
		Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: 201820, Descendants: true}, {ID: 201254, Exclude: true}},
	}}, Min: 2}}
)

func ExampleBuilder() {
	b, err := omop.NewBuilder(omop.DuckDB)
	if err != nil {
		fmt.Println(err)
		return
	}
	women, err := b.Criterion(cohort.Criterion{Person: &cohort.Person{Sexes: []int64{8532}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("WITH " + b.With())
	fmt.Println("SELECT count(*) FROM " + women)
	fmt.Println(b.Args()...)
	// Output:
	// WITH cohort1 AS (
	// SELECT CAST(p.person_id AS BIGINT) AS person_id FROM omop.person AS p
	// WHERE COALESCE(p.gender_concept_id IN (SELECT unnest(CAST($1 AS BIGINT[]))), FALSE)
	// )
	// SELECT count(*) FROM cohort1
	// [8532]
}

// Equal parts are one expression, and text and arguments are the same every time.
func TestBuilderSharesEqualParts(t *testing.T) {
	build := func() (*omop.Builder, []string) {
		b, err := omop.NewBuilder(omop.Postgres)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range []cohort.Criterion{diabetic, {Not: &diabetic}, diabetic, {All: []cohort.Criterion{diabetic, {Not: &diabetic}}}} {
			name, err := b.Criterion(c)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		for range 2 {
			name, err := b.Events(emergencies)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return b, names
	}
	b, names := build()
	again, _ := build()
	if b.With() != again.With() || !cmp.Equal(b.Args(), again.Args()) {
		t.Error("the same questions give another text")
	}
	want := []string{"cohort4", "cohort5", "cohort4", "cohort6", "visit8", "visit8"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s\n%s", diff, b.With())
	}
	if diff := cmp.Diff([]any{[]int64{201820}, []int64{201254}, []int64{9203}}, b.Args()); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}

func TestBuilderRefuses(t *testing.T) {
	if _, err := omop.NewBuilder(0); !errors.Is(err, omop.ErrDialect) {
		t.Errorf("no dialect: %v", err)
	}
	records := func(r cohort.Records) cohort.Criterion {
		return cohort.Criterion{Has: &cohort.Has{Events: cohort.Events{Records: &r}, Min: 1}}
	}
	one := int64(1)
	inside := emergencies
	inside.Where = &diabetic
	for name, c := range map[string]cohort.Criterion{
		"nothing":                     {},
		"a person without a field":    {Person: &cohort.Person{}},
		"an age without an event":     {Person: &cohort.Person{Age: &cohort.IntRange{Min: &one}}},
		"an unknown domain":           records(cohort.Records{Domain: "note; DROP TABLE omop.person"}),
		"a value of a condition":      records(cohort.Records{Domain: cohort.Condition, Value: &cohort.Range{}}),
		"a day that is none":          records(cohort.Records{Domain: cohort.Condition, Start: &cohort.DateRange{From: "2010-02-30"}}),
		"SQL for a day":               records(cohort.Records{Domain: cohort.Condition, Start: &cohort.DateRange{From: "2010-01-01' OR '1"}}),
		"concepts that only exclude":  records(cohort.Records{Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: 1, Exclude: true}}}),
		"concepts of a period":        records(cohort.Records{Domain: cohort.ObservationPeriod, Concepts: cohort.ConceptSet{{ID: 1}}}),
		"no events":                   {Has: &cohort.Has{Min: 1}},
		"a window outside of a where": {Has: &cohort.Has{Events: emergencies, Min: 1, Window: &cohort.Window{}}},
		"no window inside a where":    {Has: &cohort.Has{Events: inside, Min: 1}},
		"an unknown count":            {Has: &cohort.Has{Events: emergencies, Min: 1, Distinct: "person"}},
		"an unknown keep":             {Has: &cohort.Has{Events: cohort.Events{Records: emergencies.Records, Keep: "second"}, Min: 1}},
	} {
		b, err := omop.NewBuilder(omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Criterion(c); !errors.Is(err, omop.ErrCriterion) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
