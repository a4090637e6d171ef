package provider_test

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// counts is what an active set is, for one patient.
func counts(m provider.Membership, classes []provider.Permitted, now int64) bool {
	in := false
	for _, k := range classes {
		if k.Class != m.Class {
			continue
		}
		if k.Odometer.NanoRho > m.Limit.NanoRho || k.Odometer.Delta > m.Limit.Delta {
			return false
		}
		in = true
	}
	return in && (m.Until == 0 || m.Until > now)
}

// someMembership is one that is as likely in a set as not.
func someMembership(r *rand.Rand, patients []int64) provider.Membership {
	m := provider.Membership{
		Patient: patients[r.IntN(len(patients))], Class: []uint32{0, 1, 2, 3, 1<<32 - 1}[r.IntN(5)],
		Until: []int64{0, 99, 100, 101}[r.IntN(4)], Limit: provider.NoLimit,
	}
	if r.IntN(2) == 0 {
		m.Limit = accountant.Cost{NanoRho: r.Int64N(6) - 2, Delta: r.Int64N(4) - 1}
	}
	return m
}

// someCharge permits some classes, one of them perhaps twice.
func someCharge(r *rand.Rand) (all []provider.Permitted) {
	for range r.IntN(7) {
		all = append(all, provider.Permitted{
			Class: []uint32{1, 2, 4, 1<<32 - 1}[r.IntN(4)], Odometer: accountant.Cost{NanoRho: r.Int64N(4), Delta: r.Int64N(3)},
		})
	}
	return all
}

// G2: an active set is whom each patient's class, end and limit put into it, however often these have changed.
func TestG2ActiveSetsAreThePatientsOwn(t *testing.T) {
	in, out := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
		patients := []int64{}
		for p := int64(-100); p < 100; p++ {
			if r.IntN(2) == 0 {
				patients = append(patients, p)
			}
		}
		columns, err := provider.NewColumns(patients)
		if err != nil {
			t.Fatal(err)
		}
		model := map[int64]provider.Membership{}
		for range r.IntN(3*len(patients) + 1) {
			m := someMembership(r, append([]int64{1000}, patients...)) // one who is not in the records
			columns.Set(m)
			model[m.Patient] = m
		}
		classes, now := someCharge(r), 98+r.Int64N(5)
		active := columns.Active(classes, now)
		later, err := provider.NewColumns(patients)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range patients {
			m := someMembership(r, patients)
			m.Patient = p
			later.Set(m)
		}
		amended := later.Active(classes, now)
		amend := later.Amend(amended, classes, now)
		for _, p := range append([]int64{1000}, patients...) {
			m := model[p]
			m.Patient = p
			amend(m)
		}
		if !slices.Equal(amended, active) {
			t.Fatalf("amended from what holds later: %x, not %x", amended, active)
		}
		if len(active) != (len(patients)+63)/64 {
			t.Fatalf("%d words for %d patients", len(active), len(patients))
		}
		for i := range 64 * len(active) {
			var m provider.Membership // of nobody
			if i < len(patients) {
				m = model[patients[i]]
			}
			want := m.Class != 0 && counts(m, classes, now)
			if active.Has(i) != want {
				t.Fatalf("patient %+v is in the set: %v; classes %+v at %d", m, !want, classes, now)
			}
			if want {
				in++
			} else {
				out++
			}
		}
	})
	// One draw in four puts nobody in, and the shortest run has twenty.
	if in == 0 || out == 0 {
		t.Errorf("%d in, %d out: the check is empty", in, out)
	}
}

// A set of a large hospital is put together by several goroutines: none leaves a word out or makes another's.
func TestActiveSetOfManyPatients(t *testing.T) {
	patients := make([]int64, 200_003)
	for i := range patients {
		patients[i] = int64(i) * 3
	}
	columns, err := provider.NewColumns(patients)
	ok(t, err)
	for _, p := range patients {
		columns.Set(provider.Membership{Patient: p, Class: uint32(1 + p%7), Limit: provider.NoLimit})
	}
	active := columns.Active([]provider.Permitted{{Class: 2}, {Class: 5}}, 1)
	for i, p := range patients {
		if want := p%7 == 1 || p%7 == 4; active.Has(i) != want {
			t.Fatalf("patient %d is in the set: %v", p, !want)
		}
	}
	equal(t, "classes", columns.Classes(), []uint32{1, 2, 3, 4, 5, 6, 7})
}

func TestColumnsWantPatientsInOrder(t *testing.T) {
	for _, patients := range [][]int64{{1, 1}, {2, 1}, {1, 2, 3, 2}} {
		if _, err := provider.NewColumns(patients); !errors.Is(err, provider.ErrPersons) {
			t.Errorf("%v: %v, want ErrPersons", patients, err)
		}
	}
}

// A set has words for whom it was made, and nobody beyond them.
func TestActive(t *testing.T) {
	a, model := provider.NewActive(130), map[int]bool{}
	equal(t, "words", len(a), 3)
	for _, i := range []int{0, 63, 64, 129} {
		a.Add(i)
		model[i] = true
	}
	a.Remove(64)
	a.Remove(64)
	a.Remove(1000)
	delete(model, 64)
	got := map[int]bool{}
	for i := range 1001 {
		if a.Has(i) {
			got[i] = true
		}
	}
	if !maps.Equal(got, model) {
		t.Errorf("has %v, want %v", got, model)
	}
}
