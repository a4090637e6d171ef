package omop_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
	"github.com/medmarket/medmarket/marketplace/omop/omoptest"
)

// world is a fixed population.
func world(n int) []cohorttest.History {
	all := make([]cohorttest.History, n)
	for i := range all {
		all[i] = cohorttest.RandomHistory(rand.New(rand.NewPCG(5, uint64(i))))
		deaths := 0 // one at most, without a number
		all[i].Records = slices.DeleteFunc(all[i].Records, func(r cohorttest.Record) bool {
			if r.Domain == cohort.Death {
				deaths++
			}
			return r.Domain == cohort.Death && deaths > 1
		})
		for j := range all[i].Records {
			r := &all[i].Records[j]
			switch r.Domain {
			case cohort.Death:
				r.ID = 0
			case cohort.ObservationPeriod:
				r.Concept = nil
			}
		}
	}
	return all
}

// holders are the numbers of those for whom c holds, by the reference.
func holders(world []cohorttest.History, c cohort.Criterion) (all []string) {
	for i, h := range world {
		if cohorttest.Holds(h, cohorttest.World(), c) {
			all = append(all, strconv.Itoa(i+1))
		}
	}
	slices.Sort(all)
	return all
}

// records are the events of all, by the reference.
func records(world []cohorttest.History, e cohort.Events) (all []string) {
	for i, h := range world {
		for _, r := range cohorttest.Events(h, cohorttest.World(), e) {
			end := r.End
			switch {
			case r.End != nil && r.Domain.Has(cohort.End) || r.Start == nil:
			case r.Domain == cohort.Drug && r.DaysSupply != nil && *r.DaysSupply >= 0:
				end = new(*r.Start + int(*r.DaysSupply))
			default:
				end = new(*r.Start + 1)
			}
			if !r.Domain.Has(cohort.End) && r.Start == nil {
				end = nil
			}
			all = append(all, fmt.Sprintf("%d %d %d %s %s", i+1, slices.Index(cohort.Domains(), r.Domain), r.ID, date(r.Start), date(end)))
		}
	}
	slices.Sort(all)
	return all
}

func date(day *int) string {
	if day == nil {
		return ""
	}
	return time.Unix(int64(*day)*86_400, 0).UTC().Format(time.DateOnly)
}
func shown(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// What SQL says of patients and of their events is what the words of package cohort mean, in either dialect.
func TestSQLMeansWhatTheWordsMean(t *testing.T) {
	omoptest.NotUnderRace(t)
	people := world(80)
	engines := map[string]func(testing.TB) engine{"DuckDB": newDuckDB, "Postgres": newPostgres}
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			e.fill(t, people, cohorttest.World())
			t.Run("criteria", func(t *testing.T) { checkCriteria(t, e, people) })
			t.Run("events", func(t *testing.T) { checkEvents(t, e, people) })
		})
	}
}

// seldom are sets that chance makes too seldom: records in two members of a union, counts in the time of
// observation periods that overlap, and events without a visit that have nothing in the same one.
func seldom() []cohort.Events {
	all := func(d cohort.Domain) cohort.Events { return cohort.Events{Records: &cohort.Records{Domain: d}} }
	some := cohort.Events{Records: &cohort.Records{Domain: cohort.Condition, Concepts: cohort.ConceptSet{{ID: 1, Descendants: true}}}}
	counted := all(cohort.Condition)
	counted.Where = &cohort.Criterion{Has: &cohort.Has{Events: all(cohort.Visit), Min: 2, Window: &cohort.Window{}}}
	few := all(cohort.Condition)
	few.Where = &cohort.Criterion{Has: &cohort.Has{Events: all(cohort.Visit), Max: new(1), Window: &cohort.Window{}}}
	alone := all(cohort.Condition)
	alone.Where = &cohort.Criterion{Has: &cohort.Has{Events: all(cohort.Drug), Max: new(0), Window: &cohort.Window{SameVisit: true, AnyTime: true}}}
	return []cohort.Events{{Union: []cohort.Events{all(cohort.Condition), some, all(cohort.Drug)}}, counted, few, alone}
}

// draws are how many criteria a test looks at, and how many sets of events: in an engine, a thousand of both take about a minute.
func draws() int {
	if os.Getenv("MEDMARKET_LONG") != "" {
		return 1000
	}
	return 60
}

// depth is how deep the n-th is: a third each two, three and four.
func depth(n int) int { return 2 + n%3 }

