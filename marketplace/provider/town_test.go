package provider_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/store" //nolint:depguard // tests of the core stand on the real store
	"github.com/medmarket/medmarket/policy"
)

// kind is what a patient permits. Each is one class of patients.
type kind int

const (
	unasked kind = iota
	withdrawn
	anything
	toEveryone
	toGovernment
	census // permits nothing that a town's question touches besides age
)

// permits says whether a town's question may count such patients.
func (k kind) permits() bool { return k == anything || k == toEveryone || k == toGovernment }

func (k kind) preference(until, ownCap int64) policy.ReleasePreference {
	p := providertest.Anything()
	switch k {
	case withdrawn:
		p.Status = policy.Withdrawn
	case toEveryone:
		p.RecipientTypes = policy.RecipientTypes()
	case toGovernment:
		p.RecipientTypes = []policy.RecipientType{policy.Academic, policy.Government}
	case census:
		p.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelExact}}
	}
	p.Period.End = until
	if ownCap != 0 {
		p.OwnCap = &policy.Loss{NanoRho: ownCap}
	}
	return p
}

// person is what the model knows of a patient. It follows her life with plain
// sums, and knows nothing of odometers.
type person struct {
	kind
	until, ownCap int64 // 0: none
	lost          int64 // at most, before her present preference
	since         int64 // what charges of her class cost since
	revision      int
}

// bound is what she has lost at most.
func (p person) bound() int64 {
	switch {
	case p.ownCap == 0:
		return p.lost + p.since
	case p.lost > p.ownCap:
		return p.lost
	}
	return min(p.lost+p.since, p.ownCap)
}

// charge is what the model knows of one.
type charge struct {
	cost   int64
	kinds  map[kind]bool
	active map[int64]int64 // who may be counted, with her cap then
	beyond map[int64]int   // who might be but for her cap, with the revision it stands in
	signed map[int64]int   // everybody's revision
	stored []int64         // who is in the answer; nil before it is stored
}

// town is a hospital whose patients are each in a cell of their own, so that an
// answer without noise says who is in it, and beside it an independent model of
// who may be.
type town struct {
	*world
	size    int64
	people  map[int64]person
	made    map[kind]bool // what somebody ever signed: its class stays
	charges map[ledger.Hash]*charge
	order   []ledger.Hash
	at      map[string]func() error // what happens, once, when a step is reached
	copies  int                     // readings of who is in which class
}

func townRecords(size int64) (all []providertest.Record) {
	for i := int64(1); i <= size; i++ {
		r := providertest.Record{Patient: i, Female: i%2 == 0, Born: 2026 - 20 - 2*int(i)}
		if i%3 == 0 {
			r.Conditions = []int64{providertest.Diabetes}
		}
		all = append(all, r)
	}
	return all
}

func openTown(t testing.TB, size int64) *town {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hospital.db")
	w := &town{
		world: &world{t: t, file: file}, size: size,
		people: map[int64]person{}, made: map[kind]bool{}, charges: map[ledger.Hash]*charge{}, at: map[string]func() error{},
	}
	w.Hospital = providertest.Open(t, &staged{openStore(t, file), w}, noisetest.None(t), townRecords(size))
	w.restart()
	p := w.Policy()
	p.Columns = w.Columns(w.Plan(w.everyone(loss)))
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.EnrolAll()
	w.grant = w.Approve(w.Grant())
	w.cost = w.Plan(w.everyone(loss)).Cost.NanoRho
	return w
}

// restart starts the hospital on its file with a new engine, as after a crash.
func (w *town) restart() {
	w.t.Helper()
	w.close()
	w.Store = &staged{openStore(w.t, w.file), w}
	w.Engine = providertest.NewEngine(townRecords(w.size))
	w.Engine.Before = func(context.Context, provider.Active) error { return w.reach("counting") }
	w.Engine.After = func(context.Context, provider.Active) error { return w.reach("counted") }
	at := w.at
	w.at = map[string]func() error{} // it also reads who is in which class then
	w.Restart()
	w.at = at
}

// close closes the file.
func (w *town) close() { ok(w.t, w.Store.(*staged).Close()) }

// everyone asks for each patient by herself.
func (w *town) everyone(nanoRho int64) dp.Query {
	q := w.Query(nanoRho)
	var edges []int
	for i := range w.size {
		edges = append(edges, 22+2*int(i))
	}
	q.GroupBy[0] = dp.Group{Kind: dp.AgeBand, Edges: edges}
	return q
}

func (w *town) question(name string, nanoRho int64) provider.Question {
	return w.Question(name, w.grant, w.everyone(nanoRho), nil)
}

// who reads from an answer who is in it.
func (w *town) who(r ledger.SignedRelease) []int64 {
	w.t.Helper()
	in := []int64{}
	for i, n := range r.Release.Vector {
		switch n {
		case 0:
		case 1:
			in = append(in, int64(i/2)+1) // two cells a band, one band a patient
		default:
			w.t.Fatalf("cell %d counts %d patients", i, n)
		}
	}
	return in
}

// staged lets things happen between the steps of the hospital's store.
type staged struct {
	*store.Provider
	town *town
}

func (s *staged) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	c, err := s.Provider.Charge(ctx, request, decide)
	if err != nil {
		return c, err
	}
	if s.town.charges[request] == nil {
		s.town.charged(request, c.Cost.NanoRho)
	}
	return c, s.town.reach("charged")
}

func (s *staged) Memberships(ctx context.Context, since, lastEvent uint64, each func(provider.Membership)) (uint64, error) {
	s.town.copies++
	if err := s.town.reach("copying"); err != nil {
		return 0, err
	}
	return s.Provider.Memberships(ctx, since, lastEvent, each)
}

