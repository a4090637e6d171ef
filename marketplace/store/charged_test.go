package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// now is what a charge would see at this moment.
func now(t testing.TB, p *store.Provider) (s provider.Snapshot) {
	t.Helper()
	refused := errors.New("refused")
	_, err := p.Charge(t.Context(), ledger.HashBytes([]byte("never charged")), func(is provider.Snapshot) (provider.Charge, error) {
		s = is
		return provider.Charge{}, refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	return s
}

// classIn is the class that a patient is in.
func classIn(t testing.TB, p *store.Provider, patient int64) uint32 {
	t.Helper()
	n, err := p.Count(t.Context(), `SELECT class FROM events WHERE patient = ? ORDER BY seq DESC LIMIT 1`, patient)
	must(t, err)
	return uint32(n)
}

// TestG5OdometersAddUp holds odometers, which are added up from the charges, against a model, over more charges than are added up at a
// time, with classes that come in between, more of them than a row has and a store that is opened anew: what is read now, of a past charge, before it, and by a patient.
func TestG5OdometersAddUp(t *testing.T) { everywhere(t, addingUp) }

func addingUp(t *testing.T, place func(testing.TB) string) {
	where := place(t)
	p := openProvider(t, where)
	setPolicy(t, p)
	random := rand.New(rand.NewPCG(1, 2))
	model := map[uint32]accountant.Cost{}
	var past []map[uint32]accountant.Cost // after each charge: the classes that it permitted
	var before []map[uint32]accountant.Cost
	id := func(i int) ledger.Hash { return ledger.HashBytes(fmt.Append(nil, "charge ", i)) }
	const charges, patients = 40, 20
	enrol(t, p, patients)
	for i := range charges {
		if i%2 == 0 {
			record(t, p, preferences(int64(i/2), 1, 1, fmt.Sprint("class ", i/2)))
		}
		if i == 5 { // so many that their totals take two rows
			var many []provider.Event
			for n := range int64(300) {
				many = append(many, onPaper(preferences(1000+n, 1, 1, fmt.Sprint("one of many ", n)), 1000+n)...)
			}
			record(t, p, many)
		}
		if i%7 == 6 {
			must(t, p.Close())
			p = openProvider(t, where)
		}
		cost := accountant.Cost{NanoRho: 1 + random.Int64N(100), Delta: random.Int64N(3)}
		after, was := map[uint32]accountant.Cost{}, map[uint32]accountant.Cost{}
		broken := errors.New("broken off")
		charge := func(fail error) error {
			clear(after)
			_, err := p.Charge(t.Context(), id(i), func(s provider.Snapshot) (provider.Charge, error) {
				c := provider.Charge{Cost: cost, Now: 2000}
				for _, k := range s.Classes {
					was[k.ID] = k.Odometer
					if charged := k.Charged(); charged != model[k.ID] {
						t.Fatalf("before charge %d class %d was charged %+v, want %+v", i, k.ID, charged, model[k.ID])
					}
					if (int(k.ID)+i)%3 == 0 {
						continue
					}
					to, err := k.Odometer.Add(cost)
					must(t, err)
					if fail != nil {
						to.NanoRho++
					}
					c.Classes = append(c.Classes, provider.Permitted{Class: k.ID, Odometer: to})
					after[k.ID] = to
				}
				slices.Reverse(c.Classes)
				return c, nil
			})
			return err
		}
		if err := charge(broken); err == nil && len(after) > 0 {
			t.Fatal("an odometer rose by more than the cost")
		} else if len(after) > 0 {
			must(t, charge(nil))
		}
		for k := range after {
			sum, err := model[k].Add(cost)
			must(t, err)
			model[k] = sum
		}
		past, before = append(past, after), append(before, was)
	}
	for i, want := range past {
		d, err := p.Decision(t.Context(), id(i))
		must(t, err)
		got := map[uint32]accountant.Cost{}
		for _, k := range d.Classes {
			got[k.Class] = k.Odometer
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("charge %d: -want +got:\n%s", i, diff)
		}
		got = map[uint32]accountant.Cost{}
		for _, k := range d.Before.Classes {
			got[k.ID] = k.Odometer
		}
		if diff := cmp.Diff(before[i], got); diff != "" {
			t.Errorf("before charge %d: -want +got:\n%s", i, diff)
		}
	}
	classes := now(t, p).Classes
	for i := range int64(patients) { // each was the first of her class, and class 0 was never charged
		at := slices.IndexFunc(classes, func(c provider.Class) bool { return c.ID == classIn(t, p, i) })
		s, err := p.Preference(t.Context(), keyOf(i))
		must(t, err)
		if want := classes[at].Charged(); s.Lost != want {
			t.Errorf("patient %d has lost %+v, want %+v", i, s.Lost, want)
		}
	}
}

// TestRecheckReadsWhatChanged: the check before an answer is stored holds up whoever writes, and goes through no table or index whole.
func TestRecheckReadsWhatChanged(t *testing.T) {
	steps, err := openProvider(t, filepath.Join(t.TempDir(), "provider.db")).PlanOfRecheck(t.Context())
	must(t, err)
	for _, step := range steps {
		if strings.HasPrefix(step, "SCAN") {
			t.Errorf("%q in %q", step, steps)
		}
	}
	for _, want := range []string{"SEARCH e USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH e USING INDEX events_by_until (until>? AND until<?)"} {
		if !slices.Contains(steps, want) {
			t.Errorf("no %q in %q", want, steps)
		}
	}
}
