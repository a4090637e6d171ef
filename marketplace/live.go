package marketplace

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/medmarket/medmarket/ledger"
)

// MaxBlocks is the most blocks of a page of [Market.Blocks].
const MaxBlocks = 250

const (
	// lookAgain is how long what was seen of chain and log is shown again, so that it costs one look however many people look.
	lookAgain = time.Second
	// lookWithin is how long a look may take: a node that does not answer must not hold up everybody who looks.
	lookWithin = 10 * time.Second
)

// Live is how things stand, for who looks on.
type Live struct {
	Seen
	UnderWay []UnderWay // of who looks
}

// Seen is what everybody sees alike.
type Seen struct {
	Head     ledger.Block // the newest
	Final    uint64       // number of the last final block
	Receipts uint64       // in the log: as many asks have been answered
	Anchored uint64       // of Receipts, those under a root that is final on the chain
}

// UnderWay is an operation that runs.
type UnderWay struct {
	Request   ledger.Hash
	Hospitals int // that are asked
	Done      int // of Hospitals, those that have answered or refused, at their slots, or cannot
}

// Live returns how things stand for somebody. What is of others' asks is not in it before it is in the register.
func (m *Market) Live(ctx context.Context, who ledger.Address) (Live, error) {
	seen, err := m.look(ctx)
	return Live{seen, m.operations.underWay(who)}, err
}

// Blocks lists blocks of the chain below a number (0: from the newest on), the newest first, limit at most (1 to MaxBlocks), and
// the number of the last final one. ErrMalformed.
func (m *Market) Blocks(ctx context.Context, before uint64, limit int) (page []ledger.Block, final uint64, err error) {
	if limit < 1 || limit > MaxBlocks {
		return nil, 0, fmt.Errorf("%w: a page has 1 to %d blocks", ErrMalformed, MaxBlocks)
	}
	if page, err = m.cfg.Chain.Blocks(ctx, before, limit); err != nil {
		return nil, 0, err
	}
	final, err = m.cfg.Chain.FinalBlock(ctx)
	return page, final, err
}

// looking remembers what was seen last, or why nothing was.
type looking struct {
	turn chan struct{} // held by who looks, and by who reads what follows
	at   time.Time
	seen Seen
	err  error
}

func (m *Market) look(ctx context.Context) (Seen, error) {
	l := &m.looking
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return Seen{}, ctx.Err()
	}
	now := m.cfg.Now()
	if since := now.Sub(l.at); since >= 0 && since < lookAgain {
		return l.seen, l.err
	}
	within, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	seen, err := m.lookNow(within)
	if ctx.Err() == nil { // it is not of who looked that it failed
		l.at, l.seen, l.err = m.cfg.Now(), seen, err
	}
	return seen, err
}

func (m *Market) lookNow(ctx context.Context) (s Seen, err error) {
	newest, final, err := m.Blocks(ctx, 0, 1)
	if err != nil {
		return s, err
	}
	if len(newest) > 0 {
		s.Head = newest[0]
	}
	s.Final = final
	if s.Receipts, _, err = m.cfg.Store.LogRoot(ctx); err != nil {
		return s, err
	}
	anchor, _, err := m.NewestAnchor(ctx)
	s.Anchored = anchor.Size
	return s, err
}

// underWay are a researcher's asks that go on without their callers, in the order of their request ids.
func (s *operations) underWay(researcher ledger.Address) (all []UnderWay) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, op := range s.all {
		if op.researcher == researcher && op.running() {
			all = append(all, op.underWay())
		}
	}
	slices.SortFunc(all, func(a, b UnderWay) int { return slices.Compare(a.Request[:], b.Request[:]) })
	return all
}

func (op *operation) underWay() UnderWay {
	op.mu.Lock()
	defer op.mu.Unlock()
	out := UnderWay{Request: op.request, Hospitals: len(op.hospitals)}
	for _, h := range op.hospitals {
		if h.State != HospitalAsked && h.State != HospitalWaiting {
			out.Done++
		}
	}
	return out
}
