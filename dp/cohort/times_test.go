package cohort_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

// day is a date in Unix seconds; empty: 0.
func day(t *testing.T, date string) int64 {
	t.Helper()
	if date == "" {
		return 0
	}
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return d.Unix()
}

// The time that records are read of is that of the days on which they may start, as long as nothing else of them is looked for.
func TestTimes(t *testing.T) {
	for _, tc := range []struct{ name, in, from, until string }{
		{"no days", `{"records":{"domain":"condition"}}`, "", ""},
		{"between two days", `{"records":{"domain":"condition","start":{"from":"2020-01-01","to":"2020-12-31"}}}`, "2020-01-01", "2021-01-01"},
		{"from a day", `{"records":{"domain":"condition","start":{"from":"2020-01-01"}}}`, "2020-01-01", ""},
		{"to a day", `{"records":{"domain":"condition","start":{"to":"2020-12-31"}}}`, "", "2021-01-01"},
		{"before there were seconds", `{"records":{"domain":"condition","start":{"from":"1900-01-01","to":"1960-01-01"}}}`, "", ""},
		{"the first of all", `{"records":{"domain":"condition","first":true,"start":{"from":"2020-01-01","to":"2020-12-31"}}}`, "", ""},
		{"the first of them", `{"records":{"domain":"procedure","start":{"from":"2020-01-01","to":"2020-12-31"}},"keep":"first"}`, "2020-01-01", "2021-01-01"},
		{"the first of them, which have ends", `{"records":{"domain":"condition","start":{"from":"2020-01-01","to":"2020-12-31"}},"keep":"first"}`, "2020-01-01", ""},
		{"how long they are", `{"records":{"domain":"visit","start":{"from":"2020-01-01","to":"2020-12-31"},"length":{"min":2}}}`, "2020-01-01", ""},
		{"ends on days of their own", `{"records":{"domain":"visit","start":{"from":"2020-01-01","to":"2020-12-31"},"end":{"to":"2021-06-30"},"length":{"min":2}}}`, "2020-01-01", "2021-07-01"},
		{"an end alone", `{"records":{"domain":"visit","end":{"to":"2021-06-30"}}}`, "", ""},
		{"which start on any later day", `{"records":{"domain":"visit","start":{"from":"2020-01-01"},"end":{"to":"2020-06-30"}}}`, "2020-01-01", ""},
		{"an end before the start", `{"records":{"domain":"visit","start":{"from":"2020-01-01","to":"2020-12-31"},"end":{"to":"2020-06-30"}}}`, "2020-01-01", "2021-01-01"},
		{"no day is both", `{"records":{"domain":"visit","start":{"from":"2020-01-01","to":"2019-06-30"}}}`, "", ""},
		{"an era", `{"records":{"domain":"drug_era","start":{"from":"2020-01-01","to":"2020-12-31"},"occurrences":{"min":12}}}`, "", ""},
		{
			"of two sets the time of both", `{"union":[{"records":{"domain":"procedure","start":{"from":"2020-01-01","to":"2020-12-31"}}},
				{"records":{"domain":"procedure","start":{"from":"2018-01-01","to":"2018-12-31"}}}]}`, "2018-01-01", "2021-01-01",
		},
		{"of two sets all time", `{"union":[{"records":{"domain":"procedure","start":{"from":"2020-01-01","to":"2020-12-31"}}},{"records":{"domain":"procedure"}}]}`, "", ""},
		{
			"the index's days bound it, not what is around it", `{"records":{"domain":"procedure","start":{"from":"2020-01-01","to":"2020-12-31"}},
				"where":{"has":{"events":{"records":{"domain":"procedure"}},"window":{"spans":[{"to":0}],"any_time":true}}}}`, "", "",
		},
	} {
		var e cohort.Events
		if err := json.Unmarshal([]byte(tc.in), &e); err != nil {
			t.Fatal(err)
		}
		want := cohort.Time{From: day(t, tc.from), Until: day(t, tc.until)}
		columns := e.Columns()
		got := columns[0].Time
		for _, c := range columns {
			got = wider(got, c.Time)
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", tc.name, got, want)
		}
	}
	bounded := cohort.Events{Records: &cohort.Records{Domain: cohort.Visit, Start: &cohort.DateRange{From: "2020-01-01", To: "2020-12-31"}}}
	if c := bounded.Used(cohort.Start, cohort.LevelDays)[0]; c.Time != (cohort.Time{From: day(t, "2020-01-01"), Until: day(t, "2021-01-01")}) {
		t.Errorf("a start that is used: %+v", c)
	}
	for _, f := range []cohort.Field{cohort.End, cohort.Length} {
		for _, c := range bounded.Used(f, cohort.LevelDays) {
			if c.Time.Until != 0 {
				t.Errorf("%v that is used: %+v", f, c)
			}
		}
	}
}

