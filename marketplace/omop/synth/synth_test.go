package synth

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

func generateInto(t *testing.T, c Config) (Summary, map[string][]byte) {
	t.Helper()
	c.Dir = t.TempDir()
	s, err := Generate(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string][]byte)
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(c.Dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return s, files
}

func TestSameBytes(t *testing.T) {
	_, once := generateInto(t, Config{Patients: 3000, Seed: 3})
	_, again := generateInto(t, Config{Patients: 3000, Seed: 3})
	_, other := generateInto(t, Config{Patients: 3000, Seed: 4})
	if len(once) != len(cdmTables) {
		t.Errorf("%d files, want %d", len(once), len(cdmTables))
	}
	for name, content := range once {
		if !bytes.Equal(content, again[name]) {
			t.Errorf("%s differs between two runs", name)
		}
	}
	for _, name := range []string{"person.parquet", "measurement.parquet"} {
		if bytes.Equal(once[name], other[name]) {
			t.Errorf("%s does not depend on the seed", name)
		}
	}
}

// A patient is the same, whoever else there is.
func TestPatientsAreIndependent(t *testing.T) {
	for _, n := range []int64{1, 2, 100, 1 << 40} {
		p := newPatient(9, n)
		newPatient(9, n+1)
		if diff := cmp.Diff(p, newPatient(9, n), cmp.AllowUnexported(patient{}, visit{}, record{})); diff != "" {
			t.Errorf("patient %d:\n%s", n, diff)
		}
		if cmp.Equal(p.born, newPatient(10, n).born) && cmp.Equal(p.from, newPatient(10, n).from) {
			t.Errorf("patient %d is the same under another seed", n)
		}
	}
	var small, large Summary
	for i := range int64(50) {
		p := newPatient(9, i)
		large.add(&p)
		if i < 49 {
			small.add(&p)
		}
	}
	last := newPatient(9, 49)
	small.add(&last)
	if small != large {
		t.Errorf("%+v and the last patient are not %+v", small, large)
	}
}

// population is large enough for shares to be within 0.02 of their means with
// a chance of error below 1e-5; the seed is fixed, so the test cannot flicker.
const population = 20_000

// Values are correlated as in real hospitals.
func TestPlausible(t *testing.T) {
	var diabetic, treated, treatedHealthy, records []float64
	var a1cDiabetic, a1cHealthy []float64
	var young, old []float64
	perSex := map[int64]int{}
	for i := range int64(population) {
		p := newPatient(1, i)
		perSex[p.sex]++
		has := func(rs []record, concepts ...int64) float64 {
			if slices.ContainsFunc(rs, func(r record) bool { return slices.Contains(concepts, r.concept) }) {
				return 1
			}
			return 0
		}
		onMetformin := has(p.drugs, metformin, 40163924)
		a1c := &a1cHealthy
		if has(p.conditions, t2dm) == 1 {
			diabetic, treated, a1c = append(diabetic, 1), append(treated, onMetformin), &a1cDiabetic
		} else {
			treatedHealthy = append(treatedHealthy, onMetformin)
		}
		for _, m := range p.measurements {
			if m.concept == hba1c {
				*a1c = append(*a1c, m.value)
			}
		}
		switch age := lastYear - p.born.time().Year(); {
		case age >= 20 && age < 40:
			young = append(young, has(p.conditions, hypertension))
		case age >= 65:
			old = append(old, has(p.conditions, hypertension))
		}
		records = append(records, float64(len(p.visits)+len(p.conditions)+len(p.drugs)+len(p.measurements)))
	}
	within := func(what string, got, low, high float64) {
		t.Helper()
		if !(got >= low && got <= high) {
			t.Errorf("%s: %.3f, want %.3f to %.3f", what, got, low, high)
		}
	}
	within("share with type 2 diabetes", float64(len(diabetic))/population, 0.05, 0.25)
	within("of them on metformin", mean(treated), 0.5, 0.9)
	within("of the others on metformin", mean(treatedHealthy), 0, 0.01)
	within("HbA1c of the diabetic less that of the others, percent", mean(a1cDiabetic)-mean(a1cHealthy), 1, 3)
	within("hypertension from 65 on, times that of 20 to 39", mean(old)/mean(young), 2, 20)
	within("women", float64(perSex[8532])/population, 0.49, 0.54)
	within("sex not recorded", float64(perSex[0])/population, 0.0005, 0.005)
	slices.Sort(records)
	within("records of the median patient", records[population/2], 10, 60)
	within("share of all records with the top 1 %", sum(records[population*99/100:])/sum(records), 0.08, 0.3)
	within("the most records, times the median", records[population-1]/records[population/2], 40, math.Inf(1))
}

func sum(xs []float64) (s float64) {
	for _, x := range xs {
		s += x
	}
	return s
}

func mean(xs []float64) float64 { return sum(xs) / float64(len(xs)) }

