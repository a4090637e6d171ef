package duckdb_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// oddPatients is how many patients oddFolder has; number 1 has no record, number 2 one,
// number 3 ten thousand.
const oddPatients = 80

// oddValues are what is written where a number should be.
var oddValues = []string{"5.5", "7", "-3", "120", "0", "6.25", "", "NaN", "inf", "-inf", "1e308", "-1e308", "1e-300", "x", "9007199254740993"}

// oddFolder has patients whose records have anything in them.
func oddFolder(t testing.TB) string {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	day := func() string {
		return pick("2010-01-01", "2011-06-30", "2011-07-01", "2012-12-31", "2013-02-28", "1700-01-01", "9999-12-31", "", fmt.Sprintf("2011-%02d-%02d", 1+r.IntN(12), 1+r.IntN(28)))
	}
	person, measurement, condition := &strings.Builder{}, &strings.Builder{}, &strings.Builder{}
	drug, visit := &strings.Builder{}, &strings.Builder{}
	fmt.Fprintln(person, "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id")
	fmt.Fprintln(measurement, "person_id,measurement_concept_id,measurement_date,value_as_number,unit_concept_id")
	fmt.Fprintln(condition, "person_id,condition_concept_id,condition_start_date,condition_end_date")
	fmt.Fprintln(drug, "person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,quantity,days_supply")
	fmt.Fprintln(visit, "person_id,visit_concept_id,visit_start_date,visit_end_date")
	for id := 1; id <= oddPatients; id++ {
		fmt.Fprintf(person, "%d,%s,%s,%s,%s\n", id, pick("8507", "8532", "8532", "0", ""), pick("1950", "1971", "2000", "2011", ""),
			pick("8527", "8516", ""), pick("38003563", "38003564", ""))
		rows := r.IntN(12)
		switch id {
		case 1, 2:
			rows = id - 1
		case 3:
			rows = 10_000
		}
		for range rows {
			fmt.Fprintf(measurement, "%d,%s,%s,%s,%s\n", id, pick("11", "12", "13"), day(), pick(oddValues...), pick("8840", ""))
			if id == 3 && r.IntN(10) != 0 { // ten thousand of the one kind are enough
				continue
			}
			fmt.Fprintf(condition, "%d,%s,%s,%s\n", id, pick("21", "22", "23", "24", "25"), day(), day())
			fmt.Fprintf(drug, "%d,%s,%s,%s,%s,%s\n", id, pick("31", "32"), day(), day(), pick(oddValues...), pick(oddValues...))
			fmt.Fprintf(visit, "%d,%s,%s,%s\n", id, pick("9201", "9202"), day(), day())
		}
	}
	return folder(t, map[string]string{
		"person.csv": person.String(), "measurement.csv": measurement.String(), "condition_occurrence.csv": condition.String(),
		"drug_exposure.csv": drug.String(), "visit_occurrence.csv": visit.String(),
		"concept_ancestor.csv": "ancestor_concept_id,descendant_concept_id\n20,20\n20,21\n20,22\n26,22\n26,23\n",
	})
}

func records(domain cohort.Domain, descendants bool, concepts ...int64) *cohort.Events {
	r := &cohort.Records{Domain: domain}
	for _, c := range concepts {
		r.Concepts = append(r.Concepts, cohort.Concept{ID: c, Descendants: descendants})
	}
	return &cohort.Events{Records: r}
}

func kept(e *cohort.Events, keep cohort.Keep) *cohort.Events {
	e.Keep = keep
	return e
}

func someOf(e *cohort.Events) *cohort.Criterion {
	return &cohort.Criterion{Has: &cohort.Has{Events: *e, Min: 1}}
}

