package provider

import (
	"context"
	"fmt"
	"time"
)

// DefaultStaleAfter is the age of the last final block from which nothing is
// released: far more than finality takes, and little for a revocation to wait.
const DefaultStaleAfter = 15 * time.Minute

// clockSlack is how far the last final block may be ahead of a clock that is right: blocks are taken from a little ahead.
const clockSlack = 2 * time.Minute

// Fresh fails with ErrCheckpointStale if the last final block is older than limit.
// Then the signers of checkpoints do not agree, or nobody seals, and what is read of
// the chain may have been revoked since. It fails, too, if that block is from after now: the clock is behind, and what has
// ended would seem not to have.
func Fresh(ctx context.Context, c Chain, now time.Time, limit time.Duration) error {
	sealed, err := c.FinalTime(ctx)
	if err != nil {
		return fmt.Errorf("reading the last final block: %w", err)
	}
	if now.Add(-limit).Unix() > sealed {
		return ErrCheckpointStale
	}
	if now.Add(clockSlack).Unix() < sealed {
		return fmt.Errorf("%w: it is from after this machine's time, whose clock is behind", ErrCheckpointStale)
	}
	return nil
}

// Now is the time by which releases are decided, and what else is served beside the node. It never runs back: what had ended when
// the node looked before stays so though the clock is set back.
func (n *Node) Now() time.Time {
	now := n.cfg.Now()
	for {
		latest := n.latest.Load()
		if latest != nil && latest.After(now) {
			return *latest
		}
		if n.latest.CompareAndSwap(latest, &now) {
			return now
		}
	}
}
