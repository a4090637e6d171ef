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
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/recordindex"
)

// Engine is what the suite asks of an engine over a hospital's records.
type Engine interface {
	provider.Engine
	Dataset() omop.Dataset
	Persons(ctx context.Context) iter.Seq2[provider.Person, error]
	recordindex.Source
	Close() error
}

// tiny has four patients: a woman of 26, a man of 46, one of another sex, and
// a woman without a year of birth.
var tiny = map[string]string{
	"person.csv":               "person_id,gender_concept_id,year_of_birth,person_source_value\n1,8532,2000,mrn-1\n2,8507,1980,\n3,8521,1980,mrn-3\n4,8532,,mrn-4\n",
	"condition_occurrence.csv": "person_id,condition_concept_id\n1,320128\n2,10\n2,10\n4,316866\n",
	"concept_ancestor.csv":     "ancestor_concept_id,descendant_concept_id\n316866,316866\n316866,320128\n",
	"concept.csv": "concept_id,concept_name,domain_id,vocabulary_id,concept_class_id,standard_concept,concept_code\n3004410,Hemoglobin A1c,Measurement,LOINC,Lab Test,S,4548-4\n" +
		"8554,percent,Unit,UCUM,Unit,S,%\n4181412,Present,Meas Value,SNOMED,Qualifier Value,S,52101004\n10,Of no record here,Condition,SNOMED,Disorder,S,1\n",
	"measurement.csv": "measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,range_low,range_high,unit_concept_id,value_as_concept_id\n" +
		"8,1,3004410,2024-03-02,6.5,4,,8554,\n7,1,3004410,2024-03-02,7.25,,,8554,\n9,1,3004410,2024-04-01,,,,,4181412\n5,2,3004410,2024-03-02,1,,,,\n6,1,3004410,,1,,,,\n",
	"drug_exposure.csv": "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,quantity,days_supply\n3,1,1503297,2024-03-02,2024-04-01,30,30\n",
	"cdm_source.csv":    "cdm_source_name,source_release_date\nA real hospital,2026-03-01\n",
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
		{"stale", stale}, // first: it follows nobody yet
		{"dataset and persons", persons},
		{"events", events},
		{"cells", cells},
		{"private keys", privateKeys},
		{"all together", allTogether},
		{"who is counted", whoIsCounted},
		{"patients in no order change nothing", unordered},
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
	t.Run("many words", func(t *testing.T) { manyWords(t, c) })
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

func follow(t testing.TB, e Engine, patients ...int64) {
	t.Helper()
	if err := e.Follow(t.Context(), patients); err != nil {
		t.Fatal(err)
	}
	if !e.Follows() {
		t.Error("it follows nobody")
	}
}

// upTo are the patients 1 to n.
func upTo(n int64) (patients []int64) {
	for i := range n {
		patients = append(patients, i+1)
	}
	return patients
}

// Everyone is the active set of the first n patients that are followed.
func Everyone(n int) provider.Active {
	a := provider.NewActive(n)
	for i := range n {
		a.Add(i)
	}
	return a
}

// without is everyone of so many patients but those, by ordinal.
func without(n int, ordinals ...int) provider.Active {
	a := Everyone(n)
	for _, i := range ordinals {
		a.Remove(i)
	}
	return a
}

func has(domain cohort.Domain, descendants bool, concepts ...int64) dp.Group {
	return dp.Group{Kind: dp.HasEvent, Matches: cohort.Recorded(domain, descendants, concepts...)}
}

var bySex = dp.Group{Kind: dp.Sex}

func stale(t *testing.T, e Engine) {
	p := planned(t, e, bySex)
	if _, err := e.Count(t.Context(), p, Everyone(4)); !errors.Is(err, provider.ErrStale) || e.Follows() {
		t.Errorf("follows %v, %v, want ErrStale", e.Follows(), err)
	}
	follow(t, e, upTo(4)...)
	if got := counted(t, e, p, Everyone(4)); sum(got) != 3 {
		t.Errorf("counted %v", got)
	}
	follow(t, e)
	if got := counted(t, e, p, Everyone(4)); sum(got) != 0 {
		t.Errorf("counted %v of nobody", got)
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
	follow(t, e)
}

func cells(t *testing.T, e Engine) {
	follow(t, e, upTo(4)...)
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
		{"a table that is not there", []dp.Group{has(cohort.Procedure, true, 1503297)}, []int64{0, 4}},
		{"no groups", nil, []int64{4}},
		{"crossed", []dp.Group{bySex, has(cohort.Condition, true, 316866)}, []int64{2, 0, 0, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := planned(t, e, tt.groups...)
			if diff := cmp.Diff(tt.want, counted(t, e, p, Everyone(4))); diff != "" {
				t.Errorf("cells %v (-want +got):\n%s", p.Cells, diff)
			}
		})
	}
}

// Nobody named the conditions; those that patients of either sex have are found, whoever has each.
func privateKeys(t *testing.T, e Engine) {
	follow(t, e, upTo(4)...)
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	p, err := dp.NewPlan(dp.Query{
		Dataset: "hospital", GroupBy: []dp.Group{bySex, {Kind: dp.Concept, Events: conditions}}, MaxGroups: 3, NanoRho: 1_000_000_000,
		Measures: []dp.Measure{{Kind: dp.Patients}, {Kind: dp.Records, Events: conditions, Max: 5}},
	}, dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026})
	if err != nil {
		t.Fatal(err)
	}
	exact, err := e.Count(t.Context(), p, Everyone(4))
	if err != nil {
		t.Fatal(err)
	}
	got, err := dp.Release(p, exact, noisetest.Lifted(t, 1000))
	want := []int64{10, 1, 1001, 1002, 316866, 0, 1001, 1001, 320128, 0, 1001, 1001} // concept, cell, patients, records
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// Of whoever is in any cell one number is counted where the dataset asks for it, each patient once.
func allTogether(t *testing.T, e Engine) {
	follow(t, e, upTo(4)...)
	conditions := &cohort.Events{Records: &cohort.Records{Domain: cohort.Condition}}
	m := dp.Metadata{Dataset: "hospital", Version: e.Dataset().Version, ReferenceYear: 2026, Disclosure: dp.Disclosure{MinCohort: 1}}
	named := dp.Group{Kind: dp.Concept, Events: conditions, Concepts: []int64{316866, 320128}, Descendants: true}
	for _, tt := range []struct {
		name   string
		groups []dp.Group
		most   int
		active provider.Active
		want   []int64
	}{
		{"another sex is in no cell", []dp.Group{bySex}, 0, Everyone(4), []int64{2, 1, 3}},
		{"one in two cells", []dp.Group{named}, 2, Everyone(4), []int64{2, 1, 2}},
		{"without her", []dp.Group{named}, 2, without(4, 0), []int64{1, 0, 1}},
		{"whoever may be counted", []dp.Group{has(cohort.Condition, false, 10)}, 0, without(4, 3), []int64{1, 2, 3}},
		{"private keys", []dp.Group{{Kind: dp.Concept, Events: conditions}}, 3, without(4, 3), []int64{10, 0, 1001, 320128, 0, 1001, 1002}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, err := dp.NewPlan(dp.Query{Dataset: "hospital", GroupBy: tt.groups, MaxGroups: tt.most, NanoRho: 1_000_000_000}, m)
			if err != nil {
				t.Fatal(err)
			}
			exact, err := e.Count(t.Context(), p, tt.active)
			if err != nil {
				t.Fatal(err)
			}
			source := noisetest.None(t)
			if p.Query.PrivateKeys() {
				source = noisetest.Lifted(t, 1000)
			}
			got, err := dp.Release(p, exact, source)
			if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

func whoIsCounted(t *testing.T, e Engine) {
	follow(t, e, -3, 1, 2, 4, 77)                       // two are not in the records, and one of those who are is not followed
	p := planned(t, e, has(cohort.Condition, false, 1)) // "no" is everyone who may be counted
	for _, tt := range []struct {
		name string
		a    provider.Active
		want int64
	}{
		{"nobody", nil, 0},
		{"nobody, in words", provider.NewActive(5), 0},
		{"everyone", Everyone(5), 3},
		{"one", without(5, 0, 1, 3, 4), 1},
		{"those who are not there", without(5, 1, 2, 3), 0},
		{"and who are nobody's", Everyone(300), 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := counted(t, e, p, tt.a)[1]; got != tt.want {
				t.Errorf("%d patients counted, want %d", got, tt.want)
			}
		})
	}
}

func unordered(t *testing.T, e Engine) {
	follow(t, e, upTo(4)...)
	for name, patients := range map[string][]int64{"twice": {1, 2, 2}, "falling": {1, 3, 2}} {
		if err := e.Follow(t.Context(), patients); !errors.Is(err, provider.ErrPersons) {
			t.Errorf("%s: %v, want ErrPersons", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := e.Follow(cancelled, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got := counted(t, e, planned(t, e, bySex), Everyone(4)); sum(got) != 3 {
		t.Errorf("after refusals: %v", got)
	}
}

func givesUpItsTurn(t *testing.T, e Engine) {
	follow(t, e, upTo(4)...)
	p := planned(t, e, bySex)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Count(cancelled, p, Everyone(4)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if _, err := e.Count(late, p, Everyone(4)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("too late: %v", err)
	}
	if got := counted(t, e, p, Everyone(4)); sum(got) != 3 {
		t.Errorf("after a cancelled count: %v", got)
	}
}

// manyWords counts patients one by one, on both sides of where words end, and all of every other word.
func manyWords(t *testing.T, e Engine) {
	follow(t, e, upTo(many)...)
	p := planned(t, e, has(cohort.Condition, false, 1))
	for _, i := range []int{0, 1, 62, 63, 64, 127, 128, many - 1} {
		a := provider.NewActive(many)
		a.Add(i)
		if got := sum(counted(t, e, p, a)); got != 1 {
			t.Errorf("patient %d alone: %d counted", i+1, got)
		}
	}
	if got := sum(counted(t, e, p, provider.Active{^uint64(0), 0, ^uint64(0)})); got != 128 {
		t.Errorf("%d counted of two words", got)
	}
}

func concurrentUse(t *testing.T, e Engine) {
	patients := upTo(many)
	p := planned(t, e, has(cohort.Condition, false, 1))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := e.Follow(t.Context(), patients); err != nil {
				t.Error(err)
			}
			exact, err := e.Count(t.Context(), p, Everyone(i))
			var values []int64
			if err == nil {
				values, err = dp.Release(p, exact, noisetest.None(t))
			}
			if got := sum(values); err != nil || got != int64(i) {
				t.Errorf("%d counted of %d, %v", got, i, err)
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
	if err := e.Follow(t.Context(), nil); !errors.Is(err, os.ErrClosed) {
		t.Errorf("followed after Close: %v", err)
	}
	for _, err := range e.Persons(t.Context()) {
		if !errors.Is(err, os.ErrClosed) {
			t.Errorf("persons after Close: %v", err)
		}
	}
}
