package dp_test

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

var update = flag.Bool("update", false, "write the golden files")

// disclosing plans a query of a dataset with a disclosure rule.
func disclosing(t testing.TB, q dp.Query, rule dp.Disclosure) dp.Plan {
	t.Helper()
	m := metadata
	m.Disclosure = rule
	return planOf(t, q, m)
}

// smallTown has 67 women, of whom 12 have a value, and 19 men.
func smallTown() []patient {
	r := rand.New(rand.NewPCG(5, 5))
	var town []patient
	for i := range 86 {
		e := entry{values: []float64{math.Floor(-10 + 100*r.Float64())}, records: i % 3, matches: i%9 == 0}
		if i < 55 {
			e.values = nil
		}
		cell := 0
		if i >= 67 {
			cell = 1
		}
		town = append(town, patient{cell: e})
	}
	return town
}

// The rules that hospitals have are instances of the one there is. The answers have no noise here, so that
// the files show what a rule does.
func TestDisclosureRules(t *testing.T) {
	all := everything(dp.MaxNanoRho).Measures
	for name, tt := range map[string]struct {
		measures []dp.Measure
		rule     dp.Disclosure
	}{
		"minimum_cell_of_20":                  {all, dp.Disclosure{MinCount: 20}},
		"redact_7_and_less_and_round_to_5":    {all, dp.Disclosure{MinCount: 8, RoundTo: 5}},
		"minimum_cohort_of_86":                {all, dp.Disclosure{MinCohort: 86}},
		"minimum_cohort_of_87_and_round_to_5": {all, dp.Disclosure{MinCohort: 87, RoundTo: 5}},
		"round_to_10":                         {all, dp.Disclosure{RoundTo: 10}},
		"minimum_cell_of_18_and_round_to_100": {all, dp.Disclosure{MinCount: 18, RoundTo: 100}},
		// Who has a value is fewer than who is in the cell: 12 women, 19 men.
		"sums_alone_with_minimum_of_15": {all[3:4], dp.Disclosure{MinCount: 15}},
	} {
		q := everything(dp.MaxNanoRho)
		q.GroupBy, q.Measures = []dp.Group{{Kind: dp.Sex}}, tt.measures
		p := disclosing(t, q, tt.rule)
		var got strings.Builder
		for _, row := range answer(t, p, smallTown(), noisetest.None(t)) {
			for _, e := range row.Estimates {
				said := fmt.Sprintf("%10.6g   %.6g to %.6g", e.Value, e.Low, e.High)
				if e.Suppressed {
					said = "suppressed"
				}
				fmt.Fprintf(&got, "%-6s %-20s %s\n", row.Key[0], keyOf(p, e), strings.TrimSpace(said))
			}
		}
		file := filepath.Join("testdata", "disclosure", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got.String()); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

// blind is noise in which the exact number drowns.
type blind struct{ random *rand.Rand }

func (b blind) AddGaussian(int64, float64) (int64, error) { return b.random.Int64N(200) - 50, nil }

func (b blind) AddLaplace(int64, int64, int64) (int64, error) { return b.AddGaussian(0, 0) }

// What is suppressed and how the rest is rounded follows from the noised numbers alone: the
// rule costs nothing because it never looks at others.
func TestDisclosureLooksAtNoisedNumbersOnly(t *testing.T) {
	q := everything(dp.MaxNanoRho)
	q.GroupBy = []dp.Group{{Kind: dp.Sex}}
	shown := 0
	for seed := range uint64(20) {
		p := disclosing(t, q, dp.Disclosure{MinCount: 20, RoundTo: 5, MinCohort: 70})
		var first []int64
		for _, size := range []int{0, 19, 86} {
			got, err := dp.Release(p, dp.NewExact(tally(p, smallTown()[:size], none)), blind{rand.New(rand.NewPCG(1, seed))})
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			}
			if len(got) != p.Released() || !slices.Contains(got, dp.Suppressed) || !slices.Equal(got, first) {
				t.Errorf("%d patients change what the same noised numbers show", size)
			}
		}
		if slices.Max(first) >= 20 {
			shown++
		}
	}
	if shown == 0 || shown == 20 {
		t.Errorf("%d of 20 show something: the check is empty", shown)
	}
}

// tooFew releases of so many patients, without noise, and reports whether nothing was shown.
func tooFew(t *testing.T, p dp.Plan, patients int) bool {
	t.Helper()
	town := make([]patient, patients)
	for i := range town {
		town[i] = patient{0: {records: 1}, i % len(p.Cells): {records: 1}}
	}
	released, err := dp.Release(p, dp.NewExact(tally(p, town, none)), noisetest.None(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Fits(released); err != nil {
		t.Fatal(err)
	}
	for _, forged := range []int64{0, 1000} {
		changed := slices.Clone(released)
		changed[len(changed)-1] = forged // the number of the cohort, which without groups is the last, too
		if suppressed := released[0] == dp.Suppressed && len(released) > 1; (suppressed || forged == 0) && !errors.Is(p.Fits(changed), dp.ErrDisclosure) {
			t.Errorf("%d patients: a cohort of %d passes", patients, forged)
		}
	}
	suppressed := 0
	for _, x := range released {
		if x == dp.Suppressed {
			suppressed++
		}
	}
	if suppressed != 0 && suppressed != len(released) {
		t.Errorf("%d patients: %d of %d numbers are suppressed", patients, suppressed, len(released))
	}
	return suppressed > 0
}

// Nothing is shown of fewer patients than a cohort has to have, each of them counted once, however many cells she is in.
func TestMinimumCohort(t *testing.T) {
	years := query(dp.Group{Kind: dp.Calendar, Events: records(cohort.Drug, 1), Unit: dp.Year, From: "2010", To: "2014"})
	years.MaxGroups = 5
	for name, q := range map[string]dp.Query{"no groups": query(), "by sex": query(dp.Group{Kind: dp.Sex}), "by year": years} {
		for _, round := range []int64{0, 5, 60} { // 49 rounds to 50, and is less all the same; 50 and 51 round to 60
			p := disclosing(t, q, dp.Disclosure{MinCohort: 50, RoundTo: round})
			for patients, want := range map[int]bool{0: true, 5: true, 49: true, 50: false, 51: false} {
				if got := tooFew(t, p, patients); got != want {
					t.Errorf("%s, rounded to %d: %d patients: suppressed %v", name, round, patients, got)
				}
			}
		}
	}
}

// A least cohort is counted with noise that is charged: without groups by its only cell, otherwise by a number of its own, which a patient
// changes by one however many cells she is in.
func TestMinimumCohortIsCharged(t *testing.T) {
	for _, kind := range []accountant.Kind{"", accountant.Pure} {
		m := metadata
		m.Accounting, m.Disclosure.MinCohort = kind, 50
		mean := asked(1_000_000, dp.Measure{Kind: dp.Mean, Value: age, Low: 0, High: 90})
		p := planOf(t, mean, m)
		if last := p.Tallies[len(p.Tallies)-1]; len(p.Series) != 3 || last.Kind != dp.TallyPatients {
			t.Errorf("no groups: %+v", p.Tallies)
		}
		q := query(dp.Group{Kind: dp.Concept, Events: records(cohort.Drug), Concepts: []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}})
		q.MaxGroups = 9
		p = planOf(t, q, m)
		cells, all := p.Series[0], p.Series[1]
		if len(p.Series) != 2 || p.Tallies[all.Tally].Kind != dp.TallyCohort || p.Size() != 11 || p.Released() != 11 {
			t.Fatalf("by concept: %+v", p.Series)
		}
		if all.Cost.NanoRho == 0 || p.Cost.NanoRho != cells.Cost.NanoRho+all.Cost.NanoRho {
			t.Errorf("%+v of %+v", all.Cost, p.Cost)
		}
		if kind == "" && (all.Sigma > cells.Sigma/2.99 || all.Sigma < cells.Sigma/3.01) || kind != "" && all.NanoEpsilon <= cells.NanoEpsilon {
			t.Errorf("noise %+v beside %+v", all, cells)
		}
	}
}

// Of private keys none appears where there are too few patients in all, and whoever checks the vector sees that.
func TestMinimumCohortOfPrivateKeys(t *testing.T) {
	p := disclosing(t, byConcept(2), dp.Disclosure{MinCohort: 1_000, RoundTo: 10})
	n, last := p.Threshold+20, int64(p.Size()-1)
	release := func(patients int64) []int64 {
		released, err := dp.Release(p, dp.NewExactByKey([]dp.Entry{{Key: 0, Slot: last, Total: patients}, {Key: 7, Slot: 0, Total: n}}), noisetest.None(t))
		if err != nil {
			t.Fatal(err)
		}
		return released
	}
	shown := (n + 5) / 10 * 10
	if d := cmp.Diff([]int64{7, 0, shown, 1_000}, release(1_003)); d != "" {
		t.Errorf("enough (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]int64{dp.Suppressed}, release(999)); d != "" {
		t.Errorf("too few (-want +got):\n%s", d)
	}
	nobody, err := dp.Release(p, dp.NewExactByKey(nil), noisetest.None(t))
	if d := cmp.Diff([]int64{dp.Suppressed}, nobody); err != nil || d != "" {
		t.Errorf("nobody: %v (-want +got):\n%s", err, d)
	}
	rows, err := p.Estimate(release(1_000))
	if err != nil || len(rows) != 1 || rows[0].Estimates[0].Value != float64(shown) {
		t.Errorf("%+v, %v", rows, err)
	}
	for name, vector := range map[string][]int64{
		"too few, and a key": {7, 0, shown, 990}, "suppressed, and a key": {7, 0, shown, dp.Suppressed}, "all suppressed": {7, 0, dp.Suppressed, dp.Suppressed},
		"too few": {990}, "not rounded": {7, 0, shown, 1_001}, "no cohort": {7, 0, shown}, "nothing": {},
	} {
		if err := p.Fits(vector); !errors.Is(err, dp.ErrDisclosure) && !errors.Is(err, dp.ErrShape) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, entries := range map[string][]dp.Entry{
		"a key's number": {{Key: 0, Slot: 0, Total: secret}}, "a key's cohort": {{Key: 7, Slot: last, Total: secret}},
	} {
		if got, err := dp.Release(p, dp.NewExactByKey(entries), noisetest.None(t)); !errors.Is(err, dp.ErrShape) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

// No count below the least one is shown, none that is not a multiple, and nothing else of
// a cell with too few patients; and whoever verifies an answer sees that.
func TestDisclosureHolds(t *testing.T) {
	q := everything(1_000_000)
	q.Measures = q.Measures[:6] // with a quantile a try has a thousand numbers
	q.Measures = append(q.Measures, everything(1).Measures[7])
	source := noisetest.None(t)
	rapid.Check(t, func(t *rapid.T) {
		rule := dp.Disclosure{MinCount: rapid.Int64Range(0, 100).Draw(t, "min"), RoundTo: rapid.Int64Range(0, 60).Draw(t, "round"), MinCohort: rapid.Int64Range(0, 100).Draw(t, "cohort")}
		m := metadata
		m.Disclosure = rule
		p, err := dp.NewPlan(q, m)
		if err != nil {
			t.Fatal(err)
		}
		exact := rapid.SliceOfN(rapid.Int64Range(-200, 200), p.Size(), p.Size()).Draw(t, "noised")
		released, err := dp.Release(p, dp.NewExact(exact), source)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := p.Estimate(released)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows[0].Estimates {
			kind := p.Query.Measures[e.Measure].Kind
			count := kind == dp.Patients || kind == dp.Records || kind == dp.Histogram
			switch {
			case e.Suppressed:
				if e.Value != 0 || e.Low != 0 || e.High != 0 || rule == (dp.Disclosure{RoundTo: rule.RoundTo}) {
					t.Fatalf("suppressed, and yet %+v", e)
				}
			case rule.MinCount > 0 && exact[0] < rule.MinCount || rule.MinCohort > 0 && exact[0] < rule.MinCohort:
				t.Fatalf("of a cell with %d patients: %+v", exact[0], e)
			case count && (rule.MinCount > 0 && e.Value < float64(rule.MinCount) || math.Mod(e.Value, float64(max(1, rule.RoundTo))) != 0):
				t.Fatalf("count %+v under %+v", e, rule)
			}
		}
		// Of the numbers before the two of the proportion all are counts.
		i := rapid.IntRange(0, 1).Draw(t, "changed")
		changed := slices.Clone(released)
		changed[i]++
		if rule.RoundTo > 1 || released[i] == dp.Suppressed {
			if _, err := p.Estimate(changed); !errors.Is(err, dp.ErrDisclosure) {
				t.Fatalf("%d in place of %d: %v", changed[i], released[i], err)
			}
		}
	})
}

// The intervals cover the truth when counts are rounded by more than their noise. The limit, the
// seed and the false alarms are those of TestIntervalsCover.
func TestIntervalsCoverRounding(t *testing.T) {
	runs := 100
	if os.Getenv("MEDMARKET_LONG") != "" {
		runs = 2000
	}
	limit := 0.95 - 5*math.Sqrt(0.95*0.05/float64(runs))
	for _, nanoRho := range []int64{20_000_000, 2_000_000_000} {
		p := disclosing(t, everything(nanoRho), dp.Disclosure{RoundTo: 50})
		for key, share := range coverageOf(t, p, townOf(222, towns["skewed"]), runs, 1) {
			if share < limit {
				t.Errorf("%d nano-rho: %s covers %v", nanoRho, key, share)
			}
		}
	}
}

// What one hospital suppresses is not known of several either.
func TestSuppressedAtOneHospital(t *testing.T) {
	p := disclosing(t, query(dp.Group{Kind: dp.Sex}), dp.Disclosure{MinCount: 20, RoundTo: 10})
	rows, err := p.Estimate([]int64{30, dp.Suppressed}, []int64{40, 50}, []int64{20, dp.Suppressed})
	if err != nil {
		t.Fatal(err)
	}
	e := rows[0].Estimates[0]
	if want := (dp.Estimate{Suppressed: true}); rows[1].Estimates[0] != want || e.Value != 90 || e.High < 90+15 {
		t.Errorf("%+v", rows)
	}
}

// Private keys appear as without the rule, which then holds for their numbers.
func TestDisclosureOfPrivateKeys(t *testing.T) {
	p := disclosing(t, byConcept(2), dp.Disclosure{RoundTo: 50})
	least := (p.Threshold + 24) / 50 * 50
	exact := dp.NewExactByKey([]dp.Entry{{Key: 7, Slot: 0, Total: p.Threshold}, {Key: 9, Slot: 0, Total: p.Threshold + 50}, {Key: 9, Slot: 1, Total: 1}})
	for rule, want := range map[dp.Disclosure][]dp.Estimate{
		{RoundTo: 50}: {{Value: float64(least)}, {Value: float64(least) + 50}},
		{MinCount: p.Threshold + 26, RoundTo: 50}:   {{Suppressed: true}, {Value: float64(least) + 50}},
		{MinCount: p.Threshold + 1000, RoundTo: 50}: {{Suppressed: true}, {Suppressed: true}},
	} {
		p := disclosing(t, byConcept(2), rule)
		released, err := dp.Release(p, exact, noisetest.None(t))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := p.Estimate(released)
		if err != nil {
			t.Fatal(err)
		}
		var got []dp.Estimate
		for _, r := range rows {
			got = append(got, dp.Estimate{Value: r.Estimates[0].Value, Suppressed: r.Estimates[0].Suppressed})
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%+v (-want +got):\n%s", rule, d)
		}
		released[2] = 1
		if _, err := p.Estimate(released); !errors.Is(err, dp.ErrShape) && !errors.Is(err, dp.ErrDisclosure) {
			t.Errorf("%+v: a key below the threshold: %v", rule, err)
		}
		released[2] = least + 51
		if _, err := p.Estimate(released); !errors.Is(err, dp.ErrDisclosure) {
			t.Errorf("%+v: a number not rounded: %v", rule, err)
		}
	}
}

// A least count makes every plan count patients, charged like the rest; without one nothing is added.
func TestLeastCountIsCharged(t *testing.T) {
	mean := asked(1_000_000, dp.Measure{Kind: dp.Mean, Value: age, Low: 0, High: 90})
	without, with := disclosing(t, mean, dp.Disclosure{RoundTo: 5}), disclosing(t, mean, dp.Disclosure{MinCount: 5})
	if len(without.Series) != 2 || len(with.Series) != 3 || with.Tallies[2].Kind != dp.TallyPatients || with.Series[2].Cost.NanoRho == 0 {
		t.Errorf("%d and %d series; %+v", len(without.Series), len(with.Series), with.Series)
	}
	if p := disclosing(t, query(), dp.Disclosure{MinCount: 5}); len(p.Series) != 1 {
		t.Errorf("patients are counted %d times", len(p.Series))
	}
}

// Everybody has a number of events: what is made of it tells how many have one, and would go round the least count.
func TestDisclosureOfCountsIsByHistogramOnly(t *testing.T) {
	events := &dp.Value{Events: records(cohort.Condition, 1), Field: dp.FieldCount}
	for _, m := range []dp.Measure{
		{Kind: dp.Sum, Value: events, High: 1}, {Kind: dp.Mean, Value: events, High: 1}, {Kind: dp.Variance, Value: events, High: 1},
		{Kind: dp.Quantiles, Value: events, High: 1, Ranks: []float64{0.999}}, {Kind: dp.Histogram, Value: events, Edges: []float64{0, 1, 2}},
	} {
		for _, rule := range []dp.Disclosure{{}, {RoundTo: 5}, {MinCount: 20, RoundTo: 5}} {
			described := metadata
			described.Disclosure = rule
			_, err := dp.NewPlan(asked(1_000_000, m), described)
			var invalid *dp.InvalidQueryError
			switch refused := rule.MinCount > 0 && m.Kind != dp.Histogram; {
			case !refused && err != nil:
				t.Errorf("%s under %+v: %v", m.Kind, rule, err)
			case refused && (!errors.As(err, &invalid) || invalid.Field != "measures[0].value.field" || !strings.Contains(invalid.Why, "min_count")):
				t.Errorf("%s under %+v: %v, want a refusal that names min_count", m.Kind, rule, err)
			}
		}
	}
}

func TestDisclosureBounds(t *testing.T) {
	for _, rule := range []dp.Disclosure{{MinCount: -1}, {MinCount: dp.MaxMinCount + 1}, {RoundTo: -1}, {RoundTo: dp.MaxRoundTo + 1}, {MinCohort: -1}, {MinCohort: dp.MaxMinCohort + 1}} {
		m := metadata
		m.Disclosure = rule
		var invalid *dp.InvalidQueryError
		if _, err := dp.NewPlan(query(), m); !errors.As(err, &invalid) {
			t.Errorf("%+v: %v", rule, err)
		}
	}
}
