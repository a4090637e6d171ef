package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// shift is noise that can be told from none: it adds 1000 to every count.
type shift struct{ noise.Source }

func (s shift) AddGaussian(x int64, sigma float64) (int64, error) {
	x, err := s.Source.AddGaussian(x, sigma)
	return x + 1000, err
}

func TestG1OnlyNoisedVectorsLeave(t *testing.T) {
	const secret = 79_197_919_791 // long enough not to be in a hash by chance
	source := noisetest.None(t)
	w := open(t, shift{source})
	w.Engine.Replace = func([]int64) []int64 { return []int64{secret, secret, secret, secret} }
	r := w.release(w.ask("noised"))
	equal(t, "vector", r.Release.Vector, []int64{secret + 1000, secret + 1000, secret + 1000, secret + 1000})
	_, sigmas := source.Drawn()
	sigma := w.Plan(w.Query(loss)).Series[0].Sigma
	equal(t, "noise of each cell", sigmas, []float64{sigma, sigma, sigma, sigma})

	w.Noise = shift{noisetest.FailAfter(t, 3)}
	w.Restart()
	_, noNoise := w.Release(t.Context(), w.ask("no noise"))
	w.Engine.Before = func(context.Context, provider.Active) error {
		return fmt.Errorf("patient %d: %w", secret, errors.New("row 79197919791 is odd"))
	}
	_, odd := w.Release(t.Context(), w.ask("odd"))
	for _, err := range []error{noNoise, odd} {
		if err == nil || err.Error() != provider.ErrFailed.Error() {
			t.Errorf("error %v, want the opaque one", err)
		}
	}
	answer, err := json.Marshal(r)
	ok(t, err)
	if seen := string(answer) + w.Log.String(); strings.Contains(seen, fmt.Sprint(secret)) || !strings.Contains(seen, "charged query failed") {
		t.Errorf("exact counts or what failed show: %s", seen)
	}
}

// What a release says of itself, and that the hospital signed it.
func TestRelease(t *testing.T) {
	w := openExact(t)
	before := w.observe()
	w.Clock.Advance(5)
	q := w.ask("one")
	got := w.release(q)
	asked, err := q.Ask.By(w.Researcher.Address())
	ok(t, err)
	want := ledger.Release{
		RequestID: q.Ask.RequestID, Ask: asked, Dataset: providertest.Dataset, DatasetVersion: "1", PlanHash: q.Ask.PlanHash, Grant: q.Ask.Grant,
		Policy: before.Policy.Hash(), AsOf: before.AsOf, LogRoot: w.root(), MapRoot: w.mapRoot(before.AsOf), NanoRho: w.cost, Work: w.cost * providertest.Price,
		Vector: []int64{1, 2, 1, 3}, Time: providertest.Start + 5,
	}
	charged, _, err := w.Store.Charged(t.Context(), q.Ask.RequestID)
	ok(t, err)
	if want.Decision = charged.Decision; want.Decision.IsZero() {
		t.Error("names no decision")
	}
	equal(t, "release", got.Release, want)
	equal(t, "hospital", got.Provider, w.Address())
	ok(t, got.Check(w.Domain, q.Ask, w.Researcher.Address()))
	w.logs(got)
}

// root is the present root of the hospital's log.
func (w *world) root() ledger.Hash {
	w.t.Helper()
	_, root, err := w.Store.LogRoot(w.t.Context())
	ok(w.t, err)
	return root
}

// mapRoot is the root of the hospital's consent map at asOf.
func (w *world) mapRoot(asOf uint64) ledger.Hash {
	w.t.Helper()
	p, err := w.Store.Consent(w.t.Context(), 1, asOf)
	ok(w.t, err)
	return p.Checkpoint.MapRoot
}

// logs checks that a release is the first leaf of the next interval.
func (w *world) logs(r ledger.SignedRelease) {
	w.t.Helper()
	h, err := ledger.HashOf(r)
	ok(w.t, err)
	size, err := w.Store.Publish(w.t.Context(), w.Clock.Now().Unix())
	ok(w.t, err)
	path, root, err := w.Store.Inclusion(w.t.Context(), size, size-64)
	ok(w.t, err)
	ok(w.t, ledger.LogProof{Index: size - 64, Size: size, Root: root, Path: path}.Check(ledger.LeafHash(h[:])))
}

