package duckdb_test

import (
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/cohort"
)

// What import ranks bounds a question that names enough concepts for ranks to be used.
func TestImportRanks(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	follow(t, e, everyone(t, e))
	g := dp.Group{Kind: dp.Concept, Events: &cohort.Events{Records: &cohort.Records{Domain: cohort.Measurement}}}
	for id := range int64(100) {
		g.Concepts = append(g.Concepts, id+1)
	}
	g.Concepts = append(g.Concepts, 3004249, 3012888, 3027018, 3038553)
	asked := func(most int) int64 {
		p, err := dp.NewPlan(dp.Query{Dataset: "hospital", GroupBy: []dp.Group{g}, MaxGroups: most, NanoRho: 1_000_000_000},
			dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026})
		if err != nil {
			t.Fatal(err)
		}
		return sum(count(t, e, p, everybody))
	}
	one, all := asked(1), asked(103)
	if one < 20 || one > 400 || all < 2*one {
		t.Errorf("%d in one cell at most, %d in all of theirs, of 400 patients", one, all)
	}
}
