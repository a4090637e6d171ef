package chain

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/chain/powrpc"
	"github.com/medmarket/medmarket/ledger/pow"
)

// Defaults of [MineConfig].
const (
	DefaultMinInterval = time.Second
	DefaultRefresh     = time.Second
)

// errStale ends the search for a block whose parent is no longer the head, and gives
// up one that others have meanwhile built a final block beside.
var errStale = errors.New("another block became the head")

// MineConfig says how to seal blocks.
type MineConfig struct {
	// Coinbase gets the reward and the claim to the work. Required.
	Coinbase Address
	// Threads of the search. Default: 1.
	Threads int
	// MinInterval is the least time from the head's time stamp to the next block.
	// At least, and by default, DefaultMinInterval. A long one makes a fallback
	// sealer, which works only when nobody else does.
	MinInterval time.Duration
	// Refresh is how long one candidate is worked on before it is built anew, with the
	// transactions that came in and the lower difficulty of a later time.
	// Default: DefaultRefresh.
	Refresh time.Duration
	// Empty leaves the transactions of the pool out.
	Empty bool
	// OnBlock, if set, is called with each own block after its import.
	OnBlock func(Head)
}

// Miner seals blocks on the head, over and over. Several may run on one node.
type Miner struct {
	node  *Node
	cfg   MineConfig
	meter powrpc.Meter

	mu       sync.Mutex
	coinbase Address
}

// NewMiner checks cfg; the miner rests until Run.
func (n *Node) NewMiner(cfg MineConfig) (*Miner, error) {
	if cfg.Coinbase == (Address{}) {
		return nil, fmt.Errorf("%w: Coinbase is required", ErrConfig)
	}
	cfg.Threads = max(cfg.Threads, 1)
	cfg.MinInterval = max(cfg.MinInterval, DefaultMinInterval)
	if cfg.Refresh <= 0 {
		cfg.Refresh = DefaultRefresh
	}
	return &Miner{node: n, cfg: cfg, coinbase: cfg.Coinbase}, nil
}

// Mine makes a miner and runs it.
func (n *Node) Mine(ctx context.Context, cfg MineConfig) error {
	m, err := n.NewMiner(cfg)
	if err != nil {
		return err
	}
	return m.Run(ctx)
}

// SealBlock seals and imports one block on the present head and returns it. It
// does not wait for the clock: time stamps may run ahead of it by pow.MaxFuture.
// MinInterval is not used.
func (n *Node) SealBlock(ctx context.Context, cfg MineConfig) (*types.Block, error) {
	m, err := n.NewMiner(cfg)
	if err != nil {
		return nil, err
	}
	var block *types.Block
	err = n.running(ctx, func(ctx context.Context) error {
		for {
			block, err = m.attempt(ctx, nil)
			if late := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errStale); !late || ctx.Err() != nil {
				return err
			}
		}
	})
	return block, err
}

// Run seals blocks until ctx ends, which is no error, or the node is closed.
func (m *Miner) Run(ctx context.Context) error {
	heads, stop := m.node.Heads()
	defer stop()
	return m.node.running(ctx, func(ctx context.Context) error {
		for ctx.Err() == nil {
			if !m.wait(ctx, heads) {
				continue
			}
			_, err := m.attempt(ctx, heads)
			switch {
			case err == nil, ctx.Err() != nil:
			case errors.Is(err, errStale), errors.Is(err, context.DeadlineExceeded):
			default:
				return err
			}
		}
		return nil
	})
}

// running calls f with a context that also ends when the node closes; Close waits
// for it.
func (n *Node) running(ctx context.Context, f func(context.Context) error) error {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return ErrClosed
	}
	n.miners.Add(1)
	n.mu.Unlock()
	defer n.miners.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(n.life, func() { cancel(ErrClosed) })()
	if err := f(ctx); err != nil {
		return err
	}
	if n.life.Err() != nil {
		return ErrClosed
	}
	return nil
}

// wait sleeps until the next block may be sealed, and reports whether that time
// has come: false means that the head changed or ctx ended.
func (m *Miner) wait(ctx context.Context, heads <-chan Head) bool {
	head := m.node.Head()
	due := time.Unix(int64(head.Time), 0).Add(m.cfg.MinInterval)
	timer := time.NewTimer(due.Sub(m.node.now()))
	defer timer.Stop()
	select {
	case <-timer.C:
		return !m.node.now().Before(due)
	case <-heads:
	case <-ctx.Done():
	}
	return false
}

// attempt works on one candidate: for at most Refresh, and while its parent is
// the head if heads is given.
func (m *Miner) attempt(ctx context.Context, heads <-chan Head) (*types.Block, error) {
	candidate, difficulty, err := m.candidate()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	limited, release := context.WithTimeout(ctx, m.cfg.Refresh)
	defer release()

	var header *types.Header
	done := make(chan struct{})
	go func() {
		defer close(done)
		header, err = m.meter.Search(limited, candidate.Header(), difficulty, m.cfg.Threads)
	}()
	for searching := true; searching; {
		select {
		case head, open := <-heads:
			if !open {
				heads = nil
			} else if head.Hash != candidate.ParentHash() {
				cancel(errStale)
			}
		case <-done:
			searching = false
		}
	}
	if err != nil {
		return nil, err
	}
	return m.finish(candidate.WithSeal(header))
}

// candidate builds a block on the head, sealed but for its nonce, and says how hard
// the seal is.
func (m *Miner) candidate() (*types.Block, uint64, error) {
	m.mu.Lock()
	coinbase := m.coinbase
	m.mu.Unlock()
	var extra [12]byte
	if _, err := rand.Read(extra[:]); err != nil {
		return nil, 0, err
	}
	return m.node.candidate(coinbase, extra, m.cfg.Empty)
}

// candidate builds a block on the head, sealed but for its nonce, and says how hard
// the seal is. Its time is now, or a second after the head's if that is later.
func (n *Node) candidate(coinbase Address, extra [12]byte, empty bool) (*types.Block, uint64, error) {
	parent := n.eth.BlockChain().CurrentBlock()
	now := max(n.unix(), parent.Time+1)
	if now > n.unix()+pow.MaxFuture {
		return nil, 0, fmt.Errorf("block %d: %w", parent.Number.Uint64()+1, pow.ErrTimeFuture)
	}
	difficulty, err := pow.NextDifficulty(n.genesis.Rule, parent, now)
	if err != nil {
		return nil, 0, err
	}
	block, err := n.build(parent, coinbase, now, pow.Seal{Difficulty: difficulty, ExtraNonce: extra}, empty)
	if err != nil {
		return nil, 0, fmt.Errorf("building block %d: %w", parent.Number.Uint64()+1, err)
	}
	return block, difficulty, nil
}

func (m *Miner) finish(block *types.Block) (*types.Block, error) {
	switch err := m.node.Import(block); {
	case errors.Is(err, ErrBelowFinal): // whoever was slow tries again
		return nil, errStale
	case err != nil:
		return nil, fmt.Errorf("own block: %w", err)
	}
	m.meter.Found(true)
	if m.cfg.OnBlock != nil {
		m.cfg.OnBlock(describe(block.Header()))
	}
	return block, nil
}

// SetCoinbase names who the next candidates are for. The present one is finished
// for whom it was begun: the search has no memory, so nothing is lost.
func (m *Miner) SetCoinbase(coinbase Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.coinbase = coinbase
}

// Stats returns the counts so far; blocks count once they are imported, heads or not.
func (m *Miner) Stats() powrpc.Stats { return m.meter.Stats() }
