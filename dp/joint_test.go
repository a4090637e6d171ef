package dp_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// Answers add up that ask the same under one rule; anything else is refused by name, before it is asked.
func TestAddsUp(t *testing.T) {
	events := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	plan := func(dataset string, change func(*dp.Query, *dp.Metadata)) dp.Plan {
		q := dp.Query{Dataset: dataset, NanoRho: 1_000_000, GroupBy: []dp.Group{{Kind: dp.Sex}}, Measures: []dp.Measure{{Kind: dp.Records, Events: events, Max: 3}}}
		m := dp.Metadata{Dataset: dataset, Version: dataset + "-1", ReferenceYear: 2020}
		if change != nil {
			change(&q, &m)
		}
		return planOf(t, q, m)
	}
	one := plan("one", nil)
	if err := one.AddsUp(plan("two", func(_ *dp.Query, m *dp.Metadata) { m.ReferenceYear = 2024 })); err != nil {
		t.Errorf("the same question elsewhere: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*dp.Query, *dp.Metadata)
		want   string
	}{
		"another bound":    {func(q *dp.Query, _ *dp.Metadata) { q.Measures[0].Max = 4 }, "write out the bounds"},
		"another loss":     {func(q *dp.Query, _ *dp.Metadata) { q.NanoRho++ }, "another than at"},
		"a rule":           {func(_ *dp.Query, m *dp.Metadata) { m.Disclosure.RoundTo = 5 }, "disclosure rule"},
		"suppressed there": {func(_ *dp.Query, m *dp.Metadata) { m.Disclosure.MinCount = 5 }, "disclosure rule"},
	} {
		err := one.AddsUp(plan("two", c.change))
		var invalid *dp.InvalidQueryError
		if !errors.As(err, &invalid) || invalid.Field != "also" || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	private := func(q *dp.Query, _ *dp.Metadata) {
		q.GroupBy, q.Measures, q.MaxGroups = []dp.Group{{Kind: dp.Concept, Events: events}}, nil, 2
	}
	if err := plan("one", private).AddsUp(plan("two", private)); err == nil {
		t.Error("private keys add up")
	}
}
