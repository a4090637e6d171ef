package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
)

// stack is many random databases in one file. Each has patients of its own, whose race, or ethnicity, is its number, so that one group more
// counts them all at once, and each as it would be counted by itself: TestStackedDatabases.
type stack struct {
	by       dp.GroupKind // Race or Ethnicity
	patients [][]int64    // of each database: the first has no record, the second one, the third often 10,000
	// sides follow everybody, and in each database all but one: the first, the second or the third, by turns, and any. If there
	// are five, all but the first, but the second, but the third, and any.
	sides []*duckdb.Engine
}

// stacked is how many databases there are, how many of them have a patient with 10,000 records, how many are asked for quantiles, which have
// 1,364 numbers a cell and are counted like histograms, how many of these at once (all if 0), and how many neighbours each has.
type stacked struct{ databases, large, quantiles, atOnce, neighbours int }

func numberOf(database int) int64 { return int64(1000 + database) }

func newStack(t testing.TB, seed uint64, by dp.GroupKind, n stacked) stack {
	t.Helper()
	s := stack{by: by}
	r := rand.New(rand.NewPCG(3, seed))
	o := newOdd(r)
	id := int64(0)
	for d := range n.databases {
		rows := []int{0, 1, r.IntN(12)}
		if n.neighbours == 4 && d < n.large || d%3 == 2 && d/3 < n.large { // left out of each, or where they take turns
			rows[2] = 10_000
		}
		for range 1 + r.IntN(5) {
			rows = append(rows, r.IntN(12))
		}
		var members []int64
		for _, some := range rows {
			id++
			race, ethnicity := fmt.Sprint(numberOf(d)), o.ethnicity()
			if by == dp.Ethnicity {
				race, ethnicity = o.race(), race
			}
			o.patient(id, race, ethnicity, some)
			members = append(members, id)
		}
		s.patients = append(s.patients, members)
	}
	_, file := load(t, o.folder(t))
	for side := range n.neighbours + 1 {
		var followed []int64
		for d, members := range s.patients {
			gone := side - 1
			switch {
			case side > 0 && side == n.neighbours:
				gone = r.IntN(len(members))
			case side > 0 && n.neighbours < 4:
				gone = d % 3
			}
			for i, who := range members {
				if i != gone {
					followed = append(followed, who)
				}
			}
		}
		e := open(t, file)
		follow(t, e, followed)
		s.sides = append(s.sides, e)
	}
	return s
}

func (of stack) close(t *testing.T) {
	t.Helper()
	for _, e := range of.sides {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}

// asked are those of the questions that a stack can be asked: what the databases are told apart by is no group of theirs.
func (of stack) asked(queries []dp.Query) (all []dp.Query) {
	for _, q := range queries {
		q.GroupBy = slices.DeleteFunc(slices.Clone(q.GroupBy), func(g dp.Group) bool { return g.Kind == of.by })
		all = append(all, q)
	}
	return all
}

// span is the databases from one number to before another.
type span struct{ from, to int }

func first(n int) span { return span{to: n} }

func (s span) size() int { return s.to - s.from }

// by divides a span into some of n databases at most.
func (s span) by(n int) (all []span) {
	for from := s.from; from < s.to; from += n {
		all = append(all, span{from: from, to: min(from+n, s.to)})
	}
	return all
}

// apiece is a plan's question to each of some databases.
func (of stack) apiece(p dp.Plan, asked span) dp.Plan {
	which := dp.Group{Kind: of.by}
	for d := asked.from; d < asked.to; d++ {
		which.Concepts = append(which.Concepts, numberOf(d))
	}
	p.Query.GroupBy = append([]dp.Group{which}, p.Query.GroupBy...)
	cells := p.Cells
	p.Cells = nil
	for _, label := range which.Labels() {
		for _, c := range cells {
			p.Cells = append(p.Cells, dp.Cell{Key: append([]string{label}, c.Key...)})
		}
	}
	return p
}

// mutation is a fault of an engine; the zero value is none.
type mutation struct {
	plan func(*dp.Plan)
	text func(string) string
}

// side is what one of two neighbours makes of a question.
type side struct {
	plan      dp.Plan // for one database
	statement omop.Statement
	scales    []float64           // of the noise, a number a call
	numbers   [][][]int64         // that noise is added to: by database asked and series
	cells     []map[place][]int64 // if keys are private, by database asked
	err       error
}

// ask has the engine of a side count some databases. The plan is made of what the engine says in public of its records.
func (of stack) ask(t *testing.T, which int, q dp.Query, asked span, m mutation) (s side) {
	t.Helper()
	n := asked.size()
	e := of.sides[which]
	s.plan = planOf(t, e, q)
	declared := of.apiece(s.plan, asked)
	mutated := of.apiece(planOf(t, e, q), asked)
	if m.plan != nil {
		m.plan(&mutated)
	}
	var err error
	if s.statement, err = omop.CountSQL(mutated, omop.DuckDB); err != nil {
		t.Fatal(err)
	}
	if m.text != nil {
		s.statement.Text = m.text(s.statement.Text)
	}
	exact, err := duckdb.Run(t.Context(), e, declared, s.statement, everybody)
	if err != nil {
		s.err = err
		return s
	}
	if q.PrivateKeys() {
		s.cells = make([]map[place][]int64, n)
		for d := range s.cells {
			s.cells[d] = map[place][]int64{}
		}
		found := entered(t, declared, exact)
		for at, numbers := range found {
			if (len(found)+1)*(len(at)+len(numbers)) > dp.MaxNumbers {
				t.Fatalf("%d databases have more cells than one answer: %+v", n, q) // it would leave some out
			}
			s.cells[at[1]/int64(len(s.plan.Cells))][place{at[0], at[1] % int64(len(s.plan.Cells))}] = numbers
		}
		return s
	}
	source := noisetest.None(t)
	if _, err := dp.Release(declared, exact, source); err != nil {
		t.Fatal(err)
	}
	values, scales := source.Drawn()
	s.scales, s.numbers = scales, make([][][]int64, n)
	for _, series := range s.plan.Series {
		for d := range n {
			size := series.Width * len(s.plan.Cells)
			s.numbers[d], values = append(s.numbers[d], values[:size]), values[size:]
		}
	}
	return s
}
