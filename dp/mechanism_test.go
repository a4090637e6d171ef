package dp_test

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"pgregory.net/rapid"
)

// A dataset of pure accounting answers with Laplace noise, of the least scale that the offer buys; every other with Gaussian noise.
// The scope of each admits its plans and none of the others'.
func TestPlanDrawsWhatTheAccountingTakes(t *testing.T) {
	kinds := []accountant.Kind{"", accountant.GaussianOnly, accountant.Pure}
	rapid.Check(t, func(t *rapid.T) {
		q := everything(rapid.Int64Range(13, dp.MaxNanoRho).Draw(t, "offer")) // one for each series
		q.GroupBy = []dp.Group{{Kind: dp.Calendar, Events: records(cohort.Drug, 1), Unit: dp.Year, From: "2010", To: "2011"}}
		q.MaxGroups = rapid.IntRange(1, 1000).Draw(t, "cells")
		cells := int64(min(q.MaxGroups, 2)) // there are two years
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		m := metadata
		m.Accounting = kind
		p, err := dp.NewPlan(q, m)
		if err != nil {
			t.Fatal(err)
		}
		var total accountant.Cost
		for _, s := range p.Series {
			if (s.NanoEpsilon > 0) != (kind == accountant.Pure) || (s.Sigma > 0) == (s.NanoEpsilon > 0) {
				t.Fatalf("accounting %q: %+v", kind, s)
			}
			if total, err = total.Add(s.Cost); err != nil {
				t.Fatal(err)
			}
			if s.NanoEpsilon > 0 { // every cell that one patient may be in has noise of its own
				if all, err := accountant.Laplace(s.NanoEpsilon, cells); err != nil || s.Cost != all {
					t.Fatalf("%+v in %d cells costs %+v, %v", s, cells, all, err)
				}
			}
			if s.NanoEpsilon == 0 || s.NanoEpsilon == noise.MaxNanoEpsilon {
				continue
			}
			if more, err := accountant.Laplace(s.NanoEpsilon+1, cells); err != nil || more.NanoRho <= min(q.NanoRho/int64(len(p.Series)), 500_000_000) {
				t.Fatalf("%d nano-epsilon would do as well as %+v: %+v, %v", s.NanoEpsilon+1, s, more, err)
			}
		}
		if p.Cost != total || total.NanoRho > q.NanoRho {
			t.Fatalf("cost %+v, the series cost %+v, offered %d", p.Cost, total, q.NanoRho)
		}
		for _, k := range []accountant.Kind{accountant.ZCDP, accountant.GaussianOnly, accountant.Pure} {
			err := k.Takes(p.Cost)
			if takes := k == accountant.ZCDP || (k == accountant.Pure) == (kind == accountant.Pure); takes != (err == nil) {
				t.Fatalf("a scope of %s and a plan under %q: %v", k, kind, err)
			}
		}
	})
}

// The plan buys the cheapest noise that is taken: for the same nano-rho Laplace noise is never as exact as Gaussian noise,
// whatever is asked for and however exactly.
func TestGaussianNoiseIsCheaperWhereBothAreTaken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := everything(int64(math.Exp(rapid.Float64Range(math.Log(100), math.Log(dp.MaxNanoRho)).Draw(t, "log offer"))))
		m := metadata
		gaussian, err := dp.NewPlan(q, m)
		if err != nil {
			t.Fatal(err)
		}
		m.Accounting = accountant.Pure
		laplace, err := dp.NewPlan(q, m)
		if err != nil {
			t.Fatal(err)
		}
		for i, measure := range gaussian.Query.Measures {
			if measure.Kind == dp.Quantiles {
				continue
			}
			narrow, _ := gaussian.MarginOf(i, 1000)
			if wide, _ := laplace.MarginOf(i, 1000); wide <= narrow {
				t.Fatalf("%s: ±%v with Laplace noise, ±%v with Gaussian", measure.Kind, wide, narrow)
			}
		}
	})
}

