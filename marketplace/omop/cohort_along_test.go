package omop_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
)

// One patient with very many events does not show by how long a window around each of them takes: the work grows with
// her events, not with the pairs of them, of which there are 10,000,000,000 with MEDMARKET_LONG.
func TestWindowsOfManyEventsTakeLittle(t *testing.T) {
	days := 10_000
	if os.Getenv("MEDMARKET_LONG") != "" {
		days = 100_000
	}
	e := newDuckDB(t)
	e.fill(t, nil, nil)
	e.exec(t, "INSERT INTO omop.person (person_id) VALUES (1), (2)")
	e.exec(t, fmt.Sprintf("INSERT INTO omop.measurement (person_id, measurement_id, measurement_concept_id, visit_occurrence_id, measurement_date)"+
		" SELECT 1, i, 11 + i %% 2, i, DATE '1950-01-01' + 2 * i::INTEGER FROM generate_series(1, %d) AS s(i)", days))
	e.exec(t, fmt.Sprintf("INSERT INTO omop.observation_period (person_id, observation_period_start_date, observation_period_end_date)"+
		" SELECT 1, DATE '1950-01-01' + 2 * i::INTEGER, DATE '2020-01-01' FROM generate_series(1, %d) AS s(i)", days))
	labs := cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement, Concepts: cohort.ConceptSet{{ID: 11}, {ID: 12}}}}
	near := func(h cohort.Has) cohort.Criterion {
		h.Events = labs
		around := labs
		around.Where = &cohort.Criterion{Has: &h}
		return cohort.Criterion{Has: &cohort.Has{Events: around, Min: 1}}
	}
	spans := []cohort.Span{{From: new(1), To: new(1)}}
	during := []cohort.Span{{To: new(2)}, {From: new(1), EventEnd: true}} // what starts by then and ends later: two events
	before := []cohort.Span{{From: new(-8), To: new(0)}}                  // five events
	for name, c := range map[string]struct {
		has  cohort.Has
		want []string
	}{
		"three days at any time":     {cohort.Has{Min: 3, Distinct: cohort.DistinctDays, Window: &cohort.Window{AnyTime: true}}, []string{"1"}},
		"too many records":           {cohort.Has{Min: days, Max: new(days), Window: &cohort.Window{AnyTime: true}}, []string{"1"}},
		"none on the next day":       {cohort.Has{Min: 1, Window: &cohort.Window{AnyTime: true, Spans: spans}}, nil},
		"none within the period":     {cohort.Has{Min: 1, Window: &cohort.Window{Spans: spans}}, nil},
		"two during":                 {cohort.Has{Min: 2, Window: &cohort.Window{AnyTime: true, Spans: during}}, []string{"1"}},
		"three during":               {cohort.Has{Min: 3, Window: &cohort.Window{AnyTime: true, Spans: during}}, nil},
		"two in the period":          {cohort.Has{Min: 2, Window: &cohort.Window{Spans: during}}, []string{"1"}},
		"three in the period":        {cohort.Has{Min: 3, Window: &cohort.Window{Spans: during}}, nil},
		"two concepts":               {cohort.Has{Min: 2, Distinct: cohort.DistinctConcepts, Window: &cohort.Window{AnyTime: true, Spans: before}}, []string{"1"}},
		"three concepts":             {cohort.Has{Min: 3, Distinct: cohort.DistinctConcepts, Window: &cohort.Window{AnyTime: true, Spans: before}}, nil},
		"five visits":                {cohort.Has{Min: 5, Distinct: cohort.DistinctVisits, Window: &cohort.Window{Spans: before}}, []string{"1"}},
		"six visits":                 {cohort.Has{Min: 6, Distinct: cohort.DistinctVisits, Window: &cohort.Window{Spans: before}}, nil},
		"at most two, in the period": {cohort.Has{Min: 1, Max: new(2), Window: &cohort.Window{Spans: []cohort.Span{{From: new(-1), To: new(2)}}}}, []string{"1"}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // each takes seconds
		got, _, err := e.cohort(ctx, near(c.has))
		cancel()
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
