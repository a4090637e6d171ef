package dp_test

import (
	"errors"
	"math"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp"
	"pgregory.net/rapid"
)

// Counts come with their keys, and with intervals rounded outward to whole patients.
func TestEstimateOfPatients(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}))
	sigma := p.Series[0].Sigma
	for _, c := range []struct {
		released [][]int64
		sigma    float64
	}{
		{[][]int64{{40, -3}}, sigma},
		{[][]int64{{30, -1}, {10, -2}}, math.Sqrt(2*sigma*sigma + 1.0/12)},
	} {
		got, err := p.Estimate(c.released...)
		if err != nil {
			t.Fatal(err)
		}
		m := 1.959963984540054*c.sigma + 0.5
		low, high := 40-m, 40+m
		want := []dp.Row{
			{Key: []string{"female"}, Estimates: []dp.Estimate{{Value: 40, Low: math.Floor(low), High: math.Ceil(high)}}},
			{Key: []string{"male"}, Estimates: []dp.Estimate{{Value: -3, Low: math.Floor(low - 43), High: math.Ceil(high - 43)}}},
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", c.released, d)
		}
	}
}

func TestEstimateRefuses(t *testing.T) {
	p := mustPlan(t, query(dp.Group{Kind: dp.Sex}))
	for name, c := range map[string]struct {
		released [][]int64
		want     error
	}{
		"nothing":     {nil, dp.ErrShape},
		"other cells": {[][]int64{{1, 2}, {1}}, dp.ErrShape},
		"overflow":    {[][]int64{{0, math.MaxInt64}, {0, 1}}, dp.ErrSum},
		"underflow":   {[][]int64{{0, math.MinInt64}, {0, -1}}, dp.ErrSum},
	} {
		if rows, err := p.Estimate(c.released...); !errors.Is(err, c.want) || rows != nil {
			t.Errorf("%s: %v, %v", name, rows, err)
		}
	}
}

// Sums of hospitals' counts are exact, as far as JSON holds them, or refused.
func TestCombinedCountsAreExact(t *testing.T) {
	p := mustPlan(t, query())
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64()
		a, b := v.Draw(t, "a"), v.Draw(t, "b")
		rows, err := p.Estimate([]int64{a}, []int64{b})
		overflow := (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b)
		want := float64(min(max(a+b, 1-1<<53), 1<<53-1))
		if overflow != errors.Is(err, dp.ErrSum) || (!overflow && rows[0].Estimates[0].Value != want) {
			t.Fatalf("%d + %d = %v, %v", a, b, rows, err)
		}
	})
}

// Whatever is released, every estimate is a number between its ends, within the bounds of its
// measure, and one that JSON holds; and the same vector gives the same bits.
func TestEstimatesAreAlwaysDefined(t *testing.T) {
	p := mustPlan(t, everything(1_000_000))
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.IntRange(0, 62).Draw(t, "bits")
		number := rapid.Int64Range(-1<<scale, 1<<scale)
		released := make([]int64, p.Released())
		for i := range released {
			if i < 12 || i%97 == 0 { // a tree of a thousand draws would take the time of the others
				released[i] = number.Draw(t, "number")
			} else {
				released[i] = released[i%12] >> (i % 7)
			}
		}
		rows, err := p.Estimate(released)
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.Estimate(released)
		if d := cmp.Diff(rows, again); err != nil || d != "" {
			t.Fatalf("%v, %s", err, d)
		}
		for _, e := range rows[0].Estimates {
			low, high := math.Inf(-1), math.Inf(1)
			switch p.Query.Measures[e.Measure].Kind {
			case dp.Proportion:
				low, high = 0, 1
			case dp.Mean, dp.Quantiles:
				low, high = -10, 90
			case dp.Variance:
				low, high = 0, 2500
			}
			if !(e.Low <= e.Value && e.Value <= e.High) || e.Low < low || e.High > high || max(-e.Low, e.High) >= 1<<53 {
				t.Fatalf("%s %+v", p.Query.Measures[e.Measure].Kind, e)
			}
		}
	})
}

// No product is fused with a sum where the platform could: then an answer would differ in its last
// bits between who gives it and who verifies it.
func TestNothingIsFused(t *testing.T) {
	notUnderRace(t)
	build := exec.CommandContext(t.Context(), "go", "build", "-gcflags=-S", ".")
	build.Env = append(build.Environ(), "GOARCH=arm64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "FMULD") {
		t.Fatalf("%v: no code for arm64\n%.1000s", err, out)
	}
	for _, line := range regexp.MustCompile(`(?m)^.*\sFN?M(ADD|SUB)[DS]\s.*$`).FindAllString(string(out), -1) {
		t.Error(line)
	}
}
