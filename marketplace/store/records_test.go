package store_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

func persons(all ...provider.Person) iter.Seq2[provider.Person, error] {
	return func(yield func(provider.Person, error) bool) {
		for _, p := range all {
			if !yield(p, nil) {
				return
			}
		}
	}
}

func recordsOf(version string, all ...provider.Person) provider.Records {
	return provider.Records{Dataset: "hospital", Version: version, Persons: persons(all...)}
}

// adopted are four patients, two of whom have an identifier.
var adopted = []provider.Person{
	{Number: 1, SourceValue: "ada", YearOfBirth: 1950, Gender: 8532}, {Number: 2, SourceValue: "bob", YearOfBirth: 1960, Gender: 8507},
	{Number: 3, YearOfBirth: 1970, Gender: 8532}, {Number: 4},
}

// with is adopted with some replaced, added, or (number only, negative) taken out.
func with(changes ...provider.Person) []provider.Person {
	by := map[int64]provider.Person{}
	for _, p := range slices.Concat(adopted, changes) {
		if p.Number < 0 {
			delete(by, -p.Number)
			continue
		}
		by[p.Number] = p
	}
	return slices.SortedFunc(maps.Values(by), func(a, b provider.Person) int { return cmp.Compare(a.Number, b.Number) })
}

func openAdopted(t testing.TB) *store.Provider {
	t.Helper()
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	r, err := p.Adopt(t.Context(), recordsOf("1", adopted...), nil, 100)
	must(t, err)
	if r.Compared() || r.Persons != 4 || r.New != 4 || r.Gone != 0 {
		t.Fatalf("the first adoption: %+v", r)
	}
	return p
}

func TestG3NumbersMustMeanWhoTheyMeant(t *testing.T) {
	for name, c := range map[string]struct {
		now       []provider.Person
		new, gone int64
		reused    []int64
		changed   []provider.Moved
	}{
		"nothing but the version":                    {now: adopted},
		"one more and one less":                      {now: with(provider.Person{Number: 7, SourceValue: "eve"}, provider.Person{Number: -4}), new: 1, gone: 1},
		"born in another year, same identifier":      {now: with(provider.Person{Number: 1, SourceValue: "ada", YearOfBirth: 1951, Gender: 8532})},
		"another identifier, same traits":            {now: with(provider.Person{Number: 1, SourceValue: "eve", YearOfBirth: 1950, Gender: 8532}), reused: []int64{1}},
		"no identifier any more, same traits":        {now: with(provider.Person{Number: 1, YearOfBirth: 1950, Gender: 8532})},
		"no identifier any more, other traits":       {now: with(provider.Person{Number: 1, YearOfBirth: 1951, Gender: 8532}), reused: []int64{1}},
		"an identifier for the first time":           {now: with(provider.Person{Number: 3, SourceValue: "eve", YearOfBirth: 1970, Gender: 8532})},
		"an identifier for the first time, other":    {now: with(provider.Person{Number: 3, SourceValue: "eve", YearOfBirth: 1971, Gender: 8532}), reused: []int64{3}},
		"no identifier, other gender":                {now: with(provider.Person{Number: 3, YearOfBirth: 1970, Gender: 8507}), reused: []int64{3}},
		"no identifier, year of birth found out":     {now: with(provider.Person{Number: 4, YearOfBirth: 1980}), reused: []int64{4}},
		"under another number":                       {now: with(provider.Person{Number: 7, SourceValue: "ada"}, provider.Person{Number: -1}), new: 1, gone: 1, changed: []provider.Moved{{Number: 7, Before: 1}}},
		"under a second number":                      {now: with(provider.Person{Number: 7, SourceValue: "ada"}), new: 1, changed: []provider.Moved{{Number: 7, Before: 1}}},
		"under the number of one without identifier": {now: with(provider.Person{Number: 3, SourceValue: "ada", YearOfBirth: 1970, Gender: 8532}, provider.Person{Number: -1}), gone: 1, changed: []provider.Moved{{Number: 3, Before: 1}}},
		"swapped": {
			now:    with(provider.Person{Number: 1, SourceValue: "bob", YearOfBirth: 1950, Gender: 8532}, provider.Person{Number: 2, SourceValue: "ada"}),
			reused: []int64{1, 2}, changed: []provider.Moved{{Number: 1, Before: 2}, {Number: 2, Before: 1}},
		},
		"two new ones of one identifier": {now: with(provider.Person{Number: 7, SourceValue: "eve"}, provider.Person{Number: 8, SourceValue: "eve"}), new: 2},
		"nobody":                         {gone: 4},
	} {
		t.Run(name, func(t *testing.T) {
			p := openAdopted(t)
			want := provider.Refresh{
				Dataset: "hospital", From: "1", To: "2", At: 200, Persons: int64(len(c.now)),
				New: c.new, Gone: c.gone, Reused: c.reused, Changed: c.changed,
			}
			refused := len(c.reused)+len(c.changed) > 0
			for range 2 { // neither has an effect if it is refused
				compared, compareErr := p.Compare(t.Context(), recordsOf("2", c.now...), []int64{99}, 200)
				got, err := p.Adopt(t.Context(), recordsOf("2", c.now...), []int64{99}, 200)
				same(t, compared, want)
				same(t, got, want)
				if !refused {
					must(t, compareErr)
					must(t, err)
					return
				}
				for _, err := range []error{compareErr, err} {
					var numbers *provider.NumbersError
					if !errors.As(err, &numbers) || numbers.Reused != len(c.reused) || numbers.Changed != len(c.changed) {
						t.Fatalf("error %v, want a refusal with how many", err)
					}
				}
			}
			// Answered for, it is adopted, and once is enough.
			want.Accepted = slices.Clone(c.reused)
			for _, m := range c.changed {
				want.Accepted = append(want.Accepted, m.Number)
			}
			slices.Sort(want.Accepted)
			want.Accepted = slices.Compact(want.Accepted)
			got, err := p.Adopt(t.Context(), recordsOf("2", c.now...), append([]int64{99, 98}, want.Accepted...), 200)
			must(t, err)
			same(t, got, want)
			got, err = p.Adopt(t.Context(), recordsOf("3", c.now...), nil, 300)
			must(t, err)
			same(t, got, provider.Refresh{Dataset: "hospital", From: "2", To: "3", At: 300, Persons: want.Persons, Gone: want.Gone})
		})
	}
}

