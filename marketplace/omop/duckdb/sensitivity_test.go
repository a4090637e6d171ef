package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// oddPatients is how many patients oddFolder has; number 1 has no record, number 2 one,
// number 3 ten thousand.
const oddPatients = 80

// oddValues are what is written where a number should be.
var oddValues = []string{"5.5", "7", "-3", "120", "0", "6.25", "", "NaN", "inf", "-inf", "1e308", "-1e308", "1e-300", "x", "9007199254740993"}

// odd writes patients whose records have anything in them.
type odd struct {
	random *rand.Rand
	tables map[string]*strings.Builder
}

var oddColumns = map[string]string{
	"person":               "person_id,gender_concept_id,year_of_birth,race_concept_id,ethnicity_concept_id",
	"measurement":          "person_id,measurement_concept_id,measurement_date,value_as_number,unit_concept_id",
	"condition_occurrence": "person_id,condition_concept_id,condition_start_date,condition_end_date",
	"drug_exposure":        "person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,quantity,days_supply",
	"visit_occurrence":     "person_id,visit_concept_id,visit_start_date,visit_end_date",
}

func newOdd(r *rand.Rand) odd {
	o := odd{r, map[string]*strings.Builder{}}
	for table, columns := range oddColumns {
		o.tables[table] = &strings.Builder{}
		fmt.Fprintln(o.tables[table], columns)
	}
	return o
}

func (o odd) pick(list ...string) string { return list[o.random.IntN(len(list))] }

func (o odd) day() string {
	return o.pick("2010-01-01", "2011-06-30", "2011-07-01", "2012-12-31", "2013-02-28", "1700-01-01", "9999-12-31", "",
		fmt.Sprintf("2011-%02d-%02d", 1+o.random.IntN(12), 1+o.random.IntN(28)))
}

func (o odd) race() string { return o.pick("8527", "8516", "") }

func (o odd) ethnicity() string { return o.pick("38003563", "38003564", "") }

// patient writes one with so many measurements, and so many of everything else, but no more than about a thousand.
func (o odd) patient(id int64, race, ethnicity string, rows int) {
	write := func(table string, values ...string) {
		fmt.Fprintf(o.tables[table], "%d,%s\n", id, strings.Join(values, ","))
	}
	write("person", o.pick("8507", "8532", "8532", "0", ""), o.pick("1950", "1971", "2000", "2011", ""), race, ethnicity)
	for range rows {
		write("measurement", o.pick("11", "12", "13"), o.day(), o.pick(oddValues...), o.pick("8840", ""))
		if rows > 1000 && o.random.IntN(rows) >= 1000 {
			continue
		}
		write("condition_occurrence", o.pick("21", "22", "23", "24", "25"), o.day(), o.day())
		write("drug_exposure", o.pick("31", "32"), o.day(), o.day(), o.pick(oddValues...), o.pick(oddValues...))
		write("visit_occurrence", o.pick("9201", "9202"), o.day(), o.day())
	}
}

func (o odd) folder(t testing.TB) string {
	files := map[string]string{"concept_ancestor.csv": "ancestor_concept_id,descendant_concept_id\n20,20\n20,21\n20,22\n26,22\n26,23\n"}
	for table, text := range o.tables {
		files[table+".csv"] = text.String()
	}
	return folder(t, files)
}

// oddFolder has oddPatients of them.
func oddFolder(t testing.TB) string {
	o := newOdd(rand.New(rand.NewPCG(1, 2)))
	for id := range int64(oddPatients) {
		rows := o.random.IntN(12)
		switch id {
		case 0, 1:
			rows = int(id)
		case 2:
			rows = 10_000
		}
		o.patient(id+1, o.race(), o.ethnicity(), rows)
	}
	return o.folder(t)
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

// rankedQueries name so many concepts that what import has ranked bounds them, with every measure but quantiles, which would be more numbers than a
// question may have, and with patients alone, which has a form of its own.
func rankedQueries() (all []dp.Query) {
	labs := records(cohort.Measurement, false)
	g := dp.Group{Kind: dp.Concept, Events: labs, Concepts: []int64{11, 12, 13}}
	for len(g.Concepts) < 100 {
		g.Concepts = append(g.Concepts, int64(1000+len(g.Concepts)))
	}
	for _, m := range append(oddMeasures(labs), []dp.Measure{{Kind: dp.Patients}}) {
		q, _ := apart(dp.Query{GroupBy: []dp.Group{g}, Measures: m, MaxGroups: 1})
		all = append(all, q)
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

func planOf(t failer, e *duckdb.Engine, q dp.Query) dp.Plan {
	t.Helper()
	return planUnder(t, e, q, dp.Disclosure{})
}

// planUnder plans with the least noise there is, of what the engine says of its records.
func planUnder(t failer, e *duckdb.Engine, q dp.Query, rule dp.Disclosure) dp.Plan {
	t.Helper()
	q.Dataset, q.NanoRho = "hospital", dp.MaxNanoRho
	m := dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: e.Dataset().ReferenceYear, Disclosure: rule}
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
