package provider_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
)

// An action is what one patient does, at some step of a query. cost is what the
// query costs; one that cost as much was charged before it.
type action struct {
	name  string
	first func(w *town, patient, cost int64) // before that query
	then  func(w *town, patient, cost int64) // before the query in question; nil: nothing
	act   func(w *town, patient, cost int64)
}

// signs has a patient sign: for some seconds, or for ever; with a cap of so many
// times the cost, or none.
func signs(k kind, seconds, caps int64) func(*town, int64, int64) {
	return func(w *town, patient, cost int64) {
		until := int64(0)
		if seconds > 0 {
			until = w.now() + seconds
		}
		w.prefer(patient, k, until, caps*cost)
	}
}

var actions = []action{
	{"does nothing", signs(anything, 0, 0), nil, nil},
	{"joins", nil, nil, signs(anything, 0, 0)},
	{"joins in a class that nobody was in", nil, nil, signs(toGovernment, 0, 0)},
	{"joins with a cap", nil, nil, signs(anything, 0, 10)},
	{"withdraws", signs(anything, 0, 0), nil, signs(withdrawn, 0, 0)},
	{"withdraws and returns", signs(anything, 0, 0), nil, func(w *town, patient, cost int64) {
		w.prefer(patient, withdrawn, 0, 0)
		w.prefer(patient, anything, 0, 0)
	}},
	{"returns", signs(anything, 0, 0), signs(withdrawn, 0, 0), signs(anything, 0, 0)},
	{"is withdrawn on paper", signs(anything, 0, 0), nil, func(w *town, patient, _ int64) {
		w.Record(providertest.Withdrawal(), patient)
		w.signed(patient, withdrawn, 0, 0)
	}},
	{"moves to another class", signs(anything, 0, 0), nil, signs(toEveryone, 0, 0)},
	{"moves to a class that nobody was in", signs(anything, 0, 0), nil, signs(toGovernment, 0, 0)},
	{"narrows", signs(anything, 0, 0), nil, signs(census, 0, 0)},
	{"widens", signs(census, 0, 0), nil, signs(anything, 0, 0)},
	{"raises her cap, which was reached", signs(anything, 0, 1), nil, signs(anything, 0, 5)},
	{"takes her cap back, which was reached", signs(anything, 0, 1), nil, signs(anything, 0, 0)},
	{"raises her cap by moving", signs(anything, 0, 1), nil, signs(toEveryone, 0, 5)},
	{"withdraws and returns with a higher cap", signs(anything, 0, 1), nil, func(w *town, patient, cost int64) {
		w.prefer(patient, withdrawn, 0, cost)
		w.prefer(patient, anything, 0, 5*cost)
	}},
	{"signs the same cap again, which was reached", signs(anything, 0, 1), nil, signs(anything, 0, 1)},
	{"reaches her cap", signs(anything, 0, 2), nil, nil},
	{"reaches her cap and raises it", signs(anything, 0, 2), nil, signs(anything, 0, 5)},
	{"reaches her cap and moves", signs(anything, 0, 2), nil, signs(toEveryone, 0, 2)},
	{"sets a cap that holds", signs(anything, 0, 0), nil, signs(anything, 0, 2)},
	{"sets a cap below what she loses", signs(anything, 0, 0), nil, signs(anything, 0, 1)},
	{"lowers her cap to what she loses", signs(anything, 0, 5), nil, signs(anything, 0, 2)},
	{"lowers her cap below what she loses", signs(anything, 0, 5), nil, signs(anything, 0, 1)},
	{"lowers her cap and raises it again", signs(anything, 0, 5), nil, func(w *town, patient, cost int64) {
		w.prefer(patient, anything, 0, cost)
		w.prefer(patient, anything, 0, 5*cost)
	}},
	{"comes to her end", signs(anything, 100, 0), nil, nil},
	{"prolongs in time", signs(anything, 100, 0), nil, signs(anything, 0, 0)},
	{"had come to her end, and renews", signs(anything, 1, 0), nil, signs(anything, 0, 0)},
}

// A step is where in a query things happen, and how it is asked.
type step struct {
	name string
	ask  func(w *town, q provider.Question, act func() error) (ledger.SignedRelease, error)
	// stored: by then the answer is on record, so that one who leaves takes it from all.
	stored bool
}

// during has act happen once when a step is reached.
func during(reached string) func(*town, provider.Question, func() error) (ledger.SignedRelease, error) {
	return func(w *town, q provider.Question, act func() error) (ledger.SignedRelease, error) {
		w.at[reached] = act
		return w.Release(w.t.Context(), q)
	}
}

