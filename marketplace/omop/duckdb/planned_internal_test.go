package duckdb

import (
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
)

// statement counts patients by whether they have one of so many conditions.
func statement(t *testing.T, descendants bool, concepts ...int64) omop.Statement {
	t.Helper()
	p, err := dp.NewPlan(dp.Query{
		Dataset: "hospital", NanoRho: 1_000_000, GroupBy: []dp.Group{{Kind: dp.HasEvent, Matches: cohort.Recorded(cohort.Condition, descendants, concepts...)}},
	}, dp.Metadata{Dataset: "hospital", Version: "1", ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	s, err := omop.CountSQL(p, omop.DuckDB)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What was planned once need not be planned again with as many other concepts; with more, or of another form, it must.
func TestPlanned(t *testing.T) {
	var p planned
	two := statement(t, false, 1, 2)
	if p.has(two) {
		t.Error("planned before it was")
	}
	p.note(two)
	for name, c := range map[string]struct {
		s    omop.Statement
		want bool
	}{
		"the same":      {two, true},
		"others":        {statement(t, false, 3, 4), true},
		"fewer":         {statement(t, false, 5), true},
		"more":          {statement(t, false, 1, 2, 3), false},
		"another form":  {statement(t, true, 1, 2), false},
		"another text":  {omop.Statement{Text: "SELECT 1"}, false},
		"no text there": {omop.Statement{}, false},
	} {
		if got := p.has(c.s); got != c.want {
			t.Errorf("%s: planned %t, want %t", name, got, c.want)
		}
	}
	for i := range 2 * maxPlanned {
		p.note(omop.Statement{Text: fmt.Sprint(i)})
		if len(p.by) > maxPlanned {
			t.Fatalf("%d are remembered", len(p.by))
		}
	}
}
