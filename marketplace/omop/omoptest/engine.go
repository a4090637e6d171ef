package omoptest

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Engine is what the suite asks of an engine over a hospital's records.
type Engine interface {
	provider.Engine
	Dataset() omop.Dataset
	Persons(ctx context.Context) iter.Seq2[provider.Person, error]
	Close() error
}

// tiny has four patients: a woman of 26, a man of 46, one of another sex, and
// a woman without a year of birth.
var tiny = map[string]string{
	"person.csv":               "person_id,gender_concept_id,year_of_birth,person_source_value\n1,8532,2000,mrn-1\n2,8507,1980,\n3,8521,1980,mrn-3\n4,8532,,mrn-4\n",
	"condition_occurrence.csv": "person_id,condition_concept_id\n1,320128\n2,10\n2,10\n4,316866\n",
	"concept_ancestor.csv":     "ancestor_concept_id,descendant_concept_id\n316866,316866\n316866,320128\n",
	"cdm_source.csv":           "cdm_source_name,source_release_date\nA real hospital,2026-03-01\n",
}

// EngineSuite is what every engine passes. open opens one over the records of a folder, and closes it when the test ends.
func EngineSuite(t *testing.T, open func(t testing.TB, folder string) Engine) {
	folder := t.TempDir()
	for name, content := range tiny {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e := open(t, folder)
	for _, part := range []struct {
		name string
		test func(*testing.T, Engine)
	}{
		{"stale", stale}, // first: nothing was copied yet
		{"dataset and persons", persons},
		{"cells", cells},
		{"private keys", privateKeys},
		{"who is counted", whoIsCounted},
		{"own cap", ownCap},
		{"bad memberships change nothing", badMemberships},
		{"gives up its turn", givesUpItsTurn},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, e) })
	}
	var crowd strings.Builder
	crowd.WriteString("person_id,gender_concept_id,year_of_birth\n")
	for i := range many {
		crowd.WriteString(strconv.Itoa(i+1) + ",8532,1970\n")
	}
	if err := os.WriteFile(filepath.Join(folder, "person.csv"), []byte(crowd.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, folder)
	t.Run("many classes", func(t *testing.T) { manyClasses(t, c) })
	t.Run("concurrent use", func(t *testing.T) { concurrentUse(t, c) })
	t.Run("closed", func(t *testing.T) { closed(t, c) })
}

// many is the number of patients of the second hospital.
const many = 300