// brokenOff has the query fail when a step is reached, and then what happens in between
// before it is asked again.
func brokenOff(reached string, between func(w *town, act func() error)) func(*town, provider.Question, func() error) (ledger.SignedRelease, error) {
	return func(w *town, q provider.Question, act func() error) (ledger.SignedRelease, error) {
		w.at[reached] = breaks
		if _, err := w.Release(w.t.Context(), q); !errors.Is(err, provider.ErrFailed) {
			w.t.Fatalf("error %v, want it to fail", err)
		}
		between(w, act)
		return w.Release(w.t.Context(), q)
	}
}

func justActs(w *town, act func() error) { ok(w.t, act()) }

func restartsAndActs(w *town, act func() error) {
	w.restart()
	ok(w.t, act())
}

func actsAndRestarts(w *town, act func() error) {
	ok(w.t, act())
	w.restart()
}

// asksAnother has the node know who is in which class later on.
func asksAnother(w *town, act func() error) {
	ok(w.t, act())
	q := w.question(fmt.Sprint("another ", len(w.order)), loss/3)
	r, err := w.Release(w.t.Context(), q)
	w.handedOver(q, r, err)
}

var steps = []step{
	{"before the charge", func(w *town, q provider.Question, act func() error) (ledger.SignedRelease, error) {
		ok(w.t, act())
		return w.Release(w.t.Context(), q)
	}, false},
	{"charged", during("charged"), false},
	{"copying", during("copying"), false},
	{"counting", during("counting"), false},
	{"counted", during("counted"), false},
	{"storing", during("storing"), false},
	{"in a redo", func(w *town, q provider.Question, act func() error) (ledger.SignedRelease, error) {
		w.at["counted"] = func() error {
			w.prefer(w.size, withdrawn, 0, 0)
			w.at["counted"] = act
			return nil
		}
		return w.Release(w.t.Context(), q)
	}, false},
	{"broken off uncopied", brokenOff("copying", justActs), false},
	{"broken off uncounted, started again", brokenOff("counting", restartsAndActs), false},
	{"broken off unstored, started again", brokenOff("storing", restartsAndActs), false},
	{"broken off unstored, then a crash", brokenOff("storing", actsAndRestarts), false},
	{"broken off, another asked meanwhile", brokenOff("counted", asksAnother), false},
	{"stored, not handed over", brokenOff("stored", justActs), true},
	{"stored, started again", brokenOff("stored", restartsAndActs), true},
	{"stored, another asked meanwhile", brokenOff("stored", asksAnother), true},
}

// A redo or retry never includes anyone who was not in the active set that was
// charged, nor anyone who has left since: every action at every step; with -short, of those once an answer is stored one in five.
func TestG8EveryActionAtEveryStep(t *testing.T) {
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := openTown(t, int64(len(actions))+1)
			w.prefer(w.size, toEveryone, 0, 0) // one who is there all the time
			var each []doer
			for i, a := range actions {
				each = append(each, doer{a, int64(i) + 1})
			}
			if !s.stored {
				s.play(w, each...)
				return
			}
			for i := range each { // together they would only show that nothing is handed over
				if !testing.Short() || i%5 == 0 {
					s.play(w, each[i])
				}
			}
		})
	}
}

// A doer is the patient who does an action.
type doer struct {
	action
	patient int64
}

// play has each action done at the step, by a patient of her own.
func (s step) play(w *town, doers ...doer) {
	w.t.Helper()
	all := func(part func(action) func(*town, int64, int64)) {
		for _, d := range doers {
			if do := part(d.action); do != nil {
				do(w, d.patient, w.cost)
			}
		}
	}
	ask := func(name string) {
		w.t.Helper()
		q := w.question(name+doers[0].name, loss)
		r, err := w.Release(w.t.Context(), q)
		w.handedOver(q, r, err)
		w.withinCaps()
	}
	all(func(a action) func(*town, int64, int64) { return a.first })
	ask("first, then one ")
	w.Clock.Advance(1)
	all(func(a action) func(*town, int64, int64) { return a.then })
	q := w.question(doers[0].name, loss)
	acted := false
	r, err := s.ask(w, q, func() error {
		acted = true
		all(func(a action) func(*town, int64, int64) { return a.act })
		w.Clock.Advance(99)
		return nil
	})
	if !acted {
		w.t.Fatal("the step was not reached")
	}
	w.handedOver(q, r, err)
	if len(doers) > 1 {
		ask("after ")
	}
}
