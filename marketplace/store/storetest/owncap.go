package storetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
)

func nano(nanoRho, delta int64) accountant.Cost {
	return accountant.Cost{NanoRho: nanoRho, Delta: delta}
}

// capped is the next preference of a patient, with a cap of her own.
func (w *ward) capped(patient int64, class string, nanoRho, delta int64) provider.Event {
	e := w.event(patient, class, 0)
	e.Cap = &accountant.Cost{NanoRho: nanoRho, Delta: delta}
	return e
}

// testOwnCap is a patient's life, step by step: what she has lost at most, and
// whether the next charge of her class counts her.
func testOwnCap(t *testing.T, w *ward) {
	w.enrol(t, 1, 2)
	w.policy(t, 1)
	w.inhabit(t, "a", "b", "x") // the classes are there, and their odometers move on
	charges := 0
	spend := func(cost accountant.Cost, classes ...string) func() {
		return func() {
			charges++
			_, err := w.Charge(t.Context(), w.request("charge %d", charges), w.free(t, cost, 2000, classes...))
			ok(t, err)
		}
	}
	prefer := func(class string, nanoRho, delta int64) func() {
		return func() { w.record(t, w.capped(1, class, nanoRho, delta)) }
	}
	spend(nano(1000, 500), "a")() // before her: it is not hers
	for i, c := range []struct {
		name    string
		do      func()
		lost    accountant.Cost
		left    accountant.Cost // the most that a charge of her class may cost and count her
		without bool            // a cap
	}{
		{"sets a cap", prefer("a", 100, 10), nano(0, 0), nano(100, 10), false},
		{"is charged", spend(nano(30, 2), "a"), nano(30, 2), nano(70, 8), false},
		{"another class is charged", spend(nano(99, 9), "b"), nano(30, 2), nano(70, 8), false},
		{"withdraws", prefer("x", 100, 10), nano(30, 2), nano(70, 8), false},
		{"her old class is charged", spend(nano(50, 5), "a", "b"), nano(30, 2), nano(70, 8), false},
		{"moves", prefer("b", 100, 10), nano(30, 2), nano(70, 8), false},
		{"is charged what is left", spend(nano(70, 1), "b"), nano(100, 3), nano(0, 7), false},
		{"is out", spend(nano(5, 0), "b"), nano(100, 3), nano(-5, 7), false},
		{"signs the same again", prefer("b", 100, 10), nano(100, 3), nano(0, 7), false},
		{"raises it", prefer("a", 150, 10), nano(100, 3), nano(50, 7), false},
		{"is charged too much at once", spend(nano(51, 0), "a"), nano(150, 3), nano(-1, 7), false},
		{"stays out", spend(nano(1, 0), "a"), nano(150, 3), nano(-2, 7), false},
		{"lowers it below what is lost", prefer("a", 40, 10), nano(150, 3), nano(-110, 7), false},
		{"loses no more", spend(nano(500, 1), "a"), nano(150, 3), nano(-610, 6), false},
		{"raises it again", prefer("b", 200, 10), nano(150, 3), nano(50, 7), false},
		{"takes it back", func() { w.record(t, w.event(1, "b", 0)) }, nano(150, 3), accountant.Cost{}, true},
		{"is charged without one", spend(nano(1000, 20), "b"), nano(1150, 23), accountant.Cost{}, true},
		{"sets one in one component only", prefer("a", 2000, 22), nano(1150, 23), nano(850, -1), false},
		{"is out by delta", spend(nano(10, 0), "a"), nano(1150, 23), nano(840, -1), false},
	} {
		c.do()
		step := fmt.Sprintf("%d, %s: ", i, c.name)
		s, err := w.Preference(t.Context(), key(1))
		ok(t, err)
		equal(t, step+"lost", s.Lost, c.lost)
		equal(t, step+"has no cap", s.Cap == nil, c.without)
		limit := w.membership(t, 1).Limit
		if c.without {
			equal(t, step+"limit", limit, provider.NoLimit)
			continue
		}
		odometer := w.odometer(t, w.membership(t, 1).Class)
		equal(t, step+"left", nano(limit.NanoRho-odometer.NanoRho, limit.Delta-odometer.Delta), c.left)
	}
	w.survives(t)
}

// membership is a patient's present one.
func (w *ward) membership(t tb, patient int64) provider.Membership {
	t.Helper()
	all := w.members(t, 1<<62)
	i := slices.IndexFunc(all, func(m provider.Membership) bool { return m.Patient == patient })
	if i < 0 {
		t.Fatalf("patient %d has no membership", patient)
	}
	return all[i]
}

func (w *ward) odometer(t tb, class uint32) accountant.Cost {
	t.Helper()
	for _, c := range w.snapshot(t).Classes {
		if c.ID == class {
			return c.Odometer
		}
	}
	t.Fatalf("no class %d", class)
	return accountant.Cost{}
}

