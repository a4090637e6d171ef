package provider_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// Whatever patients do before, while and after queries run, break off and are
// asked again: answers count exactly who may be counted, and nobody loses more
// than her cap, or than she is told.
func TestG2G8WhateverPatientsDo(t *testing.T) {
	var beyond, left int
	rapid.Check(t, func(r *rapid.T) {
		w := openTown(drawn{t, r}, 3)
		l := &life{town: w, r: r}
		for range rapid.IntRange(2, 4).Draw(r, "queries") {
			l.change("before")
			l.ask()
			l.change("after")
			l.again(1)
		}
		l.again(len(l.open))
		w.withinCaps()
		for _, c := range w.charges {
			beyond += len(c.beyond)
			left += len(c.active) - len(c.stored)
		}
		w.close()
	})
	t.Logf("%d times a cap was reached, %d times someone left", beyond, left)
	if !testing.Short() && (beyond == 0 || left == 0) {
		t.Errorf("%d times a cap was reached, %d times someone left: the check is empty", beyond, left)
	}
}

// drawn is a test whose failures are those of a draw, so that it is shrunk.
type drawn struct {
	testing.TB
	r *rapid.T
}

func (d drawn) Fatal(args ...any)                 { d.r.Fatal(args...) }
func (d drawn) Fatalf(format string, args ...any) { d.r.Fatalf(format, args...) }
func (d drawn) Error(args ...any)                 { d.r.Error(args...) }
func (d drawn) Errorf(format string, args ...any) { d.r.Errorf(format, args...) }

// life draws what happens in a town.
type life struct {
	*town
	r      *rapid.T
	asked  int
	broken bool
	open   []provider.Question // broken off
}

// change has some patients sign, or the clock move on.
func (l *life) change(label string) {
	for range rapid.IntRange(0, 3).Draw(l.r, label) {
		if rapid.IntRange(0, 5).Draw(l.r, "clock") == 0 {
			l.Clock.Advance(rapid.Int64Range(1, 20).Draw(l.r, "seconds"))
			continue
		}
		patient := rapid.Int64Range(1, l.size).Draw(l.r, "patient")
		if l.people[patient].revision >= provider.MaxDaily {
			continue // the day has no more for her
		}
		k := rapid.SampledFrom([]kind{anything, anything, toEveryone, toGovernment, withdrawn, census}).Draw(l.r, "kind")
		until := rapid.SampledFrom([]int64{0, 0, providertest.Start + 30}).Draw(l.r, "until")
		ownCap := rapid.SampledFrom([]int64{0, 1, l.cost / 2, l.cost, l.cost + 1, 2*l.cost - 1, 2 * l.cost, 3 * l.cost, 6 * l.cost}).Draw(l.r, "cap")
		l.prefer(patient, k, until, ownCap)
	}
}

// ask asks for some cost; things happen at some steps, and one of them may break
// the query off.
func (l *life) ask() {
	l.asked++
	q := l.question(fmt.Sprint("question ", l.asked), rapid.SampledFrom([]int64{loss / 3, loss, loss, 2 * loss}).Draw(l.r, "loss"))
	clear(l.at)
	for _, step := range []string{"charged", "copying", "counting", "counted", "storing", "stored"} {
		switch rapid.SampledFrom([]string{"", "", "change", "change", "break"}).Draw(l.r, step) {
		case "change":
			if step == "stored" {
				continue // the answer was handed over before
			}
			l.at[step] = func() error { l.change("while " + step); return nil }
		case "break":
			l.at[step] = func() error { l.broken = true; return errBroken }
		}
	}
	l.send(q)
}

// again asks again what was broken off, perhaps after a crash.
func (l *life) again(n int) {
	if rapid.IntRange(0, 2).Draw(l.r, "crash") == 0 {
		l.restart()
	}
	clear(l.at)
	for range min(n, len(l.open)) {
		q := l.open[0]
		l.open = l.open[1:]
		l.send(q)
	}
}

func (l *life) send(q provider.Question) {
	l.broken = false
	answer, err := l.Release(l.t.Context(), q)
	if !l.broken {
		l.handedOver(q, answer, err)
		l.withinCaps()
		return
	}
	if err == nil {
		l.t.Fatal("it was broken off, and answered")
	}
	l.open = append(l.open, q)
}

// A patient carries what she lost through all she does: on paper before she had
// a key, through withdrawals and classes, and with the key.
func TestG2LossFollowsThePatient(t *testing.T) {
	const her = 6 // alone in the first cell
	w := openPaper(t)
	c := w.Plan(w.Query(loss)).Cost.NanoRho
	asked := 0
	counted := func(want int64) {
		t.Helper()
		asked++
		equal(t, fmt.Sprint("question ", asked), w.release(w.ask(fmt.Sprint(asked))).Release.Vector[0], want)
	}
	paper := func(k kind, ownCap int64) { w.Record(k.preference(0, ownCap), her) }
	own := func(k kind, ownCap int64) { w.Prefer(k.preference(0, ownCap), her) }
	lost := func(want int64) {
		t.Helper()
		s, err := w.Node.Preference(t.Context(), w.Patient(her).Address())
		ok(t, err)
		equal(t, "lost at most", s.Lost, accountant.Cost{NanoRho: want})
	}
	paper(anything, 3*c)
	counted(1)
	paper(withdrawn, 0)
	counted(0)
	paper(toEveryone, 3*c)
	counted(1)
	w.EnrolAll(her)
	lost(2 * c)
	own(anything, 3*c)
	counted(1)
	counted(0)
	lost(3 * c)
	own(withdrawn, 0)
	own(toEveryone, 3*c)
	counted(0)
	own(toEveryone, 4*c)
	counted(1)
	counted(0)
	lost(4 * c)
	own(anything, 0)
	counted(1)
	lost(5 * c)
}

