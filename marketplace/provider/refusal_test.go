package provider_test

import (
	"context"
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/noise/noisetest"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
	"github.com/medmarket/medmarket/policy/duo"
)

// regrant replaces the grant by another, approved.
func (w *world) regrant(change func(*policy.Grant)) {
	g := w.Grant()
	change(&g)
	w.grant = w.Approve(g)
}

// repolicy sets the second revision of the policy.
func (w *world) repolicy(change func(*policy.DatasetPolicy)) {
	w.t.Helper()
	p := w.Policy()
	p.Revision = 2
	change(&p)
	ok(w.t, w.SetPolicy(w.t.Context(), w.SignPolicy(p)))
}

// record changes what the chain says of the present grant.
func (w *world) record(change func(*ledger.GrantRecord)) {
	w.t.Helper()
	var g policy.Grant
	ok(w.t, ledger.ParseCanonical(w.grant.Content, &g))
	r := w.Terms(g, w.grant)
	change(&r)
	w.Chain.Put(r)
}

func (w *world) ancestry(a *ledger.Ask) { a.Purpose.Permission = string(duo.POA) }

func TestG2EveryRefusalHasItsReasonAndCostsNothing(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(*world)
		change  func(*world, *ledger.Ask)
		want    []policy.ReasonCode
	}{
		"nobody approved the study": {func(w *world) {
			g := w.Grant()
			g.ID = "another"
			w.grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"another committee approved it": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Committee = w.Steward.Address() })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"a lower ceiling was approved": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Ceilings[0]-- })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"another dataset was approved": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Datasets[0] = ledger.DatasetID("hospital-b") })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"more datasets were approved": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) {
				r.Datasets, r.Ceilings = append(r.Datasets, ledger.DatasetID("hospital-b")), append(r.Ceilings, 1)
			})
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"an earlier start was approved": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.NotBefore-- })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"an earlier end was approved": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Expiry-- })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"revoked": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantRevoked })
		}, nil, []policy.ReasonCode{policy.ReasonGrantRevoked}},
		"suspended grant": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Status = ledger.GrantSuspended })
		}, nil, []policy.ReasonCode{policy.ReasonGrantSuspended}},
		"grant of unknown state": {func(w *world) {
			w.record(func(r *ledger.GrantRecord) { r.Status = 0 })
		}, nil, []policy.ReasonCode{policy.ReasonGrantMissing}},
		"not begun": {func(w *world) {
			w.regrant(func(g *policy.Grant) { g.Period.Start = providertest.Start + 60 })
		}, nil, []policy.ReasonCode{policy.ReasonGrantNotYetValid}},
		"over": {func(w *world) {
			w.regrant(func(g *policy.Grant) { g.Period.End = providertest.Start })
		}, nil, []policy.ReasonCode{policy.ReasonGrantExpired}},
		"asked by another researcher": {func(w *world) {
			w.Researcher = providertest.NewKey(w.t)
			w.Chain.Enter(ledger.Participant{Address: w.Researcher.Address(), Roles: ledger.RoleResearcher})
		}, nil, []policy.ReasonCode{policy.ReasonGrantResearcher}},
		"granted for another dataset": {func(w *world) {
			w.regrant(func(g *policy.Grant) { g.Datasets[0].Dataset = "hospital-b" })
		}, nil, []policy.ReasonCode{policy.ReasonGrantDataset}},
		"one above the grant's ceiling": {func(w *world) {
			w.regrant(func(g *policy.Grant) { g.Datasets[0].NanoRho = w.cost - 1 })
		}, nil, []policy.ReasonCode{policy.ReasonGrantEpsilon}},
		"embargo": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 60 })
		}, nil, []policy.ReasonCode{policy.ReasonDatasetEmbargoed}},
		"not released for this": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.PermittedUse = []policy.DataUse{{Permission: duo.POA}} })
		}, nil, []policy.ReasonCode{policy.ReasonDatasetPurpose}},
		"a column is not released": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.Columns = p.Columns[1:] })
		}, nil, []policy.ReasonCode{policy.ReasonColumnNotReleased}},
		"one above the cap of a query": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.MaxNanoRhoPerQuery = w.cost - 1 })
		}, nil, []policy.ReasonCode{policy.ReasonEpsilonQueryCap}},
		"one above the dataset's budget": {func(w *world) {
			w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = w.cost - 1 })
		}, nil, []policy.ReasonCode{policy.ReasonEpsilonDatasetBudget}},
		"all that applies, in order": {func(w *world) {
			w.regrant(func(g *policy.Grant) { g.Datasets[0].NanoRho = 1 })
			w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = 1 })
		}, (*world).ancestry, []policy.ReasonCode{
			policy.ReasonGrantPurpose, policy.ReasonGrantEpsilon, policy.ReasonDatasetPurpose, policy.ReasonEpsilonDatasetBudget,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := openExact(t)
			c.arrange(w)
			q := w.Question("refused", w.grant, w.Query(loss), func(a *ledger.Ask) {
				if c.change != nil {
					c.change(w, a)
				}
			})
			w.decidedAgainst(q, c.want...)
			first := w.kept()
			w.Clock.Advance(1)
			w.refusedFor(q, c.want...)
			equal(t, "kept, though it was refused twice", w.kept(), first)
			for _, r := range c.want {
				equal(t, "heard", w.Heard().Refused[r].Times, int64(2))
			}
		})
	}
}

