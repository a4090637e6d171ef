package omop_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var metadata = dp.Metadata{Dataset: "hospital", Version: "1", ReferenceYear: 2026}

func plan(t interface{ Fatal(...any) }, groups ...dp.Group) dp.Plan {
	p, err := dp.NewPlan(dp.Query{Dataset: "hospital", GroupBy: groups, NanoRho: 1000}, metadata)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func event(domain cohort.Domain, descendants bool, concepts ...int64) dp.Group {
	return dp.Group{Kind: dp.HasEvent, Matches: cohort.Recorded(domain, descendants, concepts...)}
}

// The text is reviewed as a whole: it is what reads patients' records.
func TestGolden(t *testing.T) {
	labs := &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 3004410}}}}
	diabetic := cohort.Recorded(cohort.Condition, true, 201826)
	value := func(r dp.Reduce) *dp.Value { return &dp.Value{Events: labs, Field: dp.FieldValue, Reduce: r} }
	for name, q := range map[string]dp.Query{
		"sex_age": {GroupBy: []dp.Group{{Kind: dp.Sex}, {Kind: dp.AgeBand, Edges: []int{18, 40, 80}}}},
		"events":  {GroupBy: []dp.Group{event(cohort.Condition, true, 201826, 201254), event(cohort.Drug, false, 1503297), {Kind: dp.Sex}}},
		"measures": {
			Cohort: diabetic, GroupBy: []dp.Group{{Kind: dp.EventCount, Events: labs, Cap: 2}},
			Measures: []dp.Measure{
				{Kind: dp.Proportion, Of: cohort.Recorded(cohort.Drug, true, 1503297)}, {Kind: dp.Mean, Value: value(dp.ReduceLast), Low: 2, High: 20},
				{Kind: dp.Variance, Value: value(dp.ReduceMean), Low: 2, High: 20}, {Kind: dp.Quantiles, Value: value(dp.ReduceMax), Low: 2, High: 20, Ranks: []float64{0.5}},
				{Kind: dp.Histogram, Value: value(dp.ReduceSum), Edges: []float64{0, 5, 10, 20}},
			},
		},
		"calendar": {
			GroupBy: []dp.Group{
				{Kind: dp.Concept, Events: labs, Concepts: []int64{3004410, 3034639}, Descendants: true},
				{Kind: dp.Calendar, Events: labs, Unit: dp.Year, From: "2010", To: "2012"},
			},
			Measures:  []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Records, Events: labs, Max: 5}, {Kind: dp.Sum, Value: value(dp.ReduceSum), Low: 0, High: 100}},
			MaxGroups: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			q.Dataset, q.NanoRho = "hospital", 1000
			p, err := dp.NewPlan(q, metadata)
			if err != nil {
				t.Fatal(err)
			}
			s, err := omop.CountSQL(p, omop.DuckDB)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name+".sql")
			if *update {
				if err := os.WriteFile(file, []byte(s.Text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), s.Text+"\n"); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Concepts, however many and in whatever order they are asked for, are bound, not written.
func TestTextHasNoConcepts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		concepts := rapid.SliceOfN(rapid.Int64Range(1_000_000, 1<<52), 1, 50).Draw(t, "concepts")
		s, err := omop.CountSQL(plan(t, event(cohort.Condition, true, concepts...)), omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		one, err := omop.CountSQL(plan(t, event(cohort.Condition, true, 1)), omop.DuckDB)
		if err != nil {
			t.Fatal(err)
		}
		if s.Text != one.Text {
			t.Fatalf("the text depends on the concepts:\n%s", cmp.Diff(one.Text, s.Text))
		}
		bound := make(map[int64]bool)
		for _, list := range s.Args() {
			for _, id := range list.([]int64) {
				bound[id] = true
			}
		}
		for _, id := range concepts {
			if !bound[id] {
				t.Fatalf("%d is not bound", id)
			}
		}
	})
}

// Equal lists of concepts are bound once.
func TestArgs(t *testing.T) {
	s, err := omop.CountSQL(plan(t, event(cohort.Condition, true, 1, 2), event(cohort.Drug, false, 3), event(cohort.Measurement, false, 1, 2)), omop.DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{[]int64{1, 2}, []int64{3}}
	if diff := cmp.Diff(want, s.Args()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is written instead of being bound is each list at its places, and nothing is left to bind.
func TestWritten(t *testing.T) {
	s, err := omop.CountSQL(plan(t, event(cohort.Condition, true, 1, 2), event(cohort.Drug, false, 1<<53-1)), omop.DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	got := s.Written()
	for bound, list := range map[string]string{"$1": "'[1,2]'", "$2": "'[9007199254740991]'"} {
		bound, list = "CAST("+bound+" AS BIGINT[])", "CAST("+list+" AS BIGINT[])"
		if n := strings.Count(s.Text, bound); n == 0 || strings.Count(got, list) != n {
			t.Errorf("%s is not written %s:\n%s", bound, list, got)
		}
	}
	if strings.Contains(got, "$") {
		t.Errorf("something is left to bind:\n%s", got)
	}
	if got := (omop.Statement{Text: "SELECT $1"}).Written(); got != "SELECT $1" {
		t.Errorf("%q has no values and became %q", "SELECT $1", got)
	}
}

func TestRefusesWhatNewPlanDidNotMake(t *testing.T) {
	good := plan(t, dp.Group{Kind: dp.Sex})
	for name, spoil := range map[string]func(*dp.Plan){
		"no group":    func(p *dp.Plan) { p.Query.GroupBy = nil },
		"no tally":    func(p *dp.Plan) { p.Tallies = nil },
		"wide tally":  func(p *dp.Plan) { p.Tallies = []dp.Tally{{Kind: dp.TallyPatients, Width: 2}} },
		"other tally": func(p *dp.Plan) { p.Tallies = []dp.Tally{{Kind: "everything", Width: 1}} },
		"no range": func(p *dp.Plan) {
			p.Tallies = []dp.Tally{{Kind: dp.TallyBins, Width: 2, Tree: true, Edges: []float64{1, 1, 1}, Value: &dp.Value{Field: dp.FieldAge}}}
		},
		"no criterion":   func(p *dp.Plan) { p.Query.Cohort = &cohort.Criterion{} },
		"cells":          func(p *dp.Plan) { p.Cells = p.Cells[:1] },
		"kind":           func(p *dp.Plan) { p.Query.GroupBy = []dp.Group{{Kind: "ward"}} },
		"no event":       func(p *dp.Plan) { p.Query.GroupBy = []dp.Group{{Kind: dp.HasEvent}} },
		"another domain": func(p *dp.Plan) { p.Query.GroupBy = []dp.Group{event("device; DROP TABLE person", false, 1)} },
	} {
		t.Run(name, func(t *testing.T) {
			p := good
			spoil(&p)
			if s, err := omop.CountSQL(p, omop.DuckDB); !errors.Is(err, dp.ErrPlan) && !errors.Is(err, omop.ErrCriterion) {
				t.Errorf("got %v, %v", s, err)
			}
		})
	}
}

func ExampleCountSQL() {
	p, err := dp.NewPlan(dp.Query{
		Dataset: "hospital", NanoRho: 1_000_000,
		GroupBy: []dp.Group{event(cohort.Condition, true, 201826)},
	}, dp.Metadata{Dataset: "hospital", Version: "1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := omop.CountSQL(p, omop.DuckDB)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Args(), strings.Contains(s.Text, "omop.condition_occurrence"))
	// Output: [[201826]] true
}
