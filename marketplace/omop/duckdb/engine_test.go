package duckdb_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/omop/duckdb"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// everyone puts all patients into class 1.
func everyone(t testing.TB, e *duckdb.Engine) []provider.Membership {
	t.Helper()
	numbers, err := e.PatientNumbers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rows []provider.Membership
	for _, n := range numbers {
		rows = append(rows, provider.Membership{Patient: n, Class: 1})
	}
	return rows
}

func refresh(t testing.TB, e *duckdb.Engine, asOf uint64, rows []provider.Membership) {
	t.Helper()
	if err := e.Refresh(t.Context(), asOf, rows); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, e *duckdb.Engine, p dp.Plan, a provider.Active) []int64 {
	t.Helper()
	counts, err := e.Count(t.Context(), p, a)
	if err != nil {
		t.Fatal(err)
	}
	return exact(t, t, p, counts)
}

func sum(values []int64) (s int64) {
	for _, v := range values {
		s += v
	}
	return s
}

// tiny writes four patients: a woman of 26, a man of 46, one of another sex, and
// a woman without a year of birth.
func tiny(t *testing.T) string {
	t.Helper()
	return folder(t, map[string]string{
		"person.csv":               "person_id,gender_concept_id,year_of_birth\n1,8532,2000\n2,8507,1980\n3,8521,1980\n4,8532,\n",
		"condition_occurrence.csv": "person_id,condition_concept_id\n1,320128\n2,10\n2,10\n4,316866\n",
		"concept_ancestor.csv":     "ancestor_concept_id,descendant_concept_id\n316866,316866\n316866,320128\n",
		"cdm_source.csv":           "cdm_source_name,source_release_date\nA real hospital,2026-03-01\n",
	})
}

func TestCells(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	refresh(t, e, 1, everyone(t, e))
	all := provider.Active{AsOf: 1, Classes: permitted(1)}
	for _, tt := range []struct {
		name   string
		groups []dp.Group
		want   []int64
	}{
		{"other sexes are in no cell", []dp.Group{bySex}, []int64{2, 1}},
		{"no year of birth is in no cell", []dp.Group{byAge}, []int64{0, 1, 2, 0}},
		{"too young", []dp.Group{{Kind: dp.AgeBand, Edges: []int{30, 46, 47}}}, []int64{0, 2, 0}},
		{"several records count once", []dp.Group{has(cohort.Condition, false, 10)}, []int64{1, 3}},
		{"the concept alone", []dp.Group{has(cohort.Condition, false, 316866)}, []int64{1, 3}},
		{"and what is below it", []dp.Group{has(cohort.Condition, true, 316866)}, []int64{2, 2}},
		{"a table that is not there", []dp.Group{has(cohort.Drug, true, 1503297)}, []int64{0, 4}},
		{"no groups", nil, []int64{4}},
		{"crossed", []dp.Group{bySex, has(cohort.Condition, true, 316866)}, []int64{2, 0, 0, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan(t, e, tt.groups...)
			if diff := cmp.Diff(tt.want, count(t, e, p, all)); diff != "" {
				t.Errorf("cells %v (-want +got):\n%s", p.Cells, diff)
			}
		})
	}
}

func TestWhoIsCounted(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	refresh(t, e, 9, []provider.Membership{
		{Patient: 1, Class: 5}, {Patient: 2, Class: 6, Until: 100}, {Patient: 4, Class: 1<<31 - 1},
		{Patient: 77, Class: 5}, // enrolled, but not in the records
	})
	p := plan(t, e, has(cohort.Condition, false, 1)) // "no" is everyone who may be counted
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
			if got := count(t, e, p, tt.a)[1]; got != tt.want {
				t.Errorf("%d patients counted, want %d", got, tt.want)
			}
		})
	}
}

// Her own cap lets her be counted while the odometer of her class is not past
// her limit, in both components; of her class, whatever the others' read.
func TestOwnCap(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	limit := func(nanoRho, delta int64) accountant.Cost { return accountant.Cost{NanoRho: nanoRho, Delta: delta} }
	refresh(t, e, 1, []provider.Membership{
		{Patient: 1, Class: 5, Limit: limit(100, 3)}, {Patient: 2, Class: 5, Limit: provider.NoLimit}, {Patient: 4, Class: 6, Limit: limit(-7, 3)},
	})
	p := plan(t, e, has(cohort.Condition, false, 1))
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
			if got := count(t, e, p, a)[1]; got != tt.want {
				t.Errorf("%d patients counted, want %d", got, tt.want)
			}
		})
	}
}