func same(t testing.TB, got, want any) {
	t.Helper()
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
}

// A number that has gone cannot come back as someone else.
func TestG3GoneNumbersStayRegistered(t *testing.T) {
	p := openAdopted(t)
	_, err := p.Adopt(t.Context(), recordsOf("2", with(provider.Person{Number: -1})...), nil, 200)
	must(t, err)
	r, err := p.Adopt(t.Context(), recordsOf("3", with(provider.Person{Number: 1, SourceValue: "eve"})...), nil, 300)
	if numbers := (*provider.NumbersError)(nil); !errors.As(err, &numbers) || !slices.Equal(r.Reused, []int64{1}) {
		t.Fatalf("%v: %+v", err, r)
	}
	r, err = p.Adopt(t.Context(), recordsOf("4", adopted...), nil, 400)
	must(t, err)
	same(t, r, provider.Refresh{Dataset: "hospital", From: "2", To: "4", At: 400, Persons: 4})
	numbers, err := p.PatientNumbers(t.Context())
	must(t, err)
	same(t, numbers, []int64{1, 2, 3, 4})
}

// The version that is in use is not gone through again.
func TestAdoptTheSameVersion(t *testing.T) {
	p := openAdopted(t)
	r := provider.Records{Dataset: "hospital", Version: "1", Persons: func(func(provider.Person, error) bool) { t.Error("the persons were read") }}
	for _, do := range []func(context.Context, provider.Records, []int64, int64) (provider.Refresh, error){p.Adopt, p.Compare} {
		got, err := do(t.Context(), r, nil, 200)
		must(t, err)
		if got.Compared() {
			t.Errorf("compared: %+v", got)
		}
	}
}

