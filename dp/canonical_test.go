package dp_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

func TestLabels(t *testing.T) {
	glucose := records(cohort.Measurement, 3004501)
	for _, c := range []struct {
		group dp.Group
		want  string
	}{
		{dp.Group{Kind: dp.Race, Concepts: []int64{8527, 8516}}, "8516 8527"},
		{dp.Group{Kind: dp.Ethnicity, Concepts: []int64{38003563, 38003564}}, "38003563 38003564"},
		{dp.Group{Kind: dp.BirthYear, Edges: []int{1900, 1950, 1951}}, "1900-1949 1950 1951+"},
		{dp.Group{Kind: dp.HasEvent, Matches: has(glucose)}, "yes no"},
		{dp.Group{Kind: dp.EventCount, Events: glucose, Cap: 2}, "0 1 2+"},
		{dp.Group{Kind: dp.Concept, Events: glucose, Concepts: []int64{7, 5, 7}}, "5 7"},
		{dp.Group{Kind: dp.Calendar, Events: glucose, Unit: dp.Year, From: "1999", To: "2001"}, "1999 2000 2001"},
		{dp.Group{Kind: dp.Calendar, Events: glucose, Unit: dp.Month, From: "1999-11", To: "2000-02"}, "1999-11 1999-12 2000-01 2000-02"},
		{dp.Group{Kind: dp.ValueBand, Events: glucose, EdgesReal: []float64{-1.5, 0, 6.5}}, "[-1.5,0) [0,6.5) [6.5,+inf)"},
	} {
		q := asked(1000)
		q.GroupBy = []dp.Group{c.group}
		if c.group.Kind == dp.Concept || c.group.Kind == dp.Calendar || c.group.Kind == dp.ValueBand {
			q.MaxGroups = 1
		}
		var got []string
		for _, cell := range mustPlan(t, q).Cells {
			got = append(got, cell.Key[0])
		}
		if d := cmp.Diff(c.want, strings.Join(got, " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.group.Kind, d)
		}
	}
}

// A patient's greatest number of cells is asked for exactly where she may be in several,
// and is never more than there are.
func TestMaxGroups(t *testing.T) {
	all, first := records(cohort.Condition), records(cohort.Condition)
	first.Keep = cohort.KeepFirst
	concepts := func(e *cohort.Events, below bool) dp.Group {
		return dp.Group{Kind: dp.Concept, Events: e, Concepts: []int64{1, 2, 3}, Descendants: below}
	}
	years := func(e *cohort.Events) dp.Group {
		return dp.Group{Kind: dp.Calendar, Events: e, Unit: dp.Year, From: "2010", To: "2011"}
	}
	sex := dp.Group{Kind: dp.Sex}
	for name, c := range map[string]struct {
		groups      []dp.Group
		asked, want int // want -1: refused
	}{
		"patients":             {[]dp.Group{sex}, 0, 0},
		"patients bounded":     {[]dp.Group{sex}, 1, -1},
		"events":               {[]dp.Group{concepts(all, false)}, 0, -1},
		"negative":             {[]dp.Group{concepts(all, false)}, -1, -1},
		"too many":             {[]dp.Group{concepts(all, false)}, 1001, -1},
		"two of three":         {[]dp.Group{concepts(all, false)}, 2, 2},
		"more than there are":  {[]dp.Group{concepts(all, false)}, 1000, 3},
		"crossed":              {[]dp.Group{concepts(all, false), years(all), sex}, 1000, 6},
		"first event":          {[]dp.Group{concepts(first, false), years(first)}, 0, 0},
		"first event bounded":  {[]dp.Group{concepts(first, false)}, 1, -1},
		"first event, nested":  {[]dp.Group{concepts(first, true)}, 0, -1},
		"first, nested, by 2":  {[]dp.Group{concepts(first, true)}, 2, 2},
		"first, nested, by 9":  {[]dp.Group{concepts(first, true), years(first), sex}, 9, 3},
		"events of two kinds":  {[]dp.Group{concepts(all, false), years(first)}, 2, -1},
		"a single public cell": {[]dp.Group{{Kind: dp.Concept, Events: all, Concepts: []int64{1}}}, 0, 0},
	} {
		q := asked(1_000_000)
		q.GroupBy, q.MaxGroups = c.groups, c.asked
		p, err := dp.NewPlan(q, metadata)
		var invalid *dp.InvalidQueryError
		if c.want < 0 {
			if !errors.As(err, &invalid) {
				t.Errorf("%s: planned, %v", name, err)
			}
			continue
		}
		if err != nil || p.Query.MaxGroups != c.want {
			t.Errorf("%s: %d, %v; want %d", name, p.Query.MaxGroups, err, c.want)
		}
		if s := p.Series[0]; err == nil && c.want > 1 && math.Abs(s.Sigma/math.Sqrt(float64(c.want)*500)-1) > 0.01 {
			t.Errorf("%s: noise %v is not that of %d cells", name, s.Sigma, c.want)
		}
	}
}

// Measures come in one order, once each, and share what they can.
func TestMeasuresShareTallies(t *testing.T) {
	mean := dp.Measure{Kind: dp.Mean, Value: age, Low: 0, High: 100}
	variance, sum := mean, mean
	variance.Kind, sum.Kind = dp.Variance, dp.Sum
	p := mustPlan(t, asked(1_000_000, variance, mean, sum, mean))
	kinds := func(p dp.Plan) (s string) {
		for _, m := range p.Query.Measures {
			s += string(m.Kind) + " "
		}
		for _, t := range p.Tallies {
			s += string(t.Kind) + " "
		}
		return s
	}
	if d := cmp.Diff("sum mean variance sum valued sum square ", kinds(p)); d != "" {
		t.Error(d)
	}
	q := asked(1_000_000, dp.Measure{Kind: dp.Quantiles, Value: age, High: 100, Ranks: []float64{0.9, 0.5, 0.9}})
	if d := cmp.Diff([]float64{0.5, 0.9}, mustPlan(t, q).Query.Measures[0].Ranks); d != "" {
		t.Error(d)
	}
	first := records(cohort.Measurement, 1)
	first.Keep = cohort.KeepFirst
	value := func(r dp.Reduce) dp.Query {
		return asked(1000, dp.Measure{Kind: dp.Mean, High: 1, Value: &dp.Value{Events: first, Field: dp.FieldValue, Reduce: r}})
	}
	if d := cmp.Diff(mustPlan(t, value(dp.ReduceMax)), mustPlan(t, value(dp.ReduceSum))); d != "" {
		t.Errorf("one event has several values:\n%s", d)
	}
}

// Where each patient has one event at most, to count up to more is the same question.
func TestOneEventIsCountedOnce(t *testing.T) {
	for _, keep := range []cohort.Keep{"", cohort.KeepFirst, cohort.KeepLast} {
		counting := func(most int) dp.Query {
			events := records(cohort.Measurement, 1)
			events.Keep = keep
			q := asked(1000, dp.Measure{Kind: dp.Records, Events: events, Max: most})
			q.GroupBy = []dp.Group{{Kind: dp.EventCount, Events: events, Cap: most}}
			return q
		}
		same := cmp.Diff(mustPlan(t, counting(1)), mustPlan(t, counting(100))) == ""
		if same != (keep != "") {
			t.Errorf("keep %q: one plan %v", keep, same)
		}
	}
}

// Whole and half values become points without rounding, whatever the bounds.
func TestPointsOfWholeValues(t *testing.T) {
	for _, bounds := range [][2]float64{{0, 100}, {-10, 90}, {3, 8}, {0, 1}, {0, 4096}, {-5, 1000}} {
		for _, kind := range []dp.MeasureKind{dp.Sum, dp.Mean} {
			p := mustPlan(t, asked(1000, dp.Measure{Kind: kind, Value: age, Low: bounds[0], High: bounds[1]}))
			tally := p.Tallies[len(p.Tallies)-1]
			for x := bounds[0]; x <= bounds[1]; x += 0.5 {
				q := tally.Point(x)
				if back := tally.Centre + float64(q)*tally.Half/dp.Fixed; back != x || q < -dp.Fixed || q > dp.Fixed {
					t.Fatalf("%s %v: %v became %d, %v", kind, bounds, x, q, back)
				}
				if total := tally.Total(tally.Addend(x), 1); total != q {
					t.Fatalf("%s %v: %v is point %d, but total %d", kind, bounds, x, q, total)
				}
			}
			for _, x := range []float64{math.Inf(1), 1e300, bounds[1] + 1} {
				if tally.Point(x) != tally.Point(bounds[1]) || tally.Total(tally.Addend(x), 1) != tally.Point(bounds[1]) {
					t.Errorf("%s %v: %v is not clamped", kind, bounds, x)
				}
			}
		}
	}
}

func TestSlots(t *testing.T) {
	tally := dp.Tally{Kind: dp.TallyBins, Width: 2, Edges: []float64{0, 1, 3}}
	for x, want := range map[float64]int{math.Inf(-1): 0, -1: 0, 0: 0, 0.99: 0, 1: 1, 3: 1, 4: 1, math.Inf(1): 1} {
		if got := tally.Slot(x); got != want {
			t.Errorf("Slot(%v) = %d, want %d", x, got, want)
		}
	}
}

// Bounds and edges are those of a patient's mean or sum, not of the events it is made of; a
// value on an edge is on it after adding up.
func TestMeansAndSumsAreClampedWhole(t *testing.T) {
	for how, values := range map[dp.Reduce][][]float64{
		dp.ReduceMean: {{1000, -950}, {40}, {39, 41}, {-3, 1000}, {1e300, -1e300}},
		dp.ReduceSum:  {{1000, -975}, {40}, {10, 10, 10, 10}, {-3, 1000}, {1e300, -1e300}},
	} {
		v := &dp.Value{Events: records(cohort.Measurement, 1), Field: dp.FieldValue, Reduce: how}
		p := mustPlan(t, asked(1000, dp.Measure{Kind: dp.Sum, Value: v, High: 100}, dp.Measure{Kind: dp.Mean, Value: v, High: 100},
			dp.Measure{Kind: dp.Histogram, Value: v, Edges: []float64{0, 20, 40, 60, 100}}))
		for i, want := range []float64{25, 40, 40, 100, 0} {
			for _, tally := range p.Tallies {
				switch tally.Kind {
				case dp.TallySum:
					if got := tally.Centre + float64(reducedPoint(tally, values[i]))/dp.Fixed*tally.Half; got != want {
						t.Errorf("%s of %v is %v", how, values[i], got)
					}
				case dp.TallyBins:
					if got := slotOf(tally, values[i]); got != tally.Slot(want) {
						t.Errorf("%s of %v is in slot %d", how, values[i], got)
					}
				}
			}
		}
	}
}

func TestColumnsOfEverything(t *testing.T) {
	drug := records(cohort.Drug, 1)
	q := asked(1_000_000,
		dp.Measure{Kind: dp.Mean, High: 1, Value: &dp.Value{Events: drug, Field: dp.FieldQuantity, Reduce: dp.ReduceMean}},
		dp.Measure{Kind: dp.Proportion, Of: has(records(cohort.Death))})
	q.Cohort = has(records(cohort.Visit, 9201))
	q.GroupBy = []dp.Group{{Kind: dp.Race, Concepts: []int64{1}}, {Kind: dp.BirthYear, Edges: []int{1950}}}
	var got []string
	for _, c := range mustPlan(t, q).Columns() {
		got = append(got, c.Name)
		if c.Category == "" {
			t.Errorf("%s is in no category", c.Name)
		}
	}
	for _, want := range []string{"person.race_concept_id", "person.year_of_birth", "drug_exposure.drug_concept_id", "drug_exposure.quantity", "visit_occurrence.visit_concept_id"} {
		if !strings.Contains(strings.Join(got, " "), want) {
			t.Errorf("%v lack %s", got, want)
		}
	}
	if !strings.Contains(strings.Join(got, " "), "death.") {
		t.Errorf("%v lack those of death", got)
	}
}

// Any JSON gives a typed refusal or a plan within bounds whose query is its own canonical form.
func FuzzPlanOfAnyQuery(f *testing.F) {
	for _, seed := range []dp.Query{everything(1_000_000), {
		Dataset: metadata.Dataset, NanoRho: 1_000_000, MaxGroups: 7, Cohort: has(records(cohort.Visit, 9201)),
		GroupBy: []dp.Group{{Kind: dp.Concept, Events: records(cohort.Measurement, 1), Concepts: []int64{2, 1}, Descendants: true}},
		Measures: []dp.Measure{{Kind: dp.Mean, High: 1, Value: &dp.Value{
			Events: records(cohort.Measurement, 1), Field: dp.FieldValue, Reduce: dp.ReduceSum,
		}}},
	}} {
		b, err := json.Marshal(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
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
		if p.Released() > dp.MaxNumbers || len(p.Cells) > dp.MaxCells || p.Cost.NanoRho > q.NanoRho || p.Size() == 0 {
			t.Fatalf("%d cells, %d numbers at %d", len(p.Cells), p.Released(), p.Cost.NanoRho)
		}
		again, err := dp.NewPlan(p.Query, p.Metadata)
		if err != nil {
			t.Fatalf("canonical query refused: %v", err)
		}
		if d := cmp.Diff(p, again); d != "" {
			t.Fatalf("not canonical:\n%s", d)
		}
	})
}
