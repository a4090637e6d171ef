package duckdb

import (
	"context"

	"github.com/medmarket/medmarket/marketplace/omop"
	"github.com/medmarket/medmarket/marketplace/provider"
)

// Vector runs any statement as Count runs a plan's.
func Vector(ctx context.Context, e *Engine, s omop.Statement, a provider.Active) ([]int64, error) {
	return e.vector(ctx, s, a)
}
