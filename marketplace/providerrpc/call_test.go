package providerrpc_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/cohort"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

func TestDescriptionArrivesAsItIs(t *testing.T) {
	w := newWorld(t)
	grant := w.Approve(w.Grant())
	_, err := w.Release(t.Context(), w.Question("spend something", grant, w.Query(1000), nil))
	ok(t, err)
	ok(t, w.SetProfile(t.Context(), w.Sign(w.Steward, ledger.KindDatasetProfile, provider.DatasetProfile{
		Dataset: providertest.Dataset, Revision: 1, Title: "A hospital", Patients: 300, Domains: []cohort.Domain{},
		Bounds: []dp.Bound{{Field: dp.FieldAge, High: 110}},
		Price:  &provider.Price{WorkPerNanoRho: 5, Rises: []provider.PriceRise{{SpentPercent: 50, WorkPerNanoRho: 9}}},
	}, 1)))
	p := w.Policy()
	p.Revision, p.Disclosure = 2, policy.Disclosure{MinCount: 20, RoundTo: 5}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	want, err := w.Describe(t.Context())
	ok(t, err)
	if want.Profile == nil || len(want.Metadata.Bounds) != 1 || want.Metadata.RoundedPatients != 300 || want.Metadata.Disclosure.RoundTo != 5 {
		t.Fatalf("the description has no profile: %+v", want)
	}
	if want.Spent.NanoRho == 0 || want.WorkPerNanoRho != 5 || want.NextRise == nil || len(want.Policy.Content) == 0 {
		t.Fatalf("a description that leaves out much shows little: %+v", want)
	}
	got, err := w.link().Describe(t.Context())
	ok(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-node +marketplace):\n%s", diff)
	}
}

// What a dataset of pure accounting has, and has spent, arrives in its unit; and its accounting, which plans need.
func TestPureDescriptionArrivesAsItIs(t *testing.T) {
	w := newWorldUnder(t, providertest.Pure)
	_, err := w.Release(t.Context(), w.Question("spend something", w.Approve(w.Grant()), w.Query(1000), nil))
	ok(t, err)
	want, err := w.Describe(t.Context())
	ok(t, err)
	if want.Spent.NanoEpsilon == 0 || want.Budget.NanoEpsilon == 0 || want.Metadata.Accounting != accountant.Pure {
		t.Fatalf("described as %+v", want)
	}
	got, err := w.link().Describe(t.Context())
	ok(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-node +marketplace):\n%s", diff)
	}
}

// The bytes that the hospital signed are those that the marketplace gets, the
// first time and every time after.
func TestReleaseArrivesAsItIs(t *testing.T) {
	w := newWorld(t)
	p := w.Policy()
	p.Revision, p.Terms = 2, &policy.DatasetTerms{Revision: 1, Text: "Keep it."}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	q := w.Question("one", w.Approve(w.Grant()), w.Query(1000), nil)
	accepted := w.Sign(w.Researcher, ledger.KindTermsAcceptance, provider.AcceptanceOf(providertest.Dataset, *p.Terms), 1)
	q.Acceptance = &accepted
	h := w.link()
	first, err := h.Release(t.Context(), q)
	ok(t, err)
	ok(t, first.Check(w.Domain, q.Ask, w.Researcher.Address()))
	again, err := h.Release(t.Context(), q)
	ok(t, err)
	direct, err := w.Release(t.Context(), q)
	ok(t, err)
	want := canonical(t, direct)
	if !bytes.Equal(want, canonical(t, first)) || !bytes.Equal(want, canonical(t, again)) {
		t.Errorf("the node has\n%s\nthe marketplace got\n%s\nand then\n%s", want, canonical(t, first), canonical(t, again))
	}
	if n := len(w.Engine.Counted()); n != 1 {
		t.Errorf("counted %d times", n)
	}
}

// What a node is only to decide on it has whole, and what it would not refuse is not charged.
func TestDecideArrives(t *testing.T) {
	w := newWorld(t)
	p := w.Policy()
	p.Revision, p.Terms = 2, &policy.DatasetTerms{Revision: 1, Text: "Keep it."}
	p.RequiredVisas = []policy.RequiredVisa{providertest.Requires(policy.ResearcherStatus, providertest.BonaFide)}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	q := w.Question("one", w.Approve(w.Grant()), w.Query(1000), nil)
	h := w.link()
	var refused *provider.RefusedError
	if err := h.Decide(t.Context(), q); !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal", err)
	}
	if diff := cmp.Diff([]policy.ReasonCode{policy.ReasonActorNotBonaFide, policy.ReasonTermsNotAccepted}, refused.Reasons); diff != "" {
		t.Error(diff)
	}
	if r, err := w.Replay(t.Context(), q.Ask.RequestID, false); err != nil || r.Difference != "" || r.Refusal.IsZero() {
		t.Errorf("on record: %+v, %v", r, err)
	}
	accepted := w.Sign(w.Researcher, ledger.KindTermsAcceptance, provider.AcceptanceOf(providertest.Dataset, *p.Terms), 1)
	q.Acceptance, q.Passport = &accepted, w.Passport(w.Visa(policy.ResearcherStatus, providertest.BonaFide, nil))
	ok(t, h.Decide(t.Context(), q))
	if charged, err := w.Charged(t.Context(), q.Ask.RequestID); err != nil || charged {
		t.Errorf("charged: %t, %v", charged, err)
	}
}

func canonical(t *testing.T, v any) []byte {
	t.Helper()
	b, err := ledger.Canonical(v)
	ok(t, err)
	return b
}

// Whether an ask was charged arrives as the node says it.
func TestChargedArrives(t *testing.T) {
	w := newWorld(t)
	q := w.Question("one", w.Approve(w.Grant()), w.Query(1000), nil)
	h := w.link()
	before, err := h.Charged(t.Context(), q.Ask.RequestID)
	ok(t, err)
	_, err = h.Release(t.Context(), q)
	ok(t, err)
	after, err := h.Charged(t.Context(), q.Ask.RequestID)
	ok(t, err)
	if before || !after {
		t.Errorf("charged before it was asked: %t, and afterwards: %t", before, after)
	}
}

// A call that the marketplace gives up ends at the hospital too, and is not
// taken for an answer.
func TestCancelledCallEndsAtTheHospital(t *testing.T) {
	w := newWorld(t)
	entered, left := make(chan struct{}), make(chan struct{})
	w.store.Before = func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		close(left)
		return ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	h := w.link()
	go func() {
		_, err := h.Describe(ctx)
		done <- err
	}()
	<-entered
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	<-left
}

func TestNobodyThere(t *testing.T) {
	w := newWorld(t)
	w.address = "127.0.0.1:1"
	h := w.link()
	if _, err := h.Describe(t.Context()); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("Describe: got %v, want %v", err, marketplace.ErrUnavailable)
	}
	if _, err := h.Release(t.Context(), provider.Question{}); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("Release: got %v, want %v", err, marketplace.ErrUnavailable)
	}
	if err := h.Decide(t.Context(), provider.Question{}); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("Decide: got %v, want %v", err, marketplace.ErrUnavailable)
	}
	if _, err := h.Charged(t.Context(), ledger.Hash{1}); !errors.Is(err, marketplace.ErrUnavailable) {
		t.Errorf("Charged: got %v, want %v", err, marketplace.ErrUnavailable)
	}
}
