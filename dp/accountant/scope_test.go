package accountant_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/medmarket/medmarket/dp/accountant"
	"pgregory.net/rapid"
)

func cost(nanoRho, delta int64) accountant.Cost {
	return accountant.Cost{NanoRho: nanoRho, Delta: delta}
}

func TestAdmit(t *testing.T) {
	full := accountant.Scope{Kind: accountant.ZCDP, Budget: cost(100, 10), Spent: cost(90, 9)}
	for _, c := range []struct {
		name  string
		scope accountant.Scope
		cost  accountant.Cost
		want  error
	}{
		{"to the last unit", full, cost(10, 1), nil},
		{"rho one over", full, cost(11, 0), accountant.ErrBudgetSpent},
		{"delta one over", full, cost(0, 2), accountant.ErrBudgetSpent},
		{"nothing", full, cost(0, 0), nil},
		{"the largest cost", full, cost(accountant.MaxUnits, 0), accountant.ErrBudgetSpent},
		{"refund", full, cost(-1, 0), accountant.ErrNegative},
		{"beyond the ledger", full, cost(accountant.MaxUnits+1, 0), accountant.ErrOverflow},
		{"budget cut below spent", accountant.Scope{Kind: accountant.ZCDP, Budget: cost(5, 0), Spent: cost(6, 0)}, cost(0, 0), accountant.ErrBudgetSpent},
		{"no kind", accountant.Scope{Budget: cost(100, 0)}, cost(1, 0), accountant.ErrKind},
		{"Gaussian scope, Gaussian cost", accountant.Scope{Kind: accountant.GaussianOnly, Budget: cost(9, 9)}, cost(9, 0), nil},
		{"Gaussian scope, other mechanism", accountant.Scope{Kind: accountant.GaussianOnly, Budget: cost(9, 9)}, cost(1, 1), accountant.ErrMechanism},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.scope
			if c.want == nil {
				want.Spent.NanoRho += c.cost.NanoRho
				want.Spent.Delta += c.cost.Delta
			}
			got, err := c.scope.Admit(c.cost)
			if !errors.Is(err, c.want) {
				t.Fatalf("error %v, want %v", err, c.want)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("scope (-want +got):\n%s", d)
			}
		})
	}
}

func TestNewScope(t *testing.T) {
	s, err := accountant.NewScope(accountant.ZCDP, cost(7, 3))
	if d := cmp.Diff(accountant.Scope{Kind: accountant.ZCDP, Budget: cost(7, 3)}, s); err != nil || d != "" {
		t.Errorf("%v, %s", err, d)
	}
	if _, err := accountant.NewScope("renyi", cost(7, 3)); !errors.Is(err, accountant.ErrKind) {
		t.Errorf("unknown kind: %v", err)
	}
	if _, err := accountant.NewScope(accountant.ZCDP, cost(-7, 3)); !errors.Is(err, accountant.ErrNegative) {
		t.Errorf("negative budget: %v", err)
	}
}

// Whatever is asked for in whatever order, a scope never overspends, admits
// exactly what fits, and ends where the sum of the admitted costs says.
func TestScopeIsAFilter(t *testing.T) {
	component := rapid.Int64Range(0, 1000)
	rapid.Check(t, func(t *rapid.T) {
		scope, err := accountant.NewScope(accountant.ZCDP, cost(component.Draw(t, "rho"), component.Draw(t, "delta")))
		if err != nil {
			t.Fatal(err)
		}
		var sum accountant.Cost
		for range rapid.IntRange(0, 50).Draw(t, "queries") {
			c := cost(component.Draw(t, "cost rho"), component.Draw(t, "cost delta"))
			next, err := sum.Add(c)
			if err != nil {
				t.Fatal(err)
			}
			fits := next.NanoRho <= scope.Budget.NanoRho && next.Delta <= scope.Budget.Delta
			after, err := scope.Admit(c)
			if fits != (err == nil) {
				t.Fatalf("spent %v of %v, cost %v: %v", scope.Spent, scope.Budget, c, err)
			}
			if fits {
				sum = next
			}
			if after.Spent != sum {
				t.Fatalf("spent %v, admitted %v", after.Spent, sum)
			}
			scope = after
		}
	})
}

func TestChargesCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		costs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) accountant.Cost {
			return cost(rapid.Int64Range(0, 1<<40).Draw(t, "rho"), rapid.Int64Range(0, 1<<40).Draw(t, "delta"))
		}), 1, 20).Draw(t, "costs")
		sum := func() (total accountant.Cost) {
			var err error
			for _, c := range costs {
				if total, err = total.Add(c); err != nil {
					t.Fatal(err)
				}
			}
			return total
		}
		before := sum()
		rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed"))).Shuffle(len(costs), func(i, j int) { costs[i], costs[j] = costs[j], costs[i] })
		if after := sum(); after != before {
			t.Fatalf("%v then %v", before, after)
		}
	})
}