// What cannot be adopted leaves everything as it was.
func TestAdoptRefusals(t *testing.T) {
	broken := errors.New("broken")
	fails := func(yield func(provider.Person, error) bool) {
		if yield(provider.Person{Number: 9}, nil) {
			yield(provider.Person{}, broken)
		}
	}
	for name, c := range map[string]struct {
		records provider.Records
		want    error
	}{
		"another dataset":        {provider.Records{Dataset: "another", Version: "1", Persons: persons(adopted...)}, provider.ErrOtherDataset},
		"another dataset, anew":  {provider.Records{Dataset: "another", Version: "2", Persons: persons(adopted...)}, provider.ErrOtherDataset},
		"a number twice":         {recordsOf("2", provider.Person{Number: 8}, provider.Person{Number: 8}), provider.ErrPersons},
		"falling numbers":        {recordsOf("2", provider.Person{Number: 8}, provider.Person{Number: 7}), provider.ErrPersons},
		"records that break off": {provider.Records{Dataset: "hospital", Version: "2", Persons: fails}, broken},
	} {
		t.Run(name, func(t *testing.T) {
			p := openAdopted(t)
			if _, err := p.Adopt(t.Context(), c.records, nil, 200); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			r, err := p.Adopt(t.Context(), recordsOf("3", adopted...), nil, 300)
			must(t, err)
			same(t, r, provider.Refresh{Dataset: "hospital", From: "1", To: "3", At: 300, Persons: 4})
		})
	}
	fresh := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	if _, err := fresh.Adopt(t.Context(), provider.Records{Dataset: "another", Version: "1", Persons: fails}, nil, 100); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	_, err := fresh.Adopt(t.Context(), recordsOf("1", adopted...), nil, 100) // the first dataset was not bound
	must(t, err)
}

// More than a batch, with what is to be found around the ends of batches.
func TestAdoptManyBatches(t *testing.T) {
	const n = 3001
	all := make([]provider.Person, n)
	for i := range all {
		all[i] = provider.Person{Number: int64(3 * i), SourceValue: "mrn " + strconv.Itoa(i)}
	}
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	_, err := p.Adopt(t.Context(), recordsOf("1", all...), nil, 100)
	must(t, err)
	want := provider.Refresh{Dataset: "hospital", From: "1", To: "2", At: 200, Persons: n, New: 4, Gone: 4}
	for _, i := range []int{0, 999, 1000, 3000} {
		all[i].Number++ // a new number for the same identifier
		want.Changed = append(want.Changed, provider.Moved{Number: int64(3*i + 1), Before: int64(3 * i)})
	}
	for _, i := range []int{1, 1001, 1999, 2000} {
		all[i].SourceValue = "someone else " + strconv.Itoa(i)
		want.Reused = append(want.Reused, int64(3*i))
	}
	r, err := p.Adopt(t.Context(), recordsOf("2", all...), nil, 200)
	if numbers := (*provider.NumbersError)(nil); !errors.As(err, &numbers) {
		t.Fatalf("error %v", err)
	}
	same(t, r, want)
}

// registered is what the store should know, in plain Go: by number, the last
// identifier and traits.
type registered map[int64]provider.Person

func (g registered) refresh(now []provider.Person) (r provider.Refresh) {
	seen := map[int64]bool{}
	for _, p := range now {
		seen[p.Number] = true
		was, known := g[p.Number]
		if !known {
			r.New++
		}
		identified := p.SourceValue != "" && was.SourceValue != ""
		traits := p.YearOfBirth == was.YearOfBirth && p.Gender == was.Gender
		if known && (identified && p.SourceValue != was.SourceValue || !identified && !traits) {
			r.Reused = append(r.Reused, p.Number)
		}
		if p.SourceValue == "" || p.SourceValue == was.SourceValue {
			continue
		}
		var before []int64
		for number, other := range g {
			if other.SourceValue == p.SourceValue {
				before = append(before, number)
			}
		}
		if len(before) > 0 {
			r.Changed = append(r.Changed, provider.Moved{Number: p.Number, Before: slices.Min(before)})
		}
	}
	for number := range g {
		if !seen[number] {
			r.Gone++
		}
	}
	r.Persons = int64(len(now))
	return r
}