// oddQueries crosses every grouping with every measure, a few measures at a time.
func oddQueries() (all []dp.Query) {
	labs := func() *cohort.Events { return records(cohort.Measurement, false, 11, 12) }
	conditions := func() *cohort.Events { return records(cohort.Condition, false) }
	groupings := [][]dp.Group{
		nil,
		{{Kind: dp.Sex}, {Kind: dp.Race, Concepts: []int64{8516, 8527}}, {Kind: dp.Ethnicity, Concepts: []int64{38003563}}},
		{{Kind: dp.AgeBand, Edges: []int{0, 18, 50}}, {Kind: dp.BirthYear, Edges: []int{1900, 1960, 1990}}},
		{{Kind: dp.HasEvent, Matches: someOf(records(cohort.Condition, true, 20))}, {Kind: dp.EventCount, Events: labs(), Cap: 3}},
	}
	dividing := map[int][][]dp.Group{
		0: {
			{{Kind: dp.Calendar, Events: kept(labs(), cohort.KeepFirst), Unit: dp.Year, From: "2010", To: "2013"}},
			{{Kind: dp.Concept, Events: kept(labs(), cohort.KeepLast), Concepts: []int64{11, 12}}},
		},
		1: {{{Kind: dp.ValueBand, Events: labs(), EdgesReal: []float64{-10, 0, 6, 100}}, {Kind: dp.Sex}}},
		3: {
			{{Kind: dp.Concept, Events: labs(), Concepts: []int64{11, 12, 14}}, {Kind: dp.Calendar, Events: labs(), Unit: dp.Month, From: "2011-01", To: "2011-12"}},
			{{Kind: dp.Concept, Events: conditions(), Concepts: []int64{20, 24, 26}, Descendants: true}},
		},
	}
	for _, g := range groupings {
		for _, m := range oddMeasures(labs()) {
			all = append(all, dp.Query{GroupBy: g, Measures: m})
		}
	}
	for _, m := range slices.Concat(oddMeasures(records(cohort.Visit, false)), oddMeasures(records(cohort.Drug, false, 31, 32))) {
		all = append(all, dp.Query{GroupBy: groupings[1][:1], Measures: m})
	}
	supplied := &dp.Value{Events: records(cohort.Drug, false, 31), Field: dp.FieldDaysSupply, Reduce: dp.ReduceSum}
	all = append(all, dp.Query{Measures: []dp.Measure{{Kind: dp.Quantiles, Value: supplied, Low: -5, High: 90, Ranks: []float64{0.5}}}}, dp.Query{
		Cohort:   &cohort.Criterion{Not: someOf(records(cohort.Visit, false, 9202))},
		Measures: []dp.Measure{{Kind: dp.Mean, Value: supplied, Low: 0, High: 90}, {Kind: dp.Mean, Value: &dp.Value{Field: dp.FieldAge}, Low: 0, High: 100}},
	}, dp.Query{Measures: []dp.Measure{ // as near to one another as bounds may be
		{Kind: dp.Quantiles, Value: supplied, Low: 1e6, High: 1e6 + 2, Ranks: []float64{0.5}},
		{Kind: dp.Mean, Value: supplied, Low: 1e6, High: 1e6 + 2},
	}})
	for _, most := range []int{0, 1, 3} {
		for _, g := range dividing[most] {
			events := g[0].Events
			for _, m := range oddMeasures(events) {
				all = append(all, dp.Query{GroupBy: g, Measures: m, MaxGroups: most})
			}
		}
	}
	return all
}

// oddMeasures are all kinds, over values of events in every way of reducing them.
func oddMeasures(events *cohort.Events) [][]dp.Measure {
	field := map[cohort.Domain]dp.Field{
		cohort.Measurement: dp.FieldValue, cohort.Condition: dp.FieldAge, cohort.Visit: dp.FieldLength, cohort.Drug: dp.FieldQuantity,
	}[events.Records.Domain]
	of := func(f dp.Field, r dp.Reduce) *dp.Value { return &dp.Value{Events: events, Field: f, Reduce: r} }
	edges := []float64{-5, 0, 5.5, 7, 100}
	return [][]dp.Measure{
		{
			{Kind: dp.Patients}, {Kind: dp.Records, Events: events, Max: 4}, {Kind: dp.Proportion, Of: someOf(records(cohort.Drug, false, 31))},
			{Kind: dp.Mean, Value: of(dp.FieldCount, ""), Low: 0, High: 5}, {Kind: dp.Sum, Value: of(field, dp.ReduceSum), Low: -10, High: 30},
			{Kind: dp.Histogram, Value: of(field, dp.ReduceMean), Edges: edges},
		},
		{
			{Kind: dp.Mean, Value: of(field, dp.ReduceFirst), Low: 2, High: 9}, {Kind: dp.Variance, Value: of(field, dp.ReduceLast), Low: -4, High: 130},
			{Kind: dp.Quantiles, Value: of(field, dp.ReduceMax), Low: 0, High: 10, Ranks: []float64{0.25, 0.5}},
			{Kind: dp.Histogram, Value: of(field, dp.ReduceSum), Edges: edges},
		},
		{
			{Kind: dp.Variance, Value: of(field, dp.ReduceMean), Low: -1, High: 8}, {Kind: dp.Sum, Value: of(field, dp.ReduceMin), Low: -7, High: 3},
			{Kind: dp.Mean, Value: of(dp.FieldAge, dp.ReduceFirst), Low: 0, High: 90}, {Kind: dp.Mean, Value: of(field, dp.ReduceSum), Low: 1000, High: 1001},
		},
	}
}

