package dp_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
	"pgregory.net/rapid"
)

var metadata = dp.Metadata{Dataset: "st-elsewhere", Version: "v1", ReferenceYear: 2024}

func query(groups ...dp.Group) dp.Query {
	return dp.Query{Dataset: metadata.Dataset, GroupBy: groups, NanoRho: 1_000_000}
}

func ages(edges ...int) dp.Group { return dp.Group{Kind: dp.AgeBand, Edges: edges} }

func event(d cohort.Domain, descendants bool, concepts ...int64) dp.Group {
	return dp.Group{Kind: dp.HasEvent, Matches: cohort.Recorded(d, descendants, concepts...)}
}

// mustPlan plans a query of the usual dataset.
func mustPlan(t testing.TB, q dp.Query) dp.Plan {
	t.Helper()
	return planOf(t, q, metadata)
}

func planOf(t testing.TB, q dp.Query, m dp.Metadata) dp.Plan {
	t.Helper()
	p, err := dp.NewPlan(q, m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCells(t *testing.T) {
	p := mustPlan(t, query(event(cohort.Drug, true, 1503297), ages(0, 18, 19, 80), dp.Group{Kind: dp.Sex}))
	var got []string
	for _, c := range p.Cells {
		got = append(got, strings.Join(c.Key, " "))
	}
	want := []string{
		"female 0-17 yes", "female 0-17 no", "female 18 yes", "female 18 no",
		"female 19-79 yes", "female 19-79 no", "female 80+ yes", "female 80+ no",
		"male 0-17 yes", "male 0-17 no", "male 18 yes", "male 18 no",
		"male 19-79 yes", "male 19-79 no", "male 80+ yes", "male 80+ no",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("cells (-want +got):\n%s", d)
	}
}

func TestLargestQuery(t *testing.T) {
	edges := make([]int, dp.MaxAge+1)
	for i := range edges {
		edges[i] = i
	}
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}, ages(edges...), event(cohort.Drug, true, 1)))
	if want := (dp.MaxAge + 1) * 2 * 2; len(p.Cells) != want || p.Size() != want || p.Released() != want {
		t.Errorf("%d cells, %d and %d numbers, want %d", len(p.Cells), p.Size(), p.Released(), want)
	}
}

func TestColumns(t *testing.T) {
	p := mustPlan(t, query(event(cohort.Condition, true, 201826), event(cohort.Condition, false, 320128), dp.Group{Kind: dp.Sex}))
	want := []dp.Column{
		{Name: "condition_occurrence.condition_concept_id", Category: "conditions", Level: cohort.LevelCodes},
		{Name: "person.gender_concept_id", Category: "demographics", Level: cohort.LevelGroups},
	}
	if d := cmp.Diff(want, p.Columns()); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
	p = mustPlan(t, query(event(cohort.Measurement, false, 1), event(cohort.Drug, false, 1), ages(40)))
	want = []dp.Column{
		{Name: "drug_exposure.drug_concept_id", Category: "medication", Level: cohort.LevelCodes},
		{Name: "measurement.measurement_concept_id", Category: "laboratory", Level: cohort.LevelCodes},
		{Name: "person.year_of_birth", Category: "demographics", Level: cohort.LevelGroups},
	}
	if d := cmp.Diff(want, p.Columns()); d != "" {
		t.Errorf("columns (-want +got):\n%s", d)
	}
}

