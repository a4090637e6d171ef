package dp_test

import (
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
)

// guesses plays the best game there is against a plan: who knows the whole town but for one
// patient weighs each released number by what she would change of it over the
// variance of its noise. It returns by how many standard deviations the weighed sum is
// higher with her than without her.
func guesses(t *testing.T, p dp.Plan, town []patient, her patient, src noise.Source, games int) float64 {
	t.Helper()
	without, with := tally(p, town, none), tally(p, append(town[:len(town):len(town)], her), none)
	var weights []float64
	for _, s := range p.Series { // no trees in this plan, so a series is its tally
		from := p.Offset(s.Tally)
		for i := from; i < from+s.Width*len(p.Cells); i++ {
			weights = append(weights, float64(with[i]-without[i])/(s.Sigma*s.Sigma))
		}
	}
	var mean, square [2]float64
	for side, exact := range [][]int64{without, with} {
		for range games {
			released, err := dp.Release(p, dp.NewExact(exact), src)
			if err != nil {
				t.Fatal(err)
			}
			var score float64
			for i, y := range released {
				score += weights[i] * float64(y)
			}
			mean[side] += score / float64(games)
			square[side] += score * score / float64(games)
		}
	}
	deviation := math.Sqrt((square[0] - mean[0]*mean[0] + square[1] - mean[1]*mean[1]) / 2)
	return (mean[1] - mean[0]) / deviation
}

// weak is noise of half the standard deviation.
type weak struct{ noise.Source }

func (w weak) AddGaussian(x int64, sigma float64) (int64, error) {
	return w.Source.AddGaussian(x, sigma/2)
}

// G1: with real noise, a patient who adds the most to every number of as many cells as she may be in
// is told from nobody by mu = sqrt(2 rho) standard deviations at most, which is what the plan costs
// and what no attack can pass. The estimate of mu has a standard error of 0.038, so
// that this fails by chance once in 3.5 million runs (five of them), and noise of half the size is noticed.
func TestG1BestAttackIsPaidFor(t *testing.T) {
	notUnderRace(t)
	events := records(cohort.Measurement, 1)
	value := &dp.Value{Events: events, Field: dp.FieldValue, Reduce: dp.ReduceMean}
	q := asked(500_000_000,
		dp.Measure{Kind: dp.Patients},
		dp.Measure{Kind: dp.Records, Events: events, Max: 7},
		dp.Measure{Kind: dp.Proportion, Of: has(records(cohort.Drug, 1))},
		dp.Measure{Kind: dp.Variance, Value: value, Low: -3, High: 40},
		dp.Measure{Kind: dp.Histogram, Value: value, Edges: []float64{0, 10, 20}},
	)
	q.GroupBy = []dp.Group{{Kind: dp.Calendar, Events: events, Unit: dp.Year, From: "2010", To: "2013"}}
	q.MaxGroups = 3
	p := mustPlan(t, q)
	extreme := entry{values: []float64{1e9}, records: 10_000, matches: true}
	town := []patient{{0: {values: []float64{5}, records: 2}, 3: extreme}, {1: {records: 1}}}
	her := patient{0: extreme, 2: extreme, 3: extreme}
	const games = 1500
	mu, standardError := math.Sqrt(2*float64(p.Cost.NanoRho)/1e9), math.Sqrt(2.0/float64(games))+0.001
	got := guesses(t, p, town, her, noise.New(), games)
	if got > mu+5*standardError || got < mu*0.9-5*standardError {
		t.Errorf("she is told apart by %v deviations, the plan says %v", got, mu)
	}
	if got := guesses(t, p, town, her, weak{noise.New()}, games); got <= mu+5*standardError {
		t.Errorf("noise of half the size passes: %v deviations, the plan says %v", got, mu)
	}
}