// entering are the numbers that noise is added to, by series.
func entering(t testing.TB, p dp.Plan, exact dp.Exact) [][]int64 {
	t.Helper()
	source := noisetest.None(t)
	if _, err := dp.Release(p, exact, source); err != nil {
		t.Fatal(err)
	}
	values, _ := source.Drawn()
	if len(values) != p.Released() {
		t.Fatalf("%d calls of noise, want %d", len(values), p.Released())
	}
	var series [][]int64
	for _, s := range p.Series {
		n := s.Width * len(p.Cells)
		series, values = append(series, values[:n]), values[n:]
	}
	return series
}

// excess is by how much the numbers of some series differ beyond what the plan
// declares: the largest quotient of squares, at most 1 if it keeps its word.
func excess(p dp.Plan, a, b [][]int64) (most float64) {
	for i, s := range p.Series {
		var squares float64
		for j := range a[i] {
			d := float64(a[i][j] - b[i][j])
			squares += d * d
		}
		declared := float64(s.Sensitivity) * float64(s.Sensitivity) * float64(max(1, p.Query.MaxGroups))
		most = max(most, squares/declared)
	}
	return most
}

// crowd is a random database: some of the patients are members, the others are as
// good as not there.
func crowd(r *rand.Rand) (members []int64) {
	for id := int64(1); id <= oddPatients; id++ {
		if id <= 3 || r.IntN(3) == 0 {
			members = append(members, id)
		}
	}
	return members
}

// Neighbours differ by no more than the plan declares, whoever is left out and
// whatever her records; the statement does not depend on them, and nothing fails.
func TestGreyBoxSensitivity(t *testing.T) {
	omoptest.NotUnderRace(t)
	_, file := load(t, oddFolder(t))
	e := open(t, file)
	databases := 100
	if os.Getenv("MEDMARKET_LONG") != "" {
		databases = 1000
	}
	queries := oddQueries()
	r := rand.New(rand.NewPCG(3, 4))
	var widest float64
	for i := range databases {
		members := crowd(r)
		follow(t, e, members)
		p := planOf(t, e, queries[i%len(queries)])
		with := entering(t, p, counted(t, e, p, everybody))
		for _, leaving := range []int64{int64(1 + i%3), members[r.IntN(len(members))]} { // none, one or ten thousand records; any
			x := excess(p, with, entering(t, p, counted(t, e, p, without(members, leaving))))
			widest = max(widest, x)
			if x > 1 {
				t.Errorf("database %d: without patient %d the numbers differ by the square root of %v times what is declared:\n%+v", i, leaving, x, p.Query)
			}
		}
	}
	if widest < 0.5 {
		t.Errorf("nobody made more than %v of the difference allowed: the check is empty", widest)
	}
}

