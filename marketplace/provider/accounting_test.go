package provider_test

import (
	"context"
	"errors"
	"fmt"
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
	budget, err := provider.Accounting(p).Rho(1, 1e-6)
	ok(t, err)
	p.TotalNanoRho = budget
	ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	w.EnrolAll()
	w.Prefer(providertest.Anything(), 1, 2, 3)
	w.grant = w.Approve(w.Grant())
	return w
}

// G2: a dataset that may lose (1, 10⁻⁶) answers at least 140 counting questions of ±100 patients at 95%
// where it takes Gaussian releases only, fewer by the general accounting, and then none.
func TestG2CountingQuestionsOfADataset(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: the race detector finds nothing here that make test does not")
	}
	for accounting, want := range map[policy.Accounting]struct{ least, most int }{policy.GaussianOnly: {140, 150}, "": {120, 130}} {
		w := openAt(t, accounting)
		q := w.Query(0)
		var err error
		q.NanoRho, err = dp.CostForMargin(q, w.Metadata, dp.Margin{Half: 100})
		ok(t, err)
		asked := 0
		for ; asked <= want.most; asked++ {
			if _, err = w.Release(t.Context(), w.Question(fmt.Sprint(asked), w.grant, q, nil)); err != nil {
				break
			}
		}
		var refused *provider.RefusedError
		if !errors.As(err, &refused) || asked < want.least {
			t.Errorf("accounting %q: %d questions, then %v", accounting, asked, err)
		}
		scope := w.observe().Scopes["dataset/"+providertest.Dataset]
		if spent, err := scope.Kind.Epsilon(scope.Spent.NanoRho, 1e-6); err != nil || spent > 1 || spent < 0.98 {
			t.Errorf("accounting %q: spent %v of epsilon 1, %v", accounting, spent, err)
		}
	}
}

// G2: what was spent under one kind of accounting stays under it.
func TestG2AccountingNeverChanges(t *testing.T) {
	for _, c := range []struct{ first, second policy.Accounting }{{"", policy.GaussianOnly}, {policy.GaussianOnly, ""}} {
		w := openAt(t, c.first)
		p := w.Policy()
		p.Revision, p.Accounting = 2, c.second
		w.refused(provider.ErrMalformed, func(ctx context.Context) error { return w.SetPolicy(ctx, w.SignPolicy(p)) })
		p.Accounting = c.first
		ok(t, w.SetPolicy(t.Context(), w.SignPolicy(p)))
	}
	p := policy.DatasetPolicy{Accounting: policy.GaussianOnly}
	if provider.Accounting(p) != accountant.GaussianOnly || provider.Accounting(policy.DatasetPolicy{}) != accountant.ZCDP {
		t.Error("a policy names another kind of accounting than the hospital keeps")
	}
}