// Whoever looks at the file while the engine is about to read finds the charge.
func TestG5ChargeBeforeRead(t *testing.T) {
	w := openExact(t)
	q := w.ask("one")
	elsewhere := openStore(t, w.file)
	looked := 0
	look := func(ctx context.Context) error {
		looked++
		c, found, err := elsewhere.Charged(ctx, q.Ask.RequestID)
		if err != nil {
			return err
		}
		s, err := elsewhere.Spent(ctx, "dataset/"+providertest.Dataset)
		if err != nil {
			return err
		}
		if !found || c.Release != nil || s.Spent.NanoRho != w.cost || len(c.Classes) != 1 {
			t.Errorf("on disk before reading: found %v, %+v, spent %+v", found, c, s)
		}
		return nil
	}
	w.Engine.OnFollow = look
	w.Engine.Before = func(ctx context.Context, _ provider.Active) error { return look(ctx) }
	w.release(q)
	equal(t, "looks", looked, 2)
}

// Where no question could be counted none is charged; what was charged before is handed over all the same.
func TestG5NothingIsChargedThatNobodyCouldCount(t *testing.T) {
	w := openExact(t)
	first := w.ask("first")
	w.release(first)
	w.Engine.OnReady = func() error { return errors.New("dial db.example.org") }
	q := w.ask("second")
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrNotReady) || strings.Contains(err.Error(), "example.org") {
		t.Errorf("%v, want ErrNotReady without its cause", err)
	}
	if _, found, err := w.Store.Charged(t.Context(), q.Ask.RequestID); err != nil || found {
		t.Errorf("charged: %v, %v", found, err)
	}
	w.release(first)
}

// Whatever fails after the charge: the charge stands, nothing is in the log but
// its interval, the same request finishes it at no further cost, and whoever joined since is
// not in the answer.
func TestG5FailureKeepsTheCharge(t *testing.T) {
	broken := errors.New("broken")
	for name, breakIt := range map[string]func(w *world, hangUp context.CancelFunc){
		"copying": func(w *world, _ context.CancelFunc) {
			w.Engine.OnFollow = func(context.Context) error { return broken }
		},
		"counting": func(w *world, _ context.CancelFunc) { w.Engine.Before = fails(broken) },
		"counted":  func(w *world, _ context.CancelFunc) { w.Engine.After = fails(broken) },
		"noise": func(w *world, _ context.CancelFunc) {
			w.Noise = noisetest.FailAfter(w.t, 2)
			w.Restart()
		},
		"hung up": func(w *world, hangUp context.CancelFunc) {
			w.Engine.After = func(context.Context, provider.Active) error {
				hangUp()
				return nil
			}
		},
		"storing": func(w *world, _ context.CancelFunc) {
			w.Store = brokenFinish{w.Store, broken}
			w.Restart()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			asOf := w.observe().AsOf
			ctx, hangUp := context.WithCancel(t.Context())
			defer hangUp()
			breakIt(w, hangUp)
			q := w.ask("one")
			if _, err := w.Release(ctx, q); err == nil || err.Error() != provider.ErrFailed.Error() {
				t.Fatalf("error %v, want the opaque one", err)
			}
			dataset, grant := w.spent()
			equal(t, "spent", []int64{dataset, grant}, []int64{w.cost, w.cost})
			equal(t, "as of the next", w.observe().AsOf, asOf+64)

			w.Prefer(providertest.Anything(), 8) // joins
			w.recover()
			got := w.release(q)
			equal(t, "vector without 8", got.Release.Vector, []int64{1, 2, 1, 3})
			equal(t, "as of the charge", got.Release.AsOf, asOf)
			w.logs(got)
			dataset, grant = w.spent()
			equal(t, "spent", []int64{dataset, grant}, []int64{w.cost, w.cost})
			equal(t, "the next with 8", w.release(w.ask("two")).Release.Vector, []int64{1, 3, 1, 3})
		})
	}
}

// G5: a question that would buy other noise by now than it was charged for is not answered.
func TestG5ACheaperChargeBuysNothing(t *testing.T) {
	w := openExact(t)
	q := w.ask("one")
	asked, err := q.Ask.By(w.Researcher.Address())
	ok(t, err)
	plan := w.Plan(w.Query(loss)).Cost
	plan.NanoRho-- // as another version of the node might have charged
	_, err = w.Store.Charge(t.Context(), q.Ask.RequestID, func(s provider.Snapshot) (provider.Charge, error) {
		return provider.Charge{Ask: asked, Cost: plan, Policy: s.Policy.Hash(), Now: w.Clock.Now().Unix()}, nil
	})
	ok(t, err)
	if r, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Errorf("%v, %v, want ErrFailed", r.Release.Vector, err)
	}
	equal(t, "counts made", len(w.Engine.Counted()), 0)
}