func (s *staged) Finish(ctx context.Context, request ledger.Hash, answer ledger.SignedRelease, leaf ledger.Hash, excluded []int64, now int64) (ledger.SignedRelease, error) {
	if err := s.town.reach("storing"); err != nil {
		return ledger.SignedRelease{}, err
	}
	now = max(now, s.town.now()) // as though the node had looked at the clock last
	r, err := s.Provider.Finish(ctx, request, answer, leaf, excluded, now)
	if err != nil {
		return r, err
	}
	c := s.town.charges[request]
	c.stored = s.town.permitted(c)
	if err := s.town.reach("stored"); err != nil {
		return ledger.SignedRelease{}, err
	}
	return r, nil
}

func (w *town) reach(step string) error {
	happens := w.at[step]
	if happens == nil {
		return nil
	}
	delete(w.at, step)
	return happens()
}

var errBroken = errors.New("broken off")

// breaks ends a step as a crash would.
func breaks() error { return errBroken }

// prefer has a patient sign.
func (w *town) prefer(patient int64, k kind, until, ownCap int64) {
	w.t.Helper()
	w.Prefer(k.preference(until, ownCap), patient)
	w.signed(patient, k, until, ownCap)
}

func (w *town) signed(patient int64, k kind, until, ownCap int64) {
	w.made[k] = true
	w.people[patient] = person{k, until, ownCap, w.people[patient].bound(), 0, w.people[patient].revision + 1}
}

func (w *town) now() int64 { return w.Clock.Now().Unix() }

// charged is the model's part of a charge: whoever is in a class that permits
// the question pays, and is counted if her cap allows it. A class is charged whether
// anybody is in it or not, so that who comes to it later learns nothing, and may be counted still.
func (w *town) charged(request ledger.Hash, cost int64) {
	c := &charge{cost: cost, kinds: map[kind]bool{}, active: map[int64]int64{}, beyond: map[int64]int{}, signed: map[int64]int{}}
	for k := range w.made {
		c.kinds[k] = k.permits()
	}
	for number, p := range w.people {
		c.signed[number] = p.revision
		if !p.permits() {
			continue
		}
		p.since += cost
		w.people[number] = p
		switch {
		case p.until != 0 && p.until <= w.now():
		case p.ownCap == 0 || p.lost+p.since <= p.ownCap:
			c.active[number] = p.ownCap
		default:
			c.beyond[number] = p.revision
		}
	}
	w.charges[request], w.order = c, append(w.order, request)
}

// permitted are those of the active set that was charged who may be counted now.
func (w *town) permitted(c *charge) []int64 {
	in := []int64{}
	for number := range c.active {
		if w.permits(number, c) {
			in = append(in, number)
		}
	}
	slices.Sort(in)
	return in
}

// permits says whether a patient permits now what was charged.
func (w *town) permits(patient int64, c *charge) bool {
	p := w.people[patient]
	return c.kinds[p.kind] && (p.until == 0 || p.until > w.now()) && (p.ownCap == 0 || p.lost <= p.ownCap)
}

// left says whether anybody of the charge has left, be she counted or not.
func (w *town) left(c *charge) bool {
	for number, revision := range c.beyond {
		p := w.people[number]
		ended := p.until != 0 && p.until <= w.now()
		if ended || p.revision != revision && !w.permits(number, c) { // that her cap is reached is not to leave
			return true
		}
	}
	return len(w.permitted(c)) < len(c.active)
}

// handedOver checks what came of asking: an answer with exactly those in it who
// were charged and permitted when it was stored, and who all permit it still;
// or, if anyone has left since it was stored, nothing.
func (w *town) handedOver(q provider.Question, r ledger.SignedRelease, err error) {
	w.t.Helper()
	c := w.charges[q.Ask.RequestID]
	if err != nil {
		if c.stored == nil || !w.left(c) || !errors.Is(err, provider.ErrFailed) {
			w.t.Fatalf("error %v; active %v, permitted %v, stored %v", err, c.active, w.permitted(c), c.stored)
		}
		return
	}
	in := w.who(r)
	equal(w.t, "who is in the answer", in, c.stored)
	for _, patient := range in {
		if _, active := c.active[patient]; !active {
			w.t.Errorf("patient %d was not in the active set that was charged", patient)
		}
		if !slices.Contains(w.permitted(c), patient) {
			w.t.Errorf("patient %d had left", patient)
		}
	}
}

// withinCaps checks that no cap was ever passed, summing up what the answers
// that somebody is in cost; that whoever reached hers is in no later answer
// until she signs anew; and that everybody is told a bound of what she lost.
func (w *town) withinCaps() {
	w.t.Helper()
	truly, out := map[int64]int64{}, map[int64]int{}
	for _, request := range w.order {
		c := w.charges[request]
		maps.Copy(out, c.beyond)
		for _, patient := range c.stored {
			if out[patient] == c.signed[patient] {
				w.t.Fatalf("patient %d had reached her cap", patient)
			}
			truly[patient] += c.cost
			if ownCap := c.active[patient]; ownCap != 0 && truly[patient] > ownCap {
				w.t.Fatalf("patient %d lost %d of a cap of %d", patient, truly[patient], ownCap)
			}
		}
	}
	for number, p := range w.people {
		s, err := w.Node.Preference(w.t.Context(), w.Patient(number).Address())
		ok(w.t, err)
		equal(w.t, "lost at most", s.Lost, accountant.Cost{NanoRho: p.bound()})
		if s.Lost.NanoRho < truly[number] {
			w.t.Fatalf("patient %d lost %d, and is told at most %d", number, truly[number], s.Lost.NanoRho)
		}
	}
}
