package provider_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/marketplace/store" //nolint:depguard // tests of the core stand on the real store
	"github.com/medmarket/medmarket/policy"
)

func TestMain(m *testing.M) {
	// glog, which google/differential-privacy logs with, never ends its flusher.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// records are eight patients: even ones female, every third one with diabetes.
// By cell, female or male with and without diabetes: 6; 2, 4, 8; 3; 1, 5, 7.
var records = func() (all []providertest.Record) {
	for i := int64(1); i <= 8; i++ {
		r := providertest.Record{Patient: i, Female: i%2 == 0, Born: 1940 + 5*int(i)}
		if i%3 == 0 {
			r.Conditions = []int64{providertest.Diabetes}
		}
		all = append(all, r)
	}
	return all
}()

// loss is what the usual query asks to spend, in nano-rho.
const loss = 100_000

// world is a hospital over the real store where the researcher has a grant,
// everyone is enrolled and all but patient 8 have permitted anything.
type world struct {
	*providertest.Hospital
	t     testing.TB
	file  string
	grant ledger.SignedDocument
	cost  int64 // of the usual query
}

func openStore(t testing.TB, file string) *store.Provider {
	t.Helper()
	s, err := store.OpenProvider(t.Context(), store.Config{File: file, Log: slog.New(slog.DiscardHandler)})
	ok(t, err)
	t.Cleanup(func() { ok(t, s.Close()) })
	return s
}

func open(t testing.TB, src noise.Source) *world {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hospital.db")
	w := &world{Hospital: providertest.Open(t, openStore(t, file), src, records), t: t, file: file}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(w.Policy())))
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1, 2, 3, 4, 5, 6, 7)
	w.grant = w.Approve(w.Grant())
	w.cost = w.Plan(w.Query(loss)).Cost.NanoRho
	return w
}

func openExact(t testing.TB) *world {
	t.Helper()
	return open(t, noisetest.None(t))
}

// ask makes the usual question.
func (w *world) ask(name string) provider.Question {
	w.t.Helper()
	return w.Question(name, w.grant, w.Query(loss), nil)
}

// release has q answered.
func (w *world) release(q provider.Question) ledger.SignedRelease {
	w.t.Helper()
	r, err := w.Release(w.t.Context(), q)
	ok(w.t, err)
	return r
}

// unanswered makes the usual question, has it charged, and lets counting fail.
func (w *world) unanswered(name string) provider.Question {
	w.t.Helper()
	q := w.ask(name)
	w.Engine.Before = fails(errors.New("broken"))
	defer func() { w.Engine.Before = nil }()
	if err := w.answering(w.t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		w.t.Fatalf("error %v, want %v", err, provider.ErrFailed)
	}
	return q
}

// spent is what the dataset has spent, in nano-rho, and the grant there.
func (w *world) spent() (dataset, grant int64) {
	w.t.Helper()
	s := w.observe()
	return s.Scopes["dataset/"+providertest.Dataset].Spent.NanoRho,
		s.Scopes[studyScope(w.grant)].Spent.NanoRho
}

// studyScope is the scope of a study by its first grant.
func studyScope(first ledger.SignedDocument) string {
	return "grant/" + first.Hash().String() + "/" + providertest.CommitteeOrganisation.String() + "/" + providertest.Dataset
}

var errLooking = errors.New("only looking")

// looking is the request id that observe looks under.
var looking = ledger.HashBytes([]byte("nobody asks this"))

// observe is all that a decision sees of the store: when it would be made,
// classes, policy and every scope.
func (w *world) observe() (seen provider.Snapshot) {
	w.t.Helper()
	_, err := w.Store.Charge(w.t.Context(), looking, func(s provider.Snapshot) (provider.Charge, error) {
		seen = s
		return provider.Charge{}, errLooking
	})
	if err != nil && !errors.Is(err, errLooking) && !errors.Is(err, provider.ErrNoPolicy) {
		w.t.Fatal(err)
	}
	return seen
}

// refused checks that do fails with want and changes nothing, and that no row
// was read.
func (w *world) refused(want error, do func(context.Context) error) {
	w.t.Helper()
	before, counted := w.observe(), len(w.Engine.Counted())
	if err := do(w.t.Context()); err == nil || (want != nil && !errors.Is(err, want)) {
		w.t.Fatalf("error %v, want %v", err, want)
	}
	equal(w.t, "store after a refusal", w.observe(), before)
	equal(w.t, "counts made", len(w.Engine.Counted()), counted)
}

// refusedFor checks that q is refused for exactly these reasons, at no cost, and that this can be made again.
func (w *world) refusedFor(q provider.Question, want ...policy.ReasonCode) {
	w.t.Helper()
	w.turnedAway(q, want...)
	w.refusedAgain(q, want)
}

// turnedAway is refusedFor without what is kept of it.
func (w *world) turnedAway(q provider.Question, want ...policy.ReasonCode) {
	w.t.Helper()
	w.turnedAwayBy(w.answering, q, want...)
}

// answering is [provider.Node.Release], of which the error is all that matters.
func (w *world) answering(ctx context.Context, q provider.Question) error {
	_, err := w.Release(ctx, q)
	return err
}

func (w *world) turnedAwayBy(do func(context.Context, provider.Question) error, q provider.Question, want ...policy.ReasonCode) {
	w.t.Helper()
	w.refused(nil, func(ctx context.Context) error {
		err := do(ctx, q)
		var refused *provider.RefusedError
		if !errors.As(err, &refused) {
			w.t.Fatalf("error %v, want a refusal", err)
		}
		equal(w.t, "reasons", refused.Reasons, want)
		equal(w.t, "columns are named", len(refused.Columns) > 0, slices.Contains(want, policy.ReasonColumnNotReleased))
		return err
	})
	w.uncharged(q)
}

// refusedAgain checks that the refusal of q is kept, comes to the same byte for byte when it is made again, and says what stood against it.
func (w *world) refusedAgain(q provider.Question, want []policy.ReasonCode) {
	w.t.Helper()
	again, err := w.Replay(w.t.Context(), q.Ask.RequestID, true)
	ok(w.t, err)
	if again.Difference != "" || again.Refusal.IsZero() || again.Refusal != again.Digest || again.Request != q.Ask.RequestID {
		w.t.Errorf("refused again: %+v", again)
	}
	x, err := w.Explain(w.t.Context(), again.Refusal, nil)
	ok(w.t, err)
	equal(w.t, "why it was refused", x.Decision.Reasons, want)
	if x.Decision.Allowed() || x.Policy.Content == nil || len(x.Documents) < 2 || len(x.Classes) > 0 || len(x.Scopes) > 0 {
		w.t.Errorf("why it was refused: %+v", x)
	}
}

// decidedAgainst is refusedFor where the hospital is only to decide.
func (w *world) decidedAgainst(q provider.Question, want ...policy.ReasonCode) {
	w.t.Helper()
	w.turnedAwayBy(w.Decide, q, want...)
	w.refusedAgain(q, want)
}

// kept are the refusals on record.
func (w *world) kept() []provider.RefusalName {
	w.t.Helper()
	all, err := w.Refusals(w.t.Context(), 0, 0, 1<<40)
	ok(w.t, err)
	return all
}

func (w *world) uncharged(q provider.Question) {
	w.t.Helper()
	_, found, err := w.Store.Charged(w.t.Context(), q.Ask.RequestID)
	ok(w.t, err)
	equal(w.t, "charge on record", found, false)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
