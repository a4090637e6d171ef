package dp_test

import (
	"errors"
	"testing"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/dp/accountant"
)

// In a scope of (1, 10⁻⁶) that takes Gaussian releases only, 140 counting questions of ±100
// patients at 95% fit, at what their plans cost.
func TestCountingQuestionsThatFit(t *testing.T) {
	q := query(dp.Group{Kind: dp.Sex})
	var err error
	if q.NanoRho, err = dp.CostForMargin(q, metadata, dp.Margin{Half: 100}); err != nil {
		t.Fatal(err)
	}
	for kind, least := range map[accountant.Kind]int{accountant.GaussianOnly: 140, accountant.ZCDP: 120} {
		budget, err := kind.Rho(1, 1e-6)
		if err != nil {
			t.Fatal(err)
		}
		scope, err := accountant.NewScope(kind, accountant.Cost{NanoRho: budget})
		if err != nil {
			t.Fatal(err)
		}
		asked := 0
		for {
			plan := mustPlan(t, q)
			if plan.Margin() > 100 {
				t.Fatalf("±%v", plan.Margin())
			}
			if scope, err = scope.Admit(plan.Cost); err != nil {
				break
			}
			asked++
		}
		if !errors.Is(err, accountant.ErrBudgetSpent) || asked < least {
			t.Errorf("%s: %d questions, then %v", kind, asked, err)
		}
		t.Logf("%s: %d questions", kind, asked)
	}
}