// An engine that finds when it counts that it has lost its patients is told of them once more.
func TestALostTableOfPatientsCostsNoQuestion(t *testing.T) {
	w := openExact(t)
	w.Engine.Before = once(func() { ok(t, w.Engine.Follow(t.Context(), nil)) })
	equal(t, "vector", w.release(w.ask("one")).Release.Vector, []int64{1, 2, 1, 3})
	equal(t, "counts tried", len(w.Engine.Counted()), 2)
	w.Engine.Before = func(ctx context.Context, _ provider.Active) error { return w.Engine.Follow(ctx, nil) }
	if _, err := w.Release(t.Context(), w.ask("two")); !errors.Is(err, provider.ErrFailed) {
		t.Errorf("lost each time: %v", err)
	}
	equal(t, "counts tried", len(w.Engine.Counted()), 4)
	if log := w.Log.String(); !strings.Contains(log, "*errors.errorString") {
		t.Errorf("the log does not tell the kind of what failed: %s", log)
	}
}

// recover starts the hospital again on its file, after a crash.
func (w *world) recover() {
	w.t.Helper()
	w.Store, w.Engine, w.Noise = openStore(w.t, w.file), providertest.NewEngine(records), noisetest.None(w.t)
	w.Restart()
}

func fails(err error) func(context.Context, provider.Active) error {
	return func(context.Context, provider.Active) error { return err }
}

type brokenFinish struct {
	provider.Store
	err error
}

func (b brokenFinish) Finish(context.Context, ledger.Hash, ledger.SignedRelease, ledger.Hash, []int64, int64) (ledger.SignedRelease, error) {
	return ledger.SignedRelease{}, b.err
}

// An answer on record is the answer, whatever has changed since, as long as
// nobody in it has left.
func TestAnAnswerIsGivenAgainAsItIs(t *testing.T) {
	w := open(t, noise.New())
	q := w.ask("one")
	first := w.release(q)
	w.Prefer(providertest.Withdrawal(), 8)
	w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked })
	w.Clock.Advance(1_000_000)
	w.Metadata.Version = "2"
	w.Engine.Before = fails(errors.New("must not count"))
	w.Restart()
	before := w.observe()
	equal(t, "answer", w.release(q), first)
	equal(t, "store", w.observe(), before)
}

// A charge for records that are gone can be answered no more, but it stands:
// it must not look like a refusal, which gives the researcher her price back.
func TestAChargedAskForAnotherVersion(t *testing.T) {
	w := openExact(t)
	q := w.ask("one")
	w.Engine.Before = fails(errors.New("broken"))
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.Before = nil
	w.Metadata.Version = "2"
	w.Restart()
	w.refused(provider.ErrFailed, func(ctx context.Context) error {
		_, err := w.Release(ctx, q)
		return err
	})
}

func TestARequestIDIsForOneAskOfOneResearcher(t *testing.T) {
	w := openExact(t)
	colleague := providertest.NewKey(t)
	w.regrant(func(g *policy.Grant) { g.Researchers = append(g.Researchers, colleague.Address().String()) })
	first := w.ask("one")
	w.release(first)
	reuse := func(q provider.Question) {
		t.Helper()
		w.refused(provider.ErrRequestReused, func(ctx context.Context) error {
			_, err := w.Release(ctx, q)
			return err
		})
	}
	reuse(w.Question("one", w.grant, w.Query(loss), func(a *ledger.Ask) { a.Expiry++ }))
	reuse(w.Question("one", w.grant, w.Query(loss/2), nil))
	stolen := first
	stolen.Signature = w.SignAsk(colleague, first.Ask)
	reuse(stolen)
	w.release(first)
}

func TestG3ManyAsksOneBudget(t *testing.T) {
	const asks, fit = 100, 10
	w := openExact(t)
	w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = fit*w.cost + w.cost/2 })
	var group sync.WaitGroup
	errs := make([]error, asks)
	for i := range asks {
		q := w.ask(fmt.Sprint("ask ", i))
		group.Go(func() { _, errs[i] = w.Release(t.Context(), q) })
	}
	group.Wait()
	answered := 0
	for _, err := range errs {
		var refused *provider.RefusedError
		switch {
		case err == nil:
			answered++
		case !errors.As(err, &refused):
			t.Error(err)
		default:
			equal(t, "reasons", refused.Reasons, []policy.ReasonCode{policy.ReasonEpsilonDatasetBudget})
		}
	}
	dataset, grant := w.spent()
	equal(t, "answered, spent", []int64{int64(answered), dataset, grant}, []int64{fit, fit * w.cost, fit * w.cost})
	equal(t, "counts", len(w.Engine.Counted()), fit)
}