// G2: what a question takes with all that lies below it is known, wherever it stands.
func TestRoots(t *testing.T) {
	lab := &event(cohort.Measurement, true, 7).Matches.Has.Events
	q := query(event(cohort.Condition, true, 5), event(cohort.Condition, false, 6))
	q.Cohort, q.Measures = event(cohort.Visit, true, 4).Matches, []dp.Measure{
		{Kind: dp.Records, Events: &event(cohort.Procedure, true, 3).Matches.Has.Events, Max: 1},
		{Kind: dp.Proportion, Of: event(cohort.Device, true, 1).Matches},
		{Kind: dp.Mean, High: 1, Value: &dp.Value{Events: lab, Field: dp.FieldValue, Reduce: dp.ReduceSum}},
	}
	divided := query(dp.Group{Kind: dp.Concept, Events: lab, Concepts: []int64{8, 9}, Descendants: true})
	named := divided
	named.GroupBy = []dp.Group{{Kind: dp.Concept, Events: lab, Concepts: []int64{8, 9}}}
	divided.MaxGroups, named.MaxGroups = 1, 1
	for _, c := range []struct {
		query       dp.Query
		roots, both []int64
	}{
		{q, []int64{1, 3, 4, 5, 7}, []int64{1, 3, 4, 5, 6, 7}}, {divided, []int64{7, 8, 9}, []int64{7, 8, 9}}, {named, []int64{7}, []int64{7, 8, 9}},
	} {
		p := mustPlan(t, c.query)
		if d := cmp.Diff(c.roots, p.Roots()); d != "" {
			t.Errorf("with what is below (-want +got):\n%s", d)
		}
		if d := cmp.Diff(c.both, p.Concepts()); d != "" {
			t.Errorf("all (-want +got):\n%s", d)
		}
	}
}

// However a question is written, it is one plan: an answer to it can be shown again.
func TestOneQuestionOnePlan(t *testing.T) {
	want := mustPlan(t, query(dp.Group{Kind: dp.Sex}, event(cohort.Condition, false, 5, 7), event(cohort.Condition, true, 5, 7)))
	again := mustPlan(t, query(event(cohort.Condition, true, 7, 5, 7), event(cohort.Condition, false, 7, 5, 5), dp.Group{Kind: dp.Sex}))
	if d := cmp.Diff(want, again); d != "" {
		t.Errorf("plans differ:\n%s", d)
	}
}

// A query that names no measure asks for the number of patients.
func TestMeasuresAreWrittenOut(t *testing.T) {
	q := query()
	want := mustPlan(t, q)
	q.Measures = []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Patients}}
	if d := cmp.Diff(want, mustPlan(t, q)); d != "" || len(want.Query.Measures) != 1 || len(want.Cells) != 1 {
		t.Errorf("%+v\n%s", want.Query, d)
	}
}

func TestPlanSharesNoMemory(t *testing.T) {
	q := query(ages(18, 40), event(cohort.Drug, false, 3, 2, 1))
	p := mustPlan(t, q)
	q.GroupBy[0].Edges[0], q.GroupBy[1].Matches.Has.Events.Records.Concepts[0].ID = 99, 99
	if d := cmp.Diff([]dp.Group{ages(18, 40), event(cohort.Drug, false, 1, 2, 3)}, p.Query.GroupBy); d != "" {
		t.Errorf("plan changed with the query:\n%s", d)
	}
	if d := cmp.Diff(event(cohort.Drug, false, 99, 2, 1), q.GroupBy[1]); d != "" {
		t.Error("NewPlan changed its argument")
	}
}

