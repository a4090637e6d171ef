package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/medmarket/medmarket/dp/accountant"
	"github.com/medmarket/medmarket/ledger"
	"github.com/medmarket/medmarket/marketplace/provider"
	"github.com/medmarket/medmarket/marketplace/store"
)

// An order is what somebody does to the budget: charges so much, or, if that is 0, reads what is spent.
type order struct{ cost int64 }

// An outcome is what came of it.
type outcome struct {
	charged bool
	spent   int64 // what a read found
}

// lineBudget is what there is to spend.
const lineBudget = 100

// budgetModel is a budget in a world where one thing happens at a time.
var budgetModel = porcupine.Model{
	Init: func() any { return int64(0) },
	Step: func(state, input, output any) (bool, any) {
		spent, in, out := state.(int64), input.(order), output.(outcome)
		switch {
		case in.cost == 0:
			return out.spent == spent, spent
		case !out.charged:
			return spent+in.cost > lineBudget, spent
		default:
			return spent+in.cost <= lineBudget, spent + in.cost
		}
	},
}

// charging charges a request, or says that it does not fit.
type charging func(ctx context.Context, p *store.Provider, request ledger.Hash, cost int64) error

// inOneTransaction decides on what the store says within the transaction, as the node does.
func inOneTransaction(ctx context.Context, p *store.Provider, request ledger.Hash, cost int64) error {
	_, err := p.Charge(ctx, request, func(s provider.Snapshot) (provider.Charge, error) {
		return lineCharge(s.Scopes[crashScope].Spent.NanoRho, s.Scopes[crashScope].Spent.NanoRho, cost)
	})
	return err
}

// checkThenAct has the defect that is to be found: it decides on what it read before.
func checkThenAct(ctx context.Context, p *store.Provider, request ledger.Hash, cost int64) error {
	before, err := p.Spent(ctx, crashScope)
	if err != nil {
		return err
	}
	_, err = p.Charge(ctx, request, func(s provider.Snapshot) (provider.Charge, error) {
		return lineCharge(before.Spent.NanoRho, s.Scopes[crashScope].Spent.NanoRho, cost)
	})
	return err
}

// lineCharge is a charge if it fits beside what is known to be spent.
func lineCharge(known, spent, cost int64) (provider.Charge, error) {
	if known+cost > lineBudget {
		return provider.Charge{}, accountant.ErrBudgetSpent
	}
	c := accountant.Cost{NanoRho: cost}
	after, err := accountant.Scope{
		Kind: accountant.ZCDP, Budget: accountant.Cost{NanoRho: 1 << 40}, Spent: accountant.Cost{NanoRho: spent},
	}.Admit(c)
	return provider.Charge{Cost: c, Scopes: map[string]accountant.Scope{crashScope: after}, Now: 2000}, err
}

// history is what several do at once, each one thing after another, and what each saw.
func history(t *testing.T, p *store.Provider, charge charging, seed uint64) []porcupine.Operation {
	t.Helper()
	const clients, steps = 6, 12
	var all []porcupine.Operation
	var mu sync.Mutex
	var running sync.WaitGroup
	start, begin := make(chan struct{}), time.Now()
	for client := range clients {
		running.Go(func() {
			draw := rand.New(rand.NewPCG(seed, uint64(client)))
			<-start
			for i := range steps {
				o := porcupine.Operation{ClientId: client, Input: order{draw.Int64N(6)}, Call: int64(time.Since(begin))}
				out, err := perform(t.Context(), p, charge, o.Input.(order), ledger.HashBytes(fmt.Append(nil, client, i)))
				o.Output, o.Return = out, int64(time.Since(begin))
				mu.Lock()
				if err != nil {
					t.Error(err)
				}
				all = append(all, o)
				mu.Unlock()
			}
		})
	}
	close(start)
	running.Wait()
	return all
}

func perform(ctx context.Context, p *store.Provider, charge charging, o order, request ledger.Hash) (outcome, error) {
	if o.cost == 0 {
		s, err := p.Spent(ctx, crashScope)
		return outcome{spent: s.Spent.NanoRho}, err
	}
	err := charge(ctx, p, request, o.cost)
	if errors.Is(err, accountant.ErrBudgetSpent) {
		return outcome{}, nil
	}
	return outcome{charged: err == nil}, err
}

// linear says whether there is an order of one after another that explains all that was seen.
func linear(t *testing.T, where string, charge charging, seed uint64) bool {
	t.Helper()
	p := openProvider(t, where)
	defer closeStore(t, p)
	must(t, p.SetPolicy(t.Context(), ledger.SignedDocument{Content: []byte("policy"), Revision: 1}, ledger.Hash{1}, 1000))
	r := porcupine.CheckOperationsTimeout(budgetModel, history(t, p, charge, seed), 20*time.Second)
	if r == porcupine.Unknown {
		t.Fatal("undecided")
	}
	return r == porcupine.Ok
}

// TestG5BudgetIsLinearizable: whatever several charge at once, it is as if it had been one after the other.
func TestG5BudgetIsLinearizable(t *testing.T) {
	rounds := uint64(2)
	if long() {
		rounds = 100
	}
	everywhere(t, func(t *testing.T, place func(testing.TB) string) {
		for seed := range rounds {
			if !linear(t, place(t), inOneTransaction, seed) {
				t.Fatalf("with seed %d no order explains what was seen", seed)
			}
		}
	})
}

// TestLinearizabilityIsTested: the check above finds a decision that is made before the transaction which charges.
func TestLinearizabilityIsTested(t *testing.T) {
	for seed := range uint64(50) { // one is enough, mostly
		if !linear(t, filepath.Join(t.TempDir(), "hospital.db"), checkThenAct, seed) {
			return
		}
	}
	t.Error("a check before the act was not found")
}
