package omop_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// numbered is how many patients numbers has; each is in a cell of her own, by her year of birth.
const numbered = 60

func bornIn(patient int) int { return 1900 + patient }

// awkward is a bound of which no part of 2^20 is a multiple.
func awkward(r *rand.Rand, most float64) float64 {
	return (2 + math.Floor(r.Float64()*most*dp.Fixed) + 0.1 + r.Float64()/2) / dp.Fixed
}

// numbers are the values of each patient, by day: near the bounds, far away, all but zero and
// next to half a point.
func numbers(r *rand.Rand, low, high float64) [][]float64 {
	half := (math.Floor(r.Float64()*1e6) + 0.5) / dp.Fixed
	some := []float64{
		low, high, math.Nextafter(low, -1e9), math.Nextafter(high, 1e9), low + (high-low)/2, 0, 5, -1e12, math.MaxFloat64, -math.MaxFloat64,
		5e-324, -5e-324, 1e-300, -1e-290, half, -half, math.Nextafter(half, 0), math.Nextafter(half, 1e9), 600000.4999999999 / dp.Fixed,
	}
	all := make([][]float64, numbered)
	for i := range all {
		for range 1 + r.IntN(3) {
			x := some[r.IntN(len(some))]
			if r.IntN(3) == 0 {
				x = low + r.Float64()*(high-low)
			}
			all[i] = append(all[i], x)
		}
		if i%2 == 0 {
			all[i] = all[i][:1]
		}
	}
	return all
}

// adds is what a patient with these values adds to a tally, as package dp documents it.
func adds(t dp.Tally, values []float64) []int64 {
	var addends int64
	n := int64(len(values))
	whole := t.Value.Reduce == dp.ReduceMean || t.Value.Reduce == dp.ReduceSum
	for _, x := range values {
		addends += t.Addend(x)
	}
	reduced := map[dp.Reduce]float64{dp.ReduceFirst: values[0], dp.ReduceLast: values[len(values)-1], dp.ReduceMin: values[0], dp.ReduceMax: values[0]}
	for _, x := range values {
		reduced[dp.ReduceMin], reduced[dp.ReduceMax] = min(reduced[dp.ReduceMin], x), max(reduced[dp.ReduceMax], x)
	}
	q := t.Point(reduced[t.Value.Reduce])
	if whole {
		q = t.Total(addends, n)
	}
	slots := make([]int64, t.Width)
	switch t.Kind {
	case dp.TallyValued:
		slots[0] = 1
	case dp.TallySum:
		slots[0] = q
	case dp.TallySquare:
		slots[0] = (q*q + dp.Fixed/2) >> 20
	case dp.TallyBins:
		slot := t.Slot(reduced[t.Value.Reduce])
		if whole {
			slot = t.SlotOfTotal(addends, n)
		}
		slots[slot] = 1
	}
	return slots
}

// G1: what a patient adds to a tally is what its sensitivity was computed from, to the last unit, in either dialect: of
// bounds that no unit is a part of, and of values on which floating-point arithmetic rounds or gives up.
func TestTalliesAreThoseOfPackageDP(t *testing.T) {
	omoptest.NotUnderRace(t)
	engines := map[string]func(testing.TB) engine{"DuckDB": newDuckDB, "Postgres": newPostgres}
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			people := make([]cohorttest.History, numbered)
			for i := range people {
				people[i].YearOfBirth = int64(bornIn(i))
			}
			e.fill(t, people, nil)
			e.permit(t, numbered)
			for n := range 4 + draws()/100 {
				checkNumbers(t, e, rand.New(rand.NewPCG(11, uint64(n))), n)
			}
		})
	}
}

func checkNumbers(t *testing.T, e engine, r *rand.Rand, n int) {
	low := awkward(r, 1)
	high := low + awkward(r, []float64{1e6, 0.01, 60}[n%3])
	switch {
	case n == 0: // on which squares and sums were one unit more than declared
		low, high = 2.2/dp.Fixed, 1500002.6/dp.Fixed
	case n == 1:
		low, high = 0, 60
	case n%2 == 0:
		low = -low
	}
	values := numbers(r, low, high)
	e.measure(t, values)
	for _, p := range numberPlans(t, low, high) {
		got, err := e.vector(t, p)
		if err != nil {
			t.Fatalf("%g to %g: %v", low, high, err)
		}
		if diff := cmp.Diff(added(p, values), got); diff != "" {
			t.Fatalf("%g to %g: %s (-dp +SQL):\n%s", low, high, shown(p.Query.Measures), diff)
		}
	}
}

// measure makes the values the only measurements there are.
func (e engine) measure(t testing.TB, values [][]float64) {
	t.Helper()
	var rows []string
	for i, list := range values {
		for day, x := range list {
			rows = append(rows, fmt.Sprintf("(%d, %d, DATE '2010-01-01' + %d, %s)", i+1, i*100+day, day, strconv.FormatFloat(x, 'g', -1, 64)))
		}
	}
	e.exec(t, "DELETE FROM "+e.schema+".measurement")
	e.exec(t, "INSERT INTO "+e.schema+".measurement (person_id, measurement_id, measurement_date, value_as_number) VALUES "+strings.Join(rows, ", "))
}

// numberPlans ask for every tally of values, a cell for each patient.
func numberPlans(t *testing.T, low, high float64) (all []dp.Plan) {
	t.Helper()
	cells := dp.Group{Kind: dp.BirthYear}
	for i := range numbered {
		cells.Edges = append(cells.Edges, bornIn(i))
	}
	for _, how := range []dp.Reduce{dp.ReduceFirst, dp.ReduceLast, dp.ReduceMin, dp.ReduceMax, dp.ReduceMean, dp.ReduceSum} {
		v := &dp.Value{Events: &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}, Field: dp.FieldValue, Reduce: how}
		measures := []dp.Measure{
			{Kind: dp.Sum, Value: v, Low: low, High: high}, {Kind: dp.Mean, Value: v, Low: low, High: high},
			{Kind: dp.Variance, Value: v, Low: low, High: high}, {Kind: dp.Histogram, Value: v, Edges: []float64{low, low + (high-low)/3, high}},
			{Kind: dp.Quantiles, Value: v, Low: low, High: high, Ranks: []float64{0.5}},
		}
		p, err := dp.NewPlan(dp.Query{Dataset: metadata.Dataset, GroupBy: []dp.Group{cells}, Measures: measures, NanoRho: 1_000_000_000}, metadata)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// added is the whole vector, of those whom permit lets be counted.
func added(p dp.Plan, values [][]float64) []int64 {
	want := make([]int64, p.Size())
	for i, list := range values {
		if n := i + 1; n%3 == 0 || n == 2 || n == 5 {
			continue
		}
		for k, tally := range p.Tallies {
			copy(want[p.Offset(k)+i*tally.Width:], adds(tally, list))
		}
	}
	return want
}