func TestInvalidQueries(t *testing.T) {
	sex := dp.Group{Kind: dp.Sex}
	with := func(change func(*dp.Query)) dp.Query {
		q := query(sex)
		change(&q)
		return q
	}
	many := make([]int64, dp.MaxConcepts/2+1)
	for i := range many {
		many[i] = int64(i + 1)
	}
	for _, c := range []struct {
		name, field string
		query       dp.Query
	}{
		{"no dataset", "dataset", with(func(q *dp.Query) { q.Dataset = "" })},
		{"other dataset", "dataset", with(func(q *dp.Query) { q.Dataset = "other" })},
		{"broken name", "dataset", with(func(q *dp.Query) { q.Dataset = "\xff" })},
		{"endless name", "dataset", with(func(q *dp.Query) { q.Dataset = strings.Repeat("x", 257) })},
		{"no budget", "nano_rho", with(func(q *dp.Query) { q.NanoRho = 0 })},
		{"negative budget", "nano_rho", with(func(q *dp.Query) { q.NanoRho = -1 })},
		{"absurd budget", "nano_rho", with(func(q *dp.Query) { q.NanoRho = dp.MaxNanoRho + 1 })},
		{"nine measures", "measures", with(func(q *dp.Query) { q.Measures = make([]dp.Measure, 9) })},
		{"unknown measure", "measures[0].kind", with(func(q *dp.Query) { q.Measures = []dp.Measure{{Kind: "mode"}} })},
		{"number with bounds", "measures[0]", with(func(q *dp.Query) { q.Measures = []dp.Measure{{Kind: dp.Patients, High: 1}} })},
		{"number with NaN", "measures[0]", with(func(q *dp.Query) { q.Measures = []dp.Measure{{Kind: dp.Patients, Low: math.NaN()}} })},
		{"bound without events", "max_groups", with(func(q *dp.Query) { q.MaxGroups = 1 })},
		{"empty cohort", "cohort", with(func(q *dp.Query) { q.Cohort = &cohort.Criterion{} })},
		{"four groups", "group_by", query(sex, ages(1), event(cohort.Drug, false, 1), event(cohort.Drug, false, 2))},
		{"sex twice", "group_by[1]", query(sex, sex)},
		{"ages twice", "group_by[1]", query(ages(1), ages(2))},
		{"event twice", "group_by[1]", query(event(cohort.Drug, true, 1, 2), event(cohort.Drug, true, 2, 1, 1))},
		{"unknown kind", "group_by[0].kind", query(dp.Group{Kind: "ward"})},
		{"concepts for sex", "group_by[0]", query(dp.Group{Kind: dp.Sex, Concepts: []int64{1}})},
		{"edges for sex", "group_by[0]", query(dp.Group{Kind: dp.Sex, Edges: []int{1}})},
		{"event for sex", "group_by[0]", query(dp.Group{Kind: dp.Sex, Matches: &cohort.Criterion{}})},
		{"edges for event", "group_by[0]", query(dp.Group{Kind: dp.HasEvent, Edges: []int{1}, Matches: cohort.Recorded(cohort.Drug, false, 1)})},
		{"no edges", "group_by[0].edges", query(ages())},
		{"equal edges", "group_by[0].edges", query(ages(40, 40))},
		{"falling edges", "group_by[1].edges", query(sex, ages(40, 39))},
		{"negative edge", "group_by[0].edges", query(ages(-1))},
		{"edge too high", "group_by[0].edges", query(ages(131))},
		{"no event", "group_by[0].matches", query(dp.Group{Kind: dp.HasEvent})},
		{"unknown domain", "group_by[0].matches.has.events.records.domain", query(event("ward", false, 1))},
		{"concept zero", "group_by[0].matches.has.events.records.concepts", query(event(cohort.Drug, false, 1, 0))},
		{"concept too large", "group_by[0].matches.has.events.records.concepts", query(event(cohort.Drug, false, 1<<53))},
		{"too many concepts", "group_by", query(dp.Group{Kind: dp.Race, Concepts: many}, dp.Group{Kind: dp.Ethnicity, Concepts: many})},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := dp.NewPlan(c.query, metadata)
			var invalid *dp.InvalidQueryError
			if !errors.As(err, &invalid) || invalid.Field != c.field || invalid.Why == "" {
				t.Fatalf("error %v, want an InvalidQueryError of %s", err, c.field)
			}
			if d := cmp.Diff(dp.Plan{}, p); d != "" {
				t.Errorf("a plan came with the error:\n%s", d)
			}
		})
	}
}

