package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/medmarket/medmarket/marketplace/store"
)

func benchOnly(t *testing.T) {
	t.Helper()
	if os.Getenv("MEDMARKET_BENCH") == "" {
		t.Skip("part of make bench-policy")
	}
}

// writers is how many patients change their minds at the same time.
const writers = 64

// TestBenchChanges is part of make bench-policy: single preferences, each by a
// caller of its own who waits until hers is on disk.
func TestBenchChanges(t *testing.T) {
	benchOnly(t)
	p := openProvider(t, filepath.Join(t.TempDir(), "provider.db"))
	enrol(t, p, crowd)
	setPolicy(t, p)
	var best float64
	for round := range uint64(4) { // the best of several: other work on the machine takes turns
		best = max(best, changes(t, p, round+1))
		publish(t, p)
	}
	t.Logf("bench: durable_changes_per_s %.0f single preferences by %d writers among %d patients, group commit, fsync", best, writers, crowd)
}

// changes has writers record a round of single preferences, and returns how many a second.
func changes(t *testing.T, p *store.Provider, revision uint64) float64 {
	t.Helper()
	const each = 200
	events := preferences(0, writers*each, revision, fmt.Sprint("class ", revision))
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	begin := time.Now()
	for w := range writers {
		group.Go(func() {
			for i := range each {
				at := w*each + i
				if _, err := p.Record(t.Context(), events[at:at+1]); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	return writers * each / took.Seconds()
}