// A marketplace has the hospital keep nothing that the hospital would not refuse itself, and never charge by it.
func TestG5DecidingChargesNothing(t *testing.T) {
	w := openExact(t)
	forged := w.ask("forged")
	forged.Signature = w.SignAsk(w.Market, forged.Ask) // who is no registered researcher
	other := w.ask("other grant")
	other.Grant = w.Approve(policy.Grant{ID: "another", Committee: w.Committee.Address().String()})
	elsewhere := w.Question("elsewhere", w.grant, w.Query(loss), func(a *ledger.Ask) { a.Dataset = "hospital-b" })
	expired := w.Question("expired", w.grant, w.Query(loss), func(a *ledger.Ask) { a.Expiry, a.Purpose.Permission = w.Clock.Now().Unix(), string(duo.POA) })
	costly := w.Question("costly", w.grant, w.Query(loss), func(a *ledger.Ask) { a.MaxNanoRho, a.Purpose.Permission = w.cost-1, string(duo.POA) })
	nothing := w.ask("nothing signed")
	nothing.Signature = ledger.Signature{}
	for name, c := range map[string]struct {
		q    provider.Question
		want error // nil: it is turned away
	}{
		"asked by the marketplace": {forged, nil},
		"under another grant":      {other, provider.ErrMalformed},
		"of another hospital":      {elsewhere, provider.ErrPlanMismatch},
		"of yesterday":             {expired, provider.ErrExpired},
		"for more than she signed": {costly, provider.ErrMalformed},
		"not signed":               {nothing, provider.ErrSignature},
	} {
		t.Run(name, func(t *testing.T) {
			w := *w
			w.t = t
			if c.want == nil {
				w.turnedAwayBy(w.Decide, c.q, policy.ReasonGrantResearcher)
			} else {
				w.refused(c.want, func(ctx context.Context) error { return w.Decide(ctx, c.q) })
			}
		})
	}
	allowed := w.ask("allowed")
	before := w.observe()
	ok(t, w.Decide(t.Context(), allowed))
	equal(t, "store after it was decided", w.observe(), before)
	w.Chain.Sealed(providertest.Start - int64(provider.DefaultStaleAfter.Seconds()) - 1)
	w.refused(provider.ErrCheckpointStale, func(ctx context.Context) error { return w.Decide(ctx, allowed) })
	w.Chain.Sealed(providertest.Start)
	w.uncharged(allowed)
	w.release(allowed)
	ok(t, w.Decide(t.Context(), allowed)) // nor is it refused now
	reused := w.Question("allowed", w.grant, w.Query(loss), w.ancestry)
	w.refused(provider.ErrRequestReused, func(ctx context.Context) error { return w.Decide(ctx, reused) })
	equal(t, "kept", len(w.kept()), 0)
}

// Whoever asks long afterwards once more what she signed pushes nothing out of what is kept.
func TestARefusedAskExpires(t *testing.T) {
	w := openExact(t)
	q := w.Question("one", w.grant, w.Query(loss), w.ancestry)
	w.refusedFor(q, policy.ReasonGrantPurpose, policy.ReasonDatasetPurpose)
	w.Clock.Advance(600)
	w.repolicy(func(p *policy.DatasetPolicy) { p.EmbargoUntil = providertest.Start + 1_000_000 })
	w.refused(provider.ErrExpired, func(ctx context.Context) error { return w.answering(ctx, q) })
	equal(t, "kept", len(w.kept()), 1)
}

