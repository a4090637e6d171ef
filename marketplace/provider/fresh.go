package provider

import (
	"context"
	"fmt"
	"time"
)

// DefaultStaleAfter is the age of the last final block from which nothing is
// released: far more than finality takes, and little for a revocation to wait.
const DefaultStaleAfter = 15 * time.Minute

// Fresh fails with ErrCheckpointStale if the last final block is older than limit.
// Then the signers of checkpoints do not agree, or nobody seals, and what is read of
// the chain may have been revoked since.
func Fresh(ctx context.Context, c Chain, now time.Time, limit time.Duration) error {
	sealed, err := c.FinalTime(ctx)
	if err != nil {
		return fmt.Errorf("reading the last final block: %w", err)
	}
	if now.Add(-limit).Unix() > sealed {
		return ErrCheckpointStale
	}
	return nil
}
