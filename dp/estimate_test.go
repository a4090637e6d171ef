package dp_test

import (
	"errors"
	"math"
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
		low, high := dp.Interval(40, c.sigma)
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

// Sums of hospitals' counts are exact or refused.
func TestCombinedCountsAreExact(t *testing.T) {
	p := mustPlan(t, query())
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64()
		a, b := v.Draw(t, "a"), v.Draw(t, "b")
		rows, err := p.Estimate([]int64{a}, []int64{b})
		overflow := (b > 0 && a > math.MaxInt64-b) || (b < 0 && a < math.MinInt64-b)
		if overflow != errors.Is(err, dp.ErrSum) || (!overflow && rows[0].Estimates[0].Value != float64(a+b)) {
			t.Fatalf("%d + %d = %v, %v", a, b, rows, err)
		}
	})
}