func TestManyClasses(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	rows := everyone(t, e)
	var classes []provider.Permitted
	for i := range rows {
		rows[i].Class = uint32(i * 1000)
	}
	for i := range uint32(10_000) { // more than the fixed shape has
		classes = append(classes, permitted(i*1000)...)
	}
	refresh(t, e, 1, rows)
	p := plan(t, e, has(cohort.Condition, false, 1))
	if got := sum(count(t, e, p, provider.Active{AsOf: 1, Classes: classes})); got != int64(len(rows)) {
		t.Errorf("%d counted of %d", got, len(rows))
	}
}

func TestStale(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	p := plan(t, e, bySex)
	stale := func(asOf uint64) {
		t.Helper()
		if _, err := e.Count(t.Context(), p, provider.Active{AsOf: asOf}); !errors.Is(err, provider.ErrStale) {
			t.Errorf("count as of %d: %v, want ErrStale", asOf, err)
		}
	}
	stale(0) // before any refresh, also as of 0
	refresh(t, e, 0, everyone(t, e))
	if got := count(t, e, p, provider.Active{Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("as of 0: %v", got)
	}
	refresh(t, e, 4, nil)
	if e.Stamp() != 4 {
		t.Errorf("stamp %d, want 4", e.Stamp())
	}
	stale(3)
	stale(5)
	if got := count(t, e, p, provider.Active{AsOf: 4, Classes: permitted(1)}); sum(got) != 0 {
		t.Errorf("counted %v of an empty copy", got)
	}
}

func TestBadMembershipsChangeNothing(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	refresh(t, e, 1, everyone(t, e))
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
	if got := count(t, e, plan(t, e, bySex), provider.Active{AsOf: 1, Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("after refused refreshes: %v", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	_, file := load(t, hospital)
	e := open(t, file)
	rows := everyone(t, e)
	p := plan(t, e, has(cohort.Condition, false, 1))
	var wg sync.WaitGroup
	for i := range uint64(8) {
		wg.Go(func() {
			if err := e.Refresh(t.Context(), i, rows[:i]); err != nil {
				t.Error(err)
			}
			counts, err := e.Count(t.Context(), p, provider.Active{AsOf: i, Classes: permitted(1)})
			switch {
			case errors.Is(err, provider.ErrStale): // another one refreshed in between
			case err != nil:
				t.Error(err)
			default:
				if got := sum(exact(t, t, p, counts)); got != int64(i) {
					t.Errorf("as of %d: %d counted", i, got)
				}
			}
		})
	}
	wg.Wait()
}

func TestCountGivesUpItsTurn(t *testing.T) {
	_, file := load(t, tiny(t))
	e := open(t, file)
	refresh(t, e, 1, everyone(t, e))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := plan(t, e, bySex)
	if _, err := e.Count(ctx, p, provider.Active{AsOf: 1, Classes: permitted(1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := count(t, e, p, provider.Active{AsOf: 1, Classes: permitted(1)}); sum(got) != 3 {
		t.Errorf("after a cancelled count: %v", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	other := filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("patient 4711 is not a database"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := duckdb.Open(t.Context(), duckdb.Config{File: other, Log: log})
	if !errors.Is(err, duckdb.ErrNotImported) || strings.Contains(err.Error(), "4711") {
		t.Errorf("another file: %v", err)
	}
	_, err = duckdb.Open(t.Context(), duckdb.Config{File: other + "x", Log: log})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := duckdb.Open(t.Context(), duckdb.Config{File: other}); err == nil {
		t.Error("opened without Log")
	}
}

func TestClosed(t *testing.T) {
	_, file := load(t, tiny(t))
	var log bytes.Buffer
	e, err := duckdb.Open(t.Context(), duckdb.Config{File: file, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.PatientNumbers(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the file: %v, %v", left, err)
	}
	if !strings.Contains(log.String(), "records opened") {
		t.Errorf("log: %q", log.String())
	}
}