// The same ask many times at once is charged, counted and noised once.
func TestG5OneAskManyTimes(t *testing.T) {
	w := open(t, noise.New())
	q := w.ask("one")
	before := w.observe()
	const calls = 8
	var group sync.WaitGroup
	answers, errs := make([]ledger.SignedRelease, calls), make([]error, calls)
	for i := range calls {
		group.Go(func() { answers[i], errs[i] = w.Release(t.Context(), q) })
	}
	group.Wait()
	for i := range calls {
		ok(t, errs[i])
		equal(t, "answer", answers[i], answers[0])
	}
	dataset, _ := w.spent()
	equal(t, "spent", dataset, w.cost)
	equal(t, "counts", len(w.Engine.Counted()), 1)
	equal(t, "as of the next", w.observe().AsOf, before.AsOf+64)
	w.logs(answers[0])
}

// unread is a store of a hospital where, once it says so, nobody may read classes, nor hold up writing.
type unread struct {
	provider.Store
	armed bool
	t     *testing.T
}

func (u *unread) not(doing string) {
	if u.armed {
		u.t.Error("a refusal " + doing)
	}
}

func (u *unread) AllClasses(ctx context.Context) ([]uint32, error) {
	u.not("read which classes there are")
	return u.Store.AllClasses(ctx)
}

func (u *unread) Documents(ctx context.Context, classes []uint32, each func(uint32, []byte) error) error {
	u.not("read documents of classes")
	return u.Store.Documents(ctx, classes, each)
}

func (u *unread) Charge(ctx context.Context, request ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	if request != looking {
		u.not("held up writing")
	}
	return u.Store.Charge(ctx, request, decide)
}

// TestG7RefusalsReadNoClass: how long a refusal takes tells nothing of how many classes there are.
func TestG7RefusalsReadNoClass(t *testing.T) {
	w := openExact(t)
	w.release(w.ask("one"))
	charged := w.unanswered("charged")
	store := &unread{Store: w.Store, t: t}
	w.Store = store
	w.Restart()
	store.armed = true
	w.refusedFor(w.Question("of a log not reached", w.grant, w.Query(loss), func(a *ledger.Ask) { a.AtLeastAsOf = 1 << 40 }), policy.ReasonSnapshotStale)
	w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked })
	w.refusedFor(w.ask("revoked"), policy.ReasonGrantRevoked)
	w.decidedAgainst(w.ask("revoked, if it were asked"), policy.ReasonGrantRevoked)
	w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantActive })
	w.escrow(2 * w.cost * providertest.Price) // which the first two have drawn
	w.unpaid(w.ask("not paid for"))
	w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = 2*w.cost + w.cost/2 })
	w.refusedFor(w.ask("more than is left"), policy.ReasonEpsilonDatasetBudget)
	w.decidedAgainst(w.ask("more than is left, if it were asked"), policy.ReasonEpsilonDatasetBudget)
	before := len(w.kept())
	w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked })
	w.refused(provider.ErrFailed, func(ctx context.Context) error { return w.answering(ctx, charged) })
	if all := w.kept(); len(all) != before+1 || !all[before].Recheck {
		t.Errorf("the re-check is not kept: %+v", all)
	}
}

// afterCharge calls a hook when a charge is on disk.
type afterCharge struct {
	provider.Store
	then func()
}

func (a *afterCharge) Charge(ctx context.Context, r ledger.Hash, decide func(provider.Snapshot) (provider.Charge, error)) (provider.Charged, error) {
	c, err := a.Store.Charge(ctx, r, decide)
	a.then()
	return c, err
}

// Who waits while another's count runs can stop waiting.
func TestWaitingForTheEngineEndsWithTheCaller(t *testing.T) {
	w := openExact(t)
	hook := &afterCharge{w.Store, func() {}}
	w.Store = hook
	w.Restart()
	counting, goOn := make(chan struct{}), make(chan struct{})
	w.Engine.Before = func(context.Context, provider.Active) error {
		close(counting)
		<-goOn
		return nil
	}
	slow, waiting := w.ask("slow"), w.ask("waiting")
	answered := make(chan error, 1)
	go func() {
		_, err := w.Release(t.Context(), slow)
		answered <- err
	}()
	select {
	case <-counting:
	case err := <-answered:
		t.Fatalf("the first did not count: %v", err)
	}
	ctx, hangUp := context.WithCancel(t.Context())
	hook.then = hangUp
	if _, err := w.Release(ctx, waiting); !errors.Is(err, provider.ErrFailed) {
		t.Errorf("error %v, want the charged one", err)
	}
	close(goOn)
	ok(t, <-answered)
}