// How many counting questions fit into (1, 10⁻⁶), by the accounting of the scope: few exact ones are cheaper in a pure one, many rough
// ones in the others (ADR 32).
func TestCountingQuestionsByAccounting(t *testing.T) {
	for _, c := range []struct {
		half            float64
		pure, zcdp, all int
	}{{5, 1, 0, 0}, {10, 3, 1, 1}, {20, 6, 4, 5}, {50, 16, 31, 35}, {100, 32, 125, 144}} {
		for kind, want := range map[accountant.Kind]int{accountant.Pure: c.pure, accountant.ZCDP: c.zcdp, accountant.GaussianOnly: c.all} {
			m := metadata
			if m.Accounting = kind; kind == accountant.ZCDP {
				m.Accounting = ""
			}
			q := query(dp.Group{Kind: dp.Sex})
			var err error
			if q.NanoRho, err = dp.CostForMargin(q, m, dp.Margin{Half: c.half}); err != nil {
				t.Fatal(err)
			}
			p := planOf(t, q, m)
			if p.Margin() > c.half {
				t.Fatalf("±%v", p.Margin())
			}
			budget, err := kind.Budget(1, 1e-6)
			if err != nil {
				t.Fatal(err)
			}
			scope, err := accountant.NewScope(kind, budget)
			asked := -1
			for ; err == nil; asked++ {
				scope, err = scope.Admit(p.Cost)
			}
			if !errors.Is(err, accountant.ErrBudgetSpent) || asked != want {
				t.Errorf("±%v, %s: %d questions, then %v; want %d", c.half, kind, asked, err, want)
			}
		}
	}
}

// A margin asked for is met at the least cost, with Laplace noise too.
func TestCostForMarginWithLaplaceNoise(t *testing.T) {
	m := metadata
	m.Accounting = accountant.Pure
	margin := func(measure int, size float64, nanoRho int64) float64 {
		half, _ := planOf(t, everything(nanoRho), m).MarginOf(measure, size)
		return half
	}
	for _, want := range []dp.Margin{{Measure: 0, Half: 20}, {Measure: 1, Half: 400}, {Measure: 3, Half: 3000}, {Measure: 2, Half: 0.05, Size: 1000}, {Measure: 5, Half: 90, Size: 5000}} {
		q := everything(1)
		n, err := dp.CostForMargin(q, m, want)
		if err != nil {
			t.Fatalf("%+v: %v", want, err)
		}
		if got, less := margin(want.Measure, want.Size, n), margin(want.Measure, want.Size, n-1); got > want.Half || less <= want.Half {
			t.Errorf("%+v: %d nano-rho gives ±%v, one less ±%v", want, n, got, less)
		}
	}
}

// With no noise a release under pure accounting is the exact vector, each number drawn once at the plan's scale.
func TestReleaseDrawsLaplaceNoise(t *testing.T) {
	p := under(t, accountant.Pure, query(dp.Group{Kind: dp.Sex}))
	source := noisetest.None(t)
	got, err := dp.Release(p, dp.NewExact([]int64{40, 7}), source)
	if err != nil {
		t.Fatal(err)
	}
	want, scale := []int64{40, 7}, noise.Scale(1, p.Series[0].NanoEpsilon)
	values, scales := source.Drawn()
	if d := cmp.Diff(want, got) + cmp.Diff(want, values) + cmp.Diff([]float64{scale, scale}, scales); d != "" {
		t.Error(d)
	}
	for name, f := range map[string]func(*dp.Plan){
		"less noise than charged": func(p *dp.Plan) { p.Series[0].NanoEpsilon *= 2 },
		"two kinds of noise":      func(p *dp.Plan) { p.Series[0].Sigma = 1000 },
		"charge below noise":      func(p *dp.Plan) { p.Cost.NanoEpsilon-- },
		"another accounting":      func(p *dp.Plan) { p.Metadata.Accounting = accountant.GaussianOnly },
	} {
		bad := under(t, accountant.Pure, p.Query)
		f(&bad)
		if got, err := dp.Release(bad, dp.NewExact(want), source); !errors.Is(err, dp.ErrPlan) || got != nil {
			t.Errorf("%s: released %v, %v", name, got, err)
		}
	}
}

