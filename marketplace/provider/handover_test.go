package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// An answer that has someone in it who has left since is not shown again, and
// the charge stands.
func TestG8AnAnswerIsNotHandedOverAgainOnceSomeoneLeft(t *testing.T) {
	for name, c := range map[string]struct {
		before, since func(*world)
		again         bool
	}{
		"withdrew": {nil, func(w *world) { w.Prefer(providertest.Withdrawal(), 3) }, false},
		"narrowed": {nil, func(w *world) {
			w.Prefer(narrowed(func(p *policy.ReleasePreference) {
				p.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelExact}}
			}), 3)
		}, false},
		"ended":             {func(w *world) { w.Prefer(until(providertest.Start+10), 3) }, func(w *world) { w.Clock.Advance(10) }, false},
		"has a second left": {func(w *world) { w.Prefer(until(providertest.Start+11), 3) }, func(w *world) { w.Clock.Advance(10) }, true},
		"shortened": {nil, func(w *world) {
			w.Prefer(until(providertest.Start+10), 3)
			w.Clock.Advance(10)
		}, false},
		"withdrew and returned": {nil, func(w *world) {
			w.Prefer(providertest.Withdrawal(), 3)
			w.Prefer(providertest.Anything(), 3)
		}, true},
		"somebody joined":                     {nil, func(w *world) { w.Prefer(providertest.Anything(), 8) }, true},
		"somebody who was not in it withdrew": {nil, func(w *world) { w.Prefer(providertest.Withdrawal(), 8) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			if c.before != nil {
				c.before(w)
			}
			q := w.ask("one")
			first := w.release(q)
			c.since(w)
			if c.again {
				equal(t, "answer", w.release(q), first)
				return
			}
			w.refused(provider.ErrFailed, func(ctx context.Context) error {
				r, err := w.Release(ctx, q)
				equal(t, "what came with the error", r, ledger.SignedRelease{})
				return err
			})
			dataset, _ := w.spent()
			equal(t, "spent", dataset, w.cost)
		})
	}
}

// What was charged and not answered is answered only while it is allowed; the
// charge stands, since rows may have been read.
func TestG2AChargedQuestionIsDecidedAnew(t *testing.T) {
	for name, c := range map[string]struct {
		since   func(*world)
		allowed bool
		reasons []policy.ReasonCode // by which it ended, and which are on record
	}{
		"revoked": {func(w *world) { w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked }) }, false, []policy.ReasonCode{policy.ReasonGrantRevoked}},
		"over":    {func(w *world) { w.Clock.Advance(1_000_000) }, false, []policy.ReasonCode{policy.ReasonGrantExpired}},
		"embargo": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 10 })
		}, false, []policy.ReasonCode{policy.ReasonDatasetEmbargoed}},
		"for another purpose": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.PermittedUse = []policy.DataUse{{Permission: duo.POA}} })
		}, false, []policy.ReasonCode{policy.ReasonDatasetPurpose}},
		"a budget below its cost": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = w.cost - 1 })
		}, false, []policy.ReasonCode{policy.ReasonEpsilonDatasetBudget}},
		"embargo, and the budget is spent": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.EmbargoUntil, p.TotalNanoRho = providertest.Start+10, w.cost })
		}, false, []policy.ReasonCode{policy.ReasonDatasetEmbargoed}},
		"no researcher any more": {func(w *world) { w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address()}) }, false, nil},
		"the chain is down":      {func(w *world) { w.Chain.Fail = func(string) error { return errors.New("down") } }, false, nil},
		"the ask has expired":    {func(w *world) { w.Clock.Advance(600) }, true, nil},
		"the budget is spent":    {func(w *world) { w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = w.cost }) }, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			w.release(w.ask("before"))
			q := w.unanswered("one")
			c.since(w)
			if c.allowed {
				equal(t, "vector", w.release(q).Release.Vector, []int64{1, 2, 1, 3})
			} else {
				w.refused(provider.ErrFailed, func(ctx context.Context) error { return w.answering(ctx, q) })
				w.Clock.Advance(1)
				w.refused(provider.ErrFailed, func(ctx context.Context) error { return w.answering(ctx, q) })
			}
			dataset, _ := w.spent()
			equal(t, "spent", dataset, 2*w.cost)
			w.recheckKept(q, c.reasons)
		})
	}
}

