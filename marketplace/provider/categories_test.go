package provider_test

import (
	"slices"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// G2: whatever a cohort may ask about is a part of the record that patients and stewards can decide about.
func TestCohortCategoriesAreThoseOfThePolicy(t *testing.T) {
	for _, d := range cohort.Domains() {
		columns := cohort.Events{Records: &cohort.Records{Domain: d}}.Columns()
		if len(columns) == 0 {
			t.Errorf("%s reads no column", d)
		}
		for _, c := range columns {
			if !slices.Contains(policy.Categories(), policy.Category(c.Category)) {
				t.Errorf("%s reads %s of category %q, which the policy does not know", d, c.Name, c.Category)
			}
		}
	}
}

// G2: a patient who permits some times of a part of her record is counted in questions that keep to these, and in no other.
func TestG2SomeTimesOfTheRecord(t *testing.T) {
	w := openExact(t)
	w.repolicy(func(p *policy.DatasetPolicy) {
		p.Columns = append(p.Columns, policy.Column{Name: "condition_occurrence.condition_start_date", Category: policy.Conditions, Finest: policy.LevelExact})
	})
	year := func(y int) int64 { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC).Unix() }
	in2020 := narrowed(func(p *policy.ReleasePreference) {
		for i, s := range p.Categories {
			if s.Category == policy.Conditions {
				p.Categories[i].DataPeriod = &policy.Period{Start: year(2020), End: year(2021)}
			}
		}
	})
	w.Prefer(in2020, 1)
	for _, tc := range []struct {
		days *cohort.DateRange
		want policy.ReasonCode
	}{
		{&cohort.DateRange{From: "2020-01-01", To: "2020-12-31"}, policy.PatientEligible},
		{&cohort.DateRange{From: "2020-03-01", To: "2020-03-01"}, policy.PatientEligible},
		{&cohort.DateRange{From: "2019-12-31", To: "2020-12-31"}, policy.PatientDataPeriod},
		{&cohort.DateRange{From: "2020-01-01", To: "2021-01-01"}, policy.PatientDataPeriod},
		{&cohort.DateRange{From: "2020-01-01"}, policy.PatientDataPeriod},
		{nil, policy.PatientDataPeriod},
	} {
		q := w.Query(loss)
		q.GroupBy = append([]dp.Group(nil), q.GroupBy...)
		matches := cohort.Recorded(cohort.Condition, false, providertest.Diabetes)
		matches.Has.Events.Records.Start = tc.days
		q.GroupBy[1].Matches = matches
		name := "all"
		if tc.days != nil {
			name = tc.days.From + tc.days.To
		}
		question := w.Question(name, w.grant, q, nil)
		w.release(question)
		why, err := w.Explain(t.Context(), question.Ask.RequestID, nil)
		ok(t, err)
		var got []policy.ReasonCode
		for _, c := range why.Classes[1:] {
			got = append(got, c.Reason)
		}
		if slices.Contains(got, policy.PatientDataPeriod) != (tc.want == policy.PatientDataPeriod) {
			t.Errorf("%s: %v, want %s", name, got, tc.want)
		}
	}
}