func checkCriteria(t *testing.T, e engine, people []cohorttest.History) {
	some := 0
	for n := range draws() {
		c := cohorttest.RandomCriterion(rand.New(rand.NewPCG(1, uint64(n))), depth(n))
		got, text, err := e.cohort(t.Context(), c)
		if err != nil {
			t.Fatalf("criterion %d: %v\n%s\n%s", n, err, shown(c), text)
		}
		want := holders(people, c)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("criterion %d: %s\n%s\n(-reference +SQL):\n%s", n, shown(c), text, diff)
		}
		if len(want) > 0 && len(want) < len(people) {
			some++
		}
	}
	if some < draws()/4 {
		t.Errorf("only %d of %d criteria tell patients apart", some, draws())
	}
}

func checkEvents(t *testing.T, e engine, people []cohorttest.History) {
	sets := seldom()
	for n := range draws() {
		sets = append(sets, cohorttest.RandomEvents(rand.New(rand.NewPCG(2, uint64(n))), depth(n)))
	}
	for n, set := range sets {
		got, text, err := e.events(t.Context(), set)
		if err != nil {
			t.Fatalf("events %d: %v\n%s\n%s", n, err, shown(set), text)
		}
		if diff := cmp.Diff(records(people, set), got); diff != "" {
			t.Fatalf("events %d: %s\n%s\n(-reference +SQL):\n%s", n, shown(set), text, diff)
		}
	}
}

// No value that a table can hold makes a statement fail, and both dialects make the same of each.
func TestSQLIsTotal(t *testing.T) {
	omoptest.NotUnderRace(t)
	people := world(80)
	for i := range people {
		spoil(rand.New(rand.NewPCG(6, uint64(i))), &people[i], math.MaxInt32, math.MinInt32, 36_500, 36_501, -1)
	}
	duck, post := newDuckDB(t), newPostgres(t)
	duck.fill(t, people, cohorttest.World())
	post.fill(t, people, cohorttest.World())
	for n := range draws() {
		set := cohorttest.RandomEvents(rand.New(rand.NewPCG(3, uint64(n))), 3)
		one, text, err := duck.events(t.Context(), set)
		if err != nil {
			t.Fatalf("events %d, DuckDB: %v\n%s", n, err, text)
		}
		other, text, err := post.events(t.Context(), set)
		if err != nil {
			t.Fatalf("events %d, Postgres: %v\n%s", n, err, text)
		}
		if diff := cmp.Diff(one, other); diff != "" {
			t.Fatalf("events %d: %s\n%s\n(-DuckDB +Postgres):\n%s", n, shown(set), text, diff)
		}
	}
}

// Import turns ids and numbers into BIGINT, whose extremes must not overflow either.
func TestSQLIsTotalOverLongNumbers(t *testing.T) {
	omoptest.NotUnderRace(t)
	people := world(80)
	for i := range people {
		spoil(rand.New(rand.NewPCG(7, uint64(i))), &people[i], math.MaxInt64, math.MinInt64)
	}
	duck := newDuckDB(t)
	duck.fill(t, people, cohorttest.World())
	for n := range draws() / 2 {
		c := cohorttest.RandomCriterion(rand.New(rand.NewPCG(4, uint64(n))), 4)
		if _, text, err := duck.cohort(t.Context(), c); err != nil {
			t.Fatalf("criterion %d: %v\n%s\n%s", n, err, shown(c), text)
		}
	}
}

// spoil puts what is NULL, infinite, extreme or not a number into a patient's rows.
func spoil(r *rand.Rand, h *cohorttest.History, numbers ...int64) {
	days := []int{math.MaxInt, math.MinInt, 2_000_000_000, -2_400_000, 2_932_896, -719_162}
	reals := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, -math.MaxFloat64, 5e-324, math.Copysign(0, -1)}
	const one = 4 // in so many
	for i := range h.Records {
		rec := &h.Records[i]
		for _, p := range []**int{&rec.Start, &rec.End} {
			if r.IntN(one) == 0 {
				*p = &days[r.IntN(len(days))]
			}
		}
		for _, p := range []**float64{&rec.Value, &rec.RangeLow, &rec.RangeHigh, &rec.Quantity} {
			if r.IntN(one) == 0 {
				*p = &reals[r.IntN(len(reals))]
			}
		}
		for _, p := range []**int64{&rec.DaysSupply, &rec.Occurrences, &rec.GapDays, &rec.Visit, &rec.Concept, &rec.Unit} {
			switch r.IntN(2 * one) {
			case 0:
				*p = nil
			case 1:
				*p = &numbers[r.IntN(len(numbers))]
			}
		}
	}
	if r.IntN(one) == 0 {
		h.YearOfBirth = numbers[r.IntN(len(numbers))]
	}
}