// Whoever drops a clamp, or raises a bound, is found out.
func TestGreyBoxSensitivityFindsMutations(t *testing.T) {
	omoptest.NotUnderRace(t)
	_, file := load(t, oddFolder(t))
	e := open(t, file)
	r := rand.New(rand.NewPCG(5, 6))
	members := crowd(r)
	follow(t, e, members)
	replace := func(from, to string) func(string) string {
		return func(text string) string { return strings.ReplaceAll(text, from, to) }
	}
	for name, m := range map[string]struct {
		plan func(*dp.Plan)
		text func(string) string
	}{
		"nothing":             {},
		"no bound above":      {text: replace("least(", "coalesce(")},
		"no bound below":      {text: replace("greatest(", "coalesce(")},
		"any number of cells": {plan: func(p *dp.Plan) { p.Query.MaxGroups *= 10 }},
		"more records":        {plan: func(p *dp.Plan) { mutate(p, func(t *dp.Tally) { t.Max *= 2 }) }},
		"wider values":        {plan: func(p *dp.Plan) { mutate(p, func(t *dp.Tally) { t.Low, t.High = 2*t.Low-1, 2*t.High+1 }) }},
		"smaller units":       {plan: func(p *dp.Plan) { mutate(p, func(t *dp.Tally) { t.Half /= 4 }) }},
	} {
		t.Run(name, func(t *testing.T) {
			found := foundOut(t, e, members, m.plan, m.text)
			if found != (name != "nothing") {
				t.Errorf("found out: %v", found)
			}
		})
	}
}

func mutate(p *dp.Plan, f func(*dp.Tally)) {
	for i := range p.Tallies {
		f(&p.Tallies[i])
	}
}

// foundOut reports whether some query of a mutated engine fails, or differs between
// neighbours by more than is declared.
func foundOut(t *testing.T, e *duckdb.Engine, members []int64, plan func(*dp.Plan), text func(string) string) bool {
	t.Helper()
	for i, q := range oddQueries() {
		if plan == nil && text == nil && i%4 != 0 {
			continue
		}
		declared := planOf(t, e, q)
		mutated := planOf(t, e, q)
		if plan != nil {
			plan(&mutated)
		}
		s, err := omop.CountSQL(mutated, omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		if text != nil {
			s.Text = text(s.Text)
		}
		with, errWith := duckdb.Run(t.Context(), e, declared, s, everybody)
		without, errWithout := duckdb.Run(t.Context(), e, declared, s, without(members, 3))
		if err := errors.Join(errWith, errWithout); err != nil {
			var failed *omop.EngineError
			if !errors.As(err, &failed) || failed.Code != "conversion" && failed.Code != "out_of_range" {
				t.Fatal(err) // not what a value makes fail
			}
			return true
		}
		if excess(declared, entering(t, declared, with), entering(t, declared, without)) > 1 {
			return true
		}
	}
	return false
}

func planOf(t failer, e *duckdb.Engine, q dp.Query) dp.Plan {
	t.Helper()
	q.Dataset, q.NanoRho = "hospital", dp.MaxNanoRho
	m := dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: e.Dataset().ReferenceYear}
	if m.ReferenceYear == 0 {
		m.ReferenceYear = 2026
	}
	p, err := dp.NewPlan(q, m)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func counted(t testing.TB, e *duckdb.Engine, p dp.Plan, a provider.Active) dp.Exact {
	t.Helper()
	exact, err := e.Count(t.Context(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	return exact
}

// What patients add does not depend on who else is counted: the numbers of two halves of
// a database add up to those of the whole.
func TestContributionsAddUp(t *testing.T) {
	omoptest.NotUnderRace(t)
	_, file := load(t, oddFolder(t))
	e := open(t, file)
	all := everyone(t, e)
	follow(t, e, all)
	var halves [2][]int64
	for id := int64(1); id <= oddPatients; id++ {
		halves[id%2] = append(halves[id%2], id)
	}
	numbers := func(p dp.Plan, excluded []int64) []int64 {
		exact := counted(t, e, p, without(all, excluded...))
		return slices.Concat(entering(t, p, exact)...)
	}
	for _, q := range oddQueries() {
		p := planOf(t, e, q)
		sum := numbers(p, halves[0])
		for j, n := range numbers(p, halves[1]) {
			sum[j] += n
		}
		if diff := cmp.Diff(numbers(p, nil), sum); diff != "" {
			t.Errorf("%+v (-whole +sum of halves):\n%s", q, diff)
		}
	}
}