// seen is all that anybody outside the hospital can see of a question, but for
// what is a hash, a signature or noise; and what happens inside, one by one.
type seen struct {
	Err            string
	Size           int // of the signed release
	NanoRho, Delta int64
	AsOf           uint64
	Cells          int
	Copies, Counts int // readings of who is in which class, and calls of the engine, so far
	Words, Members int // of the set that it was given at the last call; and patients in some class
	Spent          accountant.Cost
	LogSize        uint64
	LogLines       int
}

// whatShows plays a story whose only difference is one patient's cap: she is
// counted by one, two or all questions; then she withdraws while a question
// runs, comes back, and withdraws once more before an answer is handed over.
func whatShows(t *testing.T, ownCap int64) (all []seen, in []bool) {
	t.Helper()
	const her = 2
	w := openTown(t, 4)
	for i := range w.size {
		w.prefer(i+1, anything, 0, 0)
	}
	w.prefer(her, anything, 0, ownCap)
	ask := func(name string) {
		q := w.question(name, loss)
		r, err := w.Release(t.Context(), q)
		if w.at["again"] != nil {
			ok(t, w.reach("again"))
			r, err = w.Release(t.Context(), q)
		}
		w.handedOver(q, r, err)
		members := 0
		_, memErr := w.Store.(*staged).Provider.Memberships(t.Context(), 0, w.observe().LastEvent, func(provider.Membership) { members++ })
		ok(t, memErr)
		all = append(all, w.seen(r, err, members))
		in = append(in, err == nil && slices.Contains(w.who(r), her))
	}
	ask("one")
	ask("two")
	ask("three")
	w.at["counted"] = func() error { w.prefer(her, withdrawn, 0, ownCap); return nil }
	ask("she withdraws")
	w.prefer(her, toEveryone, 0, ownCap)
	ask("she is back")
	w.at["stored"] = breaks
	w.at["again"] = func() error { w.prefer(her, withdrawn, 0, ownCap); return nil }
	ask("she withdraws before it is handed over")
	w.withinCaps()
	return all, in
}

func (w *town) seen(r ledger.SignedRelease, err error, members int) seen {
	w.t.Helper()
	content, canonErr := ledger.Canonical(r)
	ok(w.t, canonErr)
	counted := w.Engine.Counted()
	last := counted[len(counted)-1]
	d, describeErr := w.Describe(w.t.Context())
	ok(w.t, describeErr)
	size, _, logErr := w.Store.LogRoot(w.t.Context())
	ok(w.t, logErr)
	return seen{
		Err: fmt.Sprint(err), Size: len(content), NanoRho: r.Release.NanoRho, Delta: r.Release.Delta, AsOf: r.Release.AsOf,
		Cells: len(r.Release.Vector), Copies: w.copies, Counts: len(counted), Words: len(last), Members: members,
		Spent: d.Spent, LogSize: size, LogLines: strings.Count(w.Log.String(), "\n"),
	}
}

// Whether somebody's cap is reached shows nowhere: not in a release, its size or
// cost, not in what is done to make it, nor in whether it is handed over.
func TestG2G3G5G8AReachedCapShowsNowhere(t *testing.T) {
	c := openTown(t, 4).cost
	want, everywhere := whatShows(t, 0)
	equal(t, "counted without a cap", everywhere, []bool{true, true, true, false, true, false})
	for ownCap, counted := range map[int64][]bool{
		1:       {false, false, false, false, false, false},
		c:       {true, false, false, false, false, false},
		2 * c:   {true, true, false, false, false, false},
		3*c - 1: {true, true, false, false, false, false},
		100 * c: everywhere,
	} {
		got, in := whatShows(t, ownCap)
		equal(t, fmt.Sprintf("counted with a cap of %d", ownCap), in, counted)
		equal(t, fmt.Sprintf("what shows of a cap of %d", ownCap), got, want)
	}
}

// A preference is signed with its cap, and a cap that is none is no preference.
func TestACapThatIsNone(t *testing.T) {
	w := openExact(t)
	p := providertest.Anything()
	for _, ownCap := range []policy.Loss{{}, {NanoRho: -1}, {NanoRho: 1, Delta: -1}} {
		p.OwnCap = &ownCap
		w.refused(provider.ErrMalformed, func(ctx context.Context) error {
			_, err := w.SetPreferences(ctx, []ledger.SignedDocument{w.Preference(1, p)}, anyone)
			return err
		})
	}
}