func TestMetadataIsNeeded(t *testing.T) {
	var invalid *dp.InvalidQueryError
	if _, err := dp.NewPlan(query(ages(18)), dp.Metadata{Dataset: metadata.Dataset, Version: "v1"}); !errors.As(err, &invalid) || invalid.Field != "group_by[0].edges" {
		t.Errorf("ages without a reference year: %v", err)
	}
	if _, err := dp.NewPlan(query(dp.Group{Kind: dp.Sex}), dp.Metadata{Dataset: metadata.Dataset, Version: "v1"}); err != nil {
		t.Errorf("sex needs no reference year: %v", err)
	}
	if _, err := dp.NewPlan(query(dp.Group{Kind: dp.Sex}), dp.Metadata{Dataset: metadata.Dataset}); !errors.As(err, &invalid) || invalid.Field != "dataset" {
		t.Errorf("no version: %v", err)
	}
}

// The plan charges for exactly the noise it will draw, never more than was
// offered, and wastes at most 0.3% of it.
func TestCostIsWithinOffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := query(dp.Group{Kind: dp.Sex})
		q.NanoRho = int64(math.Exp(rapid.Float64Range(0, math.Log(dp.MaxNanoRho)).Draw(t, "log nano-rho")))
		q.NanoRho = max(1, min(q.NanoRho, dp.MaxNanoRho))
		p, err := dp.NewPlan(q, metadata)
		if err != nil {
			t.Fatal(err)
		}
		sigma := p.Series[0].Sigma
		if drawn, err := noise.Sigma(sigma); err != nil || drawn != sigma {
			t.Fatalf("plan says sigma %v, noise is %v, %v", sigma, drawn, err)
		}
		cost, err := accountant.Gaussian(sigma, 1)
		if err != nil || cost != p.Cost || p.Cost.NanoRho > q.NanoRho || p.Cost.Delta != 0 {
			t.Fatalf("offered %d, charged %v, noise costs %v, %v", q.NanoRho, p.Cost, cost, err)
		}
		if worth := min(q.NanoRho, 500_000_000); float64(p.Cost.NanoRho) < 0.997*float64(worth)-1 {
			t.Fatalf("of %d only %d used", worth, p.Cost.NanoRho)
		}
	})
}