// What costs a delta is refused by name where the accounting takes none; and an accounting that is none, or is spelled out where it is
// the usual one.
func TestPlanRefusesByAccounting(t *testing.T) {
	var invalid *dp.InvalidQueryError
	m := metadata
	for _, m.Accounting = range []accountant.Kind{accountant.Pure, accountant.GaussianOnly} {
		if _, err := dp.NewPlan(byConcept(1), m); !errors.As(err, &invalid) || invalid.Field != "group_by" {
			t.Errorf("private keys under %s: %v", m.Accounting, err)
		}
	}
	for _, m.Accounting = range []accountant.Kind{"pld", accountant.ZCDP} {
		if _, err := dp.NewPlan(query(dp.Group{Kind: dp.Sex}), m); !errors.As(err, &invalid) || invalid.Field != "dataset" {
			t.Errorf("accounting %q: %v", m.Accounting, err)
		}
	}
}

// likelier is how much likelier the released vector is with her than without her, as a logarithm: the
// Laplace mechanism's own probabilities, of which the sums over numbers cancel.
func likelier(p dp.Plan, with, without, released []int64) (log float64) {
	i := 0
	for _, s := range p.Series {
		for range s.Width * len(p.Cells) {
			far, near := math.Abs(float64(released[i]-without[i])), math.Abs(float64(released[i]-with[i]))
			log += (far - near) / noise.Scale(s.Sensitivity, s.NanoEpsilon)
			i++
		}
	}
	return log
}

// halved is Laplace noise of half the scale.
type halved struct{ noise.Source }

func (h halved) AddLaplace(x, sensitivity, nanoEpsilon int64) (int64, error) {
	return h.Source.AddLaplace(x, sensitivity, 2*nanoEpsilon)
}

// G1: with real Laplace noise, who knows the whole town but for one patient and guesses from the released vector in the best way whether she is
// in it, is right with probability exp(epsilon)/(1 + exp(epsilon)) at most, and no vector is likelier by more than exp(epsilon),
// with the epsilon that the plan costs. Guesses are right with at most 5.5 standard errors more, which fails by chance once in
// 50 million runs, and noise of half the size is noticed.
func TestG1BestGuessIsPaidFor(t *testing.T) {
	notUnderRace(t)
	p := under(t, accountant.Pure, asked(100_000_000, dp.Measure{Kind: dp.Patients}))
	town, her := []patient{{0: {}}, {0: {}}}, patient{0: {}}
	without, with := tally(p, town, none), tally(p, append(slices.Clone(town), her), none)
	epsilon := float64(p.Cost.NanoEpsilon) / accountant.NanoPerEpsilon
	const games = 8000
	right := func(src noise.Source) (share, most float64) {
		for i := range games {
			exact := without
			if i%2 == 0 {
				exact = with
			}
			released, err := dp.Release(p, dp.NewExact(exact), src)
			if err != nil {
				t.Fatal(err)
			}
			log := likelier(p, with, without, released)
			most = max(most, math.Abs(log))
			if (log > 0) == (i%2 == 0) {
				share += 1.0 / games
			}
		}
		return share, most
	}
	limit := 1/(1+math.Exp(-epsilon)) + 5.5*0.5/math.Sqrt(games)
	share, most := right(noise.New())
	if share > limit || most > epsilon*(1+1e-9) {
		t.Errorf("she is guessed with %v, and a vector is likelier by exp(%v); the plan says %v and %v", share, most, limit, epsilon)
	}
	if most < 0.99*epsilon {
		t.Errorf("no vector is likelier by more than exp(%v), and the plan costs %v", most, epsilon)
	}
	if share, _ := right(halved{noise.New()}); share <= limit {
		t.Errorf("noise of half the size passes: guessed with %v, limit %v", share, limit)
	}
}