// A researcher who must not miss an event asks for its token at least: she gets
// an answer that stands on it, or none.
func TestAnAskForALogNotReached(t *testing.T) {
	w := openExact(t)
	token := w.Prefer(providertest.Withdrawal(), 7)
	at := func(name string, asOf uint64) provider.Question {
		return w.Question(name, w.grant, w.Query(loss), func(a *ledger.Ask) { a.AtLeastAsOf = asOf })
	}
	next := w.observe().AsOf
	w.refusedFor(at("one too far", next+1), policy.ReasonSnapshotStale)
	w.refusedFor(at("far ahead", 1<<52), policy.ReasonSnapshotStale)
	if got := w.release(at("as far as it goes", next)).Release.AsOf; got != next || got < token {
		t.Errorf("as of %d, want %d, and the token is %d", got, next, token)
	}
}

// What was charged on a log that reached the mark is finished later.
func TestAnAskForALogReachedAtItsCharge(t *testing.T) {
	w := openExact(t)
	q := w.Question("one", w.grant, w.Query(loss), func(a *ledger.Ask) { a.AtLeastAsOf = w.observe().AsOf })
	w.Engine.Before = fails(errors.New("broken"))
	if _, err := w.Release(t.Context(), q); !errors.Is(err, provider.ErrFailed) {
		t.Fatal(err)
	}
	w.Engine.Before = nil
	w.release(q)
}

func TestWhatIsNotAnAskCostsNothing(t *testing.T) {
	w := openExact(t)
	other := w.ask("other")
	for name, c := range map[string]struct {
		change func(*provider.Question) // of a good question; its signature is made before
		ask    func(*ledger.Ask)        // before it is signed
		want   error
	}{
		"another plan": {func(q *provider.Question) { q.Plan = w.Question("x", w.grant, w.Query(loss/2), nil).Plan }, nil, provider.ErrMalformed},
		// In the same terms, but for more purposes than were granted.
		"another grant": {func(q *provider.Question) {
			g := w.Grant()
			g.Purposes = []policy.DataUse{{Permission: duo.NRES}}
			q.Grant = w.Sign(w.Researcher, ledger.KindDataGrant, g, 1)
		}, nil, provider.ErrMalformed},
		"no signature":            {func(q *provider.Question) { q.Signature = ledger.Signature{} }, nil, provider.ErrSignature},
		"no request id":           {nil, func(a *ledger.Ask) { a.RequestID = ledger.Hash{} }, provider.ErrMalformed},
		"one below the cost":      {nil, func(a *ledger.Ask) { a.MaxNanoRho = w.cost - 1 }, provider.ErrMalformed},
		"another dataset":         {nil, func(a *ledger.Ask) { a.Dataset = "hospital-b" }, provider.ErrPlanMismatch},
		"expires this second":     {nil, func(a *ledger.Ask) { a.Expiry = w.Clock.Now().Unix() }, provider.ErrExpired},
		"a plan that is no plan":  {func(q *provider.Question) { q.Plan = []byte(`{}`) }, func(a *ledger.Ask) { a.PlanHash = ledger.HashBytes([]byte(`{}`)) }, nil},
		"spelled in another way":  {func(q *provider.Question) { q.Plan = append(q.Plan, ' ') }, func(a *ledger.Ask) { a.PlanHash = ledger.HashBytes(append(other.Plan, ' ')) }, provider.ErrMalformed},
		"a grant that is no JSON": {func(q *provider.Question) { q.Grant.Content = []byte(`x`) }, func(a *ledger.Ask) { a.Grant = ledger.HashBytes([]byte(`x`)) }, provider.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			q := w.Question("bad", w.grant, w.Query(loss), c.ask)
			if c.change != nil {
				c.change(&q)
			}
			w.refused(c.want, func(ctx context.Context) error {
				_, err := w.Release(ctx, q)
				return err
			})
			w.uncharged(q)
		})
	}
	w.release(other) // and what they were made from is good
}

// A signature covers every field of the ask: changing one afterwards makes it
// the ask of an unknown key, whom no grant names.
func TestASignedAskCannotBeChanged(t *testing.T) {
	w := openExact(t)
	for name, change := range map[string]func(*ledger.Ask){
		"request id": func(a *ledger.Ask) { a.RequestID[0] ^= 1 },
		"purpose":    func(a *ledger.Ask) { a.Purpose.Permission = string(duo.GRU) },
		"max cost":   func(a *ledger.Ask) { a.MaxNanoRho++ },
		"max work":   func(a *ledger.Ask) { a.MaxWork++ },
		"expiry":     func(a *ledger.Ask) { a.Expiry++ },
		"log index":  func(a *ledger.Ask) { a.AtLeastAsOf++ },
	} {
		t.Run(name, func(t *testing.T) {
			q := w.ask("signed")
			change(&q.Ask)
			w.refused(nil, func(ctx context.Context) error {
				_, err := w.Release(ctx, q)
				var refused *provider.RefusedError
				if !errors.As(err, &refused) || refused.Reasons[0] != policy.ReasonGrantResearcher {
					t.Errorf("error %v, want it refused to an unknown researcher", err)
				}
				return err
			})
		})
	}
}