// free is a decision that charges classes, and no scope.
func (w *ward) free(t tb, cost accountant.Cost, now int64, classes ...string) func(provider.Snapshot) (provider.Charge, error) {
	return func(s provider.Snapshot) (provider.Charge, error) {
		c := provider.Charge{Ask: name("ask"), Cost: cost, Policy: s.Policy.Hash(), Now: now}
		documents := w.documents(t, s.Classes)
		for i, class := range s.Classes {
			if slices.Contains(classes, documents[i]) {
				after, err := class.Odometer.Add(cost)
				if err != nil {
					return c, err
				}
				c.Classes = append(c.Classes, provider.Permitted{Class: class.ID, Odometer: after})
			}
		}
		return c, nil
	}
}

// life is what happened in one run of the model, in order.
type life []moment

// moment is a preference of one patient, or a charge of classes.
type moment struct {
	patient int64 // 0: a charge
	class   string
	until   int64
	cap     *accountant.Cost
	charged []string
	cost    accountant.Cost
	now     int64
}

// account walks through a patient's life from its beginning.
type account struct {
	moment
	chosen         bool
	signed         int             // index of her present preference
	carried, since accountant.Cost // before her present preference, and charged to its class since
	counted        accountant.Cost // what the charges that counted her cost
	countedAt      map[int]bool    // by index of the charge
}

func (l life) account(t tb, patient int64) account {
	a := account{countedAt: map[int]bool{}}
	for i, m := range l {
		switch {
		case m.patient == patient:
			a.carried, a.since = a.lost(), accountant.Cost{}
			a.moment, a.chosen, a.signed = m, true, i
		case m.patient == 0 && a.chosen && slices.Contains(m.charged, a.class):
			a.since = nano(a.since.NanoRho+m.cost.NanoRho, a.since.Delta+m.cost.Delta)
			within := a.cap == nil ||
				a.carried.NanoRho+a.since.NanoRho <= a.cap.NanoRho && a.carried.Delta+a.since.Delta <= a.cap.Delta
			if within && (a.until == 0 || a.until > m.now) {
				a.countedAt[i] = true
				a.counted = nano(a.counted.NanoRho+m.cost.NanoRho, a.counted.Delta+m.cost.Delta)
				if a.cap != nil && (a.counted.NanoRho > a.cap.NanoRho || a.counted.Delta > a.cap.Delta) {
					t.Fatalf("the model lets patient %d lose %+v of a cap of %+v", patient, a.counted, *a.cap)
				}
			}
		}
	}
	return a
}

func (a account) lost() accountant.Cost {
	all := nano(a.carried.NanoRho+a.since.NanoRho, a.carried.Delta+a.since.Delta)
	if a.cap == nil {
		return all
	}
	if a.carried.NanoRho > a.cap.NanoRho || a.carried.Delta > a.cap.Delta {
		return a.carried
	}
	return nano(min(all.NanoRho, a.cap.NanoRho), min(all.Delta, a.cap.Delta))
}

// testOwnCapModel compares who is counted, what was lost and who must be left
// out of a late answer with a walk through each patient's life, over random
// ones. All runs share the store, under classes and patients of their own.
func testOwnCapModel(t *testing.T, w *ward) {
	w.policy(t, 1)
	run := int64(0)
	var reached, left int
	rapid.Check(t, func(rt *rapid.T) {
		run++
		m := &lives{ward: w, first: run * 10, asks: map[int]ledger.Hash{}}
		for i := range 3 {
			m.classes = append(m.classes, fmt.Sprintf("%d/%d", run, i))
		}
		w.enrol(rt, m.patients()...)
		for range rapid.IntRange(2, 24).Draw(rt, "steps") {
			rapid.SampledFrom([]func(*rapid.T){m.prefer, m.prefer, m.spend, m.spend, m.finish, m.finish}).Draw(rt, "step")(rt)
		}
		m.losses(rt)
		reached, left = reached+m.reached, left+m.left
	})
	if run >= 100 && (reached == 0 || left == 0) { // else it is run too seldom to say
		t.Errorf("%d times a cap left someone out of a charge, %d times out of a late answer: the check is empty", reached, left)
	}
	w.logged(t)
}

// lives is one run of the model.
type lives struct {
	*ward
	life
	first         int64
	classes       []string
	asks          map[int]ledger.Hash // charged and without an answer, by index in life
	reached, left int
}

func (m *lives) patients() []int64 { return []int64{m.first, m.first + 1, m.first + 2} }