// TestAdoptModel holds random versions against the model; what one version
// registers is what the next is compared with.
func TestAdoptModel(t *testing.T) {
	run := 0
	dir := t.TempDir()
	template := filepath.Join(dir, "template") // making a file costs more than a run
	closeStore(t, openProvider(t, template))
	empty, err := os.ReadFile(template)
	must(t, err)
	rapid.Check(t, func(rt *rapid.T) {
		run++
		file := filepath.Join(dir, strconv.Itoa(run))
		must(t, os.WriteFile(file, empty, 0o600))
		p, err := store.OpenProvider(rt.Context(), config(file))
		must(t, err)
		defer func() { must(t, p.Close()) }()
		model := registered{}
		from := ""
		for v := range rapid.IntRange(1, 4).Draw(rt, "versions") {
			var now []provider.Person
			for number := range int64(6) {
				if rapid.IntRange(0, 3).Draw(rt, "there") > 0 {
					now = append(now, provider.Person{
						Number: number, SourceValue: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "identifier"),
						YearOfBirth: rapid.Int64Range(0, 1).Draw(rt, "born"),
					})
				}
			}
			version := fmt.Sprint("version ", v)
			want := model.refresh(now)
			if from == "" {
				want.Changed = nil
			}
			want.Dataset, want.From, want.To, want.At = "hospital", from, version, int64(v)
			looked, lookErr := p.Compare(rt.Context(), recordsOf(version, now...), nil, int64(v))
			got, err := p.Adopt(rt.Context(), recordsOf(version, now...), nil, int64(v))
			if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				rt.Fatalf("adopting (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(got, looked, cmpopts.EquateEmpty()); diff != "" || (err == nil) != (lookErr == nil) {
				rt.Fatalf("comparing finds otherwise (-adopting +comparing): %v, %v\n%s", err, lookErr, diff)
			}
			if (err != nil) != (len(want.Reused)+len(want.Changed) > 0) {
				rt.Fatalf("error %v for %+v", err, want)
			}
			if err != nil && rapid.Bool().Draw(rt, "answer for it") {
				numbers := slices.Clone(want.Reused)
				for _, m := range want.Changed {
					numbers = append(numbers, m.Number)
				}
				_, err = p.Adopt(rt.Context(), recordsOf(version, now...), numbers, int64(v))
				must(t, err)
			}
			if err != nil {
				continue
			}
			from = version
			for _, person := range now {
				if person.SourceValue == "" {
					person.SourceValue = model[person.Number].SourceValue
				}
				model[person.Number] = person
			}
		}
	})
}

// numbered are persons first to first+n-1, with identifiers.
func numbered(first, n int64) iter.Seq2[provider.Person, error] {
	return func(yield func(provider.Person, error) bool) {
		for i := first; i < first+n; i++ {
			if !yield(provider.Person{Number: i, SourceValue: "mrn " + strconv.FormatInt(i, 10), YearOfBirth: 1930 + i%80, Gender: 8507}, nil) {
				return
			}
		}
	}
}

// BenchmarkAdopt adopts a million persons: at first, again in the version that is
// in use, and in one where a thousand have gone and a thousand are new.
func BenchmarkAdopt(b *testing.B) {
	const million = 1_000_000
	adopt := func(b *testing.B, p *store.Provider, version string, first int64) {
		b.Helper()
		_, err := p.Adopt(b.Context(), provider.Records{Dataset: "hospital", Version: version, Persons: numbered(first, million)}, nil, 100)
		must(b, err)
	}
	b.Run("first", func(b *testing.B) {
		for i := range b.N {
			adopt(b, openProvider(b, filepath.Join(b.TempDir(), strconv.Itoa(i))), "1", 0)
		}
	})
	p := openProvider(b, filepath.Join(b.TempDir(), "provider.db"))
	adopt(b, p, "0", 0)
	b.Run("same version", func(b *testing.B) {
		for b.Loop() {
			adopt(b, p, "0", 0)
		}
	})
	n := int64(0)
	b.Run("another version", func(b *testing.B) {
		for b.Loop() {
			n++
			adopt(b, p, strconv.FormatInt(n, 10), n*1000)
		}
	})
}
