package powrpc

import (
	"context"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// Stats counts what a miner did since it was made.
type Stats struct {
	Blocks     uint64  // accepted by the node
	Stale      uint64  // found too late
	Hashes     uint64  // tried
	Difficulty uint64  // of the last work, expected hashes
	HashRate   float64 // mean while searching, hashes per second
}

// Meter searches for a miner and keeps its [Stats]. The zero Meter is ready for use, by
// several goroutines.
type Meter struct {
	mu    sync.Mutex
	stats Stats
	busy  time.Duration // spent searching
}

// Search is [pow.Search] for a header of the given difficulty.
func (m *Meter) Search(ctx context.Context, header *types.Header, difficulty uint64, threads int) (*types.Header, error) {
	m.mu.Lock()
	m.stats.Difficulty = difficulty
	m.mu.Unlock()
	start := time.Now()
	sealed, hashes, err := pow.Search(ctx, header, threads)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Hashes += hashes
	m.busy += time.Since(start)
	return sealed, err
}

// Found counts a block that was found, and whether the node accepted it.
func (m *Meter) Found(accepted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if accepted {
		m.stats.Blocks++
	} else {
		m.stats.Stale++
	}
}

// Stats returns the counts so far.
func (m *Meter) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	if m.busy > 0 {
		s.HashRate = float64(s.Hashes) / m.busy.Seconds()
	}
	return s
}
