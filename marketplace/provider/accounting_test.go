package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/dp/noise"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/provider/providertest"
	"github.com/medmarket/medmarket/policy"
)

// openAt is a hospital that may lose (1, 10⁻⁶) in all under the accounting.
func openAt(t *testing.T, accounting policy.Accounting) *world {
	t.Helper()
	w := &world{Hospital: providertest.Open(t, openStore(t, t.TempDir()+"/hospital.db"), noise.New(), records), t: t}
	p := w.Policy()
	p.Accounting = accounting
	budget, err := provider.Accounting(p).Budget(1, 1e-6)
	ok(t, err)
	if accounting == policy.Pure {
		p = providertest.Pure(p)
		equal(t, "budget", accountant.Cost{NanoEpsilon: p.TotalNanoEpsilon}, budget)
	} else {
		p.MaxNanoRhoPerQuery, p.TotalNanoRho = 10_000_000, budget.NanoRho
	}
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.Metadata = provider.Under(w.Metadata, p)
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1, 2, 3)
	w.grant = w.Approve(w.Grant())
	return w
}

// G2: a dataset that may lose (1, 10⁻⁶) answers at least 140 counting questions of ±100 patients at 95%
// where it takes Gaussian releases only, fewer by the general accounting and far fewer where epsilons add, but of ±20 patients more; and then none.
func TestG2CountingQuestionsOfADataset(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	for _, want := range []struct {
		accounting  policy.Accounting
		half        float64
		least, most int
	}{{policy.GaussianOnly, 100, 140, 150}, {"", 100, 120, 130}, {policy.Pure, 100, 32, 32}, {policy.Pure, 20, 6, 6}, {policy.GaussianOnly, 20, 5, 5}} {
		accounting := want.accounting
		w := openAt(t, accounting)
		q := w.Query(0)
		var err error
		q.NanoRho, err = dp.CostForMargin(q, w.Metadata, dp.Margin{Half: want.half})
		ok(t, err)
		asked := 0
		for ; asked <= want.most; asked++ {
			if _, err = w.Release(t.Context(), w.Question(fmt.Sprint(asked), w.grant, q, nil)); err != nil {
				break
			}
		}
		var refused *provider.RefusedError
		if !errors.As(err, &refused) || asked < want.least {
			t.Errorf("accounting %q, ±%v: %d questions, then %v", accounting, want.half, asked, err)
		}
		scope := w.observe().Scopes["dataset/"+providertest.Dataset]
		if spent, err := scope.Kind.EpsilonOf(scope.Spent, 1e-6); err != nil || spent > 1 || spent < 0.87 {
			t.Errorf("accounting %q: spent %v of epsilon 1, %v", accounting, spent, err)
		}
	}
}

// G2: what was spent under one kind of accounting stays under it.
func TestG2AccountingNeverChanges(t *testing.T) {
	for _, c := range []struct{ first, second policy.Accounting }{{"", policy.GaussianOnly}, {policy.GaussianOnly, ""}, {"", policy.Pure}} {
		w := openAt(t, c.first)
		p := w.Policy()
		if c.second == policy.Pure {
			p = providertest.Pure(p)
		}
		p.Revision, p.Accounting = 2, c.second
		w.refused(provider.ErrMalformed, func(ctx context.Context) error { return w.SetPolicy(ctx, w.SignPolicy(p)) })
		p = w.Policy()
		p.Revision, p.Accounting = 2, c.first
		ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	}
	p := policy.DatasetPolicy{Accounting: policy.GaussianOnly}
	if provider.Accounting(p) != accountant.GaussianOnly || provider.Accounting(policy.DatasetPolicy{}) != accountant.ZCDP {
		t.Error("a policy names another kind of accounting than the hospital keeps")
	}
}

// G2: at a dataset of pure accounting an answer has Laplace noise. Dataset and organisation are charged its epsilon; the grant and the
// patients, whose scopes are zCDP, what it costs there; the release says both. A plan with other noise is not answered.
func TestG2PureAccountingChargesEachScopeItsOwn(t *testing.T) {
	w := openAt(t, policy.Pure)
	w.Metadata.Accounting = ""
	other := w.Question("other noise", w.grant, w.Query(1_000_000), nil)
	w.refused(provider.ErrPlanMismatch, func(ctx context.Context) error { _, err := w.Release(ctx, other); return err })

	d, err := w.Describe(t.Context())
	ok(t, err)
	w.Metadata = d.Metadata
	plan := w.Plan(w.Query(1_000_000))
	if plan.Series[0].NanoEpsilon == 0 || plan.Series[0].Sigma != 0 || plan.Cost.NanoEpsilon == 0 {
		t.Fatalf("the plan's noise is %+v", plan.Series[0])
	}
	signed, err := w.Release(t.Context(), w.Question("asked", w.grant, w.Query(1_000_000), nil))
	ok(t, err)
	if r := signed.Release; r.NanoRho != plan.Cost.NanoRho || r.NanoEpsilon != plan.Cost.NanoEpsilon || r.Delta != 0 {
		t.Errorf("the release says %d nano-rho and %d nano-epsilon, the plan costs %+v", r.NanoRho, r.NanoEpsilon, plan.Cost)
	}
	seen, inRho, inEpsilon := w.observe(), accountant.Cost{NanoRho: plan.Cost.NanoRho}, accountant.Cost{NanoEpsilon: plan.Cost.NanoEpsilon}
	for name, scope := range seen.Scopes {
		kind, want := accountant.Pure, inEpsilon
		if strings.HasPrefix(name, "grant/") {
			kind, want = accountant.ZCDP, inRho
		}
		if scope.Kind != kind || scope.Spent != want {
			t.Errorf("%s: %+v, want %s and %+v", name, scope, kind, want)
		}
	}
	equal(t, "scopes", len(seen.Scopes), 3)
	for _, class := range seen.Classes {
		equal(t, "charged", class.Charged(), inRho)
	}
	if d, err = w.Describe(t.Context()); err != nil || d.Spent != inEpsilon || d.Budget != (accountant.Cost{NanoEpsilon: 1_000_000_000}) {
		t.Errorf("described as %+v of %+v, %v", d.Spent, d.Budget, err)
	}
}