// recheckKept checks that what ended a charged question is kept, once, is the same when it is made again, and is explained; and is what the
// hospital says if it is only to decide.
func (w *world) recheckKept(q provider.Question, want []policy.ReasonCode) {
	w.t.Helper()
	all, n := w.kept(), 1
	if want == nil {
		n = 0
	}
	equal(w.t, "kept", len(all), n)
	if n == 0 {
		return
	}
	var refused *provider.RefusedError
	if err := w.Decide(w.t.Context(), q); !errors.As(err, &refused) {
		w.t.Fatalf("error %v, want a refusal", err)
	}
	equal(w.t, "reasons", refused.Reasons, want)
	equal(w.t, "kept", w.kept(), all)
	charged, _, err := w.Store.Charged(w.t.Context(), q.Ask.RequestID)
	ok(w.t, err)
	name := all[0].DecisionName
	equal(w.t, "name", []any{name.Request, name.Recheck, name.AsOf}, []any{q.Ask.RequestID, true, charged.AsOf})
	again, err := w.Replay(w.t.Context(), name.Refusal, true)
	ok(w.t, err)
	equal(w.t, "made again", again, provider.Replayed{DecisionName: name, Digest: name.Refusal})
	x, err := w.Explain(w.t.Context(), name.Refusal, nil)
	ok(w.t, err)
	equal(w.t, "why", x.Decision.Reasons, want)
	equal(w.t, "level of the query", []any{x.Decision.Allowed(), len(x.Classes), len(x.Scopes)}, []any{false, 0, 0})
	first, err := w.Replay(w.t.Context(), q.Ask.RequestID, true) // and the charge is what it was
	ok(w.t, err)
	equal(w.t, "charge", []any{first.Difference, first.Refusal.IsZero()}, []any{"", true})
}

// On a chain whose last final block is old nothing is charged, counted or handed
// over; once a block is final again, the same request goes on where it was.
func TestG2NothingIsReleasedOnAStaleCheckpoint(t *testing.T) {
	stale := providertest.Start - int64(provider.DefaultStaleAfter.Seconds()) - 1
	for name, c := range map[string]struct {
		before func(*world, provider.Question) // the checkpoint gets stale
		want   error
	}{
		"not charged": {func(*world, provider.Question) {}, provider.ErrCheckpointStale},
		"charged": {func(w *world, q provider.Question) {
			w.Engine.Before = fails(errors.New("broken"))
			if _, err := w.Release(w.t.Context(), q); !errors.Is(err, provider.ErrFailed) {
				w.t.Fatal(err)
			}
			w.Engine.Before = nil
		}, provider.ErrFailed},
		"answered": {func(w *world, q provider.Question) { w.release(q) }, provider.ErrFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			q := w.ask("one")
			c.before(w, q)
			w.Chain.Sealed(stale)
			w.refused(c.want, func(ctx context.Context) error {
				_, err := w.Release(ctx, q)
				return err
			})
			w.Chain.Sealed(stale + 1)
			equal(t, "vector", w.release(q).Release.Vector, []int64{1, 2, 1, 3})
			dataset, _ := w.spent()
			equal(t, "spent", dataset, w.cost)
		})
	}
}

// Whoever's permission had ended when it was charged was not charged: she stays
// out, even if the clock is set back.
func TestG8NeverPlusThoughTheClockIsSetBack(t *testing.T) {
	w := openExact(t)
	w.Prefer(until(providertest.Start+10), 3)
	w.Clock.Advance(10)
	q := w.ask("one")
	w.Engine.After = fails(errors.New("broken"))
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.After = nil
	w.Clock.Advance(-10)
	equal(t, "vector without 3", w.release(q).Release.Vector, []int64{1, 2, 0, 3})
}

func TestG2AskedByNoResearcher(t *testing.T) {
	w := openExact(t)
	w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleSteward | ledger.RoleCommittee})
	w.turnedAway(w.ask("one"), policy.ReasonGrantResearcher)
	if kept, err := w.Refusals(t.Context(), 0, 0, 1<<40); err != nil || len(kept) > 0 { // nothing was decided, and there is no organisation to keep it under
		t.Errorf("kept %v, %v", kept, err)
	}
}
