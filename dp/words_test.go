package dp_test

import (
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

func TestWords(t *testing.T) {
	labs := &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 3004410}}}}
	value := func(f dp.Field, r dp.Reduce) *dp.Value { return &dp.Value{Events: labs, Field: f, Reduce: r} }
	for want, q := range map[string]dp.Query{
		"How many patients are there?": {},
		"How many patients are there, by sex and age (bands from 0, 40 and 80)?": {
			Measures: []dp.Measure{{Kind: dp.Patients}}, GroupBy: []dp.Group{{Kind: dp.Sex}, ages(0, 40, 80)},
		},
		"Among patients with at least 1 of [condition 201826 or a kind of it]: give the number of patients, the mean of the last value of [measurement 3004410] (2 to 20.5) and the share with at least 1 of [drug 5].": {
			Cohort: cohort.Recorded(cohort.Condition, true, 201826),
			Measures: []dp.Measure{
				{Kind: dp.Patients}, {Kind: dp.Mean, Value: value(dp.FieldValue, dp.ReduceLast), Low: 2, High: 20.5},
				{Kind: dp.Proportion, Of: cohort.Recorded(cohort.Drug, false, 5)},
			},
		},
		"Give the median of the age (0 to 110), the variance of the number of [measurement 3004410] (0 to 9), the histogram of the max days supply of [measurement 3004410] with the edges 0, 1, 2, 3, 4 and 1 more and the number of records of [measurement 3004410], at most 3 of a patient.": {
			Measures: []dp.Measure{
				{Kind: dp.Quantiles, Value: &dp.Value{Field: dp.FieldAge}, High: 110, Ranks: []float64{0.5}}, {Kind: dp.Variance, Value: value(dp.FieldCount, ""), High: 9},
				{Kind: dp.Histogram, Value: value(dp.FieldDaysSupply, dp.ReduceMax), Edges: []float64{0, 1, 2, 3, 4, 5}}, {Kind: dp.Records, Events: labs, Max: 3},
			},
		},
		"Give the quantiles 0.25 and 0.5 of the age (0 to 110).": {
			Measures: []dp.Measure{{Kind: dp.Quantiles, Value: &dp.Value{Field: dp.FieldAge}, High: 110, Ranks: []float64{0.25, 0.5}}},
		},
		"How many patients are there, by race (1, 2), concept of [measurement 3004410] (7, or a kind of them) and month of [measurement 3004410] from 2010-07 to 2010-09? A patient counts in at most 2 groups.": {
			GroupBy: []dp.Group{
				{Kind: dp.Race, Concepts: []int64{1, 2}}, {Kind: dp.Concept, Events: labs, Concepts: []int64{7}, Descendants: true},
				{Kind: dp.Calendar, Events: labs, Unit: dp.Month, From: "2010-07", To: "2010-09"},
			},
			MaxGroups: 2,
		},
		"How many patients are there, by year of birth (bands from 1950 and 1980), the number of [measurement 3004410] up to 4, value of [measurement 3004410] (bands from 0, 6.5) and whether there is at least 1 of [death]?": {
			GroupBy: []dp.Group{
				{Kind: dp.BirthYear, Edges: []int{1950, 1980}}, {Kind: dp.EventCount, Events: labs, Cap: 4}, {Kind: dp.ValueBand, Events: labs, EdgesReal: []float64{0, 6.5}},
				{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Death, false)},
			},
		},
		"How many patients are there, by concept of [measurement 3004410] (those that enough patients have)? A patient counts in at most 2 groups.": {
			GroupBy: []dp.Group{{Kind: dp.Concept, Events: labs}}, MaxGroups: 2,
		},
	} {
		if got := q.Words(cohort.ByID); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
