package chain

import (
	"context"
	"sync"
	"time"
)

// leases keep several sessions from fetching the same blocks. A lease runs out, so
// that a slow peer delays the others for a moment only.
type leases struct {
	mu   sync.Mutex
	held map[Hash]*lease
}

type lease struct {
	until time.Time
	over  chan struct{}
}

// take leases hashes until the time given or until release.
func (l *leases) take(hashes []Hash, until time.Time) (release func()) {
	mine := &lease{until, make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, h := range hashes {
		l.held[h] = mine
	}
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, h := range hashes {
			if l.held[h] == mine {
				delete(l.held, h)
			}
		}
		close(mine.over)
	}
}

// on is the lease on hash, or nil if there is none that has not run out.
func (l *leases) on(hash Hash) *lease {
	l.mu.Lock()
	defer l.mu.Unlock()
	if held := l.held[hash]; held != nil && time.Now().Before(held.until) {
		return held
	}
	return nil
}

// wait returns when the lease is over or has run out.
func (l *lease) wait(ctx context.Context) error {
	timer := time.NewTimer(time.Until(l.until))
	defer timer.Stop()
	select {
	case <-l.over:
	case <-timer.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}