// G2: nothing that happened outside of the named times decides: without those records a criterion holds as before.
func TestNothingOutsideTheNamedTimesDecides(t *testing.T) {
	left := 0
	for seed := range criteria() {
		random := rand.New(rand.NewPCG(seed, 11))
		c := cohorttest.RandomCriterion(random, 1+int(seed%3))
		onDays(random, &c)
		c = mustCanonical(t, c)
		times, ends := map[string]cohort.Time{}, map[string]bool{}
		for _, column := range c.Columns() {
			table, name, _ := strings.Cut(column.Name, ".")
			time, there := times[table]
			if !there {
				time = column.Time
			}
			times[table] = wider(time, column.Time)
			ends[table] = ends[table] || strings.HasSuffix(name, "_end_date")
		}
		for range 5 {
			h := cohorttest.RandomHistory(random)
			within := h
			within.Records = slices.DeleteFunc(slices.Clone(h.Records), func(r cohorttest.Record) bool {
				table, _ := namedOf(r.Domain, nil)
				time, looked := times[table]
				return looked && (outside(r.Start, time) || ends[table] && r.End != nil && time.Until != 0 && int64(*r.End)*86400 >= time.Until)
			})
			left += len(h.Records) - len(within.Records)
			if before, after := cohorttest.Holds(h, cohorttest.World(), c), cohorttest.Holds(within, cohorttest.World(), c); before != after {
				t.Fatalf("seed %d: %s\nat %v\n%s holds: %v\n%s holds: %v", seed, text(c), times, text(h), before, text(within), after)
			}
		}
	}
	if left < 2*int(criteria()) {
		t.Errorf("only %d records were left out", left)
	}
}

// onDays has most of the records that a criterion looks at start on certain days.
func onDays(r *rand.Rand, c *cohort.Criterion) {
	for i := range c.All {
		onDays(r, &c.All[i])
	}
	for i := range c.Any {
		onDays(r, &c.Any[i])
	}
	if c.Not != nil {
		onDays(r, c.Not)
	}
	if c.AtLeast != nil {
		for i := range c.AtLeast.Of {
			onDays(r, &c.AtLeast.Of[i])
		}
	}
	if c.Has != nil {
		eventsOnDays(r, &c.Has.Events)
	}
}

func eventsOnDays(r *rand.Rand, e *cohort.Events) {
	if e.Records != nil && r.IntN(8) > 0 {
		from := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, r.IntN(60))
		e.Records.Start = &cohort.DateRange{From: from.Format(time.DateOnly), To: from.AddDate(0, 0, r.IntN(90)).Format(time.DateOnly)}
	}
	for i := range e.Union {
		eventsOnDays(r, &e.Union[i])
	}
	if e.Where != nil {
		onDays(r, e.Where)
	}
}

func wider(a, b cohort.Time) cohort.Time {
	w := cohort.Time{From: min(a.From, b.From), Until: max(a.Until, b.Until)}
	if a.Until == 0 || b.Until == 0 {
		w.Until = 0
	}
	return w
}

// outside says whether a day is known and not within the time.
func outside(day *int, within cohort.Time) bool {
	if day == nil {
		return false
	}
	at := int64(*day) * 86400
	return within.From != 0 && at < within.From || within.Until != 0 && at >= within.Until
}
