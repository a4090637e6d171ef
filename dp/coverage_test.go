package dp_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
)

// everything asks for each kind of measure, of values from -10 to 90.
func everything(nanoRho int64) dp.Query {
	return asked(nanoRho,
		dp.Measure{Kind: dp.Patients},
		dp.Measure{Kind: dp.Records, Events: records(cohort.Drug, 1), Max: 20},
		dp.Measure{Kind: dp.Proportion, Of: has(records(cohort.Drug, 1))},
		dp.Measure{Kind: dp.Sum, Value: age, Low: -10, High: 90},
		dp.Measure{Kind: dp.Mean, Value: age, Low: -10, High: 90},
		dp.Measure{Kind: dp.Variance, Value: age, Low: -10, High: 90},
		dp.Measure{Kind: dp.Quantiles, Value: age, Low: -10, High: 90, Ranks: []float64{0.05, 0.25, 0.5, 0.9}},
		dp.Measure{Kind: dp.Histogram, Value: age, Edges: []float64{-10, 20, 35.5, 90}},
	)
}

// truth is what everything would say without noise, computed apart from the package, and
// for quantiles the values between which any answer is right.
type truth map[string]float64

func truthOf(p dp.Plan, town []patient) truth {
	var values []float64
	out := truth{"histogram [-10,20)": 0, "histogram [20,35.5)": 0, "histogram [35.5,90]": 0}
	for _, who := range town {
		e := who[0]
		out["patients"]++
		out["records"] += float64(min(e.records, 20))
		if e.matches {
			out["proportion"]++
		}
		values = append(values, e.values...)
	}
	out["proportion"] /= math.Max(1, out["patients"])
	n := float64(len(values))
	for _, x := range values {
		out["sum"] += x
		switch {
		case x < 20:
			out["histogram [-10,20)"]++
		case x < 35.5:
			out["histogram [20,35.5)"]++
		default:
			out["histogram [35.5,90]"]++
		}
	}
	out["mean"] = out["sum"] / n
	for _, x := range values {
		out["variance"] += (x - out["mean"]) * (x - out["mean"]) / n
	}
	out["variance sd"] = math.Sqrt(out["variance"])
	slices.Sort(values)
	for _, m := range p.Query.Measures {
		for _, r := range m.Ranks {
			out["quantiles "+label(r)] = values[int(math.Ceil(r*n-1e-9))-1]
		}
	}
	return out
}

func label(rank float64) string {
	return map[float64]string{0.05: "p5", 0.25: "p25", 0.5: "p50", 0.9: "p90"}[rank]
}

// towns are populations of different shapes; each patient has one value.
var towns = map[string]func(r *rand.Rand) float64{
	"even":     func(r *rand.Rand) float64 { return -10 + 100*r.Float64() },
	"skewed":   func(r *rand.Rand) float64 { return math.Min(90, math.Exp(r.NormFloat64())) },
	"constant": func(*rand.Rand) float64 { return 37 },
	"extremes": func(r *rand.Rand) float64 { return -10 + 100*float64(r.IntN(2)) },
	"edge":     func(*rand.Rand) float64 { return 90 },
	"whole":    func(r *rand.Rand) float64 { return float64(r.IntN(90)) },
}

func townOf(size int, value func(*rand.Rand) float64) []patient {
	r := rand.New(rand.NewPCG(3, uint64(size)))
	town := make([]patient, size)
	for i := range town {
		town[i] = patient{0: {values: []float64{value(r)}, records: r.IntN(30), matches: r.IntN(4) == 0}}
	}
	return town
}

