package circe_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/dp/cohort/cohorttest"
)

// What is imported holds for the patients whom circe would take, for every definition of the corpus. With MEDMARKET_LONG
// many more patients are tried.
func TestCorpusMeansWhatCirceMeans(t *testing.T) {
	definitions := corpus(t)
	patients := 40
	if os.Getenv("MEDMARKET_LONG") != "" {
		patients = 500
	}
	imported, told := 0, 0
	for i, d := range definitions {
		if d.err != nil {
			continue
		}
		imported++
		var definition map[string]any
		if err := json.Unmarshal(d.text, &definition); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(uint64(i), 0))
		town := newTown(definition)
		in := 0
		for range patients {
			patient := town.patient(random)
			want := oracle{definition, town.below, patient}.inCohort()
			if got := cohorttest.Holds(patient, town.below, d.criterion); got != want {
				text, _ := json.Marshal(patient)
				t.Fatalf("%s: circe takes her: %v; imported: %v\n%s\n%s", d.name, want, got, d.criterion.Words(cohort.ByID), text)
			}
			if want {
				in++
			}
		}
		if in > 0 && in < patients {
			told++
		}
	}
	t.Logf("%d of %d definitions take some of %d patients and not others", told, imported, patients)
	if told < imported*9/10 {
		t.Error("the patients tell too little")
	}
}

// shared is the first of the concepts below two that are named.
const shared = 9_000_000_000

// town is where patients live who have what a definition asks about.
type town struct {
	kinds                        []kind
	below                        cohorttest.Vocabulary
	numbers                      []float64
	valueConcepts, units, visits []int64
}

// kind is a domain with concepts that the definition names in it.
type kind struct {
	domain   cohort.Domain
	concepts []int64
}

func newTown(definition map[string]any) *town {
	w := &town{below: cohorttest.Vocabulary{}, numbers: []float64{0}}
	sets := map[int][]int64{}
	var all []int64
	for _, s := range list(definition["ConceptSets"]) {
		for _, i := range list(object(object(s)["expression"])["items"]) {
			id := int64(whole(object(object(i)["concept"])["CONCEPT_ID"]))
			sets[whole(object(s)["id"])] = append(sets[whole(object(s)["id"])], id)
			all = append(all, id)
		}
	}
	// Below each concept is one of its own, and one that it shares with the next that is named.
	slices.Sort(all)
	for i, id := range slices.Compact(all) {
		w.below[id] = []int64{id, -id, shared + int64(i), shared + int64(i+1)}
	}
	w.collect(definition, sets)
	return w
}

// collect looks for criteria anywhere in the definition, in the order of their names.
func (w *town) collect(v any, sets map[int][]int64) {
	for _, o := range list(v) {
		w.collect(o, sets)
	}
	o := object(v)
	for _, name := range slices.Sorted(maps.Keys(o)) {
		a := object(o[name])
		if domain, ok := domainNames[name]; ok {
			k := kind{domain: domain, concepts: []int64{1}}
			if a["CodesetId"] != nil {
				k.concepts = sets[whole(a["CodesetId"])]
			}
			w.kinds = append(w.kinds, k)
		}
		for _, c := range list(o[name]) {
			id := int64(whole(object(c)["CONCEPT_ID"]))
			switch name {
			case "ValueAsConcept":
				w.valueConcepts = append(w.valueConcepts, id)
			case "Unit":
				w.units = append(w.units, id)
			case "VisitType":
				w.visits = append(w.visits, id)
			}
		}
		for _, end := range []string{"Value", "Extent"} {
			if x, ok := a[end].(float64); ok {
				w.numbers = append(w.numbers, x)
			}
		}
		w.collect(o[name], sets)
	}
}

func (w *town) patient(r *rand.Rand) cohorttest.History {
	h := cohorttest.History{Sex: 8507 + 25*r.Int64N(2), YearOfBirth: 1930 + r.Int64N(88)}
	scale := []int{40, 200, 1000}[r.IntN(3)]
	days := r.Perm(scale) // of 2019 and 2020 most: no two records start on one
	first := 18_200 - scale/2
	for i := range 1 + r.IntN(12) {
		h.Records = append(h.Records, w.record(r, int64(i+1), first+days[i], scale))
	}
	// Two observation periods that do not meet.
	cut := r.IntN(scale)
	for i, p := range [][2]int{{-r.IntN(900), cut}, {cut + 1 + r.IntN(5), scale + r.IntN(900)}} {
		if r.IntN(8) > 0 {
			h.Records = append(h.Records, cohorttest.Record{
				Domain: cohort.ObservationPeriod, ID: int64(i + 1), Start: new(first + p[0]), End: new(first + p[1]), Concept: new(int64(0)),
			})
		}
	}
	return h
}

func (w *town) record(r *rand.Rand, id int64, start, scale int) cohorttest.Record {
	one := func(ids []int64) *int64 {
		if len(ids) == 0 || r.IntN(5) == 0 {
			return new(r.Int64N(9))
		}
		return new(ids[r.IntN(len(ids))])
	}
	number := func() *float64 {
		if r.IntN(6) == 0 {
			return nil
		}
		return new(w.numbers[r.IntN(len(w.numbers))] + []float64{-1, 0, 0.5, 1}[r.IntN(4)])
	}
	k := w.kinds[r.IntN(len(w.kinds))]
	if r.IntN(6) == 0 || k.domain == cohort.ObservationPeriod {
		k = kind{cohort.Visit, w.visits}
	}
	rec := cohorttest.Record{
		Domain: k.domain, ID: id, Concept: one(k.concepts), Start: &start, Visit: new(r.Int64N(5)),
		Value: number(), RangeLow: number(), RangeHigh: number(), ValueConcept: one(w.valueConcepts), Unit: one(w.units),
		Occurrences: new(r.Int64N(4)), DaysSupply: new(r.Int64N(40)),
	}
	if below := w.below[*rec.Concept]; len(below) > 0 && r.IntN(2) == 0 {
		rec.Concept = &below[r.IntN(len(below))]
	}
	if r.IntN(3) > 0 {
		rec.End = new(start + r.IntN(scale/4))
	}
	return rec
}