func (m *lives) prefer(rt *rapid.T) {
	c := moment{
		patient: rapid.SampledFrom(m.patients()).Draw(rt, "patient"), class: rapid.SampledFrom(m.classes).Draw(rt, "class"),
		until: rapid.SampledFrom([]int64{0, 0, 5}).Draw(rt, "until"),
	}
	if rapid.IntRange(0, 3).Draw(rt, "capped") > 0 {
		c.cap = &accountant.Cost{NanoRho: rapid.Int64Range(1, 60).Draw(rt, "cap"), Delta: rapid.Int64Range(0, 6).Draw(rt, "delta")}
	}
	m.life = append(m.life, c)
	e := m.event(c.patient, c.class, c.until)
	e.Cap = c.cap
	m.record(rt, e)
}

func (m *lives) spend(rt *rapid.T) {
	known := slices.DeleteFunc(slices.Clone(m.classes), func(class string) bool {
		return !slices.ContainsFunc(m.patients(), func(p int64) bool { return m.account(rt, p).class == class })
	})
	c := moment{now: rapid.Int64Range(1, 6).Draw(rt, "at"), cost: nano(rapid.Int64Range(1, 30).Draw(rt, "cost"), rapid.Int64Range(0, 2).Draw(rt, "delta"))}
	for _, class := range known {
		if rapid.IntRange(0, 3).Draw(rt, "permitted") > 0 {
			c.charged = append(c.charged, class)
		}
	}
	request := name("request %d of life %d", len(m.life), m.first)
	_, err := m.Charge(rt.Context(), request, m.free(rt, c.cost, c.now, c.charged...))
	ok(rt, err)
	m.asks[len(m.life)] = request
	m.life = append(m.life, c)
	m.counts(rt, len(m.life)-1)
	m.losses(rt)
}

// losses compares what each patient has lost with the model.
func (m *lives) losses(rt *rapid.T) {
	for _, patient := range m.patients() {
		a := m.account(rt, patient)
		if !a.chosen {
			continue
		}
		s, err := m.Preference(rt.Context(), key(patient))
		ok(rt, err)
		equal(rt, "lost", s.Lost, a.lost())
		if s.Lost.NanoRho < a.counted.NanoRho || s.Lost.Delta < a.counted.Delta {
			rt.Fatalf("lost at most %+v, but charges of %+v counted her", s.Lost, a.counted)
		}
	}
}

// counts compares whom a charge counts, however late it is looked at, with the
// model.
func (m *lives) counts(rt *rapid.T, at int) {
	c, _, err := m.Charged(rt.Context(), m.asks[at])
	ok(rt, err)
	patients := m.patients()
	columns, err := provider.NewColumns(patients)
	ok(rt, err)
	var asOf uint64
	for _, event := range []uint64{rapid.Uint64Range(0, c.LastEvent+5).Draw(rt, "as of another event before"), c.LastEvent} {
		asOf, err = m.Memberships(rt.Context(), asOf, event, columns.Set)
		ok(rt, err)
	}
	active := columns.Active(c.Classes, c.Now)
	for i, patient := range patients {
		then := m.life[:at+1].account(rt, patient)
		equal(rt, fmt.Sprintf("patient %d counted by charge %d", patient, at), active.Has(i), then.countedAt[at])
		if then.cap != nil && !then.countedAt[at] && slices.Contains(m.life[at].charged, then.class) {
			m.reached++
		}
	}
}

// finish stores the answer of a charge, late.
func (m *lives) finish(rt *rapid.T) {
	if len(m.asks) == 0 {
		return
	}
	at := rapid.SampledFrom(slices.Sorted(maps.Keys(m.asks))).Draw(rt, "charge")
	m.counts(rt, at)
	now := rapid.Int64Range(1, 6).Draw(rt, "finished at")
	var want []int64
	for _, patient := range m.patients() {
		then, present := m.life[:at+1].account(rt, patient), m.account(rt, patient)
		over := present.signed > at && present.cap != nil && (present.carried.NanoRho > present.cap.NanoRho || present.carried.Delta > present.cap.Delta)
		permitted := slices.Contains(m.life[at].charged, present.class) && (present.until == 0 || present.until > now) && !over
		chosen := slices.Contains(m.life[at].charged, then.class) && (then.until == 0 || then.until > m.life[at].now)
		if chosen && !permitted { // whether or not her cap was reached
			want = append(want, patient)
			if over {
				m.left++
			}
		}
	}
	leaf := name("answer %d of life %d", at, m.first)
	if len(want) > 0 {
		_, err := m.Finish(rt.Context(), m.asks[at], signedRelease(m.asks[at], 1), leaf, nil, now)
		equal(rt, "left out", redo(rt, err), want)
	}
	_, err := m.Finish(rt.Context(), m.asks[at], signedRelease(m.asks[at], 1), leaf, want, now)
	ok(rt, err)
	m.log.public = append(m.log.public, leaf)
	delete(m.asks, at)
}
