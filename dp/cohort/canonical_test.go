package cohort_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

func mustCanonical(t testing.TB, c cohort.Criterion) cohort.Criterion {
	t.Helper()
	got, err := cohort.Canonical(c)
	if err != nil {
		t.Fatalf("Canonical(%s): %v", text(c), err)
	}
	return got
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// criteria is how many random criteria a property is tried on, many more with MEDMARKET_LONG and fewer with -short; a
// seed that fails is told.
func criteria() uint64 {
	switch {
	case os.Getenv("MEDMARKET_LONG") != "":
		return 20_000
	case testing.Short():
		return 200
	default:
		return 1000
	}
}

// The canonical form holds for the same patients.
func TestCanonicalKeepsMeaning(t *testing.T) {
	held, histories := 0, int(criteria())*10
	for seed := range criteria() {
		random := rand.New(rand.NewPCG(seed, 1))
		c := cohorttest.RandomCriterion(random, 4)
		canonical := mustCanonical(t, c)
		for range 10 {
			h := cohorttest.RandomHistory(random)
			before, after := cohorttest.Holds(h, cohorttest.World(), c), cohorttest.Holds(h, cohorttest.World(), canonical)
			if before != after {
				t.Fatalf("seed %d\n%s holds: %v\n%s holds: %v\n%s", seed, text(c), before, text(canonical), after, text(h))
			}
			if before {
				held++
			}
		}
	}
	if held < histories/10 || held > histories*9/10 {
		t.Errorf("criteria hold %d times of %d: too seldom or too often to tell anything", held, histories)
	}
}

// The canonical form of a set of events has the same events, and is its own.
func TestCanonicalEventsKeepMeaning(t *testing.T) {
	for seed := range criteria() {
		random := rand.New(rand.NewPCG(seed, 2))
		e := cohorttest.RandomEvents(random, 4)
		canonical, err := e.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		again, err := canonical.Canonical()
		if err != nil || text(again) != text(canonical) {
			t.Fatalf("seed %d: again: %v\n%s\n%s", seed, err, text(canonical), text(again))
		}
		for range 10 {
			h := cohorttest.RandomHistory(random)
			before, after := cohorttest.Events(h, cohorttest.World(), e), cohorttest.Events(h, cohorttest.World(), canonical)
			if diff := cmp.Diff(before, after, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("seed %d\n%s\n%s\n%s", seed, text(e), text(canonical), diff)
			}
		}
	}
}

// Two spellings of one criterion have one canonical form, which is its own.
func TestCanonicalIsOne(t *testing.T) {
	for seed := range criteria() {
		random := rand.New(rand.NewPCG(seed, 3))
		c := cohorttest.RandomCriterion(random, 4)
		canonical := text(mustCanonical(t, c))
		if again := text(mustCanonical(t, mustCanonical(t, c))); again != canonical {
			t.Fatalf("seed %d\ncanonical %s\nagain     %s", seed, canonical, again)
		}
		other := respelt(random, c)
		if got := text(mustCanonical(t, other)); got != canonical {
			t.Fatalf("seed %d\n%s\nis   %s\n%s\nis   %s", seed, text(c), canonical, text(other), got)
		}
	}
}

// respelt says the same in another way: order, repetition, grouping, defaults, double negation.
func respelt(r *rand.Rand, c cohort.Criterion) cohort.Criterion {
	each := func(list []cohort.Criterion) (out []cohort.Criterion) {
		for _, o := range list {
			out = append(out, respelt(r, o))
		}
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	repeated := func(list []cohort.Criterion) []cohort.Criterion {
		if n := len(list); n > 1 && r.IntN(3) == 0 {
			list = append(list, list[0])
		}
		return list
	}
	switch {
	case len(c.All) > 0:
		list := repeated(each(c.All))
		c = cohort.Criterion{All: list}
		if n := len(list); n > 2 && r.IntN(2) == 0 {
			c.All = []cohort.Criterion{{All: list[:n/2]}, {All: list[n/2:]}}
		}
	case len(c.Any) > 0:
		c = cohort.Criterion{Any: repeated(each(c.Any))}
	case c.Not != nil:
		c = cohort.Criterion{Not: new(respelt(r, *c.Not))}
	case c.AtLeast != nil:
		c = cohort.Criterion{AtLeast: &cohort.AtLeast{K: c.AtLeast.K, Of: each(c.AtLeast.Of)}}
	case c.Person != nil:
		p := *c.Person
		p.Sexes, p.Races = shuffled(r, p.Sexes), shuffled(r, p.Races)
		c = cohort.Criterion{Person: &p}
	case c.Has != nil:
		c = cohort.Criterion{Has: respeltHas(r, *c.Has)}
	}
	switch r.IntN(5) {
	case 0:
		return cohort.Criterion{Not: &cohort.Criterion{Not: &c}}
	case 1:
		return cohort.Criterion{Any: []cohort.Criterion{c}}
	case 2:
		return cohort.Criterion{AtLeast: &cohort.AtLeast{K: 2, Of: []cohort.Criterion{c, c}}}
	default:
		return c
	}
}

func respeltHas(r *rand.Rand, h cohort.Has) *cohort.Has {
	h.Events = respeltEvents(r, h.Events)
	if h.Min == 1 && h.Max == nil {
		h.Min = r.IntN(2)
	}
	if h.Window != nil {
		w := *h.Window
		w.Spans = shuffled(r, w.Spans)
		h.Window = &w
	}
	return &h
}

func respeltEvents(r *rand.Rand, e cohort.Events) cohort.Events {
	e.Union = slices.Clone(e.Union)
	for i := range e.Union {
		e.Union[i] = respeltEvents(r, e.Union[i])
	}
	e.Union = shuffled(r, e.Union)
	if e.Where != nil {
		e.Where = new(respelt(r, *e.Where))
	}
	if e.Records != nil {
		records := *e.Records
		records.Concepts = shuffled(r, records.Concepts)
		records.Units = shuffled(r, records.Units)
		e.Records = &records
	}
	if r.IntN(3) == 0 {
		return cohort.Events{Union: []cohort.Events{e}}
	}
	return e
}

// shuffled reorders a list and may repeat one of it, if that leaves the bounds.
func shuffled[T any](r *rand.Rand, list []T) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	if len(list) == 1 {
		list = append(list, list[0])
	}
	return list
}

func TestCanonicalForms(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"min is written out", `{"has":{"events":{"records":{"domain":"drug"}}}}`, `{"has":{"events":{"records":{"domain":"drug"}},"min":1}}`},
		{"none", `{"not":{"has":{"events":{"records":{"domain":"drug"}}}}}`, `{"has":{"events":{"records":{"domain":"drug"}},"min":0,"max":0}}`},
		{
			"fewer than three", `{"not":{"has":{"min":3,"events":{"records":{"domain":"drug"}}}}}`,
			`{"has":{"events":{"records":{"domain":"drug"}},"min":0,"max":2}}`,
		},
		{
			"between has no simple opposite", `{"not":{"has":{"min":1,"max":2,"events":{"records":{"domain":"drug"}}}}}`,
			`{"not":{"has":{"events":{"records":{"domain":"drug"}},"min":1,"max":2}}}`,
		},
		{
			"person's fields", `{"person":{"sexes":[8532,8507,8532],"year_of_birth":{"min":1950}}}`,
			`{"all":[{"person":{"sexes":[8507,8532]}},{"person":{"year_of_birth":{"min":1950}}}]}`,
		},
		{
			"De Morgan", `{"not":{"all":[{"person":{"sexes":[1]}},{"not":{"person":{"races":[2]}}}]}}`,
			`{"any":[{"not":{"person":{"sexes":[1]}}},{"person":{"races":[2]}}]}`,
		},
		{
			"fewer than two of three", `{"not":{"at_least":{"k":2,"of":[{"person":{"sexes":[1]}},{"person":{"sexes":[2]}},{"person":{"sexes":[3]}}]}}}`,
			`{"at_least":{"k":2,"of":[{"not":{"person":{"sexes":[1]}}},{"not":{"person":{"sexes":[2]}}},{"not":{"person":{"sexes":[3]}}}]}}`,
		},
		{
			"one that counts twice", `{"at_least":{"k":2,"of":[{"person":{"sexes":[3]}},{"person":{"sexes":[1]}},{"person":{"sexes":[1]}},{"person":{"sexes":[2]}}]}}`,
			`{"at_least":{"k":2,"of":[{"person":{"sexes":[1]}},{"person":{"sexes":[1]}},{"person":{"sexes":[2]}},{"person":{"sexes":[3]}}]}}`,
		},
		{
			"a concept beside all below it", `{"has":{"events":{"records":{"domain":"drug","concepts":[{"id":2},{"id":1},{"id":2,"descendants":true},{"id":3,"exclude":true}]}}}}`,
			`{"has":{"events":{"records":{"domain":"drug","concepts":[{"id":1},{"id":2,"descendants":true},{"id":3,"exclude":true}]}},"min":1}}`,
		},
		{
			"an exclusion without effect", `{"has":{"events":{"records":{"domain":"drug","concepts":[{"id":1},{"id":2},{"id":3,"exclude":true},{"id":2,"exclude":true}]}}}}`,
			`{"has":{"events":{"records":{"domain":"drug","concepts":[{"id":1}]}},"min":1}}`,
		},
		{
			"whether any is kept", `{"has":{"events":{"union":[{"records":{"domain":"drug"},"keep":"first"},{"union":[{"records":{"domain":"visit"}},{"records":{"domain":"drug"}}],"keep":"last"}]}}}`,
			`{"has":{"events":{"union":[{"records":{"domain":"drug"}},{"records":{"domain":"visit"}}]},"min":1}}`,
		},
		{
			"kept, then asked", `{"has":{"events":{"union":[{"records":{"domain":"drug"},"keep":"first"}],"where":{"person":{"age":{"min":18}}},"keep":"last"}}}`,
			`{"has":{"events":{"union":[{"records":{"domain":"drug"},"keep":"first"}],"where":{"person":{"age":{"min":18}}}},"min":1}}`,
		},
		{
			"kept, then seen in a window", `{"has":{"events":{"records":{"domain":"drug"},"where":{"has":{"events":{"records":{"domain":"visit"},"keep":"last"},"window":{}}}}}}`,
			`{"has":{"events":{"records":{"domain":"drug"},"where":{"has":{"events":{"records":{"domain":"visit"},"keep":"last"},"min":1,"window":{}}}},"min":1}}`,
		},
		{
			"asked twice", `{"has":{"events":{"union":[{"records":{"domain":"drug"},"where":{"person":{"age":{"min":18}}}}],"where":{"person":{"sexes":[1]}},"keep":"last"},"min":2}}`,
			`{"has":{"events":{"records":{"domain":"drug"},"where":{"all":[{"person":{"age":{"min":18}}},{"person":{"sexes":[1]}}]},"keep":"last"},"min":2}}`,
		},
		{
			"a span that says nothing", `{"has":{"events":{"records":{"domain":"drug"},"where":{"has":{"events":{"records":{"domain":"visit"}},"window":{"spans":[{"index_end":true},{"event_end":true,"index_end":true}]}}}}}}`,
			`{"has":{"events":{"records":{"domain":"drug"},"where":{"has":{"events":{"records":{"domain":"visit"}},"min":1,"window":{"spans":[{"event_end":true}]}}}},"min":1}}`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c cohort.Criterion
			if err := json.Unmarshal([]byte(tc.in), &c); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, text(mustCanonical(t, c))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Canonical never panics, and what it lets through is its own canonical form.
func FuzzCanonical(f *testing.F) {
	seeds, err := filepath.Glob("testdata/criteria/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatal(err, len(seeds))
	}
	for _, s := range seeds {
		b, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c cohort.Criterion
		if json.Unmarshal(b, &c) != nil {
			return
		}
		canonical, err := cohort.Canonical(c)
		if err != nil {
			return
		}
		again, err := cohort.Canonical(canonical)
		if err != nil || text(again) != text(canonical) {
			t.Fatalf("%s\n%s\n%v", text(canonical), text(again), err)
		}
		canonical.Columns()
		if canonical.Words(cohort.ByID) == "" {
			t.Fatal("no words")
		}
	})
}
