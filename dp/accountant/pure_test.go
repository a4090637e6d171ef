package accountant_test

import (
	"errors"
	"math"
	"testing"

	"github.com/medmarket/medmarket/dp/accountant"
	"pgregory.net/rapid"
)

func pure(nanoEpsilon int64) accountant.Cost { return accountant.Cost{NanoEpsilon: nanoEpsilon} }

func TestLaplaceCost(t *testing.T) {
	for _, c := range []struct{ nanoEpsilon, numbers, wantRho int64 }{
		{1_000_000_000, 1, 462_500_000}, // 1/2 - 1/24 + 1/240
		{1_000_000_000, 3, 1_387_500_000},
		{100_000_000, 1, 4_995_838}, // 0.005 - 0.0001/24 + 0.000001/240, rounded up
		{100_000_000, 1000, 4_995_837_500},
		{31_622, 2, 1}, // 0.99995...
		{1, 1, 1},      // never free
	} {
		got, err := accountant.Laplace(c.nanoEpsilon, c.numbers)
		if want := (accountant.Cost{NanoRho: c.wantRho, NanoEpsilon: c.nanoEpsilon * c.numbers}); err != nil || got != want {
			t.Errorf("Laplace(%d, %d) = %+v, %v; want %+v", c.nanoEpsilon, c.numbers, got, err, want)
		}
	}
	for _, c := range []struct {
		nanoEpsilon, numbers int64
		want                 error
	}{
		{0, 1, accountant.ErrEpsilon}, {-1, 1, accountant.ErrEpsilon}, {1_000_000_001, 1, accountant.ErrEpsilon},
		{1, 0, accountant.ErrOverflow}, {1, -1, accountant.ErrOverflow}, {1_000_000_000, 10_000_000, accountant.ErrOverflow}, {2, math.MaxInt64, accountant.ErrOverflow},
	} {
		if got, err := accountant.Laplace(c.nanoEpsilon, c.numbers); !errors.Is(err, c.want) || got != (accountant.Cost{}) {
			t.Errorf("Laplace(%d, %d) = %+v, %v; want %v", c.nanoEpsilon, c.numbers, got, err, c.want)
		}
	}
}

// The charge in zCDP is never below epsilon tanh(epsilon/2), is above it by half a part in a thousand at most, besides its rounding, rises
// with the epsilon, and never passes epsilon²/2.
func TestLaplaceInZCDP(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, accountant.NanoPerEpsilon).Draw(t, "nano-epsilon")
		c, err := accountant.Laplace(n, 1)
		if err != nil {
			t.Fatal(err)
		}
		epsilon := float64(n) / 1e9
		loss := epsilon * math.Tanh(epsilon/2) * 1e9
		if rho := float64(c.NanoRho); rho < loss*(1-1e-12) || rho > loss*1.001+1 || rho > epsilon*epsilon/2*1e9+1 {
			t.Fatalf("epsilon %v: charged %v nano-rho for %v", epsilon, rho, loss)
		}
		if less, err := accountant.Laplace(max(1, n-1), 1); err != nil || less.NanoRho > c.NanoRho {
			t.Fatalf("%d nano-epsilon costs %v, %d %v, %v", n-1, less, n, c, err)
		}
	})
}

// What each kind takes and counts of a release with Gaussian noise, with a delta besides, and with Laplace noise.
func TestKindsTakeWhatFits(t *testing.T) {
	gaussian, withDelta, laplace := cost(100, 0), cost(100, 5), accountant.Cost{NanoRho: 60, NanoEpsilon: 11}
	budgets := map[accountant.Kind]accountant.Cost{
		accountant.ZCDP: cost(1000, 50), accountant.GaussianOnly: cost(1000, 0), accountant.Pure: pure(1000),
	}
	for _, c := range []struct {
		kind accountant.Kind
		cost accountant.Cost
		want error
	}{
		{accountant.ZCDP, gaussian, nil}, {accountant.ZCDP, withDelta, nil}, {accountant.ZCDP, laplace, nil},
		{accountant.GaussianOnly, gaussian, nil}, {accountant.GaussianOnly, withDelta, accountant.ErrMechanism}, {accountant.GaussianOnly, laplace, accountant.ErrMechanism},
		{accountant.Pure, gaussian, accountant.ErrMechanism}, {accountant.Pure, withDelta, accountant.ErrMechanism}, {accountant.Pure, laplace, nil},
		{accountant.Pure, accountant.Cost{NanoRho: 60, Delta: 1, NanoEpsilon: 11}, accountant.ErrMechanism}, {accountant.Pure, accountant.Cost{}, nil},
	} {
		scope, err := accountant.NewScope(c.kind, budgets[c.kind])
		if err != nil {
			t.Fatal(err)
		}
		after, err := scope.Admit(c.cost)
		if !errors.Is(err, c.want) {
			t.Errorf("%s scope, cost %+v: %v, want %v", c.kind, c.cost, err, c.want)
		}
		want := accountant.Cost{}
		if c.want == nil {
			want = c.kind.Counted(c.cost)
		}
		if after.Spent != want {
			t.Errorf("%s scope, cost %+v: spent %+v, want %+v", c.kind, c.cost, after.Spent, want)
		}
	}
	if got := accountant.Pure.Counted(laplace); got != pure(11) {
		t.Errorf("a pure scope counts %+v", got)
	}
	if got := accountant.ZCDP.Counted(laplace); got != cost(60, 0) {
		t.Errorf("a zCDP scope counts %+v", got)
	}
}