func planned(t testing.TB, e Engine, groups ...dp.Group) dp.Plan {
	t.Helper()
	p, err := dp.NewPlan(dp.Query{Dataset: "hospital", GroupBy: groups, NanoRho: 1_000_000_000},
		dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// counted reads counts the only way there is: a release without noise.
func counted(t testing.TB, e Engine, p dp.Plan, a provider.Active) []int64 {
	t.Helper()
	exact, err := e.Count(t.Context(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	values, err := dp.Release(p, exact, noisetest.None(t))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func sum(values []int64) (s int64) {
	for _, v := range values {
		s += v
	}
	return s
}

func copied(t testing.TB, e Engine, asOf uint64, rows ...provider.Membership) {
	t.Helper()
	if err := e.Refresh(t.Context(), asOf, rows); err != nil {
		t.Fatal(err)
	}
	if e.Stamp() != asOf {
		t.Errorf("stamp %d, want %d", e.Stamp(), asOf)
	}
}

// inClass1 are the patients 1 to n.
func inClass1(n int64) (rows []provider.Membership) {
	for i := range n {
		rows = append(rows, provider.Membership{Patient: i + 1, Class: 1})
	}
	return rows
}

// permitted are classes whose odometers stand at 0.
func permitted(classes ...uint32) (all []provider.Permitted) {
	for _, c := range classes {
		all = append(all, provider.Permitted{Class: c})
	}
	return all
}

func has(domain cohort.Domain, descendants bool, concepts ...int64) dp.Group {
	return dp.Group{Kind: dp.HasEvent, Matches: cohort.Recorded(domain, descendants, concepts...)}
}

var bySex = dp.Group{Kind: dp.Sex}

func stale(t *testing.T, e Engine) {
	p := planned(t, e, bySex)
	refused := func(asOf uint64) {
		t.Helper()
		if _, err := e.Count(t.Context(), p, provider.Active{AsOf: asOf}); !errors.Is(err, provider.ErrStale) {
			t.Errorf("count as of %d: %v, want ErrStale", asOf, err)
		}
	}
	if e.Stamp() != 0 {
		t.Errorf("stamp %d before the first refresh", e.Stamp())
	}
	refused(0) // before any refresh, also as of 0
	copied(t, e, 0, inClass1(4)...)
	if got := counted(t, e, p, provider.Active{Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("as of 0: %v", got)
	}
	copied(t, e, 4)
	refused(3)
	refused(5)
	if got := counted(t, e, p, provider.Active{AsOf: 4, Classes: permitted(1)}); sum(got) != 0 {
		t.Errorf("counted %v of an empty copy", got)
	}
}

func persons(t *testing.T, e Engine) {
	d := e.Dataset()
	if !strings.HasPrefix(d.Version, "sha256:") || len(d.Version) != 7+64 || d.Synthetic || d.ReferenceYear != 2026 {
		t.Errorf("dataset %+v", d)
	}
	var all []provider.Person
	for p, err := range e.Persons(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	want := []provider.Person{
		{Number: 1, SourceValue: "mrn-1", YearOfBirth: 2000, Gender: 8532}, {Number: 2, YearOfBirth: 1980, Gender: 8507},
		{Number: 3, SourceValue: "mrn-3", YearOfBirth: 1980, Gender: 8521}, {Number: 4, SourceValue: "mrn-4", Gender: 8532},
	}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("persons (-want +got):\n%s", diff)
	}
	for _, err := range e.Persons(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		break // whoever has seen enough leaves the engine usable
	}
	copied(t, e, 5)
}

func cells(t *testing.T, e Engine) {
	copied(t, e, 1, inClass1(4)...)
	for _, tt := range []struct {
		name   string
		groups []dp.Group
		want   []int64
	}{
		{"other sexes are in no cell", []dp.Group{bySex}, []int64{2, 1}},
		{"no year of birth is in no cell", []dp.Group{{Kind: dp.AgeBand, Edges: []int{0, 18, 40, 65}}}, []int64{0, 1, 2, 0}},
		{"too young", []dp.Group{{Kind: dp.AgeBand, Edges: []int{30, 46, 47}}}, []int64{0, 2, 0}},
		{"several records count once", []dp.Group{has(cohort.Condition, false, 10)}, []int64{1, 3}},
		{"the concept alone", []dp.Group{has(cohort.Condition, false, 316866)}, []int64{1, 3}},
		{"and what is below it", []dp.Group{has(cohort.Condition, true, 316866)}, []int64{2, 2}},
		{"a table that is not there", []dp.Group{has(cohort.Drug, true, 1503297)}, []int64{0, 4}},
		{"no groups", nil, []int64{4}},
		{"crossed", []dp.Group{bySex, has(cohort.Condition, true, 316866)}, []int64{2, 0, 0, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := planned(t, e, tt.groups...)
			if diff := cmp.Diff(tt.want, counted(t, e, p, provider.Active{AsOf: 1, Classes: permitted(1)})); diff != "" {
				t.Errorf("cells %v (-want +got):\n%s", p.Cells, diff)
			}
		})
	}
}

// Nobody named the conditions; those that patients of either sex have are found, whoever has each.
func privateKeys(t *testing.T, e Engine) {
	copied(t, e, 1, inClass1(4)...)
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	p, err := dp.NewPlan(dp.Query{
		Dataset: "hospital", GroupBy: []dp.Group{bySex, {Kind: dp.Concept, Events: conditions}}, MaxGroups: 3, NanoRho: 1_000_000_000,
		Measures: []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Records, Events: conditions, Max: 5}},
	}, dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	exact, err := e.Count(t.Context(), p, provider.Active{AsOf: 1, Classes: permitted(1)})
	if err != nil {
		t.Fatal(err)
	}
	got, err := dp.Release(p, exact, noisetest.Lifted(t, 1000))
	want := []int64{10, 1, 1001, 1002, 316866, 0, 1001, 1001, 320128, 0, 1001, 1001} // concept, cell, patients, records
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func whoIsCounted(t *testing.T, e Engine) {
	copied(
		t, e, 9,
		provider.Membership{Patient: 1, Class: 5, Limit: provider.NoLimit}, provider.Membership{Patient: 2, Class: 6, Until: 100}, provider.Membership{Patient: 4, Class: 1<<31 - 1},
		provider.Membership{Patient: 77, Class: 5}, // enrolled, but not in the records
	)
	p := planned(t, e, has(cohort.Condition, false, 1)) // "no" is everyone who may be counted
	for _, tt := range []struct {
		name string
		a    provider.Active
		want int64
	}{
		{"no class", provider.Active{}, 0},
		{"a class", provider.Active{Classes: permitted(5)}, 1},
		{"all classes, twice over", provider.Active{Now: 99, Classes: permitted(5, 6, 1<<31-1, 6)}, 3},
		{"until is the first second out", provider.Active{Now: 100, Classes: permitted(6)}, 0},
		{"the second before", provider.Active{Now: 99, Classes: permitted(6)}, 1},
		{"excluded", provider.Active{Classes: permitted(5, 6), Excluded: []int64{1, 1, 88}}, 1},
		{"numbers for padding permit nobody", provider.Active{Classes: permitted(1<<31, 1<<32-1)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.a.AsOf = 9
			if got := counted(t, e, p, tt.a)[1]; got != tt.want {
				t.Errorf("%d patients counted, want %d", got, tt.want)
			}
		})
	}
}

// Her own cap lets her be counted while the odometer of her class is not past
// her limit, in both components; of her class, whatever the others' read.
func ownCap(t *testing.T, e Engine) {
	limit := func(nanoRho, delta int64) accountant.Cost { return accountant.Cost{NanoRho: nanoRho, Delta: delta} }
	copied(
		t, e, 1,
		provider.Membership{Patient: 1, Class: 5, Limit: limit(100, 3)}, provider.Membership{Patient: 2, Class: 5, Limit: provider.NoLimit},
		provider.Membership{Patient: 4, Class: 6, Limit: limit(-7, 3)},
	)
	p := planned(t, e, has(cohort.Condition, false, 1))
	for _, tt := range []struct {
		name string
		five accountant.Cost
		six  accountant.Cost
		want int64
	}{
		{"met exactly", limit(100, 3), limit(0, 0), 2},
		{"one nano-rho past", limit(101, 3), limit(0, 0), 1},
		{"one delta past", limit(100, 4), limit(0, 0), 1},
		{"without a cap, whatever it reads", limit(accountant.MaxUnits, accountant.MaxUnits), limit(0, 0), 1},
		{"another class is past it", limit(99, 0), limit(5000, 5000), 2},
		{"a limit below nothing", limit(100, 3), limit(-7, 3), 3}, // no odometer reads so
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := provider.Active{AsOf: 1, Classes: []provider.Permitted{{Class: 5, Odometer: tt.five}, {Class: 6, Odometer: tt.six}}}
			if got := counted(t, e, p, a)[1]; got != tt.want {
				t.Errorf("%d patients counted, want %d", got, tt.want)
			}
		})
	}
}

func badMemberships(t *testing.T, e Engine) {
	copied(t, e, 1, inClass1(4)...)
	for name, rows := range map[string][]provider.Membership{
		"twice":    {{Patient: 1, Class: 1}, {Patient: 2, Class: 1}, {Patient: 1, Class: 2}},
		"reserved": {{Patient: 1, Class: 1 << 31}},
	} {
		if err := e.Refresh(t.Context(), 2, rows); !errors.Is(err, omop.ErrMemberships) {
			t.Errorf("%s: %v, want ErrMemberships", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Refresh(cancelled, 3, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := counted(t, e, planned(t, e, bySex), provider.Active{AsOf: 1, Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("after refused refreshes: %v", got)
	}
}

func givesUpItsTurn(t *testing.T, e Engine) {
	copied(t, e, 1, inClass1(4)...)
	p := planned(t, e, bySex)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Count(cancelled, p, provider.Active{AsOf: 1, Classes: permitted(1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := e.Count(late, p, provider.Active{AsOf: 1, Classes: permitted(1)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too late: %v", err)
	}
	if got := counted(t, e, p, provider.Active{AsOf: 1, Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("after a cancelled count: %v", got)
	}
}

func manyClasses(t *testing.T, e Engine) {
	rows := inClass1(many)
	var classes []provider.Permitted
	for i := range rows {
		rows[i].Class = uint32(i * 1000)
	}
	for i := range uint32(10_000) { // more than the fixed shape has
		classes = append(classes, permitted(i*1000)...)
	}
	copied(t, e, 1, rows...)
	p := planned(t, e, has(cohort.Condition, false, 1))
	if got := sum(counted(t, e, p, provider.Active{AsOf: 1, Classes: classes})); got != many {
		t.Errorf("%d counted of %d", got, many)
	}
}

func concurrentUse(t *testing.T, e Engine) {
	rows := inClass1(many)
	p := planned(t, e, has(cohort.Condition, false, 1))
	var wg sync.WaitGroup
	for i := range uint64(8) {
		wg.Go(func() {
			if err := e.Refresh(t.Context(), i, rows[:i]); err != nil {
				t.Error(err)
			}
			exact, err := e.Count(t.Context(), p, provider.Active{AsOf: i, Classes: permitted(1)})
			if errors.Is(err, provider.ErrStale) {
				return // another one refreshed in between
			}
			var values []int64
			if err == nil {
				values, err = dp.Release(p, exact, noisetest.None(t))
			}
			if got := sum(values); err != nil || got != int64(i) {
				t.Errorf("as of %d: %d counted, %v", i, got, err)
			}
		})
	}
	wg.Wait()
}

func closed(t *testing.T, e Engine) {
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Refresh(t.Context(), 1, nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("refreshed after Close: %v", err)
	}
	for _, err := range e.Persons(t.Context()) {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("persons after Close: %v", err)
		}
	}
}
