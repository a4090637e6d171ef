package omop_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// Long lists are planned in seconds, by either engine, and mean what short ones do: what fails only when it runs has been charged for.
func TestLargeCriteriaRun(t *testing.T) {
	omoptest.NotUnderRace(t)
	records := func(i int) cohort.Events {
		return cohort.Events{Records: &cohort.Records{Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: int64(1 + i)}}}}
	}
	list := func(n int, not bool) (all []cohort.Criterion) {
		for i := range n {
			c := cohort.Criterion{Has: &cohort.Has{Events: records(i), Min: 1}}
			if not {
				all = append(all, cohort.Criterion{Not: &c})
			} else {
				all = append(all, c)
			}
		}
		return all
	}
	const most = dp.MaxNodes - 1 // beside the criterion itself
	var union cohort.Events
	for i := range most - 1 {
		e := records(i)
		e.Keep = cohort.KeepFirst
		union.Union = append(union.Union, e)
	}
	around := cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	around.Where = &cohort.Criterion{AtLeast: &cohort.AtLeast{K: 3, Of: list(9, false)}}
	for _, c := range around.Where.AtLeast.Of {
		c.Has.Window = &cohort.Window{AnyTime: true, Spans: []cohort.Span{{From: new(-9), To: new(9)}}}
	}
	people := world(20)
	for dialect, start := range map[string]func(testing.TB) engine{"DuckDB": newDuckDB, "Postgres": newPostgres} {
		t.Run(dialect, func(t *testing.T) {
			e := start(t)
			e.fill(t, people, cohorttest.World())
			for name, c := range map[string]cohort.Criterion{
				"any":        {Any: list(most/2, false)},
				"any not":    {Any: list(most/3, true)},
				"all":        {All: list(most/2, false)},
				"all not":    {All: list(most/3, true)},
				"at least":   {AtLeast: &cohort.AtLeast{K: 2, Of: list(most/2, false)}},
				"of a union": {Has: &cohort.Has{Events: union, Min: 2}},
				"in a where": {Has: &cohort.Has{Events: around, Min: 1}},
			} {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				got, _, err := e.cohort(ctx, c)
				cancel()
				if err != nil {
					t.Errorf("%s: %v", name, err)
				} else if diff := cmp.Diff(holders(people, c), got); diff != "" {
					t.Errorf("%s (-reference +SQL):\n%s", name, diff)
				}
			}
		})
	}
}