// A scope with a budget or with spending in another kind's unit is none.
func TestScopeRefusesOtherUnits(t *testing.T) {
	for kind, budget := range map[accountant.Kind]accountant.Cost{
		accountant.Pure: {NanoEpsilon: 5, NanoRho: 5}, accountant.ZCDP: {NanoRho: 5, NanoEpsilon: 5}, accountant.GaussianOnly: {NanoEpsilon: 5},
	} {
		if _, err := accountant.NewScope(kind, budget); !errors.Is(err, accountant.ErrUnit) {
			t.Errorf("%s scope of %+v: %v", kind, budget, err)
		}
	}
	spent := accountant.Scope{Kind: accountant.Pure, Budget: pure(5), Spent: cost(1, 0)}
	if _, err := spent.Admit(pure(1)); !errors.Is(err, accountant.ErrUnit) {
		t.Errorf("spent %+v: %v", spent.Spent, err)
	}
}

// In whatever order, a pure scope admits exactly what fits, and ends at the sum of the epsilons.
func TestPureScopeIsAFilter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scope, err := accountant.NewScope(accountant.Pure, pure(rapid.Int64Range(0, 1000).Draw(t, "budget")))
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for range rapid.IntRange(0, 50).Draw(t, "queries") {
			one, err := accountant.Laplace(rapid.Int64Range(1, 300).Draw(t, "nano-epsilon"), 1)
			if err != nil {
				t.Fatal(err)
			}
			fits := sum+one.NanoEpsilon <= scope.Budget.NanoEpsilon
			after, err := scope.Admit(one)
			if fits != (err == nil) || !fits && !errors.Is(err, accountant.ErrBudgetSpent) {
				t.Fatalf("spent %v of %v, cost %v: %v", scope.Spent, scope.Budget, one, err)
			}
			if fits {
				sum += one.NanoEpsilon
			}
			if scope = after; scope.Spent != pure(sum) {
				t.Fatalf("spent %v, admitted %d", scope.Spent, sum)
			}
		}
	})
}

// The costs of two mechanisms have no sum: it would pass for one of either.
func TestCostsOfTwoMechanismsDoNotAdd(t *testing.T) {
	laplace := accountant.Cost{NanoRho: 60, NanoEpsilon: 11}
	for _, c := range [][2]accountant.Cost{{laplace, cost(1, 0)}, {cost(0, 1), laplace}} {
		if got, err := c[0].Add(c[1]); !errors.Is(err, accountant.ErrMechanism) || got != (accountant.Cost{}) {
			t.Errorf("%+v + %+v = %+v, %v", c[0], c[1], got, err)
		}
	}
	if got, err := laplace.Add(accountant.Cost{}); err != nil || got != laplace {
		t.Errorf("%+v and nothing is %+v, %v", laplace, got, err)
	}
	if _, err := pure(accountant.MaxUnits).Add(pure(1)); !errors.Is(err, accountant.ErrOverflow) {
		t.Errorf("overflow: %v", err)
	}
	if _, err := pure(-1).Add(pure(1)); !errors.Is(err, accountant.ErrNegative) {
		t.Errorf("negative: %v", err)
	}
}

// Budgets that people state become units and are shown as they were stated.
func TestBudgetsOfEachKind(t *testing.T) {
	for kind, want := range map[accountant.Kind]accountant.Cost{accountant.ZCDP: cost(24_355_970, 0), accountant.Pure: pure(1_000_000_000)} {
		budget, err := kind.Budget(1, 1e-6)
		if err != nil || budget != want {
			t.Errorf("%s: (1, 1e-6) is %+v, %v; want %+v", kind, budget, err, want)
		}
		if epsilon, err := kind.EpsilonOf(budget, 1e-6); err != nil || epsilon > 1 || epsilon < 0.999999 {
			t.Errorf("%s: %+v is epsilon %v, %v", kind, budget, epsilon, err)
		}
	}
	for _, epsilon := range []float64{0, -1, 20.1, math.Inf(1), math.NaN()} {
		if _, err := accountant.Pure.Budget(epsilon, 0); !errors.Is(err, accountant.ErrEpsilon) {
			t.Errorf("Budget(%v): %v", epsilon, err)
		}
	}
	if _, err := accountant.Pure.Rho(1, 1e-6); !errors.Is(err, accountant.ErrKind) {
		t.Errorf("a pure scope's budget in rho: %v", err)
	}
}