func TestAnAskForAnotherVersion(t *testing.T) {
	w := openExact(t)
	q := w.ask("old")
	w.Metadata.Version = "2"
	w.Restart()
	w.refused(provider.ErrPlanMismatch, func(ctx context.Context) error {
		_, err := w.Release(ctx, q)
		return err
	})
}

func TestBudgetsCanBeSpentToTheLastUnit(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(*world)
		spent   policy.ReasonCode
	}{
		"grant":   {func(w *world) { w.regrant(func(g *policy.Grant) { g.Datasets[0].NanoRho = 2 * w.cost }) }, policy.ReasonGrantEpsilon},
		"dataset": {func(w *world) { w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = 2 * w.cost }) }, policy.ReasonEpsilonDatasetBudget},
	} {
		t.Run(name, func(t *testing.T) {
			w := openExact(t)
			c.arrange(w)
			w.repolicyCap()
			w.release(w.ask("one"))
			w.release(w.ask("two"))
			dataset, grant := w.spent()
			equal(t, "spent", []int64{dataset, grant}, []int64{2 * w.cost, 2 * w.cost})
			w.refusedFor(w.ask("three"), c.spent)
			w.refusedFor(w.Question("least", w.grant, w.Query(1), nil), c.spent)
		})
	}
}

// repolicyCap lets a single query cost exactly what the usual one does.
func (w *world) repolicyCap() {
	w.t.Helper()
	var p policy.DatasetPolicy
	signed, err := w.Store.Policy(w.t.Context())
	ok(w.t, err)
	ok(w.t, ledger.ParseCanonical(signed.Content, &p))
	p.Revision, p.MaxNanoRhoPerQuery = p.Revision+1, w.cost
	ok(w.t, w.SetPolicy(w.t.Context(), w.SignPolicy(p)))
}

// A steward may lower a budget below what is spent: nothing is given back, and
// nothing more is released.
func TestABudgetBelowWhatIsSpent(t *testing.T) {
	w := openExact(t)
	w.release(w.ask("one"))
	w.repolicy(func(p *policy.DatasetPolicy) { p.TotalNanoRho = w.cost - 1 })
	w.refusedFor(w.ask("two"), policy.ReasonEpsilonDatasetBudget)
	d, err := w.Describe(t.Context())
	ok(t, err)
	equal(t, "spent and budget", []int64{d.Spent.NanoRho, d.Budget.NanoRho}, []int64{w.cost, w.cost - 1})
}

func TestNothingIsAnsweredWithoutThePolicyOrTheChain(t *testing.T) {
	w := &world{Hospital: providertest.Open(t, openStore(t, t.TempDir()+"/hospital.db"), noisetest.None(t), records), t: t}
	w.grant = w.Approve(w.Grant())
	if _, err := w.Release(t.Context(), w.ask("early")); !errors.Is(err, provider.ErrNoPolicy) {
		t.Errorf("release without a policy: %v", err)
	}
	if _, err := w.Describe(t.Context()); !errors.Is(err, provider.ErrNoPolicy) {
		t.Errorf("description without a policy: %v", err)
	}
	w = openExact(t)
	down := errors.New("chain is down")
	w.Chain.Fail = func(string) error { return down }
	w.refused(down, func(ctx context.Context) error {
		_, err := w.Release(ctx, w.ask("late"))
		return err
	})
	w.Chain.Fail = nil
	w.release(w.ask("late"))
}

func TestAQueryBeyondDemographicsNeedsEveryCategory(t *testing.T) {
	w := openExact(t)
	census := providertest.Anything()
	census.Categories = []policy.CategoryScope{{Category: policy.Demographics, Finest: policy.LevelExact}}
	w.Prefer(census, 6)
	equal(t, "with conditions, without 6", w.release(w.ask("both")).Release.Vector, []int64{0, 2, 1, 3})
	bySex := w.Query(loss)
	bySex.GroupBy = []dp.Group{{Kind: dp.Sex}}
	equal(t, "by sex alone, with 6", w.release(w.Question("sex", w.grant, bySex, nil)).Release.Vector, []int64{3, 4})
}
