package powrpc

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/medmarket/medmarket/ledger/pow"
)

// DefaultPoll is how often a miner asks its node for newer work.
const DefaultPoll = 200 * time.Millisecond

var (
	// ErrConfig refuses a MinerConfig; the text names the field.
	ErrConfig = errors.New("miner config")
	// ErrCoinbase says that the node offered work for somebody else.
	ErrCoinbase = errors.New("the work pays another coinbase")
)

// errSuperseded ends a search: the node has other work.
var errSuperseded = errors.New("the node has other work")

// MinerConfig makes a [Miner].
type MinerConfig struct {
	// Client reaches the node. Required. The caller closes it.
	Client *Client
	// Coinbase gets the reward and the claim to the work. Required.
	Coinbase common.Address
	// Threads of the search. Default: 1.
	Threads int
	// Poll is the time between two looks for newer work. Default: DefaultPoll.
	Poll time.Duration
	// OnBlock, if set, is called with each block that the node accepted.
	OnBlock func(Block)
	// OnNode, if set, is called when the node stops answering, with the reason, and
	// with nil when it answers again.
	OnNode func(error)
	// Log gets what goes wrong. Default: none.
	Log *slog.Logger
}

// Miner searches nonces for a node.
type Miner struct {
	cfg  MinerConfig
	down bool // the node did not answer the last time; of Run alone

	meter Meter
}

// handInWithin is how long a miner that is stopped waits until its node has taken the block that it has just sealed.
const handInWithin = 5 * time.Second

// NewMiner checks cfg; the miner rests until Run.
func NewMiner(cfg MinerConfig) (*Miner, error) {
	switch {
	case cfg.Client == nil:
		return nil, fmt.Errorf("%w: Client is required", ErrConfig)
	case cfg.Coinbase == (common.Address{}):
		return nil, fmt.Errorf("%w: Coinbase is required", ErrConfig)
	}
	cfg.Threads = max(cfg.Threads, 1)
	if cfg.Poll <= 0 {
		cfg.Poll = DefaultPoll
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Miner{cfg: cfg}, nil
}

// Run searches until ctx ends, which is no error. It ends with an error only if the
// node offers what no honest node does.
func (m *Miner) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		work, header, err := m.work(ctx)
		switch {
		case ctx.Err() != nil:
		case errors.Is(err, ErrCoinbase):
			return err
		case err != nil:
			m.pause(ctx)
		default:
			if err := m.mine(ctx, work, header); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
	return nil
}

// work asks the node, and tells if it does not answer, or answers again.
func (m *Miner) work(ctx context.Context) (Work, *types.Header, error) {
	work, err := m.cfg.Client.GetWork(ctx, m.cfg.Coinbase)
	if ctx.Err() != nil {
		return work, nil, ctx.Err()
	}
	down := err != nil && !errors.Is(err, ErrNotDue)
	if down != m.down && m.cfg.OnNode != nil {
		var why error
		if down {
			why = err
		}
		m.cfg.OnNode(why)
	}
	m.down = down
	if err != nil {
		return work, nil, err
	}
	header, err := pow.DecodeHeader(work.Header)
	if err == nil && header.Coinbase != m.cfg.Coinbase {
		err = fmt.Errorf("%w: %s", ErrCoinbase, header.Coinbase)
	}
	return work, header, err
}

func (m *Miner) pause(ctx context.Context) {
	timer := time.NewTimer(m.cfg.Poll)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// mine searches one work and hands in what it finds.
func (m *Miner) mine(ctx context.Context, work Work, header *types.Header) error {
	seal, err := pow.ParseSeal(header.Extra)
	if err != nil {
		return fmt.Errorf("work of the node: %w", err)
	}
	if _, err := rand.Read(seal.ExtraNonce[:]); err != nil {
		return err
	}
	header.Extra = seal.Bytes()
	sealed, err := m.search(ctx, work.ID, header, seal.Difficulty)
	if err != nil {
		if errors.Is(err, errSuperseded) {
			return nil
		}
		return err
	}
	return m.submit(ctx, work.ID, sealed)
}

// search also watches whether the node still wants the block.
func (m *Miner) search(ctx context.Context, id common.Hash, header *types.Header, difficulty uint64) (*types.Header, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { m.watch(ctx, id, cancel) })
	sealed, err := m.meter.Search(ctx, header, difficulty, m.cfg.Threads)
	cancel(nil)
	watch.Wait()
	return sealed, err
}

// watch ends the search once the node offers something else, or nothing.
func (m *Miner) watch(ctx context.Context, id common.Hash, cancel context.CancelCauseFunc) {
	for {
		m.pause(ctx)
		if ctx.Err() != nil {
			return
		}
		if newer, err := m.cfg.Client.GetWork(ctx, m.cfg.Coinbase); err != nil || newer.ID != id {
			cancel(errSuperseded) // no effect if the search has ended
			return
		}
	}
}

func (m *Miner) submit(ctx context.Context, id common.Hash, sealed *types.Header) error {
	seal, err := pow.ParseSeal(sealed.Extra)
	if err != nil {
		return err
	}
	// What was sealed is work done: it is handed in though the miner is stopped meanwhile.
	handing, give := context.WithCancel(context.WithoutCancel(ctx))
	defer give()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(handInWithin, give) })()
	hash, err := m.cfg.Client.SubmitWork(handing, id, seal)
	m.meter.Found(err == nil)
	if err != nil {
		level := slog.LevelWarn
		if errors.Is(err, ErrStale) { // somebody was quicker: that is how it goes, and Stats counts it
			level = slog.LevelInfo
		}
		m.cfg.Log.Log(ctx, level, "block was not accepted", "number", sealed.Number, "err", err)
		return nil
	}
	if m.cfg.OnBlock != nil {
		m.cfg.OnBlock(Block{
			Number: hexutil.Uint64(sealed.Number.Uint64()), Hash: hash, Time: hexutil.Uint64(sealed.Time),
			Coinbase: sealed.Coinbase, Difficulty: hexutil.Uint64(seal.Difficulty),
		})
	}
	return nil
}

// Stats returns the counts so far.
func (m *Miner) Stats() Stats { return m.meter.Stats() }