// With no noise every measure is the exact answer, to the rounding of fixed-point numbers and
// the width of a quantile's bin.
func TestEstimatesConverge(t *testing.T) {
	p := mustPlan(t, everything(dp.MaxNanoRho))
	for name, value := range towns {
		town := townOf(313, value)
		want := truthOf(p, town)
		seen := 0
		for _, e := range answer(t, p, town, noisetest.None(t))[0].Estimates {
			key := keyOf(p, e)
			tolerance := 1e-3
			if p.Query.Measures[e.Measure].Kind == dp.Quantiles {
				tolerance = 100.0 / 1024
			}
			if math.Abs(e.Value-want[key]) > tolerance || e.Low > e.Value || e.Value > e.High {
				t.Errorf("%s: %s is %v in [%v, %v], want %v", name, key, e.Value, e.Low, e.High, want[key])
			}
			seen++
		}
		if seen != len(want) {
			t.Errorf("%s: %d estimates, want %d", name, seen, len(want))
		}
	}
}

func keyOf(p dp.Plan, e dp.Estimate) string {
	key := string(p.Query.Measures[e.Measure].Kind)
	if e.Label != "" {
		key += " " + e.Label
	}
	return key
}

// The 95% interval of every measure covers the exact answer, for populations of
// several shapes and sizes and for much and little noise. The noise comes from a fixed
// seed, so the test does not raise a false alarm; with another seed a share at 95% would
// fall below its limit once in 3.5 million tries (five standard errors) or, of 2,000
// runs, below 93% or above 97% once in 49,000. The bars of 2,000 runs: 93% to 97% for counts and sums, 93% at least for the rest.
func TestIntervalsCover(t *testing.T) {
	notUnderRace(t)
	runs, long := 200, os.Getenv("MEDMARKET_LONG") != ""
	limit := 0.95 - 5*math.Sqrt(0.95*0.05/float64(runs))
	if long {
		runs, limit = 2000, 0.93
	}
	for _, kind := range []accountant.Kind{"", accountant.Pure} {
		for name, value := range towns {
			for _, size := range []int{3, 200, 20_000} {
				if !long && (name != "skewed" && (size == 20_000 || kind == accountant.Pure) || kind == accountant.Pure && size == 3) {
					continue
				}
				checkCoverage(t, kind, name, townOf(size, value), runs, limit)
			}
		}
		covered := coverageOf(t, under(t, kind, everything(1_000_000)), townOf(200, towns["even"]), runs, 0.5)
		for _, key := range []string{"patients", "records", "proportion", "sum"} {
			if covered[key] >= limit {
				t.Errorf("accounting %q: an interval of half the width passes for %s: %v", kind, key, covered[key])
			}
		}
	}
}

// checkCoverage has no upper limit for few runs, nor for so little noise that rounding outward counts.
func checkCoverage(t *testing.T, kind accountant.Kind, name string, town []patient, runs int, limit float64) {
	t.Helper()
	for _, nanoRho := range []int64{1_000_000, 200_000_000} {
		p := under(t, kind, everything(nanoRho))
		for key, share := range coverageOf(t, p, town, runs, 1) {
			exact := key == "patients" || key == "records" || key == "sum" || strings.HasPrefix(key, "histogram")
			if share < limit || runs >= 2000 && exact && nanoRho == 1_000_000 && share > 0.97 {
				t.Errorf("accounting %q, %s of %d, %d nano-rho: %s covers %v", kind, name, len(town), nanoRho, key, share)
			}
			if runs >= 2000 {
				t.Logf("accounting %q, %s of %d, %d nano-rho: %s covers %.4f", kind, name, len(town), p.Cost.NanoRho, key, share)
			}
		}
	}
}

// coverageOf is how often the intervals of a plan of everything cover the truth.
func coverageOf(t *testing.T, p dp.Plan, town []patient, runs int, narrow float64) map[string]float64 {
	t.Helper()
	exact, src, want := dp.NewExact(tally(p, town, none)), quick(), truthOf(p, town)
	covered := map[string]float64{}
	for range runs {
		released, err := dp.Release(p, exact, src)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := p.Estimate(released)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range rows[0].Estimates {
			key := keyOf(p, e)
			low, high := e.Value-narrow*(e.Value-e.Low), e.Value+narrow*(e.High-e.Value)
			if low <= want[key]+1e-7 && want[key]-1e-7 <= high {
				covered[key] += 1 / float64(runs)
			} else {
				covered[key] += 0
			}
		}
	}
	return covered
}
