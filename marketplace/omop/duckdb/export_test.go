package duckdb

import (
	"context"

	"github.com/medmarket/medmarket/dp"
	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Explain has any statement planned as Ready does that of a plan.
func Explain(ctx context.Context, e *Engine, s omop.Statement) error { return e.explain(ctx, s) }

// Run runs any statement as Count runs that of a plan.
func Run(ctx context.Context, e *Engine, p dp.Plan, s omop.Statement, a provider.Active) (dp.Exact, error) {
	return e.exact(ctx, p, s, a)
}