// Records lie within the observation period and ids do not collide.
func TestConsistent(t *testing.T) {
	for i := range int64(3000) {
		p := newPatient(2, i)
		if p.born > p.from || p.from > p.to || p.to > lastDay {
			t.Fatalf("patient %d: born %d, from %d to %d", i, p.born, p.from, p.to)
		}
		for _, v := range p.visits {
			if v.day < p.from || v.end < v.day || v.end > p.to {
				t.Fatalf("patient %d: visit %+v outside %d to %d", i, v, p.from, p.to)
			}
		}
		for _, rs := range [][]record{p.conditions, p.drugs, p.measurements, p.procedures, p.devices, p.observations} {
			if len(rs) >= mostRecords {
				t.Fatalf("patient %d: %d records", i, len(rs))
			}
			for _, r := range rs {
				if r.visit >= len(p.visits) {
					t.Fatalf("patient %d: %+v of %d visits", i, r, len(p.visits))
				}
				if !slices.ContainsFunc(vocabulary, func(c concept) bool { return c.id == r.concept }) {
					t.Fatalf("concept %d is not in the vocabulary", r.concept)
				}
			}
		}
	}
}

func TestVocabulary(t *testing.T) {
	seen := make(map[int64]bool)
	for _, c := range vocabulary {
		if seen[c.id] {
			t.Errorf("concept %d twice", c.id)
		}
		for _, p := range c.parents {
			if !seen[p] {
				t.Errorf("%d comes before its parent %d", c.id, p)
			}
		}
		seen[c.id] = true
	}
	pairs := make(map[[2]int64]ancestor)
	for _, a := range ancestors() {
		key := [2]int64{a.above, a.below}
		if _, twice := pairs[key]; twice {
			t.Errorf("%v twice", key)
		}
		pairs[key] = a
	}
	for _, want := range []ancestor{
		{t2dm, t2dm, 0, 0},
		{201820, t2dm, 1, 1},
		{441840, hypertension, 3, 3},
		{21600712, 40163924, 2, 2},
	} {
		if got := pairs[[2]int64{want.above, want.below}]; got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if _, down := pairs[[2]int64{t2dm, 201820}]; down {
		t.Error("a child is above its parent")
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, c := range map[string]Config{
		"nobody":   {Dir: t.TempDir()},
		"too many": {Dir: t.TempDir(), Patients: MaxPatients + 1},
		"nowhere":  {Patients: 1},
	} {
		if _, err := Generate(t.Context(), c); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCancelledLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := Generate(ctx, Config{Patients: 100_000, Dir: dir, Progress: func(int, int) { cancel() }})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestProgress(t *testing.T) {
	var calls [][2]int
	s, _ := generateInto(t, Config{Patients: 1500, Progress: func(done, total int) { calls = append(calls, [2]int{done, total}) }})
	if want := [][2]int{{1000, 1500}, {1500, 1500}}; !cmp.Equal(calls, want) {
		t.Errorf("calls %v, want %v", calls, want)
	}
	if s.Patients != 1500 || s.ReferenceYear != 2026 || s.Visits < 1500 || s.Measurements < s.Visits {
		t.Errorf("summary %+v", s)
	}
}

// An era spans records at most 30 days apart, and counts the days between them.
func TestEras(t *testing.T) {
	got := eras([]span{{7, 100, 110}, {9, 100, 100}, {7, 141, 150}, {7, 10, 20}, {7, 142, 143}, {7, 181, 181}, {7, 51, 51}})
	want := []era{
		{7, 10, 20, 1, 0}, {7, 51, 51, 1, 0}, // 31 days apart
		{7, 100, 110, 1, 0}, {7, 141, 150, 2, 0}, {7, 181, 181, 1, 0},
		{9, 100, 100, 1, 0},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(era{})); diff != "" {
		t.Errorf("31 days apart:\n%s", diff)
	}
	got = eras([]span{{7, 40, 45}, {7, 0, 10}, {7, 46, 46}})
	if want := []era{{7, 0, 46, 3, 29}}; !cmp.Equal(want, got, cmp.AllowUnexported(era{})) {
		t.Errorf("30 days apart: got %+v, want %+v", got, want)
	}
}

// Death is the end of what is observed, and the more frequent the older.
func TestDeaths(t *testing.T) {
	var dead, oldDead, caused int
	for i := range int64(population) {
		p := newPatient(1, i)
		if !p.dead {
			continue
		}
		if p.to == lastDay {
			t.Fatalf("patient %d died after the end of the records", i)
		}
		if dead++; p.age() > 60 {
			oldDead++
		}
		if p.cause != 0 {
			caused++
		}
	}
	if dead < population/100 || dead > population/5 || oldDead < dead/2 || caused < dead/4 {
		t.Errorf("%d dead, %d of them old, %d with a cause", dead, oldDead, caused)
	}
}