// Any JSON gives a typed refusal or a plan within bounds whose query is its own
// canonical form, also after a round trip.
func FuzzNewPlan(f *testing.F) {
	for _, seed := range []string{
		`{"dataset":"st-elsewhere","group_by":[{"kind":"sex"},{"kind":"age_band","edges":[18,40]}],"nano_rho":1000}`,
		`{"dataset":"st-elsewhere","group_by":[{"kind":"has_event","matches":{"has":{"events":{"records":{"domain":"drug","concepts":[{"id":3,"descendants":true},{"id":1}]}},"min":1}}}],"nano_rho":1}`,
		`{"dataset":"st-elsewhere","group_by":[{"kind":"has_event"}],"nano_rho":1000000000000}`,
		`{"dataset":"st-elsewhere","group_by":[{"kind":"sex","edges":[]}],"nano_rho":7}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var q dp.Query
		if json.Unmarshal([]byte(text), &q) != nil {
			t.Skip("not a query")
		}
		p, err := dp.NewPlan(q, metadata)
		if err != nil {
			var invalid *dp.InvalidQueryError
			if !errors.As(err, &invalid) {
				t.Fatalf("untyped error %v", err)
			}
			return
		}
		keys := make(map[string]bool)
		for _, c := range p.Cells {
			if len(c.Key) != len(p.Query.GroupBy) {
				t.Fatalf("%d labels for %d groups", len(c.Key), len(p.Query.GroupBy))
			}
			keys[strings.Join(c.Key, "|")] = true
		}
		if len(keys) != len(p.Cells) || len(keys) == 0 || len(keys) > dp.MaxCells || p.Cost.NanoRho > q.NanoRho {
			t.Fatalf("%d different of %d cells at cost %d", len(keys), len(p.Cells), p.Cost.NanoRho)
		}
		encoded, err := json.Marshal(p.Statement())
		if err != nil {
			t.Fatal(err)
		}
		var decoded dp.Statement
		if err := json.Unmarshal(encoded, &decoded); err != nil {
			t.Fatal(err)
		}
		again, err := dp.NewPlan(decoded.Query, decoded.Metadata)
		if err != nil {
			t.Fatalf("canonical query refused: %v", err)
		}
		if d := cmp.Diff(p, again); d != "" {
			t.Fatalf("not canonical:\n%s", d)
		}
	})
}

// G2: how finely a column is used is what patients and stewards decide about.
func TestColumnLevels(t *testing.T) {
	events := func(d cohort.Domain) *cohort.Events { return &cohort.Events{Records: &cohort.Records{Domain: d}} }
	measured := &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 1}}}}
	mean := func(v *dp.Value) dp.Query {
		return dp.Query{Dataset: metadata.Dataset, NanoRho: 1_000_000, Measures: []dp.Measure{{Kind: dp.Mean, High: 100, Value: v}}}
	}
	years := func(low, high int64) dp.Query {
		q := query()
		q.Cohort = &cohort.Criterion{Person: &cohort.Person{YearOfBirth: &cohort.IntRange{Min: &low, Max: &high}}}
		return q
	}
	by := func(g dp.Group) dp.Query {
		q := query(g)
		if g.DividesEvents() && len(g.Labels()) > 1 {
			q.MaxGroups = 1
		}
		return q
	}
	for name, tt := range map[string]struct {
		q      dp.Query
		column string
		want   int
	}{
		"sex":                      {by(dp.Group{Kind: dp.Sex}), "person.gender_concept_id", cohort.LevelGroups},
		"bands of five years":      {by(ages(0, 5, 10)), "person.year_of_birth", cohort.LevelGroups},
		"a band of four":           {by(ages(0, 5, 9, 20)), "person.year_of_birth", cohort.LevelCodes},
		"a band of one":            {by(ages(0, 5, 6, 20)), "person.year_of_birth", cohort.LevelDays},
		"born in five years":       {years(1950, 1954), "person.year_of_birth", cohort.LevelGroups},
		"born in four years":       {years(1950, 1953), "person.year_of_birth", cohort.LevelCodes},
		"born in a year":           {years(1950, 1950), "person.year_of_birth", cohort.LevelDays},
		"mean age":                 {mean(&dp.Value{Field: dp.FieldAge}), "person.year_of_birth", cohort.LevelExact},
		"how many records":         {by(dp.Group{Kind: dp.EventCount, Events: events(cohort.Drug), Cap: 3}), "drug_exposure.drug_concept_id", cohort.LevelExists},
		"which records":            {by(event(cohort.Drug, false, 1)), "drug_exposure.drug_concept_id", cohort.LevelCodes},
		"years":                    {by(dp.Group{Kind: dp.Calendar, Events: events(cohort.Visit), Unit: dp.Year, From: "2010", To: "2011"}), "visit_occurrence.visit_start_date", cohort.LevelGroups},
		"months":                   {by(dp.Group{Kind: dp.Calendar, Events: events(cohort.Visit), Unit: dp.Month, From: "2010-01", To: "2010-02"}), "visit_occurrence.visit_start_date", cohort.LevelCodes},
		"bands of a value":         {by(dp.Group{Kind: dp.ValueBand, Events: measured, EdgesReal: []float64{0, 1}}), "measurement.value_as_number", cohort.LevelCodes},
		"mean of a value":          {mean(&dp.Value{Events: measured, Field: dp.FieldValue, Reduce: dp.ReduceMean}), "measurement.value_as_number", cohort.LevelExact},
		"the last value, by a day": {mean(&dp.Value{Events: measured, Field: dp.FieldValue, Reduce: dp.ReduceLast}), "measurement.measurement_date", cohort.LevelDays},
	} {
		found := 0
		for _, c := range mustPlan(t, tt.q).Columns() {
			if c.Name == tt.column {
				found = c.Level
			}
		}
		if found != tt.want {
			t.Errorf("%s: %s at level %d, want %d", name, tt.column, found, tt.want)
		}
	}
}

// notUnderRace skips a test with -short, which is how make test-race runs them: it does one thing after
// another, slowly, so the race detector would find nothing that make test does not.
func notUnderRace(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
}
