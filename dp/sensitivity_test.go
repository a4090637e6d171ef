package dp_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

// drawQuery asks something of the events of one concept set, perhaps by year.
func drawQuery(r *rand.Rand) dp.Query {
	events := records(cohort.Measurement, 1)
	value := func(reduce dp.Reduce) *dp.Value {
		return &dp.Value{Events: events, Field: dp.FieldValue, Reduce: reduce}
	}
	low := float64(r.IntN(200)-100) / 3
	high := low + math.Exp(8*r.Float64()-4)
	how := []dp.Reduce{dp.ReduceFirst, dp.ReduceMean, dp.ReduceSum}[r.IntN(3)]
	measures := []dp.Measure{
		{Kind: dp.Patients},
		{Kind: dp.Records, Events: events, Max: 1 + r.IntN(10)},
		{Kind: dp.Proportion, Of: has(records(cohort.Drug, 1))},
		{Kind: dp.Sum, Value: value(how), Low: low, High: high},
		{Kind: dp.Mean, Value: value(how), Low: low, High: high},
		{Kind: dp.Variance, Value: value(how), Low: low, High: high},
		{Kind: dp.Quantiles, Value: value(how), Low: low, High: high, Ranks: []float64{0.5}},
		{Kind: dp.Histogram, Value: value(how), Edges: []float64{low, low + 1, high + 1}},
	}
	q := asked(1_000_000, measures...)
	if r.IntN(2) == 0 {
		q.GroupBy = []dp.Group{{Kind: dp.Calendar, Events: events, Unit: dp.Year, From: "2010", To: "2019"}}
		q.MaxGroups = 1 + r.IntN(12)
	}
	return q
}

// drawPatient is in at most as many cells as she may be; her values are anything.
func drawPatient(r *rand.Rand, cells, most int) patient {
	values := []float64{0, 1, -1, 1e9, -1e9, 1e300, math.Inf(1), math.Inf(-1), 33.3, math.MaxFloat64}
	who := patient{}
	for range r.IntN(most + 1) {
		e := entry{records: []int{0, 1, 10_000}[r.IntN(3)], matches: r.IntN(2) == 0}
		for range r.IntN(4) {
			e.values = append(e.values, values[r.IntN(len(values))])
		}
		who[r.IntN(cells)] = e
	}
	return who
}

// changes is, for each series, the L1 norm and the square of the L2 norm of what removing one patient changes of the
// numbers that noise is added to; the noise has to be asked for alike.
func changes(t *testing.T, p dp.Plan, town []patient, gone int, f fault) (sums, squares []float64) {
	t.Helper()
	drawn := func(town []patient) ([]int64, []float64) {
		src := noisetest.None(t)
		if _, err := dp.Release(p, dp.NewExact(tally(p, town, f)), src); err != nil {
			t.Fatal(err)
		}
		return src.Drawn()
	}
	with, sigmas := drawn(town)
	without, same := drawn(slices.Delete(slices.Clone(town), gone, gone+1))
	if !slices.Equal(sigmas, same) {
		t.Fatal("the noise depends on the records")
	}
	sums, squares = make([]float64, len(p.Series)), make([]float64, len(p.Series))
	i := 0
	for s, series := range p.Series {
		for range numbersOf(p, series) {
			d := float64(with[i] - without[i])
			sums[s] += math.Abs(d)
			squares[s] += d * d
			i++
		}
	}
	return sums, squares
}

// numbersOf is how many numbers of the series are released.
func numbersOf(p dp.Plan, s dp.Series) int {
	if p.Tallies[s.Tally].Kind == dp.TallyCohort {
		return 1
	}
	return s.Width * len(p.Cells)
}

// G1: whatever the records are, one patient more or less changes each series by its declared
// sensitivity at most: in the L2 norm over all cells for Gaussian noise, in the L1 norm for Laplace noise.
// Engines that forget a bound are noticed.
func TestG1Sensitivity(t *testing.T) {
	tables := 100
	if testing.Short() {
		tables = 30
	}
	if os.Getenv("MEDMARKET_LONG") != "" {
		tables = 1000
	}
	checkSensitivity(t, "", tables)
	if !testing.Short() { // the race detector finds the same in both
		checkSensitivity(t, accountant.Pure, tables)
	}
}

func checkSensitivity(t *testing.T, kind accountant.Kind, tables int) {
	t.Helper()
	exceeded := map[fault]int{}
	reached := map[dp.TallyKind]bool{}
	for seed := range tables {
		r := rand.New(rand.NewPCG(7, uint64(seed)))
		m := metadata
		m.Accounting, m.Disclosure.MinCohort = kind, int64(seed%2)
		p := planOf(t, drawQuery(r), m)
		most := max(1, p.Query.MaxGroups)
		town := make([]patient, 1+r.IntN(8))
		for i := range town {
			town[i] = drawPatient(r, len(p.Cells), most)
		}
		gone := r.IntN(len(town))
		for _, f := range []fault{none, unclamped, unbounded, twice} {
			sums, squares := changes(t, p, town, gone, f)
			for i, s := range p.Series {
				reach := most
				if p.Tallies[s.Tally].Kind == dp.TallyCohort {
					reach = 1 // however many cells
				}
				change, limit := squares[i], float64(s.Sensitivity*s.Sensitivity)*float64(reach)
				if s.NanoEpsilon > 0 {
					change, limit = sums[i], float64(s.Sensitivity)*float64(reach)
				}
				if change > limit {
					exceeded[f]++
				}
				if f == none && change >= 0.999*limit {
					reached[p.Tallies[s.Tally].Kind] = true
				}
			}
		}
	}
	if exceeded[none] > 0 {
		t.Errorf("accounting %q: a patient changes %d series by more than declared", kind, exceeded[none])
	}
	for _, f := range []fault{unclamped, unbounded, twice} {
		if exceeded[f] == 0 {
			t.Errorf("accounting %q: fault %d of an engine passes", kind, f)
		}
	}
	// The bounds are tight: every kind of tally reaches its own.
	for _, tally := range []dp.TallyKind{dp.TallyPatients, dp.TallyCohort, dp.TallyMatching, dp.TallyRecords, dp.TallyValued, dp.TallySum, dp.TallySquare, dp.TallyBins} {
		if !reached[tally] {
			t.Errorf("accounting %q: %s never changes by as much as declared", kind, tally)
		}
	}
}
